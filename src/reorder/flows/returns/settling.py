"""A return ends: money back the way it came, store credit, other goods at no charge, or nothing; once, never too much.

What goes back for a line never exceeds what its sold units came to, however many returns it had: every return counts
the value it settled (`ReturnLine.refund_minor`), whatever the customer got for it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.customers.addresses import find_address
from reorder.domain.customers.queries import get_customer
from reorder.domain.orders.editing import change_tags
from reorder.domain.orders.life import LockedOrder
from reorder.domain.orders.price_uses import settle_rule_uses
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import widened_transaction
from reorder.domain.warehouse.return_errors import BadReturnInput, NotInspectedYet, RefundAboveValue
from reorder.domain.warehouse.return_rules import Amounts, SoldLine, amounts_of
from reorder.domain.warehouse.returns import (
    HeldReturn,
    SoldGoods,
    change_return,
    list_sold_goods,
    set_line_refund,
)
from reorder.flows import fulfil
from reorder.flows.fulfil import LineToPlace, OrderToPlace, Totals
from reorder.flows.order_intake import Buyer
from reorder.flows.order_mail import mail_return
from reorder.flows.paying import refund_order
from reorder.flows.returns.telling import HeldCase, hold_case, tell_return
from reorder.insights.shop_orders import ShopOrder, get_shop_order
from reorder.kernel.formatting import format_money
from reorder.kernel.quantity import plain_decimal

EXCHANGE_CHANNEL: Final = "exchange"
_MAILS: Final = {"refund": "refunded", "credit": "credited", "exchange": "exchanged", "none": "ended"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a return ends: `refund`, `credit`, `exchange` or `none`. Without an amount all that it is worth goes back.

    `exchange_goods` are (SKU, units); empty: what came back. `word` is added to the mail.
    """

    resolution: str
    amount_minor: int | None = None
    exchange_goods: Sequence[tuple[str, Decimal]] = ()
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a return came to; amounts in minor units of the order's currency."""

    return_id: int
    resolution: str
    refund_minor: int
    exchange_order_id: int | None


def propose_amounts(*, order: LockedOrder | ShopOrder, held: HeldReturn, sold: Mapping[int, SoldGoods]) -> Amounts:
    """What the goods of a return that came are worth: net of discounts, with tax, shipping and the fee by rule."""
    lines = []
    for line in held.lines:
        one = sold[line.order_line_id]
        # `returned_units` counts this return too.
        before = one.returned_units - line.units
        known = SoldLine(
            order_line_id=one.order_line_id,
            units=one.units,
            net_minor=one.net_minor,
            returned_before=max(before, Decimal(0)),
            refunded_before_minor=one.refunded_minor - line.refund_minor,
        )
        lines.append((known, line.received_units))
    return amounts_of(
        lines=lines,
        order_net_minor=(order.goods_minor or 0) - order.discount_minor,
        tax_added_minor=order.tax_added_minor,
        shipping_minor=order.shipping_minor,
        is_all_back=_is_all_back(sold),
        refunds_shipping=held.refunds_shipping,
        fee_minor=held.fee_minor if held.payer == "customer" else 0,
    )


def refundable_minor(*, order: LockedOrder | ShopOrder, amounts: Amounts) -> int:
    """What can go back: no more than the order has paid and was not given back."""
    return max(min(amounts.total_minor, order.paid_minor - order.refunded_minor), 0)


def refundable_of(*, held: HeldReturn, sold: Mapping[int, SoldGoods]) -> int:
    """What would go back for a return now, for its page; the settling itself looks again while it holds the order."""
    order = get_shop_order(order_id=held.order_id, customer_id=None)
    return refundable_minor(order=order, amounts=propose_amounts(order=order, held=held, sold=sold))


def settle_return(*, return_id: int, settlement: Settlement, actor: Actor, moment: dt.datetime) -> Settled:
    """End a return whose goods are graded: money, credit or other goods, the mail and the event, in one transaction.

    Settling the same return twice is an error that changes nothing. Raises UnknownReturn, ReturnMovedOn,
    NotInspectedYet, RefundAboveValue, BadReturnInput, and what a refund or an order raises.
    """
    with widened_transaction():
        return settle_held(return_id=return_id, settlement=settlement, actor=actor, moment=moment)


def settle_held(*, return_id: int, settlement: Settlement, actor: Actor, moment: dt.datetime) -> Settled:
    """`settle_return` within the caller's widened transaction."""
    case = hold_case(return_id=return_id, actor=actor)
    held = case.held
    if held.ungraded:
        units = sum((one.units for one in held.ungraded), Decimal(0))
        raise NotInspectedYet(number=held.number, units=plain_decimal(number=units))
    held.require(states=["inspected"], wanted="settling")
    if settlement.resolution not in _MAILS:
        raise BadReturnInput(reason="choose what the customer gets")
    sold = {one.order_line_id: one for one in list_sold_goods(order_id=case.order.id)}
    amounts = propose_amounts(order=case.order, held=held, sold=sold)
    refund = _give_back(case=case, settlement=settlement, amounts=amounts, actor=actor, moment=moment)
    exchange_id = _exchange(case=case, settlement=settlement, sold=sold, actor=actor, moment=moment)
    for line in held.lines:
        set_line_refund(line_id=line.id, refund_minor=amounts.by_line.get(line.order_line_id, 0))
    change_return(
        held=held,
        to_state="closed",
        moment=moment,
        resolution=settlement.resolution,
        refund_minor=refund,
        shipping_refund_minor=amounts.shipping_minor if refund else 0,
        exchange_order_id=exchange_id,
    )
    if sold and _is_all_back(sold):
        # Its coupons can be used again: it is as if it had never been bought.
        settle_rule_uses(order_id=case.order.id, discounts_minor={}, moment=moment)
    details = {"resolution": settlement.resolution, "refund_minor": refund, "exchange_order": exchange_id}
    tell_return(case=case, kind="closed", actor=actor, moment=moment, note=settlement.word.strip(), details=details)
    mail_return(
        order_id=case.order.id,
        return_id=held.id,
        number=held.number,
        kind=_MAILS[settlement.resolution] if refund or exchange_id else "ended",
        word=settlement.word.replace("\x00", "").strip(),
        amount_minor=refund,
        moment=moment,
    )
    return Settled(
        return_id=return_id, resolution=settlement.resolution, refund_minor=refund, exchange_order_id=exchange_id
    )


def _give_back(*, case: HeldCase, settlement: Settlement, amounts: Amounts, actor: Actor, moment: dt.datetime) -> int:
    if settlement.resolution not in {"refund", "credit"}:
        return 0
    most = refundable_minor(order=case.order, amounts=amounts)
    wanted = most if settlement.amount_minor is None else settlement.amount_minor
    if wanted < 0 or wanted > most:
        money = case.order.currency
        raise RefundAboveValue(wanted=format_money(wanted, currency=money), most=format_money(most, currency=money))
    if wanted:
        refund_order(
            order_id=case.order.id,
            key=f"return:{case.held.id}",
            actor=actor.name,
            moment=moment,
            reason=case.held.number,
            amount_minor=wanted,
            way="store_credit" if settlement.resolution == "credit" else "original",
        )
    return wanted


def _exchange(
    *, case: HeldCase, settlement: Settlement, sold: Mapping[int, SoldGoods], actor: Actor, moment: dt.datetime
) -> int | None:
    """Other goods, as an order of their own at no charge; what is not there is waited for."""
    if settlement.resolution != "exchange":
        return None
    order, held = case.order, case.held
    goods = list(settlement.exchange_goods) or _same_goods(held=held, sold=sold)
    if not goods:
        raise BadReturnInput(reason="say which goods the customer gets")
    known = list_products_by_sku(skus=[sku for sku, _ in goods])
    for sku, units in goods:
        if sku not in known or not (units.is_finite() and 0 < units < 10_000):
            raise BadReturnInput(reason="say which goods the customer gets")
    outcome = fulfil.place_order(
        order=OrderToPlace(
            external_id=held.number,
            ordered_at=moment,
            currency=order.currency,
            buyer=Buyer(),
            customer_key=get_customer(customer_id=order.customer_id).key,
            lines=tuple(LineToPlace(sku=sku, units=units, unit_price_minor=0) for sku, units in goods),
            ship_to=find_address(address_id=order.ship_to_id) if order.ship_to_id else None,
            payment="paid",
            ship_method=order.ship_method,
            totals=Totals(goods_minor=0, total_minor=0),
            if_short="wait",
        ),
        channel=EXCHANGE_CHANNEL,
        actor=actor,
        moment=moment,
    )
    if outcome.order_id is not None:
        change_tags(order_id=outcome.order_id, added=["exchange"], removed=[])
    return outcome.order_id


def _same_goods(*, held: HeldReturn, sold: Mapping[int, SoldGoods]) -> list[tuple[str, Decimal]]:
    return [(sold[line.order_line_id].sku, line.received_units) for line in held.lines if line.received_units > 0]


def _is_all_back(sold: Mapping[int, SoldGoods]) -> bool:
    return all(one.returned_units >= one.units for one in sold.values())


REASON_TEMPLATES: Final = ("choose what the customer gets", "say which goods the customer gets")
