"""The reminder plan on screen: every budget before anything is sent, the choice, and taking it back."""

import dataclasses
import html
import re

import pytest
from django.conf import LazySettings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.planning.models import ReminderPolicy
from reorder.domain.staff.models import AuditEntry
from reorder.flows.repeat_cycle import plan_reminders
from tests.factories.catalog import make_product
from tests.factories.messaging import MORNING, NIGHT, SUNDAY, make_customer, make_due, make_reader, make_run
from tests.factories.pages import text_of
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def night(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night about ten pairs: eight likely readers, one who never agreed, one unlikely."""
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-21T19:00:00+00:00")
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.0)
    make_product(price_minor=45_000, unit_cost_minor=20_000)
    run = make_run()
    for number in range(8):
        make_due(run=run, customer=make_reader(key=f"reader-{number}"), hit_share=0.3 + number / 100)
    make_due(run=run, customer=make_customer(key="silent"), hit_share=0.5)
    make_due(run=run, customer=make_reader(key="unlikely"), hit_share=0.1)
    plan_reminders(run_id=run.pk, as_of=SUNDAY, moment=NIGHT)


def figures_of(answer: HttpResponse) -> dict[str, str]:
    pairs = re.findall(r'<dt>(.*?)</dt><dd><span class="figure">(.*?)</span>', answer.content.decode())
    return {html.unescape(name): html.unescape(value) for name, value in pairs}


def test_before_the_first_night_the_page_says_what_it_waits_for(client: Client) -> None:
    sign_in(client, role="marketer")

    page = text_of(client.get("/messages/plan/"))

    assert "No night has counted what reminders would bring." in page
    assert "Nobody has chosen a budget yet" in page


@pytest.mark.usefixtures("night")
def test_a_budget_is_seen_with_all_its_consequences_before_it_is_chosen(client: Client) -> None:
    sign_in(client, role="marketer")

    page = client.get("/messages/plan/?budget=50")

    assert figures_of(page) == {
        "Pairs": "5",
        "Expected hits": "1.9",
        "Hit share": "38%",
        "The last of them": "34%",
        "Messages": "4",
        "Products in them": "4",
        "Extra orders": "0.2",
        "Extra margin": "NT$45",
        "Kept back: no consent": "1",
        "Kept back: no stock": "0",
    }
    said = text_of(page)
    assert "The best 50%" in said
    assert "Save as tonight's budget The best 50%" in said
    assert "9 of 10 pairs (90.0%) reach that" in said
    assert "Assumed, not learned: a reminder brings +10% orders, between −10% and +30% with 95%." in said
    assert ReminderPolicy.objects.count() == 0


@pytest.mark.usefixtures("night")
def test_the_slider_asks_for_the_part_about_its_place(client: Client) -> None:
    sign_in(client, role="viewer")

    part = client.get("/messages/plan/preview?notch=11")

    assert figures_of(part)["Pairs"] == "5"
    assert "<html" not in part.content.decode()
    assert "Save as" not in text_of(part)


@pytest.mark.usefixtures("night")
@pytest.mark.parametrize(
    "query", ["notch=99", "notch=-1", "notch=x", "budget=4", "budget=%00", "budget=nan", "budget=1e999"]
)
def test_a_place_that_is_none_shows_the_budget_in_force(client: Client, query: str) -> None:
    sign_in(client, role="marketer")

    page = client.get(f"/messages/plan/?{query}")

    assert page.status_code == 200
    assert figures_of(page)["Pairs"] == "10"


@pytest.mark.usefixtures("night")
def test_a_choice_is_kept_audited_and_taken_back(client: Client) -> None:
    sign_in(client, role="marketer")

    chosen = client.post("/messages/plan/choose", {"budget": "0.5"}, follow=True)
    again = client.post("/messages/plan/choose", {"budget": "100"}, follow=True)

    assert "The best 0.5%: chosen. The next night keeps to it" in text_of(chosen)
    assert "In force: The best 0.5%, chosen by marketer." in text_of(chosen)
    assert "In force: All pairs, chosen by marketer." in text_of(again)
    assert [row.budget_share for row in ReminderPolicy.objects.order_by("pk")] == [0.005, 1.0]
    assert AuditEntry.objects.filter(action="reminders.choose_budget", actor="marketer").count() == 2
    assert OutboxMessage.objects.filter(state="planned").count() == 8


@pytest.mark.usefixtures("night")
@pytest.mark.parametrize("budget", ["4", "", "many", "-1", "nan", "\x00"])
def test_a_choice_that_is_none_changes_nothing_and_says_which_there_are(client: Client, budget: str) -> None:
    sign_in(client, role="marketer")

    said = text_of(client.post("/messages/plan/choose", {"budget": budget}, follow=True))

    assert "Choose one of these shares of all pairs, in percent: 0, 0.5, 1, 2" in said
    assert ReminderPolicy.objects.count() == 0


def test_who_may_only_look_cannot_choose(client: Client) -> None:
    sign_in(client, role="support")

    assert client.get("/messages/plan/").status_code == 200
    assert client.post("/messages/plan/choose", {"budget": "5"}).status_code == 403
    sign_in(client, role="warehouse")
    assert client.get("/messages/plan/").status_code == 403


@pytest.mark.usefixtures("night")
def test_the_page_takes_at_most_a_dozen_queries(client: Client) -> None:
    sign_in(client, role="marketer")
    client.get("/messages/plan/")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get("/messages/plan/")

    assert len(queries) <= 12


@pytest.mark.usefixtures("night")
def test_a_message_says_why_then_and_what_it_is_expected_to_win(client: Client) -> None:
    sign_in(client, role="marketer")
    message = OutboxMessage.objects.filter(state="planned").first()
    assert message is not None

    said = text_of(client.get(f"/messages/{message.pk}/"))

    assert message.send_after == MORNING
    assert "The due day has come: a parcel takes 2 days, and a purchase will not grow more likely." in said
    assert "Expected to bring 0.05 extra orders and NT$11.30 of extra margin." in said


@pytest.mark.usefixtures("night")
def test_the_customer_s_page_says_why_the_reminder_goes_out_then(client: Client) -> None:
    sign_in(client, role="marketer")
    message = OutboxMessage.objects.filter(state="planned").first()
    assert message is not None

    said = text_of(client.get(f"/customers/{message.customer_id}/"))

    assert "Reminder planned for Sun 2026-11-22 10:00. Why then: the shop's hour." in said


@pytest.mark.usefixtures("night")
def test_both_languages_say_the_same(client: Client) -> None:
    sign_in(client, role="marketer", name="mei", language="zh-hant")

    page = client.get("/messages/plan/?budget=50")

    assert page.status_code == 200
    assert "NT$45" in text_of(page)
