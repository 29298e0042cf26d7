"""What every connector shares: staged columns, refusals and the Protocol; a connector translates and stores nothing."""

from reorder.connectors.base.contract import (
    Connector,
    Detection,
    Kind,
    ShopDefaults,
    Translated,
    Translator,
    WrongExport,
    normal_header,
)
from reorder.connectors.base.refusals import REFUSAL_TEMPLATES, REFUSALS, Refusals
from reorder.connectors.base.staged import STAGED_COLUMNS, shape_staged

__all__ = [
    "REFUSALS",
    "REFUSAL_TEMPLATES",
    "STAGED_COLUMNS",
    "Connector",
    "Detection",
    "Kind",
    "Refusals",
    "ShopDefaults",
    "Translated",
    "Translator",
    "WrongExport",
    "normal_header",
    "shape_staged",
]
