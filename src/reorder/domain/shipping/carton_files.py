"""Cartons as a CSV file, out and in again; a file is taken whole or refused with its first faulty row. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from reorder.domain.shipping.carton_rules import MATERIALS, CartonRow, outer_side, refuse_bad_carton
from reorder.domain.shipping.errors import BadCarton, BadShippingFile
from reorder.domain.shipping.files import amount_text, file_fault, read_amount, read_table, write_table
from reorder.domain.shipping.rules import TEMPERATURES

COLUMNS: Final = (
    "code", "name", "length_mm", "width_mm", "height_mm", "outer_length_mm", "outer_width_mm", "outer_height_mm",
    "own_grams", "max_grams", "cost", "temperatures", "place", "material", "active",
)  # fmt: skip
_OPTIONAL: Final = COLUMNS[5:]
_NO: Final = ("no", "false", "0", "n", "否")
_TEMPERATURE_WORDS: Final = {"常溫": "ambient", "冷藏": "chilled", "冷凍": "frozen"}


def write_cartons(*, cartons: Sequence[CartonRow], currency: str) -> str:
    """The catalogue as CSV; costs in whole units of the currency."""
    rows = [
        (
            one.code,
            one.name,
            one.length_mm,
            one.width_mm,
            one.height_mm,
            one.outer_length_mm,
            one.outer_width_mm,
            one.outer_height_mm,
            one.own_grams,
            "" if one.max_grams is None else one.max_grams,
            amount_text(minor=one.cost_minor, currency=currency),
            " ".join(one.temperature_classes),
            one.place_code,
            one.material,
            "yes" if one.is_active else "no",
        )
        for one in cartons
    ]
    return write_table(columns=COLUMNS, rows=rows)


def read_cartons(*, content: bytes, currency: str) -> list[CartonRow]:
    """Cartons of a CSV file (comma or semicolon; UTF-8 or Big5). Raises BadShippingFile with the first faulty row."""
    found: dict[str, CartonRow] = {}
    for number, row in read_table(content=content, columns=COLUMNS, optional=_OPTIONAL):
        carton = _carton(number=number, row=row, currency=currency)
        try:
            refuse_bad_carton(carton=carton)
        except BadCarton as fault:
            raise _fault(number, str(fault.parameters["reason"]), value=carton.code) from fault
        if carton.code in found:
            raise _fault(number, "this carton comes twice", value=carton.code)
        found[carton.code] = carton
    if not found:
        raise _fault(2, "there is no carton in it")
    return list(found.values())


def _carton(*, number: int, row: dict[str, str], currency: str) -> CartonRow:
    sides = [_whole(number, row, name) for name in ("length_mm", "width_mm", "height_mm")]
    outer = [
        _whole(number, row, f"outer_{name}") if row[f"outer_{name}"] else outer_side(inner_mm=side)
        for name, side in zip(("length_mm", "width_mm", "height_mm"), sides, strict=True)
    ]
    cost = read_amount(text=row["cost"] or "0", currency=currency)
    if cost is None:
        raise _fault(number, "the price is not an amount of 0 or more, with no more decimals than the currency has")
    return CartonRow(
        code=row["code"],
        name=row["name"] or row["code"],
        length_mm=sides[0],
        width_mm=sides[1],
        height_mm=sides[2],
        outer_length_mm=outer[0],
        outer_width_mm=outer[1],
        outer_height_mm=outer[2],
        own_grams=_whole(number, row, "own_grams") if row["own_grams"] else 0,
        max_grams=_whole(number, row, "max_grams") if row["max_grams"] else None,
        cost_minor=cost,
        temperature_classes=_temperatures(number, row["temperatures"]),
        place_code=row["place"],
        material=_material(number, row["material"]),
        is_active=row["active"].lower() not in _NO,
    )


def _whole(number: int, row: dict[str, str], name: str) -> int:
    if re.fullmatch(r"[0-9]{1,9}", row[name]) is None:
        raise _fault(number, "this is not a whole number", value=f"{name} {row[name][:40]}".strip())
    return int(row[name])


def _temperatures(number: int, text: str) -> tuple[str, ...]:
    said = [_TEMPERATURE_WORDS.get(one, one.lower()) for one in re.split(r"[\s,;|、]+", text) if one]
    if not set(said) <= set(TEMPERATURES):
        raise _fault(number, "choose temperatures", value=text[:40])
    return tuple(said) or ("ambient",)


def _material(number: int, text: str) -> str:
    if text and text.lower() not in MATERIALS:
        raise _fault(number, "choose what it is made of", value=text[:40])
    return text.lower() or "carton"


def _fault(row: int, reason: str, *, value: str = "–") -> BadShippingFile:
    return file_fault(row=row, reason=reason, columns=COLUMNS, value=value)
