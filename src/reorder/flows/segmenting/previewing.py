"""What rules would find now: how many, some of them, and why each; nothing is written."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.marketing.segment_compile import compile_reasons, compile_rules
from reorder.domain.marketing.segment_preview import (
    SAMPLED,
    ReasonedCustomer,
    count_within,
    list_reasons,
    list_some_within,
)
from reorder.domain.marketing.segment_rules import Condition, Group, iterate_conditions, read_rules
from reorder.domain.storage import one_transaction
from reorder.flows.segmenting.counting import context_of

SAMPLE: Final = 10
# A person waits for a number; what takes longer is reckoned from one customer in twenty.
_PATIENCE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Why:
    """A condition of the rules, whether it holds for somebody, and what was seen of them (None: nothing)."""

    condition: Condition
    holds: bool
    seen: Any


@dataclass(frozen=True, slots=True)
class SampleRow:
    """Somebody to whom the rules apply."""

    customer_id: int
    key: str
    name: str
    why: Sequence[Why]


@dataclass(frozen=True, slots=True)
class Preview:
    """`count` customers now, reckoned from a part unless `is_exact`; None when even that takes too long."""

    count: int | None
    is_exact: bool
    sample: Sequence[SampleRow]


def preview_rules(*, rules: object, moment: dt.datetime) -> Preview:
    """Count and sample those to whom rules apply; raises BadRule."""
    root = read_rules(rules=rules)
    with one_transaction():
        context = context_of(moment=moment)
        whole = compile_rules(rules=rules)
        count, is_exact = count_within(compiled=whole, context=context, seconds=_PATIENCE_SECONDS), True
        if count is None:
            part = compile_rules(rules=rules, scope="sample")
            few = count_within(compiled=part, context=context, seconds=_PATIENCE_SECONDS)
            count, is_exact = None if few is None else few * SAMPLED, False
        some = list_some_within(compiled=whole, context=context, limit=SAMPLE, seconds=_PATIENCE_SECONDS)
        sample = explain_members(root=root, customer_ids=some or [], moment=moment)
    return Preview(count=count, is_exact=is_exact, sample=sample)


def explain_members(*, root: Group, customer_ids: Sequence[int], moment: dt.datetime) -> list[SampleRow]:
    """What each condition of rules sees of these customers."""
    if not customer_ids:
        return []
    conditions = list(iterate_conditions(node=root))
    context = {**context_of(moment=moment), "customer_ids": list(customer_ids)}
    found = list_reasons(compiled=compile_reasons(root=root), context=context)
    return [_row(one, conditions) for one in found]


def _row(one: ReasonedCustomer, conditions: Sequence[Condition]) -> SampleRow:
    said = zip(conditions, one.conditions, strict=True)
    return SampleRow(
        one.customer_id, one.key, one.name, [Why(condition, holds, seen) for condition, (holds, seen) in said]
    )
