"""Files of the floor, line by line: read whole, with every fault told by its line, before anything is saved.

Separated by commas or semicolons, in UTF-8 (with or without its mark) or Big5, with a row of column names.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from reorder.kernel.errors import BadInput

MOST_BYTES: Final = 20_000_000
_MOST_FAULTS: Final = 200
_LONGEST_VALUE: Final = 60
# Reasons of lines, for who translates them.
REASON_TEMPLATES: Final = (
    "it is empty",
    "it is larger than 20 MB",
    "it is neither UTF-8 nor Big5 text",
    "it is no number",
    "it is not above 0",
    "say yes or no",
    "this column is missing",
    "the file has no rows",
)
_YES: Final = frozenset({"", "1", "yes", "true", "y", "是", "開", "open"})
_NO: Final = frozenset({"0", "no", "false", "n", "否", "關", "closed"})


@dataclass(frozen=True, slots=True)
class BadLine:
    """What is wrong with a line of a file; line 1 holds the column names. `reason` is a sentence to be translated."""

    line: int
    column: str
    value: str
    reason: str


class FileFaults(BadInput):
    """Lines that cannot be taken; nothing of the file was saved."""

    code = "warehouse.file_faults"
    template = "{count} lines of the file cannot be taken; nothing was saved. The first is line {line}: {reason}."

    def __init__(self, *, lines: Sequence[BadLine]) -> None:
        self.lines = tuple(lines[:_MOST_FAULTS])
        first = lines[0]
        super().__init__(count=len(lines), line=first.line, reason=first.reason)


@dataclass(frozen=True, slots=True)
class Line:
    """One line by column, with what is found wrong in it."""

    number: int
    values: Mapping[str, str]
    faults: list[BadLine]

    def text(self, column: str) -> str:
        """What stands there, without spaces around it."""
        return self.values.get(column, "").strip()

    def refuse(self, column: str, reason: str) -> None:
        """Say that what stands in a column cannot be."""
        self.faults.append(BadLine(self.number, column, self.text(column)[:_LONGEST_VALUE], reason))

    def number_of(self, column: str, *, scale: int = 1, is_needed: bool = False) -> Decimal | None:
        """The number there times `scale`; None where nothing stands or it cannot be read, which is said."""
        said = self.text(column).replace(" ", "")
        if not said:
            if is_needed:
                self.refuse(column, "it is empty")
            return None
        try:
            found = Decimal(said) * scale
        except InvalidOperation:
            self.refuse(column, "it is no number")
            return None
        if not found.is_finite() or abs(found) > 10**12:
            self.refuse(column, "it is no number")
            return None
        return found

    def size_of(self, column: str, *, scale: int = 1) -> int | None:
        """A size above 0, or None where it is not known."""
        found = self.number_of(column, scale=scale)
        if found is not None and found <= 0:
            self.refuse(column, "it is not above 0")
            return None
        return None if found is None else round(found)

    def is_yes(self, column: str) -> bool:
        """Yes where nothing stands."""
        said = self.text(column).lower()
        if said not in _YES | _NO:
            self.refuse(column, "say yes or no")
        return said in _YES


def read_lines(*, content: bytes, needed: Iterable[str], known: Iterable[str]) -> list[Line]:
    """Lines of a file by column. Raises FileFaults when it cannot be read or a needed column is missing."""
    text = _decoded(content)
    first = text.partition("\n")[0]
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ","))
    rows = [row for row in rows if any(cell.strip() for cell in row)] if rows else []
    names = [cell.strip().lower().replace(" ", "_") for cell in rows[0]] if rows else []
    missing = [column for column in needed if column not in names]
    if missing:
        raise FileFaults(lines=[BadLine(1, one, "", "this column is missing") for one in missing])
    if len(rows) < 2:
        raise FileFaults(lines=[BadLine(1, "", "", "the file has no rows")])
    wanted = set(known) | set(needed)
    return [
        Line(
            number=number,
            values={name: cell for name, cell in zip(names, row, strict=False) if name in wanted},
            faults=[],
        )
        for number, row in enumerate(rows[1:], start=2)
    ]


def refuse_faults(*, lines: Iterable[Line]) -> None:
    """Raises FileFaults when anything was found wrong."""
    faults = [fault for line in lines for fault in line.faults]
    if faults:
        raise FileFaults(lines=faults)


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise FileFaults(lines=[BadLine(1, "", "", "it is larger than 20 MB")])
    for encoding in ("utf-8-sig", "big5hkscs"):
        try:
            return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise FileFaults(lines=[BadLine(1, "", "", "it is neither UTF-8 nor Big5 text")])
