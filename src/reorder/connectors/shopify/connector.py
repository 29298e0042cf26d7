"""Recognises Shopify's order export."""

from collections.abc import Sequence

from reorder.connectors.base import Connector, Detection, Kind, ShopDefaults, Translator, normal_header
from reorder.connectors.shopify.orders import ShopifyOrders

# Older exports lack the last columns, so columns are found by name and only these must be there.
_REQUIRED = {"name", "created_at", "lineitem_quantity", "lineitem_sku", "lineitem_price"}


class ShopifyConnector:
    """Orders as `Orders > Export` in Shopify's admin writes them."""

    name = "shopify"

    def detect(self, *, header: Sequence[str]) -> Detection | None:
        return Detection(kind=Kind.ORDERS, score=1.0) if self.fits(header=header, kind=Kind.ORDERS) else None

    def fits(self, *, header: Sequence[str], kind: Kind) -> bool:
        return kind is Kind.ORDERS and {normal_header(name=name) for name in header} >= _REQUIRED

    def start(self, *, header: Sequence[str], kind: Kind, shop: ShopDefaults) -> Translator:
        columns: dict[str, str] = {}
        for name in header:
            columns.setdefault(normal_header(name=name), name)
        return ShopifyOrders(columns=columns, shop=shop)


_: type[Connector] = ShopifyConnector
