"""Our own parcel label, 100 by 150 mm: as PDF for any printer, as ZPL for label printers. Pure.

Captions stand in English and Traditional Chinese side by side: who reads a label is not who printed it. In ZPL the
words are a picture (label printers have no Chinese letters of their own), the codes are the printer's, hence sharp.
"""

import datetime as dt
from typing import Any, Final

import segno

from reorder.domain.shipping.carriers.values import LabelDocument, ParcelToSend, Party
from reorder.flows.documents.barcodes import code128_widths
from reorder.flows.documents.label_printers import DOTS_A_MM, begin_label
from reorder.flows.documents.typesetting import FONT, printable, typeset
from reorder.kernel.formatting import format_money

WIDTH_MM: Final = 100
HEIGHT_MM: Final = 150
# Where the codes stand on the label, as in parcel_label.typ.
_BARS_AT_MM: Final = (8, 96)
_BARS_HEIGHT_MM: Final = 22
_QR_AT_MM: Final = (74, 122)
_QR_MODULE_DOTS: Final = 6
# Longer numbers have narrower bars, to fit the label.
_LONGEST_WIDE: Final = 18
_TEMPERATURES: Final = {"ambient": "", "chilled": "CHILLED 冷藏 0–7 °C", "frozen": "FROZEN 冷凍 –18 °C"}
_LONGEST_ADDRESS: Final = 120


def parcel_label(
    *, parcel: ParcelToSend, tracking_number: str, service_name: str, shop_name: str, moment: dt.datetime
) -> LabelDocument:
    """The label of one parcel. The same parcel and moment give the same bytes."""
    values = _values(parcel=parcel, tracking_number=tracking_number, service_name=service_name, shop_name=shop_name)
    drawn = values | {"bars": code128_widths(text=tracking_number), "dots": qr_rows(text=tracking_number)}
    pdf = typeset(template="parcel_label", values=drawn, moment=moment)
    return LabelDocument(pdf=pdf, zpl=_zpl(values, tracking_number=tracking_number, moment=moment))


def qr_rows(*, text: str) -> list[list[int]]:
    """A QR code as rows of 1 (dark) and 0."""
    return [[1 if dark else 0 for dark in row] for row in segno.make_qr(text, error="m").matrix]


def _values(*, parcel: ParcelToSend, tracking_number: str, service_name: str, shop_name: str) -> dict[str, Any]:
    collect = format_money(parcel.collect_minor, currency=parcel.currency) if parcel.collect_minor else ""
    box = "×".join(f"{size / 10:g}" for size in (parcel.length_mm, parcel.width_mm, parcel.height_mm) if size)
    facts = [
        ["Order 訂單", printable(parcel.order_number)],
        ["Parcel 包裹", printable(parcel.parcel_number)],
        ["Weight 重量", f"{parcel.grams / 1000:.2f} kg" if parcel.grams else "–"],
        ["Size 尺寸", f"{box} cm" if box else "–"],
    ]
    return {
        "font": FONT,
        "shop": printable(shop_name),
        "service": printable(service_name),
        "is_return": parcel.direction == "back",
        "temperature": _TEMPERATURES.get(parcel.temperature_class, ""),
        "receiver": _lines(parcel.receiver),
        "receiver_name": printable(parcel.receiver.name),
        "receiver_phone": printable(parcel.receiver.phone),
        "postcode": printable(parcel.receiver.postcode),
        "store": printable(parcel.receiver.store_code),
        "sender": [printable(parcel.sender.name or shop_name), *_lines(parcel.sender)],
        "sender_phone": printable(parcel.sender.phone),
        "note": printable(parcel.receiver.note)[:60],
        "collect": collect,
        "facts": facts,
        "number": tracking_number,
    }


def _lines(party: Party) -> list[str]:
    """An address as it is written where it goes: one line of Chinese, or lines of the world."""
    if party.country == "TW":
        given = [party.company, party.one_line]
    else:
        given = [
            party.company,
            party.line1,
            party.line2,
            f"{party.city} {party.region} {party.postcode}",
            party.country,
        ]
    return [line[:_LONGEST_ADDRESS] for line in map(printable, given) if line]


def _zpl(values: dict[str, Any], *, tracking_number: str, moment: dt.datetime) -> str:
    bare = values | {"bars": [], "dots": []}
    label = begin_label(template="parcel_label", values=bare, moment=moment, width_mm=WIDTH_MM, height_mm=HEIGHT_MM)
    label.zpl_raw(f"^BY{3 if len(tracking_number) <= _LONGEST_WIDE else 2}")
    label.origin(*_BARS_AT_MM)
    label.barcode("C", tracking_number, height=_BARS_HEIGHT_MM * DOTS_A_MM, print_interpretation_line="N", mode="A")
    label.endorigin()
    label.origin(*_QR_AT_MM)
    label.barcode("Q", tracking_number, magnification=_QR_MODULE_DOTS)
    label.endorigin()
    return str(label.dumpZPL())
