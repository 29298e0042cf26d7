"""What an owner of goods is, and what a month of storing and shipping comes to; pure.

Every amount is the exact quantity times the exact rate, rounded half up once; the sum adds rounded lines, as a person
who checks the paper does.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.inventory.owner_errors import BadOwner
from reorder.domain.inventory.rules import OWN_GOODS

# What is charged, in the order of the statement; the fields of the owner are `<name>_minor`.
CHARGES: Final = ("litre_day", "received_unit", "shipped_order", "picked_unit", "parcel", "returned_unit")
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_STEP: Final = Decimal("0.0001")
_MOST_MINOR: Final = Decimal(10) ** 6 * 100
_MM3_IN_LITRE: Final = 10**6
_MILLI: Final = 1000
_TENTHS: Final = 10**4


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRow:
    """An owner; `rates` are minor units of the shop's currency by the names of CHARGES, four decimals at most."""

    code: str
    name: str
    email: str = ""
    is_active: bool = True
    rates: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product of an owner: units on hand summed over the ends of days, and the room of one unit (None: unknown)."""

    sku: str
    name: str
    unit_days: Decimal
    unit_mm3: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerMonth:
    """What the ledgers tell of an owner's month; everything but `stored` by the names of CHARGES."""

    days: int
    stored: Sequence[StoredProduct]
    counts: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """One line of a statement: so much of something at a rate in minor units, and what it comes to."""

    charge: str
    quantity: Decimal
    rate_minor: Decimal
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Charged:
    """The lines of a month, their sum, and the SKUs that were stored and have no size: they are charged nothing."""

    lines: Sequence[ChargeLine]
    total_minor: int
    unsized_skus: Sequence[str]


def charge_month(*, month: OwnerMonth, rates: Mapping[str, Decimal]) -> Charged:
    """What a month comes to. Litre-days are litres on hand, summed over the ends of its days."""
    volume_milli = sum(
        int(one.unit_days * _MILLI) * one.unit_mm3 for one in month.stored if one.unit_mm3 and one.unit_days > 0
    )
    lines = [_line("litre_day", volume_milli, _MILLI * _MM3_IN_LITRE, rates)]
    lines += [
        _line(charge, int(month.counts.get(charge, Decimal(0)) * _MILLI), _MILLI, rates)
        for charge in CHARGES
        if charge != "litre_day"
    ]
    unsized = sorted(one.sku for one in month.stored if not one.unit_mm3 and one.unit_days > 0)
    return Charged(lines=lines, total_minor=sum(line.amount_minor for line in lines), unsized_skus=unsized)


def refuse_bad_owner(*, owner: OwnerRow) -> None:
    """Raises BadOwner with what is wrong."""
    for is_wrong, reason in (
        (owner.code == OWN_GOODS, "self means our own goods"),
        (
            not _CODE.fullmatch(owner.code),
            "a code has 1 to 40 small letters, digits, dots, hyphens or underscores",
        ),
        (not 1 <= len(owner.name.strip()) <= 200, "a name has 1 to 200 characters"),
        (
            any(not rate.is_finite() or not 0 <= rate < _MOST_MINOR for rate in owner.rates.values()),
            "a charge must be 0 or more, below a million",
        ),
    ):
        if is_wrong:
            raise BadOwner(owner=owner.code, reason=reason)
    if any(rate != rate.quantize(_STEP) for rate in owner.rates.values()):
        raise BadOwner(owner=owner.code, reason="a charge has at most four decimals of the smallest coin")


def _line(charge: str, quantity: int, per: int, rates: Mapping[str, Decimal]) -> ChargeLine:
    """`quantity` counts parts of which `per` make one; whole numbers all the way, rounded half up at the end."""
    rate = rates.get(charge, Decimal(0))
    scaled = quantity * int(rate * _TENTHS)
    whole = per * _TENTHS
    amount = (2 * scaled + whole) // (2 * whole)
    return ChargeLine(charge=charge, quantity=Decimal(quantity) / per, rate_minor=rate, amount_minor=amount)
