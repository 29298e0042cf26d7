"""What follows an order: answers, refused goods, cancelled lines, claims; the ledger follows each of them."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings

from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.planning.models import DirtyMark
from reorder.domain.purchasing import queries
from reorder.domain.purchasing.answers import NewAnswer
from reorder.domain.purchasing.delivery_faults import DeliveryFault
from reorder.domain.purchasing.errors import (
    AnswerKeyReused,
    AnswerNotOurs,
    BadAnswer,
    BadCount,
    NothingLeftToCancel,
    NothingToClaim,
    PurchaseOrderClosed,
    UnknownDiscrepancy,
    UnknownOrderLine,
)
from reorder.domain.purchasing.models import PurchaseOrderLine
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.staff.queries import list_audit
from reorder.flows import restock
from reorder.flows.restock.letters import order_letter
from tests.factories.following import exchange_with, receive, said, two_teas_ordered
from tests.factories.inventory import incoming_at, stock_at
from tests.factories.purchasing import BUYER, MONDAY_MORNING
from tests.factories.x12 import x12_answer

pytestmark = pytest.mark.django_db
FRIDAY = MONDAY_MORNING.replace(day=27)


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def lines_of(order: PurchaseOrderRow) -> dict[str, tuple[Decimal, Decimal]]:
    return {line.sku: (line.given_up_units, line.missing_units) for line in order.lines}


def test_fewer_units_another_price_and_a_later_day_are_followed() -> None:
    order = two_teas_ordered()
    DirtyMark.objects.all().delete()

    done = restock.acknowledge(
        number=order.number,
        answer=said(
            NewAnswer(sku="OOLONG-150", accepted_units=Decimal(9), promised_date=dt.date(2026, 12, 2)),
            NewAnswer(sku="MATCHA-30", unit_cost_minor=21_000),
        ),
    )

    assert [(one.sku, one.answer, one.released_units) for one in done.lines] == [
        ("MATCHA-30", "changed", 0),
        ("OOLONG-150", "changed", 3),
    ]
    assert done.order.expected_date == dt.date(2026, 12, 2)
    assert done.order.asked_date == dt.date(2026, 11, 28)
    assert lines_of(done.order) == {"MATCHA-30": (0, 8), "OOLONG-150": (3, 9)}
    assert (incoming_at(sku="OOLONG-150"), incoming_at(sku="MATCHA-30")) == (9, 8)
    assert set(DirtyMark.objects.values_list("subject_key", flat=True)) >= {"OOLONG-150|KEELUNG", "MATCHA-30|KEELUNG"}
    assert compare_ledger_with_levels() == []
    (shown,) = queries.list_acknowledgements(order_id=order.id)
    assert (shown.supplier_reference, [line.answer for line in shown.lines]) == ("S-778", ["changed", "changed"])
    assert list_audit(action="purchasing.acknowledge")[0].details["refused"] == {"OOLONG-150": "3.000"}


def test_silence_about_lines_accepts_everything_as_ordered() -> None:
    order = two_teas_ordered()

    done = restock.acknowledge(number=order.number, answer=said())

    assert [(one.answer, one.accepted_units) for one in done.lines] == [("accepted", 8), ("accepted", 12)]
    assert done.order.expected_date == dt.date(2026, 11, 28)


def test_backordered_units_stay_expected_on_their_later_day() -> None:
    order = two_teas_ordered()
    late = NewAnswer(
        sku="OOLONG-150", accepted_units=Decimal(0), is_backordered=True, promised_date=dt.date(2026, 12, 20)
    )

    done = restock.acknowledge(number=order.number, answer=said(late))

    assert (done.lines[0].answer, done.released) == ("backordered", {})
    assert incoming_at(sku="OOLONG-150") == 12
    assert done.order.expected_date == dt.date(2026, 12, 20)


def test_an_order_refused_whole_is_closed_and_nothing_is_on_the_way() -> None:
    order = two_teas_ordered()
    refused = [NewAnswer(sku=line.sku, accepted_units=Decimal(0)) for line in order.lines]

    done = restock.acknowledge(number=order.number, answer=said(*refused))

    assert done.order.state == "cancelled"
    assert (incoming_at(sku="OOLONG-150"), incoming_at(sku="MATCHA-30")) == (0, 0)
    with pytest.raises(PurchaseOrderClosed, match="acknowledged"):
        restock.acknowledge(number=order.number, answer=said(key="answer-2"))


def test_refusing_the_rest_of_a_half_received_order_completes_it() -> None:
    order = two_teas_ordered()
    receive(order, MATCHA_30=8, OOLONG_150=5)

    done = restock.acknowledge(number=order.number, answer=said(NewAnswer(sku="OOLONG-150", accepted_units=Decimal(0))))

    assert (done.order.state, incoming_at(sku="OOLONG-150"), stock_at(sku="OOLONG-150")) == ("received", 0, 5)


def test_the_same_answer_twice_counts_once_and_another_one_needs_its_own_key() -> None:
    order = two_teas_ordered()
    fewer = NewAnswer(sku="OOLONG-150", accepted_units=Decimal(9))
    restock.acknowledge(number=order.number, answer=said(fewer))

    assert restock.acknowledge(number=order.number, answer=said(fewer)).is_new is False
    with pytest.raises(AnswerKeyReused):
        restock.acknowledge(number=order.number, answer=said())
    assert incoming_at(sku="OOLONG-150") == 9


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (NewAnswer(sku="OOLONG-150", accepted_units=Decimal(13)), "more units are accepted"),
        (NewAnswer(sku="OOLONG-150", accepted_units=Decimal(-1)), "zero or more"),
        (NewAnswer(sku="OOLONG-150", unit_cost_minor=-1), "must not be negative"),
        (NewAnswer(sku="OOLONG-150", promised_date=dt.date(2026, 11, 1)), "before the order"),
        (NewAnswer(sku="OOLONG-150", promised_date=dt.date(2036, 11, 1)), "two years ahead"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_with_the_reason(bad: NewAnswer, fault: str) -> None:
    order = two_teas_ordered()
    with pytest.raises(BadAnswer, match=fault):
        restock.acknowledge(number=order.number, answer=said(bad))


def test_an_answer_to_a_line_that_is_not_there_is_refused() -> None:
    order = two_teas_ordered()
    with pytest.raises(UnknownOrderLine, match="SENCHA"):
        restock.acknowledge(number=order.number, answer=said(NewAnswer(sku="SENCHA")))


def test_an_855_is_taken_for_the_order_that_it_names() -> None:
    order = two_teas_ordered()
    exchange_with()
    content = x12_answer(
        "PO1|1|8|EA|200||BP|MATCHA-30",
        "ACK|IR|8|EA",
        "PO1|2|12|EA|205||VN|A-OOLONG-150",
        "ACK|IQ|10|EA|067|20261203",
    ).replace(b"PO-2026-000123", order.number.encode())

    answers = restock.read_x12_answers(content=content, acknowledged_at=MONDAY_MORNING, recorded_by=BUYER)
    (done,) = restock.acknowledge_all(answers=answers)

    assert [(one.sku, one.answer, one.unit_cost_minor) for one in done.lines] == [
        ("MATCHA-30", "refused", None),
        ("OOLONG-150", "changed", 20_500),
    ]
    assert (incoming_at(sku="MATCHA-30"), incoming_at(sku="OOLONG-150")) == (0, 10)
    assert done.order.expected_date == dt.date(2026, 12, 3)
    (again,) = restock.acknowledge_all(answers=answers)
    assert again.is_new is False


def test_an_855_of_somebody_else_is_refused() -> None:
    order = two_teas_ordered()
    exchange_with()
    content = x12_answer().replace(b"PO-2026-000123", order.number.encode()).replace(b"123456789 ", b"987654321 ")
    with pytest.raises(AnswerNotOurs, match="the sender is not this order's supplier"):
        restock.read_x12_answers(content=content, acknowledged_at=MONDAY_MORNING, recorded_by=BUYER)


def test_refused_goods_never_become_stock_and_stay_on_order() -> None:
    order = two_teas_ordered()

    received = restock.receive(
        number=order.number,
        received_at=FRIDAY,
        idempotency_key="note-1",
        faults=[
            DeliveryFault(sku="OOLONG-150", kind="damaged", units=Decimal(2), note="wet cartons"),
            DeliveryFault(sku="MATCHA-30", kind="short", units=Decimal(1)),
        ],
    )

    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150")) == (10, 2)
    assert (stock_at(sku="MATCHA-30"), incoming_at(sku="MATCHA-30")) == (7, 1)
    assert received.order.state == "partly_received"
    assert [
        (row.kind, row.units, row.state, row.note) for row in queries.list_discrepancies_of_order(order_id=order.id)
    ] == [
        ("short", 1, "open", ""),
        ("damaged", 2, "open", "wet cartons"),
    ]
    assert compare_ledger_with_levels() == []


def test_a_delivery_of_only_bad_goods_is_on_record_and_brings_nothing() -> None:
    order = two_teas_ordered()

    received = restock.receive(
        number=order.number,
        received_at=FRIDAY,
        idempotency_key="note-1",
        lines={},
        faults=[DeliveryFault(sku="OOLONG-150", kind="quality_refused", units=Decimal(12))],
    )

    assert (received.order.state, received.counted, stock_at(sku="OOLONG-150")) == ("placed", (), 0)


def test_more_than_ordered_is_on_record_and_no_claim() -> None:
    order = two_teas_ordered()
    receive(order, OOLONG_150=15, MATCHA_30=8)

    (row,) = queries.list_discrepancies_of_order(order_id=order.id)

    assert (row.kind, row.units, row.state) == ("over", 3, "settled")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (DeliveryFault(sku="OOLONG-150", kind="eaten", units=Decimal(1)), "it must be short"),
        (DeliveryFault(sku="OOLONG-150", kind="damaged", units=Decimal(0)), "more than zero"),
        (DeliveryFault(sku="OOLONG-150", kind="damaged", units=Decimal("NaN")), "more than zero"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(fault: DeliveryFault, reason: str) -> None:
    order = two_teas_ordered()
    with pytest.raises(BadCount, match=reason):
        restock.receive(number=order.number, received_at=FRIDAY, idempotency_key="note-1", faults=[fault])


def test_one_line_is_cancelled_and_the_rest_stands() -> None:
    order = two_teas_ordered()

    after, gone = restock.cancel_lines(number=order.number, skus=["MATCHA-30"], moment=FRIDAY, decided_by=BUYER)

    assert (after.state, gone) == ("placed", {"MATCHA-30": 8})
    assert (incoming_at(sku="MATCHA-30"), incoming_at(sku="OOLONG-150")) == (0, 12)
    letter = OutboxMessage.objects.get(reason_code="restock.letter.lines_cancelled")
    assert "A-MATCHA-30  Matcha 30 g  8" in letter.body_text
    with pytest.raises(NothingLeftToCancel):
        restock.cancel_lines(number=order.number, skus=["MATCHA-30"], moment=FRIDAY, decided_by=BUYER)

    done = receive(order)
    assert (done.order.state, stock_at(sku="OOLONG-150")) == ("received", 12)


def test_cancelling_the_last_lines_cancels_the_order() -> None:
    order = two_teas_ordered()
    after, _ = restock.cancel_lines(
        number=order.number, skus=["MATCHA-30", "OOLONG-150"], moment=FRIDAY, decided_by=BUYER
    )
    assert after.state == "cancelled"
    assert compare_ledger_with_levels() == []


def test_a_claim_lists_what_was_wrong_and_is_made_once() -> None:
    order = two_teas_ordered()
    fault = DeliveryFault(sku="OOLONG-150", kind="damaged", units=Decimal(2), note="wet")
    restock.receive(number=order.number, received_at=FRIDAY, idempotency_key="note-1", faults=[fault])

    claim = restock.claim_supplier(supplier_code="ALISHAN", place_codes=frozenset(), decided_by=BUYER, moment=FRIDAY)

    assert restock.claim_as_csv(claim=claim).decode("utf-8-sig") == (
        "claim,order_number,received_date,supplier_sku,sku,name,fault,units,unit_cost,cost,currency,note\r\n"
        f"{claim.number},{order.number},2026-11-27,A-OOLONG-150,OOLONG-150,Oolong 150 g,damaged,2,200.00,400.00,TWD,wet\r\n"
    )
    letter = OutboxMessage.objects.get(reason_code="restock.letter.claim")
    assert f"{order.number}  A-OOLONG-150  Oolong 150 g  2  damaged  (wet)" in letter.body_text
    with pytest.raises(NothingToClaim):
        restock.claim_supplier(supplier_code="ALISHAN", place_codes=frozenset(), decided_by=BUYER, moment=FRIDAY)

    (line,) = claim.lines
    restock.settle_fault(discrepancy_id=line.id, settlement="credited", decided_by=BUYER, moment=FRIDAY)
    with pytest.raises(UnknownDiscrepancy):
        restock.settle_fault(discrepancy_id=line.id, settlement="credited", decided_by=BUYER, moment=FRIDAY)


def test_a_supplier_gets_the_files_that_it_wants() -> None:
    order = two_teas_ordered()
    exchange_with()
    letter = order_letter(order=order, shop_name="Tea House", send_after=MONDAY_MORNING)

    assert [(one.filename, one.media_type) for one in letter.attachments] == [
        (f"{order.number}.pdf", "application/pdf"),
        (f"{order.number}.x12", "application/edi-x12"),
    ]
    first = restock.order_as_x12(order=order, moment=MONDAY_MORNING)
    assert first == letter.attachments[1].content == restock.order_as_x12(order=order, moment=FRIDAY)


def test_an_855_in_cases_is_counted_in_selling_units() -> None:
    order = two_teas_ordered()
    PurchaseOrderLine.objects.filter(pk=order.lines[1].id).update(
        order_unit="case", order_unit_units=6, order_unit_cost_minor=120_000
    )
    content = x12_answer(
        "PO1|1|2|CA|1230||BP|OOLONG-150",
        "ACK|IQ|1|CA|067|20261203",
    ).replace(b"PO-2026-000123", order.number.encode())

    ((_, answer),) = restock.read_x12_answers(content=content, acknowledged_at=MONDAY_MORNING, recorded_by=BUYER)

    (line,) = answer.lines
    assert (line.accepted_units, line.unit_cost_minor) == (6, 20_500)
    with pytest.raises(AnswerNotOurs, match="the unit is not the order's"):
        restock.read_x12_answers(
            content=content.replace(b"CA", b"PL"), acknowledged_at=MONDAY_MORNING, recorded_by=BUYER
        )
