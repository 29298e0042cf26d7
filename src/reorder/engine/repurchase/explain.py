"""Which evidence a prediction rests on, said in one sentence that a person can check."""

import polars as pl

from reorder.engine.reasons import reason_columns
from reorder.engine.repurchase.rates import CATEGORY_PRIOR, CUSTOMER_PRIOR, PRODUCT_PRIOR

_OVERDUE_GAPS = 2.0


def evidence() -> pl.Expr:
    """`pair` when it was bought again; else the nearest level whose own repurchases outweigh its prior."""
    return (
        pl.when(pl.col("orders_count") > 1)
        .then(pl.lit("pair"))
        .when(pl.col("customer_repurchases") > CUSTOMER_PRIOR)
        .then(pl.lit("customer"))
        .when(pl.col("product_repurchases") > PRODUCT_PRIOR)
        .then(pl.lit("product"))
        .when(pl.col("category_repurchases") > CATEGORY_PRIOR)
        .then(pl.lit("category"))
        .otherwise(pl.lit("store"))
        .alias("evidence")
    )


def explain(*, due: pl.DataFrame) -> pl.DataFrame:
    """`due` with reason, reason_code and reason_parameters, rows in the same order."""
    coded = due.with_columns(_code(), row=pl.int_range(pl.len()))
    parts = [
        part.with_columns(reason_columns(code=str(part["code"][0]), parameters=_parameters(code=str(part["code"][0]))))
        for part in coded.partition_by("code")
    ]
    if not parts:
        return due.with_columns(
            pl.lit(None, pl.String).alias(name) for name in ("reason", "reason_code", "reason_parameters")
        )
    return pl.concat(parts).sort("row").drop("row", "code")


def _code() -> pl.Expr:
    overdue = pl.col("elapsed_days") > _OVERDUE_GAPS * pl.col("usual_gap_days")
    return (
        pl.when((pl.col("evidence") == "pair") & overdue)
        .then(pl.lit("repurchase.pair_overdue"))
        .otherwise(pl.lit("repurchase.") + pl.col("evidence"))
        .alias("code")
    )


def _parameters(*, code: str) -> dict[str, pl.Expr]:
    parameters = {
        "last_bought": pl.col("last_bought_date").dt.to_string("%Y-%m-%d"),
        "gap_days": pl.col("usual_gap_days").round().clip(lower_bound=1).cast(pl.Int64),
    }
    if code.startswith("repurchase.pair"):
        parameters["orders_count"] = pl.col("orders_count")
    if code == "repurchase.pair_overdue":
        parameters["elapsed_days"] = pl.col("elapsed_days").cast(pl.Int64)
    if code == "repurchase.category":
        parameters["category"] = pl.col("category")
    return parameters
