"""The outbox on screen: who sees what, why it is sent, and the decisions of people about it."""

import dataclasses
import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.messaging import operations
from reorder.domain.messaging.models import MessageDecision, OutboxMessage
from reorder.domain.messaging.rules import DraftItem
from reorder.domain.planning.models import Run, RunStep
from reorder.domain.staff.models import AuditEntry
from reorder.domain.staff.rules import ROLE_ABILITIES, Actor, Role
from reorder.flows.outbox import send_due_messages
from reorder.insights.messages import summarise_messages
from tests.factories.catalog import make_product
from tests.factories.messaging import MORNING, declare, letter, make_customer, make_due, make_reader, make_run
from tests.factories.pages import text_of
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
ENDS = MORNING + dt.timedelta(days=3)


@pytest.fixture(autouse=True)
def night(monkeypatch: pytest.MonkeyPatch) -> None:
    """03:00 on Sunday in Taipei: after the night, before the hour of sending."""
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-21T19:00:00+00:00")


@pytest.fixture
def approval(settings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, message_approval=True)


def plan(*drafts) -> list[OutboxMessage]:
    operations.plan_messages(drafts=list(drafts))
    return list(OutboxMessage.objects.order_by("pk"))


def state_of(message: OutboxMessage) -> str:
    message.refresh_from_db()
    return message.state


def decide(client: Client, message: OutboxMessage, action: str):
    return client.post(f"/messages/{message.pk}/decide", {"action": action}, follow=True)


def test_each_role_sees_the_mail_that_is_its_business(client: Client) -> None:
    mei = make_reader()
    marketing, supplier = plan(letter(number=1, customer=mei), letter(number=2, subject="Order 7"))
    seen = {}
    for role in Role:
        sign_in(client, role=role.value)
        seen[role.value] = tuple(client.get(f"/messages/{one.pk}/").status_code for one in (marketing, supplier))
    assert seen == {
        "owner": (200, 200),
        "marketer": (200, 404),
        "buyer": (404, 200),
        "warehouse": (403, 403),
        "support": (200, 404),
        "viewer": (200, 200),
    }
    sign_in(client, role="buyer")
    page = text_of(client.get("/messages/"))
    assert ("Order 7" in page, "Letter 1" in page) == (True, False)
    sign_in(client, role="marketer")
    page = text_of(client.get("/messages/"))
    assert ("Order 7" in page, "Letter 1" in page) == (False, True)


def test_nobody_decides_about_mail_that_is_not_theirs(client: Client) -> None:
    marketing, supplier = plan(letter(number=1, customer=make_reader()), letter(number=2))
    sign_in(client, role="buyer")
    assert decide(client, marketing, "stop").status_code == 404
    client.post("/messages/decide", {"action": "stop", "id": [marketing.pk, supplier.pk]})
    assert (state_of(marketing), state_of(supplier)) == ("planned", "stopped")
    sign_in(client, role="viewer")
    assert decide(client, marketing, "stop").status_code == 403
    assert state_of(marketing) == "planned"


def test_a_buyer_of_one_place_sees_no_supplier_mail_of_another(client: Client) -> None:
    (message,) = plan(letter(number=1, reason_parameters={"number": "PO-2026-000001", "supplier": "acme"}))
    sign_in(client, role="buyer", name="keelung", places=["keelung"])
    assert client.get(f"/messages/{message.pk}/").status_code == 404
    assert "Letter 1" not in text_of(client.get("/messages/?tab=supplier"))


def test_the_page_of_a_message_says_why_this_person_and_why_now(client: Client) -> None:
    mei, run, oolong = make_reader(time_zone="Asia/Tokyo"), make_run(), make_product()
    make_due(run=run, customer=mei)
    (message,) = plan(
        letter(
            customer=mei,
            expires_at=ENDS,
            reason_parameters={
                "product": "Oolong", "gap_days": 24, "last_bought_date": "2026-10-30", "remind_date": "2026-11-22",
                "hit_percent": 40,
                "items": [{
                    "subject": "OOLONG-150", "sku": "OOLONG-150", "product": "Oolong 150 g", "gap_days": 24,
                    "last_bought_date": "2026-10-30", "remind_date": "2026-11-22", "hit_percent": 40,
                    "is_own_rhythm": True,
                }],
            },
            items=(DraftItem(product_id=oolong.pk, subject_key="OOLONG-150", last_bought_date=dt.date(2026, 10, 30)),),
        )
    )  # fmt: skip
    sign_in(client, role="marketer")
    page = text_of(client.get(f"/messages/{message.pk}/"))
    assert "Bought about every 24 days by this customer, last bought on 2026-10-30, 40% likely within 3 days" in page
    assert "As known today: due 2026-11-22, between 2026-11-22 and 2026-11-22 with 80%." in page
    assert "Agreed on 2026-08-24 02:30 (checkout)." in page
    assert "0 other messages in the 7 days before; 2 are allowed." in page
    assert "Sun 2026-11-22, 11:00 on the customer's own clock." in page
    assert "Of use until 2026-11-25 10:00" in page


def test_withdrawn_consent_is_named_before_the_sender_finds_it(client: Client) -> None:
    mei = make_reader()
    declare(customer=mei, is_granted=False, declared_at=MORNING - dt.timedelta(days=1))
    (message,) = plan(letter(customer=mei))
    sign_in(client)
    assert "Refused on 2026-11-21 10:00 (checkout)." in text_of(client.get(f"/messages/{message.pk}/"))


def test_the_html_of_a_mail_runs_nothing_and_loads_nothing(client: Client) -> None:
    (message,) = plan(letter(customer=make_reader(), body_html="<script>alert(1)</script><p>Hello</p>"))
    sign_in(client)
    answer = client.get(f"/messages/{message.pk}/html")
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    page = client.get(f"/messages/{message.pk}/")
    assert "alert(1)" not in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "frame-src" not in client.get("/messages/")["Content-Security-Policy"]


def test_the_mark_that_unsubscribes_is_shown_to_nobody_who_may_not_decide(client: Client) -> None:
    mei = make_reader()
    mark = operations.unsubscribe_token(customer_id=mei.pk)
    (message,) = plan(letter(customer=mei, body_text=f"unsubscribe {mark}", body_html=f"<p>{mark}</p>"))
    seen = {}
    for role in ("marketer", "support"):
        sign_in(client, role=role)
        pages = [client.get(f"/messages/{message.pk}/{part}").content.decode() for part in ("", "html")]
        seen[role] = [mark in page for page in pages]
    assert seen == {"marketer": [True, True], "support": [False, False]}


def test_a_stop_can_be_taken_back_while_its_moment_has_not_come(client: Client, monkeypatch) -> None:
    (message,) = plan(letter(customer=make_reader()))
    sign_in(client)
    assert "1 message stopped." in text_of(decide(client, message, "stop"))
    assert state_of(message) == "stopped"
    assert "You stopped 1 message." in text_of(client.get("/messages/"))
    assert "1 message is planned again." in text_of(client.post("/messages/undo", follow=True))
    assert state_of(message) == "planned"
    decide(client, message, "stop")
    monkeypatch.setenv("REORDER_CLOCK", (MORNING + dt.timedelta(minutes=1)).isoformat())
    page = text_of(decide(client, message, "undo"))
    assert "1 was left as it is" in page
    assert state_of(message) == "stopped"
    actions = AuditEntry.objects.filter(subject_kind="message").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["messages.stop", "messages.undo_stop", "messages.stop"]


def test_all_that_waits_for_one_customer_is_stopped_at_once(client: Client) -> None:
    mei, ting = make_reader(), make_reader(key="ting", name="Ting")
    first, second, other = plan(
        letter(number=1, customer=mei), letter(number=2, customer=mei), letter(number=3, customer=ting)
    )
    sign_in(client, role="marketer")
    client.post(f"/messages/customers/{mei.pk}/stop")
    assert [state_of(one) for one in (first, second, other)] == ["stopped", "stopped", "planned"]


@pytest.mark.usefixtures("approval")
def test_marketing_waits_for_approval_and_supplier_mail_does_not(client: Client, settings, tmp_path) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_url=f"folder:{tmp_path}")
    mei, ting = make_reader(), make_reader(key="ting", name="Ting")
    approved, waiting, supplier = plan(
        letter(number=1, customer=mei), letter(number=2, customer=ting), letter(number=3)
    )
    sign_in(client, role="marketer")
    assert "2 wait for approval" in text_of(client.get("/messages/"))
    assert "1 message approved; it goes out at its hour." in text_of(decide(client, approved, "approve"))
    assert send_due_messages(moment=MORNING).sent_count == 2
    assert [state_of(one) for one in (approved, waiting, supplier)] == ["sent", "planned", "sent"]
    approved.refresh_from_db()
    assert (approved.approved_by, approved.approved_at) == ("marketer", dt.datetime(2026, 11, 21, 19, tzinfo=dt.UTC))


@pytest.mark.usefixtures("approval")
def test_an_approval_can_be_taken_back_and_given_to_all(client: Client) -> None:
    mei = make_reader()
    first, second = plan(letter(number=1, customer=mei), letter(number=2, customer=mei))
    sign_in(client)
    decide(client, first, "approve")
    decide(client, first, "unapprove")
    assert "Approve all 2 that wait" in text_of(client.get("/messages/"))
    seen = {"newest": re.search(r'name="newest" value="(\d+)"', client.get("/messages/").content.decode())[1]}
    *_, unseen = plan(letter(number=3, customer=mei))
    assert "2 messages approved" in text_of(client.post("/messages/approve-all", seen, follow=True))
    approved_by = [OutboxMessage.objects.get(pk=one.pk).approved_by for one in (first, second, unseen)]
    assert approved_by == ["owner", "owner", ""]


@pytest.mark.parametrize("target", ["foo", "https://evil.example/", "//evil.example", "/messages/decide", "", "\\x"])
def test_a_decision_leads_back_to_a_page_of_ours_whatever_the_form_says(client: Client, target: str) -> None:
    sign_in(client)
    answer = client.post("/messages/decide", {"action": "stop", "next": target})
    assert (answer.status_code, answer["Location"]) == (302, "/messages/")


def test_letters_about_other_places_are_read_past_in_few_questions(client: Client) -> None:
    about = {"number": "PO-2026-000001", "supplier": "acme"}
    plan(*(letter(number=number, reason_parameters=about) for number in range(400)))
    sign_in(client, role="buyer", name="keelung", places=["keelung"])
    with CaptureQueriesContext(connection) as asked:
        assert "No message is in this state." in text_of(client.get("/messages/?tab=supplier"))
    assert len(asked) <= 16


@pytest.mark.usefixtures("approval")
def test_what_nobody_approved_expires(client: Client) -> None:
    (message,) = plan(letter(customer=make_reader(), expires_at=ENDS))
    assert send_due_messages(moment=ENDS).sent_count == 0
    assert state_of(message) == "stopped"


def test_without_approval_planned_mail_goes_at_its_hour(client: Client, settings, tmp_path) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_url=f"folder:{tmp_path}")
    plan(letter(customer=make_reader()))
    sign_in(client)
    assert "Waiting for approval" not in text_of(client.get("/messages/"))
    assert send_due_messages(moment=MORNING).sent_count == 1


def test_send_now_brings_the_moment_forward_and_asks_for_a_pass(client: Client) -> None:
    (message,) = plan(letter(customer=make_reader(), expires_at=ENDS))
    sign_in(client)
    page = text_of(decide(client, message, "send_now"))
    assert "It goes out as soon as a worker runs." in page
    message.refresh_from_db()
    assert message.send_after == dt.datetime(2026, 11, 21, 19, tzinfo=dt.UTC)


def test_parked_and_failed_mail_is_decided_by_a_person(client: Client) -> None:
    mei = make_reader()
    arrived, again, failed = plan(*(letter(number=number, customer=mei) for number in (1, 2, 3)))
    OutboxMessage.objects.filter(pk__in=[arrived.pk, again.pk]).update(state="unknown", sending_at=MORNING)
    OutboxMessage.objects.filter(pk=failed.pk).update(state="failed", finished_at=MORNING)
    sign_in(client, role="marketer")
    assert "Nobody knows whether it arrived" in text_of(client.get(f"/messages/{arrived.pk}/"))
    decide(client, arrived, "arrived")
    decide(client, again, "again")
    decide(client, failed, "again")
    assert [state_of(one) for one in (arrived, again, failed)] == ["sent", "planned", "planned"]
    assert decide(client, arrived, "arrived").status_code == 409


def test_a_person_who_comes_second_is_told_so(client: Client) -> None:
    (message,) = plan(letter(customer=make_reader()))
    OutboxMessage.objects.update(state="sent", finished_at=MORNING)
    sign_in(client)
    page = text_of(decide(client, message, "stop"))
    assert "0 messages stopped." in page
    assert "1 was left as it is: it has gone out, or somebody decided about it first." in page
    assert state_of(message) == "sent"


def test_tabs_search_and_pages(client: Client) -> None:
    mei, ting = make_reader(name="王美玲"), make_reader(key="ting", name="陳婷")
    drafts = [letter(number=number, customer=mei if number % 2 else ting) for number in range(1, 121)]
    plan(*drafts)
    sign_in(client)
    seen: list[str] = []
    url = "/messages/"
    while url:
        page = client.get(url).content.decode()
        seen += re.findall(r'<a href="/messages/(\d+)/">', page)
        found = re.search(r'href="([^"]+)" rel="next"', page)
        url = html.unescape(found.group(1)) if found else ""
    assert len(seen) == len(set(seen)) == 120
    assert "Letter 1" in text_of(client.get("/messages/?q=美玲"))
    assert "陳婷" not in text_of(client.get("/messages/?q=美玲"))
    assert "Letter 77" in text_of(client.get("/messages/?q=Letter 77"))
    assert "No row matches your search." in text_of(client.get("/messages/?q=nobody-of-this-name"))


def test_the_reasons_against_a_message_are_counted_and_listed(client: Client) -> None:
    mei = make_customer(name="王美玲")
    run = make_run()
    Run.objects.filter(pk=run.pk).update(state="succeeded", finished_at=MORNING)
    RunStep.objects.create(
        run=run, name="plan_reminders", ordinal=7, state="succeeded", started_at=MORNING, finished_at=MORNING,
        details={"reminder.planned": 3, "reminder.no_consent": 2},
    )  # fmt: skip
    MessageDecision.objects.create(
        run_key=run.pk, customer=mei, subject_key="OOLONG-150", outcome="suppressed", reason_code="reminder.no_consent"
    )
    sign_in(client, role="support")
    page = text_of(client.get("/messages/not-sent?tab=reminder.no_consent"))
    assert "5 products were due with somebody; 2 of them were kept back" in page
    assert "never agreed 2" in page
    assert "王美玲 OOLONG-150 suppressed The customer never agreed to marketing mail." in page
    product = make_product()
    named = text_of(client.get("/messages/not-sent?tab=reminder.no_consent"))
    assert f"王美玲 {product.name} {product.sku} suppressed" in named


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/messages/999/", 404),
        ("/messages/99999999999999999999999999/", 404),
        ("/messages/?after=bm9uc2Vuc2U", 422),
        ("/messages/?after=WyIyMDI2IiwgMV0", 422),
        ("/messages/?tab=sent&after=W251bGwsIDFd", 422),
        ("/messages/?tab=nothing&q=%00%27%22--", 200),
        ("/messages/not-sent?after=WzEsICJcdTAwMDAiXQ", 200),
        ("/messages/export?format=doc", 422),
    ],
)
def test_bad_addresses_are_answered(client: Client, path: str, status: int) -> None:
    sign_in(client)
    assert client.get(path).status_code == status


def test_bad_decisions_are_answered(client: Client) -> None:
    (message,) = plan(letter(customer=make_reader()))
    sign_in(client)
    assert decide(client, message, "fly").status_code == 409
    answer = client.post("/messages/decide", {"action": "stop", "id": ["x", "9" * 30, "-1"]}, follow=True)
    assert "Select messages first: nothing was changed." in text_of(answer)
    assert client.post(f"/messages/customers/{10**25}/stop", follow=True).status_code == 200
    assert client.get("/messages/decide").status_code == 405


def test_the_summary_counts_what_this_actor_has_to_know() -> None:
    mei = make_reader()
    plan(letter(number=1, customer=mei), letter(number=2, customer=mei), letter(number=3))
    OutboxMessage.objects.filter(idempotency_key="letter-2").update(state="unknown")
    counts = {
        role: (found.planned_today_count, found.parked_count)
        for role in (Role.OWNER, Role.MARKETER, Role.BUYER, Role.WAREHOUSE)
        for found in [summarise_messages(actor=Actor(name="a", abilities=ROLE_ABILITIES[role], role=role))]
    }
    assert counts == {Role.OWNER: (2, 1), Role.MARKETER: (1, 1), Role.BUYER: (1, 0), Role.WAREHOUSE: (0, 0)}


def test_the_list_asks_the_same_for_two_messages_and_for_thirty(client: Client) -> None:
    mei = make_reader()
    sign_in(client)
    counts = []
    for size in (2, 30):
        plan(*(letter(number=size * 100 + number, customer=mei) for number in range(size)))
        client.get("/messages/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/messages/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12
