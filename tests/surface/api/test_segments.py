"""Segments by API: sizes after the last night, and moves by day for programs that keep a copy."""

import datetime as dt

import pytest

from tests.factories.api import Caller, make_secret
from tests.factories.customers import NOW, TODAY
from tests.factories.messaging import make_customer, make_run
from tests.factories.segments import finish_night, see

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW)


def caller() -> Caller:
    return Caller(secret=make_secret(scopes=["customers:read"]))


def make_two_nights() -> None:
    run, mei, ann = make_run(), make_customer(key="mei"), make_customer(key="ann")
    see(run=run, date=TODAY - dt.timedelta(days=1), segments={mei: "loyal", ann: "new"})
    see(run=run, date=TODAY, segments={mei: "at_risk", ann: "new"})
    finish_night(run=run)


def test_segments_come_the_best_first_with_their_worth() -> None:
    make_two_nights()

    answer = caller().get("/segments")

    assert answer.status == 200
    assert [(one["segment"], one["customers_count"], one["customers_share"]) for one in answer.body["items"]] == [
        ("new", 1, 0.5),
        ("at_risk", 1, 0.5),
    ]
    assert answer.body["items"][1]["expected_value"] == 1000.0
    assert answer.body["items"][1]["churn_share"] == 0.2


def test_before_the_first_night_there_are_no_segments() -> None:
    assert caller().get("/segments").body == {"as_of_date": None, "items": []}


def test_moves_come_by_day_and_page_by_page() -> None:
    make_two_nights()

    first = caller().get("/segments/moves", since=(TODAY - dt.timedelta(days=1)).isoformat(), limit=2)
    second = caller().get(
        "/segments/moves", since=(TODAY - dt.timedelta(days=1)).isoformat(), cursor=first.body["next_cursor"]
    )

    assert [(one["customer_key"], one["from_segment"], one["to_segment"]) for one in first.body["items"]] == [
        ("mei", None, "loyal"),
        ("ann", None, "new"),
    ]
    assert [(one["customer_key"], one["from_segment"], one["to_segment"]) for one in second.body["items"]] == [
        ("mei", "loyal", "at_risk")
    ]
    assert second.body["next_cursor"] is None


def test_moves_without_a_day_are_those_of_a_week() -> None:
    make_two_nights()
    assert len(caller().get("/segments/moves").body["items"]) == 3


@pytest.mark.parametrize("wanted", [{"since": "yesterday"}, {"since": "0"}, {"day": "2026-11-01"}])
def test_a_day_that_makes_no_sense_is_refused(wanted: dict[str, object]) -> None:
    assert caller().get("/segments/moves", **wanted).status == 422


def test_customers_carry_scores_and_what_to_expect_in_ninety_days() -> None:
    make_two_nights()

    found = caller().get("/customers", key="mei").body["items"][0]["value"]

    assert (found["r_score"], found["f_score"], found["m_score"]) == (4, 3, 5)
    assert (found["expected_orders_90"], found["expected_value_90"], found["churn_share"]) == (0.0, 0.0, 0.2)


def test_another_scope_does_not_open_them() -> None:
    stranger = Caller(secret=make_secret(scopes=["stock:read"]))
    assert stranger.get("/segments").status == stranger.get("/segments/moves").status == 403
