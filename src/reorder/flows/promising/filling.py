"""Goods that came in go to those who wait for them: the longest wait first, and a parcel whole or not at all."""

import datetime as dt
import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from django.db import transaction

from reorder.domain.inventory.allocating import Wanted, allocate_units
from reorder.domain.inventory.promise_rules import PromiseRules
from reorder.domain.inventory.promise_terms import rules_for
from reorder.domain.inventory.queries import list_free_units, list_places
from reorder.domain.inventory.waiting import drop_waiting_goods
from reorder.domain.orders.rules import demand_key_of
from reorder.domain.planning.of_customer import find_segments
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.life import HeldFulfilment, change_fulfilments
from reorder.domain.warehouse.waiting import move_waiting
from reorder.flows.fulfil.following import SYSTEM, HeldOrder, hold_order_row, mark_goods, tell
from reorder.flows.fulfil.holding import follow_waiting
from reorder.flows.shop_day import shop_date
from reorder.insights.waiting_goods import WaitingFulfilment, list_waiting_fulfilments

log = logging.getLogger(__name__)
_NOTHING: Final = Decimal(0)
Queue = dict[tuple[str, int], Decimal]


class _DidNotFit(Exception):
    """A place has not enough for the parcel; raised to let go of the locks of the attempt."""


def fill_backorders(*, moment: dt.datetime, seconds: float = 60.0, page: int = 1000) -> int:
    """Promise goods that are there now to fulfilment orders that wait; returns how many wait no longer.

    The longest wait first; who could not be served keeps its turn: the next ones take only what is left beside it. The
    order's state and its reason to wait follow. Each in a transaction of its own, so that a fault stops one only. All
    are looked at, `page` at a time; only time ends it before, and the next run begins with the longest wait again.
    """
    started = time.monotonic()
    queue: Queue = defaultdict(Decimal)
    today = shop_date(moment=moment)
    own = [place.code for place in list_places() if place.kind != "supplier"]
    filled, rows = 0, list_waiting_fulfilments(today=today, limit=page)
    while rows:
        products = sorted({product for row in rows for product in row.units})
        free = dict(list_free_units(product_ids=products, moment=moment, today=today))
        for row in rows:
            if time.monotonic() - started > seconds:
                log.warning("goods for who waits were given out for %s s, and not to the end", seconds)
                return filled
            filled += _fill_or_queue(row=row, places=own, free=free, queue=queue, moment=moment)
        rows = list_waiting_fulfilments(today=today, after=rows[-1], limit=page) if len(rows) == page else []
    return filled


def _fill_or_queue(
    *,
    row: WaitingFulfilment,
    places: Sequence[str],
    free: dict[tuple[str, int], Decimal],
    queue: Queue,
    moment: dt.datetime,
) -> bool:
    """Nothing is locked for one that cannot be served; `free` shrinks by what is given out."""
    if not (row.is_released and _seems_there(row=row, places=places, free=free, queue=queue)):
        for product, units in row.units.items():
            queue[row.place_code, product] += units
        return False
    place = _fill(row=row, queue=queue, moment=moment)
    if place is None:
        return False
    for product, units in row.units.items():
        free[place, product] = free.get((place, product), _NOTHING) - units
    return True


def _seems_there(
    *, row: WaitingFulfilment, places: Sequence[str], free: Mapping[tuple[str, int], Decimal], queue: Queue
) -> bool:
    return any(
        all(
            free.get((place, product), _NOTHING) - queue.get((place, product), _NOTHING) >= units
            for product, units in row.units.items()
        )
        for place in places
    )


def _fill(*, row: WaitingFulfilment, queue: Queue, moment: dt.datetime) -> str | None:
    """The place that a parcel comes from now; None: it still waits, or waits no longer for another reason."""
    with one_transaction():
        held = hold_order_row(order_id=row.order_id)
        found = next((one for one in held.fulfilments if one.id == row.fulfilment_id), None)
        if found is None or found.state != "waiting":
            return None
        rules = rules_for(
            channel=held.order.channel, product_ids=sorted({line.product_id for line in found.lines}), moment=moment
        )
        place = _promise(held=held, found=found, rules=rules, queue=queue, moment=moment)
        if place is None:
            for line in found.lines:
                queue[found.place_code, line.product_id] += line.units
            return None
        _write(held=held, found=found, place_code=place, moment=moment)
    return place


def _promise(
    *,
    held: HeldOrder,
    found: HeldFulfilment,
    rules: PromiseRules,
    queue: Mapping[tuple[str, int], Decimal],
    moment: dt.datetime,
) -> str | None:
    """The place whose stock is promised to the parcel now; None: no place has all of it."""
    if not all(rules.is_released(product_id=line.product_id) for line in found.lines):
        return None
    segment = ""
    if rules.reserves:
        segment = find_segments(customer_ids=[held.order.customer_id]).get(held.order.customer_id, "")
    for place in _places(found=found, rules=rules, moment=moment):
        wanted = [
            Wanted(
                demand_key=demand_key_of(order_line_id=line.order_line_id),
                product_id=line.product_id,
                place_code=place,
                units=line.units,
                expires_from=rules.expires_from(product_id=line.product_id),
                keep_units=rules.reserved_units(place_code=place, product_id=line.product_id, segment=segment)
                + queue.get((place, line.product_id), Decimal(0)),
            )
            for line in found.lines
        ]
        try:
            # A savepoint of its own: a place that has not enough must not keep its locks.
            with transaction.atomic():
                _allocate(held=held, found=found, wanted=wanted, moment=moment)
        except _DidNotFit:
            continue
        return place
    return None


def _allocate(*, held: HeldOrder, found: HeldFulfilment, wanted: Sequence[Wanted], moment: dt.datetime) -> None:
    promise = allocate_units(
        wanted=wanted,
        key=f"filled {found.id} {held.event_id}",
        cause_kind="order",
        cause_key=str(held.order.id),
        moment=moment,
    )
    if promise.short:
        raise _DidNotFit


def _places(*, found: HeldFulfilment, rules: PromiseRules, moment: dt.datetime) -> list[str]:
    """Places that seem to have all of it, the one it waits at first."""
    units: dict[int, Decimal] = defaultdict(Decimal)
    for line in found.lines:
        units[line.product_id] += line.units
    free = list_free_units(product_ids=sorted(units), moment=moment, today=rules.today)
    own = [place.code for place in list_places() if place.kind != "supplier"]
    there = [
        code
        for code in own
        if all(free.get((code, product), Decimal(0)) >= wanted for product, wanted in units.items())
    ]
    return sorted(there, key=lambda code: (code != found.place_code, code))


def _write(*, held: HeldOrder, found: HeldFulfilment, place_code: str, moment: dt.datetime) -> None:
    drop_waiting_goods(
        goods=[(demand_key_of(order_line_id=line.order_line_id), line.product_id) for line in found.lines]
    )
    if place_code != found.place_code:
        move_waiting(fulfilment_id=found.id, place_code=place_code)
    change_fulfilments(ids=[found.id], from_states=["waiting"], to_state="allocated", moment=moment)
    state = follow_waiting(order_id=held.order.id, moment=moment)
    if state == held.order.state:
        # Something else of the order still waits; that this parcel does not is worth telling.
        details = {"fulfilments": [found.id], "places": [place_code]}
        tell(order=held.order, kind="part_allocated", to_state=state, actor=SYSTEM, moment=moment, details=details)
    mark_goods(goods={(line.sku, place) for line in found.lines for place in (found.place_code, place_code)})
