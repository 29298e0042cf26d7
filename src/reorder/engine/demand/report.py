"""The tables a person reads: which methods each series uses and why, and every method's error in every window."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from reorder.engine.demand.choice import SWITCH_GAIN, Choice, Errors, rmsse
from reorder.engine.demand.classes import Names
from reorder.engine.demand.newcomers import Newcomers
from reorder.engine.demand.panel import KEY, Floats, Panel
from reorder.engine.reasons import reason_columns

CHOICE_SCHEMA = {
    "sku": pl.String(),
    "place": pl.String(),
    "demand_class": pl.String(),
    "methods": pl.List(pl.String()),
    "backtest_rmsse": pl.Float64(),
    "reason": pl.String(),
    "reason_code": pl.String(),
    "reason_parameters": pl.String(),
    "is_override": pl.Boolean(),
    "is_kept": pl.Boolean(),
}
EFFECT_SCHEMA = {
    "name": pl.String(),
    "value": pl.String(),
    "scope": pl.String(),
    "key": pl.String(),
    "effect_share": pl.Float64(),
    "low_share": pl.Float64(),
    "high_share": pl.Float64(),
    "occurrences": pl.Int64(),
    "days": pl.Int64(),
}


def score_frame(*, panel: Panel, errors: Errors, scale: Floats, names: Sequence[str]) -> pl.DataFrame:
    """One row a series, method among `names` and window (1 the oldest).

    `rmsse` is null where the series never changed; `bias` is forecast − actual in units a day.
    """
    method, window, series = np.nonzero(np.isfinite(errors.squared))
    scaled = rmsse(squared=errors.squared[method, window, series], scale=scale[series])
    table = (
        pl.DataFrame(
            {
                "series": series,
                "method": np.array(errors.methods, dtype=str)[method],
                "window": window + 1,
                "rmsse": scaled,
                "bias": errors.signed[method, window, series],
            },
            schema={
                "series": pl.Int64,
                "method": pl.String,
                "window": pl.Int64,
                "rmsse": pl.Float64,
                "bias": pl.Float64,
            },
        )
        .filter(pl.col("method").is_in(names))
        .with_columns(pl.col("rmsse").fill_nan(None))
    )
    keys = panel.keys.with_columns(series=pl.int_range(panel.series_count, dtype=pl.Int64))
    return (
        keys.join(table, on="series").sort(*KEY, "method", "window").select(*KEY, "method", "window", "rmsse", "bias")
    )


def choice_frame(*, panel: Panel, classes: Names, choice: Choice, scale: Floats, newcomers: Newcomers) -> pl.DataFrame:
    """One row a series: demand class, methods averaged, RMSSE of that average in the backtest, and the reason."""
    if panel.series_count == 0:
        return pl.DataFrame(schema=CHOICE_SCHEMA)
    peers = np.zeros(panel.series_count, dtype=np.int64)
    peers[newcomers.rows] = newcomers.peers
    judged = np.isfinite(choice.residuals)
    squared = np.where(judged, choice.residuals, 0.0) ** 2
    days = judged.sum(axis=(0, 2))
    scaled = np.where(days > 0, rmsse(squared=squared.sum(axis=(0, 2)) / np.maximum(days, 1), scale=scale), np.nan)
    table = panel.keys.with_columns(
        demand_class=pl.Series(classes.tolist(), dtype=pl.String),
        methods=pl.Series(
            _names(choice.methods, (choice.weights > 0) & (classes != "no_history")), dtype=pl.List(pl.String)
        ),
        failed=pl.Series(_names(choice.methods, choice.failed), dtype=pl.List(pl.String)),
        backtest_rmsse=pl.Series(scaled).fill_nan(None),
        competing=pl.Series(choice.competing),
        windows=pl.Series(choice.judged_windows),
        peers=pl.Series(peers),
        is_override=pl.Series(choice.overridden),
        is_kept=pl.Series(choice.kept),
    )
    return _with_reasons(table=table).select(*CHOICE_SCHEMA)


def _names(methods: tuple[str, ...], flags: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> list[list[str]]:
    return [[methods[position] for position in np.flatnonzero(column)] for column in flags.T]


def _with_reasons(*, table: pl.DataFrame) -> pl.DataFrame:
    demand_class = pl.col("demand_class").str.replace("_", " ", literal=True)
    methods, failed = pl.col("methods").list.join(", "), pl.col("failed").list.join(", ")
    history = pl.col("demand_class") != "no_history"
    compared = {
        "demand_class": demand_class,
        "methods": methods,
        "pool": pl.col("competing"),
        "windows": pl.col("windows"),
    }
    cases = [
        (~history & (pl.col("peers") > 0), "demand.newcomer", {"peers": pl.col("peers")}),
        (~history, "demand.unknown", {"demand_class": demand_class}),
        (
            pl.col("methods").list.len() == 0,
            "demand.no_method",
            {"demand_class": demand_class, "failed": failed},
        ),
        (
            pl.col("failed").list.len() > 0,
            "demand.fallback",
            {"demand_class": demand_class, "failed": failed, "methods": methods},
        ),
        (pl.col("is_override"), "demand.override", {"demand_class": demand_class, "methods": methods}),
        (pl.col("windows") == 0, "demand.class_default", {"demand_class": demand_class, "methods": methods}),
        (pl.col("is_kept"), "demand.kept", compared | {"gain_percent": pl.lit(round(100 * SWITCH_GAIN))}),
        (pl.lit(value=True), "demand.best_by_backtest", compared),
    ]
    parts = []
    remaining = table.with_row_index("position")
    for condition, code, parameters in cases:
        matching = remaining.filter(condition)
        remaining = remaining.filter(~condition)
        parts.append(matching.with_columns(reason_columns(code=code, parameters=parameters)))
    return pl.concat(parts, how="vertical_relaxed").sort("position")
