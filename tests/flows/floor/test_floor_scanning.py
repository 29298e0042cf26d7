"""A scan is answered once: claimed, handled and logged together, whatever happens in between."""

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from reorder.domain.inventory.models import Move
from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.staff.rules import ROLE_ABILITIES, Actor, Role
from reorder.domain.warehouse.models import FloorScan as Logged
from reorder.flows.floor import receive, scanning
from reorder.flows.floor.errors import BadScan
from reorder.flows.floor.handlers import WORKS, may_work
from reorder.flows.floor.scanning import take_scan, take_scans
from reorder.flows.floor.values import ScanAnswer
from tests.factories.floor import (
    MEI,
    OOLONG_GTIN,
    SCANNED_AT,
    STRANGE_GTIN,
    make_delivery,
    outcome_of,
    scan_of,
    scanned,
)
from tests.factories.inventory import incoming_at, stock_at

pytestmark = pytest.mark.django_db


def test_the_same_key_again_gets_the_stored_answer_and_books_nothing() -> None:
    order = make_delivery()
    scan = scan_of(task=order.number, code=OOLONG_GTIN, units=5)

    first = take_scan(scan=scan, actor=MEI, moment=SCANNED_AT)
    again = take_scan(scan=scan, actor=MEI, moment=SCANNED_AT + dt.timedelta(hours=1))

    assert (first.is_replay, again.is_replay) == (False, True)
    assert again.answer == first.answer
    assert outcome_of(first) == ("right", "5 × Oolong 150 g taken in. 7 still to come.")
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150")) == (5, 7)
    assert Logged.objects.count() == 1


def test_a_wrong_scan_is_logged_and_changes_nothing_else() -> None:
    order = make_delivery()

    answered = scanned(task=order.number, code=STRANGE_GTIN)

    assert answered.answer.outcome == "wrong"
    assert answered.error == "floor.unknown_code_at_all"
    assert [(one.outcome, one.code, one.actor) for one in Logged.objects.all()] == [("wrong", STRANGE_GTIN, "mei")]
    assert stock_at(sku="OOLONG-150") == 0


def test_what_a_handler_did_before_its_error_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_delivery()
    honest = receive.answer

    def fails(scan: Any, actor: Actor, moment: dt.datetime) -> ScanAnswer:
        honest(scan, actor, moment)
        raise ZeroDivisionError

    monkeypatch.setattr(receive, "answer", fails)
    answered = scanned(task=order.number, code=OOLONG_GTIN, units=5)

    assert (answered.answer.outcome, answered.error) == ("conflict", "floor.crashed")
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150")) == (0, 12)
    assert Move.objects.filter(kind="receipt").count() == 0
    assert Logged.objects.get().outcome == "conflict"


def test_an_answer_that_refuses_undoes_what_was_done_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_delivery()
    honest = receive.answer

    def refuses(scan: Any, actor: Actor, moment: dt.datetime) -> ScanAnswer:
        honest(scan, actor, moment)
        return ScanAnswer(outcome="wrong", message="No.")

    monkeypatch.setattr(receive, "answer", refuses)
    scanned(task=order.number, code=OOLONG_GTIN, units=5)

    assert stock_at(sku="OOLONG-150") == 0


def test_a_key_of_another_scan_is_a_conflict() -> None:
    order = make_delivery()
    scanned(task=order.number, code=OOLONG_GTIN, units=5, key="0000-one-key")

    answered = scanned(task=order.number, code=OOLONG_GTIN, units=6, key="0000-one-key")

    assert (answered.answer.outcome, answered.error) == ("conflict", "floor.scan_key_reused")
    assert stock_at(sku="OOLONG-150") == 5


def test_scans_are_answered_in_their_order_and_a_wrong_one_does_not_stop_the_rest() -> None:
    order = make_delivery()
    scans = [
        scan_of(task=order.number, code=OOLONG_GTIN, units=5),
        scan_of(task=order.number, code=STRANGE_GTIN),
        scan_of(task=order.number, code=OOLONG_GTIN, units=7),
    ]

    answered = take_scans(scans=scans, actor=MEI, moment=SCANNED_AT)

    assert [one.answer.outcome for one in answered] == ["right", "wrong", "right"]
    assert stock_at(sku="OOLONG-150") == 12
    assert compare_ledger_with_levels() == []


def test_more_than_fifty_at_once_are_refused_whole() -> None:
    scan = scan_of(task="PO-1", code=OOLONG_GTIN)

    with pytest.raises(BadScan, match="more than 50"):
        take_scans(scans=[scan] * 51, actor=MEI, moment=SCANNED_AT)


def test_work_of_another_place_or_role_is_refused_and_the_key_stays_free() -> None:
    order = make_delivery()
    elsewhere = Actor(name="lin", abilities=ROLE_ABILITIES[Role.WAREHOUSE], place_codes=frozenset({"TAINAN"}))
    viewer = Actor(name="wu", abilities=ROLE_ABILITIES[Role.VIEWER])

    assert scanned(task=order.number, code=OOLONG_GTIN, actor=elsewhere).error == "floor.unknown_task"
    assert scanned(task=order.number, code=OOLONG_GTIN, actor=viewer).answer.outcome == "conflict"
    assert Logged.objects.count() == 0
    assert scanned(task=order.number, code=OOLONG_GTIN, work="dance").error == "floor.unknown_work"


def test_a_handheld_whose_clock_is_ahead_scanned_no_later_than_now() -> None:
    order = make_delivery()

    scanned(task=order.number, code=OOLONG_GTIN, units=1, scanned_at=SCANNED_AT + dt.timedelta(days=2))

    assert Logged.objects.get().scanned_at == SCANNED_AT


def test_the_log_of_scans_is_append_only() -> None:
    order = make_delivery()
    scanned(task=order.number, code=OOLONG_GTIN, units=1)

    for statement in ("UPDATE warehouse_floorscan SET task = 'x'", "DELETE FROM warehouse_floorscan"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_scan_takes_few_statements(django_assert_max_num_queries: Any) -> None:
    order = make_delivery()

    with django_assert_max_num_queries(45):
        scanned(task=order.number, code=OOLONG_GTIN, units=1)


def test_every_work_is_done_by_somebody() -> None:
    warehouse = Actor(name="mei", abilities=ROLE_ABILITIES[Role.WAREHOUSE])

    assert [work for work in WORKS if not may_work(work=work, actor=warehouse)] == []
    assert not may_work(work="receive", actor=Actor(name="wu", abilities=ROLE_ABILITIES[Role.VIEWER]))
    assert scanning.MOST_SCANS == 50
