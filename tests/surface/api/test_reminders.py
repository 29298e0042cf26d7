"""The reminder budget through the API: preview, choice, and what is refused."""

import dataclasses

import pytest
from django.conf import LazySettings

from reorder.domain.planning.models import ReminderPolicy
from reorder.domain.staff.models import AuditEntry
from reorder.flows.repeat_cycle import plan_reminders
from tests.factories.api import call_as
from tests.factories.catalog import make_product
from tests.factories.messaging import NIGHT, SUNDAY, make_due, make_reader, make_run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.0)
    make_product(price_minor=45_000, unit_cost_minor=20_000)
    run = make_run()
    for number in range(10):
        make_due(run=run, customer=make_reader(key=f"reader-{number}"), hit_share=0.3 + number / 100)
    plan_reminders(run_id=run.pk, as_of=SUNDAY, moment=NIGHT)


def test_before_a_night_there_is_a_budget_but_no_preview() -> None:
    answer = call_as(scopes=["reminders:read"]).get("/reminders/budget")

    assert answer.status == 200
    assert (answer.body["budget_share"], answer.body["decided_by"], answer.body["as_of_date"]) == (1.0, None, None)
    assert answer.body["steps"] == []
    assert answer.body["uplift"] == {
        "lift_share": 0.1,
        "low_share": -0.096,
        "high_share": 0.296,
        "is_learned": False,
        "treated_customers": 0,
        "held_out_customers": 0,
    }


@pytest.mark.usefixtures("night")
def test_every_budget_is_previewed() -> None:
    body = call_as(scopes=["reminders:read"]).get("/reminders/budget").body

    assert [step["budget_share"] for step in body["steps"]][:4] == [0.0, 0.005, 0.01, 0.02]
    [fifth] = [step for step in body["steps"] if step["budget_share"] == 0.2]
    assert fifth["pairs_count"] == 2
    assert fifth["expected_hits"] == 0.77
    assert fifth["messages_count"] == 2
    assert float(fifth["extra_margin"]) == pytest.approx(fifth["extra_orders"] * 250, abs=0.03)
    assert (body["pairs_count"], body["floor_pairs_count"], body["floor_share"]) == (10, 10, 0.25)


@pytest.mark.usefixtures("night")
def test_a_budget_is_chosen_once_for_each_key() -> None:
    shop = call_as(scopes=["reminders:write"])

    first = shop.put("/reminders/budget", {"budget_share": 0.05}, key="budget-1")
    again = shop.put("/reminders/budget", {"budget_share": 0.05}, key="budget-1")

    assert (first.status, again.status) == (200, 200)
    assert first.body["budget_share"] == 0.05
    assert first.body["decided_by"] == AuditEntry.objects.get(action="reminders.choose_budget").actor
    assert ReminderPolicy.objects.count() == 1
    assert AuditEntry.objects.filter(action="reminders.choose_budget").count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"budget_share": 0.04}, "reminders.bad_budget"),
        ({"budget_share": 2}, "api.invalid"),
        ({"budget_share": "much"}, "api.invalid"),
        ({"budget_share": False}, "api.invalid"),
        ({}, "api.invalid"),
        ({"budget_share": 0.05, "budget": 5}, "api.invalid"),
    ],
)
def test_what_is_no_budget_is_refused(body: dict[str, object], code: str) -> None:
    answer = call_as(scopes=["reminders:write"]).put("/reminders/budget", body)

    assert answer.status == 422
    assert answer.code == code
    assert ReminderPolicy.objects.count() == 0


def test_a_token_that_may_only_read_does_not_choose() -> None:
    assert call_as(scopes=["reminders:read"]).put("/reminders/budget", {"budget_share": 0.05}).status == 403
    assert call_as(scopes=["customers:read"]).get("/reminders/budget").status == 403
