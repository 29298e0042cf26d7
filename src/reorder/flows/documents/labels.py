"""Labels for bins, totes, products and pallets: as PDF for any printer, as ZPL for label printers. Pure.

In ZPL the words are a picture where they are not plain letters (label printers have no Chinese of their own); the codes
are always the printer's, hence sharp.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

from django.utils import translation
from django.utils.translation import gettext as _

from reorder.flows.documents.barcodes import (
    BadBarcode,
    code128_widths,
    data_matrix_rows,
    goods_parts,
    gs1_128_widths,
    gs1_text,
    is_gtin,
)
from reorder.flows.documents.label_printers import begin_label
from reorder.flows.documents.sheets import language_of
from reorder.flows.documents.typesetting import printable, typeset, words_in
from reorder.kernel.formatting import format_day
from reorder.kernel.quantity import grouped_decimal, plain_decimal

LabelForm = Literal["sheet", "roll", "pallet"]
CodeForm = Literal["gs1_128", "data_matrix"]
# Application identifiers whose values have one length, so that nothing must end them.
_FIXED: Final = frozenset({"00", "01", "02", "17"})
_SIZES_MM: Final = {"roll": (100, 50), "pallet": (100, 150)}


@dataclass(frozen=True, slots=True, kw_only=True)
class BinLabel:
    """A place on a shelf; `level` 1 is the lowest, and the arrow points to it from the beam between 1 and 2."""

    code: str
    level: int
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToteLabel:
    """A tote or cart with a code of its own."""

    code: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductLabel:
    """Goods in hand: `code` is a GTIN, or a number of our own; lot and expiry where there are any."""

    code: str
    sku: str
    name: str
    lot: str = ""
    expires: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PalletLabel:
    """A logistic unit with its SSCC, and what is on it where it is all the same."""

    sscc: str
    place_name: str
    product_name: str = ""
    gtin: str = ""
    units: Decimal | None = None
    lot: str = ""
    expires: dt.date | None = None


Label = BinLabel | ToteLabel | ProductLabel | PalletLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLabel:
    """A label as the template draws it, and the codes as a label printer makes them: (kind, text) from the top."""

    drawn: dict[str, Any]
    codes: tuple[tuple[str, str], ...]


def labels_pdf(
    *,
    labels: Sequence[Label],
    form: LabelForm,
    language: str,
    shop_name: str,
    moment: dt.datetime,
    code_form: CodeForm = "data_matrix",
) -> bytes:
    """Labels on A4 sheets of 24, one by one on a roll of 100 × 50 mm, or as pallet labels of 100 × 150 mm.

    Raises BadBarcode.
    """
    drawn = _drawn(labels=labels, language=language, code_form=code_form)
    values = _book([one.drawn for one in drawn], form=form, language=language, shop_name=shop_name)
    return typeset(template="labels", values=values, moment=moment)


def labels_zpl(
    *,
    labels: Sequence[Label],
    form: LabelForm,
    language: str,
    shop_name: str,
    moment: dt.datetime,
    code_form: CodeForm = "data_matrix",
) -> str:
    """The same for label printers of 203 dots an inch, one label after the other. Raises BadBarcode."""
    printed = "pallet" if form == "pallet" else "roll"
    made = []
    for one in _drawn(labels=labels, language=language, code_form=code_form):
        empty = one.drawn | {"bars": [], "dots": [], "content_bars": []}
        values = _book([empty], form=printed, language=language, shop_name=shop_name)
        width, height = _SIZES_MM[printed]
        label = begin_label(template="labels", values=values, moment=moment, width_mm=width, height_mm=height)
        # The codes come at the places that the template leaves for them.
        for kind, text in one.codes:
            label.zpl_raw(_code_command(kind=kind, text=text))
        made.append(str(label.dumpZPL()))
    return "\n".join(made)


def _book(labels: Sequence[dict[str, Any]], *, form: str, language: str, shop_name: str) -> dict[str, Any]:
    return {
        **words_in(language=language),
        "shop": printable(shop_name),
        "title": "Labels",
        "form": form,
        "labels": list(labels),
    }


def _drawn(*, labels: Sequence[Label], language: str, code_form: CodeForm) -> list[DrawnLabel]:
    chosen = language_of(wanted=language)
    with translation.override(chosen):
        made = []
        for one in labels:
            match one:
                case BinLabel():
                    made.append(_bin(one))
                case ToteLabel():
                    made.append(_plain(title=one.code, lines=[one.name], code=one.code))
                case ProductLabel():
                    made.append(_product(one, language=chosen, code_form=code_form))
                case PalletLabel():
                    made.append(_pallet(one, language=chosen))
        return made


def _label(**given: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "title": "",
        "lines": [],
        "arrow": "",
        "level": "",
        "bars": [],
        "dots": [],
        "keeps_dots": False,
        "human": "",
        "facts": [],
        "content_bars": [],
        "content_human": "",
    }
    return usual | given


def _bin(one: BinLabel) -> DrawnLabel:
    made = _plain(title=one.code, lines=[one.zone], code=one.code)
    level = {"arrow": "up" if one.level > 1 else "down", "level": _("Level {level}").format(level=one.level)}
    return DrawnLabel(drawn=made.drawn | level, codes=made.codes)


def _plain(*, title: str, lines: Sequence[str], code: str) -> DrawnLabel:
    widths = code128_widths(text=code)
    if not widths:
        raise BadBarcode(text=code)
    drawn = _label(
        title=printable(title),
        lines=[said for said in map(printable, lines) if said],
        bars=widths,
        human="" if title == code else printable(code),
    )
    return DrawnLabel(drawn=drawn, codes=(("code128", code),))


def _product(one: ProductLabel, *, language: str, code_form: CodeForm) -> DrawnLabel:
    lines = [printable(one.sku)]
    if one.lot:
        lines.append(_("Lot {lot}").format(lot=printable(one.lot)))
    if one.expires:
        lines.append(_("Best before {day}").format(day=format_day(one.expires, language=language)))
    if not is_gtin(code=one.code):
        return _plain(title=one.name, lines=lines, code=one.code)
    parts = goods_parts(gtin=one.code, lot=one.lot, expires=one.expires)
    human = gs1_text(parts=parts)
    if code_form == "gs1_128":
        drawn = _label(title=printable(one.name), lines=lines, bars=gs1_128_widths(parts=parts), human=human)
        return DrawnLabel(drawn=drawn, codes=(("gs1_128", human),))
    drawn = _label(
        title=printable(one.name), lines=lines, dots=data_matrix_rows(parts=parts), keeps_dots=True, human=human
    )
    return DrawnLabel(drawn=drawn, codes=(("data_matrix", human),))


def _pallet(one: PalletLabel, *, language: str) -> DrawnLabel:
    parts = {"00": one.sscc}
    content = _content(one)
    facts = [
        ("SSCC", one.sscc),
        (_("Place"), one.place_name),
        (_("Content"), one.product_name),
        ("GTIN", one.gtin),
        (_("Units"), grouped_decimal(number=one.units) if one.units is not None else ""),
        (_("Lot"), one.lot),
        (_("Best before"), format_day(one.expires, language=language) if one.expires else ""),
    ]
    drawn = _label(
        title=_("Pallet"),
        facts=[[name, printable(said)] for name, said in facts if said],
        bars=gs1_128_widths(parts=parts),
        human=gs1_text(parts=parts),
        content_bars=gs1_128_widths(parts=content) if content else [],
        content_human=gs1_text(parts=content),
    )
    codes = (("gs1_128_content", gs1_text(parts=content)),) if content else ()
    return DrawnLabel(drawn=drawn, codes=(*codes, ("gs1_128_sscc", gs1_text(parts=parts))))


def _content(one: PalletLabel) -> dict[str, str]:
    """What is on the pallet, as far as a code can say it: 02 needs a count of whole pieces (37)."""
    if not is_gtin(code=one.gtin) or one.units is None or one.units != one.units.to_integral_value():
        return {}
    parts = {"02": one.gtin.zfill(14)}
    if one.expires:
        parts["17"] = one.expires.strftime("%y%m%d")
    parts["37"] = plain_decimal(number=one.units)
    if one.lot:
        parts["10"] = one.lot
    return parts


def _code_command(*, kind: str, text: str) -> str:
    """^FO position, ^BY module width, ^BC or ^BX code (ZPL II programming guide); GS1 text goes with its brackets."""
    if kind == "data_matrix":
        # In ^BX the escape sign begins FNC1 (_1), which marks GS1 and ends parts without a fixed length.
        return f"^FO584,216^BXN,8,200,,,,_^FD{_fnc1(text)}^FS"
    at, module, height = {
        "code128": ((40, 240), 3, 120),
        "gs1_128": ((40, 240), 2, 120),
        "gs1_128_content": ((40, 600), 2, 192),
        "gs1_128_sscc": ((40, 848), 3, 256),
    }[kind]
    is_gs1 = kind.startswith("gs1")
    said = _chained(text) if is_gs1 else _escaped(text)
    return f"^FO{at[0]},{at[1]}^BY{module}^BCN,{height},N,N,N,{'D' if is_gs1 else 'A'}^FD{said}^FS"


def _escaped(text: str) -> str:
    """Without the signs that ZPL takes for the beginning of a command."""
    return text.replace("^", "").replace("~", "")


def _fnc1(text: str) -> str:
    return "_1" + _joined(text, separator="_1", shape="{identifier}{value}")


def _chained(text: str) -> str:
    """For ^BC in its GS1 mode: brackets stay, >8 is FNC1."""
    return _joined(text, separator=">8", shape="({identifier}){value}")


def _joined(text: str, *, separator: str, shape: str) -> str:
    """A GS1 message with a separator behind each part whose length is not fixed, the last one excepted."""
    parts = text.removeprefix("(").split("(")
    said = ""
    for place, part in enumerate(parts):
        identifier, value = part.split(")", 1)
        is_closed = place == len(parts) - 1 or identifier in _FIXED
        said += shape.format(identifier=identifier, value=_escaped(value)) + ("" if is_closed else separator)
    return said
