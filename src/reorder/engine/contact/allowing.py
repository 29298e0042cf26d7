"""The checks of whether a message may go to a person at all, and of what: consent, suppression, pause, stock; pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from reorder.engine.contact.slots import list_slots
from reorder.engine.contact.values import (
    MARKETING,
    PASSING_CAUSES,
    Check,
    Outcome,
    Person,
    Reach,
    Rules,
    Shelf,
    Wanted,
    hour_of,
    waking_of,
)

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A check that settled the matter: what becomes of the message, why, and when it is looked at again."""

    outcome: Outcome
    code: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    at: dt.datetime | None = None


@dataclass(slots=True, kw_only=True)
class Case:
    """One decision in the making: what the checks so far have left open."""

    wanted: Wanted
    person: Person
    rules: Rules
    shelves: Mapping[str, Shelf]
    moment: dt.datetime
    reaches: list[Reach] = field(default_factory=list)
    skus: tuple[str, ...] = ()
    trace: list[Check] = field(default_factory=list)

    @property
    def is_marketing(self) -> bool:
        """Whether consent, caps and quiet hours are asked at all."""
        return self.wanted.purpose == MARKETING

    @property
    def start(self) -> dt.datetime:
        """The first moment at which it could go."""
        return max(self.wanted.earliest_at, self.moment)

    @property
    def waking(self) -> tuple[int, int]:
        """The hours in which marketing may go: the shop's, narrowed by those of the person or of law."""
        return waking_of(shop=self.rules.waking, own=self.person.waking)

    @property
    def hour(self) -> int:
        """The hour at which the person is best written to, within waking hours."""
        return hour_of(rules=self.rules, person=self.person)

    def passes(self, name: str, **seen: object) -> None:
        """Tell of a check that leaves the message as it is."""
        self.trace.append(Check(name, "passed", seen))

    def changes(self, name: str, **seen: object) -> None:
        """Tell of a check that takes something out of the message."""
        self.trace.append(Check(name, "changed", seen))

    def ends(self, name: str, end: End) -> End:
        """Tell of the check that settles the matter."""
        verdict = "failed" if end.outcome == "suppressed" else "waits"
        self.trace.append(Check(name, verdict, {"code": end.code, **end.parameters}))
        return end


def check_consent(case: Case) -> End | None:
    """Leaves the channels by which there is an address, and for marketing a declaration that allows it."""
    known = {reach.channel: reach for reach in case.person.reaches}
    written = case.wanted.written_channels
    channels = [one for one in case.wanted.channels if written is None or one in written]
    named = ", ".join(case.wanted.channels)
    if not channels:
        parameters = {"channels": named}
        return case.ends("consent", End(outcome="suppressed", code="message.no_words", parameters=parameters))
    reaches = [known[channel] for channel in channels if channel in known]
    if not reaches:
        return case.ends(
            "consent", End(outcome="suppressed", code="message.no_address", parameters={"channels": named})
        )
    if not case.is_marketing:
        case.reaches = reaches
        case.passes("consent", purpose=case.wanted.purpose)
        return None
    case.reaches = [reach for reach in reaches if reach.is_granted is True]
    if not case.reaches:
        code = "message.consent_withdrawn" if any(one.is_granted is False for one in reaches) else "message.no_consent"
        return case.ends("consent", End(outcome="suppressed", code=code, parameters={"channels": named}))
    case.passes("consent", channels=[reach.channel for reach in case.reaches])
    return None


def check_suppression(case: Case) -> End | None:
    """Leaves the channels whose address can be reached and whose holder never complained; age, topics, categories."""
    person, rules = case.person, case.rules
    code, parameters = "", dict[str, object]()
    if person.is_erased:
        code = "message.erased"
    elif case.is_marketing:
        code, parameters = _refused_content(case)
    if not code:
        usable = [one for one in case.reaches if one.is_reachable and not (case.is_marketing and one.has_complained)]
        if not usable:
            has_complained = any(one.is_reachable for one in case.reaches)
            code = "message.complained" if has_complained else "message.unreachable"
            parameters = {"channels": ", ".join(one.channel for one in case.reaches)}
        case.reaches = usable
    if code:
        return case.ends("suppression", End(outcome="suppressed", code=code, parameters=parameters))
    case.passes("suppression", channels=[reach.channel for reach in case.reaches], age_from=rules.least_age_years)
    return None


def _refused_content(case: Case) -> tuple[str, dict[str, object]]:
    wanted, person, rules = case.wanted, case.person, case.rules
    categories = set(wanted.category_codes)
    if wanted.topic and wanted.topic in person.refused_topics:
        return "message.topic_refused", {"topic": wanted.topic}
    if rules.least_age_years and _is_younger(case, rules.least_age_years, counts_unknown=rules.asks_unknown_age):
        return "message.too_young", {"years": rules.least_age_years}
    adult = sorted(categories & rules.adult_categories)
    if adult and _is_younger(case, rules.adult_years, counts_unknown=True):
        return "message.adults_only", {"category": adult[0], "years": rules.adult_years}
    sensitive = sorted((categories & rules.sensitive_categories) - person.sensitive_allowed)
    if sensitive:
        return "message.sensitive", {"category": sensitive[0]}
    return "", {}


def _is_younger(case: Case, years: int, *, counts_unknown: bool) -> bool:
    age = case.person.age_years
    return counts_unknown if age is None else age < years


def check_pause(case: Case) -> End | None:
    """Marketing rests while something is open: it waits for the end of what passes, else it does not go."""
    if not case.person.pauses:
        case.passes("pause", pauses=len(case.person.pauses))
        return None
    pause = max(case.person.pauses, key=lambda one: (one.resumes_at is None, one.resumes_at or case.moment))
    code = f"message.paused.{pause.cause if pause.cause in PASSING_CAUSES else 'person'}"
    parameters: dict[str, object] = {}
    if pause.resumes_at is not None:
        parameters["until"] = pause.resumes_at.astimezone(case.person.zone).date().isoformat()
    if pause.cause not in PASSING_CAUSES and pause.resumes_at is None:
        return case.ends("pause", End(outcome="suppressed", code=code, parameters=parameters))
    # What passes by itself may end any day: it is looked at daily, and at its end for certain.
    again = max(case.start, case.moment + _DAY)
    if pause.resumes_at is not None and (pause.cause not in PASSING_CAUSES or pause.resumes_at < again):
        again = max(pause.resumes_at, case.start)
    if again > case.wanted.latest_at:
        return case.ends("pause", End(outcome="suppressed", code=code, parameters=parameters))
    return case.ends("pause", End(outcome="rescheduled", code=code, parameters=parameters, at=again))


def check_stock(case: Case) -> End | None:
    """Leaves the goods that the message may name: there, or not counted by us at all."""
    wanted = case.wanted
    missing = [sku for sku in wanted.skus if not _is_there(case, sku)]
    if not missing or wanted.stock_rule == "ignore":
        case.skus = wanted.skus
        case.passes("stock", missing=missing)
        return None
    if wanted.stock_rule == "hold":
        return case.ends("stock", _hold(case, missing))
    case.skus = _replaced(case) if wanted.stock_rule == "substitute" else _kept(case)
    if case.skus:
        case.changes("stock", missing=missing, left=list(case.skus))
        return None
    if wanted.stock_rule == "substitute":
        return case.ends("stock", _hold(case, missing))
    return case.ends("stock", End(outcome="suppressed", code="message.no_stock", parameters={"sku": missing[0]}))


def _is_there(case: Case, sku: str) -> bool:
    shelf = case.shelves.get(sku)
    return shelf is None or shelf.free_units >= max(case.rules.promise_units, 1e-9)


def _kept(case: Case) -> tuple[str, ...]:
    return tuple(sku for sku in case.wanted.skus if _is_there(case, sku))


def _replaced(case: Case) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for sku in case.wanted.skus:
        shelf = case.shelves.get(sku)
        choices = (sku, *(shelf.substitutes if shelf else ()))
        # A substitute must be counted and there: one that nobody counts may be anything.
        there = next((one for one in choices if _is_there(case, one) and (one == sku or one in case.shelves)), None)
        if there is not None:
            found.setdefault(there)
    return tuple(found)


def _hold(case: Case, missing: list[str]) -> End:
    """Wait for the receipt of what is missing; daily where no receipt is known, until it is worth nothing."""
    dates = [case.shelves[sku].expected_date for sku in missing]
    known = [date for date in dates if date is not None]
    sku = missing[0]
    if len(known) < len(dates) or max(known) <= case.moment.astimezone(case.person.zone).date():
        again = max(case.start, case.moment + _DAY)
        if again > case.wanted.latest_at:
            return End(outcome="suppressed", code="message.no_stock", parameters={"sku": sku})
        return End(outcome="held_for_stock", code="message.held_for_stock", parameters={"sku": sku}, at=again)
    day = max(known)
    parameters = {"sku": sku, "expected_date": day.isoformat()}
    there = dt.datetime.combine(day, dt.time(), case.person.zone)
    slot = next(
        list_slots(
            start=max(case.start, there),
            latest=case.wanted.latest_at,
            zone=case.person.zone,
            waking=case.waking,
            hour=case.hour,
        ),
        None,
    )
    if slot is None:
        return End(outcome="suppressed", code="message.stock_too_late", parameters=parameters)
    return End(outcome="held_for_stock", code="message.held_for_delivery", parameters=parameters, at=slot)
