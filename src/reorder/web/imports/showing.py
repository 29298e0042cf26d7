"""A preview in the reader's words: columns with what they mean, rows as they would be read."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from reorder.flows.file_import.report import RefusedCell
from reorder.flows.file_import.uploads import Preview, UploadRow
from reorder.kernel import formatting
from reorder.kernel.errors import explain_error
from reorder.web.imports.words import CONNECTORS, COUNTS, SEPARATORS, fact_label, meaning_label
from reorder.web.templatetags.reorder import day, listed, moment, money

_MAIN_COUNTS = frozenset({"read", "imported", "unchanged", "rejected"})


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of the file: its name, what it is taken for, what may be chosen instead."""

    number: int
    name: str
    examples: str
    meaning: str
    label: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One row as it would be read, or why it would be refused."""

    number: int
    cells: Sequence[str]
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewView:
    """What the page of a file shows before it is imported."""

    source: str
    kind: str
    columns: Sequence[ColumnView]
    used_count: int
    choices: Sequence[tuple[str, str, bool]]
    missing: Sequence[str]
    can_map: bool
    can_start: bool
    is_mapped: bool
    heads: Sequence[str]
    rows: Sequence[RowView]
    sampled_count: int
    refused_count: int
    refused: Sequence[RefusedCell]
    is_whole: bool
    is_empty: bool
    fault: str


def view_preview(*, preview: Preview, upload: UploadRow) -> PreviewView:
    """The preview in the active language."""
    columns = [
        ColumnView(
            number=number,
            name=use.column,
            examples=" · ".join(use.examples),
            meaning=use.meaning,
            label=meaning_label(use.meaning) if use.meaning else "",
            is_required=use.meaning in preview.required,
        )
        for number, use in enumerate(preview.columns)
    ]
    return PreviewView(
        source=_source(preview=preview, upload=upload),
        kind=preview.kind,
        columns=columns,
        used_count=sum(1 for column in columns if column.meaning),
        choices=[(word, meaning_label(word), word in preview.required) for word in preview.meanings],
        missing=[meaning_label(word) for word in preview.missing],
        can_map=preview.can_map,
        can_start=preview.can_start and preview.sampled_count > 0,
        is_mapped=bool(upload.columns),
        heads=[fact_label(name) for name in preview.fields],
        rows=[
            RowView(
                row.row_number, [_said(name, row.values) for name in preview.fields] if row.values else (), row.fault
            )
            for row in preview.rows
        ],
        sampled_count=preview.sampled_count,
        refused_count=preview.refused_count,
        refused=preview.refused,
        is_whole=preview.is_whole,
        is_empty=not preview.sampled_count and preview.fault is None,
        fault=explain_error(error=preview.fault, translate=_) if preview.fault else "",
    )


def _source(*, preview: Preview, upload: UploadRow) -> str:
    """What the file was found to be: `CSV, UTF-8, cells divided by comma`."""
    parts = [upload.type.upper()]
    if upload.encoding:
        parts.append({"cp950": "Big5"}.get(upload.encoding, upload.encoding.upper()))
    if upload.separator:
        separator = SEPARATORS.get(upload.separator, upload.separator)
        parts.append(_("cells divided by {separator}").format(separator=separator))
    if preview.connector in CONNECTORS:
        parts.append(_("an export of {shop}").format(shop=CONNECTORS[preview.connector]))
    return listed(parts)


def _said(name: str, values: Mapping[str, object]) -> str:
    value = values[name]
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, int) and name.endswith("_milli"):
        return formatting.format_units(Decimal(value) / 1000)
    if isinstance(value, int) and name.endswith("_minor"):
        return money(value, str(values.get("currency") or ""))
    return str(value)


def format_counts(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """What was counted besides rows, each with its name; zeros are left out."""
    return [
        (str(COUNTS.get(name, name)), formatting.format_units(count))
        for name, count in counts.items()
        if count and name not in _MAIN_COUNTS
    ]


def size_of(count: int) -> str:
    """Bytes as people read them."""
    size = float(count)
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"
