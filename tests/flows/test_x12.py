"""Orders as X12 850, character by character, and 855 answers read back; what is wrong is said with its segment."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from reorder.domain.purchasing.documents import DocumentTerms
from reorder.domain.purchasing.queries import OrderLineRow, PurchaseOrderRow
from reorder.flows.documents.x12 import (
    BadX12,
    X12Parties,
    purchase_order_x12,
    read_acknowledgements,
    read_interchange,
)
from tests.factories.x12 import x12_answer

TERMS = DocumentTerms(
    formats=("x12",), own_qualifier="ZZ", own_id="TEAHOUSE", their_qualifier="01", their_id="123456789"
)
OOLONG = OrderLineRow(
    id=1,
    product_id=1,
    sku="OOLONG-150",
    supplier_sku="A-OOLONG",
    product_name="Oolong * best ~ tea > 烏龍茶\n150 g",
    ordered_units=Decimal(12),
    received_units=Decimal(0),
    unit_cost_minor=20_050,
)
CASE = replace(
    OOLONG,
    id=2,
    sku="MATCHA-30",
    supplier_sku="",
    product_name="Matcha",
    ordered_units=Decimal(48),
    unit_cost_minor=1_042,
    order_unit="case",
    order_unit_units=Decimal(24),
    order_unit_cost_minor=25_000,
)
ORDER = PurchaseOrderRow(
    id=1,
    number="PO-2026-000123",
    supplier_code="ALISHAN",
    supplier_name="阿里山茶園",
    supplier_email="",
    supplier_language="zh-hant",
    minimum_value_minor=0,
    place_code="KEELUNG",
    place_name="Keelung warehouse",
    currency="TWD",
    state="placed",
    placed_at=dt.datetime(2026, 11, 22, 20, 30, tzinfo=dt.UTC),
    placed_by="mei",
    expected_date=dt.date(2026, 11, 28),
    lines=(CASE, OOLONG),
)
EXPECTED = """\
ISA*00*          *00*          *ZZ*TEAHOUSE       *01*123456789      *261123*0430*U*00401*000000042*0*P*>~
GS*PO*TEAHOUSE*123456789*20261123*0430*42*X*004010~
ST*850*0001~
BEG*00*SA*PO-2026-000123**20261123~
CUR*BY*TWD~
REF*VR*ALISHAN~
DTM*002*20261128~
N1*BY*Tea House*92*TEAHOUSE~
N1*ST*Keelung warehouse*92*KEELUNG~
N1*SE*阿里山茶園*92*ALISHAN~
PO1*1*2*CA*250**BP*MATCHA-30~
PID*F****Matcha~
PO1*2*12*EA*200.5**BP*OOLONG-150*VN*A-OOLONG~
PID*F****Oolong best tea 烏龍茶 150 g~
CTT*2*14~
SE*14*0001~
GE*1*42~
IEA*1*000000042~
"""


def written(order: PurchaseOrderRow = ORDER, terms: DocumentTerms = TERMS) -> str:
    parties = X12Parties(terms=terms, shop_name="Tea House")
    return purchase_order_x12(order=order, parties=parties, control_number=42, time_zone="Asia/Taipei").decode()


def test_an_order_is_this_text_and_no_other() -> None:
    assert written() == EXPECTED
    assert written() == written()


def test_what_was_written_can_be_read_again() -> None:
    interchange = read_interchange(written())
    assert (interchange.control_number, interchange.sender, interchange.receiver, interchange.is_trial) == (
        42,
        ("ZZ", "TEAHOUSE"),
        ("01", "123456789"),
        False,
    )
    (group,) = interchange.groups
    assert (group.kind, [one[0][1] for one in group.sets]) == ("PO", ["850"])


def test_no_name_can_end_a_segment_or_an_element() -> None:
    nasty = replace(ORDER, place_name="A*B~SE*1*0001~", supplier_name="x" * 90, lines=(OOLONG,))
    (group,) = read_interchange(written(nasty)).groups
    names = [segment for segment in group.sets[0] if segment[0] == "N1"]
    assert names[1] == ("N1", "ST", "A B SE 1 0001", "92", "KEELUNG")
    assert names[2][2] == "x" * 60


def test_a_trial_exchange_says_so() -> None:
    assert read_interchange(written(terms=replace(TERMS, is_trial=True))).is_trial


def test_the_control_header_has_its_fixed_length() -> None:
    assert len(written().partition("\n")[0]) == 106


def test_accepted_changed_backordered_and_refused_lines_are_read() -> None:
    (said,) = read_acknowledgements(
        x12_answer(
            "PO1|1|2|CA|250||BP|MATCHA-30",
            "ACK|IA|2|CA|067|20261130",
            "PO1|2|12|EA|210.5||BP|OOLONG-150|VN|A-OOLONG",
            "ACK|IQ|8|EA|067|20261129",
            "ACK|IB|4|EA|067|20261209",
            "PO1|3|5|EA|||VN|A-SENCHA",
            "ACK|IR|5|EA",
            "CTT|3",
        )
    )
    assert (said.order_number, said.supplier_reference, said.verdict, said.control_number, said.set_number) == (
        "PO-2026-000123",
        "S-778",
        "by_line",
        9,
        "0007",
    )
    assert [
        (one.accepted_units, one.price, one.promised_date, one.is_backordered, one.items) for one in said.lines
    ] == [
        (Decimal(2), Decimal(250), dt.date(2026, 11, 30), False, {"BP": "MATCHA-30"}),
        (Decimal(8), Decimal("210.5"), dt.date(2026, 12, 9), True, {"BP": "OOLONG-150", "VN": "A-OOLONG"}),
        (Decimal(0), None, None, False, {"VN": "A-SENCHA"}),
    ]


def test_a_line_without_an_answer_stands_as_ordered() -> None:
    (said,) = read_acknowledgements(x12_answer("PO1|1|2|EA|250||BP|MATCHA-30"))
    assert (said.lines[0].accepted_units, said.lines[0].is_backordered) == (None, False)


@pytest.mark.parametrize(("kind", "verdict"), [("AK", "accepted"), ("AT", "accepted"), ("RJ", "refused")])
def test_a_whole_order_is_answered_in_its_head(kind: str, verdict: str) -> None:
    assert read_acknowledgements(x12_answer(kind=kind))[0].verdict == verdict


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "does not begin with ISA"),
        (b"PK\x03\x04\xff", "does not begin with ISA"),
        (written().encode(), "holds no 855 in a group PR"),
        (x12_answer(count=5), "SE counts other segments"),
        (x12_answer(kind="XX"), "BAK02 is none of"),
        (x12_answer("PO1|1|2|EA|250||BP|M", "ACK|ZZ|2|EA"), "ACK01 is none of IA, IQ, IP, DR, IB, IR. Segment 6"),
        (x12_answer("PO1|1|2|EA|250||BP|M", "ACK|IA|2|CA"), "another unit than PO103"),
        (x12_answer("PO1|1|2|EA|250||BP|M", "ACK|IA|two|EA"), "a number cannot be read"),
        (x12_answer("PO1|1|2|EA|250||BP|M", "ACK|IA|2|EA|067|20261340"), "CCYYMMDD"),
        (x12_answer().replace(b"IEA|1|000000009", b"IEA|1|000000008"), "control numbers of ISA and IEA differ"),
        (x12_answer().replace(b"GE|1|9", b"GE|2|9"), "GE counts other transaction sets"),
        (x12_answer().replace(b"SE|3|0007!\r\n", b""), "has no SE"),
        (x12_answer().replace(b"|PO-2026-000123|", b"||"), "BAK must name the order"),
    ],
)
def test_a_broken_file_is_refused_with_its_fault(content: bytes, fault: str) -> None:
    with pytest.raises(BadX12, match=fault.replace("(", r"\(")):
        read_acknowledgements(content)
