"""What the steps of a lot do: messages wanted, tags, lists, webhooks, tasks; within the transaction of the steps."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.customers.profile import add_tags, remove_tags
from reorder.domain.marketing.journeys import tasks
from reorder.domain.marketing.journeys.definition import Settings, Step
from reorder.domain.marketing.journeys.walking import Action, Walk
from reorder.domain.marketing.journeys.ways import Happened, Way
from reorder.domain.marketing.wanted import WantedMessage
from reorder.flows import contacting, segmenting, webhooks
from reorder.flows.journeys.due_goods import keep_cycles
from reorder.flows.journeys.valuing import value_messages
from reorder.flows.segmenting import lists
from reorder.kernel.ids import idempotency_key

SOURCE: Final = "journey"
LEFT: Final = "outbox.stopped.journey_left"
_MOST_GOODS: Final = 5
_OURS: Final = frozenset({"told", "cycle_keys", "value_minor"})


@dataclass(frozen=True, slots=True)
class _Done:
    way: Way
    action: Action


def carry_out(*, walks: Sequence[Walk], moment: dt.datetime) -> None:
    """Do what the steps of these walks have to do, kind by kind and once, and write down what became of it."""
    done = [_Done(walk.way, action) for walk in walks for action in walk.actions]
    for walk in walks:
        walk.actions.clear()
    _propose(done=[one for one in done if one.action.step.kind == "message"], moment=moment)
    _change_lists(done=[one for one in done if one.action.step.kind == "segment"], moment=moment)
    for one in done:
        match one.action.step.kind:
            case "tag":
                _tag(way=one.way, step=one.action.step, moment=moment)
            case "webhook":
                _tell(way=one.way, action=one.action, moment=moment)
            case "task":
                _ask(way=one.way, action=one.action, moment=moment)


def withdraw_waiting(*, ways: Sequence[Way], moment: dt.datetime) -> None:
    """Whatever waits to be sent to who has left is not sent: the messages of these ways, and no others."""
    keys = [
        message_key(way=way, step_key=step_key, visit=visit)
        for way in ways
        for step_key, visits in way.context.get("visits", {}).items()
        for visit in range(1, visits + 1)
    ]
    contacting.withdraw_keys(keys=keys, outcome_code=LEFT, moment=moment)


def want_message(*, way: Way, step: Step, visit: int, moment: dt.datetime) -> WantedMessage:
    """The message that a step asks for; what the step does not say comes from the settings of the goods' type."""
    own = way.running.definition.settings_of(categories=way.categories)
    options = step.options
    earliest = _earliest(way=way, step=step, own=own, moment=moment)
    details: dict[str, Any] = way.context.get("details", {})
    # What explains the message, and what names it for us: neither is for its reader.
    told = details.get("told", {})
    return WantedMessage(
        key=message_key(way=way, step_key=step.key, visit=visit),
        customer_id=way.customer_id,
        purpose=options.get("purpose", "marketing"),
        source_kind=SOURCE,
        source_key=way.running.code,
        step_key=step.key,
        template_code=options["template"],
        earliest_at=earliest,
        latest_at=earliest + dt.timedelta(days=options.get("valid_days", own.valid_days)),
        reason_code=f"journey.{way.context['kind']}",
        reason_parameters={
            "journey": way.running.code,
            "date": way.context["at"][:10],
            "subject": way.context.get("subject", ""),
            **told,
        },
        channels=tuple(options.get("channels") or own.channels),
        skus=way.skus[: options.get("most_goods", _MOST_GOODS)],
        stock_rule=options.get("stock_rule", "hold"),
        offers=tuple(options.get("offers") or own.offers),
        variables={
            "fact": way.context["kind"],
            "subject": way.context.get("subject", ""),
            "entered_date": way.entered_at.date().isoformat(),
            **{name: value for name, value in details.items() if name not in _OURS},
        },
        value_minor=float(details.get("value_minor") or options.get("value_minor") or 0),
        category_codes=way.categories,
    )


def message_key(*, way: Way, step_key: str, visit: int) -> str:
    """The key of the message that a step asks for at its how many-th visit on this way."""
    return idempotency_key(SOURCE, way.running.journey_id, way.customer_id, way.entry_key, step_key, visit)


def _earliest(*, way: Way, step: Step, own: Settings, moment: dt.datetime) -> dt.datetime:
    if not step.options.get("at_moment"):
        return moment
    wanted = dt.datetime.fromisoformat(way.context["at"]) + dt.timedelta(days=own.offset_days)
    return max(wanted, moment)


def _propose(*, done: Sequence[_Done], moment: dt.datetime) -> None:
    if not done:
        return
    wanted = value_messages(
        wanted=[want_message(way=one.way, step=one.action.step, visit=one.action.visit, moment=moment) for one in done]
    )
    by_key = {one.key: one for one in contacting.propose(wanted=wanted, moment=moment)}
    for one, message in zip(done, wanted, strict=True):
        made = by_key[message.key]
        told = {"reason": made.reason_code, "channel": made.channel, "message": made.message_id}
        _write(one, code=made.outcome, details={name: value for name, value in told.items() if value})
        keep_cycles(way=one.way, message_key=message.key)


def _tag(*, way: Way, step: Step, moment: dt.datetime) -> None:
    people = [way.customer_id]
    touched = add_tags(
        customer_ids=people,
        tags=step.options.get("add", ()),
        decided_by=f"{SOURCE}:{way.running.code}",
        moment=moment,
    )
    touched += remove_tags(customer_ids=people, tags=step.options.get("remove", ()))
    if touched:
        segmenting.mark_customers(customer_ids=people)


def _change_lists(*, done: Sequence[_Done], moment: dt.datetime) -> None:
    """All who come on a list, or off it, by one step of one journey at once."""
    together: dict[tuple[str, str, str], set[int]] = {}
    for one in done:
        options = one.action.step.options
        key = (options["segment"], options["action"], one.way.running.code)
        together.setdefault(key, set()).add(one.way.customer_id)
    for (code, action, journey), people in sorted(together.items()):
        change = lists.join_list if action == "add" else lists.leave_list
        change(code=code, customer_ids=sorted(people), decided_by=f"{SOURCE}:{journey}", moment=moment)


def _tell(*, way: Way, action: Action, moment: dt.datetime) -> None:
    webhooks.announce(
        kind="journey.step",
        subject_kind="customer",
        subject_key=str(way.customer_id),
        event_key=message_key(way=way, step_key=action.step.key, visit=action.visit),
        payload={
            "journey": way.running.code,
            "name": action.step.options["name"],
            "customer_id": way.customer_id,
            "fact": way.context["kind"],
            "skus": list(way.skus),
        },
        moment=moment,
    )


def _ask(*, way: Way, action: Action, moment: dt.datetime) -> None:
    tasks.add_task(
        enrolment_id=way.number or 0,
        customer_id=way.customer_id,
        step_key=action.step.key,
        key=message_key(way=way, step_key=action.step.key, visit=action.visit),
        text=action.step.options["text"],
        moment=moment,
    )


def _write(one: _Done, *, code: str, details: dict[str, Any]) -> None:
    """What became of a step stands where the step was taken, before what came after it."""
    one.way.events[one.action.place] = Happened(code, one.action.step.key, details)
