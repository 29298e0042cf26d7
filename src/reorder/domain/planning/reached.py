"""What the night concluded of people whom something is about to be decided about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.storage import fetch_prepared

_STANDINGS: Final = """
SELECT customer_id, segment, m_score, churn_share FROM planning_customervalue
WHERE customer_id = ANY(%(ids)s::bigint[])
"""
_USUAL_ORDERS: Final = """
SELECT customer_id, monetary / frequency FROM planning_customervalue
WHERE customer_id = ANY(%(ids)s::bigint[]) AND frequency > 0 AND monetary > 0
"""


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """Segment, the score of what was spent (1 to 5), and the chance of having left."""

    segment: str
    m_score: int
    churn_share: float


def list_standings(*, customer_ids: Sequence[int]) -> dict[int, PersonStanding]:
    """By customer; those whom no night has valued are left out."""
    rows = fetch_prepared(statement=_STANDINGS, parameters={"ids": list(customer_ids)})
    return {row[0]: PersonStanding(*row[1:]) for row in rows}


def list_usual_orders(*, customer_ids: Sequence[int]) -> dict[int, float]:
    """What each spends on a day of orders, major units; those whom no night has valued are left out."""
    return {row[0]: row[1] for row in fetch_prepared(statement=_USUAL_ORDERS, parameters={"ids": list(customer_ids)})}
