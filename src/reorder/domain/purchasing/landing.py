"""What goods cost once they are here: their price, and their part of freight, duty and the like. Pure.

A charge of an order is spread over what came and what is still to come: a part delivery carries its part. One of
a delivery is spread over that delivery. Parts add up to the charge to the last minor unit (largest remainders).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from reorder.domain.purchasing.errors import BadCharge, WeightsMissing

ChargeKind = Literal["freight", "duty", "other"]
Basis = Literal["value", "weight", "units"]
CHARGE_KINDS: Final = ("freight", "duty", "other")
BASES: Final = ("value", "weight", "units")
_MOST_MINOR: Final = 10**13


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCharge:
    """Freight, duty or another cost of an order, or of one of its deliveries; minor units of `currency`."""

    kind: str
    basis: str
    amount_minor: int
    currency: str
    receipt_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LandingPart:
    """Units of an order line that came in one delivery, or (`receipt_id` None) are still to come.

    `cost_minor` is what the units themselves cost, exact, in minor units of the order's currency.
    """

    key: int
    receipt_id: int | None
    units: Decimal
    cost_minor: Decimal
    weight_grams: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadCharge:
    """A charge in minor units of the shop's currency."""

    amount_minor: int
    basis: str
    receipt_id: int | None


def refuse_bad_charge(
    *, charge: NewCharge, order_number: str, order_currency: str, shop_currency: str, weightless: Sequence[str]
) -> None:
    """Raises BadCharge, WeightsMissing; `weightless` are SKUs of the order whose weight is not known."""
    faults = {
        "the kind must be freight, duty or other": charge.kind not in CHARGE_KINDS,
        "it is spread by value, weight or units": charge.basis not in BASES,
        "the amount must be above zero": charge.amount_minor <= 0,
        "the amount is too large": charge.amount_minor > _MOST_MINOR,
        "the currency must be the order's or the shop's": charge.currency not in {order_currency, shop_currency},
    }
    for reason, holds in faults.items():
        if holds:
            raise BadCharge(number=order_number, reason=reason)
    if charge.basis == "weight" and weightless:
        raise WeightsMissing(number=order_number, skus=", ".join(weightless[:5]))


def spread_charges(*, charges: Sequence[SpreadCharge], parts: Sequence[LandingPart]) -> dict[int, int]:
    """The minor units of all charges that each delivered part carries, by its key; parts to come are left out."""
    landed = {part.key: 0 for part in parts if part.receipt_id is not None}
    for charge in charges:
        concerned = [part for part in parts if charge.receipt_id is None or part.receipt_id == charge.receipt_id]
        shares = split_amount(
            amount_minor=charge.amount_minor,
            weights={place: _weight(part, charge.basis) for place, part in enumerate(concerned)},
        )
        for place, minor in shares.items():
            part = concerned[place]
            if part.receipt_id is not None:
                landed[part.key] += minor
    return landed


def split_amount(*, amount_minor: int, weights: Mapping[int, Decimal]) -> dict[int, int]:
    """Whole minor units by weight that add up to the amount; equal weights where all are zero. Nothing for nobody."""
    if not weights:
        return {}
    total = sum(weights.values(), Decimal(0))
    used = dict(weights) if total > 0 else dict.fromkeys(weights, Decimal(1))
    total = total if total > 0 else Decimal(len(used))
    exact = {key: amount_minor * weight / total for key, weight in used.items()}
    shares = {key: int(value) for key, value in exact.items()}
    left = amount_minor - sum(shares.values())
    by_remainder = sorted(exact, key=lambda key: (shares[key] - exact[key], key))
    for key in by_remainder[:left]:
        shares[key] += 1
    return shares


def _weight(part: LandingPart, basis: str) -> Decimal:
    if basis == "value":
        return part.cost_minor
    if basis == "weight":
        return part.units * (part.weight_grams or 0)
    return part.units
