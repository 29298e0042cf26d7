"""Barcodes for paper: Code 128, GS1-128 and GS1 Data Matrix as figures that a page draws; made by zxing-cpp. Pure."""

import datetime as dt
from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final

from reorder.kernel.errors import BadInput
from reorder.kernel.gs1 import has_right_check_digit

# Longer ones grow wider than a label, and hand scanners miss them.
LONGEST: Final = 40
_GTIN_LENGTHS: Final = (8, 12, 13, 14)


class BadBarcode(BadInput):
    """What should be printed as a barcode has signs that the code cannot say."""

    code = "documents.bad_barcode"
    template = "{text} cannot be printed as a barcode: use letters, digits and plain signs only."


def code128_widths(*, text: str) -> list[int]:
    """Code 128 as widths of bars and gaps by turns, in modules, the first a bar; empty for what it cannot say."""
    if not 0 < len(text) <= LONGEST or any(not 32 <= ord(char) <= 126 for char in text):
        return []
    return _widths(text, is_gs1=False)


def gs1_128_widths(*, parts: Mapping[str, str]) -> list[int]:
    """GS1-128 of application identifiers and their values, in their order; raises BadBarcode."""
    return _widths(gs1_text(parts=parts), is_gs1=True)


def data_matrix_rows(*, parts: Mapping[str, str]) -> list[list[int]]:
    """GS1 Data Matrix of application identifiers as rows of 1 (dark) and 0; raises BadBarcode."""
    import zxingcpp

    made = _made(gs1_text(parts=parts), zxingcpp.BarcodeFormat.DataMatrix, is_gs1=True)
    return [[0 if white else 1 for white in row] for row in _pixels(made)]


def gs1_text(*, parts: Mapping[str, str]) -> str:
    """A GS1 message as people read it, with its identifiers in brackets."""
    return "".join(f"({identifier}){value}" for identifier, value in parts.items())


def goods_parts(*, gtin: str, lot: str = "", expires: dt.date | None = None) -> dict[str, str]:
    """The application identifiers of a trade item with lot and expiry: 01, 17, 10 (the one without fixed length last).

    Source: GS1 General Specifications, sections 3.2 and 7.8.
    """
    parts = {"01": gtin.zfill(14)}
    if expires:
        parts["17"] = expires.strftime("%y%m%d")
    if lot:
        parts["10"] = lot
    return parts


def is_gtin(*, code: str) -> bool:
    """Whether a code has the length and check digit of a GTIN (GS1 General Specifications 7.9)."""
    return len(code) in _GTIN_LENGTHS and has_right_check_digit(number=code)


def _widths(text: str, *, is_gs1: bool) -> list[int]:
    import zxingcpp

    first = _pixels(_made(text, zxingcpp.BarcodeFormat.Code128, is_gs1=is_gs1))[0]
    return [len(list(run)) for _colour, run in groupby(first)]


def _made(text: str, kind: Any, *, is_gs1: bool) -> Any:
    import zxingcpp

    try:
        return zxingcpp.create_barcode(text, kind, **({"gs1": True} if is_gs1 else {}))
    except (ValueError, RuntimeError):
        raise BadBarcode(text=text) from None


def _pixels(made: Any) -> list[list[int]]:
    rows: Any = memoryview(made.to_image(scale=1, add_hrt=False, add_quiet_zones=False)).tolist()
    return [list(row) for row in rows]
