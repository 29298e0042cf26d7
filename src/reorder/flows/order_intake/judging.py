"""Which orders can be taken, and why the others cannot. Pure."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reorder.flows.order_intake import errors
from reorder.flows.order_intake.orders import NewOrder
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import name_first

_FIRST_YEAR = 1990


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What orders may name, and the moment after which none can have happened."""

    skus: Collection[str]
    place_codes: Collection[str]
    latest_at: dt.datetime


def judge_orders(*, orders: Sequence[NewOrder], known: Known) -> list[BadInput | None]:
    """The fault of each order, None where it can be taken; an order is taken whole or not at all."""
    seen: set[str] = set()
    faults: list[BadInput | None] = []
    for order in orders:
        if order.external_id in seen:
            faults.append(errors.OrderRepeated(order=order.external_id))
        else:
            faults.append(_fault(order=order, known=known))
        seen.add(order.external_id)
    return faults


def _fault(*, order: NewOrder, known: Known) -> BadInput | None:
    if order.ordered_at > known.latest_at:
        return errors.OrderInFuture(order=order.external_id)
    if order.ordered_at.year < _FIRST_YEAR:
        return errors.OrderTooOld(order=order.external_id)
    unknown = sorted({line.sku for line in order.lines} - set(known.skus))
    if unknown:
        return errors.UnknownProducts(order=order.external_id, skus=name_first(unknown))
    strange = sorted({line.place_code for line in order.lines if line.place_code} - set(known.place_codes))
    if strange:
        return errors.UnknownPlaces(order=order.external_id, places=name_first(strange))
    keys = Counter(line.line_key for line in order.lines if line.line_key)
    twice = sorted(key for key, count in keys.items() if count > 1)
    return errors.LineRepeated(order=order.external_id, line=twice[0]) if twice else None
