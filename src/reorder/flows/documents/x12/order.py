"""A purchase order as X12 850, release 004010: the same order and control number give the same text.

Segments: ST BEG CUR REF DTM N1 PO1(PID) CTT SE inside ISA and GS. BEG01 00 is an original order, BEG02 SA one alone;
N101 BY is the buyer, ST where the goods go, SE the seller, each known by a code that both sides agreed on (92); PO1
names our SKU as BP and the supplier's as VN.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from reorder.domain.purchasing.documents import DocumentTerms
from reorder.domain.purchasing.queries import OrderLineRow, PurchaseOrderRow
from reorder.flows.documents.x12.segments import COMPONENT, clean_text, write_segments
from reorder.kernel.money import Money
from reorder.kernel.quantity import plain_decimal

# Units of PO103 (data element 355) by the words that shops use for them; anything else is a case.
UNIT_CODES: Final = {
    "": "EA",
    "each": "EA",
    "piece": "EA",
    "case": "CA",
    "carton": "CT",
    "box": "BX",
    "pack": "PK",
    "bag": "BG",
    "dozen": "DZ",
    "kg": "KG",
    "pallet": "PL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class X12Parties:
    """Who sends and receives, as the supplier's terms name them, and the shop's own name."""

    terms: DocumentTerms
    shop_name: str


def unit_code_of(*, line: OrderLineRow) -> str:
    """The code of the unit in which a line is ordered."""
    return UNIT_CODES.get(line.order_unit.strip().lower(), "CA")


def purchase_order_x12(*, order: PurchaseOrderRow, parties: X12Parties, control_number: int, time_zone: str) -> bytes:
    """The order as one interchange with one 850, UTF-8; times are the shop's of the moment it was placed."""
    moment = order.placed_at.astimezone(ZoneInfo(time_zone))
    body = _body(order=order, parties=parties, moment=moment)
    transaction = [["ST", "850", "0001"], *body, ["SE", str(len(body) + 2), "0001"]]
    return write_segments(
        [
            _isa(terms=parties.terms, moment=moment, control_number=control_number),
            [
                "GS",
                "PO",
                parties.terms.own_id,
                parties.terms.their_id,
                f"{moment:%Y%m%d}",
                f"{moment:%H%M}",
                str(control_number),
                "X",
                parties.terms.version,
            ],
            *transaction,
            ["GE", "1", str(control_number)],
            ["IEA", "1", f"{control_number:09}"],
        ]
    ).encode()


def _isa(*, terms: DocumentTerms, moment: dt.datetime, control_number: int) -> list[str]:
    return [
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        terms.own_qualifier,
        terms.own_id.ljust(15),
        terms.their_qualifier,
        terms.their_id.ljust(15),
        f"{moment:%y%m%d}",
        f"{moment:%H%M}",
        "U",
        "00401",
        f"{control_number:09}",
        "0",
        "T" if terms.is_trial else "P",
        COMPONENT,
    ]


def _body(*, order: PurchaseOrderRow, parties: X12Parties, moment: dt.datetime) -> list[list[str]]:
    lines = [segment for place, line in enumerate(order.lines, start=1) for segment in _line(place, line, order)]
    total = sum((_ordered(line) for line in order.lines), Decimal(0))
    return [
        ["BEG", "00", "SA", clean_text(order.number, longest=22), "", f"{moment:%Y%m%d}"],
        ["CUR", "BY", order.currency],
        ["REF", "VR", clean_text(order.supplier_code, longest=30)],
        ["DTM", "002", f"{order.asked_date or order.expected_date:%Y%m%d}"],
        _name("BY", parties.shop_name, parties.terms.own_id),
        _name("ST", order.place_name, order.place_code),
        _name("SE", order.supplier_name, order.supplier_code),
        *lines,
        ["CTT", str(len(order.lines)), plain_decimal(number=total)],
    ]


def _line(place: int, line: OrderLineRow, order: PurchaseOrderRow) -> list[list[str]]:
    price = line.unit_cost_minor if line.order_unit_cost_minor is None else line.order_unit_cost_minor
    items = ["BP", clean_text(line.sku, longest=48)]
    if line.supplier_sku:
        items += ["VN", clean_text(line.supplier_sku, longest=48)]
    return [
        [
            "PO1",
            str(place),
            plain_decimal(number=_ordered(line)),
            unit_code_of(line=line),
            plain_decimal(number=Money(price, order.currency).major),
            "",
            *items,
        ],
        ["PID", "F", "", "", "", clean_text(line.product_name, longest=80)],
    ]


def _ordered(line: OrderLineRow) -> Decimal:
    """In the unit in which it is ordered, and priced."""
    return line.ordered_units / line.order_unit_units if line.order_unit else line.ordered_units


def _name(kind: str, name: str, code: str) -> list[str]:
    return ["N1", kind, clean_text(name, longest=60), "92", clean_text(code, longest=80)]
