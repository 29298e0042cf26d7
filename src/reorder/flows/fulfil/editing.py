"""An order is changed before the warehouse has it: promised and priced anew in one transaction, or not at all."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from reorder.domain.catalog.queries import ProductRow, list_products_by_sku
from reorder.domain.customers.addresses import ShippingAddress, find_address, keep_addresses
from reorder.domain.inventory.waiting import set_waiting
from reorder.domain.orders import editing
from reorder.domain.orders.editing import HeldLine, OrderTerms
from reorder.domain.orders.errors import BadOrderChange, OrderMovedOn, PartShipped
from reorder.domain.orders.life import LockedOrder
from reorder.domain.orders.placing import OrderLineRow, reserve_ids
from reorder.domain.orders.price_uses import list_rule_codes_of_order, settle_rule_uses
from reorder.domain.orders.rules import UNRELEASED, demand_key_of
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.rules import IN_WORK
from reorder.flows.fulfil.amounts import Priced, price_again, price_given, price_in_proportion, totals_of
from reorder.flows.fulfil.cancelling import forget_goods, give_back, write_lines
from reorder.flows.fulfil.changes import Keep, OrderChanges, WantedLine, lines_after, told_lines
from reorder.flows.fulfil.following import HeldOrder, audit, goods_of, hold_order_row, mark_changed, tell
from reorder.flows.fulfil.holding import follow_goods, follow_wanted_date
from reorder.flows.fulfil.repromising import (
    Ground,
    ServedLine,
    goods_given_back,
    lock_ground,
    plan_again,
    promise_again,
    write_again,
)
from reorder.flows.fulfil.settling import MoneyDue, follow_payment, money_due, terms_of

_LONGEST_METHOD: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEdited:
    """An order after it was changed; amounts in minor units of its currency.

    The difference is told, not moved: somebody asks for `to_pay_minor` or gives `to_refund_minor` back.
    """

    order_id: int
    state: str
    payment_state: str
    total_before_minor: int
    total_minor: int
    to_pay_minor: int
    to_refund_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """Everything that one edit works on."""

    held: HeldOrder
    changes: OrderChanges
    lines: Sequence[HeldLine]
    products: Mapping[str, ProductRow]
    wanted: Sequence[WantedLine]
    ship_to: ShippingAddress | None
    moment: dt.datetime

    @property
    def order(self) -> LockedOrder:
        return self.held.order

    @property
    def ship_method(self) -> str:
        given = self.changes.ship_method
        return self.order.ship_method if given is None else given.strip()

    @property
    def wanted_date(self) -> dt.date | None:
        given = self.changes.not_before_date
        return self.order.not_before_date if isinstance(given, Keep) else given


def edit_order(*, order_id: int, changes: OrderChanges, actor: Actor, moment: dt.datetime) -> OrderEdited:
    """Change lines, address, way of shipping, wanted day or amounts of an order that the warehouse does not have yet.

    Stock is given back and promised anew in one transaction: an order that cannot be promised so stays as it was.
    Raises GoodsShort, OrderMovedOn (take the release back first), PartShipped, UnknownLine, UnknownProducts,
    LineRepeated, UnitsNotWhole, WrongCurrency, TotalsDiffer, BadOrderChange, PriceRuleUsedUp, UnknownOrder, NotOurs,
    and what pricing raises.
    """
    with one_transaction():
        held = hold_order_row(order_id=order_id)
        edit = _load(held=held, changes=changes, moment=moment)
        return _write(edit=edit, actor=actor)


def _load(*, held: HeldOrder, changes: OrderChanges, moment: dt.datetime) -> _Edit:
    order = held.order
    _refuse(held=held, changes=changes)
    lines = editing.list_held_lines(order_ids=[order.id])
    skus = sorted({line.sku for line in lines} | {line.sku for line in changes.added if "\x00" not in line.sku})
    products = list_products_by_sku(skus=skus)
    known = find_address(address_id=order.ship_to_id) if order.ship_to_id else None
    return _Edit(
        held=held,
        changes=changes,
        lines=lines,
        products=products,
        wanted=lines_after(
            order=order.external_id, currency=order.currency, lines=lines, changes=changes, products=products
        ),
        ship_to=changes.ship_to or known,
        moment=moment,
    )


def _refuse(*, held: HeldOrder, changes: OrderChanges) -> None:
    order = held.order
    if held.gone and order.state in UNRELEASED:
        raise PartShipped(order=order.external_id)
    if order.state not in UNRELEASED or any(one.state in IN_WORK for one in held.fulfilments):
        raise OrderMovedOn(order=order.external_id, state=order.state, wanted="editing")
    if changes == replace(OrderChanges(), note=changes.note, if_short=changes.if_short) and not changes.note.strip():
        raise BadOrderChange(order=order.external_id, reason="nothing of it would change")
    if changes.ship_method is not None and (
        len(changes.ship_method) > _LONGEST_METHOD or "\x00" in changes.ship_method
    ):
        raise BadOrderChange(order=order.external_id, reason="a way of shipping is a code of at most 60 characters")


def _write(*, edit: _Edit, actor: Actor) -> OrderEdited:
    order, moment = edit.order, edit.moment
    priced = _price(edit=edit)
    due = money_due(order=order, total_minor=priced.totals.total_minor)
    numbered = _number(edit=edit, lines=priced.lines)
    if edit.changes.moves_goods and order.state != "draft":
        _serve_again(edit=edit, numbered=numbered)
    else:
        _write_lines(edit=edit, numbered=numbered)
    # The address after the levels, as a new order writes it.
    editing.change_terms(order_id=order.id, terms=_terms(edit=edit, priced=priced, due=due), from_states=[order.state])
    now = hold_order_row(order_id=order.id)
    after = follow_goods(held=now, actor=actor, moment=moment) if now.fulfilments else now.order
    follow_wanted_date(order=after, wanted=edit.wanted_date, actor=actor, moment=moment)
    follow_payment(order=after, due=due, actor=actor, moment=moment)
    details = _told(edit=edit, priced=priced, due=due)
    tell(order=after, kind="edited", to_state=after.state, actor=actor, moment=moment, details=details)
    mark_changed(orders=[order], goods=goods_of(fulfilments=[*edit.held.open, *now.open]))
    if priced.uses is not None:
        # After the marks, as a new order uses its coupons.
        settle_rule_uses(order_id=order.id, discounts_minor=priced.uses, moment=moment)
    audit(actor=actor, action="orders.edit", order=order, details={k: details[k] for k in details if k != "price"})
    return OrderEdited(
        order_id=order.id,
        state=after.state,
        payment_state=due.payment_state,
        total_before_minor=totals_of(order=order).total_minor,
        total_minor=priced.totals.total_minor,
        to_pay_minor=due.to_pay_minor,
        to_refund_minor=due.to_refund_minor,
    )


def _price(*, edit: _Edit) -> Priced:
    """By another system's amounts, by our rules where they priced it, or in proportion."""
    order = edit.order
    if edit.changes.totals is not None:
        return price_given(order=order, lines=edit.wanted, totals=edit.changes.totals)
    if editing.is_priced_here(order_id=order.id) and edit.changes.moves_goods:
        coupons, _automatic = list_rule_codes_of_order(order_id=order.id)
        return price_again(
            order=order,
            lines=edit.wanted,
            coupon_codes=coupons,
            ship_method=edit.ship_method,
            country=edit.ship_to.country if edit.ship_to else "",
            postcode=edit.ship_to.postcode if edit.ship_to else order.ship_postcode,
            moment=edit.moment,
        )
    return price_in_proportion(order=order, before=edit.lines, after=edit.wanted)


def _number(*, edit: _Edit, lines: Sequence[WantedLine]) -> list[tuple[int, WantedLine]]:
    """The lines with their numbers, new ones with reserved ones."""
    new = [line for line in lines if line.before is None]
    _, ids = reserve_ids(orders_count=0, lines_count=len(new))
    numbers = iter(ids)
    return [(line.before.id if line.before else next(numbers), line) for line in lines]


def _terms(*, edit: _Edit, priced: Priced, due: MoneyDue) -> OrderTerms:
    terms = replace(
        terms_of(order=edit.order, totals=priced.totals, due=due),
        ship_method=edit.ship_method,
        not_before_date=edit.wanted_date,
    )
    address = edit.changes.ship_to
    if address is None:
        return terms
    customer_id = edit.order.customer_id
    kept = keep_addresses(addresses=[(customer_id, address)])
    return replace(terms, ship_to_id=kept[customer_id, address.content_hash], ship_postcode=address.postcode)


def _serve_again(*, edit: _Edit, numbered: Sequence[tuple[int, WantedLine]]) -> None:
    """Give back what the order has, and promise what it is to have; raises GoodsShort when that cannot be."""
    held, order, moment = edit.held, edit.order, edit.moment
    products = {line.product_id for line in edit.lines} | {line.product_id for _, line in numbered}
    ground = lock_ground(order=order, product_ids=products, moment=moment)
    give_back(held=held, moment=moment)
    served = [
        ServedLine(
            line_id=line_id,
            sku=line.sku,
            units=line.units,
            unit_price_minor=line.unit_price_minor,
            discount_minor=line.discount_minor,
        )
        for line_id, line in numbered
    ]
    _promise(edit=edit, served=served, ground=ground, numbered=numbered)


def _promise(
    *, edit: _Edit, served: Sequence[ServedLine], ground: Ground, numbered: Sequence[tuple[int, WantedLine]]
) -> None:
    held, moment = edit.held, edit.moment
    plan = plan_again(
        order=edit.order,
        lines=served,
        ship_to=edit.ship_to,
        # Who waited already goes on waiting, for so much; an edit does not throw an order out of the queue.
        if_short=edit.changes.if_short,
        ground=ground,
    )
    promised = promise_again(
        plan=plan,
        held=held,
        ground=ground,
        key=f"edited {held.event_id}",
        moment=moment,
        own=goods_given_back(held=held),
    )
    if promised.fault is not None:
        raise promised.fault
    waits = {(part.order_line_id, part.product_id) for part, _ in promised.waiting}
    set_waiting(
        units={
            (demand_key_of(order_line_id=goods.order_line_id), goods.product_id): Decimal(0)
            for one in held.fulfilments
            if one.state == "waiting"
            for goods in one.lines
            if (goods.order_line_id, goods.product_id) not in waits
        }
    )
    _add_lines(edit=edit, numbered=numbered)
    write_again(before=held.open, promised=promised, cause="edited", moment=moment)
    kept = {line_id for line_id, _ in numbered}
    gone = [line.id for line in edit.lines if line.id not in kept]
    forget_goods(fulfilments=held.fulfilments, line_ids=gone)
    write_lines(order=edit.order, before=edit.lines, after=[line for _, line in numbered])


def _write_lines(*, edit: _Edit, numbered: Sequence[tuple[int, WantedLine]]) -> None:
    _add_lines(edit=edit, numbered=numbered)
    write_lines(order=edit.order, before=edit.lines, after=[line for _, line in numbered])


def _add_lines(*, edit: _Edit, numbered: Sequence[tuple[int, WantedLine]]) -> None:
    place = edit.lines[0].demand_place_code if edit.lines else ""
    new = [
        OrderLineRow(
            id=line_id,
            order_id=edit.order.id,
            line_key=line.line_key,
            product_id=line.product_id,
            units=line.units,
            unit_price_minor=line.unit_price_minor,
            discount_minor=line.discount_minor,
            demand_place_code=place,
        )
        for line_id, line in numbered
        if line.before is None
    ]
    if new:
        editing.add_lines(lines=new)


def _told(*, edit: _Edit, priced: Priced, due: MoneyDue) -> dict[str, Any]:
    """What the event says: keys and figures, where the parcel goes only as far as that it changed."""
    changes, order = edit.changes, edit.order
    told: dict[str, Any] = {
        "lines": told_lines(before=edit.lines, after=priced.lines),
        "total_minor": {"from": totals_of(order=order).total_minor, "to": priced.totals.total_minor},
        "to_pay_minor": due.to_pay_minor,
        "to_refund_minor": due.to_refund_minor,
    }
    if changes.ship_to is not None:
        told["address"] = "changed"
    if edit.ship_method != order.ship_method:
        told["ship_method"] = {"from": order.ship_method, "to": edit.ship_method}
    if edit.wanted_date != order.not_before_date:
        told["not_before_date"] = edit.wanted_date.isoformat() if edit.wanted_date else ""
    if changes.note.strip():
        told["note"] = changes.note.strip()[:2000]
    if priced.details is not None:
        told["price"] = dict(priced.details)
    return told
