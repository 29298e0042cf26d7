"""Links of text messages are short, lead where the message pointed, and end with its words."""

import datetime as dt
import re

import pytest
from django.test import Client

from reorder.domain.messaging.models import MessageEvent, OutboxMessage, ShortLink
from reorder.flows.content import render_message, render_messages
from reorder.flows.content.checking import look_over
from reorder.flows.content.rendering import Rendered
from reorder.flows.privacy.keeping import keep_privacy
from reorder.kernel.clock import current_moment
from tests.factories.catalog import make_product
from tests.factories.content import NOON, Message, add_version, make_template
from tests.factories.messaging import make_customer
from tests.factories.portal import open_portal
from tests.flows.test_content_rendering import agree

pytestmark = pytest.mark.django_db
TEXT = (
    "Your tea is nearly gone. Reorder: {{reorder_url|https://tea.example/}} "
    "How to brew: https://tea.example/how-to/brew-a-roasted-oolong?pot=gaiwan Stop: {{unsubscribe_url}}"
)


def test_a_text_message_with_three_links_fits_one_sms_and_its_links_lead_on(settings) -> None:
    open_portal(settings)
    mei, lin = make_customer(name="Mei Lin"), make_customer(key="lin")
    agree(mei)
    make_product()
    make_template()
    version = add_version(channel="sms", text=TEXT)
    messages = []
    for number, person in enumerate((mei, lin)):
        row = OutboxMessage.objects.create(
            idempotency_key=f"m{number}",
            message_id=f"<m{number}@example.org>",
            customer=person,
            channel="sms",
            purpose="marketing",
            address="+886912345678",
            subject="",
            body_text="",
            reason_code="reminder.planned",
            send_after=NOON,
        )
        messages.append(
            Message(
                id=row.pk,
                customer_id=person.pk,
                template_version_id=version.id,
                channel="sms",
                variables={"skus": ["OOLONG-150"]},
            )
        )

    of_mei, of_lin = render_messages(messages=messages)
    assert isinstance(of_mei, Rendered)
    assert isinstance(of_lin, Rendered)
    # Written again it says the same, and keeps nothing twice.
    assert render_message(message=messages[0]) == of_mei
    assert ShortLink.objects.count() == 6
    links = re.findall(r"https?://(\S+?/l/\w{11})(?!\w)", of_mei.text)
    assert len(links) == 3
    assert len(of_mei.text) <= 160
    assert not {link.partition("/l/")[2] for link in links} & set(re.findall(r"/l/(\w+)", of_lin.text))
    assert look_over(rendered=of_mei, channel="sms", purpose="marketing") == []

    def led(text: str) -> list[str]:
        client = Client(headers={"user-agent": "Mozilla/5.0 (iPhone)"})
        answers = [client.get(f"/l/{token}") for token in re.findall(r"/l/(\w+)", text)]
        assert [answer.status_code for answer in answers] == [302, 302, 302]
        return [answer["Location"] for answer in answers]

    again, how_to, stop = led(of_mei.text)
    assert "/shop/again/" in again
    assert "utm_medium=sms" in how_to
    assert how_to.startswith("https://tea.example/how-to/brew-a-roasted-oolong?pot=gaiwan&")
    assert "/u/" in stop
    assert "utm_" not in stop
    # Of who agreed two clicks are counted, the way out never; of who did not agree none.
    assert how_to.startswith(f"{led(of_lin.text)[1]}&ro_visit=")
    assert set(MessageEvent.objects.values_list("message__customer__key", "kind")) == {(mei.key, "clicked")}
    assert MessageEvent.objects.count() == 2
    assert Client().get("/l/aaaaaaaaaaa").status_code == 404

    keep_privacy(moment=current_moment() + dt.timedelta(days=4000))
    assert not ShortLink.objects.exists()
