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
from reorder.kernel.spreadsheets import harmless_cell

_SUFFIX = ".rejected.csv"
HEADER = ("row", "column", "value", "reason")


def rejected_file_of(*, path: Path) -> Path:
    """Where the refused rows of a file are listed."""
    return path.with_name(path.name + _SUFFIX)


def _refused_file_of(*, file: Path) -> Path:
    return file.with_name(file.name.removesuffix(_SUFFIX))


def explain(*, refusals: Iterable[RefusalRow]) -> Iterator[RefusedCell]:
    """Refusals with their sentence in the language of the installation."""
    for refusal in refusals:
        sentence = _(REFUSAL_TEMPLATES[refusal.reason_code]).format(detail=refusal.detail)
        yield RefusedCell(refusal.row_number, refusal.column_name, refusal.value or "", sentence)


def write_rejected(*, file: Path, refusals: Iterable[RefusalRow]) -> None:
    """Write the list whole or not at all, for those who may read the file it is about; raises RefusalsNotWritten."""
    unfinished = file.with_name(file.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        # With a byte order mark, Excel reads UTF-8 as such.
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEADER)
            for cell in explain(refusals=refusals):
                cells = (cell.column, cell.value, cell.reason)
                writer.writerow((cell.row_number, *(harmless_cell(text=text) for text in cells)))
            stream.flush()
            os.fsync(descriptor)
        unfinished.chmod(_refused_file_of(file=file).stat().st_mode & 0o666)
        unfinished.replace(file)
    except OSError as fault:
        raise RefusalsNotWritten(file=file, reason=fault.strerror or str(fault)) from fault
