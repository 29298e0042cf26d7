"""Stock targets as of a past day: what today's policy, rules and terms make of what was known then."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import polars as pl

from reorder.domain.purchasing import queries as purchasing
from reorder.engine import stocking
from reorder.flows.demand_plan.targeting import load_basis, targets_of
from reorder.flows.replay.figures import refuse_future


def past_targets(
    *, as_of: dt.date, history: pl.DataFrame, forecast: Callable[[], pl.DataFrame] | None = None
) -> pl.DataFrame:
    """Targets from the history and receipts before `as_of`; raises FutureSeen where one of them reaches it.

    `forecast` gives the daily forecast of that night; without it products that are planned by forecast get the quantile
    rule. Columns: sku, place, service_level, reorder_point_units, order_up_to_units, daily_units, expected_units,
    lead_days, lost_unit_cost.
    """
    refuse_future(frame=history, name="history", column="date", as_of=as_of)
    receipts = purchasing.frame_lead_times(before_date=as_of)
    if receipts.height:
        refuse_future(frame=receipts, name="lead_times", column="received_date", as_of=as_of)
    basis = load_basis(history=history, as_of=as_of)
    # A product that nobody had bought before that day was not on sale yet, as far as orders tell.
    known = basis.terms.join(history.select("sku", "place").unique(), on=["sku", "place"], how="semi")
    made = targets_of(basis=replace(basis, terms=known), lead_times=receipts, forecast=forecast, as_of=as_of)
    return stocking.apply_limits(targets=made, limits=basis.rules).select(
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
