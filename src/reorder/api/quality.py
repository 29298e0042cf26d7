"""How right earlier predictions were: the same figures as on the page *Prediction quality*."""

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any

from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, reads
from reorder.domain.staff.rules import Ability
from reorder.engine.repurchase import Quality
from reorder.insights.quality import MONTHS, get_quality

router = Router(tags=["due"])
_WEEK, _YEAR, _MOST_MONTHS = 7, 365, 60


class WithinFigures(Schema):
    """Predictions of a purchase within some days."""

    days: int
    expected: float = Field(description="The sum of the predicted chances.")
    realised: int = Field(description="Purchases that happened.")
    expected_over_realised: float | None
    auc: float | None
    log_loss: float | None


class GroupFigures(Schema):
    """A tenth of the pairs, the least likely first."""

    pairs_count: int
    predicted_share: float | None
    realised_share: float | None


class BandFigures(Schema):
    """Share of next orders inside the bands, and what a right model would have there: bands hold whole days.

    `shown_…`: the dates as on screen, whose look-ahead is longer than the horizon.
    """

    half_share: float
    half_expected_share: float
    wide_share: float
    wide_expected_share: float
    shown_half_share: float
    shown_half_expected_share: float
    shown_wide_share: float
    shown_wide_expected_share: float


class HitFigures(Schema):
    """Reminders on the best part of the pairs, within three days of the next order."""

    percent: int
    reminded_count: int
    hit_share: float | None
    expected_share: float | None = Field(description="What the model foretold; null for the mean gap.")


class LevelFigures(Schema):
    """Predictions of one evidence level."""

    pairs_count: int
    bought_count: int = Field(description="Pairs bought again within the horizon.")
    concordance: float | None
    within: list[WithinFigures]
    calibration: list[GroupFigures]
    bands: BandFigures | None
    date_error_mean_days: float | None
    date_error_median_days: float | None
    hits: list[HitFigures]


class MonthFigures(Schema):
    """One look back, all evidence levels together."""

    cut_date: dt.date = Field(description="The day whose predictions are judged; nothing from it on was known.")
    until_date: dt.date
    made_at: dt.datetime
    model: str
    customers_share: float = Field(description="Share of the customers it was judged by; below 1 in large shops.")
    figures: LevelFigures


class PredictionQuality(Schema):
    """The latest months, and all of them together by evidence level."""

    horizon_days: int
    levels: dict[str, LevelFigures] = Field(
        description="By evidence: all, pair, customer, product, category, store; levels without pairs are left out."
    )
    naive: LevelFigures = Field(description="Last purchase + mean gap, on the pairs of the level `pair`.")
    months: list[MonthFigures] = Field(description="The earliest first.")


class QualityFilter(Schema):
    """Which figures."""

    horizon_days: Annotated[int, Field(ge=_WEEK, le=_YEAR)] = 30
    months: Annotated[int, Field(ge=1, le=_MOST_MONTHS, description="The latest ones.")] = MONTHS


@reads(
    router,
    "/prediction-quality",
    ability=Ability.VIEW_CUSTOMERS,
    answer=PredictionQuality,
    summary="How right earlier predictions were",
)
def get_prediction_quality(request: ApiRequest, wanted: Query[QualityFilter]) -> PredictionQuality:
    found = get_quality(actor=request.auth, horizon_days=wanted.horizon_days, months=wanted.months)
    return PredictionQuality(
        horizon_days=found.horizon_days,
        levels={name: _figures(one) for name, one in found.levels.items()},
        naive=_figures(found.naive),
        months=[
            MonthFigures(
                cut_date=month.cut_date,
                until_date=month.until_date,
                made_at=month.made_at,
                model=month.model_summary,
                customers_share=month.customers_share,
                figures=_figures(month.quality),
            )
            for month in found.months
        ],
    )


def _figures(quality: Quality) -> LevelFigures:
    given: dict[str, Any] = asdict(quality)
    return LevelFigures.model_validate(given)
