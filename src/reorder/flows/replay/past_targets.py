"""Stock targets as of a past day: what today's rules and terms make of what was known then."""

import datetime as dt

import polars as pl
from django.conf import settings

from reorder.domain.purchasing import queries as purchasing
from reorder.engine import stocking
from reorder.flows.replay.figures import refuse_future


def past_targets(*, as_of: dt.date, history: pl.DataFrame) -> pl.DataFrame:
    """Targets from the history and receipts before `as_of`; raises FutureSeen where one of them reaches it.

    Columns: sku, place, service_level, reorder_point_units, order_up_to_units, daily_units, expected_units, lead_days,
    lost_unit_cost.
    """
    options = settings.REORDER
    terms = purchasing.frame_terms(
        service_level=options.service_level,
        review_days=options.review_days,
        holding_share_per_day=options.holding_share_per_day,
        order_cost=float(options.order_cost),
    )
    # A product that nobody had bought before that day was not on sale yet, as far as orders tell.
    terms = terms.join(history.select("sku", "place").unique(), on=["sku", "place"], how="semi")
    receipts = purchasing.frame_lead_times(before_date=as_of)
    if receipts.height:
        refuse_future(frame=receipts, name="lead_times", column="received_date", as_of=as_of)
    made = stocking.set_targets(history=history, lead_times=receipts, terms=terms, as_of=as_of)
    return made.frame.select(
        "sku",
        "place",
        "service_level",
        "reorder_point_units",
        "order_up_to_units",
        "daily_units",
        "expected_units",
        "lead_days",
        "lost_unit_cost",
    )
