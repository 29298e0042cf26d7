"""Who joins, agrees, or follows a link: journeys hear of it in the transaction of what happened, once."""

import base64
import dataclasses
import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from reorder.domain.customers.models import Customer
from reorder.domain.marketing.facts import set_wanted_kinds
from reorder.domain.marketing.models import Enrolment, Fact
from reorder.domain.messaging import accounts, operations
from reorder.domain.messaging.accounts import ChannelAccountForm
from reorder.domain.messaging.compliance import Policy, save_policy
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.messaging.operations import NewConsent
from reorder.flows.consenting.signing_up import WantedNews, ask_for_news
from reorder.flows.content.following import follow_link
from reorder.flows.content.links import followed_url
from reorder.flows.journeys import take_facts_and_step
from reorder.flows.portal.visits import welcome
from tests.factories.journeys import document, run_journey
from tests.factories.messaging import MORNING, NIGHT, letter, make_reader

pytestmark = pytest.mark.django_db
HEARD = ["joined", "consented", "clicked"]
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"


@pytest.fixture(autouse=True)
def shop(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(
        settings.REORDER, shop_name="Keelung Tea", public_url="https://tea.example", mail_from="hello@tea.example"
    )
    # Tries are counted there, and no test flushes it.
    cache.clear()


def facts() -> list[tuple[str, str, str]]:
    """Kind, customer and subject of everything noted, which is taken out."""
    found = [
        (row.kind, row.customer.key, row.subject) for row in Fact.objects.select_related("customer").order_by("id")
    ]
    Fact.objects.all().delete()
    return found


def sign_up(address: str) -> None:
    ask_for_news(wanted=WantedNews(address=address, has_agreed=True), client="10.0.0.1", moment=NIGHT)


def follow(customer: Customer, *, is_granted: bool) -> None:
    """Their word about whether messages may tell what was clicked."""
    said = NewConsent(
        customer_id=customer.pk,
        purpose="analytics",
        is_granted=is_granted,
        source="preferences",
        declared_at=NIGHT,
        idempotency_key=f"{customer.key}-followed",
    )
    operations.record_consents(consents=[said])


def test_whoever_signs_up_has_joined_and_agreed_and_comes_in_once() -> None:
    save_policy(policy=Policy(has_double_opt_in=False), decided_by="owner", moment=NIGHT)
    # Nobody listens: nothing is kept.
    sign_up("early@example.org")
    assert facts() == []

    greet = {"greet": {"kind": "task", "text": "Send a card", "next": None}}
    run_journey(code="welcome", given=document(facts=["joined"], steps=greet, again="once"))
    set_wanted_kinds(kinds=HEARD)
    welcome(address="lin@example.org", language="en", moment=NIGHT)
    assert [(row.kind, row.customer.key) for row in Fact.objects.all()] == [("joined", "lin@example.org")]
    take_facts_and_step(moment=NIGHT)
    # The same person again, and then for news: known by then, and in no journey twice.
    welcome(address="lin@example.org", language="en", moment=NIGHT)
    assert facts() == []
    sign_up("lin@example.org")
    assert sorted((row.kind, row.subject) for row in Fact.objects.all()) == [("consented", "email"), ("joined", "")]
    take_facts_and_step(moment=NIGHT)
    assert list(Enrolment.objects.values_list("customer__key", "state")) == [("lin@example.org", "done")]


def test_a_followed_link_is_told_for_people_who_agreed_by_our_page_and_by_the_provider(client: Client) -> None:
    mei, yun = make_reader(), make_reader(key="yun")
    account = accounts.create_account(
        form=ChannelAccountForm(
            code="post",
            provider="mail_service",
            name="Our post",
            options={"service": "postmark"},
            secrets={"api_key": "k", "webhook_secret": "tea:pot"},
        ),
        created_by="owner",
    )
    operations.plan_messages(drafts=[letter(customer=mei), letter(number=2, customer=yun, address="yun@example.org")])
    OutboxMessage.objects.update(provider="post")
    for person in (mei, yun):
        OutboxMessage.objects.filter(customer=person).update(provider_key=person.key, message_id=f"<{person.key}@x>")
    follow(mei, is_granted=True)
    follow(yun, is_granted=False)
    set_wanted_kinds(kinds=HEARD)

    def tell(person: Customer) -> int:
        told = {"RecordType": "Click", "MessageID": person.key, "Recipient": "x@example.org",
                "ReceivedAt": "2026-11-23T02:00:00Z", "OriginalLink": "https://tea.example/brew"}  # fmt: skip
        return client.post(
            f"/channels/{account.callback_key}/callback",
            json.dumps(told).encode(),
            content_type="application/json",
            headers={"authorization": f"Basic {base64.b64encode(b'tea:pot').decode()}"},
        ).status_code

    assert [tell(mei), tell(mei), tell(yun)] == [200, 200, 200]
    told = Fact.objects.get()
    assert (told.kind, told.customer, told.details) == ("clicked", mei, {"url": "https://tea.example/brew"})
    Fact.objects.all().delete()

    marks: dict[str, Any] = {}
    for person in (mei, yun):
        message = OutboxMessage.objects.get(customer=person)
        marks[person.key] = followed_url(message_id=message.pk, url="https://tea.example/brew").rpartition("/")[2]
    for mark in (marks["mei"], marks["mei"], marks["yun"]):
        follow_link(mark=mark, user_agent=PHONE, moment=MORNING, is_look=False)
    assert facts() == [("clicked", "mei", "<mei@x>")]
