"""What each part of the plan does to its error, over looks back; pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from reorder.flows.demand_plan.weighing import GATE_DAYS, replay_gate

# From the simplest to the whole; `word` names them on screen.
PARTS: Final = ("smoothing", "top_down", "bottom_up", "gated", "plan")
_SCORE_SCHEMA: Final = {
    "scope": pl.String,
    "key": pl.String,
    "horizon_days": pl.Int64,
    "part": pl.String,
    "error_share": pl.Float64,
    "bias_share": pl.Float64,
    "sold_units": pl.Float64,
    "origins_count": pl.Int64,
    "subjects_count": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class PartFigure:
    """Error (WAPE) and bias of one part over a horizon, at one level: `subject` or `category` totals."""

    level: str
    horizon_days: int
    part: str
    error_share: float
    bias_share: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The parts side by side over the same looks back."""

    figures: Sequence[PartFigure]
    origin_dates: Sequence[dt.date]
    subjects_count: int
    categories_count: int

    def find(self, *, level: str, horizon_days: int, part: str) -> PartFigure | None:
        """One figure; None where it could not be judged."""
        found = (one for one in self.figures if (one.level, one.horizon_days, one.part) == (level, horizon_days, part))
        return next(found, None)


def compare_parts(*, origins: pl.DataFrame, categories: pl.DataFrame) -> Comparison:
    """Error with and without each part: subject by subject, and of the totals of categories.

    Looks back of subjects in no category count as one category of their own.
    """
    if origins.is_empty():
        return Comparison(figures=[], origin_dates=[], subjects_count=0, categories_count=0)
    said, parts = _judged_alike(predict_parts(origins=origins))
    named = said.join(categories, on="sku", how="left").with_columns(pl.col("category_code").fill_null(""))
    totals = named.group_by("as_of_date", "horizon_days", "category_code").agg(pl.col("sold_units", *parts).sum())
    figures = [
        PartFigure(level, row["horizon_days"], row["part"], row["error_share"], row["bias_share"])
        for level, table in (("subject", named), ("category", totals))
        for row in _scored(_long(table.with_columns(pl.lit("").alias("key")), parts=parts), scope=level).iter_rows(
            named=True
        )
    ]
    return Comparison(
        figures=figures,
        origin_dates=sorted(said["as_of_date"].unique().to_list()),
        subjects_count=said["sku"].n_unique(),
        categories_count=named["category_code"].n_unique(),
    )


def predict_parts(*, origins: pl.DataFrame) -> pl.DataFrame:
    """Each look back with what every part would have said, gates and scales learned from earlier looks alone.

    Args:
        origins: as `part_scores.frame_origins` returns it.

    Returns:
        as_of_date, sku, horizon_days, sold_units and a column a part: `smoothing` (null where unknown), `top_down`,
        `bottom_up` (scaled to what its customers' share of sales was before), `gated`, and `plan` = gated + what was
        committed. The first four are compared with sales too, commitments included: they cannot know them.
    """
    judged = origins.filter(pl.col("horizon_days") == GATE_DAYS)
    gate = replay_gate(origins=judged)
    ratio = (
        judged.join(gate, on=["sku", "as_of_date"])
        .with_columns(
            pl.when(pl.col("top_down_units") > 0)
            .then(pl.col("gated_units") / pl.col("top_down_units"))
            .otherwise(1.0)
            .alias("factor"),
            pl.when(pl.col("bottom_up_units") > 0)
            .then(pl.col("calibrated_units") / pl.col("bottom_up_units"))
            .otherwise(1.0)
            .alias("scale"),
        )
        .select("sku", "as_of_date", "factor", "scale")
    )
    said = origins.join(ratio, on=["sku", "as_of_date"], how="left").with_columns(
        pl.col("factor", "scale").fill_null(1.0)
    )
    return said.select(
        "as_of_date",
        "sku",
        "horizon_days",
        "sold_units",
        pl.col("smoothing_units").alias("smoothing"),
        pl.col("top_down_units").alias("top_down"),
        (pl.col("bottom_up_units") * pl.col("scale")).alias("bottom_up"),
        (pl.col("top_down_units") * pl.col("factor")).alias("gated"),
        (pl.col("top_down_units") * pl.col("factor") + pl.col("committed_units")).alias("plan"),
    )


def score_parts(*, origins: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    """Error and bias of every part by horizon, of the shop and of each category: rows of PartScore.

    Error (WAPE) is the sum of absolute misses, subject by subject and look by look, over units sold. Every part is
    judged by the same looks: those that all parts which the shop has can be judged by. `categories`: sku,
    category_code.
    """
    if origins.is_empty():
        return pl.DataFrame(schema=_SCORE_SCHEMA)
    said, parts = _judged_alike(predict_parts(origins=origins))
    named = said.join(categories, on="sku", how="left")
    shop = _scored(_long(named.with_columns(pl.lit("").alias("key")), parts=parts), scope="shop")
    within = named.filter(pl.col("category_code").fill_null("") != "").with_columns(
        pl.col("category_code").alias("key")
    )
    return pl.concat([shop, _scored(_long(within, parts=parts), scope="category")]).select(
        pl.col(name).cast(kind) for name, kind in _SCORE_SCHEMA.items()
    )


def _judged_alike(said: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Looks that every part can be judged by, and those parts: nights do not ask simple smoothing."""
    has_smoothing = said["smoothing"].null_count() < said.height
    known = said.filter(pl.col("smoothing").is_not_null()) if has_smoothing else said
    return known, [part for part in PARTS if has_smoothing or part != "smoothing"]


def _long(table: pl.DataFrame, *, parts: Sequence[str]) -> pl.DataFrame:
    kept = [name for name in ("as_of_date", "sku", "horizon_days", "sold_units", "key") if name in table.columns]
    long = table.unpivot(on=list(parts), index=kept, variable_name="part")
    return long if "sku" in kept else long.with_columns(pl.lit("").alias("sku"))


def _scored(long: pl.DataFrame, *, scope: str) -> pl.DataFrame:
    missed = pl.col("value") - pl.col("sold_units")
    total = pl.col("sold_units").sum()
    return (
        long.group_by("key", "horizon_days", "part")
        .agg(
            (missed.abs().sum() / total).alias("error_share"),
            (missed.sum() / total).alias("bias_share"),
            total.alias("sold_units"),
            pl.col("as_of_date").n_unique().alias("origins_count"),
            pl.col("sku").n_unique().alias("subjects_count"),
        )
        .filter(pl.col("sold_units") > 0)
        .with_columns(pl.lit(scope).alias("scope"))
        .sort("key", "horizon_days", "part")
    )
