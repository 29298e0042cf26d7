"""Signing up by double opt-in, and the preference centre behind the link of every mail."""

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from reorder.domain.customers.models import Customer
from reorder.domain.customers.privacy import list_requests
from reorder.domain.messaging import operations, queries
from reorder.domain.messaging.compliance import Policy, save_policy, save_text
from reorder.domain.messaging.models import ConsentEntry, ContactPoint, MessageEvent, OutboxMessage
from reorder.domain.messaging.preferences import get_standing
from reorder.domain.messaging.suppressing import list_suppressed, suppress_addresses
from reorder.kernel import clock
from tests.factories.messaging import MORNING, letter, make_reader
from tests.factories.portal import Shopper, open_portal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_home(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REORDER = dataclasses.replace(
        settings.REORDER, shop_name="Keelung Tea", public_url="https://tea.example", mail_from="hello@tea.example"
    )
    settings.HOME = tmp_path
    monkeypatch.setattr(clock, "current_moment", lambda: MORNING)
    # Tries are counted there, and no test flushes it.
    cache.clear()


def link_of(customer: Customer, message: OutboxMessage | None = None) -> str:
    mark = operations.unsubscribe_token(customer_id=customer.pk, message_id=message.pk if message else None)
    return "/u/" + quote(mark, safe=":")


def test_nothing_is_believed_before_the_mailbox_agrees(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask, get a mail, open it (nothing), press (consent with proof), press again (nothing)."""
    version = save_text(kind="signup", language="en", text="I want tea news.", made_by="owner", moment=MORNING)
    suppress_addresses(addresses=[("email", "lin@example.org")], cause="erased", suppressed_by="o", moment=MORNING)
    assert "I want tea news." in client.get("/u/sign-up/?language=en").content.decode()
    form = {"email": " Lin@Example.org", "name": "Lin", "language": "en", "topic": ["tips"], "source": "footer"}
    refused = client.post("/u/sign-up/", form)
    assert (refused.status_code, "Tick the box" in refused.content.decode()) == (422, True)
    assert client.post("/u/sign-up/", form | {"email": "lin", "agree": "yes"}).status_code == 422
    # A program fills in what nobody sees: the same answer, and no mail.
    strict = Client(enforce_csrf_checks=True)
    for more in ({"website": "https://spam.example"}, {}):
        answer = strict.post("/u/sign-up/", form | {"agree": "yes"} | more)
        assert (answer.status_code, "look into your mailbox" in answer.content.decode()) == (200, True)
    mail = OutboxMessage.objects.get()
    assert (mail.purpose, mail.address, mail.customer_id) == ("transactional", "lin@example.org", None)
    assert (Customer.objects.count(), ConsentEntry.objects.count()) == (0, 0)
    link = re.search(r"https://tea\.example(/u/sign-up/\S+)", mail.body_text)[1]

    assert "News from Keelung Tea?" in client.get(link).content.decode()
    assert ConsentEntry.objects.count() == 0
    for _ in range(2):
        assert "News will come" in strict.post(link).content.decode()
    lin = Customer.objects.get()
    assert (lin.key, lin.name, lin.language) == ("lin@example.org", "Lin", "en")
    point = ContactPoint.objects.get(customer=lin)
    assert (point.address, point.verified_at) == ("lin@example.org", MORNING)
    entry = ConsentEntry.objects.get()
    proof = json.loads(entry.proof)
    assert (entry.is_granted, entry.source, entry.text_version) == (True, "footer", version)
    assert (proof["way"], proof["confirmed_from"]) == ("double opt-in", "127.0.0.1")
    assert get_standing(customer_id=lin.pk).said == {"tips": True, "reminders": False, "news": False, "offers": False}
    assert list_suppressed(addresses=[("email", "lin@example.org")]) == frozenset()
    # A link of somebody else, or one that is over, opens nothing.
    assert client.get("/u/sign-up/guessed-secret/").status_code == 404
    late = MORNING + dt.timedelta(days=8)
    monkeypatch.setattr(clock, "current_moment", lambda: late)
    assert client.post(link).status_code == 404


def test_age_is_asked_and_single_opt_in_holds_at_once(client: Client) -> None:
    policy = Policy(minimum_age=18, has_double_opt_in=False)
    save_policy(policy=policy, decided_by="owner", moment=MORNING)
    form = {"email": "lin@example.org", "agree": "yes", "language": "zh-hant"}
    young = client.post("/u/sign-up/", form)
    assert (young.status_code, "18" in young.content.decode()) == (422, True)
    assert client.post("/u/sign-up/", form | {"of_age": "yes"}).status_code == 200
    entry = ConsentEntry.objects.get()
    assert (entry.is_granted, json.loads(entry.proof)["way"]) == (True, "single opt-in")
    # Nobody has shown that the mailbox is theirs.
    assert ContactPoint.objects.get().verified_at is None
    assert OutboxMessage.objects.count() == 0
    # One place asks for many: it is told to wait, and mailboxes are spared.
    answers = [client.post("/u/sign-up/", form | {"of_age": "yes"}).status_code for _ in range(25)]
    assert (answers[0], answers[-1]) == (200, 429)


def test_the_centre_takes_choices_and_what_waits_follows(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    mei = make_reader(name="王美玲")
    drafts = [
        letter(number=1, customer=mei, source_kind="campaign", source_key="autumn"),
        letter(number=2, customer=mei, source_kind="journey", source_key="how_to_brew"),
    ]
    operations.plan_messages(drafts=drafts)
    campaign = OutboxMessage.objects.get(source_key="autumn")
    page = client.get(link_of(mei)).content.decode()
    assert page.count("checked") == 5
    assert not any(secret in page for secret in ("王美玲", "mei@example.org"))

    chosen = {"do": "save", "topic": ["reminders", "tips", "news"], "channel": ["email"], "per_week": "1"}
    answer = client.post(link_of(mei), chosen | {"language": "zh-hant"})
    assert '<html lang="zh-Hant-TW">' in answer.content.decode()
    standing = get_standing(customer_id=mei.pk)
    assert (standing.said, standing.messages_per_week) == ({"offers": False}, 1)
    assert Customer.objects.get(pk=mei.pk).language == "zh-hant"
    states = dict(OutboxMessage.objects.values_list("source_key", "state"))
    assert states == {"autumn": "stopped", "how_to_brew": "planned"}
    # The same again says nothing new; consent was not touched.
    client.post(link_of(mei), chosen)
    assert (ConsentEntry.objects.count(), get_standing(customer_id=mei.pk).said) == (1, {"offers": False})

    # A rest of 30 days, ended by the person; one that staff began is not theirs to end.
    client.post(link_of(mei), {"do": "rest"})
    assert OutboxMessage.objects.filter(state="planned").count() == 0
    assert "2026" in client.get(link_of(mei)).content.decode()
    client.post(link_of(mei), {"do": "end_rest"})
    assert mei.pauses.filter(resumed_at__isnull=True).count() == 0

    # By one click in the mail: the refusal is told of the message that led to it.
    click = Client(enforce_csrf_checks=True).post(
        link_of(mei, campaign), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )
    assert (click.status_code, queries.has_marketing_consent(customer_id=mei.pk)) == (200, False)
    assert MessageEvent.objects.get().message_id == campaign.pk
    # And back again, by the person's own choice.
    clock_later = MORNING + dt.timedelta(hours=1)
    monkeypatch.setattr(clock, "current_moment", lambda: clock_later)
    client.post(link_of(mei), chosen)
    assert queries.has_marketing_consent(customer_id=mei.pk)
    assert client.post(link_of(mei).replace(str(mei.pk), str(mei.pk + 1), 1), chosen).status_code == 404


def test_a_customer_asks_for_their_data_where_they_are_signed_in(settings: LazySettings) -> None:
    open_portal(settings)
    make_reader()
    mei = Shopper().enter()
    page = mei.page("/shop/me/")
    # The preference page, without a link of a mail.
    assert mei.get(re.search(r'href="(/u/[^"]+)"', page)[1]).status_code == 200
    for kind in ("export", "erase", "erase"):
        assert mei.post("/shop/me/data/", kind=kind).status_code == 302
    assert mei.post("/shop/me/data/", kind="nonsense").status_code == 404
    asked = [(one.kind, one.how_known, one.due_date.isoformat()) for one in list_requests(is_open=True)]
    assert asked == [("export", "signed in", "2026-12-07"), ("erase", "signed in", "2026-12-22")]
    assert "within 30 days" in mei.page("/shop/me/")
