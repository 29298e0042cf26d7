"""The link of a mail: it shows on GET, acts on POST, and tells nobody anything about the customer."""

import dataclasses
import email
from urllib.parse import quote

import pytest
from django.test import Client

from reorder.domain.customers.models import Customer
from reorder.domain.messaging import operations, queries
from reorder.domain.messaging.models import ConsentEntry, OutboxMessage
from reorder.flows.outbox import send_due_messages
from tests.factories.messaging import MORNING, letter, make_reader

pytestmark = pytest.mark.django_db(transaction=True)


def link_of(customer: Customer) -> str:
    return "/u/" + quote(operations.unsubscribe_token(customer_id=customer.pk), safe=":")


def test_opening_the_link_changes_nothing_and_shows_nothing_personal(client: Client) -> None:
    mei = make_reader(name="王美玲")
    for answer in (client.get(link_of(mei)), client.head(link_of(mei))):
        assert answer.status_code == 200
    page = client.get(link_of(mei)).content.decode()
    assert "Unsubscribe" in page
    assert not any(secret in page for secret in ("王美玲", "mei@example.org", "mei"))
    assert queries.has_marketing_consent(customer_id=mei.pk)


def test_the_button_records_a_refusal_once_however_often_it_is_pressed(client: Client) -> None:
    mei = make_reader()
    for _ in range(3):
        assert "You are unsubscribed." in client.post(link_of(mei)).content.decode()
    refusals = ConsentEntry.objects.filter(customer=mei, is_granted=False)
    assert [entry.source for entry in refusals] == ["link in a mail"]
    assert not queries.has_marketing_consent(customer_id=mei.pk)


def test_a_mail_program_unsubscribes_by_one_click_without_cookie_or_token() -> None:
    mei = make_reader()
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(link_of(mei), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert ConsentEntry.objects.get(customer=mei, is_granted=False).source == "one click in the mail program"


def test_the_page_speaks_the_customers_language(client: Client) -> None:
    mei = make_reader(language="zh-TW")
    page = client.get(link_of(mei)).content.decode()
    assert '<html lang="zh-Hant-TW">' in page


@pytest.mark.parametrize("mark", ["mei", "mei@example.org", "1", "1:forged", "x" * 5000, "%00", "1:%2e%2e"])
def test_nobody_is_unsubscribed_by_guessing(client: Client, mark: str) -> None:
    mei = make_reader()
    assert client.get(f"/u/{mark}").status_code == 404
    assert client.post(f"/u/{mark}").status_code == 404
    assert queries.has_marketing_consent(customer_id=mei.pk)


def test_a_mark_of_nobody_and_other_methods_are_refused(client: Client) -> None:
    mei = make_reader()
    link = link_of(mei)
    other = operations.unsubscribe_token(customer_id=mei.pk + 999)
    assert client.post(f"/u/{other}").status_code == 404
    assert client.put(link).status_code == 405


def test_marketing_mail_carries_the_link_and_supplier_mail_does_not(settings, tmp_path) -> None:
    settings.REORDER = dataclasses.replace(
        settings.REORDER, public_url="https://tea.example", mail_url=f"folder:{tmp_path}"
    )
    mei = make_reader()
    operations.plan_messages(drafts=[letter(number=1, customer=mei), letter(number=2)])
    assert send_due_messages(moment=MORNING).sent_count == 2
    mails = {mail["To"]: mail for mail in (email.message_from_bytes(f.read_bytes()) for f in tmp_path.glob("*.eml"))}
    message = OutboxMessage.objects.get(customer=mei)
    mark = operations.unsubscribe_token(customer_id=mei.pk, message_id=message.pk)
    links = mails["mei@example.org"]["List-Unsubscribe"]
    assert links.startswith(f"<https://tea.example/u/{mark}>, <mailto:shop@localhost?subject=unsubscribe%20")
    assert mails["mei@example.org"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mails["supplier-2@example.org"]["List-Unsubscribe"] is None


def test_without_a_public_address_the_mail_names_the_reply_only(settings, tmp_path) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_url=f"folder:{tmp_path}")
    mei = make_reader()
    operations.plan_messages(drafts=[letter(customer=mei)])
    send_due_messages(moment=MORNING)
    (file,) = tmp_path.glob("*.eml")
    mail = email.message_from_bytes(file.read_bytes())
    assert mail["List-Unsubscribe"].startswith("<mailto:")
    assert mail["List-Unsubscribe-Post"] is None
