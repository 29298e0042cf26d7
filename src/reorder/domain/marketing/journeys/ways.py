"""One customer on the way through one journey, and the facts that meet them there: values that carry their changes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reorder.domain.marketing.journeys.definition import Definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A journey that runs, in one of its versions; only the live version of a live journey lets people in."""

    journey_id: int
    code: str
    version_id: int
    definition: Definition
    lets_in: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFact:
    """A fact with what is known about its goods: SKUs, and the categories of those."""

    kind: str
    customer_id: int
    happened_at: dt.datetime
    subject: str = ""
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happened:
    """Something to be written down about a way."""

    code: str
    step_key: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Way:
    """Where a customer is in a journey; `number` is None until it is saved, `context` what they came in with.

    The context has: kind, subject, skus, categories, since (what happened before counts for nothing), at (the moment
    that the fact is about), details, seen (facts since, by kind), visits (how often each step was taken).
    """

    running: Running
    customer_id: int
    entry_key: str
    context: dict[str, Any]
    entered_at: dt.datetime
    arrived_at: dt.datetime
    due_at: dt.datetime | None
    number: int | None = None
    state: str = "active"
    step_key: str = ""
    is_waiting: bool = False
    awaits: tuple[str, ...] = ()
    steps_count: int = 0
    faults_count: int = 0
    ended_code: str = ""
    finished_at: dt.datetime | None = None
    is_changed: bool = False
    events: list[Happened] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the customer is still on the way."""
        return self.state in {"active", "held"}

    @property
    def since(self) -> dt.datetime:
        """What happened before this has led to the way, or is older: it ends nothing."""
        return dt.datetime.fromisoformat(self.context["since"])

    @property
    def skus(self) -> tuple[str, ...]:
        """Goods that the customer came in for, the most important first."""
        return tuple(self.context.get("skus", ()))

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories of those goods."""
        return tuple(self.context.get("categories", ()))

    def note(self, *, code: str, details: Mapping[str, Any] | None = None) -> None:
        """Write down what happened at the step where they are."""
        self.events.append(Happened(code, self.step_key, details or {}))
        self.is_changed = True

    def end(self, *, state: str, code: str, moment: dt.datetime, details: Mapping[str, Any] | None = None) -> None:
        """The way is over: done, left or failed, and why."""
        self.note(code=state, details={"code": code, **(details or {})})
        self.state, self.ended_code, self.finished_at = state, code, moment
        self.due_at, self.is_waiting, self.awaits = None, False, ()


def is_about(*, about: str, way: Way, subject: str, goods: set[str]) -> bool:
    """Whether a fact of this subject and these goods is about what a way is about: anything, its goods, its subject."""
    if about == "goods":
        own = set(way.skus) | set(way.context.get("goods", ()))
        return bool(own & goods)
    return about == "anything" or subject == way.context.get("subject")
