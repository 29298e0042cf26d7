"""The customer half of a night: what each customer is worth, and when each will need each product again.

Both are read from the statistics. A night of a day gone by is given the order lines before that day instead: the
statistics know what came after it.
"""

import datetime as dt

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.planning import counted, operations, segmenting
from reorder.engine import repurchase
from reorder.flows import predictions
from reorder.flows.stepping import Done


def count_statistics(*, today: dt.date) -> Done:
    """Count again whoever and whatever changed since the last count, or everything for the first time."""
    report = predictions.bring_up_to_date(today=today)
    details: dict[str, object] = {"customers": report.customers, "days": report.days}
    if report.rebuilt_because:
        details["everything_because"] = report.rebuilt_because
    return Done(report.customers, report.rows, details)


def value_customers(*, run_id: int, as_of: dt.date, order_lines: pl.DataFrame | None) -> Done:
    """Score every customer (RFM, orders and money to expect) and save, with who moved to another segment.

    Tells customers a segment, moves and the model.
    """
    if order_lines is None:
        customers = counted.frame_customers()
    else:
        customers = repurchase.count_statistics(order_lines=order_lines, as_of=as_of).customers
    if customers.is_empty():
        return Done(0, 0, {"segments": {}})
    base = repurchase.fit_customer_base(customers=customers, as_of=as_of)
    values = repurchase.value_customers(
        customers=customers, as_of=as_of, cut_shares=settings.REORDER.rfm_cut_shares, base=base
    )
    with transaction.atomic():
        written = operations.save_customer_values(run_id=run_id, values=values)
        moved = segmenting.record_segment_moves(as_of_date=as_of)
        overview = segmenting.count_overview(as_of_date=as_of)
    segments = dict(values.group_by("segment").len().sort("segment").iter_rows())
    details = {"segments": segments, "moved": moved, "value_model": base.summary, **overview}
    return Done(customers.height, written, details)


def predict_due_dates(*, run_id: int, as_of: dt.date, order_lines: pl.DataFrame | None) -> Done:
    """Predict the next purchase of touched and due pairs, or of every pair where that is due; tells how and how many.

    A model that may not answer is told with its reason; layer 1 answers then.
    """
    if order_lines is not None:
        written, summary = predictions.predict_past_day(run_id=run_id, as_of=as_of, order_lines=order_lines)
        return Done(order_lines.height, written, {"model": summary, "basis": "order lines before the day"})
    known = predictions.load_or_learn(as_of=as_of)
    effects = predictions.fit_effects(as_of=as_of, known=known)
    predictor = predictions.load_predictor(as_of=as_of, run_id=run_id, known=known)
    pairs = counted.count_pairs()
    details: dict[str, object] = {"model": predictions.describe(known=known), "effects": effects, "pairs": pairs}
    if known.faults:
        details["faults"] = [fault.as_json() for fault in known.faults]
    if predictor is None:
        return Done(0, 0, details)
    state = counted.find_state()
    if state is None or state.is_refresh_needed:
        written = predictions.predict_everybody(predictor=predictor)
        return Done(pairs, written, details | {"everybody": written})
    touched = predictions.predict_marked(predictor=predictor)
    waiting = predictions.predict_waiting(predictor=predictor)
    return Done(pairs, touched + waiting, details | {"touched": touched, "near": waiting})
