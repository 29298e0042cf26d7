"""Orders into the books: judged, then taken by the same statements as those of a file, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.connectors.base import ShopDefaults
from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.channels import settling
from reorder.domain.customers import operations as customers
from reorder.domain.inventory.queries import list_places
from reorder.domain.marketing.order_facts import note_about_order, note_orders
from reorder.domain.messaging import intake as contacts
from reorder.domain.orders import operations, pages
from reorder.domain.orders.pages import BoughtOrder
from reorder.domain.planning import operations as planning
from reorder.domain.planning.marks import mark_days
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction, take_transaction_locks
from reorder.flows.file_import.importing import CLOCK_SLACK
from reorder.flows.order_intake.judging import Known, judge_orders
from reorder.flows.order_intake.orders import NewOrder, customer_keys_of, frame_lines
from reorder.flows.serving import served_regions
from reorder.kernel import clock
from reorder.kernel.errors import BadInput

# Two requests about the same person or order wait for each other; a batch holds at most so many locks.
_LOCKS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOutcome:
    """What became of one order: added, updated, unchanged, or refused with its fault."""

    external_id: str
    outcome: str
    order_id: int | None = None
    fault: BadInput | None = None


def take_order(*, order: NewOrder, channel: str, actor: Actor, moment: datetime) -> OrderOutcome:
    """Take one order; raises the BadInput for which it cannot be taken. Rules as in `take_orders`."""
    with one_transaction():
        outcome = take_orders(orders=[order], channel=channel, actor=actor, moment=moment)[0]
        if outcome.fault is not None:
            raise outcome.fault
    return outcome


def take_orders(*, orders: Sequence[NewOrder], channel: str, actor: Actor, moment: datetime) -> list[OrderOutcome]:
    """Take orders of one channel, each whole or not at all; the outcomes stand in the order of `orders`.

    An order is known by (channel, external id): the same content again changes nothing, other content replaces it.
    Customers, contact points and consent are recorded as from a file; unknown products and places are refused by
    name. Everybody whose orders changed is marked, so that conclusions are drawn again.
    """
    with one_transaction():
        faults = judge_orders(orders=orders, known=_known(orders=orders, actor=actor, moment=moment))
        good = [order for order, fault in zip(orders, faults, strict=True) if fault is None]
        taken = _take(orders=good, channel=channel, actor=actor, moment=moment) if good else {}
    return [
        OrderOutcome(external_id=order.external_id, outcome="refused", fault=fault)
        if fault
        else taken[order.external_id]
        for order, fault in zip(orders, faults, strict=True)
    ]


def cancel_order(*, order_id: int, actor: Actor) -> BoughtOrder:
    """An order is no purchase any more; cancelling twice is cancelling once. Raises UnknownOrder."""
    with one_transaction():
        order = pages.get_order(order_id=order_id)
        if operations.cancel_order(order_id=order_id):
            planning.mark_dirty(kind="customer", subject_keys=[str(order.customer_id)])
            mark_days(dates=[order.ordered_at.astimezone(ZoneInfo(settings.REORDER.time_zone)).date()])
            note_about_order(
                kind="order_cancelled",
                order_id=order_id,
                number="",
                happened_at=clock.current_moment(),
                time_zone=settings.REORDER.time_zone,
            )
            record_audit(actor=actor.name, action="orders.cancel", subject_kind="order", subject_key=str(order_id))
        return pages.get_order(order_id=order_id)


def _known(*, orders: Sequence[NewOrder], actor: Actor, moment: datetime) -> Known:
    wanted = sorted({line.sku for order in orders for line in order.lines})
    return Known(
        skus=list_products_by_sku(skus=wanted).keys(),
        place_codes=[place.code for place in list_places() if actor.may_at(place.code)],
        latest_at=moment + CLOCK_SLACK,
    )


def _take(*, orders: Sequence[NewOrder], channel: str, actor: Actor, moment: datetime) -> dict[str, OrderOutcome]:
    shop = ShopDefaults(
        time_zone=settings.REORDER.time_zone,
        currency=settings.REORDER.currency,
        latest_at=moment + CLOCK_SLACK,
        channel=channel,
    )
    lines = frame_lines(orders=orders, shop=shop)
    people = customer_keys_of(lines=lines)
    ids = [f"{channel}|{order.external_id}" for order in orders]
    take_transaction_locks(names=[f"order_intake:{crc32(name.encode()) % _LOCKS}" for name in [*people, *ids]])
    settling.lay_out_past_orders(lines=lines)
    customers.take_customers()
    contacts.take_contacts(source=f"{channel}: api orders")
    served = served_regions()
    taken, outcomes = operations.take_named_orders(
        channel=channel,
        default_place_code=served.default_place_code,
        time_zone=settings.REORDER.time_zone,
        regions=served.regions,
    )
    settling.drop_laid_out()
    planning.mark_dirty(kind="customer", subject_keys=[str(customer_id) for customer_id in taken.customer_ids])
    mark_days(dates=taken.dates)
    note_orders(
        order_ids=[one.order_id for one in outcomes if one.outcome == "added" and one.order_id is not None],
        moment=moment,
        time_zone=settings.REORDER.time_zone,
    )
    _audit(outcomes=outcomes, channel=channel, actor=actor)
    return {
        one.order_key: OrderOutcome(external_id=one.order_key, outcome=one.outcome, order_id=one.order_id)
        for one in outcomes
    }


def _audit(*, outcomes: Sequence[operations.TakenOrder], channel: str, actor: Actor) -> None:
    changed = [one for one in outcomes if one.outcome != "unchanged"]
    if not changed:
        return
    single = changed[0] if len(changed) == 1 else None
    record_audit(
        actor=actor.name,
        action="orders.take",
        subject_kind="order" if single else "orders",
        subject_key=str(single.order_id) if single else "",
        details={"channel": channel, "orders": {str(one.order_id): one.outcome for one in changed}},
    )
