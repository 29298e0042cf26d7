"""Which connector reads a file: the one that is surest of the header, unless the caller names kind or connector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reorder.connectors.base import Connector, Kind
from reorder.connectors.shopify import ShopifyConnector
from reorder.connectors.tidy import TidyConnector
from reorder.connectors.woocommerce import WooCommerceConnector
from reorder.flows.file_import.errors import UnknownFormat, UnknownHeader

CONNECTORS: tuple[Connector, ...] = (TidyConnector(), ShopifyConnector(), WooCommerceConnector())


@dataclass(frozen=True, slots=True)
class Recognised:
    """The connector that reads a file, and what its rows are."""

    connector: Connector
    kind: Kind


def recognise(
    *, file: str, header: Sequence[str], kind: str | None, columns: Mapping[str, str] | None = None
) -> Recognised:
    """The connector for a header; raises UnknownHeader, UnknownFormat, and WrongExport from a connector.

    With `columns` (our word → the file's column) a person has said what the columns are, and `kind` must be given.
    """
    if columns:
        return _as_told(file=file, header=header, kind=kind, columns=columns)
    found = [(connector, connector.detect(header=header)) for connector in CONNECTORS]
    fitting = [(detection.score, connector, detection.kind) for connector, detection in found if detection]
    if kind is not None:
        if kind not in set(Kind):
            raise UnknownFormat(file=file, given=kind, known=", ".join(Kind))
        scores = {connector.name: detection.score for connector, detection in found if detection}
        able = [connector for connector in CONNECTORS if connector.fits(header=header, kind=Kind(kind))]
        fitting = [(scores.get(connector.name, 0.0), connector, Kind(kind)) for connector in able]
    if not fitting:
        raise UnknownHeader(file=file, columns=", ".join(name for name in header if name)[:500] or "none")
    _, connector, best = max(fitting, key=lambda found: found[0])
    return Recognised(connector=connector, kind=best)


def _as_told(*, file: str, header: Sequence[str], kind: str | None, columns: Mapping[str, str]) -> Recognised:
    if kind not in set(Kind):
        raise UnknownFormat(file=file, given=kind, known=", ".join(Kind))
    connector = TidyConnector(columns=columns)
    if not connector.fits(header=header, kind=Kind(kind)):
        raise UnknownHeader(file=file, columns=", ".join(name for name in header if name)[:500] or "none")
    return Recognised(connector=connector, kind=Kind(kind))
