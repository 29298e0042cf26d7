"""The way back: the customer is told how, a parcel is awaited, and somebody says that it is under way."""

import datetime as dt

from reorder.domain.shipping.back_parcels import put_back_parcel
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.return_errors import BadReturnInput
from reorder.domain.warehouse.return_rules import AWAITED, WAYS_BACK
from reorder.domain.warehouse.returns import change_return, list_sold_goods
from reorder.flows.returns.telling import HeldCase, hold_case, tell_return
from reorder.kernel.quantity import plain_decimal

# A carrier has taken it: it cannot be called off any more.
_MOVING = frozenset(
    {"picked_up", "in_transit", "out_for_delivery", "ready_for_pickup", "delivered", "delivery_delayed"}
)


def send_instructions(
    *, return_id: int, way_back: str, carrier: str, tracking_number: str, actor: Actor, moment: dt.datetime
) -> str:
    """The slip, the label or the store number went to the customer; a parcel is awaited. Returns the parcel's number.

    Raises UnknownReturn, ReturnMovedOn, BadReturnInput.
    """
    if way_back not in WAYS_BACK:
        raise BadReturnInput(reason="choose how the goods come back")
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        case.held.require(states=["accepted", "sent"], wanted="sending the label")
        number = _await_parcel(case=case, carrier=carrier, tracking_number=tracking_number)
        change_return(
            held=case.held,
            to_state="sent",
            moment=moment,
            way_back=way_back,
            carrier=_code(carrier),
            tracking_number=_code(tracking_number),
        )
        details = {"way_back": way_back, "carrier": _code(carrier), "tracking": _code(tracking_number)}
        tell_return(case=case, kind="sent", actor=actor, moment=moment, details=details)
        return number


def follow_back_parcel(*, shipment_key: str, parcel_state: str, actor: Actor, moment: dt.datetime) -> bool:
    """A carrier has the parcel of a return, so it is under way; part of the transaction that heard of it."""
    kind, _, number = shipment_key.partition(":")
    if kind != "return" or not number.isdecimal() or parcel_state not in _MOVING:
        return False
    case = hold_case(return_id=int(number), actor=actor)
    if case.held.state not in {"accepted", "sent"}:
        return False
    return mark_under_way_held(case=case, carrier="", tracking_number="", actor=actor, moment=moment)


def await_parcel(*, return_id: int, actor: Actor, moment: dt.datetime) -> None:
    """A parcel of an accepted return is awaited, so that a label can be bought. Raises as `send_instructions`."""
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        case.held.require(states=["accepted", "sent"], wanted="sending the label")
        _await_parcel(case=case, carrier="", tracking_number="")


def mark_under_way(*, return_id: int, carrier: str, tracking_number: str, actor: Actor, moment: dt.datetime) -> bool:
    """Goods are on their way back, as the customer, the desk or a carrier says; False when that was known.

    Raises UnknownReturn, ReturnMovedOn.
    """
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        return mark_under_way_held(
            case=case, carrier=carrier, tracking_number=tracking_number, actor=actor, moment=moment
        )


def mark_under_way_held(
    *, case: HeldCase, carrier: str, tracking_number: str, actor: Actor, moment: dt.datetime
) -> bool:
    """`mark_under_way` as a part of the caller's transaction, which holds the order."""
    case.held.require(states=AWAITED, wanted="saying that it is under way")
    told = {"carrier": _code(carrier) or case.held.carrier, "tracking": _code(tracking_number)}
    told["tracking"] = told["tracking"] or case.held.tracking_number
    is_known = case.held.state == "under_way"
    if is_known and (told["carrier"], told["tracking"]) == (case.held.carrier, case.held.tracking_number):
        return False
    _await_parcel(case=case, carrier=told["carrier"], tracking_number=told["tracking"])
    change_return(
        held=case.held,
        to_state="under_way",
        moment=moment,
        carrier=told["carrier"],
        tracking_number=told["tracking"],
    )
    tell_return(case=case, kind="under_way", actor=actor, moment=moment, details=told)
    return True


def _await_parcel(*, case: HeldCase, carrier: str, tracking_number: str) -> str:
    held = case.held
    sold = {one.order_line_id: one for one in list_sold_goods(order_id=case.order.id)}
    colds = {sold[line.order_line_id].temperature_class for line in held.lines}
    return put_back_parcel(
        return_id=held.id,
        number=held.number,
        order_id=case.order.id,
        place_code=held.place_code,
        owner=held.owner,
        carrier=_code(carrier),
        tracking_number=_code(tracking_number),
        ship_to_id=case.order.ship_to_id,
        temperature_class=colds.pop() if len(colds) == 1 else "ambient",
        contents=[
            [
                line.order_line_id,
                sold[line.order_line_id].product_id,
                sold[line.order_line_id].sku,
                plain_decimal(number=line.units),
                "",
            ]
            for line in held.lines
        ],
    )


def _code(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:80]


REASON_TEMPLATES = ("choose how the goods come back",)
