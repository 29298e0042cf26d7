"""What happened long ago in journeys is forgotten, but not who was in one that lets in only once."""

import dataclasses

import pytest
from django.conf import LazySettings

from reorder.domain.marketing.models import Enrolment, EnrolmentEvent, JourneyCount, JourneyTask
from reorder.flows.journeys import forget_ways, forgetting, take_facts_and_step
from reorder.flows.journeys.tasking import finish_task
from tests.factories.journeys import DAY, document, happen, log_of, run_journey
from tests.factories.messaging import NIGHT, make_reader

pytestmark = pytest.mark.django_db


def test_old_ways_go_and_who_was_in_once_does_not_come_in_again(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, journey_kept_days=30)
    monkeypatch.setattr(forgetting, "_LOT", 2)
    ring = {"ring": {"kind": "task", "text": "Ring up", "next": None}}
    tag = {"tag": {"kind": "tag", "add": ["x"], "next": None}}
    run_journey(code="once", given=document(facts=["carted"], steps=tag, again="once"))
    run_journey(code="each", given=document(facts=["viewed"], steps=tag))
    run_journey(code="ring", given=document(facts=["liked"], steps=ring))
    run_journey(
        code="slow", given=document(facts=["liked"], steps={"wait": {"kind": "wait", "days": 90, "next": None}})
    )
    mei, yun = make_reader(), make_reader(key="yun")
    happen(mei, "carted", subject="A")
    for day in (0, 1, 40):
        happen(mei, "viewed", subject="A", at=NIGHT + day * DAY)
    for person in (mei, yun):
        happen(person, "liked", subject="A")
    finish_task(task_id=JourneyTask.objects.get(customer=mei).pk, done_by="ann", moment=NIGHT)
    counted = list(JourneyCount.objects.order_by("pk").values_list("step_key", "code", "count"))

    # Nothing is old enough yet.
    assert forget_ways(moment=NIGHT + 30 * DAY) == 0
    assert forget_ways(moment=NIGHT + 60 * DAY) > 0
    assert forget_ways(moment=NIGHT + 60 * DAY) == 0

    left = Enrolment.objects.order_by("journey__code", "customer__key", "pk")
    assert [(way.journey.code, way.customer.key, way.state, way.context.get("skus")) for way in left] == [
        ("each", "mei", "done", ["A"]),  # the day 40 is no 30 days ago
        ("once", "mei", "done", None),
        ("ring", "mei", "done", None),
        ("ring", "yun", "done", ["A"]),  # somebody has yet to ring them up
        ("slow", "mei", "active", ["A"]),
        ("slow", "yun", "active", ["A"]),
    ]
    assert [code for _, code in log_of(mei)] == ["entered", "tagged", "done", "entered", "waiting"]
    assert [task.customer.key for task in JourneyTask.objects.all()] == ["yun"]
    assert list(JourneyCount.objects.order_by("pk").values_list("step_key", "code", "count")) == counted
    happen(mei, "carted", subject="B", at=NIGHT + 61 * DAY)
    assert Enrolment.objects.filter(journey__code="once").count() == 1
    # The wait of 90 days went on all the while.
    take_facts_and_step(moment=NIGHT + 91 * DAY)
    assert set(Enrolment.objects.filter(journey__code="slow").values_list("state", flat=True)) == {"done"}
    assert EnrolmentEvent.objects.filter(enrolment__journey__code="slow", code="done").count() == 2
