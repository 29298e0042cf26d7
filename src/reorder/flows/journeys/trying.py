"""Walking one customer through a draft: what would happen when, decided as it would be now, and nothing of it done."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from reorder.domain.customers.queries import list_customer_names
from reorder.domain.customers.reached import hold_people
from reorder.domain.marketing.content import get_version
from reorder.domain.marketing.content_errors import NoVersion
from reorder.domain.marketing.journeys.definition import Step, read_definition
from reorder.domain.marketing.journeys.sorting import begin_way
from reorder.domain.marketing.journeys.walking import Walk, go_on
from reorder.domain.marketing.journeys.ways import Running, Way
from reorder.domain.marketing.rules import FACT_KINDS
from reorder.domain.marketing.segments import list_segment_codes_of
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.planning.due_examples import list_due_skus
from reorder.flows.contacting.deciding import Settled, decide_lot
from reorder.flows.contacting.people import zone_of
from reorder.flows.content import Rendered, choose_version, preview_version
from reorder.flows.journeys.acting import want_message
from reorder.flows.journeys.asking import answer_questions
from reorder.flows.journeys.seeing import see_sample

_MOST_STOPS: Final = 60
_SAMPLE_GOODS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What would become of a message; `reason_code` and its parameters are told by engine/reasons."""

    outcome: str
    reason_code: str
    reason_parameters: Mapping[str, Any]
    at: dt.datetime | None
    channel: str
    offer: str
    template_code: str
    skus: tuple[str, ...]
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Something on the way, and when: a code of journeys/rules.EVENTS at a step."""

    at: dt.datetime
    step_key: str
    code: str
    details: Mapping[str, Any] = field(default_factory=dict)
    sending: Sending | None = None


def walk_through(*, document: Mapping[str, Any], customer_id: int, happens: bool, moment: dt.datetime) -> list[Stop]:
    """The way of one customer through a document that is in order, from now on.

    Goods are those that the customer is expected to need; conditions are answered as of now, and what a step waits for
    comes or (not `happens`) does not.
    """
    definition = read_definition(document=document)
    running = Running(journey_id=0, code="draft", version_id=0, definition=definition)
    kind = definition.trigger.facts[0]
    skus = list(definition.trigger.skus) or list_due_skus(customer_id=customer_id, limit=_SAMPLE_GOODS)
    subject = skus[0] if skus and FACT_KINDS[kind] == "sku" else ""
    fact = see_sample(kind=kind, customer_id=customer_id, subject=subject, skus=skus, moment=moment)
    way = begin_way(running=running, fact=fact, moment=moment)
    people = list_customer_names(ids=[customer_id])
    zone = zone_of(time_zone=people[customer_id].time_zone if customer_id in people else "")
    stops: list[Stop] = []
    now = moment
    while way.is_open and len(stops) < _MOST_STOPS:
        stops.extend(_one_walk(walk=Walk(way=way, zone=zone), moment=now))
        if way.is_waiting and way.due_at is not None:
            if way.awaits and happens:
                way.context["came"] = way.awaits[0]
            now = way.due_at
    return stops


def _one_walk(*, walk: Walk, moment: dt.datetime) -> list[Stop]:
    pending, answers = [walk], dict[tuple[int, str], bool]()
    while pending:
        pending = go_on(walks=pending, answers=answers, moment=moment)
        answers = answer_questions(walks=pending, moment=moment)
    way = walk.way
    sendings = {
        action.place: _decide(way=way, step=action.step, visit=action.visit, moment=moment)
        for action in walk.actions
        if action.step.kind == "message"
    }
    stops = [
        Stop(
            at=moment,
            step_key=event.step_key,
            code=sendings[place].outcome if place in sendings else event.code,
            details=event.details,
            sending=sendings.get(place),
        )
        for place, event in enumerate(way.events)
    ]
    way.events.clear()
    return stops


def _decide(*, way: Way, step: Step, visit: int, moment: dt.datetime) -> Sending:
    wanted = want_message(way=way, step=step, visit=visit, moment=moment)
    return _undone(wanted=[wanted], moment=moment)[0]


def _undone(*, wanted: Sequence[WantedMessage], moment: dt.datetime) -> list[Sending]:
    """Decided as it would be, in a transaction that writes nothing and is taken back."""
    with transaction.atomic():
        people = hold_people(customer_ids=[one.customer_id for one in wanted])
        lot = decide_lot(wanted=wanted, people=people, moment=moment)
        transaction.set_rollback(True)
    words = [_words(settled=one, moment=moment) for one in lot.settled]
    return [
        Sending(
            outcome=one.decision.outcome,
            reason_code=one.decision.reason_code,
            reason_parameters=one.decision.reason_parameters or one.wanted.reason_parameters,
            at=one.decision.at,
            channel=one.decision.channel,
            offer=one.decision.offer,
            template_code=one.wanted.template_code,
            skus=one.decision.skus,
            subject=said.subject if said else "",
            text=said.text if said else "",
        )
        for one, said in zip(lot.settled, words, strict=True)
    ]


def _words(*, settled: Settled, moment: dt.datetime) -> Rendered | None:
    """What the message would say; None where it would not go, or has no words for its channel."""
    customer_id, channel = settled.wanted.customer_id, settled.decision.channel
    person = list_customer_names(ids=[customer_id]).get(customer_id)
    if not channel or person is None:
        return None
    try:
        chosen = choose_version(
            template_code=settled.wanted.template_code,
            customer_id=customer_id,
            language=person.language or settings.REORDER.language,
            channel=channel,
            segment_codes=list_segment_codes_of(customer_ids=[customer_id]).get(customer_id, frozenset()),
        )
    except NoVersion:
        return None
    version = get_version(version_id=chosen.version_id)
    return preview_version(version=version, customer_id=customer_id, moment=moment).rendered
