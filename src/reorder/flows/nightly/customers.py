"""The customer half of a night: what each customer is worth, and when each will need each product again."""

import datetime as dt

import polars as pl
from django.db import transaction

from reorder.domain.planning import operations
from reorder.engine import repurchase


def value_customers(*, run_id: int, as_of: dt.date, order_lines: pl.DataFrame) -> tuple[int, dict[str, int]]:
    """Score every customer (RFM, BG/NBD, Gamma-Gamma) and save; returns rows written and customers a segment."""
    if order_lines.is_empty():
        return 0, {}
    values = repurchase.customers(order_lines=order_lines, as_of=as_of)
    with transaction.atomic():
        written = operations.save_customer_values(run_id=run_id, values=values)
    return written, dict(values.group_by("segment").len().sort("segment").iter_rows())


def predict_due_dates(*, run_id: int, as_of: dt.date, order_lines: pl.DataFrame) -> tuple[int, str]:
    """Predict the next purchase of every (customer, subject) pair and save; returns rows written and the model used."""
    if order_lines.is_empty():
        return 0, "no orders yet"
    model = repurchase.fit(order_lines=order_lines, as_of=as_of)
    due = model.due(as_of=as_of, horizons_days=(7, 14, 30))
    with transaction.atomic():
        written = operations.save_due_dates(run_id=run_id, due=due)
    return written, str(model.summary)
