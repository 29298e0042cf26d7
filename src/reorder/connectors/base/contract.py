"""The Protocol of a connector: recognise a file by its header, then translate batches of its rows."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import polars as pl

from reorder.kernel.errors import BadInput


class WrongExport(BadInput):
    """The file is known, but it lacks what an import needs; the parameters say what to export instead."""

    code = "import.wrong_export"
    template = "{file_kind}: {reason} {remedy}"


class Kind(StrEnum):
    """What the rows of a file are."""

    ORDERS = "orders"
    PRODUCTS = "products"
    STOCK = "stock"
    EVENTS = "events"
    SIGNALS = "signals"


@dataclass(frozen=True, slots=True)
class ShopDefaults:
    """What holds where a file is silent: IANA time zone of times without offset, ISO 4217 currency of amounts.

    An order after `latest_at` cannot have happened yet; the moment leaves room for clocks that are set wrong.
    Two shops may give the same id to different people, so ids are kept under the shop's `channel`; those of plain
    files (channel `file`) stay as they are.
    """

    time_zone: str
    currency: str
    latest_at: dt.datetime
    channel: str = "file"

    @property
    def id_prefix(self) -> str:
        """What stands before the ids of people from this shop."""
        return "" if self.channel == "file" else f"{self.channel}:"


@dataclass(frozen=True, slots=True)
class Detection:
    """How surely a header belongs to a connector (share from 0 to 1) and what its rows are."""

    kind: Kind
    score: float


@dataclass(frozen=True, slots=True)
class Translated:
    """One batch: rows for staging (columns of `STAGED_COLUMNS`) and refusals (columns of `REFUSALS`)."""

    rows: pl.DataFrame
    refused: pl.DataFrame


class Translator(Protocol):
    """Translates the batches of one file in their order; may remember the order whose rows go on in the next batch."""

    def translate(self, *, rows: pl.DataFrame) -> Translated:
        """Translate raw rows: String columns as in the file, and `row_number` (the header is row 1)."""


class Connector(Protocol):
    """One shop system or file layout."""

    name: str

    def detect(self, *, header: Sequence[str]) -> Detection | None:
        """How surely this header is ours; raises WrongExport for a file of ours that cannot be imported."""

    def fits(self, *, header: Sequence[str], kind: Kind) -> bool:
        """Whether a file with this header can be read as `kind`, when the caller says that it is."""

    def understand(self, *, header: Sequence[str], kind: Kind) -> dict[str, str]:
        """Our word → the file's column, for people who want to see how a header is read; complete or not."""

    def start(self, *, header: Sequence[str], kind: Kind, shop: ShopDefaults) -> Translator:
        """A translator for one file with this header."""


def normal_header(*, name: str) -> str:
    """A column name as it is compared: lower case, words joined by one underscore, Chinese kept."""
    return re.sub(r"[\W_]+", "_", name.strip().lower()).strip("_")
