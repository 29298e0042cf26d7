"""What the last night concluded about one customer."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from reorder.domain.planning.customer_list import as_json
from reorder.domain.planning.models import CustomerValue
from reorder.domain.planning.segmenting import MOST_MOVES, CustomerMove, read_moves, settle_moves

# Likely pairs first, by day; behind them those that have probably ended. The latest decision about each stands beside
# it: one of the night that predicted it or of a later one, unless the customer bought since, which made it void.
_DUE = """
SELECT due.has_ended, due.subject, coalesce(p.name, g.name, due.subject), coalesce(g.code, c.code, ''), p.id,
       due.due_date, due.due_p10_date, due.due_p25_date, due.due_p75_date, due.due_p90_date, due.active_share,
       due.within_7_days, due.within_30_days, due.remind_date, due.remind_hit_share, due.expected_units,
       due.orders_count, due.evidence, due.usual_gap_days, due.last_bought_date, due.reason_code,
       decision.reason_code, decision.reason_parameters
FROM (
    SELECT *, active_share < 0.5 AS has_ended FROM planning_duedate WHERE customer_id = %(customer_id)s
) AS due
LEFT JOIN catalog_product AS p ON p.sku = due.subject
LEFT JOIN catalog_category AS c ON c.id = p.category_id
LEFT JOIN catalog_category AS g ON due.subject LIKE 'category:%%' AND g.code = substr(due.subject, 10)
LEFT JOIN LATERAL (
    SELECT d.reason_code, d.reason_parameters FROM messaging_messagedecision AS d
    WHERE d.customer_id = due.customer_id AND d.subject_key = due.subject AND d.run_key >= due.run_id
      AND d.decided_at >= due.last_bought_date
    ORDER BY d.run_key DESC LIMIT 1
) AS decision ON true
WHERE %(date)s::date IS NULL OR (due.has_ended, due.due_date, due.subject) > (%(has_ended)s, %(date)s, %(subject)s)
ORDER BY due.has_ended, due.due_date, due.subject LIMIT %(limit)s
"""
_VALUE = """
SELECT run.as_of_date, v.recency_days, v.frequency, v.monetary, v.r_score, v.f_score, v.m_score, v.segment,
       v.active_share, v.expected_orders, v.expected_value, v.churn_share, v.expected_orders_90, v.expected_value_90,
       coalesce(moved.moves, '[]')
FROM planning_customervalue AS v LEFT JOIN planning_run AS run ON run.id = v.run_id
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(move.id, move.date, move.from_segment, move.to_segment)) AS moves
    FROM (SELECT * FROM planning_segmentmove WHERE customer_id = v.customer_id
          ORDER BY date DESC LIMIT %(most)s) AS move
) AS moved ON true
WHERE v.customer_id = %(customer_id)s
"""


@dataclass(frozen=True, slots=True)
class ValueRow:
    """Recency, frequency and money of a customer with their scores, and what to expect; as of the night's day.

    `moves`: those between segments that lasted, the last one first.
    """

    as_of_date: dt.date | None
    recency_days: float
    frequency: int
    monetary: float
    r_score: int
    f_score: int
    m_score: int
    segment: str
    active_share: float
    expected_orders: float
    expected_value: float
    churn_share: float
    expected_orders_90: float
    expected_value_90: float
    moves: Sequence[CustomerMove]


@dataclass(frozen=True, slots=True)
class DueRow:
    """When a customer is expected to buy one product again, on which evidence, and what the night decided about it.

    `has_ended`: more likely than not the customer buys it no longer. `decision_code` is empty where the pair was not
    due yet.
    """

    has_ended: bool
    subject: str
    name: str
    category_code: str
    product_id: int | None
    due_date: dt.date
    due_p10_date: dt.date
    due_p25_date: dt.date
    due_p75_date: dt.date
    due_p90_date: dt.date
    active_share: float
    within_7_days: float
    within_30_days: float
    remind_date: dt.date
    remind_hit_share: float
    expected_units: float
    orders_count: int
    evidence: str
    usual_gap_days: float
    last_bought_date: dt.date
    reason_code: str
    decision_code: str
    decision_parameters: dict[str, Any]


def find_value(*, customer_id: int) -> ValueRow | None:
    """What a customer is worth; None before the first night after the first order."""
    with connection.cursor() as cursor:
        cursor.execute(_VALUE, {"customer_id": customer_id, "most": MOST_MOVES})
        row = cursor.fetchone()
    if row is None:
        return None
    *values, moves = row
    return ValueRow(*[*values, settle_moves(moves=read_moves(stored=moves))])


def find_segments(*, customer_ids: Sequence[int]) -> dict[int, str]:
    """The segment of each customer that has one yet."""
    found = CustomerValue.objects.filter(customer_id__in=list(customer_ids))
    return dict(found.values_list("customer_id", "segment"))


def list_due_of_customer(*, customer_id: int, after: tuple[bool, dt.date, str] | None, limit: int) -> list[DueRow]:
    """Up to `limit` products of a customer, the soonest first, those that have probably ended last.

    `after`: has_ended, due_date and subject of the last one seen.
    """
    has_ended, day, subject = after or (False, None, "")
    parameters = {
        "customer_id": customer_id,
        "has_ended": has_ended,
        "date": day,
        "subject": subject,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, parameters)
        return [_due_row(row) for row in cursor.fetchall()]


def _due_row(row: Sequence[Any]) -> DueRow:
    *values, code, parameters = row
    return DueRow(*[*values, code or "", as_json(parameters)])
