"""A journey as values: read from its JSON document, which `checking` has found in order. Pure.

The document is a graph. Each step has a kind, what that kind says, and where it leads: `next`, or `yes` and `no`, or
branches; nothing there means that the way ends.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reorder.domain.marketing.journeys.rules import STEP_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Who comes in: on which facts, about what, of which audience, and whether again.

    Attributes:
        facts: kinds, see marketing.rules.FACT_KINDS.
        subjects: only facts with one of these subjects; empty: any.
        skus, categories: only facts about one of these products, or of a product of one of these categories.
        segments, not_segments: the audience: in any of these, and in none of those.
        at_least: details of the fact that must be numbers of at least so much.
        again: each (every entry key once), after (`again_days` since they last came in), once.
        stays: who leaves the audience leaves the journey.
    """

    facts: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    not_segments: tuple[str, ...] = ()
    at_least: Mapping[str, float] = field(default_factory=dict)
    again: str = "each"
    again_days: int = 30
    stays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """A fact that ends the way: about anything, about the goods they came in for, or about the same subject."""

    facts: tuple[str, ...]
    about: str = "anything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for the messages of a journey where a step says nothing of its own."""

    channels: tuple[str, ...] = ("email",)
    offers: tuple[str, ...] = ()
    offset_days: int = 0
    valid_days: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step; `ports` are where it leads, by name, an empty key at the end of the way."""

    key: str
    kind: str
    options: Mapping[str, Any]
    ports: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A whole journey; `by_category` are the settings of product types that have their own."""

    trigger: Trigger
    start: str
    steps: Mapping[str, Step]
    exits: tuple[Exit, ...]
    settings: Settings
    by_category: Mapping[str, Settings]

    def settings_of(self, *, categories: tuple[str, ...]) -> Settings:
        """The settings for goods of these categories: those of the first one that has its own, else the journey's."""
        return next((self.by_category[code] for code in categories if code in self.by_category), self.settings)

    def listened(self) -> frozenset[str]:
        """Kinds of facts that somebody on this way waits for, besides those that let people in."""
        kinds = {kind for one in self.exits for kind in one.facts}
        for step in self.steps.values():
            if step.kind == "listen" or (step.kind == "condition" and step.options.get("test") == "fact"):
                kinds.update(step.options.get("facts", ()))
        if self.trigger.stays and (self.trigger.segments or self.trigger.not_segments):
            kinds.update(("left_segment", "entered_segment"))
        return frozenset(kinds)


def read_definition(*, document: Mapping[str, Any]) -> Definition:
    """The document as values. Whatever is missing has its usual value; raises KeyError, TypeError for a broken one."""
    trigger = document.get("trigger", {})
    lists = ("facts", "subjects", "skus", "categories", "segments", "not_segments")
    settings = document.get("settings", {})
    usual = _settings(given=settings, usual=Settings())
    return Definition(
        trigger=Trigger(
            **{name: tuple(trigger.get(name, ())) for name in lists},
            at_least=dict(trigger.get("at_least", {})),
            again=trigger.get("again", "each"),
            again_days=trigger.get("again_days", 30),
            stays=trigger.get("stays", False),
        ),
        start=document.get("start") or "",
        steps={key: _step(key=key, given=step) for key, step in document.get("steps", {}).items()},
        exits=tuple(
            Exit(facts=tuple(one["facts"]), about=one.get("about", "anything")) for one in document.get("exits", ())
        ),
        settings=usual,
        by_category={code: _settings(given=own, usual=usual) for code, own in settings.get("categories", {}).items()},
    )


def ports_of(*, step: Mapping[str, Any]) -> dict[str, str]:
    """Where a step of a document leads, by the name of the way; of a split the names are 0, 1, …"""
    if step.get("kind") == "split":
        return {str(number): one.get("next") or "" for number, one in enumerate(step.get("branches", ()))}
    kind = STEP_KINDS.get(step.get("kind", ""))
    return {name: step.get(name) or "" for name in kind.ports} if kind else {}


def walk(*, document: Mapping[str, Any]) -> Iterator[str]:
    """Keys of the steps that can be reached, each once, in the order in which a person would read them."""
    steps, seen = document.get("steps", {}), set()
    waiting = [document.get("start") or ""]
    while waiting:
        key = waiting.pop()
        if key in seen or key not in steps:
            continue
        seen.add(key)
        yield key
        waiting.extend(reversed(ports_of(step=steps[key]).values()))


def _settings(*, given: Mapping[str, Any], usual: Settings) -> Settings:
    return Settings(
        channels=tuple(given.get("channels", usual.channels)),
        offers=tuple(given.get("offers", usual.offers)),
        offset_days=given.get("offset_days", usual.offset_days),
        valid_days=given.get("valid_days", usual.valid_days),
    )


def _step(*, key: str, given: Mapping[str, Any]) -> Step:
    kind = given["kind"]
    ports = ports_of(step=given)
    return Step(
        key=key,
        kind=kind,
        options={name: value for name, value in given.items() if name != "kind" and name not in ports},
        ports=ports,
    )
