"""Pick lists of batches as one PDF: in walking order, with bin, lot and tote, for who picks on paper. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.warehouse.wave_lines import BatchRow, LineRow
from reorder.flows.documents.barcodes import code128_widths
from reorder.flows.documents.sheets import BOX, breakable, language_of, sheet, sheets_pdf
from reorder.flows.documents.typesetting import printable
from reorder.kernel.formatting import format_day, format_moment
from reorder.kernel.quantity import grouped_decimal


@dataclass(frozen=True, slots=True)
class PrintedBatch:
    """A batch with the lines that are still to be picked."""

    batch: BatchRow
    lines: Sequence[LineRow]


def pick_batches_pdf(
    *, batches: Sequence[PrintedBatch], place: str, language: str, shop_name: str, time_zone: str, moment: dt.datetime
) -> bytes:
    """A list a batch, each on pages of its own; an unknown language is English."""
    chosen = language_of(wanted=language)
    with translation.override(chosen):
        sheets = [
            _sheet(one, place=place, language=chosen, time_zone=time_zone, moment=moment)
            for one in batches
            if one.lines
        ]
        title = _("Pick lists")
        shown = sheets or [_nothing()]
    return sheets_pdf(sheets=shown, title=title, language=chosen, shop_name=shop_name, moment=moment)


def _sheet(one: PrintedBatch, *, place: str, language: str, time_zone: str, moment: dt.datetime) -> dict[str, Any]:
    batch, lines = one.batch, one.lines
    has_totes = any(line.tote for line in lines)
    rows = [_row(line, language=language, has_totes=has_totes) for line in lines]
    tote = [_("Tote")] if has_totes else []
    return sheet(
        title=_("Pick list"),
        number=_("Batch {batch}").format(batch=batch.name),
        bars=code128_widths(text=f"BATCH-{batch.name}"),
        warning=_("Express: pick these first.") if batch.is_express else "",
        block_title=_("Place"),
        block=[printable(place)],
        facts=[
            [_("Orders"), str(len({line.order for line in lines}))],
            [_("Lines"), str(len(lines))],
            [_("Walk"), _walk(batch)],
            *([[_("Leaves by"), _at(batch.cut_off_at, language, time_zone)]] if batch.cut_off_at else []),
            *([[_("Picks"), printable(batch.assigned_to)]] if batch.assigned_to else []),
            [_("Printed"), _at(moment, language, time_zone)],
        ],
        columns=[9, 24, 26, 0, 26, 14, *([14] if has_totes else []), 30],
        aligns=["center", "left", "left", "left", "left", "right", *(["center"] if has_totes else []), "left"],
        heads=["", _("Bin"), _("SKU"), _("Product"), _("Lot"), _("Units"), *tote, _("Order number")],
        rows=rows,
        note=_("In walking order. What is not there: tell the office, or scan “Not here”.") if rows else "",
    )


def _row(line: LineRow, *, language: str, has_totes: bool) -> list[str]:
    lot = [line.lot, format_day(line.expires_date, language=language) if line.expires_date else ""]
    return [
        BOX,
        breakable(line.bin_code) or _("not in a bin"),
        breakable(line.sku),
        breakable(line.name),
        breakable(" · ".join(filter(None, lot))),
        grouped_decimal(number=Decimal(line.units)),
        *([str(line.tote or "")] if has_totes else []),
        breakable(line.order),
    ]


def _nothing() -> dict[str, Any]:
    return sheet(
        title=_("Nothing to print"),
        columns=[0],
        aligns=["left"],
        heads=[""],
        rows=[[_("Everything is picked already.")]],
    )


def _walk(batch: BatchRow) -> str:
    return "–" if batch.length_mm is None else f"{batch.length_mm / 1000:,.0f} m"


def _at(moment: dt.datetime, language: str, time_zone: str) -> str:
    return format_moment(moment, language=language, time_zone=time_zone)
