"""Small lists of ours (bundles, commitments) out of a file: every row as cells under our names, with its number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reorder.connectors.base import normal_header
from reorder.flows.file_import.errors import BadReading, UnreadableFile
from reorder.flows.file_import.importing import limits_of_settings
from reorder.flows.file_import.reading import open_source
from reorder.flows.file_import.source import look_at

_MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row: trimmed cells by our names, empty where the file has none; the header is row 1."""

    number: int
    cells: Mapping[str, str]

    def cell(self, name: str) -> str:
        """The cell, or an empty text."""
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken and why; `reason` is an English template that a surface translates."""

    number: int
    reason: str
    value: str = ""


def read_list(
    *, path: Path, words: Mapping[str, Sequence[str]], required: Sequence[str]
) -> tuple[list[ListRow], list[RefusedRow]]:
    """Rows of a CSV, TSV, Parquet or XLSX file; `words` are the names that a header may give our columns.

    Raises BadReading where a required column is missing, and the errors of files that cannot be read at all.
    """
    opened = open_source(source=look_at(path=path, limits=limits_of_settings()), limits=limits_of_settings())
    named = {normal_header(name=column): column for column in reversed(opened.header)}
    columns = {
        ours: next((named[normal_header(name=word)] for word in known if normal_header(name=word) in named), None)
        for ours, known in words.items()
    }
    missing = [name for name in required if columns[name] is None]
    if missing:
        raise BadReading(
            file=path.name, reason=f"columns are missing: {', '.join(missing)}. Found: {', '.join(opened.header)[:300]}"
        )
    rows: list[ListRow] = []
    refused: list[RefusedRow] = []
    for batch in opened.batches:
        wrong = set(batch.refused["row_number"].to_list())
        refused += [RefusedRow(number, "the row has more or fewer cells than the header") for number in sorted(wrong)]
        for row in batch.rows.iter_rows(named=True):
            if row["row_number"] in wrong:
                continue
            cells = {ours: (row[column] or "").strip() for ours, column in columns.items() if column is not None}
            rows.append(ListRow(number=row["row_number"], cells=cells))
        if len(rows) > _MOST_ROWS:
            raise UnreadableFile(file=path, reason="more than 200,000 rows; split the file")
    return rows, refused
