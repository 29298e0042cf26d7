"""Several workers at once let the same customers go on: each step is taken once, with real connections."""

import threading

import pytest
from django.db import connection

from reorder.domain.marketing.facts import note_facts
from reorder.domain.marketing.models import Enrolment, EnrolmentEvent, JourneyCount
from reorder.domain.marketing.rules import NewFact
from reorder.domain.messaging.models import OutboxMessage
from reorder.flows.content.ready_made import lay_down
from reorder.flows.journeys import stepping, take_facts_and_step
from tests.factories.journeys import document, run_journey
from tests.factories.messaging import NIGHT, make_reader

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, WORKERS = 40, 3


def test_three_workers_take_each_step_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "LOT", 5)
    lay_down(laid_by="ann", moment=NIGHT, codes=("cart-left",))
    people = [make_reader(key=f"reader-{number}") for number in range(PEOPLE)]
    steps = {
        "ask": {"kind": "message", "template": "cart-left", "stock_rule": "ignore", "next": "day"},
        "day": {"kind": "wait", "days": 1, "next": None},
    }
    run_journey(code="tea", given=document(facts=["carted"], steps=steps))
    note_facts(
        facts=[
            NewFact(kind="carted", customer_id=one.pk, happened_at=NIGHT, subject="A", key=f"carted:{one.pk}")
            for one in people
        ]
    )
    together, faults = threading.Barrier(WORKERS), []

    def work() -> None:
        try:
            together.wait()
            for _ in range(4):
                take_facts_and_step(moment=NIGHT)
        except Exception as fault:  # noqa: BLE001 - told below, where the test sees it
            faults.append(fault)
        finally:
            connection.close()

    hands = [threading.Thread(target=work) for _ in range(WORKERS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    take_facts_and_step(moment=NIGHT)

    assert faults == []
    assert set(Enrolment.objects.values_list("state", "step_key", "steps_count")) == {("active", "day", 2)}
    assert (Enrolment.objects.count(), OutboxMessage.objects.count()) == (PEOPLE, PEOPLE)
    assert EnrolmentEvent.objects.filter(step_key="ask", code="planned").count() == PEOPLE
    assert {(row.step_key, row.code): row.count for row in JourneyCount.objects.all()} == {
        ("ask", "entered"): PEOPLE, ("ask", "planned"): PEOPLE, ("day", "waiting"): PEOPLE,
    }  # fmt: skip
