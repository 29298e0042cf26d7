"""Proposals to Mei and others: planned, held, moved and withdrawn, with PostgreSQL."""

import datetime as dt
from collections.abc import Sequence

import pytest
from django.db import transaction

from reorder.domain.customers.models import Customer
from reorder.domain.inventory import operations as inventory
from reorder.domain.marketing.proof import record_holdout
from reorder.domain.marketing.waiting_models import WaitingMessage
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.messaging.models import MarketingPause, MessageDecision, OutboxMessage
from reorder.domain.messaging.operations import claim_messages
from reorder.flows.contacting import Proposed, look_again, propose, recheck_due, withdraw
from tests.factories.catalog import make_product
from tests.factories.content import make_template
from tests.factories.inventory import make_place, opening, shipment
from tests.factories.messaging import MORNING, NIGHT, make_reader
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def wish(customer: Customer, key: str, **changes: object) -> WantedMessage:
    values: dict[str, object] = {
        "key": key,
        "customer_id": customer.pk,
        "purpose": "marketing",
        "source_kind": "journey",
        "source_key": "due",
        "template_code": "tea",
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


@pytest.fixture(autouse=True)
def _everybody_hears() -> None:
    """There is something to say, and nobody is held out."""
    make_template()
    record_holdout(source_kind="journey", source_key="", share=0.0, note="", decided_by="Lin", decided_at=NIGHT - DAY)


def test_a_wanted_message_is_planned_known_again_and_withdrawn() -> None:
    mei = make_reader()
    answers = ask(wish(mei, "a"))

    assert (answers[0].outcome, answers[0].at, answers[0].channel) == ("planned", MORNING, "email")
    message = OutboxMessage.objects.get()
    assert (message.pk, message.send_after, message.value_minor) == (answers[0].message_id, MORNING, 1000.0)
    assert message.template_version_id is not None
    decision = MessageDecision.objects.get()
    assert [check[0] for check in decision.trace][:4] == ["consent", "suppression", "pause", "stock"]
    assert ask(wish(mei, "a")) == answers
    assert OutboxMessage.objects.count() == MessageDecision.objects.count() == 1

    for customer_id, count in ((mei.pk + 1, 0), (mei.pk, 1)):
        code = "outbox.stopped.by_person"
        gone = withdraw(source_kind="journey", source_key="due", customer_id=customer_id, outcome_code=code)
        assert gone == count
    message.refresh_from_db()
    assert (message.state, message.outcome_code) == ("stopped", "outbox.stopped.by_person")


def test_caps_hold_over_sources_and_what_is_worth_less_moves() -> None:
    mei = make_reader()
    small = ask(wish(mei, "small", value_minor=10.0))[0]
    great = ask(wish(mei, "great", source_key="cart", value_minor=5000.0))[0]
    third = ask(wish(mei, "third", source_key="news", value_minor=1.0))[0]

    assert (small.outcome, great.outcome, great.at) == ("planned", "planned", MORNING)
    moved = OutboxMessage.objects.get(idempotency_key="small")
    assert (moved.send_after, moved.outcome_code) == (MORNING + DAY, "outbox.waits.displaced")
    assert told([third]) == [("suppressed", "message.cap_too_late")]
    longer = ask(wish(mei, "longer", value_minor=1.0, latest_at=NIGHT + 20 * DAY))[0]
    assert (longer.outcome, longer.at) == ("rescheduled", MORNING + 7 * DAY)
    assert WaitingMessage.objects.get().look_at == MORNING + 7 * DAY
    assert look_again(moment=MORNING + 6 * DAY) == 0
    assert look_again(moment=MORNING + 7 * DAY) == 1
    assert OutboxMessage.objects.get(idempotency_key="longer").send_after == MORNING + 7 * DAY
    assert not WaitingMessage.objects.exists()
    assert MessageDecision.objects.filter(customer=mei, outcome="planned").count() == 3


def test_goods_are_promised_once_and_waited_for() -> None:
    make_place()
    oolong = make_product()
    inventory.record_moves(moves=[opening(product_id=oolong.pk, units="1")])
    readers = [make_reader(key=f"reader-{number}") for number in range(6)]
    answers = ask(*[wish(one, one.key, skus=("OOLONG-150",), value_minor=10.0) for one in readers])
    outcomes = [one.outcome for one in answers]
    # A message promises a quarter of a unit.
    assert (outcomes.count("planned"), outcomes.count("held_for_stock")) == (4, 2)
    assert WaitingMessage.objects.filter(look_at=NIGHT + DAY, skus=["OOLONG-150"]).count() == 2

    inventory.record_moves(moves=[opening(product_id=oolong.pk, units="40", key="more")])
    assert look_again(moment=NIGHT + dt.timedelta(hours=1)) == 2
    assert OutboxMessage.objects.filter(state="planned").count() == 6


def test_pauses_of_several_causes_keep_marketing_waiting() -> None:
    mei = make_reader()
    for cause, until in (("parcel", NIGHT.date() + 30 * DAY), ("return", NIGHT.date() + 20 * DAY)):
        MarketingPause.objects.create(
            customer=mei, reason="open", paused_at=NIGHT, paused_by="system", cause=cause, resumes_date=until
        )
    assert told(ask(wish(mei, "a"))) == [("rescheduled", "message.paused.parcel")]
    MarketingPause.objects.update(resumed_at=NIGHT)
    assert look_again(moment=NIGHT + DAY) == 1
    assert OutboxMessage.objects.get().send_after == MORNING + DAY


def test_what_was_right_at_night_is_looked_at_again_before_it_leaves() -> None:
    make_place()
    oolong = make_product()
    inventory.record_moves(moves=[opening(product_id=oolong.pk, units="3")])
    mei, lin = make_reader(), make_reader(key="lin", name="Lin")
    ask(wish(mei, "tea", skus=("OOLONG-150",)), wish(lin, "news"))
    # The channel was down until the evening, and then all the tea was sold.
    evening = MORNING + dt.timedelta(hours=12)
    assert recheck_due(moment=evening) == 2
    assert claim_messages(moment=evening, limit=10) == []
    codes = dict(OutboxMessage.objects.values_list("idempotency_key", "outcome_code"))
    assert codes == {"tea": "outbox.waits.quiet_hours", "news": "outbox.waits.quiet_hours"}
    inventory.record_moves(moves=[shipment(product_id=oolong.pk, units="3", key="sold")])
    assert recheck_due(moment=MORNING + DAY) == 1
    assert OutboxMessage.objects.get(idempotency_key="tea").outcome_code == "outbox.waits.stock"
    assert recheck_due(moment=MORNING + DAY) == 0
    assert [one.idempotency_key for one in claim_messages(moment=MORNING + DAY, limit=10)] == ["news"]


def test_two_sources_at_once_fill_one_cap_and_promise_one_unit() -> None:
    make_place()
    oolong = make_product()
    inventory.record_moves(moves=[opening(product_id=oolong.pk, units="1")])
    mei = make_reader()
    readers = [make_reader(key=f"reader-{number}") for number in range(6)]

    def work(hand: int) -> list[Proposed]:
        with transaction.atomic():
            own = ask(wish(mei, f"cap-{hand}", source_key=f"source-{hand}"))
            return own + ask(*[wish(one, f"{one.key}-{hand}", skus=("OOLONG-150",)) for one in readers[hand::2]])

    answers = at_once(work, hands=2)
    assert sorted(answer[0].outcome for answer in answers) == ["planned", "rescheduled"]
    promised = [one.outcome for answer in answers for one in answer[1:]]
    assert (promised.count("planned"), promised.count("held_for_stock")) == (4, 2)
