"""Faults of a journey, and the checks that several of its parts share. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reorder.domain.marketing.journeys import rules
from reorder.domain.marketing.rules import FACT_KINDS

# Where a fault lies that is of no step.
TRIGGER: Final = "trigger"
EXITS: Final = "exits"
SETTINGS: Final = "settings"

FAULTS: Final[Mapping[str, str]] = {
    "not_readable": "{name} cannot be read: {value}.",
    "unknown_key": "{name} means nothing here.",
    "missing": "{name} is missing.",
    "too_many": "There are more than {limit} steps.",
    "no_steps": "There is no step yet: add the first one.",
    "no_start": "It is not said which step is the first one.",
    "no_such_step": "It leads to step {value}, which is not there.",
    "unreachable": "No way leads to this step.",
    "loop": "The way comes back here without waiting: {value}. Put a wait into the circle.",
    "unknown_kind": "There is no step of the kind {value}.",
    "no_facts": "Choose at least one thing that can happen.",
    "unknown_fact": "Nothing that can happen is called {value}.",
    "unknown_segment": "There is no segment {value}.",
    "no_segment": "Choose a segment.",
    "unknown_template": "There is no template {value}.",
    "no_template": "Choose what the message says: a template is missing.",
    "no_channel": "Choose at least one channel.",
    "unknown_channel": "There is no channel {value}.",
    "no_form": "The template {value} has no form for any of its channels.",
    "unknown_offer": "There is no offer {value}.",
    "not_one_of": "{name} must be one of {value}.",
    "not_between": "{name} must be a whole number from {low} to {high}.",
    "no_wait": "It waits for no time at all: say how long.",
    "no_hour": "The hour must be a number from 0 to 23.",
    "no_weekdays": "Weekdays are numbers from 1 (Monday) to 7.",
    "few_branches": "A random split has 2 to {limit} branches.",
    "no_weight": "Each branch needs a weight from 1 to 100.",
    "no_tags": "Say which tags are put on or taken off.",
    "no_text": "Say what is to be done.",
    "rules_fault": "Its rule cannot be used: {value}",
    "exit_leads": "An exit leads nowhere.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one step (or with trigger, exits, settings); the sentence is FAULTS[code]."""

    step: str
    code: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def say(self, translate: Callable[[str], str]) -> str:
        """The sentence in the language of `translate`."""
        return translate(FAULTS[self.code]).format(**self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a journey may name; None: not looked up, so that anything passes.

    templates: code to the channels that it has a form for. `judge_rules` says what is wrong with a tree of conditions.
    """

    templates: Mapping[str, Collection[str]] | None = None
    segments: Collection[str] | None = None
    offers: Collection[str] | None = None
    judge_rules: Callable[[object], str] = lambda rules: ""


def check_facts(*, step: str, facts: object) -> Iterator[Fault]:
    if not is_texts(facts) or not facts:
        yield Fault(step, "no_facts")
        return
    yield from (Fault(step, "unknown_fact", {"value": one}) for one in _texts(facts) if one not in FACT_KINDS)


def check_segments(*, step: str, codes: list[Any], known: Known) -> Iterator[Fault]:
    for code in codes:
        if not isinstance(code, str) or not code:
            yield Fault(step, "no_segment")
        elif known.segments is not None and code not in known.segments:
            yield Fault(step, "unknown_segment", {"value": code})


def check_channels(*, step: str, given: Mapping[str, Any]) -> Iterator[Fault]:
    if "channels" not in given:
        return
    channels = given["channels"]
    if not is_texts(channels) or not channels:
        yield Fault(step, "no_channel")
        return
    yield from (Fault(step, "unknown_channel", {"value": one}) for one in channels if one not in rules.CHANNELS)


def check_offers(*, step: str, given: Mapping[str, Any], known: Known) -> Iterator[Fault]:
    offers = given.get("offers", [])
    if not is_texts(offers):
        yield Fault(step, "not_readable", {"name": "offers", "value": offers})
    elif known.offers is not None:
        yield from (Fault(step, "unknown_offer", {"value": one}) for one in offers if one not in known.offers)


def unknown_keys(*, step: str, given: Mapping[str, Any], allowed: Collection[str]) -> Iterator[Fault]:
    yield from (Fault(step, "unknown_key", {"name": name}) for name in given if name not in allowed)


def one_of(*, step: str, given: Mapping[str, Any], name: str, allowed: Collection[str]) -> Iterator[Fault]:
    if name in given and given[name] not in tuple(allowed):
        yield Fault(step, "not_one_of", {"name": name, "value": ", ".join(allowed)})


def between(*, step: str, given: Mapping[str, Any], name: str, low: int, high: int) -> Iterator[Fault]:
    if name in given and not is_whole(given[name], low, high):
        yield Fault(step, "not_between", {"name": name, "low": low, "high": high})


def is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) and one for one in value)


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []
