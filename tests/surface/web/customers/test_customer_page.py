"""The page of one customer: what is expected and why, what happened, and what staff may do."""

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.behaviour.models import TrackedEvent
from reorder.domain.customers.models import Customer, Note
from reorder.domain.messaging import operations
from reorder.domain.messaging.models import MessageDecision, OutboxMessage
from reorder.domain.messaging.rules import DraftItem
from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.staff.models import AuditEntry
from reorder.web.lists import encode_cursor
from tests.factories.catalog import make_product
from tests.factories.customers import NOW, TODAY, due, value
from tests.factories.messaging import buy, letter, make_customer, make_reader, make_run
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW)


def text_of(client: Client, path: str) -> str:
    """What the page says, without tags, blanks folded."""
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def make_mei() -> Customer:
    """Mei buys oolong in a rhythm of her own, matcha once; a reminder of oolong waits until ten o'clock tomorrow."""
    mei, run = make_reader(key="C-001", name="王美玲"), make_run()
    oolong, matcha = make_product(), make_product(sku="MATCHA-30", price_minor=None)
    value(run=run, customer=mei)
    due(run=run, customer=mei, subject="MATCHA-30", day=TODAY + dt.timedelta(days=30), evidence="product",
        reason_code="repurchase.product")  # fmt: skip
    due(run=run, customer=mei, day=TODAY + dt.timedelta(days=4))
    buy(customer=mei, product=oolong, ordered_at=dt.datetime(2026, 10, 30, 3, tzinfo=dt.UTC), number="N-1")
    buy(customer=mei, product=matcha, ordered_at=dt.datetime(2026, 11, 10, 3, tzinfo=dt.UTC), number="N-2")
    operations.plan_messages(
        drafts=[
            letter(
                customer=mei,
                send_after=dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC),
                subject="Running low on Oolong 150 g?",
                reason_code="outbox.sent",
                items=(DraftItem(product_id=oolong.pk, subject_key="OOLONG-150", cycle_key="one"),),
            )
        ]
    )
    MessageDecision.objects.create(
        run_key=run.pk,
        customer=mei,
        subject_key="MATCHA-30",
        outcome="suppressed",
        reason_code="reminder.too_soon",
        reason_parameters={"elapsed_days": 12, "gap_days": 30},
    )
    return mei


def test_the_page_says_what_is_expected_and_on_which_evidence(client: Client) -> None:
    mei = make_mei()
    sign_in(client)
    text = text_of(client, f"/customers/{mei.pk}/")
    assert "2 orders; the last one 12 days ago; Oolong 150 g expected around 26 Nov." in text
    assert "Bought 5 times, last on 2026-10-30; usual gap in days: 24." in text
    assert "50%: 23 Nov – 30 Nov · 80%: 18 Nov – 8 Dec" in text
    assert "Reminder planned for Mon 2026-11-23 10:00." in text
    assert "Not enough data yet: using the product's usual rhythm (24 days)." in text
    assert "No reminder: Bought 12 days ago, usually every 30 days; a reminder would come too soon." in text


def test_value_churn_and_scores_are_explained(client: Client) -> None:
    mei = make_mei()
    sign_in(client)
    text = text_of(client, f"/customers/{mei.pk}/")
    assert "Value next year NT$1,000 · 5 orders expected" in text
    assert "still active with a chance of 80%" in text
    assert "Recency 4 last order 12 days before Frequency 3 7 days with an order Money 5 NT$8,400 so far" in text


def test_the_timeline_holds_everything_the_latest_first(client: Client) -> None:
    mei = make_mei()
    Note.objects.create(
        customer=mei, author="ann", text="Asked for less packaging", written_at=dt.datetime(2026, 11, 12, tzinfo=dt.UTC)
    )
    sign_in(client)
    entries = client.get(f"/customers/{mei.pk}/").context["entries"]
    assert [entry.kind for entry in entries] == ["message", "note", "order", "order", "consent"]
    assert [entry.order.names for entry in entries[2:4]] == [["Matcha 30 g"], ["Oolong 150 g"]]


def test_an_order_opens_to_its_lines_and_only_to_its_own_customer(client: Client) -> None:
    mei, ann, oolong = make_customer(), make_customer(key="ann"), make_product()
    order = Order.objects.create(
        external_id="N-1", customer=mei, ordered_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC), currency="TWD"
    )
    OrderLine.objects.create(order=order, line_key="1", product=oolong, units=3, unit_price_minor=45_050)
    OrderLine.objects.create(order=order, line_key="2", product=oolong, units=1)
    sign_in(client)
    assert "Order N-1 · NT$1,351.50 Oolong 150 g, Oolong 150 g" in text_of(client, f"/customers/{mei.pk}/")
    assert "Oolong 150 g OOLONG-150 3 NT$1,351.50" in text_of(client, f"/customers/{mei.pk}/orders/{order.pk}")
    for path in (f"/customers/{ann.pk}/orders/{order.pk}", f"/customers/{mei.pk}/orders/{10**30}"):
        assert "There is no such order" in text_of(client, path)


def test_earlier_entries_follow_without_a_gap_or_a_double(client: Client) -> None:
    mei, oolong = make_customer(), make_product()
    for number in range(40):
        moment = dt.datetime(2026, 9, 1, tzinfo=dt.UTC) + dt.timedelta(days=number // 2)
        buy(customer=mei, product=oolong, ordered_at=moment, number=f"N-{number}")
        if number % 10 == 0:
            Note.objects.create(customer=mei, author="ann", text=f"note {number}", written_at=moment)
    sign_in(client)
    address = f"/customers/{mei.pk}/"
    met: list[str] = []
    while address:
        page = html.unescape(client.get(address).content.decode())
        met += re.findall(r"Order N-\d+|</svg> note \d+", page)
        following = re.search(r'hx-get="([^"]+/timeline[^"]+)"', page)
        address = following[1] if following else ""
    assert len(met) == len(set(met)) == 44


def test_more_products_follow_and_those_given_up_come_last(client: Client) -> None:
    mei, run = make_customer(), make_run()
    for number in range(11):
        make_product(sku=f"T-{number}")
        made = due(run=run, customer=mei, subject=f"T-{number}", day=TODAY + dt.timedelta(days=number))
        if number == 0:
            type(made).objects.filter(pk=made.pk).update(active_share=0.1)
    sign_in(client)
    page = client.get(f"/customers/{mei.pk}/")
    more = client.get(f"/customers/{mei.pk}/due", {"after": page.context["due_after"]})
    names = [one["row"].name for one in [*page.context["due"], *more.context["due"]]]
    assert names == [*(f"T-{number}" for number in range(1, 11)), "T-0"]
    assert "probably no longer bought" in more.content.decode()


@pytest.mark.parametrize("after", ["", "x", encode_cursor([1, 2, 3]), encode_cursor(["a", "b", 1]), encode_cursor([])])
@pytest.mark.parametrize("part", ["due", "timeline"])
def test_a_place_that_cannot_be_read_is_refused_in_words(client: Client, part: str, after: str) -> None:
    mei = make_customer()
    sign_in(client)
    assert client.get(f"/customers/{mei.pk}/{part}", {"after": after}).status_code == 422


@pytest.mark.parametrize("number", [0, 999_999, 2**63, 10**30])
def test_a_customer_who_is_not_there_is_not_found(client: Client, number: int) -> None:
    sign_in(client)
    assert client.get(f"/customers/{number}/").status_code == 404
    assert client.post(f"/customers/{number}/notes", {"note-text": "x"}).status_code == 404
    assert client.post(f"/customers/{number}/resume").status_code == 404


def test_a_customer_without_orders_and_nights_has_helpful_empty_places(client: Client) -> None:
    mei = make_customer()
    sign_in(client)
    text = text_of(client, f"/customers/{mei.pk}/")
    assert "A due date needs a first purchase." in text
    assert "Not enough data yet: the next night values this customer, once there is an order." in text
    assert "never declared, so no marketing goes out" in text


def test_the_side_panel_holds_the_essentials(client: Client) -> None:
    mei = make_mei()
    sign_in(client)
    text = text_of(client, f"/customers/{mei.pk}/side")
    assert "王美玲" in text
    assert "Reminder planned for Mon 2026-11-23 10:00." in text
    assert "Open the full page" in text
    assert "Skip to the content" not in text


def test_a_page_takes_few_queries_whatever_it_shows(client: Client) -> None:
    mei = make_mei()
    sign_in(client)
    client.get(f"/customers/{mei.pk}/")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/customers/{mei.pk}/")
    assert len(queries) <= 12


def test_a_note_is_kept_with_its_author_and_leaves_a_trace_without_its_words(client: Client) -> None:
    mei = make_customer()
    sign_in(client, role="support", name="ann")
    answer = client.post(f"/customers/{mei.pk}/notes", {"note-text": " 喜歡淺焙\r\nCall after six "})
    assert answer.url == f"/customers/{mei.pk}/#notes"
    note = Note.objects.get()
    assert (note.author, note.text) == ("ann", "喜歡淺焙\nCall after six")
    entry = AuditEntry.objects.get(action="customers.note")
    assert (entry.actor, entry.subject_kind, entry.subject_key) == ("ann", "customer", str(mei.pk))
    assert entry.details == {"note": note.pk}
    assert "Call after six" in text_of(client, f"/customers/{mei.pk}/")


def test_the_same_note_twice_in_a_moment_is_one(client: Client) -> None:
    mei = make_customer()
    sign_in(client)
    for _ in range(2):
        client.post(f"/customers/{mei.pk}/notes", {"note-text": "Call after six"})
    assert Note.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b"])
def test_a_note_that_is_none_is_refused_beside_the_field(client: Client, text: str) -> None:
    mei = make_customer()
    sign_in(client)
    answer = client.post(f"/customers/{mei.pk}/notes", {"note-text": text})
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not Note.objects.exists()


def test_only_its_author_takes_a_note_back(client: Client) -> None:
    mei = make_customer()
    sign_in(client, name="ann")
    client.post(f"/customers/{mei.pk}/notes", {"note-text": "Wrong person"})
    note = Note.objects.get()
    sign_in(client, name="bo")
    client.post(f"/customers/{mei.pk}/notes/{note.pk}/take-back")
    assert "Wrong person" in text_of(client, f"/customers/{mei.pk}/")
    sign_in(client, name="ann")
    client.post(f"/customers/{mei.pk}/notes/{note.pk}/take-back")
    assert "Wrong person" not in text_of(client, f"/customers/{mei.pk}/")
    assert client.post(f"/customers/{mei.pk}/notes/{10**30}/take-back").status_code == 302


def test_pausing_withdraws_what_waits_and_resuming_ends_it(client: Client) -> None:
    mei = make_mei()
    sign_in(client, name="ann")
    answer = client.post(
        f"/customers/{mei.pk}/pause",
        {"pause-reason": "Complaint open", "pause-resumes_date": "2026-12-24"},
        follow=True,
    )
    assert "Marketing is paused. 1 waiting message was withdrawn." in answer.content.decode()
    assert "Marketing is paused until 2026-12-24 (ann)." in answer.content.decode()
    message = OutboxMessage.objects.get()
    assert (message.state, message.outcome_code) == ("stopped", "outbox.stopped.paused")
    entry = AuditEntry.objects.get(action="customers.pause_marketing")
    assert entry.details == {"resumes_date": "2026-12-24", "stopped_messages": 1}

    answer = client.post(f"/customers/{mei.pk}/resume", follow=True)
    assert "Marketing is resumed; the next night plans reminders again." in answer.content.decode()
    assert AuditEntry.objects.filter(action="customers.resume_marketing", actor="ann").count() == 1
    kinds = [entry.kind for entry in client.get(f"/customers/{mei.pk}/").context["entries"]]
    assert kinds[:3] == ["resume", "pause", "message"]


def test_a_second_click_on_pause_or_resume_says_what_is_the_case(client: Client) -> None:
    mei = make_customer()
    sign_in(client)
    client.post(f"/customers/{mei.pk}/pause", {"pause-reason": "abroad"})
    again = client.post(f"/customers/{mei.pk}/pause", {"pause-reason": "abroad"})
    assert again.status_code == 422
    assert "is paused already" in again.content.decode()
    client.post(f"/customers/{mei.pk}/resume")
    answer = client.post(f"/customers/{mei.pk}/resume", follow=True)
    assert "somebody may have resumed it meanwhile" in html.unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"pause-reason": ""}, "required"),
        ({"pause-reason": "x", "pause-resumes_date": "soon"}, "valid date"),
        ({"pause-reason": "x", "pause-resumes_date": "2026-11-22"}, "the day must lie ahead"),
        ({"pause-reason": "x", "pause-resumes_date": "9999-12-31"}, "more than three years ahead"),
        ({"pause-reason": "x" * 301}, "at most 300"),
        ({"pause-reason": "\x00"}, "Null characters"),
    ],
)
def test_a_pause_that_cannot_stand_is_refused_in_words(client: Client, fields: dict[str, str], words: str) -> None:
    mei = make_customer()
    sign_in(client)
    answer = client.post(f"/customers/{mei.pk}/pause", fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_who_may_only_look_finds_no_forms_and_is_refused(client: Client) -> None:
    mei = make_customer()
    sign_in(client, role="viewer")
    page = client.get(f"/customers/{mei.pk}/").content.decode()
    assert "Save note" not in page
    assert "Pause marketing" not in page
    for path in ("notes", "pause", "resume", "notes/1/take-back"):
        assert client.post(f"/customers/{mei.pk}/{path}", {"note-text": "x"}).status_code == 403
        sign_in(client, role="owner")
        assert client.get(f"/customers/{mei.pk}/{path}").status_code == 405
        sign_in(client, role="viewer")


def test_nothing_is_noted_about_an_erased_customer(client: Client) -> None:
    mei = make_customer(name="王美玲")
    Customer.objects.filter(pk=mei.pk).update(erased_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC), name="")
    sign_in(client)
    text = text_of(client, f"/customers/{mei.pk}/")
    assert "Erased customer" in text
    assert "Personal data was erased on 2026-11-01" in text
    assert "Save note" not in text
    assert client.post(f"/customers/{mei.pk}/notes", {"note-text": "x"}).status_code == 422
    assert client.post(f"/customers/{mei.pk}/pause", {"pause-reason": "x"}).status_code == 422


def test_what_somebody_looked_at_is_one_entry_a_day(client: Client) -> None:
    mei, oolong, matcha = make_customer(), make_product(), make_product(sku="MATCHA-30")
    for number in range(120):
        TrackedEvent.objects.create(
            message_id=str(number),
            customer=mei,
            kind="view" if number % 3 else "cart",
            product=oolong if number % 2 else matcha,
            happened_at=dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC) + dt.timedelta(minutes=number),
        )
    TrackedEvent.objects.create(
        message_id="s",
        customer=mei,
        kind="search",
        search_text="<b>tea</b>",
        happened_at=dt.datetime(2026, 11, 21, 2, tzinfo=dt.UTC),
    )
    sign_in(client)
    answer = client.get(f"/customers/{mei.pk}/")
    assert [entry.kind for entry in answer.context["entries"]] == ["behaviour", "behaviour"]
    text = text_of(client, f"/customers/{mei.pk}/")
    assert "1 search" in text
    assert "<b>tea</b>" in text
    assert re.search(r"80 product views\s+40 times into the cart", text)
    assert "Oolong 150 g, Matcha 30 g" in text or "Matcha 30 g, Oolong 150 g" in text
