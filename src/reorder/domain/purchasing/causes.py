"""Why a proposal differs from the night before: what of stock, demand, lead time and rules has changed; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CAUSE_TEMPLATES: Final = {
    "cause.commitment": "{units} units were committed since: orders held or planned.",
    "cause.demand_fell": "Expected demand fell from {before} to {after} units a day.",
    "cause.demand_rose": "Expected demand rose from {before} to {after} units a day.",
    "cause.lead_fell": "The lead time fell from {before} to {after} days.",
    "cause.lead_rose": "The lead time grew from {before} to {after} days.",
    "cause.limits": "The reorder point moved from {before} to {after} units.",
    "cause.rule": "{author} laid down a rule for it: {note}",
    "cause.safety_fell": "Safety stock fell from {before} to {after} units.",
    "cause.safety_rose": "Safety stock rose from {before} to {after} units.",
    "cause.stock_fell": "Stock and what is on the way fell from {before} to {after} units.",
    "cause.stock_rose": "Stock and what is on the way rose from {before} to {after} units.",
    "cause.moved": "{units} units left the stock since.",
    "cause.arrived": "{units} units came into stock since.",
    "cause.plan_fell": "The plan of next week fell from {before} to {after} units.",
    "cause.plan_rose": "The plan of next week rose from {before} to {after} units.",
}
# Less than so much of a number is no cause that anybody would act on.
_WORTH_SAYING = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The numbers that a proposal rested on; None where they were not kept."""

    position_units: float | None = None
    reorder_point_units: float | None = None
    daily_units: float | None = None
    safety_stock_units: float | None = None
    lead_days: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """What happened between the two nights: units that left stock (negative: came), commitments, a rule, the plan."""

    left_units: float = 0.0
    committed_units: float = 0.0
    rule_author: str = ""
    rule_note: str = ""
    plan_before_units: float | None = None
    plan_after_units: float | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """A code of CAUSE_TEMPLATES with its numbers."""

    code: str
    parameters: dict[str, float | str]


def find_causes(*, before: Standing | None, after: Standing | None, meanwhile: Meanwhile) -> list[Cause]:
    """What changed, the numbers that decide first; `before` or `after` is None where nothing was proposed then."""
    found = list(_compared(before, after)) if before and after else []
    if not any(cause.code.startswith("cause.stock_") for cause in found):
        if meanwhile.left_units > 0:
            found.append(Cause("cause.moved", {"units": meanwhile.left_units}))
        elif meanwhile.left_units < 0:
            found.append(Cause("cause.arrived", {"units": -meanwhile.left_units}))
    if not any(cause.code.startswith("cause.demand_") for cause in found):
        found += _moved("cause.plan", meanwhile.plan_before_units, meanwhile.plan_after_units)
    if meanwhile.committed_units > 0:
        found.append(Cause("cause.commitment", {"units": meanwhile.committed_units}))
    if meanwhile.rule_author:
        found.append(Cause("cause.rule", {"author": meanwhile.rule_author, "note": meanwhile.rule_note}))
    if not found and before and after and _differs(before.reorder_point_units, after.reorder_point_units):
        numbers = {"before": before.reorder_point_units or 0.0, "after": after.reorder_point_units or 0.0}
        found.append(Cause("cause.limits", dict(numbers)))
    return found


def _compared(before: Standing, after: Standing) -> Iterator[Cause]:
    yield from _moved("cause.stock", before.position_units, after.position_units)
    yield from _moved("cause.demand", before.daily_units, after.daily_units)
    yield from _moved("cause.lead", before.lead_days, after.lead_days)
    yield from _moved("cause.safety", before.safety_stock_units, after.safety_stock_units)


def _moved(code: str, before: float | None, after: float | None) -> list[Cause]:
    if before is None or after is None or not _differs(before, after):
        return []
    return [Cause(f"{code}_{'rose' if after > before else 'fell'}", {"before": before, "after": after})]


def _differs(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return False
    return abs(after - before) > _WORTH_SAYING * max(abs(before), abs(after))
