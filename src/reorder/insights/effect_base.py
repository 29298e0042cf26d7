"""What a comparison starts from: who may be written to, and how many buy within a window without any message."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.marketing.proof import get_state
from reorder.insights.reading import read_rows

# Windows that pages offer, in days; others are read off between them.
WINDOWS: Final = (14, 28, 56)
# Customers of a year are those whom one may expect to buy.
_YEAR: Final = dt.timedelta(days=365)
# Of a shop that is too young to tell.
ASSUMED_SHARE: Final = 0.10
_LEAST, _MOST = 0.005, 0.95
_REACHABLE: Final = """
SELECT count(*) FILTER (WHERE is_granted) AS people FROM (
    SELECT DISTINCT ON (customer_id) is_granted FROM messaging_consententry WHERE purpose = 'marketing'
    ORDER BY customer_id, declared_at DESC, id DESC) AS latest
"""
_BUYERS: Final = """
SELECT count(*) FILTER (WHERE earlier_at IS NOT NULL) AS people,
       count(*) FILTER (WHERE earlier_at IS NOT NULL AND latest_at >= %(moment)s - interval '14 days') AS within_14,
       count(*) FILTER (WHERE earlier_at IS NOT NULL AND latest_at >= %(moment)s - interval '28 days') AS within_28,
       count(*) FILTER (WHERE earlier_at IS NOT NULL AND latest_at >= %(moment)s - interval '56 days') AS within_56
FROM (
    SELECT customer_id, max(ordered_at) AS latest_at,
           min(ordered_at) FILTER (WHERE ordered_at < %(moment)s - interval '56 days') AS earlier_at
    FROM orders_order
    WHERE state NOT IN ('draft', 'cancelled') AND ordered_at >= %(since)s AND ordered_at < %(moment)s
    GROUP BY customer_id
) AS bought
"""


@dataclass(frozen=True, slots=True)
class Base:
    """`reachable_people` may be written to; `shares` of the customers of a year who buy within 14, 28 and 56 days."""

    reachable_people: int
    shares: Mapping[int, float]

    def share_within(self, *, days: int) -> float:
        """How many buy within so many days anyway; of a shop too young to tell, what is assumed."""
        known = self.shares.get(min(WINDOWS, key=lambda one: abs(one - days)))
        return min(max(known, _LEAST), _MOST) if known else ASSUMED_SHARE

    def as_json(self) -> dict[str, Any]:
        """Plain values, to be stored."""
        return {
            "reachable_people": self.reachable_people,
            "shares": {str(days): share for days, share in self.shares.items()},
        }

    @classmethod
    def from_json(cls, *, values: Mapping[str, Any]) -> "Base":
        """What `as_json` wrote."""
        return cls(values["reachable_people"], {int(days): share for days, share in values["shares"].items()})


def count_base(*, moment: dt.datetime) -> Base:
    """Count it now: two passes over the tables, for a night, or for a shop that has had none."""
    reachable = read_rows(statement=_REACHABLE, parameters={})[0]["people"]
    row = read_rows(statement=_BUYERS, parameters={"moment": moment, "since": moment - _YEAR})[0]
    shares = {days: row[f"within_{days}"] / row["people"] for days in WINDOWS} if row["people"] else {}
    return Base(int(reachable), shares)


def load_base(*, moment: dt.datetime) -> Base:
    """As the last night counted it; counted now where there was none."""
    kept = get_state().base
    return Base.from_json(values=kept) if kept else count_base(moment=moment)
