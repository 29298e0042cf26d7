"""Which orders can be taken to be fulfilled, and why the others cannot. Pure."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reorder.domain.catalog.queries import ProductRow
from reorder.domain.orders.placing import KnownOrder
from reorder.flows.fulfil import errors
from reorder.flows.fulfil.orders import OrderToPlace
from reorder.flows.order_intake.errors import LineRepeated, OrderInFuture, OrderRepeated, UnknownProducts
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import name_first
from reorder.kernel.quantity import plain_decimal

OLDEST_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What orders are judged by; `known` are those that are there already, by external id."""

    products: Mapping[str, ProductRow]
    known: Mapping[str, KnownOrder]
    latest_at: dt.datetime
    moment: dt.datetime
    has_place: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """An order is new (both None), there already, or refused with its fault."""

    known: KnownOrder | None = None
    fault: BadInput | None = None


def judge_orders(*, orders: Sequence[OrderToPlace], facts: Facts) -> list[Verdict]:
    """What is to be done with each order; one is taken whole or not at all."""
    seen: set[str] = set()
    verdicts = []
    for order in orders:
        if order.external_id in seen:
            verdicts.append(Verdict(fault=OrderRepeated(order=order.external_id)))
        else:
            verdicts.append(_judge(order=order, facts=facts))
        seen.add(order.external_id)
    return verdicts


def _judge(*, order: OrderToPlace, facts: Facts) -> Verdict:
    known = facts.known.get(order.external_id)
    if known is not None:
        is_same = known.fulfilment == "reorder" and known.content_hash == order.content_hash
        return Verdict(known=known) if is_same else Verdict(fault=errors.OrderContentDiffers(order=order.external_id))
    if not facts.has_place:
        return Verdict(fault=errors.NoPlaceYet(order=order.external_id))
    return Verdict(fault=_moment_fault(order=order, facts=facts) or _line_fault(order=order, facts=facts))


def _moment_fault(*, order: OrderToPlace, facts: Facts) -> BadInput | None:
    if order.ordered_at > facts.latest_at:
        return OrderInFuture(order=order.external_id)
    if order.ordered_at < facts.moment - dt.timedelta(days=OLDEST_DAYS):
        return errors.OrderTooOld(order=order.external_id, days=OLDEST_DAYS)
    return None


def _line_fault(*, order: OrderToPlace, facts: Facts) -> BadInput | None:
    unknown = sorted({line.sku for line in order.lines} - facts.products.keys())
    if unknown:
        return UnknownProducts(order=order.external_id, skus=name_first(unknown))
    keys = Counter(line.line_key for line in order.lines if line.line_key)
    twice = sorted(key for key, count in keys.items() if count > 1)
    if twice:
        return LineRepeated(order=order.external_id, line=twice[0])
    for line in order.lines:
        product = facts.products[line.sku]
        if line.units % 1 and not product.is_sold_in_fractions:
            return errors.UnitsNotWhole(order=order.external_id, sku=line.sku, units=plain_decimal(number=line.units))
        if product.currency != order.currency:
            return errors.WrongCurrency(
                order=order.external_id, sku=line.sku, currency=order.currency, wanted=product.currency
            )
    return _total_fault(order=order)


def _total_fault(*, order: OrderToPlace) -> BadInput | None:
    totals = order.summed()
    if totals.reconciles and min(totals.total_minor, totals.discount_minor, totals.shipping_minor) >= 0:
        return None
    return errors.TotalsDiffer.of(order=order.external_id, currency=order.currency, totals=totals)
