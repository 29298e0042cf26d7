"""Due dates for the API: which customer will need which product when, with bands and evidence in words."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.catalog.queries import list_products_by_sku
from reorder.engine import reasons
from reorder.insights.reading import conditions, read_rows
from reorder.kernel.ids import category_code_of, is_category_subject

_DUE: Final = """
SELECT due.id, due.customer_id, customer.key AS customer_key, due.subject, due.due_date, due.due_p10_date,
       due.due_p25_date, due.due_p75_date, due.due_p90_date, due.remind_date, due.remind_hit_share, due.active_share,
       due.within_7_days, due.within_14_days, due.within_30_days, due.expected_units, due.orders_count, due.evidence,
       due.usual_gap_days, due.last_bought_date, due.reason_code, coalesce(category.code, '') AS product_category
FROM planning_duedate AS due JOIN customers_customer AS customer ON customer.id = due.customer_id
LEFT JOIN catalog_product AS product ON product.sku = due.subject
LEFT JOIN catalog_category AS category ON category.id = product.category_id
{where} ORDER BY due.remind_date, due.remind_hit_share DESC, due.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """One customer and planning subject: a product, or a whole category where single products sell too rarely."""

    id: int
    customer_id: int
    customer_key: str
    subject: str
    due_date: dt.date
    due_p10_date: dt.date
    due_p25_date: dt.date
    due_p75_date: dt.date
    due_p90_date: dt.date
    remind_date: dt.date
    remind_hit_share: float
    active_share: float
    within_7_days: float
    within_14_days: float
    within_30_days: float
    expected_units: float
    orders_count: int
    evidence: str
    usual_gap_days: float
    last_bought_date: dt.date
    reason_code: str
    product_category: str

    @property
    def sku(self) -> str | None:
        """None where a category is planned as a whole."""
        return None if is_category_subject(subject=self.subject) else self.subject

    @property
    def category_code(self) -> str | None:
        """Only where a category is planned as a whole."""
        return category_code_of(subject=self.subject) if is_category_subject(subject=self.subject) else None


def subject_of_sku(*, sku: str) -> str:
    """The key under which a product is planned; the SKU itself where it is unknown."""
    found = list_products_by_sku(skus=[sku]).get(sku)
    return found.subject if found else sku


def list_due(
    *,
    limit: int,
    after: tuple[dt.date, float, int] | None = None,
    from_date: dt.date | None = None,
    until_date: dt.date | None = None,
    customer_id: int | None = None,
    subject: str | None = None,
) -> list[DueRow]:
    """Pairs by the day to remind, on one day the likeliest first; those after (day, share, id) when given."""
    given: dict[str, object] = {
        """due.remind_date >= %(day)s AND (due.remind_date, -due.remind_hit_share, due.id)
           > (%(day)s, -%(share)s, %(id)s)""": after,
        "due.remind_date >= %(from_date)s": from_date,
        "due.remind_date <= %(until_date)s": until_date,
        "due.customer_id = %(customer_id)s": customer_id,
        "due.subject = %(subject)s": subject,
    }
    day, share, row_id = after or (None, None, None)
    parameters = {
        "day": day,
        "share": share,
        "id": row_id,
        "from_date": from_date,
        "until_date": until_date,
        "customer_id": customer_id,
        "subject": subject,
        "limit": limit,
    }
    rows = read_rows(statement=_DUE.format(where=conditions(given=given)), parameters=parameters)
    return [DueRow(**row) for row in rows]


def explain_due(*, row: DueRow, as_of: dt.date, translate: Callable[[str], str]) -> str:
    """The evidence behind a prediction, in words."""
    parameters: dict[str, Any] = {
        "orders_count": row.orders_count,
        "last_bought": row.last_bought_date.isoformat(),
        "gap_days": max(round(row.usual_gap_days), 1),
        "elapsed_days": (as_of - row.last_bought_date).days,
        "category": row.category_code or row.product_category,
    }
    return reasons.render(code=row.reason_code, parameters=parameters, translate=translate)
