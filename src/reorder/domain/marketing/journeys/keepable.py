"""Whether a document is one that can be kept and drawn, however much is still wrong with it. Pure.

A draft may lack a template or lead nowhere; it may not hold a list where a number belongs.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reorder.domain.marketing.journeys.errors import BadDefinition
from reorder.domain.marketing.journeys.rules import DOCUMENT_KEYS, MOST_BRANCHES, MOST_STEPS, STEP_KINDS

_TEXT_LISTS: Final = frozenset(
    {"facts", "subjects", "skus", "categories", "segments", "not_segments", "channels", "offers", "add", "remove"}
)
_WHOLE: Final = frozenset(
    {"days", "hours", "minutes", "hour", "again_days", "offset_days", "valid_days", "most_goods", "weight"}
)
_NUMBERS: Final = frozenset({"at_least", "value_minor"})
_BOOLEANS: Final = frozenset({"at_moment", "stays"})
# Whatever it is: the rules of segments judge it themselves.
_ANY: Final = frozenset({"rules"})
_LONGEST: Final = 500


def refuse_unkeepable(*, document: Mapping[str, Any]) -> None:
    """Raises BadDefinition with the place of the first thing that cannot be kept as it is."""
    for path, reason in _find(document):
        raise BadDefinition(path=path, reason=reason)


def _find(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in document:
        if name not in DOCUMENT_KEYS:
            yield name, "nothing of this name is known"
    trigger, steps = document.get("trigger", {}), document.get("steps", {})
    settings, exits = document.get("settings", {}), document.get("exits", [])
    yield from _find_in_trigger(trigger)
    if not isinstance(steps, Mapping) or len(steps) > MOST_STEPS:
        yield "steps", f"this is no object of at most {MOST_STEPS} steps"
        return
    for key, step in steps.items():
        yield from _find_in_step(step, path=f"steps.{key}")
    if not isinstance(document.get("start") or "", str):
        yield "start", "this is no text"
    if not isinstance(exits, list):
        yield "exits", "this is no list"
        return
    for number, one in enumerate(exits):
        yield from _find_in(one, path=f"exits.{number}")
    yield from _find_in_settings(settings)


def _find_in_trigger(trigger: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(trigger, Mapping):
        yield "trigger", "this is no object"
        return
    least = trigger.get("at_least", {})
    if not isinstance(least, Mapping) or not all(_is_number(one) for one in least.values()):
        yield "trigger.at_least", "this is no object of numbers"
    yield from _find_in({name: one for name, one in trigger.items() if name != "at_least"}, path="trigger")


def _find_in_settings(settings: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(settings, Mapping) or not isinstance(settings.get("categories", {}), Mapping):
        yield "settings", "this is no object"
        return
    yield from _find_in({name: one for name, one in settings.items() if name != "categories"}, path="settings")
    for code, own in settings.get("categories", {}).items():
        yield from _find_in(own, path=f"settings.categories.{code}")


def _find_in_step(step: Any, *, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(step, Mapping) or step.get("kind") not in list(STEP_KINDS):
        yield path, "this is no step of a known kind"
        return
    branches = step.get("branches", [])
    if not isinstance(branches, list) or len(branches) > MOST_BRANCHES:
        yield f"{path}.branches", "this is no short list"
        return
    for number, one in enumerate(branches):
        yield from _find_in(one, path=f"{path}.branches.{number}")
    yield from _find_in({name: one for name, one in step.items() if name != "branches"}, path=path)


def _find_in(given: Any, *, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(given, Mapping):
        yield path, "this is no object"
        return
    for name, value in given.items():
        reason = _fault(name, value)
        if reason:
            yield f"{path}.{name}", reason


def _fault(name: str, value: Any) -> str:
    if name in _ANY:
        return ""
    if name in _TEXT_LISTS:
        fits = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return "" if fits else "this is no list of texts"
    if name == "weekdays":
        return "" if isinstance(value, list) and all(_is_whole(one) and 1 <= one <= 7 for one in value) else "no days"
    if name in _WHOLE:
        return "" if _is_whole(value) else "this is no whole number"
    if name in _NUMBERS:
        return "" if _is_number(value) else "this is no number"
    if name in _BOOLEANS:
        return "" if isinstance(value, bool) else "this is neither true nor false"
    fits = value is None or (isinstance(value, str) and len(value) <= _LONGEST)
    return "" if fits else f"this is no text of at most {_LONGEST} characters"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**6


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**15
