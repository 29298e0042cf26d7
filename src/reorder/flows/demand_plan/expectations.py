"""What people expect of a promotion or an event instead of what was learned of it. Pure."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from reorder.domain.planning.signal_rules import EntryRow

_KEY = ["sku", "place", "date"]
_RANK = {"all": 0, "category": 2, "product": 4}


def apply_expectations(
    *, daily: pl.DataFrame, entries: Sequence[EntryRow], subjects: pl.DataFrame, as_of: dt.date
) -> pl.DataFrame:
    """`daily` with the days of entries that carry an expectation at (1 + expectation) × what sells without any effect.

    Replaces whatever was learned for those days (`event_units`, where the forecast tells it); quantiles move by the
    same ratio. Of several entries on a day the most specific counts, then the latest. `subjects`: sku, category_code.
    """
    expected = [entry for entry in entries if entry.expected_effect_share is not None and entry.until_date >= as_of]
    if not expected or daily.is_empty():
        return daily
    shares = _shares(daily=daily, entries=expected, subjects=subjects)
    learned = pl.col("event_units") if "event_units" in daily.columns else pl.lit(0.0)
    plain = (pl.col("mean_units") - learned).clip(0.0)
    wanted = pl.when(pl.col("share").is_not_null()).then(plain * (1 + pl.col("share"))).otherwise(pl.col("mean_units"))
    ratio = pl.when(pl.col("mean_units") > 0).then(pl.col("wanted") / pl.col("mean_units")).otherwise(1.0)
    quantiles = [name for name in daily.columns if name.startswith("p") and name.endswith("_units")]
    changed = daily.join(shares, on=_KEY, how="left").with_columns(wanted.alias("wanted"), plain.alias("plain"))
    out = changed.with_columns(*(pl.col(name) * ratio for name in quantiles), pl.col("wanted").alias("mean_units"))
    if "event_units" in daily.columns:
        effect = pl.col("wanted") - pl.col("plain")
        out = out.with_columns(
            pl.when(pl.col("share").is_not_null()).then(effect).otherwise("event_units").alias("event_units")
        )
    return out.select(daily.columns)


def _shares(*, daily: pl.DataFrame, entries: Sequence[EntryRow], subjects: pl.DataFrame) -> pl.DataFrame:
    """The expectation that counts for each series and day: sku, place, date, share."""
    days = daily.select(_KEY).join(subjects.unique("sku"), on="sku", how="left")
    found = []
    for entry in entries:
        here = days.filter(pl.col("date").is_between(entry.from_date, entry.until_date))
        if entry.scope == "product":
            here = here.filter(pl.col("sku") == entry.key)
        if entry.scope == "category":
            here = here.filter(pl.col("category_code") == entry.key)
        if entry.place_code != "*":
            here = here.filter(pl.col("place") == entry.place_code)
        found.append(
            here.select(
                *_KEY,
                pl.lit(entry.expected_effect_share, pl.Float64).alias("share"),
                pl.lit(_RANK[entry.scope] + (entry.place_code != "*")).alias("rank"),
                pl.lit(entry.id).alias("id"),
            )
        )
    best = pl.concat(found).sort("rank", "id", descending=True)
    return best.unique(_KEY, keep="first", maintain_order=True).select(*_KEY, "share")
