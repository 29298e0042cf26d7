"""What a person must know about a series beyond its methods: giants cut, others leaned on, discontinued.

A series keeps one reason: the note that changes its number most, which also names the methods.
"""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import polars as pl

from reorder.engine.demand.discontinued import FADE_DAYS
from reorder.engine.demand.newcomers import TOLD_SHARE, Newcomers
from reorder.engine.demand.outliers import Giants
from reorder.engine.demand.panel import Flags, Panel
from reorder.engine.reasons import reason_columns


def add_notes(
    *, choices: pl.DataFrame, panel: Panel, newcomers: Newcomers, giants: Giants, gone: Flags
) -> pl.DataFrame:
    """`choices` (one row a series of the panel, in its order) with reasons of notes where there are any.

    Discontinued comes before a like product, that before giants, those before similar products.
    """
    if choices.height == 0:
        return choices
    table = choices.with_row_index("series").with_columns(
        class_name=pl.col("demand_class").str.replace("_", " ", literal=True),
        used=pl.col("methods").list.join(", "),
    )
    notes = [
        _discontinued(table=table, gone=gone),
        _like(table=table, panel=panel, newcomers=newcomers),
        _giants(table=table, panel=panel, giants=giants),
        _similar(table=table, newcomers=newcomers),
    ]
    noted = (
        pl.concat([note for note in notes if note.height], how="vertical")
        if any(note.height for note in notes)
        else table.select("series", "reason", "reason_code", "reason_parameters").clear()
    )
    noted = noted.unique("series", keep="first", maintain_order=True)
    return (
        table.join(noted, on="series", how="left", suffix="_noted", maintain_order="left")
        .with_columns(
            pl.coalesce(f"{name}_noted", name).alias(name) for name in ("reason", "reason_code", "reason_parameters")
        )
        .select(choices.columns)
    )


def _said(*, table: pl.DataFrame, code: str, parameters: Mapping[str, pl.Expr]) -> pl.DataFrame:
    return table.with_columns(reason_columns(code=code, parameters=parameters)).select(
        "series", "reason", "reason_code", "reason_parameters"
    )


def _discontinued(*, table: pl.DataFrame, gone: Flags) -> pl.DataFrame:
    return _said(
        table=table.filter(pl.Series(gone)),
        code="demand.discontinued",
        parameters={"days": pl.lit(FADE_DAYS)},
    )


def _leaning(*, newcomers: Newcomers) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "series": newcomers.rows.astype(np.uint32),
            "like": newcomers.like,
            "peers": newcomers.peers,
            "days": newcomers.days,
            "percent": np.rint(100 * newcomers.share).astype(np.int64),
        }
    ).filter(pl.col("percent") >= round(100 * TOLD_SHARE))


def _like(*, table: pl.DataFrame, panel: Panel, newcomers: Newcomers) -> pl.DataFrame:
    rows = _leaning(newcomers=newcomers).filter(pl.col("like") >= 0)
    rows = rows.with_columns(like_sku=panel.keys["sku"].gather(rows["like"]))
    mine = table.join(rows, on="series", maintain_order="left")
    none = pl.col("days") == 0
    first = _said(table=mine.filter(none), code="demand.newcomer_like", parameters={"like_sku": pl.col("like_sku")})
    parameters = {name: pl.col(name) for name in ("days", "percent", "like_sku")} | {"methods": pl.col("used")}
    return pl.concat([first, _said(table=mine.filter(~none), code="demand.short_like", parameters=parameters)])


def _similar(*, table: pl.DataFrame, newcomers: Newcomers) -> pl.DataFrame:
    rows = _leaning(newcomers=newcomers).filter((pl.col("like") < 0) & (pl.col("peers") > 0) & (pl.col("days") > 0))
    parameters = {name: pl.col(name) for name in ("days", "percent", "peers")} | {"methods": pl.col("used")}
    return _said(
        table=table.join(rows, on="series", maintain_order="left"), code="demand.short_similar", parameters=parameters
    )


def _giants(*, table: pl.DataFrame, panel: Panel, giants: Giants) -> pl.DataFrame:
    first = panel.last_date - timedelta(days=panel.days - 1)
    rows = (
        pl.DataFrame(
            {
                "series": giants.series.astype(np.uint32),
                "date": [(first + timedelta(days=int(day))).isoformat() for day in giants.day],
                "units": giants.units,
                "counted": giants.counted,
            },
            schema_overrides={"date": pl.String},
        )
        .sort("series", "units", descending=[False, True])
        .group_by("series", maintain_order=True)
        .agg(pl.len().alias("days"), pl.col("date").first(), pl.col("units").first(), pl.col("counted").first())
    )
    parameters = {
        "demand_class": pl.col("class_name"),
        "methods": pl.col("used"),
        "days": pl.col("days"),
        "date": pl.col("date"),
        "units": _number("units"),
        "counted": _number("counted"),
    }
    return _said(table=table.join(rows, on="series", maintain_order="left"), code="demand.giant", parameters=parameters)


def _number(name: str) -> pl.Expr:
    """Whole numbers without decimals, others with two."""
    rounded = pl.col(name).round(2)
    return (
        pl.when(rounded == rounded.floor())
        .then(rounded.cast(pl.Int64).cast(pl.String))
        .otherwise(rounded.cast(pl.String))
    )
