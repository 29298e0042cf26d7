"""A return is opened: by its customer, who is judged by the rules, or by staff, who may know better."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.inventory.shipped import list_shipped_lots
from reorder.domain.orders.life import LockedOrder, lock_order
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.life import HeldFulfilment, lock_fulfilments
from reorder.domain.warehouse.return_errors import (
    BadReturnInput,
    GoodsNotReturnable,
    NotDeliveredYet,
    NothingToReturn,
    ReasonNotAllowed,
    ReturnWindowOver,
    TooManyReturned,
)
from reorder.domain.warehouse.return_rule_book import list_goods, list_rules
from reorder.domain.warehouse.return_rules import REASONS, RESOLUTIONS, LineFault, Verdict, judge
from reorder.domain.warehouse.returns import (
    NewReturn,
    SoldGoods,
    add_return,
    find_delivered_at,
    get_held_return,
    list_sold_goods,
)
from reorder.domain.warehouse.rules import GONE
from reorder.flows.returns.answering import accept_held
from reorder.flows.returns.telling import HeldCase, tell_return
from reorder.flows.returns.wording import usual_word
from reorder.flows.shop_day import shop_date
from reorder.kernel.errors import BadInput
from reorder.kernel.quantity import plain_decimal

LONGEST_NOTE: Final = 1_000
# A line with the units of it that come back.
_Chosen = tuple[SoldGoods, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnWish:
    """What somebody wants to send back: units by line key, why, and what for."""

    reason: str
    units_by_line: Mapping[str, Decimal]
    note: str = ""
    wants: str = "refund"
    place_code: str = ""
    opened_by: str = "desk"
    request_id: int | None = None
    has_photo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedReturn:
    """A case that was opened; `state` is accepted where the rules say so by themselves."""

    return_id: int
    number: str
    state: str


def returnable_units(*, order_id: int) -> dict[str, Decimal]:
    """Units by line key that left and were neither sent back nor announced; declined wishes count no more."""
    return {one.line_key: one.left_units for one in list_sold_goods(order_id=order_id) if one.left_units > 0}


def open_for_customer(*, order: LockedOrder, wish: ReturnWish, actor: Actor, moment: dt.datetime) -> OpenedReturn:
    """Open what a customer asks for, where the rules allow it; part of the caller's transaction, which holds the order.

    Raises NothingToReturn, TooManyReturned, BadReturnInput, ReturnWindowOver, GoodsNotReturnable, ReasonNotAllowed,
    NotDeliveredYet.
    """
    chosen = _chosen(order=order, wish=wish)
    verdict = _judge(order=order, wish=wish, chosen=chosen, moment=moment)
    for fault in verdict.faults:
        raise _error_of(fault)
    case = _open(order=order, wish=wish, chosen=chosen, verdict=verdict, actor=actor, moment=moment)
    if not verdict.accepts_itself:
        return _opened(case, state="requested")
    word = usual_word(customer_id=order.customer_id, held=case.held)
    accept_held(case=case, word=word, actor=actor, moment=moment)
    return _opened(case, state="accepted")


def open_return(*, order_id: int, wish: ReturnWish, actor: Actor, moment: dt.datetime) -> OpenedReturn:
    """Open a return for a customer on the phone, or for a parcel on the dock; a person answers for it, not the rules.

    Goods must have left. Raises UnknownOrder, NotOurs, NothingToReturn, TooManyReturned, BadReturnInput.
    """
    with one_transaction():
        order = lock_order(order_id=order_id)
        chosen = _chosen(order=order, wish=wish)
        verdict = _judge(order=order, wish=wish, chosen=chosen, moment=moment)
        case = _open(order=order, wish=wish, chosen=chosen, verdict=verdict, actor=actor, moment=moment)
        return _opened(case, state="requested")


def open_blind(*, order: LockedOrder, place_code: str, actor: Actor, moment: dt.datetime) -> int:
    """Open a return for a parcel that nobody announced: what is in it will be scanned. Part of a transaction."""
    wish = ReturnWish(reason="something else", units_by_line={}, place_code=place_code, opened_by="dock")
    return _open(order=order, wish=wish, chosen=[], verdict=Verdict(), actor=actor, moment=moment).held.id


def _error_of(fault: LineFault) -> BadInput:
    """The fault as the customer is told it."""
    if fault.obstacle == "window_over":
        return ReturnWindowOver(name=fault.name, days=fault.days)
    if fault.obstacle == "not_returnable":
        return GoodsNotReturnable(name=fault.name)
    if fault.obstacle == "not_delivered":
        return NotDeliveredYet(name=fault.name)
    return ReasonNotAllowed(name=fault.name)


def _judge(*, order: LockedOrder, wish: ReturnWish, chosen: Sequence[_Chosen], moment: dt.datetime) -> Verdict:
    """What the shop's rules say of a wish."""
    goods = list_goods(product_ids=[one.product_id for one, _ in chosen])
    delivered_at = find_delivered_at(order_id=order.id)
    return judge(
        goods=[goods[one.product_id] for one, _ in chosen],
        channel=order.channel,
        rules=list_rules(),
        reason=wish.reason,
        value_minor=_value(chosen),
        delivered_date=shop_date(moment=delivered_at) if delivered_at else None,
        today=shop_date(moment=moment),
    )


def _open(
    *,
    order: LockedOrder,
    wish: ReturnWish,
    chosen: Sequence[_Chosen],
    verdict: Verdict,
    actor: Actor,
    moment: dt.datetime,
) -> HeldCase:
    place_code = wish.place_code or _place_of(lock_fulfilments(order_ids=[order.id]))
    owners = {one.owner for one in list_shipped_lots(order_id=order.id)}
    return_id = add_return(
        new=NewReturn(
            order_id=order.id,
            place_code=place_code,
            owner=owners.pop() if len(owners) == 1 else OWN_GOODS,
            opened_by=wish.opened_by,
            request_id=wish.request_id,
            reason=wish.reason,
            note=_plain(wish.note),
            wants=wish.wants,
            way_back=verdict.way_back,
            payer=verdict.payer,
            fee_minor=verdict.fee_minor,
            refunds_shipping=verdict.refunds_shipping,
            units={one.order_line_id: units for one, units in chosen},
            moment=moment,
        )
    )
    case = HeldCase(order=order, held=get_held_return(return_id=return_id))
    told = {one.line_key: plain_decimal(number=units) for one, units in chosen}
    details = {"lines": told, "has_photo": wish.has_photo}
    kind = "requested" if wish.opened_by == "customer" else "opened"
    tell_return(case=case, kind=kind, actor=actor, moment=moment, reason=wish.reason, details=details)
    return case


def _opened(case: HeldCase, *, state: str) -> OpenedReturn:
    return OpenedReturn(return_id=case.held.id, number=case.held.number, state=state)


def _chosen(*, order: LockedOrder, wish: ReturnWish) -> list[_Chosen]:
    """The lines that come back with their units. Raises NothingToReturn, TooManyReturned, BadReturnInput."""
    faults = {
        "choose a reason": wish.reason not in REASONS,
        "choose what you want for it": wish.wants not in RESOLUTIONS,
        "the note is longer than 1,000 characters": len(wish.note) > LONGEST_NOTE,
    }
    for fault, holds in faults.items():
        if holds:
            raise BadReturnInput(reason=fault)
    sold = {one.line_key: one for one in list_sold_goods(order_id=order.id)}
    chosen = [_chosen_line(sold.get(key), units) for key, units in wish.units_by_line.items() if units != 0]
    if not chosen:
        raise NothingToReturn
    return chosen


def _chosen_line(line: SoldGoods | None, units: Decimal) -> _Chosen:
    if line is None or units < 0 or not units.is_finite():
        raise NothingToReturn
    if units % 1 and not line.is_sold_in_fractions:
        raise BadReturnInput(reason="it is sold in whole units")
    if units > line.left_units:
        left, wanted = plain_decimal(number=line.left_units), plain_decimal(number=units)
        raise TooManyReturned(name=line.name, left=left, wanted=wanted)
    return line, units


def _value(chosen: Sequence[_Chosen]) -> int | None:
    if any(line.unit_price_minor is None for line, _ in chosen):
        return None
    return round(sum((Decimal(line.net_minor) * units / line.units for line, units in chosen), Decimal(0)))


def _place_of(parcels: Sequence[HeldFulfilment]) -> str:
    """Where goods go back to: to where they came from."""
    gone = [one for one in parcels if one.state in GONE]
    if not gone:
        raise BadReturnInput(reason="nothing of the order has left")
    return gone[0].place_code


def _plain(text: str) -> str:
    return text.replace("\x00", "").strip()


# Reasons that errors of returns carry; surfaces translate them.
REASON_TEMPLATES: Final = (
    "choose a reason",
    "choose what you want for it",
    "the note is longer than 1,000 characters",
    "it is sold in whole units",
    "nothing of the order has left",
)
