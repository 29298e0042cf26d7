"""How many reminders are wanted, and what the choice of a share of the pairs rests on."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from reorder.domain.planning.models import ReminderPolicy
from reorder.domain.storage import read_frame

# Hit shares are told apart to a ten-thousandth: finer than anybody can decide by.
SHARE_STEPS: Final = 10_000


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """The share of all pairs that may be reminded, the best first, and who chose it."""

    budget_share: float
    decided_by: str
    decided_at: dt.datetime


def find_policy() -> PolicyRow | None:
    """The latest choice; None while nobody has chosen."""
    rows = list_policies(limit=1)
    return rows[0] if rows else None


def list_policies(*, limit: int) -> list[PolicyRow]:
    """Choices, the latest first."""
    return [
        PolicyRow(row.budget_share, row.decided_by, row.decided_at)
        for row in ReminderPolicy.objects.order_by("-pk")[:limit]
    ]


def record_policy(*, budget_share: float, decided_by: str, decided_at: dt.datetime) -> None:
    """Keep a new choice; the ones before stay as they were."""
    ReminderPolicy.objects.create(budget_share=budget_share, decided_by=decided_by, decided_at=decided_at)


def frame_hit_shares() -> pl.DataFrame:
    """All pairs by their hit share: least_share (of the step), pairs_count, hits (sum of the shares); likeliest first.

    One pass over the table, counted by the database. OFFSET 0 hides from PostgreSQL where the step comes from: it
    would take an expression to have as many values as there are rows, and sort them all instead of counting.
    """
    return read_frame(
        query="""SELECT step / {steps}::float8 AS least_share, count(*) AS pairs_count, sum(remind_hit_share) AS hits
                 FROM (SELECT floor(remind_hit_share * {steps})::int AS step, remind_hit_share
                       FROM planning_duedate OFFSET 0) AS pair
                 GROUP BY step""",
        parameters={"steps": SHARE_STEPS},
    ).sort("least_share", descending=True)


def frame_segments(*, customer_ids: Sequence[int]) -> pl.DataFrame:
    """The segment of each customer who has one: customer_id, segment."""
    return read_frame(
        query="""SELECT customer_id, segment FROM planning_customervalue
                 WHERE customer_id = ANY({ids}::bigint[])""",
        parameters={"ids": list(customer_ids)},
    )
