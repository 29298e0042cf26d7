"""Put the three reason columns on a frame whose rows may each tell a different story."""

from collections.abc import Mapping

import polars as pl

from reorder.engine.reasons import reason_columns

REASON_SCHEMA = {"reason": pl.String(), "reason_code": pl.String(), "reason_parameters": pl.String()}


def explain(*, frame: pl.DataFrame, code: pl.Expr, parameters: Mapping[str, Mapping[str, pl.Expr]]) -> pl.DataFrame:
    """`frame` with reason, reason_code and reason_parameters; `code` picks each row's entry of `parameters`."""
    numbered = frame.with_row_index("_row").with_columns(code.alias("_code"))
    parts = [
        part.with_columns(reason_columns(code=str(name), parameters=parameters[str(name)]))
        for (name,), part in numbered.group_by("_code", maintain_order=True)
    ]
    if not parts:
        return frame.with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in REASON_SCHEMA.items())
    return pl.concat(parts).sort("_row").drop("_row", "_code")


def plain(*, value: pl.Expr) -> pl.Expr:
    """A number for reading: at most one decimal, and none when it is whole."""
    return value.round(1).cast(pl.String).str.strip_suffix(".0")
