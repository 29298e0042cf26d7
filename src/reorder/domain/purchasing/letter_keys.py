"""The keys of letters to suppliers that follow an order: one letter for one fact, however often it is planned; pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from reorder.kernel.ids import idempotency_key


class GivenUpLine(Protocol):
    """The part of a purchase order line that tells one giving up from the next."""

    @property
    def sku(self) -> str: ...
    @property
    def given_up_units(self) -> Decimal: ...


def lines_letter_key(*, number: str, units: Mapping[str, Decimal], given_up: Sequence[GivenUpLine]) -> str:
    """The key of the letter that gives up these units, on top of what was given up before."""
    before = {line.sku: line.given_up_units.normalize() for line in given_up if line.sku in units}
    facts = [f"{sku} {before[sku]} {units[sku].normalize()}" for sku in sorted(units)]
    return idempotency_key("purchase_order_lines_cancelled", number, *facts)


def claim_letter_key(*, number: str) -> str:
    """The key of the letter that carries a claim."""
    return idempotency_key("supplier_claim", number)
