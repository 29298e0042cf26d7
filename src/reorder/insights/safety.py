"""Safety stock step by step: the night's own numbers, and beside them what the textbook would say. Pure."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist, pstdev

from reorder.engine.stocking import safety_stock_units
from reorder.insights.product_page import Spot

DEVIATION_DAYS = 90
RATE_DAYS = 28
# More bars than this say nothing more.
_MOST_BARS = 12


@dataclass(frozen=True, slots=True)
class Textbook:
    """z σ √L beside the rule that was used; `reorder_point_units` is expected demand plus that stock."""

    z: float
    deviation_units: float
    daily_units: float
    expected_units: float
    safety_stock_units: float
    reorder_point_units: float


@dataclass(frozen=True, slots=True)
class Bin:
    """How many spans of the past sold from `low` up to `high` units, within the reorder point and beyond it."""

    low: int
    high: int
    within_count: int
    beyond_count: int


@dataclass(frozen=True, slots=True)
class Safety:
    """The steps from demand to the three levels at one place, in selling units and days.

    Both levels hold the units committed within the span; without them they are what past demand asks for.
    """

    place_code: str
    place_name: str
    method: str
    reason_code: str
    reason_parameters: str
    lead_days: float
    receipts_count: int
    review_days: int
    span_days: float
    daily_units: float
    expected_units: float
    committed_units: float
    service_level: float
    reorder_point_units: float
    safety_stock_units: float
    order_up_to_units: float
    order_units: float
    observed_days: int
    textbook: Textbook
    spans: tuple[Bin, ...]
    spans_count: int
    spans_within_count: int

    @property
    def base_point_units(self) -> float:
        """The reorder point before commitments were added."""
        return self.reorder_point_units - self.committed_units

    @property
    def base_expected_units(self) -> float:
        """Expected demand before commitments were added."""
        return self.expected_units - self.committed_units


def explain_safety(
    *, spot: Spot, sold: Mapping[dt.date, float], as_of: dt.date, sales_days: int, review_days: int
) -> Safety | None:
    """The steps for one place; None where it has no target.

    `sold` are the units of the place by day in the `sales_days` before `as_of`; days without a sale are zero.
    """
    if spot.reorder_point_units is None or spot.lead_days is None or spot.expected_units is None:
        return None
    level = spot.service_level or 0.0
    parameters = json.loads(spot.reason_parameters or "{}")
    days = [sold.get(as_of - dt.timedelta(days=back), 0.0) for back in range(sales_days, 0, -1)]
    span = spot.lead_days + review_days
    sums = _window_sums(days=days, length=max(round(span), 1))
    base = spot.reorder_point_units - spot.committed_units
    return Safety(
        place_code=spot.place_code,
        place_name=spot.place_name,
        method=spot.method,
        reason_code=spot.reason_code,
        reason_parameters=spot.reason_parameters,
        lead_days=spot.lead_days,
        receipts_count=int(parameters.get("receipts", 0)),
        review_days=review_days,
        span_days=span,
        daily_units=spot.daily_units,
        expected_units=spot.expected_units,
        committed_units=spot.committed_units,
        service_level=level,
        reorder_point_units=spot.reorder_point_units,
        safety_stock_units=spot.safety_stock_units or 0.0,
        order_up_to_units=spot.order_up_to_units or 0.0,
        order_units=max((spot.order_up_to_units or 0.0) - spot.reorder_point_units, 0.0),
        observed_days=int(parameters.get("observed_days", 0)),
        textbook=_textbook(days=days, level=level, span=span),
        spans=_bins(sums=sums, point=base),
        spans_count=len(sums),
        spans_within_count=sum(total <= base for total in sums),
    )


def _textbook(*, days: list[float], level: float, span: float) -> Textbook:
    z = NormalDist().inv_cdf(level) if 0 < level < 1 else 0.0
    deviation = pstdev(days[-DEVIATION_DAYS:]) if days else 0.0
    recent = days[-RATE_DAYS:]
    daily = sum(recent) / len(recent) if recent else 0.0
    safety = safety_stock_units(z=z, demand_sd_units=deviation, lead_time_days=span)
    return Textbook(
        z=z,
        deviation_units=deviation,
        daily_units=daily,
        expected_units=daily * span,
        safety_stock_units=safety,
        reorder_point_units=max(daily * span + safety, 0.0),
    )


def _window_sums(*, days: list[float], length: int) -> list[float]:
    return [sum(days[start : start + length]) for start in range(len(days) - length + 1)]


def _bins(*, sums: list[float], point: float) -> tuple[Bin, ...]:
    """Equal steps of whole units, at most twelve."""
    if not sums or max(sums) <= 0:
        return ()
    top = int(max(sums))
    width = max(-(-(top + 1) // _MOST_BARS), 1)
    within, beyond = [0] * (top // width + 1), [0] * (top // width + 1)
    for total in sums:
        (within if total <= point else beyond)[int(total) // width] += 1
    return tuple(
        Bin(low=i * width, high=(i + 1) * width - 1, within_count=within[i], beyond_count=beyond[i])
        for i in range(len(within))
    )
