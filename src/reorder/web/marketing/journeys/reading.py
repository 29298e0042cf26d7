"""The flow as rows that the template draws: each step with its words, numbers, faults and what can be done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from reorder.domain.marketing.journeys.definition import ports_of
from reorder.domain.marketing.journeys.faults import Fault
from reorder.domain.marketing.journeys.rules import STEP_KINDS
from reorder.domain.marketing.journeys.shaping import Lane, Placed
from reorder.insights.journey_numbers import StepNumbers
from reorder.web.marketing.journeys import words
from reorder.web.marketing.journeys.naming import title_step

_SHOWN: Final = (
    "planned", "held_out", "rescheduled", "held_for_stock", "suppressed", "yes", "no", "tagged", "listed", "told",
    "asked", "left", "done", "failed",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known besides the steps: numbers by step, faults by step, and which one is open beside the flow."""

    numbers: Mapping[str, StepNumbers] = field(default_factory=dict)
    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)
    chosen: str = ""
    may_edit: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """A live number of a step."""

    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A step."""

    key: str
    kind: str
    icon: str
    title: str | Promise
    what: str
    numbers: Sequence[Number]
    faults: Sequence[str]
    is_chosen: bool
    came_from: str
    came_by: str
    branches: Sequence["DrawnBranch"]
    can_move_up: bool
    can_move_down: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class DrawnBranch:
    """A way out of a step that has several."""

    label: str | Promise
    lane: "DrawnLane"


@dataclass(frozen=True, slots=True)
class DrawnLane:
    """Steps one below the other, and what is at the end."""

    cards: Sequence[Card]
    end_from: str
    end_by: str
    goes_to: str
    goes_to_title: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of step that can be added."""

    key: str
    icon: str
    title: str | Promise


def kinds_to_add() -> list[Kind]:
    """Every kind of step, the usual ones first."""
    return [Kind(key, words.KIND_ICONS[key], title) for key, title in words.KIND_WORDS.items() if key in STEP_KINDS]


def draw_lane(*, lane: Lane, around: Around, steps: Mapping[str, Any]) -> DrawnLane:
    """The lane with everything that is shown of its steps."""
    title = ""
    if lane.goes_to in steps:
        step = steps[lane.goes_to]
        title = title_step(step)
    return DrawnLane(
        cards=[_card(placed, around=around, steps=steps) for placed in lane.steps],
        end_from=lane.end_from,
        end_by=lane.end_by,
        goes_to=lane.goes_to,
        goes_to_title=title,
        is_open=lane.is_open,
    )


def say_faults(*, faults: Sequence[Fault]) -> dict[str, list[str]]:
    """Faults as sentences, by step."""
    said: dict[str, list[str]] = {}
    for fault in faults:
        said.setdefault(fault.step, []).append(fault.say(translate=_))
    return said


def _card(placed: Placed, *, around: Around, steps: Mapping[str, Any]) -> Card:
    numbers = around.numbers.get(placed.key, StepNumbers())
    return Card(
        key=placed.key,
        kind=placed.kind,
        icon=words.KIND_ICONS[placed.kind],
        title=words.KIND_WORDS[placed.kind],
        what=words.say_step(placed.step),
        numbers=_numbers(numbers),
        faults=around.faults.get(placed.key, ()),
        is_chosen=around.chosen == placed.key,
        came_from=placed.came_from,
        came_by=placed.came_by,
        branches=[
            DrawnBranch(_label(placed, branch.port), draw_lane(lane=branch.lane, around=around, steps=steps))
            for branch in placed.branches
        ],
        can_move_up=placed.can_move_up,
        can_move_down=placed.can_move_down,
        waiting=numbers.waiting,
    )


def _numbers(numbers: StepNumbers) -> list[Number]:
    shown = [Number(_("sent"), numbers.sent)] if numbers.sent else []
    shown += [Number(_("waits to go"), numbers.waits_to_go)] if numbers.waits_to_go else []
    shown += [Number(str(words.EVENT_WORDS[code]), numbers.counts[code]) for code in _SHOWN if numbers.counts.get(code)]
    return shown


def _label(placed: Placed, port: str) -> str | Promise:
    if placed.kind == "split":
        weight = placed.step["branches"][int(port)].get("weight")
        return _("Branch {number}: weight {weight}").format(number=int(port) + 1, weight=weight)
    return words.PORT_WORDS[port]


def ways_of(step: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Where a step leads, by the name of the way."""
    return list(ports_of(step=step).items())
