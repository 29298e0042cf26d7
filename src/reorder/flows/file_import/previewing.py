"""What a file looks like and how it would be read, told from its first rows before anything is imported.

The sample is taken once, when the file arrives, and lies beside it: showing it again reads no large file.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from reorder.connectors.base import REFUSALS, Kind, Translated
from reorder.connectors.tidy import REQUIRED, WORDS
from reorder.domain.channels.queries import RefusalRow
from reorder.domain.channels.uploads import UploadRow
from reorder.flows.file_import.errors import UnreadableFile
from reorder.flows.file_import.importing import shop_defaults
from reorder.flows.file_import.reading import Opened, open_source
from reorder.flows.file_import.recognise import CONNECTORS, Recognised, recognise
from reorder.flows.file_import.rejects import explain
from reorder.flows.file_import.report import RefusedCell
from reorder.flows.file_import.source import Limits, Source
from reorder.kernel.errors import BadInput

SAMPLE_ROWS = 200
SHOWN_ROWS = 20
_EXAMPLES = 3
_CELL_CHARACTERS = 4000
_SAMPLE_CHARACTERS = 2_000_000
_SAMPLE_BYTES = 1 << 20
# Facts of staging that are of no use to a person who looks at rows.
_INNER = frozenset({"row_number", "row_part", "block_row"})


@dataclass(frozen=True, slots=True)
class Sample:
    """The header and the first rows as the file has them; `refused` rows have too few or too many cells."""

    header: list[str]
    rows: pl.DataFrame
    refused: pl.DataFrame
    is_whole: bool


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """One column of the file: what it is taken for (empty: it is left out) and what stands in it."""

    column: str
    meaning: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row as it would be read, by our names; `fault` says why it would be refused instead."""

    row_number: int
    values: Mapping[str, Any]
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How a file would be read. `missing` are words that its kind needs and no column gives.

    `fault` says why the file cannot be imported as it stands; then `rows` is empty. `can_map`: a person may say what
    the columns are; the layout of a shop system is fixed.
    """

    connector: str
    kind: str
    kinds: tuple[str, ...]
    columns: tuple[ColumnUse, ...]
    meanings: tuple[str, ...]
    required: tuple[str, ...]
    missing: tuple[str, ...]
    can_map: bool
    fields: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    sampled_count: int
    refused_count: int
    refused: tuple[RefusedCell, ...]
    is_whole: bool
    fault: BadInput | None = None

    @property
    def can_start(self) -> bool:
        """Whether an import would get as far as the rows."""
        return self.fault is None and not self.missing


def take_sample(*, source: Source, limits: Limits) -> Sample:
    """The first rows of a file; raises UnreadableFile, FileTooLarge."""
    try:
        return _sample(open_source(source=source, limits=limits, block_bytes=_SAMPLE_BYTES))
    except UnreadableFile:
        # A row may be longer than the little that is read for a sample.
        return _sample(open_source(source=source, limits=limits))


def _sample(opened: Opened) -> Sample:
    batch = next(opened.batches, None)
    if batch is None or not opened.header:
        return Sample(opened.header, pl.DataFrame(), pl.DataFrame(schema=REFUSALS), is_whole=True)
    rows = batch.rows.head(SAMPLE_ROWS).with_columns(
        pl.col(name).str.slice(0, _CELL_CHARACTERS) for name in opened.header
    )
    while rows.height > 1 and rows.estimated_size() > _SAMPLE_CHARACTERS:
        rows = rows.head(rows.height // 2)
    last = rows["row_number"].tail(1).item() if rows.height else 0
    refused = batch.refused.filter(pl.col("row_number") <= last)
    is_whole = rows.height == batch.rows.height and next(opened.batches, None) is None
    return Sample(opened.header, rows, refused, is_whole=is_whole)


def write_sample(*, file: Path, sample: Sample) -> None:
    """Keep a sample beside its file, for nobody else to read."""
    content = {
        "header": sample.header,
        "rows": sample.rows.to_dict(as_series=False) if sample.header else {},
        "refused": sample.refused.to_dict(as_series=False),
        "is_whole": sample.is_whole,
    }
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(content, stream, ensure_ascii=False)


def read_sample(*, file: Path) -> Sample:
    """What `write_sample` kept."""
    content = json.loads(file.read_text(encoding="utf-8"))
    schema = {name: pl.Int64() if name == "row_number" else pl.String() for name in content["rows"]}
    return Sample(
        header=content["header"],
        rows=pl.DataFrame(content["rows"], schema=schema),
        refused=pl.DataFrame(content["refused"], schema=REFUSALS),
        is_whole=content["is_whole"],
    )


def preview_sample(*, upload: UploadRow, sample: Sample) -> Preview:
    """How the sample would be read as the upload says; a file that cannot be read is a preview with its fault."""
    fault: BadInput | None = None
    found: Recognised | None = None
    try:
        found = recognise(
            file=upload.name, header=sample.header, kind=upload.kind or None, columns=upload.columns or None
        )
    except BadInput as cause:
        fault = cause
    kind = found.kind if found else _likeliest_kind(upload=upload, header=sample.header)
    understood = (
        found.connector.understand(header=sample.header, kind=kind) if found else _guess(upload, sample.header, kind)
    )
    is_tidy = found is None or found.connector.name == "tidy"
    read = _read(upload=upload, sample=sample, found=found) if found and sample.rows.height else None
    refused = _refusals(read) if read else ()
    return Preview(
        connector=found.connector.name if found else "",
        kind=kind.value,
        kinds=_kinds(header=sample.header),
        columns=_uses(sample=sample, understood=understood),
        meanings=tuple(WORDS[kind]) if is_tidy else tuple(understood),
        required=REQUIRED[kind],
        missing=tuple(word for word in REQUIRED[kind] if word not in understood) if is_tidy else (),
        can_map=is_tidy,
        fields=_fields(read) if read else (),
        rows=_rows(sample=sample, read=read, refused=refused) if read else (),
        sampled_count=sample.rows.height,
        refused_count=len({cell.row_number for cell in refused}),
        refused=refused[:SHOWN_ROWS],
        is_whole=sample.is_whole,
        fault=fault,
    )


def _likeliest_kind(*, upload: UploadRow, header: Sequence[str]) -> Kind:
    """For a header that nobody knows: the kind that was named, else the one that most of its needs are met of."""
    if upload.kind in set(Kind):
        return Kind(upload.kind)
    shares = {kind: len(set(_tidy(header, kind)) & set(REQUIRED[kind])) / len(REQUIRED[kind]) for kind in Kind}
    return max(Kind, key=lambda kind: (shares[kind], kind is Kind.ORDERS))


def _guess(upload: UploadRow, header: Sequence[str], kind: Kind) -> dict[str, str]:
    if upload.columns:
        return {word: column for word, column in upload.columns.items() if word in WORDS[kind] and column in header}
    return _tidy(header, kind)


def _tidy(header: Sequence[str], kind: Kind) -> dict[str, str]:
    return CONNECTORS[0].understand(header=header, kind=kind)


def _kinds(*, header: Sequence[str]) -> tuple[str, ...]:
    """Every kind, those that the header fits first."""
    fits = {kind: any(connector.fits(header=header, kind=kind) for connector in CONNECTORS) for kind in Kind}
    return tuple(kind.value for kind in sorted(Kind, key=lambda kind: not fits[kind]))


def _uses(*, sample: Sample, understood: Mapping[str, str]) -> tuple[ColumnUse, ...]:
    meanings = {column: word for word, column in understood.items()}
    return tuple(
        ColumnUse(column=name, meaning=meanings.get(name, ""), examples=_examples(sample.rows, name))
        for name in sample.header
    )


def _examples(rows: pl.DataFrame, name: str) -> tuple[str, ...]:
    if name not in rows.columns:
        return ()
    cells = rows[name].drop_nulls().str.strip_chars()
    return tuple(text[:60] for text in cells.filter(cells != "").unique(maintain_order=True).head(_EXAMPLES))


def _read(*, upload: UploadRow, sample: Sample, found: Recognised) -> Translated:
    shop = shop_defaults(channel=upload.channel)
    translator = found.connector.start(header=sample.header, kind=found.kind, shop=shop)
    read = translator.translate(rows=sample.rows)
    if not sample.refused.height:
        return read
    wrong = pl.col("row_number").is_in(sample.refused["row_number"].to_list())
    return Translated(rows=read.rows.filter(~wrong), refused=pl.concat([read.refused.filter(~wrong), sample.refused]))


def _refusals(read: Translated) -> tuple[RefusedCell, ...]:
    columns = ("row_number", "column_name", "value", "reason_code", "detail")
    ordered = read.refused.sort("row_number", "column_name").select(columns)
    return tuple(explain(refusals=[RefusalRow(*row) for row in ordered.iter_rows()]))


def _fields(read: Translated) -> tuple[str, ...]:
    """The columns of staging that say something."""
    frame = read.rows
    return tuple(name for name in frame.columns if name not in _INNER and frame[name].null_count() < frame.height)


def _rows(*, sample: Sample, read: Translated, refused: Sequence[RefusedCell]) -> tuple[PreviewRow, ...]:
    """The first rows of the file in its order, a row that unfolds into several lines as several."""
    faults: dict[int, list[str]] = {}
    for cell in refused:
        faults.setdefault(cell.row_number, []).append(f"{cell.column}: {cell.reason}")
    good: dict[int, list[dict[str, Any]]] = {}
    for values in read.rows.iter_rows(named=True):
        good.setdefault(values["row_number"], []).append(values)
    rows: list[PreviewRow] = []
    for number in sample.rows["row_number"].head(SHOWN_ROWS):
        if number in faults:
            rows.append(PreviewRow(number, {}, fault=" ".join(faults[number])))
        rows += [PreviewRow(number, values) for values in good.get(number, ()) if number not in faults]
    return tuple(rows[: SHOWN_ROWS * 2])
