"""Stock targets of a night: what past demand and receipts ask for, plus what is already promised or caused."""

import datetime as dt

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import queries as catalog
from reorder.domain.orders import queries as orders
from reorder.domain.planning import operations, queries, stock_rules
from reorder.domain.purchasing import queries as purchasing
from reorder.engine import stocking
from reorder.flows.demand_plan.standing import SHOWN_DAYS, stand


def set_stock_targets(*, run_id: int, as_of: dt.date, history: pl.DataFrame) -> int:
    """Set and save safety stock, reorder point and order-up-to level of every product and place with an offer."""
    options = settings.REORDER
    terms = purchasing.frame_terms(
        service_level=options.service_level,
        review_days=options.review_days,
        holding_share_per_day=options.holding_share_per_day,
        order_cost=float(options.order_cost),
    )
    made = stocking.set_targets(
        history=history.join(terms.select("sku", "place"), on=["sku", "place"], how="semi"),
        lead_times=purchasing.frame_lead_times(),
        terms=terms,
        as_of=as_of,
    )
    plan = queries.frame_demand_plan()
    targets = add_commitments(targets=made.frame, plan=plan, as_of=as_of, review_days=options.review_days)
    rules = stock_rules.resolve_stock_rules(rules=stock_rules.frame_stock_rules(), keys=targets)
    targets = stocking.apply_limits(targets=targets, limits=rules)
    standings = stand(
        products=catalog.frame_products(),
        sold=orders.frame_units_by_product(
            from_date=as_of - dt.timedelta(days=SHOWN_DAYS), before_date=as_of, time_zone=options.time_zone
        ),
        plan=plan.filter(pl.col("date") < as_of + dt.timedelta(days=SHOWN_DAYS)),
        targets=targets,
        choices=queries.frame_choices(),
    )
    with transaction.atomic():
        operations.save_standings(run_id=run_id, standings=standings)
        return operations.save_targets(run_id=run_id, targets=targets)


def add_commitments(*, targets: pl.DataFrame, plan: pl.DataFrame, as_of: dt.date, review_days: int) -> pl.DataFrame:
    """Raise both levels by the units committed within lead time + review; past sales cannot have shown them yet."""
    reach = targets.select(
        "sku", "place", (pl.lit(as_of) + pl.duration(days=pl.col("lead_days").ceil() + review_days)).alias("until")
    )
    held = (
        plan.join(reach, on=["sku", "place"])
        .filter(pl.col("date") < pl.col("until"))
        .group_by("sku", "place")
        .agg((pl.col("committed_units") + pl.col("adjustment_units")).sum().alias("committed_units"))
    )
    raised = targets.join(held, on=["sku", "place"], how="left").with_columns(pl.col("committed_units").fill_null(0.0))
    return raised.with_columns(
        (pl.col(name) + pl.col("committed_units")).clip(0.0).alias(name)
        for name in ("reorder_point_units", "order_up_to_units", "expected_units")
    )
