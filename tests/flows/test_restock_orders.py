"""Approve, receive, cancel: the ledger follows each step, and every step happens once."""

import csv
import io
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reorder.domain.inventory.models import Move
from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.messaging.models import OutboxAttachment, OutboxMessage
from reorder.domain.planning.models import DirtyMark
from reorder.domain.purchasing.errors import (
    BadCount,
    NothingProposed,
    NothingReceived,
    ProposalDecided,
    PurchaseOrderClosed,
    ReceiptKeyReused,
    UnknownOrderLine,
    UnknownProposal,
    UnknownPurchaseOrder,
    UnknownSupplier,
)
from reorder.domain.purchasing.models import Proposal, PurchaseOrder
from reorder.domain.purchasing.queries import PurchaseOrderRow, get_purchase_order
from reorder.domain.storage import widened_transaction
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.inventory import incoming_at, make_place, stock_at
from tests.factories.purchasing import BUYER, MONDAY_MORNING, make_offer, make_supplier, propose

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def two_teas_proposed() -> list[int]:
    make_place()
    make_supplier()
    for sku in ("OOLONG-150", "MATCHA-30"):
        make_product(sku=sku)
        make_offer(sku=sku, supplier_sku=f"A-{sku}")
    return propose(("OOLONG-150", 12), ("MATCHA-30", 8))


def approved() -> PurchaseOrderRow:
    (order,) = restock.approve(proposal_ids=two_teas_proposed(), decided_by=BUYER, moment=MONDAY_MORNING)
    return order


def receive(order: PurchaseOrderRow, *, key: str, **lines: int) -> restock.Received:
    counted = {sku.replace("_", "-"): Decimal(units) for sku, units in lines.items()} or None
    return restock.receive(number=order.number, lines=counted, received_at=MONDAY_MORNING, idempotency_key=key)


def test_proposals_of_one_supplier_and_place_join_into_one_order() -> None:
    order = approved()

    assert order.number.startswith("PO-2026-")
    assert [(line.sku, line.ordered_units) for line in order.lines] == [("MATCHA-30", 8), ("OOLONG-150", 12)]
    assert order.cost_minor == 20 * 20_000
    assert order.expected_date.isoformat() == "2026-11-28"
    assert set(Proposal.objects.values_list("state", "decided_by")) == {("approved", BUYER)}
    assert incoming_at(sku="OOLONG-150") == 12
    assert stock_at(sku="OOLONG-150") == 0


def test_two_suppliers_and_two_places_make_separate_orders() -> None:
    ids = two_teas_proposed()
    make_place(code="TAINAN", name="Tainan warehouse")
    make_supplier(code="UJI", name="Uji Matcha")
    make_offer(sku="MATCHA-30", supplier="UJI")
    ids += propose(("MATCHA-30", 5), supplier="UJI", place="TAINAN")
    ids += propose(("OOLONG-150", 7), place="TAINAN")

    orders = restock.approve(proposal_ids=ids, decided_by=BUYER, moment=MONDAY_MORNING)

    assert [(order.supplier_code, order.place_code, len(order.lines)) for order in orders] == [
        ("ALISHAN", "KEELUNG", 2),
        ("ALISHAN", "TAINAN", 1),
        ("UJI", "TAINAN", 1),
    ]


def test_goods_move_from_incoming_to_stock_as_they_are_received() -> None:
    order = approved()

    half = receive(order, key="note-1", OOLONG_150=6, MATCHA_30=8)
    assert (incoming_at(sku="OOLONG-150"), stock_at(sku="OOLONG-150")) == (6, 6)
    assert (incoming_at(sku="MATCHA-30"), stock_at(sku="MATCHA-30")) == (0, 8)
    assert half.order.state == "partly_received"
    assert half.missing == {"OOLONG-150": 6}
    assert compare_ledger_with_levels() == []

    rest = receive(order, key="note-2")
    assert (incoming_at(sku="OOLONG-150"), stock_at(sku="OOLONG-150")) == (0, 12)
    assert rest.order.state == "received"
    assert rest.missing == {}
    assert compare_ledger_with_levels() == []


def test_the_same_delivery_twice_counts_once() -> None:
    order = approved()
    receive(order, key="note-1", OOLONG_150=6)

    again = receive(order, key="note-1", OOLONG_150=6)

    assert again.is_new is False
    assert stock_at(sku="OOLONG-150") == 6
    assert get_purchase_order(number=order.number).lines[1].received_units == 6


def test_the_whole_delivery_twice_counts_once() -> None:
    order = approved()
    receive(order, key="note-1")

    assert receive(order, key="note-1").is_new is False
    assert stock_at(sku="OOLONG-150") == 12


def test_one_delivery_note_cannot_bring_two_different_counts() -> None:
    order = approved()
    receive(order, key="note-1", OOLONG_150=6)

    with pytest.raises(ReceiptKeyReused, match="note-1"):
        receive(order, key="note-1", OOLONG_150=7)

    assert stock_at(sku="OOLONG-150") == 6


def test_more_than_was_ordered_is_taken_as_counted_and_reported() -> None:
    order = approved()

    received = receive(order, key="note-1", OOLONG_150=15, MATCHA_30=8)

    assert received.extra == {"OOLONG-150": 3}
    assert received.order.state == "received"
    assert (incoming_at(sku="OOLONG-150"), stock_at(sku="OOLONG-150")) == (0, 15)
    extra = Move.objects.get(kind="receipt", source__code="supplier")
    assert extra.units == 3
    assert compare_ledger_with_levels() == []


def test_a_lot_and_its_last_day_stay_with_the_goods() -> None:
    order = approved()

    restock.receive(
        number=order.number,
        received_at=MONDAY_MORNING,
        idempotency_key="note-1",
        lines={"OOLONG-150": Decimal(12)},
        lot="SPRING-26",
        expires_date=order.expected_date,
    )

    assert stock_at(sku="OOLONG-150", lot="SPRING-26") == 12
    assert incoming_at(sku="OOLONG-150") == 0
    assert Move.objects.get(lot="SPRING-26").expires_date == order.expected_date
    assert compare_ledger_with_levels() == []


def test_cancelling_gives_up_what_is_missing_and_keeps_what_came() -> None:
    order = approved()
    receive(order, key="note-1", OOLONG_150=5)

    missing = restock.cancel_order(number=order.number, moment=MONDAY_MORNING)

    assert missing == {"OOLONG-150": 7, "MATCHA-30": 8}
    assert get_purchase_order(number=order.number).state == "cancelled"
    assert (incoming_at(sku="OOLONG-150"), stock_at(sku="OOLONG-150")) == (0, 5)
    assert incoming_at(sku="MATCHA-30") == 0
    assert compare_ledger_with_levels() == []
    letter = OutboxMessage.objects.latest("pk")
    assert letter.subject == f"Purchase order {order.number} is cancelled"
    assert "A-OOLONG-150  Oolong 150 g  7\n" in letter.body_text


def test_an_order_whose_letter_never_left_is_cancelled_without_a_word_to_the_supplier() -> None:
    order = approved()

    restock.cancel_order(number=order.number, moment=MONDAY_MORNING)

    assert [(one.state, one.outcome_code) for one in OutboxMessage.objects.all()] == [
        ("stopped", "outbox.stopped.by_person")
    ]


def test_a_supplier_who_has_the_letter_is_told_of_the_cancellation() -> None:
    order = approved()
    OutboxMessage.objects.update(state="sent", finished_at=MONDAY_MORNING)

    restock.cancel_order(number=order.number, moment=MONDAY_MORNING)

    assert OutboxMessage.objects.latest("pk").subject == f"Purchase order {order.number} is cancelled"


def test_a_cancelled_order_can_neither_be_received_nor_cancelled_again() -> None:
    order = approved()
    restock.cancel_order(number=order.number, moment=MONDAY_MORNING)

    with pytest.raises(PurchaseOrderClosed, match="is cancelled: nothing more can be received"):
        receive(order, key="note-1")
    with pytest.raises(PurchaseOrderClosed, match="nothing more can be cancelled"):
        restock.cancel_order(number=order.number, moment=MONDAY_MORNING)

    assert incoming_at(sku="OOLONG-150") == 0


def test_the_supplier_gets_one_letter_with_the_order_as_csv() -> None:
    order = approved()

    letter = OutboxMessage.objects.get()
    attached = OutboxAttachment.objects.get(message=letter, media_type="text/csv")
    rows = list(csv.DictReader(io.StringIO(bytes(attached.content).decode("utf-8-sig"))))
    assert (letter.purpose, letter.address, letter.state) == ("supplier", "orders@alishan.example", "planned")
    assert letter.subject == f"Purchase order {order.number} from My shop"
    assert attached.filename == f"{order.number}.csv"
    assert [(row["supplier_sku"], row["units"], row["unit_cost"], row["line_cost"]) for row in rows] == [
        ("A-MATCHA-30", "8", "200.00", "1600.00"),
        ("A-OOLONG-150", "12", "200.00", "2400.00"),
    ]
    assert rows[0]["ordered_date"] == "2026-11-23"


def test_the_file_in_the_home_folder_is_the_attachment(
    home: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        order = approved()

    file = home / "purchase-orders" / f"{order.number}.csv"
    attached = bytes(OutboxAttachment.objects.get(media_type="text/csv").content)
    assert file.read_bytes() == attached
    file.unlink()
    assert restock.save_order_files(orders=[get_purchase_order(number=order.number)]) == [file]
    assert file.read_bytes() == attached


def test_no_file_is_written_for_an_order_that_did_not_commit(
    home: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True), suppress(InterruptedError), widened_transaction():
        approved()
        raise InterruptedError

    assert not (home / "purchase-orders").exists()


def test_a_supplier_without_mail_gets_only_the_file(
    home: Path, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    make_place()
    make_supplier(email="")
    make_product()
    make_offer()
    ids = propose(("OOLONG-150", 12))

    with django_capture_on_commit_callbacks(execute=True):
        (order,) = restock.approve(proposal_ids=ids, decided_by=BUYER, moment=MONDAY_MORNING)

    assert OutboxMessage.objects.count() == 0
    assert (home / "purchase-orders" / f"{order.number}.csv").exists()


def test_a_product_name_cannot_act_as_a_formula_in_the_suppliers_spreadsheet() -> None:
    make_place()
    make_supplier()
    evil = '=HYPERLINK("http://x.example","Oolong")'
    product = make_product()
    product.name = evil
    product.save(update_fields=["name"])
    make_offer(supplier_sku="@SUM(1+1)")
    ids = propose(("OOLONG-150", 12))

    restock.approve(proposal_ids=ids, decided_by=BUYER, moment=MONDAY_MORNING)

    text = bytes(OutboxAttachment.objects.get(media_type="text/csv").content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["name"] == "'" + evil
    assert row["supplier_sku"] == "'@SUM(1+1)"


def test_an_approved_proposal_cannot_be_approved_or_dismissed_again() -> None:
    ids = two_teas_proposed()
    restock.approve(proposal_ids=ids[:1], decided_by=BUYER, moment=MONDAY_MORNING)

    with pytest.raises(ProposalDecided, match=f"Proposal {ids[0]} is no longer open: it was approved by mei"):
        restock.approve(proposal_ids=ids, decided_by="kai", moment=MONDAY_MORNING)
    with pytest.raises(ProposalDecided):
        restock.dismiss(proposal_ids=ids, decided_by="kai", moment=MONDAY_MORNING)

    assert PurchaseOrder.objects.count() == 1
    assert Proposal.objects.get(pk=ids[1]).state == "open"


def test_a_dismissed_proposal_is_not_ordered() -> None:
    ids = two_teas_proposed()

    restock.dismiss(proposal_ids=ids[:1], decided_by=BUYER, moment=MONDAY_MORNING)
    (order,) = restock.approve_all(decided_by=BUYER, moment=MONDAY_MORNING)

    assert [line.sku for line in order.lines] == ["MATCHA-30"]


def test_one_supplier_can_be_approved_alone() -> None:
    two_teas_proposed()
    make_supplier(code="UJI", name="Uji Matcha")
    make_offer(sku="MATCHA-30", supplier="UJI")
    propose(("MATCHA-30", 5), supplier="UJI")

    orders = restock.approve_supplier(supplier_code="UJI", decided_by=BUYER, moment=MONDAY_MORNING)

    assert [(order.supplier_code, order.lines[0].sku) for order in orders] == [("UJI", "MATCHA-30")]
    assert Proposal.objects.filter(state="open").count() == 1


def test_a_changed_position_is_marked_for_planning() -> None:
    order = approved()
    DirtyMark.objects.all().delete()

    receive(order, key="note-1", OOLONG_150=6)

    assert set(DirtyMark.objects.values_list("kind", "subject_key")) == {
        ("position", "MATCHA-30|KEELUNG"),
        ("position", "OOLONG-150|KEELUNG"),
    }


def test_mistakes_are_named() -> None:
    order = approved()

    with pytest.raises(UnknownProposal, match="There is no proposal 999999"):
        restock.approve(proposal_ids=[999_999], decided_by=BUYER, moment=MONDAY_MORNING)
    with pytest.raises(UnknownSupplier, match="NOBODY"):
        restock.approve_supplier(supplier_code="NOBODY", decided_by=BUYER, moment=MONDAY_MORNING)
    with pytest.raises(NothingProposed, match="No open proposal of ALISHAN"):
        restock.approve_supplier(supplier_code="ALISHAN", decided_by=BUYER, moment=MONDAY_MORNING)
    with pytest.raises(NothingProposed):
        restock.approve_all(decided_by=BUYER, moment=MONDAY_MORNING)
    with pytest.raises(UnknownPurchaseOrder, match="PO-1999-000001"):
        restock.cancel_order(number="PO-1999-000001", moment=MONDAY_MORNING)
    with pytest.raises(UnknownOrderLine, match=r"PUERH-357 is not on purchase order .*: MATCHA-30, OOLONG-150"):
        receive(order, key="note-1", PUERH_357=1)
    with pytest.raises(BadCount, match="-1 units of OOLONG-150"):
        receive(order, key="note-1", OOLONG_150=-1)
    with pytest.raises(NothingReceived):
        receive(order, key="note-1", OOLONG_150=0)

    assert stock_at(sku="OOLONG-150") == 0
    assert get_purchase_order(number=order.number).state == "placed"


def test_orders_taken_back_together_lock_their_stock_in_one_order() -> None:
    """Level by level and order by order, two of them, and a receipt of a third, could wait for each other for ever."""
    ids = two_teas_proposed()
    make_supplier(code="UJI", name="Uji Matcha")
    make_product(sku="SENCHA-100")
    make_offer(sku="SENCHA-100", supplier="UJI")
    ids += propose(("SENCHA-100", 5), supplier="UJI")
    orders = restock.approve(proposal_ids=ids, decided_by=BUYER, moment=MONDAY_MORNING)

    with CaptureQueriesContext(connection) as asked:
        undone = restock.undo_approval(
            numbers=[order.number for order in orders], decided_by=BUYER, moment=MONDAY_MORNING
        )

    assert (len(undone.cancelled), undone.reopened_count, undone.told_count) == (2, 3, 0)
    assert [incoming_at(sku=sku) for sku in ("OOLONG-150", "MATCHA-30", "SENCHA-100")] == [0, 0, 0]
    assert sum("FOR UPDATE OF level" in query["sql"] for query in asked) == 1
    assert compare_ledger_with_levels() == []
