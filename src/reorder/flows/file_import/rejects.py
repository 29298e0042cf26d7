"""Writes `<file>.rejected.csv`: one line for every refused cell, in the order of the file."""

import csv
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from reorder.connectors.base import REFUSAL_TEMPLATES
from reorder.domain.channels.queries import RefusalRow
from reorder.flows.file_import.errors import RefusalsNotWritten
from reorder.flows.file_import.report import RefusedCell

HEADER = ("row", "column", "value", "reason")
# A spreadsheet runs a cell that starts so as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def rejected_file_of(*, path: Path) -> Path:
    """Where the refused rows of a file are listed."""
    return path.with_name(path.name + ".rejected.csv")


def explain(*, refusals: Iterable[RefusalRow]) -> Iterator[RefusedCell]:
    """Refusals with their sentence in the language of the installation."""
    for refusal in refusals:
        sentence = _(REFUSAL_TEMPLATES[refusal.reason_code]).format(detail=refusal.detail)
        yield RefusedCell(refusal.row_number, refusal.column_name, refusal.value or "", sentence)


def write_rejected(*, file: Path, refusals: Iterable[RefusalRow]) -> None:
    """Write the list whole or not at all; raises RefusalsNotWritten."""
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        # With a byte order mark, Excel reads UTF-8 as such.
        with unfinished.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEADER)
            for cell in explain(refusals=refusals):
                writer.writerow((cell.row_number, _harmless(cell.column), _harmless(cell.value), cell.reason))
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(file)
    except OSError as fault:
        raise RefusalsNotWritten(file=file, reason=fault.strerror or str(fault)) from fault


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
