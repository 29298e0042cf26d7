"""Proposals to Mei and others: planned, held, moved and withdrawn, with PostgreSQL."""

import datetime as dt
from collections.abc import Sequence

import pytest

from reorder.domain.customers.models import Customer
from reorder.domain.inventory import operations as inventory
from reorder.domain.marketing.models import WaitingMessage
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.messaging.models import MarketingPause, MessageDecision, OutboxMessage
from reorder.flows.contacting import Proposed, look_again, propose, withdraw
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place, opening
from tests.factories.messaging import MORNING, NIGHT, declare, give_address, make_customer, make_reader

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def wish(customer: Customer, key: str, **changes: object) -> WantedMessage:
    values: dict[str, object] = {
        "key": key,
        "customer_id": customer.pk,
        "purpose": "marketing",
        "source_kind": "journey",
        "source_key": "due",
        "template_code": "due",
        "earliest_at": NIGHT,
        "latest_at": NIGHT + 5 * DAY,
        "reason_code": "reminder.planned",
        "value_minor": 1000.0,
    }
    return WantedMessage(**(values | changes))  # type: ignore[arg-type]


def ask(*wanted: WantedMessage, moment: dt.datetime = NIGHT) -> list[Proposed]:
    return propose(wanted=wanted, moment=moment)


def told(answers: Sequence[Proposed]) -> list[tuple[str, str]]:
    return [(one.outcome, one.reason_code) for one in answers]


def test_a_wanted_message_is_planned_for_the_morning_and_its_reason_is_kept() -> None:
    mei = make_reader()
    answers = ask(wish(mei, "a"))

    assert (answers[0].outcome, answers[0].at, answers[0].channel) == ("planned", MORNING, "email")
    message = OutboxMessage.objects.get()
    assert (message.pk, message.send_after, message.value_minor) == (answers[0].message_id, MORNING, 1000.0)
    decision = MessageDecision.objects.get()
    assert [check[0] for check in decision.trace][:4] == ["consent", "suppression", "pause", "stock"]
    assert ask(wish(mei, "a")) == answers
    assert OutboxMessage.objects.count() == MessageDecision.objects.count() == 1
