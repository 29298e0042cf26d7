"""From a code on a parcel to the return that its goods belong to; a parcel nobody announced opens one."""

import datetime as dt

from reorder.domain.orders.life import lock_order
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.life import lock_fulfilments
from reorder.domain.warehouse.return_errors import SeveralReturns, UnknownReturnCode
from reorder.domain.warehouse.return_rules import RECEIVABLE
from reorder.domain.warehouse.returns import get_held_return
from reorder.domain.warehouse.rules import GONE
from reorder.flows.returns.opening import open_blind
from reorder.insights.return_finding import find_by_code, list_open_returns


def open_by_scan(*, code: str, place_code: str, actor: Actor, moment: dt.datetime) -> int:
    """The return that a scanned RMA, parcel, tracking or order number stands for, ready to take goods in; its id.

    An order that left and has no open return gets one, opened at the dock. Raises UnknownReturnCode, SeveralReturns,
    ReturnMovedOn (that return is over), UnknownOrder, NotOurs.
    """
    with one_transaction():
        found = find_by_code(code=code)
        if not found:
            raise UnknownReturnCode(code=code[:60])
        order = lock_order(order_id=found[0].order_id)
        if found[0].return_id is not None:
            held = get_held_return(return_id=found[0].return_id)
            if not actor.may_at(held.place_code):
                raise UnknownReturnCode(code=code[:60])
            held.require(states=RECEIVABLE, wanted="receiving")
            return held.id
        known = list_open_returns(order_id=order.id, states=RECEIVABLE)
        if len(known) > 1:
            raise SeveralReturns(order=order.external_id, numbers=", ".join(one.number for one in known))
        if known:
            return known[0].id
        if not any(one.state in GONE for one in lock_fulfilments(order_ids=[order.id])):
            raise UnknownReturnCode(code=code[:60])
        return open_blind(order=order, place_code=place_code, actor=actor, moment=moment)
