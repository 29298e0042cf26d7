"""Whether a journey can run: every fault by the step that has it, so that an editor can show it there. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reorder.domain.marketing.journeys import rules
from reorder.domain.marketing.journeys.checking_steps import check_step
from reorder.domain.marketing.journeys.definition import ports_of, walk
from reorder.domain.marketing.journeys.faults import (
    EXITS,
    SETTINGS,
    TRIGGER,
    Fault,
    Known,
    between,
    check_channels,
    check_facts,
    check_offers,
    check_segments,
    is_number,
    is_texts,
    is_whole,
    one_of,
    unknown_keys,
)
from reorder.domain.marketing.journeys.loops import find_loop_without_wait

_PARTS: Final = {"trigger": dict, "settings": dict, "exits": list, "steps": dict}


def check_definition(*, document: object, known: Known) -> list[Fault]:
    """Everything that keeps a journey from running; empty when it can."""
    if not isinstance(document, Mapping):
        return [Fault(TRIGGER, "not_readable", {"name": "journey", "value": type(document).__name__})]
    shape = list(_check_shape(document))
    if shape:
        return shape
    faults = [
        *unknown_keys(step=TRIGGER, given=document, allowed=rules.DOCUMENT_KEYS),
        *_check_trigger(given=document.get("trigger", {}), known=known),
        *_check_exits(document.get("exits", [])),
        *_check_all_settings(given=document.get("settings", {}), known=known),
    ]
    settings = document.get("settings", {})
    for key, step in document["steps"].items():
        faults.extend(check_step(key=key, step=step, settings=settings, known=known))
        faults.extend(_check_ports(key=key, step=step, steps=document["steps"]))
    return [*faults, *_check_graph(document)]


def _check_shape(document: Mapping[str, Any]) -> Iterator[Fault]:
    """What must be so before anything else can be looked at."""
    wrong = [name for name, kind in _PARTS.items() if not isinstance(document.get(name, kind()), kind)]
    if wrong:
        yield Fault(TRIGGER, "not_readable", {"name": wrong[0], "value": type(document[wrong[0]]).__name__})
        return
    steps = document.get("steps", {})
    if not steps:
        yield Fault(TRIGGER, "no_steps")
    if len(steps) > rules.MOST_STEPS:
        yield Fault(TRIGGER, "too_many", {"limit": rules.MOST_STEPS})
    for key, step in steps.items():
        yield from _check_shape_of(key=key, step=step)


def _check_shape_of(*, key: str, step: object) -> Iterator[Fault]:
    if not isinstance(step, Mapping) or not isinstance(step.get("kind"), str):
        yield Fault(key, "missing", {"name": "kind"})
    elif step["kind"] not in rules.STEP_KINDS:
        yield Fault(key, "unknown_kind", {"value": step["kind"]})
    elif step["kind"] == "split":
        yield from _check_branches(key=key, branches=step.get("branches"))
    else:
        yield from _check_port_texts(key=key, step=step)


def _check_port_texts(*, key: str, step: Mapping[str, Any]) -> Iterator[Fault]:
    for name in rules.STEP_KINDS[step["kind"]].ports:
        if not isinstance(step.get(name) or "", str):
            yield Fault(key, "not_readable", {"name": name, "value": type(step[name]).__name__})


def _check_branches(*, key: str, branches: object) -> Iterator[Fault]:
    if not isinstance(branches, list) or not 2 <= len(branches) <= rules.MOST_BRANCHES:
        yield Fault(key, "few_branches", {"limit": rules.MOST_BRANCHES})
        return
    for one in branches:
        fits = isinstance(one, Mapping) and set(one) <= {"weight", "next"} and isinstance(one.get("next") or "", str)
        if not fits or not is_whole(one.get("weight"), 1, 100):
            yield Fault(key, "no_weight")


def _check_graph(document: Mapping[str, Any]) -> Iterator[Fault]:
    steps, start = document["steps"], document.get("start") or ""
    if not isinstance(start, str) or start not in steps:
        yield Fault(TRIGGER, "no_start")
        return
    reached = set(walk(document=document))
    yield from (Fault(key, "unreachable") for key in steps if key not in reached)
    loop = find_loop_without_wait(steps=steps)
    if loop:
        yield Fault(loop[0], "loop", {"value": " → ".join([*loop, loop[0]])})


def _check_ports(*, key: str, step: Mapping[str, Any], steps: Mapping[str, Any]) -> Iterator[Fault]:
    for target in ports_of(step=step).values():
        if target and target not in steps:
            yield Fault(key, "no_such_step", {"value": target})


def _check_trigger(*, given: Mapping[str, Any], known: Known) -> Iterator[Fault]:
    yield from unknown_keys(step=TRIGGER, given=given, allowed=rules.TRIGGER_KEYS)
    for name in ("facts", "subjects", "skus", "categories", "segments", "not_segments"):
        if not is_texts(given.get(name, [])):
            yield Fault(TRIGGER, "not_readable", {"name": name, "value": given[name]})
            return
    yield from check_facts(step=TRIGGER, facts=given.get("facts", []))
    yield from check_segments(
        step=TRIGGER, codes=[*given.get("segments", []), *given.get("not_segments", [])], known=known
    )
    yield from one_of(step=TRIGGER, given=given, name="again", allowed=rules.AGAINS)
    yield from between(step=TRIGGER, given=given, name="again_days", low=1, high=3650)
    least = given.get("at_least", {})
    if not isinstance(least, Mapping) or not all(is_number(one) for one in least.values()):
        yield Fault(TRIGGER, "not_readable", {"name": "at_least", "value": least})
    if not isinstance(given.get("stays", False), bool):
        yield Fault(TRIGGER, "not_readable", {"name": "stays", "value": given["stays"]})


def _check_exits(given: list[Any]) -> Iterator[Fault]:
    for one in given:
        if not isinstance(one, Mapping):
            yield Fault(EXITS, "not_readable", {"name": "exits", "value": one})
            continue
        yield from unknown_keys(step=EXITS, given=one, allowed=rules.EXIT_KEYS)
        yield from check_facts(step=EXITS, facts=one.get("facts", []))
        yield from one_of(step=EXITS, given=one, name="about", allowed=rules.ABOUTS)


def _check_all_settings(*, given: Mapping[str, Any], known: Known) -> Iterator[Fault]:
    own = {name: value for name, value in given.items() if name != "categories"}
    yield from _check_settings(given=own, known=known)
    categories = given.get("categories", {})
    if not isinstance(categories, Mapping) or not all(isinstance(one, Mapping) for one in categories.values()):
        yield Fault(SETTINGS, "not_readable", {"name": "categories", "value": categories})
        return
    for one in categories.values():
        yield from _check_settings(given=one, known=known)


def _check_settings(*, given: Mapping[str, Any], known: Known) -> Iterator[Fault]:
    yield from unknown_keys(step=SETTINGS, given=given, allowed=rules.SETTING_KEYS)
    yield from check_channels(step=SETTINGS, given=given)
    yield from check_offers(step=SETTINGS, given=given, known=known)
    yield from between(step=SETTINGS, given=given, name="offset_days", low=-60, high=60)
    yield from between(step=SETTINGS, given=given, name="valid_days", low=1, high=60)
