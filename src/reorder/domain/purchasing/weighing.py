"""What an order of so many units would mean: cost, packs, cover, the chance to last, and what speaks against it. Pure.

Demand until the next chance to order has arrived is taken as normal, with the mean and the safety stock that the stock
target saw. Source: Silver, Pyke, Thomas, Inventory and Production Management in Supply Chains, sections 6.6 and 6.7.
"""

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from statistics import NormalDist
from typing import Any, Final

from reorder.domain.purchasing.calendar import OrderDay, SupplierCalendar, arrival_date, next_order_day
from reorder.domain.purchasing.rules import line_cost

_NORMAL = NormalDist()

# What speaks against an order: a person may order it all the same, and should know.
WARNING_TEMPLATES: Final = {
    "weigh.below_minimum": "The supplier takes {minimum} units of this product or more.",
    "weigh.not_whole_packs": "Not a whole number of packs of {pack}: {lower} or {upper} would be.",
    "weigh.less_than_a_pack": "Less than one pack of {pack}.",
    "weigh.cover_limit": "This would last {days} days; the agreed limit is {limit} days.",
    "weigh.shelf_life": "This would last {days} days, but the goods keep for {limit} days.",
    "weigh.below_reorder_point": (
        "With it {after} units are in stock or on the way, not more than the reorder point of {reorder_point}: the "
        "next night will propose more."
    ),
    "weigh.no_order_day": "The supplier takes no orders on that day; the next day is {date}.",
    "weigh.past_cut_off": "The supplier takes orders until {time}: ordered now, it counts from {date}.",
    "weigh.closed": "The supplier is closed on that day ({note}); the next day is {date}.",
    "weigh.not_whole_units": "Not a whole number of {unit} of {held}: {lower} or {upper} would be.",
    "weigh.arrives_late": "It would arrive about {arrives}, but stock is expected to end on {ends}.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTerms:
    """What one supplier asks; `lead_days` from order to receipt, `is_lead_measured` when receipts told them.

    `other_cost_minor` is what else is proposed of this supplier for the same place.
    """

    supplier_code: str
    supplier_name: str
    currency: str
    unit_cost_minor: int
    pack_units: Decimal
    minimum_units: Decimal
    lead_days: float
    is_lead_measured: bool
    order_weekdays: tuple[int, ...] = ()
    maximum_cover_days: int | None = None
    shelf_life_days: int | None = None
    minimum_value_minor: int = 0
    other_cost_minor: int = 0
    order_unit: str = ""
    order_unit_units: Decimal = Decimal(1)
    order_unit_cost_minor: int | None = None
    calendar: SupplierCalendar | None = None

    @property
    def days(self) -> SupplierCalendar:
        """When the supplier takes orders and delivers; measured lead times are days of the calendar."""
        known = self.calendar or SupplierCalendar(order_weekdays=self.order_weekdays)
        return replace(known, counts_working_days=False) if self.is_lead_measured else known


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOutlook:
    """Where a product stands at a place and what is expected of it; None where the target does not say.

    `expected_units` and `sd_units` are demand over `span_days` (lead time + review of the planned supplier);
    `lost_unit_cost` is in major units of the shop's currency.
    """

    position_units: float
    free_units: float
    reorder_point_units: float
    daily_units: float
    expected_units: float | None = None
    sd_units: float = 0.0
    span_days: float = 0.0
    review_days: int = 1
    lost_unit_cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Caution:
    """A code of WARNING_TEMPLATES with its values; dates are dates, for the surface to say."""

    code: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WeighedOrder:
    """An order as it would turn out; shares and risks are None where nothing is known of demand.

    `risk` figures are in major units of the shop's currency: without any order, and with this one. `missing_minor` is
    what the supplier's minimum still lacks, zero when it is met or there is none.
    """

    cost_minor: int
    currency: str
    packs: Decimal
    cover_days: float | None
    arrives_date: dt.date
    last_share: float | None
    last_share_without: float | None
    risk_without: float | None
    risk_with: float | None
    missing_minor: int
    cautions: tuple[Caution, ...] = field(default=())


def weigh_order(
    *,
    units: Decimal,
    order_date: dt.date,
    today: dt.date,
    terms: OfferTerms,
    outlook: StockOutlook,
    time: dt.time | None = None,
) -> WeighedOrder:
    """What ordering `units` (selling units, above zero) on `order_date` would mean; `time` is the shop's of today.

    Goods arrive as counted from the next day on which the supplier takes orders.
    """
    after = outlook.position_units + float(units)
    cost_minor = line_cost(
        units=units,
        unit_cost_minor=terms.unit_cost_minor,
        order_unit_units=terms.order_unit_units,
        order_unit_cost_minor=terms.order_unit_cost_minor,
    )
    opens = next_order_day(calendar=terms.days, day=order_date, time=time if order_date == today else None)
    arrives = arrival_date(calendar=terms.days, order_date=opens.date, lead_days=terms.lead_days)
    lead_days = float((arrives - opens.date).days) if terms.days.counts_working_days else terms.lead_days
    mean, sd = _demand(lead_days=lead_days, outlook=outlook)
    cover_days = max(after, 0.0) / outlook.daily_units if outlook.daily_units > 0 else None
    return WeighedOrder(
        cost_minor=cost_minor,
        currency=terms.currency,
        packs=units / terms.pack_units,
        cover_days=cover_days,
        arrives_date=arrives,
        last_share=_share(after, mean, sd),
        last_share_without=_share(outlook.position_units, mean, sd),
        risk_without=_risk(outlook, outlook.position_units, mean, sd),
        risk_with=_risk(outlook, after, mean, sd),
        missing_minor=max(terms.minimum_value_minor - terms.other_cost_minor - cost_minor, 0),
        cautions=tuple(
            _cautions(
                units=units,
                opens=opens,
                order_date=order_date,
                today=today,
                arrives=arrives,
                cover_days=cover_days,
                terms=terms,
                outlook=outlook,
            )
        ),
    )


def expected_shortage_units(*, position_units: float, mean_units: float, sd_units: float) -> float:
    """E[(D − position)⁺] for normal D, in selling units; the plain difference where D is certain."""
    if sd_units <= 0:
        return max(mean_units - position_units, 0.0)
    distance = (position_units - mean_units) / sd_units
    return max(sd_units * (_NORMAL.pdf(distance) - distance * (1 - _NORMAL.cdf(distance))), 0.0)


def sd_of_safety_stock(*, safety_stock_units: float, service_level: float) -> float:
    """The standard deviation that a safety stock answers to; zero for a level that asks for none."""
    z = _NORMAL.inv_cdf(service_level) if 0 < service_level < 1 else 0.0
    return safety_stock_units / z if z > 0 else 0.0


def last_share(*, position_units: float, mean_units: float | None, sd_units: float) -> float | None:
    """The chance that a position outlasts normal demand; None where nothing is known of it."""
    return _share(position_units, mean_units, sd_units)


def _demand(*, lead_days: float, outlook: StockOutlook) -> tuple[float | None, float]:
    """Mean and deviation of demand until the order after this one would arrive, by this supplier's lead time."""
    if outlook.expected_units is None:
        return None, 0.0
    span = lead_days + outlook.review_days
    ratio = span / outlook.span_days if outlook.span_days > 0 else 1.0
    return outlook.expected_units * ratio, outlook.sd_units * math.sqrt(ratio)


def _share(position: float, mean: float | None, sd: float) -> float | None:
    if mean is None:
        return None
    if sd <= 0:
        return 1.0 if position >= mean else 0.0
    return _NORMAL.cdf((position - mean) / sd)


def _risk(outlook: StockOutlook, position: float, mean: float | None, sd: float) -> float | None:
    if mean is None:
        return None
    return outlook.lost_unit_cost * expected_shortage_units(position_units=position, mean_units=mean, sd_units=sd)


def _cautions(
    *,
    units: Decimal,
    opens: OrderDay,
    order_date: dt.date,
    today: dt.date,
    arrives: dt.date,
    cover_days: float | None,
    terms: OfferTerms,
    outlook: StockOutlook,
) -> Iterator[Caution]:
    yield from _cautions_of_terms(units=units, terms=terms)
    limits = (("weigh.cover_limit", terms.maximum_cover_days), ("weigh.shelf_life", terms.shelf_life_days))
    for code, limit in limits:
        if limit is not None and cover_days is not None and cover_days > limit:
            yield Caution(code, {"days": round(cover_days), "limit": limit})
    after = outlook.position_units + float(units)
    if after <= outlook.reorder_point_units:
        yield Caution(
            "weigh.below_reorder_point",
            {"after": round(after, 1), "reorder_point": round(outlook.reorder_point_units, 1)},
        )
    if opens.date != order_date:
        yield _caution_of_day(opens=opens, terms=terms)
    if outlook.daily_units > 0:
        days_left = min(max(outlook.position_units, outlook.free_units, 0.0) / outlook.daily_units, 3650)
        ends = today + dt.timedelta(days=math.floor(days_left))
        if ends < arrives:
            yield Caution("weigh.arrives_late", {"arrives": arrives, "ends": ends})


def _caution_of_day(*, opens: OrderDay, terms: OfferTerms) -> Caution:
    if opens.why == "cut_off" and terms.days.cut_off is not None:
        return Caution("weigh.past_cut_off", {"time": f"{terms.days.cut_off:%H:%M}", "date": opens.date})
    if opens.why == "closed" and opens.note:
        return Caution("weigh.closed", {"note": opens.note, "date": opens.date})
    return Caution("weigh.no_order_day", {"date": opens.date})


def _cautions_of_terms(*, units: Decimal, terms: OfferTerms) -> Iterator[Caution]:
    if units < terms.minimum_units:
        yield Caution("weigh.below_minimum", {"minimum": terms.minimum_units})
    packs = units / terms.pack_units
    held = terms.order_unit_units
    if terms.order_unit and units % held != 0:
        lower, upper = math.floor(units / held) * held, math.ceil(units / held) * held
        numbers = {"held": held, "lower": lower, "upper": upper}
        yield Caution("weigh.not_whole_units", {"unit": terms.order_unit, **numbers})
    elif packs != packs.to_integral_value():
        lower, upper = math.floor(packs) * terms.pack_units, math.ceil(packs) * terms.pack_units
        if lower > 0:
            yield Caution("weigh.not_whole_packs", {"pack": terms.pack_units, "lower": lower, "upper": upper})
        else:
            yield Caution("weigh.less_than_a_pack", {"pack": terms.pack_units})
