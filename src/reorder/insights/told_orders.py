"""Orders as webhooks tell them: keys, states, figures; no name, address, phone or e-mail leaves here.

Read inside the transaction of the fact, so that what is told is what is committed.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from reorder.domain.storage import fetch_prepared
from reorder.kernel.money import minor_digits
from reorder.kernel.quantity import plain_decimal
from reorder.kernel.stored_json import read_json

_ORDERS: Final = """
SELECT bought.id, bought.channel, bought.external_id, bought.customer_id, bought.ordered_at, bought.currency,
       bought.state, bought.fulfilment, bought.payment_state, bought.hold_reasons,
       bought.goods_minor, bought.discount_minor, bought.shipping_minor, bought.tax_added_minor,
       bought.tax_included_minor, bought.total_minor, bought.paid_minor, bought.refunded_minor,
       (SELECT jsonb_agg(jsonb_build_object('line_key', line.line_key, 'sku', product.sku, 'units', line.units::text,
                   'unit_price_minor', line.unit_price_minor, 'discount_minor', line.discount_minor) ORDER BY line.id)
        FROM orders_orderline AS line JOIN catalog_product AS product ON product.id = line.product_id
        WHERE line.order_id = bought.id) AS lines,
       (SELECT jsonb_agg(jsonb_build_object('id', sent.id, 'place', place.code, 'state', sent.state,
                   'carrier', sent.carrier, 'tracking_number', sent.tracking_number, 'lines',
                   (SELECT jsonb_agg(jsonb_build_object('sku', goods.sku, 'units', line.units::text) ORDER BY line.id)
                    FROM warehouse_fulfilmentline AS line JOIN catalog_product AS goods ON goods.id = line.product_id
                    WHERE line.fulfilment_id = sent.id)) ORDER BY sent.id)
        FROM warehouse_fulfilmentorder AS sent JOIN inventory_place AS place ON place.id = sent.place_id
        WHERE sent.order_id = bought.id) AS fulfilments
FROM orders_order AS bought WHERE bought.id = ANY (%(ids)s::bigint[])
"""
_COLUMNS: Final = (
    "id", "channel", "external_id", "customer_id", "ordered_at", "currency", "state", "fulfilment", "payment_state",
    "hold_reasons", "goods_minor", "discount_minor", "shipping_minor", "tax_added_minor", "tax_included_minor",
    "total_minor", "paid_minor", "refunded_minor", "lines", "fulfilments",
)  # fmt: skip
_AMOUNTS: Final = ("goods", "discount", "shipping", "tax_added", "tax_included", "total", "paid", "refunded")


def list_told_orders(*, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The orders by number, as plain values that JSON can hold; one that does not exist is left out."""
    rows = fetch_prepared(statement=_ORDERS, parameters={"ids": list(ids)})
    return {row[0]: _told(dict(zip(_COLUMNS, row, strict=True))) for row in rows}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    currency = row["currency"]
    return {
        "id": row["id"],
        "channel": row["channel"],
        "external_id": row["external_id"],
        "customer_id": row["customer_id"],
        "ordered_at": row["ordered_at"].isoformat(),
        "state": row["state"],
        "fulfilment": row["fulfilment"],
        "payment_state": row["payment_state"],
        "hold_reasons": list(row["hold_reasons"]),
        "currency": currency,
        **{name: told_amount(minor=row[f"{name}_minor"], currency=currency) for name in _AMOUNTS},
        "lines": [_line(line, currency) for line in _list(row["lines"])],
        "fulfilments": [
            {**sent, "lines": [{**line, "units": _units(line["units"])} for line in sent["lines"] or []]}
            for sent in _list(row["fulfilments"])
        ],
    }


def told_amount(*, minor: int | None, currency: str) -> str | None:
    """Minor units as an exact text in whole units of the currency; None for what nobody knows."""
    return None if minor is None else plain_decimal(number=Decimal(minor).scaleb(-minor_digits(currency=currency)))


def _line(line: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        "line_key": line["line_key"],
        "sku": line["sku"],
        "units": _units(line["units"]),
        "unit_price": told_amount(minor=line["unit_price_minor"], currency=currency),
        "discount": told_amount(minor=line["discount_minor"], currency=currency),
    }


def _units(text: str) -> str:
    return plain_decimal(number=Decimal(text))


def _list(value: Any) -> list[dict[str, Any]]:
    """Connections of Django give jsonb as text."""
    return list(read_json(value) or [])
