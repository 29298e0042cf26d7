"""Changing a journey step by step, and laying it out to be read: from top to bottom, branches below their step. Pure.

Every change gives a new document; the one that came in stays as it was.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.marketing.journeys.definition import ports_of
from reorder.domain.marketing.journeys.errors import TooManyJourneySteps, UnknownStep
from reorder.domain.marketing.journeys.rules import MOST_STEPS, STEP_KINDS

Document = dict[str, Any]
# The way into the first step.
START: Final = ""
# What a new step says until somebody says otherwise; what must be chosen is left open.
_NEW: Final[Mapping[str, Mapping[str, Any]]] = {
    "wait": {"days": 1},
    "until": {"hour": 10, "weekdays": []},
    "listen": {"facts": ["ordered"], "about": "anything", "days": 3},
    "condition": {"test": "bought", "about": "anything"},
    "split": {"branches": [{"weight": 50, "next": None}, {"weight": 50, "next": None}]},
    "message": {"template": ""},
    "tag": {"add": []},
    "segment": {"segment": "", "action": "add"},
    "webhook": {"name": ""},
    "task": {"text": ""},
    "exit": {},
}


@dataclass(frozen=True, slots=True)
class Branch:
    """A way out of a step: its name, and what comes along it."""

    port: str
    lane: "Lane"


@dataclass(frozen=True, slots=True)
class Placed:
    """A step where it is drawn, with its ways out where they are several; `came_by` is the way into it."""

    key: str
    kind: str
    step: Mapping[str, Any]
    came_from: str
    came_by: str
    branches: Sequence[Branch]
    can_move_up: bool
    can_move_down: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """Steps one below the other; at its end the way ends, or goes on at a step that is drawn elsewhere (`goes_to`).

    `end_from`, `end_by`: the way at whose end a step can be added.
    """

    steps: Sequence[Placed]
    end_from: str
    end_by: str
    goes_to: str
    is_open: bool


def draw(*, document: Mapping[str, Any]) -> Lane:
    """The journey as lanes; each step is drawn once, where it is first come to."""
    return _lane(document=document, came_from=START, came_by="start", seen=set())


def list_loose(*, document: Mapping[str, Any], drawn: Lane) -> list[str]:
    """Steps that no way leads to."""
    return sorted(set(document.get("steps", {})) - set(_keys_in(drawn)))


def insert_step(*, document: Mapping[str, Any], came_from: str, came_by: str, kind: str) -> tuple[Document, str]:
    """A new step on the way `came_by` out of `came_from` (START: before the first); returns the document and its key.

    What came along that way comes after it. Raises UnknownStep, TooManyJourneySteps.
    """
    changed = deepcopy(dict(document))
    steps: Document = changed.setdefault("steps", {})
    if len(steps) >= MOST_STEPS:
        raise TooManyJourneySteps(limit=MOST_STEPS)
    if kind not in STEP_KINDS:
        raise UnknownStep(what="kind of step", key=kind)
    key = _new_key(steps, kind=kind)
    after = _target(changed, came_from=came_from, came_by=came_by)
    steps[key] = {"kind": kind, **deepcopy(dict(_NEW[kind]))}
    _lead(changed, came_from=came_from, came_by=came_by, target=key)
    ways = list(ports_of(step=steps[key]))
    if ways:
        # A question is asked to do something else for once: by its last way, "otherwise", all goes on as it was.
        _lead(changed, came_from=key, came_by=ways[-1] if len(ways) > 1 else ways[0], target=after)
    return changed, key


def change_step(*, document: Mapping[str, Any], key: str, options: Mapping[str, Any]) -> Document:
    """What a step says, in place of what it said; where it leads stays. Raises UnknownStep."""
    changed = deepcopy(dict(document))
    step = _step(changed, key)
    ways = ports_of(step=step)
    changed["steps"][key] = {"kind": step["kind"], **deepcopy(dict(options))}
    for port, target in ways.items():
        if port in ports_of(step=changed["steps"][key]):
            _lead(changed, came_from=key, came_by=port, target=target)
    return changed


def lead_to(*, document: Mapping[str, Any], key: str, port: str, target: str) -> Document:
    """Let a way out of a step go on at another one, or (empty) end. Raises UnknownStep."""
    changed = deepcopy(dict(document))
    if target:
        _step(changed, target)
    _target(changed, came_from=key, came_by=port)
    _lead(changed, came_from=key, came_by=port, target=target)
    return changed


def remove_step(*, document: Mapping[str, Any], key: str) -> Document:
    """Without a step: what led to it leads on to where its first taken way led, and steps that are left alone go too.

    Raises UnknownStep.
    """
    changed = deepcopy(dict(document))
    ways = [target for target in ports_of(step=_step(changed, key)).values() if target and target != key]
    onward = ways[0] if ways else ""
    for other, port in _ways_into(changed, key):
        _lead(changed, came_from=other, came_by=port, target=onward)
    del changed["steps"][key]
    loose = list_loose(document=changed, drawn=draw(document=changed))
    for gone in loose:
        del changed["steps"][gone]
    return changed


def move_up(*, document: Mapping[str, Any], key: str) -> Document:
    """A step changes places with the one before it; nothing where that cannot be. Raises UnknownStep."""
    changed = deepcopy(dict(document))
    _step(changed, key)
    ways = _ways_into(changed, key)
    before = ways[0][0] if len(ways) == 1 else START
    if before == START or not _is_plain(changed, before) or not _is_plain(changed, key):
        return changed
    into_before = _ways_into(changed, before)
    after = changed["steps"][key].get("next") or ""
    for other, port in into_before:
        _lead(changed, came_from=other, came_by=port, target=key)
    _lead(changed, came_from=before, came_by="next", target=after)
    _lead(changed, came_from=key, came_by="next", target=before)
    return changed


def move_down(*, document: Mapping[str, Any], key: str) -> Document:
    """A step changes places with the one after it; nothing where that cannot be. Raises UnknownStep."""
    after = _step(dict(document), key).get("next") or ""
    if not after or after not in document["steps"]:
        return deepcopy(dict(document))
    return move_up(document=document, key=after)


def _lane(*, document: Mapping[str, Any], came_from: str, came_by: str, seen: set[str]) -> Lane:
    steps: Mapping[str, Any] = document.get("steps", {})
    placed: list[Placed] = []
    key = _target(document, came_from=came_from, came_by=came_by)
    while key and key in steps and key not in seen:
        seen.add(key)
        step = steps[key]
        ways = ports_of(step=step)
        several = len(ways) > 1
        branches = [
            Branch(port, _lane(document=document, came_from=key, came_by=port, seen=seen)) for port in ways if several
        ]
        placed.append(
            Placed(
                key=key,
                kind=step["kind"],
                step=step,
                came_from=came_from,
                came_by=came_by,
                branches=branches,
                can_move_up=bool(placed) and _is_plain(document, key) and len(_ways_into(document, key)) == 1,
                can_move_down=_is_plain(document, key) and _is_plain(document, ways.get("next", "")),
            )
        )
        if several or not ways:
            return Lane(placed, key, "", "", is_open=False)
        came_from, came_by = key, next(iter(ways))
        key = ways[came_by]
    return Lane(placed, came_from, came_by, key, is_open=True)


def _keys_in(lane: Lane) -> list[str]:
    keys = []
    for placed in lane.steps:
        keys.append(placed.key)
        for branch in placed.branches:
            keys.extend(_keys_in(branch.lane))
    return keys


def _is_plain(document: Mapping[str, Any], key: str) -> bool:
    """Whether one way leads out of a step, so that it can change places."""
    step = document.get("steps", {}).get(key)
    return step is not None and list(ports_of(step=step)) == ["next"]


def _ways_into(document: Mapping[str, Any], key: str) -> list[tuple[str, str]]:
    ways = [(START, "start")] if (document.get("start") or "") == key else []
    for other, step in document.get("steps", {}).items():
        ways.extend((other, port) for port, target in ports_of(step=step).items() if target == key)
    return ways


def _target(document: Mapping[str, Any], *, came_from: str, came_by: str) -> str:
    if came_from == START:
        return document.get("start") or ""
    ways = ports_of(step=_step(document, came_from))
    if came_by not in ways:
        raise UnknownStep(what="way out of a step", key=f"{came_from}/{came_by}")
    return ways[came_by]


def _lead(document: Document, *, came_from: str, came_by: str, target: str) -> None:
    if came_from == START:
        document["start"] = target or None
        return
    step = _step(document, came_from)
    if step["kind"] == "split":
        step["branches"][int(came_by)]["next"] = target or None
    else:
        step[came_by] = target or None


def _step(document: Mapping[str, Any], key: str) -> Document:
    step = document.get("steps", {}).get(key)
    if step is None:
        raise UnknownStep(what="step", key=key)
    return step  # type: ignore[no-any-return]


def _new_key(steps: Mapping[str, Any], *, kind: str) -> str:
    number = 1
    while f"{kind}{number}" in steps:
        number += 1
    return f"{kind}{number}"
