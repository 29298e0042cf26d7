"""Keeps the statistics true: what was marked is counted again, and everything once when there is nothing to go on with.

Statistics hold every live order line up to and with today on the shop's calendar, less what came back of it. Marks
vanish in the transaction that counts them, under a lock that counting and predicting share: whatever dies, nothing is
lost or counted twice.
"""

import datetime as dt
import itertools
from dataclasses import dataclass

from django.conf import settings

from reorder.domain.messaging import queries as messaging
from reorder.domain.orders import purchases
from reorder.domain.planning import counted, counting, marks, queries
from reorder.domain.planning import operations as planning
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.returned_purchases import take_returned_off_bought
from reorder.flows import repeat_cycle

# Customers in one transaction of the drain, and of a night: few enough that the drain never waits long behind it.
LOT = 1000
NIGHT_LOT = 10_000
_EVERYTHING = 2**31 - 1
# Order lines in one part of a full count: what sorts and hashes of a small machine hold.
_LINES_A_PART = 8_000_000
# More marked customers than this share are counted sooner with everybody else.
_REBUILD_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class CountReport:
    """Customers and days that were counted again, rows written, and whether everything was counted anew and why."""

    customers: int = 0
    days: int = 0
    rows: int = 0
    rebuilt_because: str = ""


def bring_up_to_date(*, today: dt.date) -> CountReport:
    """Count again whatever was marked, or everything when nothing can be gone on with."""
    why = _why_rebuild()
    if why:
        return rebuild_statistics(today=today, why=why)
    _mark_replanned(today=today)
    marked = queries.count_dirty(kind="customer")
    if marked > LOT and marked > _REBUILD_SHARE * counted.count_customers():
        return rebuild_statistics(today=today, why="most customers changed")
    customers = rows = 0
    while True:
        done, written = recount_marked(today=today, limit=NIGHT_LOT)
        if not done:
            break
        customers, rows = customers + done, rows + written
    return CountReport(customers=customers, days=_recount_days(today=today), rows=rows)


def recount_marked(*, today: dt.date, limit: int = LOT) -> tuple[int, int]:
    """Count one lot of marked customers again and leave each marked for prediction; their outdated reminders stop.

    Returns customers and rows written; (0, 0) when nobody was marked. Before everything was counted once there is
    nothing to bring up to date: the full count to come will know of them.
    """
    zone = settings.REORDER.time_zone
    with one_transaction():
        counting.lock_statistics()
        keys = planning.drain_dirty(kind="customer", limit=limit)
        if not keys:
            return 0, 0
        ids = [int(key) for key in keys]
        written = 0
        state = counted.find_state()
        if state is not None and state.is_of(time_zone=zone):
            purchases.lay_out_purchases_of(customer_ids=ids, until_date=today, time_zone=zone, currency=state.currency)
            take_returned_off_bought(time_zone=zone, currency=state.currency)
            done = counting.recount_customers(customer_ids=ids)
            written = done.pairs + done.customers
            # Segments ask both: what was counted now, and what will be predicted of it.
            planning.mark_many(marks=[(kind, key) for key in keys for kind in ("rescore", "segment")])
            ahead = set(purchases.list_customers_ahead(until_date=today, time_zone=zone)).intersection(ids)
            planning.mark_dirty(kind="ahead", subject_keys=[str(one) for one in ahead])
        repeat_cycle.withdraw_outdated(customer_ids=ids)
    return len(ids), written


def rebuild_statistics(*, today: dt.date, why: str = "asked for") -> CountReport:
    """Count everything anew, in one transaction; every pair is to be predicted again afterwards."""
    zone = settings.REORDER.time_zone
    with one_transaction():
        counting.lock_statistics()
        # What is marked from here on will be counted again; what was marked before is in what is counted now.
        planning.drain_dirty(kind="customer", limit=_EVERYTHING)
        days = marks.take_days(until_date=today)
        for kind in ("ahead", "rescore"):
            marks.drop_marks(kind=kind)
        currency = purchases.find_usual_currency()
        counting.begin_rebuild()
        customers = rows = 0
        for low, high in _stretches():
            purchases.lay_out_purchases_within(
                from_customer_id=low, until_customer_id=high, until_date=today, time_zone=zone, currency=currency
            )
            take_returned_off_bought(time_zone=zone, currency=currency)
            done = counting.add_counted(until_date=today)
            customers, rows = customers + done.customers, rows + done.pairs + done.customers
        counting.end_rebuild(time_zone=zone, currency=currency)
        ahead = purchases.list_customers_ahead(until_date=today, time_zone=zone)
        planning.mark_dirty(kind="ahead", subject_keys=[str(one) for one in ahead])
        repeat_cycle.withdraw_outdated(customer_ids=messaging.list_customers_with_reminders())
    return CountReport(customers=customers, days=len(days), rows=rows, rebuilt_because=why)


def _why_rebuild() -> str:
    """Why everything must be counted anew; empty when it need not."""
    state = counted.find_state()
    if state is None:
        return "nothing was counted yet"
    if state.version != counting.VERSION:
        return "the way of counting changed"
    if state.time_zone != settings.REORDER.time_zone:
        return "the shop's time zone changed"
    only = purchases.find_only_currency()
    return "the shop's currency changed" if only is not None and only != state.currency else ""


def _mark_replanned(*, today: dt.date) -> None:
    """Mark who bought a product that is planned under another subject now, and those whose order's day has come."""
    with one_transaction():
        counting.lock_statistics()
        marks.turn_marks(old_kind="ahead", new_kind="customer")
        changed = counting.list_changed_products()
        if changed:
            buyers = purchases.list_buyers(product_ids=changed)
            planning.mark_dirty(kind="customer", subject_keys=[str(one) for one in buyers])
            marks.mark_days(dates=purchases.list_sold_dates(product_ids=changed, time_zone=settings.REORDER.time_zone))
            counting.note_subjects()


def _recount_days(*, today: dt.date) -> int:
    with one_transaction():
        counting.lock_statistics()
        days = marks.take_days(until_date=today)
        state = counted.find_state()
        if days and state is not None:
            purchases.lay_out_purchases_on(
                dates=days, until_date=today, time_zone=state.time_zone, currency=state.currency
            )
            take_returned_off_bought(time_zone=state.time_zone, currency=state.currency)
            counting.recount_days(dates=days, until_date=today)
        counting.name_categories()
    return len(days)


def _stretches() -> list[tuple[int, int]]:
    """Stretches of customer ids, both ends included, that share all order lines about evenly."""
    found = purchases.find_customer_range()
    if found is None:
        return []
    low, high = found
    parts = min(max(purchases.count_order_lines() // _LINES_A_PART, 1), high - low + 1)
    bounds = [low + (high + 1 - low) * part // parts for part in range(parts + 1)]
    return [(start, end - 1) for start, end in itertools.pairwise(bounds)]
