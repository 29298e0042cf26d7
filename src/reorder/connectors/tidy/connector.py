"""Recognises tidy files and starts the right translator."""

from collections.abc import Mapping, Sequence

from reorder.connectors.base import Connector, Detection, Kind, ShopDefaults, Translator
from reorder.connectors.tidy.events import TidyEvents
from reorder.connectors.tidy.headers import REQUIRED, WORDS, find_columns
from reorder.connectors.tidy.orders import TidyOrders
from reorder.connectors.tidy.products import TidyProducts
from reorder.connectors.tidy.signals import TidySignals
from reorder.connectors.tidy.stock import TidyStock

# A shop's own export that happens to have our words is better read by its own connector.
_SCORE = 0.6
# An event names somebody, by one of these.
_PEOPLE = {"customer_id", "email"}
# A signal says something, by one of these.
_SAYINGS = {"value", "signal_name", "known_at"}


class TidyConnector:
    """One row a line, product, count, event or signal; the header decides which."""

    name = "tidy"

    def __init__(self, *, columns: Mapping[str, str] | None = None) -> None:
        """`columns` (our word → the file's column) is what a person chose; without it the names of columns decide."""
        self._columns = columns or {}

    def understand(self, *, header: Sequence[str], kind: Kind) -> dict[str, str]:
        if not self._columns:
            return find_columns(header=header, kind=kind)
        return {ours: column for ours, column in self._columns.items() if ours in WORDS[kind] and column in header}

    def detect(self, *, header: Sequence[str]) -> Detection | None:
        found = {kind: find_columns(header=header, kind=kind) for kind in Kind}
        fitting = [kind for kind in Kind if set(REQUIRED[kind]) <= set(found[kind])]
        if Kind.ORDERS in fitting:
            return Detection(kind=Kind.ORDERS, score=_SCORE)
        if Kind.EVENTS in fitting and _PEOPLE & set(found[Kind.EVENTS]):
            return Detection(kind=Kind.EVENTS, score=_SCORE)
        if Kind.SIGNALS in fitting and _SAYINGS & set(found[Kind.SIGNALS]):
            return Detection(kind=Kind.SIGNALS, score=_SCORE)
        if Kind.STOCK in fitting and len(found[Kind.STOCK]) >= len(found[Kind.PRODUCTS]):
            return Detection(kind=Kind.STOCK, score=_SCORE)
        if Kind.PRODUCTS in fitting and len(found[Kind.PRODUCTS]) > 1:
            return Detection(kind=Kind.PRODUCTS, score=_SCORE)
        return None

    def fits(self, *, header: Sequence[str], kind: Kind) -> bool:
        return set(REQUIRED[kind]) <= set(self.understand(header=header, kind=kind))

    def start(self, *, header: Sequence[str], kind: Kind, shop: ShopDefaults) -> Translator:
        columns = self.understand(header=header, kind=kind)
        if kind is Kind.ORDERS:
            return TidyOrders(columns=columns, shop=shop)
        if kind is Kind.PRODUCTS:
            return TidyProducts(columns=columns, shop=shop)
        if kind is Kind.EVENTS:
            return TidyEvents(columns=columns, shop=shop)
        if kind is Kind.SIGNALS:
            return TidySignals(columns=columns, shop=shop)
        return TidyStock(columns=columns)


_: type[Connector] = TidyConnector
