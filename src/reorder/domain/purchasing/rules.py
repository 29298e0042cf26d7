"""What a supplier, an offer and a counted delivery must look like; pure."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from reorder.domain.purchasing.errors import BadCount, BadOffer, BadSupplier, NothingReceived, UnknownOrderLine
from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import MAXIMUM_UNITS

_STEP = Decimal("0.001")
_CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSupplier:
    """A supplier's terms; `order_weekdays` are ISO (1 Monday), empty for any day."""

    code: str
    name: str
    currency: str
    email: str = ""
    language: str = "en"
    minimum_value_minor: int = 0
    lead_days: int = 7
    order_weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOffer:
    """What a supplier asks for a product, in the supplier's currency; a lead time of None is the supplier's."""

    supplier_code: str
    sku: str
    unit_cost_minor: int
    supplier_sku: str = ""
    pack_units: Decimal = Decimal(1)
    minimum_units: Decimal = Decimal(1)
    maximum_cover_days: int | None = None
    lead_days: int | None = None


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
    }
    for reason, holds in faults.items():
        if holds:
            raise BadOffer(supplier=offer.supplier_code, sku=offer.sku, reason=reason)


def count_delivery(
    *, number: str, lines: Sequence[OrderedLine], counted: Mapping[str, Decimal] | None
) -> list[Counted]:
    """What a delivery brings, line by line: all that is missing when `counted` is None, else what was counted.

    More than was ordered is taken as it was counted. Lines of which nothing came are left out. Raises
    UnknownOrderLine, BadCount, NothingReceived.
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
    if not arrived:
        raise NothingReceived(number=number)
    return arrived


def expected_date(*, placed_date: dt.date, lead_days: Sequence[int]) -> dt.date:
    """The day by which the slowest line should be there."""
    return placed_date + dt.timedelta(days=max(lead_days))


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
