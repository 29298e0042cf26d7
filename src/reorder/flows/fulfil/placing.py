"""Orders into the books and stock promised to them, in one transaction.

Stock is promised first, one statement an order; then everything that was promised is written, set-based. An order that
cannot be promised leaves nothing behind. What is read before the promise (free stock, places) only guides it: the
promise itself looks again under lock, and a place that was emptied meanwhile is routed round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError

from reorder.domain.catalog.bundles import list_parts
from reorder.domain.catalog.queries import ProductRow, list_products_by_sku
from reorder.domain.customers.addresses import keep_addresses
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.inventory.promise_rules import PromiseRules
from reorder.domain.inventory.promise_terms import rules_for, rules_to_promise_by
from reorder.domain.inventory.queries import list_held_units
from reorder.domain.orders import placing as books
from reorder.domain.orders.rules import cart_hold_key
from reorder.domain.planning.of_customer import find_segments
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.flows.file_import.importing import CLOCK_SLACK
from reorder.flows.fulfil.beside import fresh_units
from reorder.flows.fulfil.judging import Facts, Verdict, judge_orders
from reorder.flows.fulfil.looking import look_at_orders
from reorder.flows.fulfil.orders import OrderToPlace
from reorder.flows.fulfil.people import BuyerRow, take_buyers
from reorder.flows.fulfil.promising import (
    FreeStock,
    PlannedOrder,
    Promised,
    StockMoved,
    promise_order,
    promise_together,
)
from reorder.flows.fulfil.terms import RoutingTerms, load_terms
from reorder.flows.fulfil.writing import write_orders
from reorder.flows.serving import Served
from reorder.kernel.errors import BadInput

_TRIES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedOutcome:
    """What became of one order: added, unchanged (it was there), or refused with its fault."""

    external_id: str
    outcome: str
    order_id: int | None = None
    state: str = ""
    fault: BadInput | None = None


def place_order(*, order: OrderToPlace, channel: str, actor: Actor, moment: datetime) -> PlacedOutcome:
    """Take one order to fulfil it; raises the BadInput for which it cannot be taken. Rules as in `place_orders`.

    What a refused order told of its buyer stays on record, unless the caller's transaction ends with the error.
    """
    outcome = place_orders(orders=[order], channel=channel, actor=actor, moment=moment)[0]
    if outcome.fault is not None:
        raise outcome.fault
    return outcome


def place_orders(
    *, orders: Sequence[OrderToPlace], channel: str, actor: Actor, moment: datetime
) -> list[PlacedOutcome]:
    """Take orders of one channel to fulfil them, each whole or not at all; outcomes stand in the order of `orders`.

    An order is known by (channel, external id): the same again changes nothing, other content is refused. What is
    taken has its stock promised at the places that were chosen, or waits for it where it asked to.
    """
    tries = 0
    while True:
        try:
            return _place(orders=orders, channel=channel, actor=actor, moment=moment, lock_first=tries > 0)
        except (IntegrityError, StockMoved):
            # Somebody else has just written one of them: now it is seen, and judged as known. Or took the stock that
            # was seen: now it is looked at under lock. While we waited for locks, others may have written another one.
            tries += 1
            if tries == _TRIES:
                raise


def _place(
    *, orders: Sequence[OrderToPlace], channel: str, actor: Actor, moment: datetime, lock_first: bool
) -> list[PlacedOutcome]:
    with one_transaction():
        terms = load_terms(moment=moment)
        products = list_products_by_sku(skus=sorted({line.sku for order in orders for line in order.lines}))
        known = books.find_known_orders(channel=channel, external_ids=[order.external_id for order in orders])
        facts = Facts(
            products=products,
            known=known,
            latest_at=moment + CLOCK_SLACK,
            moment=moment,
            has_place=any(place.kind != "supplier" for place in terms.places),
        )
        verdicts = judge_orders(orders=orders, facts=facts)
        fresh = [
            order
            for order, verdict in zip(orders, verdicts, strict=True)
            if verdict.fault is None and verdict.known is None
        ]
        placed = (
            _take(
                orders=fresh,
                products=products,
                terms=terms,
                channel=channel,
                actor=actor,
                moment=moment,
                lock_first=lock_first,
            )
            if fresh
            else {}
        )
    return [_outcome(order, verdict, placed) for order, verdict in zip(orders, verdicts, strict=True)]


def _outcome(order: OrderToPlace, verdict: Verdict, placed: dict[str, Promised]) -> PlacedOutcome:
    if verdict.known is not None:
        return PlacedOutcome(
            external_id=order.external_id,
            outcome="unchanged",
            order_id=verdict.known.id,
            state=verdict.known.state,
        )
    promised = placed.get(order.external_id)
    fault = verdict.fault or (promised.fault if promised else None)
    if fault is not None or promised is None:
        return PlacedOutcome(external_id=order.external_id, outcome="refused", fault=fault)
    return PlacedOutcome(
        external_id=order.external_id, outcome="added", order_id=promised.plan.order_id, state=promised.state
    )


def _take(
    *,
    orders: Sequence[OrderToPlace],
    products: dict[str, ProductRow],
    terms: RoutingTerms,
    channel: str,
    actor: Actor,
    moment: datetime,
    lock_first: bool,
) -> dict[str, Promised]:
    buyers = take_buyers(orders=orders, channel=channel, moment=moment)
    plans = _plan(orders=orders, buyers=buyers, products=products, channel=channel, served=terms.served)
    product_ids = sorted({part.product_id for plan in plans for part in plan.parts})
    hold_keys = [plan.hold_key for plan in plans if plan.hold_key]
    rules = rules_to_promise_by(channel=channel, product_ids=product_ids, moment=moment)
    # One statement promises them all where nothing is kept or held for somebody; it locks their levels itself.
    is_simple = rules.is_plain and not hold_keys
    lock_first = lock_first or (len(plans) > 1 and not is_simple)
    if lock_first:
        # Several promises in one transaction: their levels are locked in one order before the first of them.
        lock_levels(product_ids=product_ids, hold_keys=hold_keys)
    segments = find_segments(customer_ids=sorted({plan.customer_id for plan in plans})) if rules.reserves else {}
    stock = FreeStock(
        units=fresh_units(product_ids=product_ids, rules=rules, moment=moment),
        held=list_held_units(hold_keys=hold_keys, moment=moment) if hold_keys else {},
    )
    promised = _promise(
        plans=plans,
        is_simple=is_simple,
        stock=stock,
        terms=terms,
        moment=moment,
        channel=channel,
        rules=rules,
        levels_locked=lock_first,
        segments=segments,
    )
    taken = [one for one in promised if one.fault is None]
    write_orders(
        promised=taken,
        channel=channel,
        actor=actor,
        moment=moment,
        addresses=_keep_addresses(taken=taken),
        findings=look_at_orders(promised=taken),
    )
    return {one.plan.order.external_id: one for one in promised}


def _promise(
    *,
    plans: Sequence[PlannedOrder],
    is_simple: bool,
    stock: FreeStock,
    terms: RoutingTerms,
    moment: datetime,
    channel: str,
    rules: PromiseRules,
    levels_locked: bool,
    segments: Mapping[int, str],
) -> list[Promised]:
    """Promise stock to each, all by one statement where that can be."""
    if is_simple and len(plans) > 1:
        together = promise_together(plans=plans, stock=stock, terms=terms, moment=moment, channel=channel, rules=rules)
        if together is not None:
            return together
        if not levels_locked:
            raise StockMoved
    promised = []
    for plan in plans:
        one = promise_order(
            plan=plan,
            stock=stock,
            terms=terms,
            moment=moment,
            channel=channel,
            levels_locked=levels_locked,
            rules=rules,
            segment=segments.get(plan.customer_id, ""),
        )
        promised.append(one)
        if one.waiting and rules.has_limits:
            product_ids = sorted({part.product_id for each in plans for part in each.parts})
            rules = rules_for(channel=channel, product_ids=product_ids, moment=moment)
    return promised


def _keep_addresses(*, taken: Sequence[Promised]) -> dict[tuple[int, str], int]:
    return keep_addresses(
        addresses=[(one.plan.customer_id, one.plan.order.ship_to) for one in taken if one.plan.order.ship_to]
    )


def _plan(
    *,
    orders: Sequence[OrderToPlace],
    buyers: Sequence[BuyerRow],
    products: dict[str, ProductRow],
    channel: str,
    served: Served,
) -> list[PlannedOrder]:
    """Orders with their numbers, bundles opened into what is taken from the shelf."""
    bundles = sorted({product.id for product in products.values() if product.is_bundle})
    parts = list_parts(product_ids=bundles) if bundles else {}
    order_ids, line_ids = books.reserve_ids(
        orders_count=len(orders), lines_count=sum(len(order.lines) for order in orders)
    )
    numbers = iter(line_ids)
    return [
        PlannedOrder.make(
            order=order,
            order_id=order_id,
            line_ids=[next(numbers) for _ in order.lines],
            customer_id=buyer.customer_id,
            country=(order.ship_to.country if order.ship_to else "") or buyer.country,
            products=products,
            parts=parts,
            served=served,
            hold_key=cart_hold_key(channel=channel, cart_id=order.cart_id) if order.cart_id else "",
        )
        for order, order_id, buyer in zip(orders, order_ids, buyers, strict=True)
    ]


__all__ = ["PlacedOutcome", "place_order", "place_orders"]
