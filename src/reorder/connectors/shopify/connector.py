"""Recognises Shopify's order export."""

from collections.abc import Sequence

from reorder.connectors.base import Connector, Detection, Kind, ShopDefaults, Translator, normal_header
from reorder.connectors.shopify.orders import ShopifyOrders

# Older exports lack the last columns, so columns are found by name and only these must be there.
_REQUIRED = {"name", "created_at", "lineitem_quantity", "lineitem_sku", "lineitem_price"}
# Our words for the columns that are read, those that stand in for another one last.
_MEANINGS = {
    "order_id": "name",
    "ordered_at": "created_at",
    "sku": "lineitem_sku",
    "quantity": "lineitem_quantity",
    "unit_price": "lineitem_price",
    "product_name": "lineitem_name",
    "email": "email",
    "phone": "phone",
    "accepts_marketing": "accepts_marketing",
    "currency": "currency",
    "status": "financial_status",
    "cancelled_at": "cancelled_at",
    "customer_name": "shipping_name",
    "customer_name_2": "billing_name",
    "postcode": "shipping_zip",
    "postcode_2": "billing_zip",
    "country": "shipping_country",
    "country_2": "billing_country",
    "place": "location",
}


class ShopifyConnector:
    """Orders as `Orders > Export` in Shopify's admin writes them."""

    name = "shopify"

    def detect(self, *, header: Sequence[str]) -> Detection | None:
        return Detection(kind=Kind.ORDERS, score=1.0) if self.fits(header=header, kind=Kind.ORDERS) else None

    def fits(self, *, header: Sequence[str], kind: Kind) -> bool:
        return kind is Kind.ORDERS and {normal_header(name=name) for name in header} >= _REQUIRED

    def understand(self, *, header: Sequence[str], kind: Kind) -> dict[str, str]:
        columns = {normal_header(name=name): name for name in reversed(header)}
        return {ours: columns[theirs] for ours, theirs in _MEANINGS.items() if theirs in columns}

    def start(self, *, header: Sequence[str], kind: Kind, shop: ShopDefaults) -> Translator:
        columns: dict[str, str] = {}
        for name in header:
            columns.setdefault(normal_header(name=name), name)
        return ShopifyOrders(columns=columns, shop=shop)


_: type[Connector] = ShopifyConnector
