"""Journeys that are changed, paused and broken while people are in them; and everything that their steps can do."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import transaction

from reorder.domain.customers.models import Customer
from reorder.domain.customers.profile import list_tags
from reorder.domain.marketing.journeys.errors import JourneyBroken, JourneyChanged, UnknownEnrolment, WrongJourneyState
from reorder.domain.marketing.models import Enrolment, EnrolmentEvent, JourneyCount, JourneyTask
from reorder.domain.marketing.segment_editing import NewSegment
from reorder.domain.marketing.segments import list_segment_codes_of
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.staff.models import AuditEntry
from reorder.flows import contacting, customer_care, segmenting
from reorder.flows.content.ready_made import lay_down
from reorder.flows.journeys import acting, editing, switching, take_facts_and_step
from reorder.flows.journeys.trying import walk_through
from tests.factories.catalog import make_product
from tests.factories.journeys import DAY, HOUR, document, happen, log_of, run_journey, where
from tests.factories.messaging import NIGHT, make_reader

pytestmark = pytest.mark.django_db
WAIT = {"kind": "wait", "days": 1, "next": None}
MINUTE = dt.timedelta(minutes=1)


def write(template: str = "cart-left", *, then: str | None = None, **options: Any) -> dict[str, Any]:
    lay_down(laid_by="ann", moment=NIGHT, codes=(template,))
    return {"kind": "message", "template": template, "stock_rule": "ignore", "next": then, **options}


def make_list(code: str) -> None:
    segment = NewSegment(code=code, name=code, description="", kind="list", rules={}, member_tag="")
    segmenting.create_segment(segment=segment, decided_by="ann", moment=NIGHT)


def test_every_kind_of_step_does_what_it_says() -> None:
    mei, yun = make_reader(), make_reader(key="yun", name="Yun")
    make_list("hot")
    rules = {"match": "all", "rules": [{"kind": "tag", "values": ["vip"]}]}
    run_journey(code="all", given=document(facts=["carted"], steps={
        "tag": {"kind": "tag", "add": ["Vip"], "remove": ["cold"], "next": "rule"},
        "rule": {"kind": "condition", "test": "rule", "rules": rules, "yes": "list", "no": None},
        "list": {"kind": "segment", "segment": "hot", "action": "add", "next": "if"},
        "if": {"kind": "condition", "test": "segment", "segment": "hot", "yes": "task", "no": None},
        "task": {"kind": "task", "text": "Ring up", "next": "hook"},
        "hook": {"kind": "webhook", "name": "carted", "next": "bought"},
        "bought": {"kind": "condition", "test": "bought", "yes": None, "no": "night"},
        "night": {"kind": "until", "hour": 10, "weekdays": [1], "next": "bye"},
        "bye": {"kind": "exit"},
    }))  # fmt: skip

    happen(mei, "carted", subject="OOLONG-150")
    happen(yun, "viewed", subject="OOLONG-150")

    # 10:00 on Monday in Taipei.
    assert where(mei) == [("active", "night", "")]
    assert Enrolment.objects.get().due_at == dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
    assert [row.tag for row in list_tags(customer_id=mei.pk)] == ["vip"]
    assert list_segment_codes_of(customer_ids=[mei.pk]) == {mei.pk: frozenset({"hot"})}
    task = JourneyTask.objects.get()
    assert (task.customer_id, task.text, task.done_at) == (mei.pk, "Ring up", None)
    take_facts_and_step(moment=NIGHT + 2 * DAY)
    assert where(mei) == [("done", "bye", "exit_step")]
    assert [code for _, code in log_of(mei)] == [
        "entered", "tagged", "yes", "listed", "yes", "asked", "told", "no", "waiting", "went_on", "done",
    ]  # fmt: skip
    assert JourneyCount.objects.get(step_key="task", code="asked").count == 1


def test_a_journey_is_changed_while_people_are_in_it() -> None:
    mei, yun, an = make_reader(), make_reader(key="yun", name="Yun"), make_reader(key="an", name="An")
    first = document(
        facts=["carted"], steps={"day": {**WAIT, "next": "tag"}, "tag": {"kind": "tag", "add": ["first"], "next": None}}
    )
    second = document(
        facts=["carted"],
        steps={"day": {**WAIT, "next": "tag"}, "tag": {"kind": "tag", "add": ["second"], "next": None}},
    )
    third = document(
        facts=["carted"],
        steps={"other": {**WAIT, "next": "tag"}, "tag": {"kind": "tag", "add": ["third"], "next": None}},
    )
    run_journey(code="tea", given=first)
    happen(mei, "carted", subject="A")

    run_journey(code="tea", given=second, moment=NIGHT + MINUTE)
    happen(yun, "carted", subject="A", at=NIGHT + MINUTE)
    run_journey(code="tea", given=third, moment=NIGHT + 2 * MINUTE)
    happen(an, "carted", subject="A", at=NIGHT + 2 * MINUTE)
    # Mei and Yun are at a step that the newest version has not: they finish theirs.
    run_journey(code="tea", given=third, moment=NIGHT + 3 * MINUTE, on_change="move")
    take_facts_and_step(moment=NIGHT + 2 * DAY)

    tags = {one.key: [row.tag for row in list_tags(customer_id=one.pk)] for one in (mei, yun, an)}
    assert tags == {"mei": ["first"], "yun": ["second"], "an": ["third"]}

    happen(mei, "carted", subject="B", at=NIGHT + 3 * DAY)
    changed = {**third, "steps": {**third["steps"], "tag": {"kind": "tag", "add": ["fourth"], "next": None}}}
    run_journey(code="tea", given=changed, moment=NIGHT + 3 * DAY, on_change="move")
    take_facts_and_step(moment=NIGHT + 5 * DAY)
    assert "fourth" in {row.tag for row in list_tags(customer_id=mei.pk)}


def test_paused_everybody_waits_off_everybody_leaves() -> None:
    mei, yun = make_reader(), make_reader(key="yun", name="Yun")
    given = document(facts=["carted"], steps={"ask": write(then="day"), "day": {**WAIT, "next": "tag"},
                     "tag": {"kind": "tag", "add": ["late"], "next": None}}, exits=[{"facts": ["ordered"]}])  # fmt: skip
    run_journey(code="tea", given=given)
    happen(mei, "carted", subject="A")
    happen(yun, "carted", subject="A")

    switching.pause(code="tea", decided_by="ann", moment=NIGHT + HOUR)
    happen(mei, "carted", subject="B", at=NIGHT + HOUR)
    happen(yun, "ordered", subject="A-1", at=NIGHT + 2 * HOUR)
    take_facts_and_step(moment=NIGHT + 2 * DAY)
    assert (where(mei), where(yun)) == ([("held", "day", "")], [("left", "day", "fact")])
    with pytest.raises(WrongJourneyState):
        switching.pause(code="tea", decided_by="ann", moment=NIGHT + 2 * DAY)

    switching.resume(code="tea", decided_by="ann", moment=NIGHT + 3 * DAY)
    take_facts_and_step(moment=NIGHT + 3 * DAY)
    assert where(mei) == [("done", "", "finished")]

    happen(mei, "carted", subject="C", at=NIGHT + 4 * DAY)
    way = Enrolment.objects.get(customer=mei, state="active")
    switching.take_out(enrolment_id=way.pk, decided_by="ann", moment=NIGHT + 4 * DAY)
    assert where(mei)[-1] == ("left", "day", "person")
    with pytest.raises(UnknownEnrolment):
        switching.take_out(enrolment_id=way.pk, decided_by="ann", moment=NIGHT + 4 * DAY)
    happen(yun, "carted", subject="C", at=NIGHT + 4 * DAY)
    switching.switch_off(code="tea", decided_by="ann", moment=NIGHT + 5 * DAY)
    assert where(yun)[-1] == ("left", "day", "switched_off")
    assert not OutboxMessage.objects.filter(state="planned").exists()
    happen(yun, "carted", subject="D", at=NIGHT + 6 * DAY)
    assert len(where(yun)) == 2
    assert list(AuditEntry.objects.filter(subject_key="tea").order_by("pk").values_list("action", flat=True))[-4:] == [
        "journeys.live", "journeys.paused", "journeys.live", "journeys.off",
    ]  # fmt: skip


def test_a_broken_journey_is_never_switched_on_and_two_editors_do_not_undo_each_other() -> None:
    editing.create(code="tea", name="Tea", decided_by="ann", moment=NIGHT)
    with pytest.raises(JourneyBroken) as broken:
        switching.switch_on(code="tea", decided_by="ann", moment=NIGHT)
    assert str(broken.value) == (
        "This journey cannot be switched on. Step trigger: There is no step yet: add the first one. (Things to mend: 1.)"
    )
    loop = document(facts=["carted"], steps={"a": {"kind": "tag", "add": ["x"], "next": "a"}})
    saved = editing.save(code="tea", document=loop, seen_number=0, decided_by="ann", moment=NIGHT)
    with pytest.raises(JourneyChanged):
        editing.save(code="tea", document=loop, seen_number=0, decided_by="bo", moment=NIGHT)
    with pytest.raises(JourneyBroken, match="The way comes back here without waiting: a → a"):
        switching.switch_on(code="tea", decided_by="ann", moment=NIGHT)
    assert (saved.state, saved.draft_number) == ("draft", 1)


def test_a_step_that_fails_for_one_customer_stops_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    mei, yun = make_reader(), make_reader(key="yun", name="Yun")
    run_journey(code="tea", given=document(facts=["carted"], steps={"ask": write(then="day"), "day": WAIT}))
    propose = contacting.propose

    def faulty(*, wanted: Sequence[WantedMessage], moment: dt.datetime) -> Any:
        if any(one.customer_id == mei.pk for one in wanted):
            raise ArithmeticError("no such price")
        return propose(wanted=wanted, moment=moment)

    monkeypatch.setattr(acting.contacting, "propose", faulty)
    happen(mei, "carted", subject="A")
    happen(yun, "carted", subject="A")
    assert (where(mei), where(yun)) == ([("active", "ask", "")], [("active", "day", "")])
    assert OutboxMessage.objects.get().customer_id == yun.pk
    told = EnrolmentEvent.objects.get(code="fault")
    assert told.details == {"error": "ArithmeticError: no such price"}
    for minutes in (1, 6, 36, 160):
        take_facts_and_step(moment=NIGHT + minutes * MINUTE)
    assert where(mei) == [("failed", "ask", "fault")]

    monkeypatch.setattr(acting.contacting, "propose", propose)
    happen(mei, "carted", subject="B", at=NIGHT + DAY)
    assert where(mei)[-1] == ("active", "day", "")


def test_who_dies_in_the_middle_sends_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    mei = make_reader()
    run_journey(code="tea", given=document(facts=["carted"], steps={"ask": write(then="day"), "day": WAIT}))
    propose = contacting.propose

    class Killed(BaseException):
        """What no handler of ours catches."""

    def dies(*, wanted: Sequence[WantedMessage], moment: dt.datetime) -> Any:
        propose(wanted=wanted, moment=moment)
        raise Killed

    monkeypatch.setattr(acting.contacting, "propose", dies)
    with pytest.raises(Killed), transaction.atomic():
        happen(mei, "carted", subject="A")
    assert (where(mei), OutboxMessage.objects.count()) == ([], 0)

    monkeypatch.setattr(acting.contacting, "propose", propose)
    happen(mei, "carted", subject="A")
    Enrolment.objects.update(step_key="ask", is_waiting=False, due_at=NIGHT, context={"kind": "carted", "subject": "A",
        "skus": [], "categories": [], "goods": [], "details": {}, "since": NIGHT.isoformat(), "at": NIGHT.isoformat()})  # fmt: skip
    # The same step once more, as if its commit had been lost: the message has a key of its own.
    take_facts_and_step(moment=NIGHT)
    assert OutboxMessage.objects.count() == 1


def test_an_audience_that_is_left_and_a_record_that_is_merged_end_the_way() -> None:
    mei, yun = make_reader(), make_reader(key="yun", name="Yun")
    make_list("vip")
    segmenting.add_members(code="vip", customer_ids=[mei.pk], decided_by="ann", moment=NIGHT)
    given = document(facts=["carted"], steps={"day": WAIT}, segments=["vip"], stays=True)
    run_journey(code="tea", given=given)
    happen(mei, "carted", subject="A")
    happen(yun, "carted", subject="A")
    assert (where(mei), where(yun)) == ([("active", "day", "")], [])

    segmenting.remove_members(code="vip", customer_ids=[mei.pk], decided_by="ann", moment=NIGHT + HOUR)
    take_facts_and_step(moment=NIGHT + HOUR)
    assert where(mei) == [("left", "day", "audience")]

    segmenting.add_members(code="vip", customer_ids=[yun.pk], decided_by="ann", moment=NIGHT + HOUR)
    happen(yun, "carted", subject="B", at=NIGHT + 2 * HOUR)
    customer_care.merge_customers(keep_id=mei.pk, absorb_id=yun.pk, decided_by="ann", moment=NIGHT + 3 * HOUR)
    assert where(yun) == [("left", "day", "merged")]


def test_a_walk_shows_what_would_happen_and_does_nothing() -> None:
    mei = make_reader()
    make_product()
    given = document(facts=["carted"], steps={
        "watch": {"kind": "listen", "facts": ["ordered"], "hours": 4, "next": None, "otherwise": "ask"},
        "ask": write(then="day"), "day": WAIT,
    })  # fmt: skip
    stops = walk_through(document=given, customer_id=mei.pk, happens=False, moment=NIGHT)
    assert [(stop.step_key, stop.code, stop.at - NIGHT) for stop in stops] == [
        ("watch", "entered", 0 * HOUR), ("watch", "waiting", 0 * HOUR), ("watch", "went_on", 4 * HOUR),
        ("ask", "planned", 4 * HOUR), ("day", "waiting", 4 * HOUR), ("day", "went_on", 28 * HOUR), ("", "done", 28 * HOUR),
    ]  # fmt: skip
    assert stops[3].sending is not None
    assert stops[3].sending.channel == "email"
    happening = walk_through(document=given, customer_id=mei.pk, happens=True, moment=NIGHT)
    assert [stop.step_key for stop in happening] == ["watch", "watch", "watch", ""]
    assert (OutboxMessage.objects.count(), Enrolment.objects.count(), Customer.objects.count()) == (0, 0, 1)
