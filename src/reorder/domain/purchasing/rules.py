"""What a supplier, an offer and a counted delivery must look like; pure."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from reorder.domain.purchasing.calendar import Closing, SupplierCalendar, arrival_date, next_order_day
from reorder.domain.purchasing.errors import BadCount, BadOffer, BadSupplier, NothingReceived, UnknownOrderLine
from reorder.kernel.ids import idempotency_key
from reorder.kernel.money import Money
from reorder.kernel.quantity import MAXIMUM_UNITS

_STEP = Decimal("0.001")
_CURRENCY = re.compile("[A-Z]{3}")
_COUNTRY = re.compile("[A-Z]{2}")
_LONGEST_CLOSING_DAYS = 183
_MOST_CLOSINGS = 60
# A thousand million in a currency of two decimals: more is a slip of the finger, and sums of it would overflow.
MOST_MINOR = 10**11


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSupplier:
    """A supplier's terms; weekdays are ISO (1 Monday), empty for any day. A limit of None: never ordered by itself."""

    code: str
    name: str
    currency: str
    email: str = ""
    language: str = "en"
    minimum_value_minor: int = 0
    lead_days: int = 7
    order_weekdays: tuple[int, ...] = ()
    country: str = ""
    cut_off: dt.time | None = None
    delivery_weekdays: tuple[int, ...] = ()
    counts_working_days: bool = False
    automatic_limit_minor: int | None = None
    closings: tuple[Closing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOffer:
    """What a supplier asks for a product, in the supplier's currency; a lead time of None is the supplier's.

    `order_unit` names the unit it is bought in, of `order_unit_units` selling units; with `order_unit_cost_minor` it is
    priced by it, and `unit_cost_minor` is what a selling unit comes to, rounded (`unit_cost_of`).
    """

    supplier_code: str
    sku: str
    unit_cost_minor: int
    supplier_sku: str = ""
    pack_units: Decimal = Decimal(1)
    minimum_units: Decimal = Decimal(1)
    maximum_cover_days: int | None = None
    lead_days: int | None = None
    order_unit: str = ""
    order_unit_units: Decimal = Decimal(1)
    order_unit_cost_minor: int | None = None


class OrderedLine(Protocol):
    """The part of a purchase order line that counting needs."""

    @property
    def sku(self) -> str: ...
    @property
    def missing_units(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of one line in a delivery: `expected_units` were on order, `extra_units` came on top."""

    sku: str
    expected_units: Decimal
    extra_units: Decimal

    @property
    def units(self) -> Decimal:
        """All that was counted."""
        return self.expected_units + self.extra_units


def refuse_bad_supplier(*, supplier: NewSupplier) -> None:
    """Raises BadSupplier."""
    faults = {
        "the code must be there and have no spaces around it": not supplier.code
        or supplier.code != supplier.code.strip(),
        "the e-mail address has no @": bool(supplier.email) and "@" not in supplier.email.strip("@"),
        "the currency must be a three-letter ISO 4217 code": not _CURRENCY.fullmatch(supplier.currency),
        "weekdays go from 1 (Monday) to 7": any(day not in range(1, 8) for day in supplier.order_weekdays),
        "lead days go from 0 to 365": supplier.lead_days not in range(366),
        "the minimum value must not be negative": supplier.minimum_value_minor < 0,
        "delivery weekdays go from 1 (Monday) to 7": any(day not in range(1, 8) for day in supplier.delivery_weekdays),
        "the country must be a two-letter ISO 3166 code": bool(supplier.country)
        and not _COUNTRY.fullmatch(supplier.country),
        "the limit of automatic ordering must be above zero": supplier.automatic_limit_minor is not None
        and not 0 < supplier.automatic_limit_minor <= MOST_MINOR,
        "a closing must not end before it begins": any(one.last_date < one.first_date for one in supplier.closings),
        "a closing lasts half a year at most": any(
            (one.last_date - one.first_date).days > _LONGEST_CLOSING_DAYS for one in supplier.closings
        ),
        "at most 60 closings can be kept": len(supplier.closings) > _MOST_CLOSINGS,
        "the same closing is given twice": len({(one.first_date, one.last_date) for one in supplier.closings})
        < len(supplier.closings),
    }
    for reason, holds in faults.items():
        if holds:
            raise BadSupplier(supplier=supplier.code, reason=reason)


def refuse_bad_offer(*, offer: NewOffer) -> None:
    """Raises BadOffer."""
    faults = {
        "the pack must be above zero, with at most three decimals": not is_quantity(offer.pack_units)
        or offer.pack_units <= 0,
        "the minimum must be zero or more, with at most three decimals": not is_quantity(offer.minimum_units)
        or offer.minimum_units < 0,
        "the cost must not be negative": offer.unit_cost_minor < 0,
        "days of cover must be above zero": offer.maximum_cover_days is not None and offer.maximum_cover_days < 1,
        "lead days go from 0 to 365": offer.lead_days is not None and offer.lead_days not in range(366),
        "the cost is larger than any can be": max(offer.unit_cost_minor, offer.order_unit_cost_minor or 0) > MOST_MINOR,
        "the price of an order unit must not be negative": (offer.order_unit_cost_minor or 0) < 0,
    } | _faults_of_unit(offer)
    for reason, holds in faults.items():
        if holds:
            raise BadOffer(supplier=offer.supplier_code, sku=offer.sku, reason=reason)


def _faults_of_unit(offer: NewOffer) -> dict[str, bool]:
    units = offer.order_unit_units
    is_good = is_quantity(units) and units > 0
    return {
        "an order unit must hold more than zero selling units, with at most three decimals": not is_good,
        "without an order unit it holds one and has no price of its own": not offer.order_unit
        and (units != 1 or offer.order_unit_cost_minor is not None),
        "a pack must be a whole number of order units": is_good
        and bool(offer.order_unit)
        and offer.pack_units % units != 0,
    }


def unit_cost_of(*, order_unit_cost_minor: int, order_unit_units: Decimal) -> int:
    """What one selling unit comes to, rounded to a whole minor unit; for comparing, never for adding up."""
    return int((order_unit_cost_minor / order_unit_units).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def line_cost(
    *, units: Decimal, unit_cost_minor: int, order_unit_units: Decimal, order_unit_cost_minor: int | None
) -> int:
    """What so many selling units cost, rounded once to a whole minor unit; as the tables' generated columns do."""
    exact = (
        units * unit_cost_minor if order_unit_cost_minor is None else units * order_unit_cost_minor / order_unit_units
    )
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def count_delivery(
    *, number: str, lines: Sequence[OrderedLine], counted: Mapping[str, Decimal] | None, has_faults: bool = False
) -> list[Counted]:
    """What a delivery brings, line by line: all that is missing when `counted` is None, else what was counted.

    More than was ordered is taken as it was counted. Lines of which nothing came are left out. With faults nothing good
    need have come. Raises UnknownOrderLine, BadCount, NothingReceived.
    """
    by_sku = {line.sku: line for line in lines}
    given = counted if counted is not None else {line.sku: line.missing_units for line in lines}
    for sku, units in given.items():
        if sku not in by_sku:
            raise UnknownOrderLine(number=number, sku=sku, skus=", ".join(sorted(by_sku)))
        if not is_quantity(units) or units < 0:
            raise BadCount(sku=sku, units=units, reason="give zero or more, with at most three decimals")
    arrived = [
        Counted(
            sku=sku,
            expected_units=min(units, by_sku[sku].missing_units),
            extra_units=max(units - by_sku[sku].missing_units, Decimal(0)),
        )
        for sku, units in sorted(given.items())
        if units > 0
    ]
    if not arrived and not has_faults:
        raise NothingReceived(number=number)
    return arrived


def expected_date(
    *, calendar: SupplierCalendar, placed_date: dt.date, placed_time: dt.time | None, lead_days: Sequence[int]
) -> dt.date:
    """The day by which the slowest line should be there: an order past the cut-off counts from the next order day."""
    ordered = next_order_day(calendar=calendar, day=placed_date, time=placed_time).date
    return max(arrival_date(calendar=calendar, order_date=ordered, lead_days=days) for days in lead_days)


def needs_second_person(
    *, cost_minor: int, currency: str, rate: Decimal | None, limit_minor: int | None, shop_currency: str
) -> bool:
    """Whether an order exceeds the limit (the shop's currency); one whose worth nobody knows does, where there is one.

    `rate` is what one whole unit of `currency` is worth in the shop's currency.
    """
    if limit_minor is None:
        return False
    if currency != shop_currency and rate is None:
        return True
    value = Money(cost_minor, currency).major * (rate if rate is not None and currency != shop_currency else 1)
    return value > Money(limit_minor, shop_currency).major


def order_number(*, year: int, ordinal: int) -> str:
    """For example PO-2026-000123."""
    return f"PO-{year}-{ordinal:06}"


def order_letter_key(*, number: str) -> str:
    """The key of the message that sends an order to its supplier: one letter an order, for ever."""
    return idempotency_key("purchase_order", number)


def cancellation_letter_key(*, number: str) -> str:
    """The key of the message that tells a supplier that the rest is no longer wanted."""
    return idempotency_key("purchase_order_cancelled", number)


def is_quantity(units: Decimal) -> bool:
    """Whether these are units that the tables can hold, be they zero."""
    return units.is_finite() and abs(units) <= MAXIMUM_UNITS and units == units.quantize(_STEP)
