"""Stock promised anew to an order that is there already, after an edit or a short pick: as to a new order.

What is wanted has changed, or is not there; `regoods` moves goods that an order has. What may be taken both ask
`beside`.

What was promised is given back and promised again in one transaction, under locks on every level of the products:
nobody gets in between, and an order that cannot be promised keeps what it had, for the caller gives the transaction up.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reorder.domain.catalog.bundles import list_parts
from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.customers.queries import get_customer
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.inventory.promise_rules import PromiseRules
from reorder.domain.inventory.promise_terms import rules_to_promise_by
from reorder.domain.inventory.queries import list_free_units
from reorder.domain.orders.life import LockedOrder
from reorder.domain.planning.of_customer import find_segments
from reorder.domain.warehouse.life import GoodsChange, HeldFulfilment, change_fulfilments, set_goods
from reorder.domain.warehouse.operations import NewFulfilment, add_fulfilments
from reorder.flows.fulfil.beside import fresh_units, rules_beside, waiting_units
from reorder.flows.fulfil.following import HeldOrder
from reorder.flows.fulfil.orders import IfShort, LineToPlace, OrderToPlace
from reorder.flows.fulfil.promising import FreeStock, Part, PlannedOrder, Promised, promise_order
from reorder.flows.fulfil.routing import load_terms
from reorder.flows.fulfil.terms import RoutingTerms
from reorder.flows.fulfil.writing import decision_of, fulfilments_of
from reorder.flows.order_intake.orders import Buyer
from reorder.flows.shop_day import shop_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a promise is made on; every level of `product_ids` is locked."""

    product_ids: tuple[int, ...]
    rules: PromiseRules
    terms: RoutingTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedLine:
    """A line that places are to serve."""

    line_id: int
    sku: str
    units: Decimal
    unit_price_minor: int | None
    discount_minor: int


def lock_ground(*, order: LockedOrder, product_ids: Collection[int], moment: dt.datetime) -> Ground:
    """Lock the levels of products, those within bundles too, before anything of the order is given back."""
    opened = list_parts(product_ids=sorted(product_ids))
    every = sorted({*product_ids, *(part for parts in opened.values() for part, _ in parts)})
    rules = rules_to_promise_by(channel=order.channel, product_ids=every, moment=moment)
    lock_levels(product_ids=every)
    return Ground(product_ids=tuple(every), rules=rules, terms=load_terms(moment=moment))


def plan_again(
    *,
    order: LockedOrder,
    lines: Sequence[ServedLine],
    ship_to: ShippingAddress | None,
    if_short: IfShort,
    ground: Ground,
) -> PlannedOrder:
    """What the lines need from the shelves, as for a new order."""
    products = list_products_by_sku(skus=sorted({line.sku for line in lines}))
    country = ship_to.country if ship_to else ""
    return PlannedOrder.make(
        order=OrderToPlace(
            external_id=order.external_id,
            ordered_at=order.ordered_at,
            currency=order.currency,
            buyer=Buyer(),
            lines=tuple(
                LineToPlace(
                    sku=line.sku,
                    units=line.units,
                    unit_price_minor=line.unit_price_minor,
                    discount_minor=line.discount_minor,
                )
                for line in lines
            ),
            ship_to=ship_to,
            if_short=if_short,
        ),
        order_id=order.id,
        line_ids=[line.line_id for line in lines],
        customer_id=order.customer_id,
        country=country or get_customer(customer_id=order.customer_id).country,
        products=products,
        parts=list_parts(product_ids=sorted({product.id for product in products.values()})),
        served=ground.terms.served,
        hold_key="",
    )


def promise_again(
    *,
    plan: PlannedOrder,
    held: HeldOrder,
    ground: Ground,
    key: str,
    moment: dt.datetime,
    own: Mapping[tuple[str, int], Decimal] | None = None,
    without: Collection[tuple[str, int]] = (),
) -> Promised:
    """Promise stock to a plan of a held order. `key` names the attempt.

    `own` are the units by (place code, product id) that the order has just given back: they are its own before they are
    anybody's who waits. `without` are places that are not asked for a product.
    """
    order = held.order
    free = list_free_units(product_ids=ground.product_ids, moment=moment, today=shop_date(moment=moment))
    rules = ground.rules
    fresh = fresh_units(product_ids=ground.product_ids, rules=rules, moment=moment) if rules.fresh_days else free
    left = {place: units for place, units in fresh.items() if place not in set(without)}
    segments = find_segments(customer_ids=[order.customer_id]) if ground.rules.reserves else {}
    segment = segments.get(order.customer_id, "")
    return promise_order(
        plan=plan,
        stock=FreeStock(units=left),
        terms=ground.terms,
        moment=moment,
        channel=order.channel,
        levels_locked=True,
        key=key,
        rules=rules_beside(
            rules=ground.rules, waiting=waiting_units(held=held), free=free, own=own or {}, segment=segment
        ),
        segment=segment,
    )


def goods_given_back(*, held: HeldOrder) -> dict[tuple[str, int], Decimal]:
    """Units by (place code, product id) that an order's open parcels are promised."""
    own: dict[tuple[str, int], Decimal] = {}
    for one in held.open:
        for goods in one.lines if one.state != "waiting" else ():
            key = (one.place_code, goods.product_id)
            own[key] = own.get(key, Decimal(0)) + goods.units
    return own


def parts_only(*, plan: PlannedOrder, units: Mapping[tuple[int, int], Decimal]) -> PlannedOrder:
    """A plan for some of the goods only: units by (order line, product)."""
    parts = [
        Part(
            order_line_id=part.order_line_id,
            product_id=part.product_id,
            sku=part.sku,
            units=units[part.order_line_id, part.product_id],
            value_minor=round(part.value_minor * units[part.order_line_id, part.product_id] / part.units),
        )
        for part in plan.parts
        if (part.order_line_id, part.product_id) in units
    ]
    return replace(plan, parts=tuple(parts))


def write_again(
    *, before: Sequence[HeldFulfilment], promised: Promised, cause: str, moment: dt.datetime
) -> tuple[HeldFulfilment, ...]:
    """Bring open fulfilment orders to what was promised now: kept where place and state recur, else given up or added.

    Returns those that are left of `before`, with the states they have now; what was added is read again by the caller.
    """
    wanted = {(one.place_code, one.state): one for one in fulfilments_of(promised=promised)}
    kept: list[HeldFulfilment] = []
    changes: list[GoodsChange] = []
    gone: list[int] = []
    for one in before:
        new = wanted.pop((one.place_code, one.state), None)
        changes += _goods(one, new)
        if new is None:
            gone.append(one.id)
        else:
            kept.append(one)
    set_goods(changes=changes)
    change_fulfilments(ids=gone, from_states=("waiting", "allocated"), to_state="cancelled", moment=moment)
    add_fulfilments(
        fulfilments=list(wanted.values()), decisions=[decision_of(promised=promised, cause=cause, moment=moment)]
    )
    return tuple(kept)


def _goods(one: HeldFulfilment, new: NewFulfilment | None) -> list[GoodsChange]:
    units = {(line.order_line_id, line.product_id): Decimal(0) for line in one.lines}
    for line in new.lines if new else ():
        units[line.order_line_id, line.product_id] = line.units
    return [
        GoodsChange(fulfilment_id=one.id, order_line_id=line_id, product_id=product_id, units=each)
        for (line_id, product_id), each in units.items()
    ]
