"""Whether a step says what its kind needs. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from reorder.domain.marketing.journeys import rules
from reorder.domain.marketing.journeys.faults import (
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

Step = Mapping[str, Any]


def check_step(*, key: str, step: Mapping[str, Any], settings: Mapping[str, Any], known: Known) -> Iterator[Fault]:
    """What is wrong with what one step says; where it leads is not looked at. `settings` are the journey's."""
    kind = rules.STEP_KINDS[step["kind"]]
    yield from unknown_keys(step=key, given=step, allowed={"kind", *kind.ports, *kind.options})
    check = _CHECKS.get(step["kind"])
    if check is not None:
        yield from check(key, step, settings, known)


def _check_span(key: str, step: Step, settings: Step, known: Known) -> Iterator[Fault]:
    limits = {"days": rules.MOST_WAIT_DAYS, "hours": 999, "minutes": 9999}
    faults = [
        fault for name, high in limits.items() for fault in between(step=key, given=step, name=name, low=0, high=high)
    ]
    yield from faults
    if not faults and not any(step.get(name) for name in limits):
        yield Fault(key, "no_wait")


def _check_until(key: str, step: Step, settings: Step, known: Known) -> Iterator[Fault]:
    if not is_whole(step.get("hour"), 0, 23):
        yield Fault(key, "no_hour")
    days = step.get("weekdays", [])
    if not isinstance(days, list) or not all(is_whole(one, 1, 7) for one in days):
        yield Fault(key, "no_weekdays")


def _check_condition(key: str, step: Step, settings: Step, known: Known) -> Iterator[Fault]:
    yield from one_of(step=key, given={"test": "", **step}, name="test", allowed=rules.TESTS)
    match step.get("test"):
        case "segment":
            yield from check_segments(step=key, codes=[step.get("segment", "")], known=known)
        case "rule":
            fault = known.judge_rules(step.get("rules"))
            if fault:
                yield Fault(key, "rules_fault", {"value": fault})
        case "fact":
            yield from check_facts(step=key, facts=step.get("facts", []))
            yield from one_of(step=key, given=step, name="about", allowed=rules.ABOUTS)
        case "bought":
            yield from one_of(step=key, given=step, name="about", allowed=("anything", "goods"))
        case "detail" if not isinstance(step.get("detail"), str) or not is_number(step.get("at_least")):
            yield Fault(key, "missing", {"name": "detail"})


def _check_message(key: str, step: Step, settings: Step, known: Known) -> Iterator[Fault]:
    yield from check_channels(step=key, given=step)
    yield from check_offers(step=key, given=step, known=known)
    yield from one_of(step=key, given=step, name="stock_rule", allowed=rules.STOCK_RULES)
    yield from one_of(step=key, given=step, name="purpose", allowed=rules.PURPOSES)
    yield from between(step=key, given=step, name="valid_days", low=1, high=60)
    yield from between(step=key, given=step, name="most_goods", low=1, high=20)
    if not isinstance(step.get("at_moment", False), bool) or not is_number(step.get("value_minor", 0)):
        yield Fault(key, "not_readable", {"name": "value_minor", "value": step.get("value_minor")})
    template = step.get("template")
    if not isinstance(template, str) or not template:
        yield Fault(key, "no_template")
    elif known.templates is not None:
        channels = step.get("channels") or settings.get("channels") or ["email"]
        if template not in known.templates:
            yield Fault(key, "unknown_template", {"value": template})
        elif is_texts(channels) and not set(channels) & set(known.templates[template]):
            yield Fault(key, "no_form", {"value": template})


def _check_tags(key: str, step: Step, settings: Step, known: Known) -> Iterator[Fault]:
    both = [step.get("add", []), step.get("remove", [])]
    if not all(is_texts(one) for one in both) or not any(both):
        yield Fault(key, "no_tags")


def _check_listen(key: str, step: Step, settings: Step, known: Known) -> Iterator[Fault]:
    yield from check_facts(step=key, facts=step.get("facts", []))
    yield from one_of(step=key, given=step, name="about", allowed=rules.ABOUTS)
    yield from _check_span(key, step, settings, known)


def _check_listing(key: str, step: Step, settings: Step, known: Known) -> Iterator[Fault]:
    yield from check_segments(step=key, codes=[step.get("segment", "")], known=known)
    yield from one_of(step=key, given={"action": "", **step}, name="action", allowed=("add", "remove"))


def _check_text(key: str, step: Step, settings: Step, known: Known) -> Iterator[Fault]:
    text = step.get("name" if step["kind"] == "webhook" else "text")
    if not isinstance(text, str) or not text.strip():
        yield Fault(key, "no_text")


_CHECKS: Final[Mapping[str, Callable[[str, Step, Step, Known], Iterator[Fault]]]] = {
    "wait": _check_span,
    "until": _check_until,
    "listen": _check_listen,
    "condition": _check_condition,
    "message": _check_message,
    "tag": _check_tags,
    "segment": _check_listing,
    "webhook": _check_text,
    "task": _check_text,
}
