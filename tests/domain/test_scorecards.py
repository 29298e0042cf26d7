"""How a supplier keeps its word, in exact figures: on time, how long, how much, what was wrong, what became dearer."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings

from reorder.domain.purchasing import queries
from reorder.domain.purchasing.answers import NewAnswer
from reorder.domain.purchasing.delivery_faults import DeliveryFault
from reorder.domain.purchasing.queries import Scorecard
from reorder.flows import restock
from tests.factories.following import receive, said, two_teas_ordered
from tests.factories.purchasing import BUYER, MONDAY_MORNING, make_supplier, propose

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 15)


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = tmp_path


def card(*, days: int = 90, today: dt.date = TODAY) -> Scorecard:
    (found,) = queries.list_scorecards(today=today, days=days, supplier_code="ALISHAN")
    return found


def test_a_supplier_of_whom_nothing_was_bought_has_no_shares() -> None:
    make_supplier()
    found = card()
    assert (found.on_time_share, found.fill_share, found.landed_share, found.has_enough) == (None, None, None, False)


def test_half_on_time_half_too_late() -> None:
    order = two_teas_ordered()  # expected on 28 November
    receive(order, key="a", day=26, MATCHA_30=8, OOLONG_150=6)
    receive(order, key="b", day=30, OOLONG_150=6)

    found = card()

    assert (found.due_lines, found.on_time_lines, found.on_time_share, found.fill_share) == (2, 1, 0.5, 1.0)
    assert (found.received_lines, found.receipts_count) == (3, 2)
    assert (found.mean_lead_days, found.p50_lead_days) == (pytest.approx(13 / 3), 3.0)
    assert found.p90_lead_days == pytest.approx(6.2)
    assert found.sd_lead_days == pytest.approx(2.309, abs=0.001)


def test_what_never_came_counts_against_the_fill_and_is_late() -> None:
    receive(two_teas_ordered(), MATCHA_30=8)
    found = card()
    assert (found.on_time_lines, found.fill_share) == (1, 0.4)
    assert (found.open_orders_count, found.late_orders_count) == (1, 1)


def test_before_its_day_a_line_is_not_judged() -> None:
    two_teas_ordered()
    found = card(today=dt.date(2026, 11, 28))
    assert (found.due_lines, found.late_orders_count, found.open_orders_count) == (0, 0, 1)


def test_what_we_cancel_is_not_held_against_them_and_what_they_refuse_is() -> None:
    order = two_teas_ordered()
    restock.acknowledge(number=order.number, answer=said(NewAnswer(sku="OOLONG-150", accepted_units=Decimal(6))))
    restock.cancel_lines(
        number=order.number, skus=["MATCHA-30"], moment=MONDAY_MORNING.replace(day=25), decided_by=BUYER
    )
    receive(order, day=27)

    found = card()

    assert (found.due_lines, found.on_time_lines, found.fill_share) == (1, 0, 0.5)


def test_a_promise_of_a_later_day_does_not_make_it_on_time() -> None:
    order = two_teas_ordered()
    later = [NewAnswer(sku=line.sku, promised_date=dt.date(2026, 11, 30)) for line in order.lines]
    restock.acknowledge(number=order.number, answer=said(*later))
    receive(order, day=30)
    assert card().on_time_share == 0.0


def test_prices_that_changed_and_what_was_wrong_are_counted() -> None:
    order = two_teas_ordered()
    restock.acknowledge(number=order.number, answer=said(NewAnswer(sku="OOLONG-150", unit_cost_minor=22_000)))
    restock.receive(
        number=order.number,
        received_at=MONDAY_MORNING.replace(day=27),
        idempotency_key="note-1",
        faults=[
            DeliveryFault(sku="OOLONG-150", kind="damaged", units=Decimal(1)),
            DeliveryFault(sku="MATCHA-30", kind="short", units=Decimal(1)),
        ],
    )

    found = card()

    assert (found.price_changes_count, found.price_rises_count) == (1, 1)
    assert found.price_change_share == pytest.approx(0.1)
    assert (found.damaged_count, found.short_count, found.discrepancies_count) == (1, 1, 2)


def test_what_is_older_than_the_span_does_not_count() -> None:
    receive(two_teas_ordered())
    assert card(days=90, today=dt.date(2027, 6, 1)).received_lines == 0
    assert card(days=365, today=dt.date(2027, 6, 1)).received_lines == 2


def test_orders_of_other_places_stay_unseen() -> None:
    receive(two_teas_ordered())
    found = queries.list_scorecards(today=TODAY, days=90, supplier_code="ALISHAN", place_codes=["TAINAN"])
    assert [(one.due_lines, one.received_lines) for one in found] == [(0, 0)]


def test_ten_lines_are_enough_to_speak_of_shares() -> None:
    receive(two_teas_ordered(), key="first")
    for number in range(4):
        ids = propose(("MATCHA-30", 2), ("OOLONG-150", 2))
        (order,) = restock.approve(proposal_ids=ids, decided_by=BUYER, moment=MONDAY_MORNING)
        receive(order, key=f"note-{number}")
    assert (card().received_lines, card().has_enough) == (10, True)
