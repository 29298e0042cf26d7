"""The steps that a customer takes when their moment has come, until they wait again or the way ends. Pure.

What a step does to the world is an `Action` that the caller carries out in the same transaction; what only the books
know is a `Question`: the walk stops at it, and goes on with the answer.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from reorder.domain.marketing.journeys.definition import Step
from reorder.domain.marketing.journeys.rules import MOST_STEPS_OF_ONE, STEP_KINDS
from reorder.domain.marketing.journeys.timing import ends_at
from reorder.domain.marketing.journeys.ways import Way, is_about

# Conditions whose answer stands in the books: a segment, a tree of conditions, purchases.
ASKED = frozenset({"segment", "rule", "bought"})
# Steps that change something outside of the way, and what is noted of them; of messages until it is decided.
DID = {"message": "planned", "tag": "tagged", "segment": "listed", "webhook": "told", "task": "asked"}


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a step does; `visit` counts from 1 how often this customer came to it on this way.

    `place` is where among the events of the way it stands what became of it.
    """

    step: Step
    visit: int
    place: int


@dataclass(slots=True, kw_only=True)
class Walk:
    """A way whose moment has come; `question` is the step whose answer it waits for."""

    way: Way
    zone: ZoneInfo
    actions: list[Action] = field(default_factory=list)
    question: Step | None = None


def go_on(*, walks: Sequence[Walk], answers: Mapping[tuple[int, str], bool], moment: dt.datetime) -> list[Walk]:
    """Let each walk take its steps; returns those that stopped at a question.

    Args:
        walks: as they are; those of an earlier round with their question.
        answers: by place in `walks` and step.
        moment: now, UTC.
    """
    for place, walk in enumerate(walks):
        if walk.question is not None:
            _answer(walk, is_so=answers[place, walk.question.key], moment=moment)
        _walk(walk, moment=moment)
    return [walk for walk in walks if walk.question is not None]


def draw_branch(*, way: Way, step: Step) -> int:
    """Which branch of a random split this customer takes: the same on every computer, and on every try."""
    weights = [one["weight"] for one in step.options["branches"]]
    text = f"{way.running.code}:{step.key}:{way.customer_id}:{way.entry_key}"
    drawn = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64 * sum(weights)
    for number, weight in enumerate(weights):
        drawn -= weight
        if drawn < 0:
            return number
    return len(weights) - 1


def _walk(walk: Walk, *, moment: dt.datetime) -> None:
    way = walk.way
    if way.is_waiting:
        _leave_wait(way, moment=moment)
    while way.is_open and not way.is_waiting and walk.question is None:
        if not way.step_key:
            way.end(state="done", code="finished", moment=moment)
        elif way.steps_count >= MOST_STEPS_OF_ONE:
            way.end(state="failed", code="too_many_steps", moment=moment)
        else:
            _take(walk, step=way.running.definition.steps[way.step_key], moment=moment)


def _take(walk: Walk, *, step: Step, moment: dt.datetime) -> None:
    way = walk.way
    way.steps_count += 1
    way.is_changed = True
    if step.kind == "exit":
        way.end(state="done", code="exit_step", moment=moment)
    elif STEP_KINDS[step.kind].waits:
        _wait(walk, step=step, moment=moment)
    elif step.kind == "split":
        branch = draw_branch(way=way, step=step)
        way.note(code="branch", details={"branch": branch})
        _to(way, port=str(branch), step=step, moment=moment)
    elif step.kind == "condition":
        if step.options["test"] in ASKED:
            walk.question = step
        else:
            _decide(way, step=step, is_so=_holds(way=way, step=step), moment=moment)
    else:
        visits = way.context.setdefault("visits", {})
        visits[step.key] = visits.get(step.key, 0) + 1
        walk.actions.append(Action(step, visits[step.key], len(way.events)))
        way.note(code=DID[step.kind])
        _to(way, port="next", step=step, moment=moment)


def _answer(walk: Walk, *, is_so: bool, moment: dt.datetime) -> None:
    step = walk.question
    walk.question = None
    if step is not None:
        _decide(walk.way, step=step, is_so=is_so, moment=moment)


def _decide(way: Way, *, step: Step, is_so: bool, moment: dt.datetime) -> None:
    way.note(code="yes" if is_so else "no")
    _to(way, port="yes" if is_so else "no", step=step, moment=moment)


def _holds(*, way: Way, step: Step) -> bool:
    """A condition that the way itself knows the answer of."""
    if step.options["test"] == "detail":
        value: Any = way.context.get("details", {}).get(step.options["detail"])
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and value >= step.options["at_least"]
    seen = way.context.get("seen", {})
    about = step.options.get("about", "anything")
    return any(
        is_about(about=about, way=way, subject=subject, goods=set(seen[kind]["goods"]))
        for kind in step.options["facts"]
        if kind in seen
        for subject in seen[kind]["subjects"]
    )


def _wait(walk: Walk, *, step: Step, moment: dt.datetime) -> None:
    way = walk.way
    way.is_waiting = True
    way.awaits = tuple(step.options["facts"]) if step.kind == "listen" else ()
    way.context.pop("came", None)
    way.due_at = ends_at(step=step, moment=moment, zone=walk.zone)
    way.note(code="waiting", details={"until": way.due_at.isoformat()})


def _leave_wait(way: Way, *, moment: dt.datetime) -> None:
    step = way.running.definition.steps[way.step_key]
    came = way.context.pop("came", None)
    port = "otherwise" if step.kind == "listen" and came is None else "next"
    way.note(code="went_on", details={"fact": came} if came else {})
    way.is_waiting, way.awaits = False, ()
    _to(way, port=port, step=step, moment=moment)


def _to(way: Way, *, port: str, step: Step, moment: dt.datetime) -> None:
    way.step_key, way.arrived_at = step.ports.get(port, ""), moment
    way.due_at = moment
