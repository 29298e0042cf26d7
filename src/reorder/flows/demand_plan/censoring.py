"""Days without stock are marked in the history: nobody shall take an empty shelf for a lack of demand. Pure."""

import polars as pl

_SERIES = ["sku", "place"]


def mark_empty_days(*, history: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """`history` (sku, place, date, units) with `in_stock`: false on days of a spell, null where the ledger is silent.

    `spells`: sku, place, from_date, before_date. A spell in which anything was sold proves that the ledger is not kept
    there, and is left out. Days without a row get one; days before a series' first sale are left out.
    """
    first = history.group_by(_SERIES).agg(pl.col("date").min().alias("first_date"), pl.col("date").max().alias("last"))
    days = (
        spells.with_row_index("spell")
        .join(first, on=_SERIES)
        .with_columns(
            pl.max_horizontal("from_date", "first_date").alias("from_date"),
            pl.min_horizontal("before_date", pl.col("last").dt.offset_by("1d")).alias("before_date"),
        )
        .filter(pl.col("from_date") < pl.col("before_date"))
        .with_columns(pl.date_ranges("from_date", "before_date", closed="left").alias("date"))
        .explode("date")
        .select(*_SERIES, "date", "spell")
    )
    seen = history.filter(pl.col("units") > 0).select(*_SERIES, "date")
    contradicted = days.join(seen, on=[*_SERIES, "date"], how="semi").select("spell").unique()
    empty = days.join(contradicted, on="spell", how="anti").select(*_SERIES, "date").unique()
    marked = empty.with_columns(pl.lit(value=False).alias("in_stock"))
    known = history.join(marked, on=[*_SERIES, "date"], how="full", coalesce=True)
    return known.with_columns(pl.col("units").fill_null(0.0)).sort(*_SERIES, "date")
