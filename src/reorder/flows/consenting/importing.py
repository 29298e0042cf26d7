"""Consents out of a file, each row with its proof; what is refused is told with its row."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.flows.consenting.declaring import Declaration, record_declarations
from reorder.flows.file_import.lists import ListRow, RefusedRow, read_list

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("customer", "customer_id", "email", "e-mail", "顧客", "會員編號", "電子郵件"),
    "consent": ("consent", "agreed", "accepts_marketing", "同意"),
    "declared_at": ("declared_at", "date", "time", "時間", "日期"),
    "source": ("source", "where", "來源"),
    "proof": ("proof", "evidence", "證明"),
    "channel": ("channel", "管道"),
    "topic": ("topic", "主題"),
    "text_version": ("text_version", "version", "版本"),
}
_REQUIRED: Final = ("customer", "consent", "declared_at", "source")
_YES: Final = frozenset({"yes", "y", "true", "1", "on", "是", "同意"})
_NO: Final = frozenset({"no", "n", "false", "0", "off", "否", "不同意"})


@dataclass(frozen=True, slots=True)
class ImportedConsents:
    """How many rows were new and how many recorded before; every other one with its reason."""

    new_count: int
    known_count: int
    refused: Sequence[RefusedRow]


def import_consents(*, path: Path, decided_by: str, moment: dt.datetime) -> ImportedConsents:
    """Take the rows of a CSV, TSV, XLSX or Parquet file into the ledgers; the same file again changes nothing.

    Raises BadReading where a column is missing, and the errors of files that cannot be read at all.
    """
    rows, refused = read_list(path=path, words=COLUMNS, required=_REQUIRED)
    good: list[tuple[ListRow, Declaration]] = []
    for row in rows:
        read = _read(row)
        if isinstance(read, Declaration):
            good.append((row, read))
        else:
            refused.append(RefusedRow(row.number, read, row.cell("customer")[:200]))
    found = record_declarations(declarations=[one for _, one in good], decided_by=decided_by, moment=moment)
    refused += [
        RefusedRow(row.number, outcome.reason, one.customer[:200])
        for (row, one), outcome in zip(good, found, strict=True)
        if outcome.outcome == "refused"
    ]
    outcomes = [outcome.outcome for outcome in found]
    return ImportedConsents(
        new_count=outcomes.count("new"),
        known_count=outcomes.count("known"),
        refused=sorted(refused, key=lambda one: one.number),
    )


def _read(row: ListRow) -> Declaration | str:
    said = row.cell("consent").lower()
    if said not in _YES | _NO:
        return "say yes or no"
    declared_at = _moment(row.cell("declared_at"))
    if declared_at is None:
        return "it is no moment; write one like 2026-11-23T10:00:00+08:00"
    return Declaration(
        customer=row.cell("customer"),
        is_granted=said in _YES,
        declared_at=declared_at,
        source=row.cell("source"),
        proof=row.cell("proof"),
        channel=row.cell("channel") or "email",
        topic=row.cell("topic"),
        text_version=row.cell("text_version"),
    )


def _moment(text: str) -> dt.datetime | None:
    """A moment of the shop's clock where it names no zone."""
    try:
        read = dt.datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(settings.REORDER.time_zone))
