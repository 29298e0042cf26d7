"""Reads a file as batches of text cells in bounded memory, whatever its type; the header is row 1."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import polars as pl

from reorder.connectors.base import REFUSALS
from reorder.flows.file_import.errors import FileTooLarge, UnreadableFile
from reorder.flows.file_import.source import Limits, Source, read_header

# Bytes, not rows, bound the memory of a text batch: an export with a hundred columns has ten times longer rows.
_BLOCK_BYTES = 24 << 20
_BATCH_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Batch:
    """`rows`: String columns and `row_number`; `refused`: those of them whose cells do not match the header."""

    rows: pl.DataFrame
    refused: pl.DataFrame
    last_row: int
    bytes_done: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose header is known and whose batches can be drawn once."""

    header: list[str]
    batches: Iterator[Batch]


def open_source(*, source: Source, limits: Limits, block_bytes: int | None = None) -> Opened:
    """Open a file for reading; raises UnreadableFile, also while batches are drawn, and FileTooLarge.

    `block_bytes` is how much of a text is read at a time; a row must fit into it.
    """
    opened = _open(source=source, limits=limits, block_bytes=block_bytes or _BLOCK_BYTES)
    return Opened(header=opened.header, batches=_unless_changed(source=source, batches=opened.batches))


def _unless_changed(*, source: Source, batches: Iterator[Batch]) -> Iterator[Batch]:
    yield from batches
    source.refuse_changed()


def _open(*, source: Source, limits: Limits, block_bytes: int) -> Opened:
    if source.type == "parquet":
        return _open_parquet(source, limits)
    if source.type == "xlsx":
        return _open_workbook(source)
    header = _distinct(read_header(source=source))
    return Opened(header=header, batches=_read_text(source, header, block_bytes))


def frame_batches(*, frame: pl.DataFrame) -> Opened:
    """A frame as if it had been a file; any column types."""
    batches = (
        _batch(rows=_as_text(part), first_row=2 + number * _BATCH_ROWS, bytes_done=0)
        for number, part in enumerate(frame.iter_slices(_BATCH_ROWS))
    )
    return Opened(header=frame.columns, batches=batches)


def _distinct(names: Sequence[str]) -> list[str]:
    """Column names, each once: spreadsheets allow two columns of one name, frames do not."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return distinct


def _batch(*, rows: pl.DataFrame, first_row: int, bytes_done: int) -> Batch:
    numbered = rows.with_columns(row_number=pl.int_range(first_row, first_row + rows.height, dtype=pl.Int64))
    return Batch(
        rows=_without_blank(numbered),
        refused=pl.DataFrame(schema=REFUSALS),
        last_row=first_row + rows.height - 1,
        bytes_done=bytes_done,
    )


def _without_blank(rows: pl.DataFrame) -> pl.DataFrame:
    """Spreadsheets end in empty rows that nobody meant."""
    cells = pl.exclude("row_number")
    return rows.filter(pl.any_horizontal((cells.is_not_null()) & (cells != "")))


def _read_text(source: Source, header: list[str], block_bytes: int) -> Iterator[Batch]:
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    wrong: list[_WrongRow] = []

    def remember(row: Any) -> str:
        wrong.append(_WrongRow(row.number, row.actual_columns, _cells(row.text, source.separator)))
        return "skip"

    names = [str(number) for number in range(len(header))]
    stream = pa.OSFile(str(source.path))
    try:
        reader = arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=block_bytes,
                encoding="utf8" if source.encoding == "utf-8" else source.encoding,
                column_names=names,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=source.separator,
                newlines_in_values=True,
                invalid_row_handler=remember,
                ignore_empty_lines=False,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        yield from _number_rows(reader, header, wrong, _ends_of_blocks(size=source.bytes, block_bytes=block_bytes))
    except pa.ArrowInvalid as fault:
        raise UnreadableFile(file=source.path, reason=str(fault)) from fault
    finally:
        stream.close()


@dataclass(frozen=True, slots=True)
class _WrongRow:
    """A record with too few or too many cells, as the reader met it."""

    number: int
    cells_count: int
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        """A row of nothing but separators: spreadsheets leave such rows behind."""
        return bool(self.cells) and not any(cell.strip() for cell in self.cells)

    def fitted(self, *, header: list[str]) -> dict[str, str]:
        """The cells that do have a column, so that the order of a refused row can be told."""
        return {name: cell.replace("\0", "") for name, cell in zip(header, self.cells, strict=False)}


def _ends_of_blocks(*, size: int, block_bytes: int) -> Iterator[int]:
    """How far the file is read after each batch; the stream itself is read ahead and would say too much."""
    return (min(size, number * block_bytes) for number in count(1))


def _number_rows(reader: Any, header: list[str], wrong: list[_WrongRow], ends: Iterator[int]) -> Iterator[Batch]:
    """Give each record its number in the file, and put those that the reader left out back as refused rows."""
    next_row = 1
    for arrow in reader:
        frame = pl.DataFrame(arrow)
        frame.columns = header
        skipped = sorted((row for row in wrong if not row.is_blank), key=lambda row: row.number)
        numbers = _numbers(count=frame.height, first_row=next_row, skipped=[row.number for row in wrong])
        last_row = max([next_row - 1, *numbers.tail(1).to_list(), *(row.number for row in wrong)])
        wrong.clear()
        frame = frame.with_columns(row_number=numbers).filter(pl.col("row_number") > 1)
        next_row = last_row + 1
        yield Batch(
            rows=_without_blank(_put_back(frame, skipped, header)),
            refused=_refuse_wrong(skipped),
            last_row=last_row,
            bytes_done=next(ends),
        )


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
    except csv.Error:
        return []  # a cell longer than the csv module reads, as after a quotation mark that never closes


def _put_back(frame: pl.DataFrame, skipped: list[_WrongRow], header: list[str]) -> pl.DataFrame:
    if not skipped:
        return frame
    # A row whose cells cannot be told apart still counts as a row: a blank in it keeps it from being taken for empty.
    rows = [{header[0]: " "} | row.fitted(header=header) | {"row_number": row.number} for row in skipped]
    return pl.concat([frame, pl.DataFrame(rows, schema=frame.schema)]).sort("row_number")


def _refuse_wrong(skipped: list[_WrongRow]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row_number": [row.number for row in skipped],
            "order_key": [None] * len(skipped),
            "column_name": ["row"] * len(skipped),
            "value": [""] * len(skipped),
            "reason_code": ["row.cells_missing_or_extra"] * len(skipped),
            "detail": [str(row.cells_count) for row in skipped],
        },
        schema=REFUSALS,
    )


def _numbers(*, count: int, first_row: int, skipped: list[int]) -> pl.Series:
    """The first `count` row numbers from `first_row` on that are not in `skipped`."""
    every = pl.int_range(first_row, first_row + count + len(skipped), dtype=pl.Int64, eager=True)
    return every.filter(~every.is_in(skipped)).head(count) if skipped else every


def _open_parquet(source: Source, limits: Limits) -> Opened:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(source.path)
    except (pa.ArrowInvalid, OSError) as fault:
        raise UnreadableFile(file=source.path, reason=str(fault)) from fault
    layout = file.metadata
    unpacked = sum(layout.row_group(number).total_byte_size for number in range(layout.num_row_groups))
    if unpacked > limits.maximum_unpacked_bytes:
        raise FileTooLarge(
            file=source.path,
            bytes=unpacked,
            limit=limits.maximum_unpacked_bytes,
            variable="REORDER_IMPORT_MAXIMUM_UNPACKED_BYTES",
        )
    return Opened(header=file.schema_arrow.names, batches=_read_parquet(source, file))


def _read_parquet(source: Source, file: Any) -> Iterator[Batch]:
    first_row = 2
    total = max(file.metadata.num_rows, 1)
    for arrow in file.iter_batches(batch_size=_BATCH_ROWS):
        frame = _as_text(pl.DataFrame(arrow))
        done = source.bytes * (first_row - 2 + frame.height) // total
        yield _batch(rows=frame, first_row=first_row, bytes_done=done)
        first_row += frame.height


def _open_workbook(source: Source) -> Opened:
    """The first sheet of a workbook; a sheet has at most 1,048,576 rows, so it is read whole."""
    import fastexcel

    try:
        frame = pl.read_excel(
            source.path, sheet_id=1, read_options={"dtypes": "string"}, drop_empty_rows=False, drop_empty_cols=False
        )
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError) as fault:
        raise UnreadableFile(file=source.path, reason=str(fault).partition("\n")[0]) from fault
    text = frame.select(pl.all().cast(pl.String).str.replace_all("\0", "", literal=True))
    batches = (
        _batch(
            rows=part,
            first_row=2 + number * _BATCH_ROWS,
            bytes_done=source.bytes * min((number + 1) * _BATCH_ROWS, frame.height) // max(frame.height, 1),
        )
        for number, part in enumerate(text.iter_slices(_BATCH_ROWS))
    )
    return Opened(header=text.columns, batches=batches)


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Typed columns as the text that a CSV file would hold."""
    return frame.select(_cell_text(frame[name]) for name in frame.columns)


def _cell_text(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Datetime):
        pattern = "%Y-%m-%d %H:%M:%S%.6f"
        if column.dtype.time_zone:
            return column.dt.convert_time_zone("UTC").dt.strftime(pattern + " +0000")
        return column.dt.strftime(pattern)
    if column.dtype.is_float() and (column.drop_nulls() == column.drop_nulls().floor()).all():
        # Whole numbers that became floats because a cell was empty: an order is 1001, not 1001.0.
        return column.cast(pl.Int64, strict=False).cast(pl.String)
    if column.dtype.is_nested():
        return pl.Series(column.name, [None], dtype=pl.String).new_from_index(0, len(column))
    text = column.cast(pl.String, strict=False)
    return text.str.replace_all("\0", "", literal=True) if column.dtype == pl.String else text
