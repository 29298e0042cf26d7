"""What facts do: let people in, end waits, end ways. In the order in which they happened. Pure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reorder.domain.marketing.journeys.definition import Trigger
from reorder.domain.marketing.journeys.ways import Running, SeenFact, Way, is_about
from reorder.kernel.ids import category_subject, idempotency_key

# A search, a browse or an order may be about hundreds of products; a message names a handful.
_MOST_GOODS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What must be known of the customers of some facts.

    Attributes:
        running: journeys that run; those that let people in, and versions that somebody is still on.
        ways: open ways of these customers.
        entered: when each customer last came into each journey.
        segments: codes of the segments of each customer.
    """

    running: Sequence[Running]
    ways: Sequence[Way]
    entered: Mapping[tuple[int, int], dt.datetime] = field(default_factory=dict)
    segments: Mapping[int, frozenset[str]] = field(default_factory=dict)


def sort_facts(*, facts: Iterable[SeenFact], around: Around, moment: dt.datetime) -> list[Way]:
    """Every way that the facts began, moved or ended, with what happened on it; ways not told of stay as they are."""
    of_customer: dict[int, list[Way]] = defaultdict(list)
    for way in around.ways:
        of_customer[way.customer_id].append(way)
    entered = dict(around.entered)
    for fact in facts:
        for way in of_customer[fact.customer_id]:
            if way.is_open:
                _meet(way=way, fact=fact, segments=around.segments.get(fact.customer_id, frozenset()), moment=moment)
        for running in around.running:
            new = _let_in(
                running=running,
                fact=fact,
                ways=of_customer[fact.customer_id],
                entered=entered,
                around=around,
                moment=moment,
            )
            if new is not None:
                of_customer[fact.customer_id].append(new)
                entered[running.journey_id, fact.customer_id] = moment
    return [way for ways in of_customer.values() for way in ways if way.is_changed]


def begin_way(*, running: Running, fact: SeenFact, moment: dt.datetime) -> Way:
    """A customer at the door of a journey, to take the first step at once."""
    details = {
        name: value for name, value in fact.details.items() if name not in {"skus", "since", "at", "entry", "goods"}
    }
    way = Way(
        running=running,
        customer_id=fact.customer_id,
        entry_key=entry_key_of(fact=fact),
        context={
            "kind": fact.kind,
            "subject": fact.subject,
            "skus": list(fact.skus[:_MOST_GOODS]),
            "categories": list(fact.categories[:_MOST_GOODS]),
            "goods": list(fact.details.get("goods", ()))[:_MOST_GOODS],
            "since": fact.details.get("since") or fact.happened_at.isoformat(),
            "at": fact.details.get("at") or fact.happened_at.isoformat(),
            "details": details,
        },
        entered_at=moment,
        arrived_at=moment,
        due_at=moment,
        step_key=running.definition.start,
    )
    way.events.clear()
    way.note(code="entered", details={"fact": fact.kind, "subject": fact.subject})
    return way


def entry_key_of(*, fact: SeenFact) -> str:
    """What they come in for; whoever notes a fact may say so (`entry`), else it is this fact at this moment."""
    given = fact.details.get("entry")
    return str(given)[:64] if given else idempotency_key(fact.kind, fact.subject, fact.happened_at.isoformat())


def wants_in(*, trigger: Trigger, fact: SeenFact, segments: frozenset[str]) -> bool:
    """Whether a fact opens the door, whatever was before."""
    if fact.kind not in trigger.facts or (trigger.subjects and fact.subject not in trigger.subjects):
        return False
    if trigger.skus and not set(trigger.skus) & set(fact.skus):
        return False
    if trigger.categories and not set(trigger.categories) & set(fact.categories):
        return False
    if not all(_number(fact.details.get(name)) >= least for name, least in trigger.at_least.items()):
        return False
    return is_in_audience(trigger=trigger, segments=segments)


def is_in_audience(*, trigger: Trigger, segments: frozenset[str]) -> bool:
    """Whether somebody of these segments is whom the journey is for."""
    if trigger.segments and not segments & set(trigger.segments):
        return False
    return not segments & set(trigger.not_segments)


def _let_in(
    *,
    running: Running,
    fact: SeenFact,
    ways: Sequence[Way],
    entered: Mapping[tuple[int, int], dt.datetime],
    around: Around,
    moment: dt.datetime,
) -> Way | None:
    trigger = running.definition.trigger
    if not running.lets_in or fact.kind not in trigger.facts:
        return None
    if not wants_in(trigger=trigger, fact=fact, segments=around.segments.get(fact.customer_id, frozenset())):
        return None
    inside = [way for way in ways if way.is_open and way.running.journey_id == running.journey_id]
    last = entered.get((running.journey_id, fact.customer_id))
    if trigger.again == "each":
        key = entry_key_of(fact=fact)
        if any(way.context.get("subject") == fact.subject or way.entry_key == key for way in inside if fact.subject):
            return None
    elif inside or (last and (trigger.again == "once" or last > moment - dt.timedelta(days=trigger.again_days))):
        return None
    return begin_way(running=running, fact=fact, moment=moment)


def _meet(*, way: Way, fact: SeenFact, segments: frozenset[str], moment: dt.datetime) -> None:
    """A fact meets somebody on the way: it may end the way, or end the wait, and is remembered where that is asked."""
    definition = way.running.definition
    is_move = fact.kind in {"left_segment", "entered_segment"} and definition.trigger.stays
    if is_move and not is_in_audience(trigger=definition.trigger, segments=segments):
        way.end(state="left", code="audience", moment=moment, details={"segment": fact.subject})
        return
    # At the same moment: another fact of the very thing that let them in, as an order that is the first one.
    if fact.happened_at <= way.since or fact.kind not in definition.listened():
        return
    goods = goods_of(fact=fact)
    for one in definition.exits:
        if fact.kind in one.facts and is_about(about=one.about, way=way, subject=fact.subject, goods=goods):
            way.end(state="left", code="fact", moment=moment, details={"fact": fact.kind, "subject": fact.subject})
            return
    _remember(way=way, fact=fact, goods=goods)
    if way.is_waiting and fact.kind in way.awaits:
        step = definition.steps[way.step_key]
        about = step.options.get("about", "anything")
        if is_about(about=about, way=way, subject=fact.subject, goods=goods):
            way.context["came"] = fact.kind
            way.due_at, way.is_changed = moment, True


def goods_of(*, fact: SeenFact) -> set[str]:
    """The goods of a fact as journeys compare them: SKUs, and categories as planning names them."""
    return set(fact.skus) | {category_subject(category_code=code) for code in fact.categories}


def _remember(*, way: Way, fact: SeenFact, goods: set[str]) -> None:
    seen: dict[str, Any] = way.context.setdefault("seen", {})
    known = seen.get(fact.kind, {"goods": [], "subjects": []})
    seen[fact.kind] = {
        "goods": sorted({*known["goods"], *goods})[:_MOST_GOODS],
        "subjects": sorted({*known["subjects"], fact.subject})[:_MOST_GOODS],
    }
    way.is_changed = True


def _number(value: object) -> float:
    """What is no number is less than any."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("-inf")
