"""Goods that a count did not find and an order counts on: given up for that order, so that it is served otherwise."""

import datetime as dt
from decimal import Decimal

from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import widened_transaction
from reorder.domain.warehouse.errors import CountMovedOn
from reorder.flows.counting.booking import take_out
from reorder.flows.counting.errors import NotPromised
from reorder.flows.counting.holding import hold_count
from reorder.flows.fulfil.following import hold_fulfilment
from reorder.flows.fulfil.shorts import ShortPicked, short_pick


def give_up_promise(
    *, task_id: int, entry_id: int, fulfilment_id: int, order_line_id: int, actor: Actor, moment: dt.datetime
) -> ShortPicked:
    """Book out missing units that are promised to a parcel: they come from elsewhere for it, or it waits.

    As many as the parcel wants and the count misses. Order, stock and bin change together; the rest of the variance
    still waits. Raises UnknownFulfilment, UnknownCount, CountMovedOn, NotPromised, NotAllowed, and what `short_pick`
    does.
    """
    actor.require(Ability.EDIT_STOCK)
    with widened_transaction():
        # The order first, then stock, bin and count: the one order of locks.
        order, parcel = hold_fulfilment(fulfilment_id=fulfilment_id, actor=actor)
        held = hold_count(task_id=task_id, actor=actor)
        if held.task.state != "counted":
            raise CountMovedOn(bin=held.task.bin_code, state=held.task.state, wanted="deciding")
        goods = next((one for one in held.differing if one.entry_id == entry_id and one.open_units < 0), None)
        wanted = sum(
            (
                line.units
                for line in parcel.lines
                if goods and (line.order_line_id, line.product_id) == (order_line_id, goods.product_id)
            ),
            Decimal(0),
        )
        units = min(wanted, -goods.open_units, goods.recorded_units) if goods else Decimal(0)
        if goods is None or units <= 0 or parcel.place_code != held.task.place_code or parcel.state == "picked":
            raise NotPromised(order=order.order.external_id)
        take_out(held=held, one=goods, units=units, part=f"order line {order_line_id}", actor=actor, moment=moment)
        return short_pick(
            fulfilment_id=fulfilment_id,
            order_line_id=order_line_id,
            found_units=wanted - units,
            product_id=goods.product_id,
            actor=actor,
            moment=moment,
            reason="count",
        )
