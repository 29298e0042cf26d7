"""The slip that goes into a parcel that comes back: its number as bars, where it goes, what is in it. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.flows.documents.barcodes import code128_widths
from reorder.flows.documents.sheets import BOX, language_of, sheet, sheets_pdf
from reorder.flows.documents.typesetting import printable
from reorder.kernel.formatting import format_day
from reorder.kernel.quantity import grouped_decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipFacts:
    """What a slip says; `goods` are (SKU, name, units), `send_to` the lines of the place's address."""

    number: str
    order_number: str
    send_to: Sequence[str]
    goods: Sequence[tuple[str, str, Decimal]]
    word: str
    store_number: str
    until_date: dt.date | None


def return_slip_pdf(*, facts: SlipFacts, language: str, shop_name: str, moment: dt.datetime) -> bytes:
    """One page, in English or Traditional Chinese; an unknown language is English."""
    chosen = language_of(wanted=language)
    with translation.override(chosen):
        made = sheet(
            title=_("Return slip"),
            number=printable(facts.number),
            bars=code128_widths(text=facts.number),
            warning=_("Put this slip into the parcel."),
            block_title=_("Send to"),
            block=[printable(one) for one in facts.send_to],
            facts=[
                [_("Order number"), printable(facts.order_number)],
                *([[_("Store number"), printable(facts.store_number)]] if facts.store_number else []),
                *([[_("Until"), format_day(facts.until_date, language=chosen)]] if facts.until_date else []),
            ],
            columns=[10, 36, 0, 20],
            aligns=["center", "left", "left", "right"],
            heads=["", _("SKU"), _("Product"), _("Units")],
            rows=[
                [BOX, printable(sku), printable(name), grouped_decimal(number=units)]
                for sku, name, units in facts.goods
            ]
            or [["", "", _("What is in the parcel is counted when it is here."), ""]],
            note=printable(facts.word),
        )
    return sheets_pdf(sheets=[made], title=made["title"], language=chosen, shop_name=shop_name, moment=moment)
