"""Monthly plans of providers: what is left, what the next message costs. Pure.

LINE in Taiwan since September 2023: light NT$0 for 200 messages, medium NT$800 for 3,000, both without more; high
NT$1,200 for 6,000, more from NT$0.2 down to 0.11 by number.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyPlan:
    """A fee that includes messages; beyond them each costs `more_micros`, or none goes where that is None."""

    code: str
    fee_micros: int
    included_count: int
    more_micros: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaState:
    """A plan in the middle of its month; `left_count` None: no end, at `next_micros` each."""

    plan: MonthlyPlan
    used_count: int
    left_count: int | None
    next_micros: int
    month_micros: int


_NT: Final = 1_000_000
LINE_PLANS: Final = {
    "light": MonthlyPlan(code="light", fee_micros=0, included_count=200, more_micros=None),
    "medium": MonthlyPlan(code="medium", fee_micros=800 * _NT, included_count=3_000, more_micros=None),
    "high": MonthlyPlan(code="high", fee_micros=1_200 * _NT, included_count=6_000, more_micros=200_000),
}


def state_of(*, plan: MonthlyPlan, used_count: int) -> QuotaState:
    """What is left of a plan of which `used_count` messages are used, and what the month costs so far."""
    left = plan.included_count - used_count
    beyond = max(-left, 0)
    return QuotaState(
        plan=plan,
        used_count=used_count,
        left_count=None if plan.more_micros is not None else max(left, 0),
        next_micros=0 if left > 0 else plan.more_micros or 0,
        month_micros=plan.fee_micros + beyond * (plan.more_micros or 0),
    )
