"""What messages of a lot are worth, so that of several that a customer may not all get the best go first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from reorder.domain.catalog.queries import ProductRow, find_usual_margin_share, list_products_by_sku
from reorder.domain.marketing.effect_figures import list_bounds
from reorder.domain.marketing.journeys.worth import Bounds, extra_orders, order_margin
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.planning.reached import list_usual_orders
from reorder.kernel.money import minor_digits


@dataclass(frozen=True, slots=True)
class _Known:
    products: Mapping[str, ProductRow]
    margin_share: float
    orders_minor: Mapping[int, float]
    bounds: Mapping[tuple[str, str], tuple[float, float]]


def value_messages(*, wanted: Sequence[WantedMessage]) -> list[WantedMessage]:
    """The messages in their order, each with its expected extra margin; what says its own keeps it.

    Messages that are no marketing are worth nothing here: no cap counts them.
    """
    unvalued = [one for one in wanted if _is_unvalued(one)]
    if not unvalued:
        return list(wanted)
    known = _look_up(unvalued)
    return [replace(one, value_minor=_value(one, known)) if _is_unvalued(one) else one for one in wanted]


def _is_unvalued(one: WantedMessage) -> bool:
    return one.purpose == "marketing" and one.value_minor <= 0


def _look_up(wanted: Sequence[WantedMessage]) -> _Known:
    digits = 10 ** minor_digits(currency=settings.REORDER.currency)
    orders = list_usual_orders(customer_ids=sorted({one.customer_id for one in wanted}))
    return _Known(
        products=list_products_by_sku(skus=sorted({sku for one in wanted for sku in one.skus})),
        margin_share=find_usual_margin_share(currency=settings.REORDER.currency),
        orders_minor={customer_id: order * digits for customer_id, order in orders.items()},
        bounds=list_bounds(source_kind="journey", source_keys=sorted({one.source_key for one in wanted})),
    )


def _value(one: WantedMessage, known: _Known) -> float:
    kind = str(one.variables.get("fact", ""))
    found = known.bounds.get((one.source_key, one.step_key)) or known.bounds.get((one.source_key, ""))
    orders = extra_orders(kind=kind, bounds=Bounds(*found) if found else None)
    goods = [
        margin
        for sku in one.skus
        if sku in known.products and (margin := _margin(known.products[sku], known.margin_share)) is not None
    ]
    usual = known.orders_minor.get(one.customer_id, 0.0) * known.margin_share
    return round(orders.share * order_margin(kind=kind, goods_minor=goods, usual_minor=usual), 2)


def _margin(product: ProductRow, usual_share: float) -> float | None:
    if not product.price_minor or product.currency != settings.REORDER.currency:
        return None
    if product.unit_cost_minor is None:
        return product.price_minor * usual_share
    return float(product.price_minor - product.unit_cost_minor)
