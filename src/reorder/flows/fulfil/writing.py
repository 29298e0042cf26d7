"""Promised orders into the books, all of a batch in a few statements: orders, events, fulfilment orders, marks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from django.conf import settings

from reorder.domain.catalog.queries import list_skus
from reorder.domain.marketing.order_facts import note_orders
from reorder.domain.orders import placing as books
from reorder.domain.orders.placing import EventRow, OrderLineRow, OrderRow
from reorder.domain.planning import operations as planning
from reorder.domain.planning.marks import day_keys
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.operations import (
    NewDecision,
    NewFulfilment,
    NewFulfilmentLine,
    add_fulfilments,
)
from reorder.flows import webhooks
from reorder.flows.fulfil.checking import Finding
from reorder.flows.fulfil.promising import Promised
from reorder.flows.shop_day import shop_date
from reorder.flows.webhooks import OrderFact
from reorder.kernel.origin import current_origin

_PAYMENT_HOLDS = {"unpaid": ("awaiting_payment",)}


def write_orders(
    *,
    promised: Sequence[Promised],
    channel: str,
    actor: Actor,
    moment: datetime,
    addresses: Mapping[tuple[int, str], int],
    findings: Mapping[int, Sequence[Finding]] = MappingProxyType({}),
) -> None:
    """Write orders whose stock is promised or waits, with everything that follows from them, or nothing.

    `findings` say by order number why a person must look at an order first.
    """
    if not promised:
        return
    events = books.add_orders(
        orders=[
            _order(
                one,
                channel=channel,
                addresses=addresses,
                moment=moment,
                findings=findings.get(one.plan.order_id, ()),
            )
            for one in promised
        ],
        lines=[line for one in promised for line in _lines(one)],
        events=[
            event
            for one in promised
            for event in (
                *_events(one, actor=actor, moment=moment),
                *_held(one, findings=findings.get(one.plan.order_id, ()), actor=actor, moment=moment),
            )
        ],
    )
    add_fulfilments(
        fulfilments=[fulfilment for one in promised for fulfilment in fulfilments_of(promised=one)],
        decisions=[decision_of(promised=one, cause="placed", moment=moment) for one in promised],
    )
    _mark(promised=promised)
    note_orders(order_ids=[one.plan.order_id for one in promised], moment=moment, time_zone=settings.REORDER.time_zone)
    for kind in ("placed", "allocated", "held"):
        facts = [OrderFact(order_id=one.order_id, event_id=one.id) for one in events if one.kind == kind]
        if facts:
            webhooks.announce_orders(kind=f"order.{kind}", orders=facts, moment=moment)


def hold_reasons_of(*, promised: Promised, moment: datetime, findings: Sequence[Finding] = ()) -> tuple[str, ...]:
    """Why the warehouse must wait with a new order; none for most."""
    order = promised.plan.order
    reasons = {*_PAYMENT_HOLDS.get(order.payment, ()), *(one.reason for one in findings)}
    if promised.waiting:
        reasons.add("out_of_stock")
    today = shop_date(moment=moment)
    if order.not_before_date and order.not_before_date > today:
        reasons.add("requested_date")
    return tuple(sorted(reasons))


def _order(
    one: Promised,
    *,
    channel: str,
    addresses: Mapping[tuple[int, str], int],
    moment: datetime,
    findings: Sequence[Finding],
) -> OrderRow:
    plan, order, totals = one.plan, one.plan.order, one.plan.order.summed()
    address = order.ship_to
    return OrderRow(
        id=plan.order_id,
        channel=channel,
        external_id=order.external_id,
        customer_id=plan.customer_id,
        ordered_at=order.ordered_at,
        currency=order.currency,
        state=one.state,
        payment_state=order.payment,
        hold_reasons=hold_reasons_of(promised=one, moment=moment, findings=findings),
        ship_postcode=plan.postcode,
        ship_to_id=addresses[plan.customer_id, address.content_hash] if address else None,
        ship_method=order.ship_method,
        not_before_date=order.not_before_date,
        goods_minor=totals.goods_minor,
        discount_minor=totals.discount_minor,
        shipping_minor=totals.shipping_minor,
        tax_added_minor=totals.tax_added_minor,
        tax_included_minor=totals.tax_included_minor,
        total_minor=totals.total_minor,
        paid_minor=totals.total_minor if order.payment == "paid" else 0,
        content_hash=order.content_hash,
    )


def _lines(one: Promised) -> list[OrderLineRow]:
    plan = one.plan
    return [
        OrderLineRow(
            id=line_id,
            order_id=plan.order_id,
            line_key=line.line_key or str(position),
            product_id=product_id,
            units=line.units,
            unit_price_minor=line.unit_price_minor,
            discount_minor=line.discount_minor,
            demand_place_code=plan.demand_place_code,
        )
        for position, (line_id, product_id, line) in enumerate(
            zip(plan.line_ids, plan.product_ids, plan.order.lines, strict=True), start=1
        )
    ]


def _events(one: Promised, *, actor: Actor, moment: datetime) -> list[EventRow]:
    via = current_origin().via
    placed = EventRow(
        order_id=one.plan.order_id,
        kind="placed",
        happened_at=moment,
        actor=actor.name,
        via=via,
        to_state="placed",
        details={"lines": len(one.plan.line_ids), "total_minor": one.plan.order.summed().total_minor},
    )
    if one.waiting:
        skus = sorted({part.sku for part, _ in one.waiting})
        waits = EventRow(
            order_id=one.plan.order_id,
            kind="backordered",
            happened_at=moment,
            actor=actor.name,
            via=via,
            from_state="placed",
            to_state="placed",
            reason="out_of_stock",
            details={"skus": skus},
        )
        return [placed, waits]
    allocated = EventRow(
        order_id=one.plan.order_id,
        kind="allocated",
        happened_at=moment,
        actor=actor.name,
        via=via,
        from_state="placed",
        to_state="allocated",
        details={"places": sorted({place.place_code for place in one.route.assignments if place.place_code})}
        if one.route
        else {},
    )
    return [placed, allocated]


def _held(one: Promised, *, findings: Sequence[Finding], actor: Actor, moment: datetime) -> list[EventRow]:
    """Each reason for which a person must look, with what was found."""
    return [
        EventRow(
            order_id=one.plan.order_id,
            kind="held",
            happened_at=moment,
            actor=actor.name,
            via=current_origin().via,
            from_state=one.state,
            to_state=one.state,
            reason=finding.reason,
            details=finding.details,
        )
        for finding in findings
    ]


def fulfilments_of(*, promised: Promised) -> list[NewFulfilment]:
    """What each place is to do for a promised order; what waits is a fulfilment order of its own."""
    one = promised
    lines: dict[tuple[str, str], list[NewFulfilmentLine]] = {}
    waiting = {(part.order_line_id, part.product_id): place for part, place in one.waiting}
    place_of = one.route.place_by_line if one.route else {}
    for part in one.plan.parts:
        waits_at = waiting.get((part.order_line_id, part.product_id))
        place = waits_at or place_of[part.line_id]
        if place is None:
            raise RuntimeError("a part of a promised order has no place")
        lines.setdefault((place, "waiting" if waits_at else "allocated"), []).append(
            NewFulfilmentLine(order_line_id=part.order_line_id, product_id=part.product_id, units=part.units)
        )
    return [
        NewFulfilment(
            order_id=one.plan.order_id,
            place_code=place,
            state=state,
            lines=tuple(parts),
            **(one.route.terms_of(place_code=place) if one.route else {}),
        )
        for (place, state), parts in sorted(lines.items())
    ]


def decision_of(*, promised: Promised, cause: str, moment: datetime) -> NewDecision:
    """Why these places serve a promised order."""
    one, route = promised, promised.route
    if route is None:
        raise RuntimeError("an order without a route was promised")
    return NewDecision(
        order_id=one.plan.order_id,
        decided_at=moment,
        cause=cause,
        places={line: place or "" for line, place in route.place_by_line.items()},
        candidates=route.candidates,
        cost_minor=route.cost_minor,
        reason=route.reason,
    )


def _mark(*, promised: Sequence[Promised]) -> None:
    """Plans are drawn again for the buyers, the days, and the goods at their places."""
    dates = {shop_date(moment=one.plan.order.ordered_at) for one in promised}
    place_of = {line: place for one in promised if one.route for line, place in one.route.place_by_line.items()}
    parts = [part for one in promised for part in one.plan.parts]
    # What is taken from the shelf for a bundle has a SKU of its own.
    sku_of = {
        number: line.sku
        for one in promised
        for number, line in zip(one.plan.product_ids, one.plan.order.lines, strict=True)
    }
    opened = {part.product_id for part in parts} - sku_of.keys()
    sku_of |= list_skus(product_ids=sorted(opened)) if opened else {}
    positions = {f"{sku_of[part.product_id]}|{place}" for part in parts if (place := place_of.get(part.line_id))}
    subjects = {
        "customer": {str(one.plan.customer_id) for one in promised},
        "day": day_keys(dates=dates),
        "position": positions,
    }
    planning.mark_many(marks=[(kind, key) for kind, keys in subjects.items() for key in keys])
