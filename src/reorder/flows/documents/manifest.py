"""The list of what a carrier was handed, as a PDF that the driver signs, in English or Traditional Chinese. Pure."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.flows.documents.barcodes import code128_widths
from reorder.flows.documents.sheets import language_of, sheet, sheets_pdf
from reorder.flows.documents.typesetting import printable
from reorder.insights.manifests import ManifestLine, ManifestRow
from reorder.kernel.formatting import format_moment


def manifest_pdf(
    *,
    manifest: ManifestRow,
    lines: Sequence[ManifestLine],
    language: str,
    shop_name: str,
    time_zone: str,
    moment: dt.datetime,
) -> bytes:
    """One list; while it is open it says so. An unknown language is English."""
    chosen = language_of(wanted=language)
    with translation.override(chosen):
        made = _sheet(manifest=manifest, lines=lines, language=chosen, time_zone=time_zone)
    return sheets_pdf(sheets=[made], title=made["title"], language=chosen, shop_name=shop_name, moment=moment)


def _sheet(*, manifest: ManifestRow, lines: Sequence[ManifestLine], language: str, time_zone: str) -> dict[str, Any]:
    def said(moment: dt.datetime) -> str:
        return format_moment(moment, language=language, time_zone=time_zone)

    grams = sum(line.grams or 0 for line in lines)
    facts = [
        [_("Carrier service"), printable(manifest.service_name)],
        [_("Opened at"), said(manifest.opened_at)],
        *([[_("Closed at"), said(manifest.closed_at)]] if manifest.closed_at else []),
        *([[_("Number at the carrier"), printable(manifest.carrier_reference)]] if manifest.carrier_reference else []),
    ]
    return sheet(
        title=_("Manifest"),
        number=manifest.number,
        bars=code128_widths(text=manifest.number) if manifest.number.isascii() else [],
        warning="" if manifest.closed_at else _("This list is still open: parcels may be added."),
        block_title=_("Handed over to"),
        block=[printable(manifest.carrier), _("at {place}").format(place=printable(manifest.place_name))],
        facts=facts,
        columns=[12, 42, 46, 0, 24, 24],
        aligns=["right", "left", "left", "left", "right", "left"],
        heads=["", _("Parcel"), _("Tracking number"), _("Order number"), _("Weight"), _("Scanned")],
        rows=[
            [
                str(place),
                printable(line.number),
                printable(line.tracking_number),
                printable(line.order_number),
                f"{line.grams / 1000:.2f} kg" if line.grams else "–",
                f"{line.scanned_at.astimezone(ZoneInfo(time_zone)):%H:%M}",
            ]
            for place, line in enumerate(lines, 1)
        ],
        sums=[
            [_("Parcels"), str(len(lines)), "sum"],
            *([[_("Weight"), f"{grams / 1000:.2f} kg", ""]] if grams else []),
            [_("Signature of the driver"), "______________________", ""],
        ],
    )
