"""Recognises tidy files and starts the right translator."""

from collections.abc import Sequence

from reorder.connectors.base import Connector, Detection, Kind, ShopDefaults, Translator
from reorder.connectors.tidy.headers import REQUIRED, find_columns
from reorder.connectors.tidy.orders import TidyOrders
from reorder.connectors.tidy.products import TidyProducts
from reorder.connectors.tidy.stock import TidyStock

# A shop's own export that happens to have our words is better read by its own connector.
_SCORE = 0.6


class TidyConnector:
    """One row a line, product or count; the header decides which."""

    name = "tidy"

    def detect(self, *, header: Sequence[str]) -> Detection | None:
        found = {kind: find_columns(header=header, kind=kind) for kind in Kind}
        fitting = [kind for kind in Kind if set(REQUIRED[kind]) <= set(found[kind])]
        if Kind.ORDERS in fitting:
            return Detection(kind=Kind.ORDERS, score=_SCORE)
        if Kind.STOCK in fitting and len(found[Kind.STOCK]) >= len(found[Kind.PRODUCTS]):
            return Detection(kind=Kind.STOCK, score=_SCORE)
        if Kind.PRODUCTS in fitting and len(found[Kind.PRODUCTS]) > 1:
            return Detection(kind=Kind.PRODUCTS, score=_SCORE)
        return None

    def fits(self, *, header: Sequence[str], kind: Kind) -> bool:
        return set(REQUIRED[kind]) <= set(find_columns(header=header, kind=kind))

    def start(self, *, header: Sequence[str], kind: Kind, shop: ShopDefaults) -> Translator:
        columns = find_columns(header=header, kind=kind)
        if kind is Kind.ORDERS:
            return TidyOrders(columns=columns, shop=shop)
        if kind is Kind.PRODUCTS:
            return TidyProducts(columns=columns, shop=shop)
        return TidyStock(columns=columns)


_: type[Connector] = TidyConnector
