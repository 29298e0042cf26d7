"""Stock targets of a night: policy, past demand and receipts, what is promised or caused, and people's limits."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import queries as catalog
from reorder.domain.orders import queries as orders
from reorder.domain.planning import operations, queries, service_policies, stock_rules
from reorder.domain.planning.service_policies import ServicePolicyChoice
from reorder.domain.purchasing import queries as purchasing
from reorder.engine import demand, stocking
from reorder.flows.demand_plan.standing import SHOWN_DAYS, stand
from reorder.kernel.money import minor_digits

DAYS_A_YEAR = 365
# Daily demand for margins and for how long an order lasts: a quarter of a year.
RATE_DAYS = 91


@dataclass(frozen=True, slots=True)
class _Daily:
    """The baseline as `stocking.set_targets` reads a forecast."""

    daily: pl.DataFrame


@dataclass(frozen=True, slots=True)
class TargetBasis:
    """What targets are made of: the policy, levelled terms, daily units, classes, and people's rules."""

    choice: ServicePolicyChoice
    terms: pl.DataFrame
    history: pl.DataFrame
    classes: pl.DataFrame
    rules: pl.DataFrame


def set_stock_targets(*, run_id: int, as_of: dt.date, history: pl.DataFrame) -> int:
    """Set and save safety stock, reorder point and order-up-to level of every product and place with an offer.

    The latest service policy gives levels, method and costs; rules of single products win over it. What each level
    would cost and gain by class is saved beside the targets.
    """
    options = settings.REORDER
    basis = load_basis(history=history, as_of=as_of)
    choice, rules, classes = basis.choice, basis.rules, basis.classes
    made = targets_of(
        basis=basis, lead_times=purchasing.frame_lead_times(), forecast=queries.frame_forecast, as_of=as_of
    )
    costs = stocking.price_service_levels(targets=made, terms=basis.terms, classes=classes)
    capped = stocking.cap_by_expiry(
        targets=made, shelf_lives=catalog.frame_shelf_lives(), sells_probability=choice.sells_probability
    )
    plan = queries.frame_demand_plan()
    review_days = choice.review_days or options.review_days
    targets = add_commitments(targets=capped, plan=plan, as_of=as_of, review_days=review_days)
    targets = stocking.apply_limits(targets=targets, limits=rules).join(
        classes.select("sku", "place", "class_code"), on=["sku", "place"], how="left", maintain_order="left"
    )
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
        service_policies.save_service_costs(run_id=run_id, costs=costs)
        return operations.save_targets(run_id=run_id, targets=targets)


def load_basis(*, history: pl.DataFrame, as_of: dt.date) -> TargetBasis:
    """Today's policy, terms and rules, with the classes that `history` (daily units before `as_of`) gives products.

    Giant orders count as the forecast counts them: the typing error of a million is not kept in stock.
    """
    choice = choose_policy()
    terms = _terms(choice=choice)
    sold = without_giants(history=history.join(terms.select("sku", "place"), on=["sku", "place"], how="semi"))
    classes = classify(terms=terms, history=sold, as_of=as_of)
    rules = stock_rules.resolve_stock_rules(rules=stock_rules.frame_stock_rules(), keys=terms)
    terms = level_terms(terms=terms, classes=classes, rules=rules, choice=choice)
    return TargetBasis(choice=choice, terms=terms, history=sold, classes=classes, rules=rules)


def without_giants(*, history: pl.DataFrame) -> pl.DataFrame:
    """`history` with the units of giant days cut to what they count as; pure."""
    if history.is_empty():
        return history
    giants = demand.cap_outliers(history=history).select("sku", "place", "date", "counted_units")
    return (
        history.join(giants, on=["sku", "place", "date"], how="left", maintain_order="left")
        .with_columns(pl.coalesce("counted_units", "units").alias("units"))
        .drop("counted_units")
    )


def choose_policy() -> ServicePolicyChoice:
    """The latest service policy, or the settings' level for everything while nobody has chosen."""
    row = service_policies.find_service_policy()
    return row.choice if row else ServicePolicyChoice(service_level=settings.REORDER.service_level)


def _terms(*, choice: ServicePolicyChoice) -> pl.DataFrame:
    options = settings.REORDER
    holding, cost = choice.holding_share_per_year, choice.order_cost_minor
    return purchasing.frame_terms(
        service_level=choice.service_level,
        review_days=choice.review_days or options.review_days,
        holding_share_per_day=options.holding_share_per_day if holding is None else holding / DAYS_A_YEAR,
        order_cost=float(options.order_cost) if cost is None else cost / 10 ** minor_digits(currency=options.currency),
    )


def classify(*, terms: pl.DataFrame, history: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """ABC–XYZ classes of the rows of `terms` by their price, with daily_units of the last quarter; pure."""
    values = terms.select("sku", "place", (pl.col("unit_cost") + pl.col("lost_unit_cost")).alias("unit_value"))
    classes = stocking.classify_abc_xyz(history=history, values=values, as_of=as_of)
    recent = (
        history.filter(pl.col("date") >= as_of - dt.timedelta(days=RATE_DAYS), pl.col("date") < as_of)
        .group_by("sku", "place")
        .agg((pl.col("units").sum() / RATE_DAYS).alias("daily_units"))
    )
    return classes.join(recent, on=["sku", "place"], how="left", maintain_order="left").with_columns(
        pl.col("daily_units").fill_null(0.0)
    )


def level_terms(
    *, terms: pl.DataFrame, classes: pl.DataFrame, rules: pl.DataFrame, choice: ServicePolicyChoice
) -> pl.DataFrame:
    """`terms` with the service level (and fill rate) of the policy, a product's own rule winning; pure."""
    policy = stocking.ServicePolicy(
        kind=choice.kind,
        service_level=choice.service_level,
        class_levels=dict(choice.class_levels) or stocking.USUAL_LEVELS,
    )
    levelled = stocking.service_levels(terms=terms, policy=policy, classes=classes)
    own = rules.select("sku", "place", pl.col("service_level").alias("own_level"))
    has_own = pl.col("own_level").is_not_null()
    return (
        levelled.join(own, on=["sku", "place"], how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("own_level", "service_level").alias("service_level"),
            pl.when(~has_own).then("fill_rate").alias("fill_rate"),
        )
        .drop("own_level")
    )


def targets_of(
    *,
    basis: TargetBasis,
    lead_times: pl.DataFrame,
    forecast: Callable[[], pl.DataFrame] | None,
    as_of: dt.date,
) -> pl.DataFrame:
    """Targets by the method that counts for each product; the forecast is loaded only where one asks for it.

    Without a forecast the products that ask for one get the quantile rule.
    """
    terms, history, rules, method = basis.terms, basis.history, basis.rules, basis.choice.method
    own = rules.select("sku", "place", pl.col("method").alias("own_method"))
    asked = terms.join(own, on=["sku", "place"], how="left", maintain_order="left").with_columns(
        pl.when(pl.col("own_method").fill_null("") != "").then("own_method").otherwise(pl.lit(method)).alias("asked")
    )
    if forecast is None:
        asked = asked.with_columns(pl.col("asked").replace({"forecast": "quantile"}))
    parts = []
    for (name,), part in asked.group_by("asked", maintain_order=True):
        made = stocking.set_targets(
            history=history.join(part.select("sku", "place"), on=["sku", "place"], how="semi"),
            lead_times=lead_times,
            terms=part.drop("own_method", "asked"),
            as_of=as_of,
            forecast=_Daily(forecast()) if forecast and name == "forecast" else None,
            method=str(name),
        )
        parts.append(made.frame)
    if not parts:
        return stocking.set_targets(history=history, lead_times=lead_times, terms=terms, as_of=as_of).frame
    return terms.select("sku", "place").join(pl.concat(parts), on=["sku", "place"], how="left", maintain_order="left")


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
