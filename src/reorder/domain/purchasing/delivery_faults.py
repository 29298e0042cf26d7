"""What can be wrong with a delivery, and what that does to the counts; pure.

Damaged, wrong and badly made goods are refused: they never become stock, and the supplier owes them until the rest
of the order is cancelled. Short ones did not come although the delivery note lists them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.purchasing.errors import BadCount, UnknownOrderLine
from reorder.domain.purchasing.rules import Counted, OrderedLine, is_quantity

REFUSED_KINDS: Final = ("damaged", "wrong_item", "quality_refused")
FAULT_KINDS: Final = ("short", "over", *REFUSED_KINDS)
# What a supplier may owe us for; more than ordered was taken as counted and is no claim.
CLAIMED_KINDS: Final = ("short", *REFUSED_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFault:
    """Units of one product of a delivery that were not as ordered; `note` says what was seen, or what came instead."""

    sku: str
    kind: str
    units: Decimal
    note: str = ""


def refuse_bad_faults(*, number: str, lines: Sequence[OrderedLine], faults: Sequence[DeliveryFault]) -> None:
    """Raises UnknownOrderLine, BadCount."""
    skus = {line.sku for line in lines}
    seen: set[tuple[str, str]] = set()
    for fault in faults:
        if fault.sku not in skus:
            raise UnknownOrderLine(number=number, sku=fault.sku, skus=", ".join(sorted(skus)))
        _refuse_bad(fault=fault, is_twice=(fault.sku, fault.kind) in seen)
        seen.add((fault.sku, fault.kind))


def good_units(*, lines: Sequence[OrderedLine], faults: Sequence[DeliveryFault]) -> dict[str, Decimal]:
    """What comes into stock when all that was missing has come, except what was short or refused."""
    gone: dict[str, Decimal] = {}
    for fault in faults:
        gone[fault.sku] = gone.get(fault.sku, Decimal(0)) + fault.units
    return {line.sku: max(line.missing_units - gone.get(line.sku, Decimal(0)), Decimal(0)) for line in lines}


def with_extra(*, faults: Sequence[DeliveryFault], counted: Sequence[Counted]) -> list[DeliveryFault]:
    """The faults, and what came beyond the order."""
    extra = [
        DeliveryFault(sku=part.sku, kind="over", units=part.extra_units) for part in counted if part.extra_units > 0
    ]
    return [*faults, *extra]


def units_by_kind(*, faults: Sequence[DeliveryFault]) -> Mapping[str, Decimal]:
    """Units of all products by the kind of fault."""
    summed: dict[str, Decimal] = {}
    for fault in faults:
        summed[fault.kind] = summed.get(fault.kind, Decimal(0)) + fault.units
    return summed


def _refuse_bad(*, fault: DeliveryFault, is_twice: bool) -> None:
    faults = {
        "it must be short, damaged, wrong_item or quality_refused": fault.kind not in CLAIMED_KINDS,
        "give more than zero, with at most three decimals": not is_quantity(fault.units) or fault.units <= 0,
        "the same fault is given twice": is_twice,
        "the note has more than 300 characters": len(fault.note) > 300,
    }
    for reason, holds in faults.items():
        if holds:
            raise BadCount(sku=fault.sku, units=fault.units, reason=reason)
