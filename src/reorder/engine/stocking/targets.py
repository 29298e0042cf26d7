"""Stock targets a SKU and place: safety stock, reorder point and order-up-to level, by the rule that was asked for.

Every target is at least zero, and order-up-to ≥ reorder point ≥ safety stock.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.explain import explain, plain
from reorder.engine.stocking.leads import LeadGroup, group_lead_times
from reorder.engine.stocking.outlook import Outlook, read_outlook
from reorder.engine.stocking.rules import RATE_DAYS, RuleInput, reorder_points
from reorder.engine.stocking.textbook import FloatArray, economic_order_units
from reorder.engine.stocking.windows import DemandMatrix, make_matrix
from reorder.kernel.errors import BadInput

METHODS = ("textbook", "textbook_lead_time_variance", "quantile", "forecast")
# No order is larger than a year of demand, however cheap it is to keep.
LONGEST_CYCLE_DAYS = 365
# Weight of the last four weeks in the daily rate.
RECENT_SHARE = 0.7
WINDOW_METHODS = ("quantile", "forecast")
ROUNDING = 0.5


class BadServiceLevel(BadInput):
    """A service level is not a share below one: certainty would need endless stock."""

    code = "stocking.bad_service_level"
    template = "The service level of {sku} at {place} is {service_level}: it must lie above 0 and below 1"


class UnknownTargetMethod(BadInput):
    """The named rule does not exist, or it needs a forecast that was not given."""

    code = "stocking.unknown_method"
    template = "The rule {method!r} cannot be used: {reason}"


class DailyForecast(Protocol):
    """What carries daily forecasts: `daily` has sku, place, date, mean_units and quantiles (p90_units, …)."""

    @property
    def daily(self) -> pl.DataFrame:
        """One row a SKU, place and day."""


@dataclass(frozen=True, slots=True)
class StockTargets:
    """`frame`: one row a SKU and place of the terms, in their order.

    Columns: sku, place, safety_stock_units, reorder_point_units, order_up_to_units, method (the rule that was really
    used), daily_units (demand a day), expected_units and deviation_units (demand over lead time + review), lead_days
    (mean), lead_receipts, lead_evidence (supplier, quoted, all_suppliers, prior), observed_days, service_level,
    fill_rate (share of units that these levels are expected to serve at once), lost_unit_cost, reason, reason_code,
    reason_parameters.
    """

    frame: pl.DataFrame


def set_targets(
    *,
    history: pl.DataFrame,
    lead_times: pl.DataFrame,
    terms: pl.DataFrame,
    as_of: date,
    forecast: DailyForecast | None = None,
    method: str = "quantile",
) -> StockTargets:
    """Safety stock, reorder point and order-up-to level (selling units) for every row of `terms`.

    `quantile` takes the service-level quantile of the sum of demand over lead time + review days in the last 364 days
    (newer days weigh more, and the last weeks move the level), with lead times from the supplier's receipts;
    `forecast` keeps that shape and takes the level from the forecast; `textbook` is z σ √L,
    `textbook_lead_time_variance` adds the lead time's own variance. Rows with too short a history for windows get the
    gamma law (method `gamma`), rows without a forecast the quantile rule. Where `terms` carry a fill_rate, the level
    is the least that loses no more units in a cycle than it allows.
    Order-up-to lies one economic order quantity above the reorder point. `terms` may add `supplier` and
    `quoted_lead_days`, used where receipts are missing. History on and after `as_of` is ignored.

    Raises InvalidFrame, BadServiceLevel, UnknownTargetMethod.
    Sources: Silver, Pyke, Thomas, Inventory and Production Management in Supply Chains, ch. 6 (order points);
    Fricker and Goodhart, Applying a bootstrap approach for setting reorder points, Naval Research Logistics 47 (2000)
    (demand over lead time from history itself).
    """
    if method not in METHODS:
        raise UnknownTargetMethod(method=method, reason=f"the rules are {', '.join(METHODS)}")
    if method == "forecast" and forecast is None:
        raise UnknownTargetMethod(method=method, reason="it needs a forecast")
    terms = frames.require(table=terms, contract=frames.TERMS)
    _refuse_service_level(terms=terms)
    lead_times = frames.require(table=lead_times, contract=frames.LEAD_TIMES)
    demand = make_matrix(history=history, keys=terms, as_of=as_of)
    outlook = None
    if method == "forecast" and forecast is not None:
        outlook = read_outlook(daily=forecast.daily, keys=terms, as_of=as_of)
    daily = _daily_units(demand=demand, outlook=outlook)
    order_units = _order_units(daily=daily, terms=terms)
    groups = _groups(
        terms=terms,
        lead_times=lead_times,
        demand=demand,
        outlook=outlook,
        allowed_loss=_allowed_loss(terms=terms, order_units=order_units),
    )
    points = [reorder_points(given=given, method=method) for given in groups]
    return StockTargets(
        frame=_assemble(points=points, terms=terms, demand=demand, daily=daily, order_units=order_units)
    )


def _refuse_service_level(*, terms: pl.DataFrame) -> None:
    for name in ("service_level", "fill_rate"):
        wrong = terms.filter(pl.col(name) >= 1) if name in terms.columns else terms.clear()
        if wrong.height:
            raise BadServiceLevel(**wrong.select("sku", "place", service_level=name).row(0, named=True))


def _allowed_loss(*, terms: pl.DataFrame, order_units: FloatArray) -> FloatArray:
    """Units that may be lost in one cycle of orders under a fill rate f, (1 − f) / f × order; nan where none is set.

    Source: Silver, Pyke, Thomas, section 6.7.4 (fill rate with lost sales).
    """
    if "fill_rate" not in terms.columns:
        return np.full(terms.height, np.nan)
    rate = terms["fill_rate"].fill_null(float("nan")).to_numpy()
    allowed: FloatArray = (1 - rate) / rate * order_units
    return allowed


def _groups(
    *,
    terms: pl.DataFrame,
    lead_times: pl.DataFrame,
    demand: DemandMatrix,
    outlook: Outlook | None,
    allowed_loss: FloatArray,
) -> list[RuleInput]:
    review = terms["review_days"].to_numpy()
    level = terms["service_level"].to_numpy()
    made = []
    for group in group_lead_times(keys=terms, lead_times=lead_times):
        for days in np.unique(review[group.rows]):
            here = np.flatnonzero(review[group.rows] == days)
            rows = group.rows[here]
            lead = LeadGroup(rows, group.days, group.shares[here], group.receipts[here], group.evidence)
            part = DemandMatrix(demand.units[rows], demand.first[rows])
            made.append(RuleInput(part, lead, int(days), level[rows], allowed_loss[rows], outlook))
    return made


def _assemble(
    *,
    points: list[pl.DataFrame],
    terms: pl.DataFrame,
    demand: DemandMatrix,
    daily: FloatArray,
    order_units: FloatArray,
) -> pl.DataFrame:
    table = terms.with_row_index("row").with_columns(
        row=pl.int_range(pl.len(), dtype=pl.Int64),
        daily_units=pl.Series(daily, dtype=pl.Float64),
        order_units=pl.Series(order_units, dtype=pl.Float64),
        observed_days=pl.Series(demand.observed_days, dtype=pl.Int64),
        is_whole=pl.Series(demand.is_whole),
    )
    if "fill_rate" not in table.columns:
        table = table.with_columns(fill_rate=pl.lit(None, dtype=pl.Float64))
    empty = pl.DataFrame(schema=_POINTS)
    table = table.join(pl.concat([empty, *points]), on="row", how="left", maintain_order="left")
    # A product sold by the piece has a level in pieces: rounded, not up, or slow sellers would all get one too many.
    point = pl.col("reorder_point_units")
    rounded = pl.when(pl.col("is_whole") & pl.col("method").is_in(WINDOW_METHODS)).then((point + ROUNDING).floor())
    table = table.with_columns(
        reorder_point_units=rounded.otherwise(point), asked_fill_rate=pl.col("fill_rate")
    ).with_columns(
        safety_stock_units=(pl.col("reorder_point_units") - pl.col("expected_units")).clip(lower_bound=0),
        order_up_to_units=pl.col("reorder_point_units") + pl.col("order_units"),
        fill_rate=pl.when(pl.col("order_units") > 0).then(
            pl.col("order_units") / (pl.col("order_units") + pl.col("loss_units"))
        ),
    )
    return explain(frame=table, code=_code(), parameters=_parameters()).select(*_COLUMNS)


_POINTS = {
    "row": pl.Int64(),
    "reorder_point_units": pl.Float64(),
    "expected_units": pl.Float64(),
    "deviation_units": pl.Float64(),
    "loss_units": pl.Float64(),
    "lead_days": pl.Float64(),
    "lead_receipts": pl.Int64(),
    "lead_evidence": pl.String(),
    "method": pl.String(),
}
_COLUMNS = (
    "sku",
    "place",
    "safety_stock_units",
    "reorder_point_units",
    "order_up_to_units",
    "method",
    "daily_units",
    "expected_units",
    "deviation_units",
    "lead_days",
    "lead_receipts",
    "lead_evidence",
    "observed_days",
    "service_level",
    "fill_rate",
    "lost_unit_cost",
    "reason",
    "reason_code",
    "reason_parameters",
)


def _daily_units(*, demand: DemandMatrix, outlook: Outlook | None) -> FloatArray:
    """Demand a day: mostly the last four weeks, the rest the weighted year, so that a quiet month is not the end."""
    year, _ = demand.weighted_moments()
    rate = RECENT_SHARE * demand.mean_units(days=RATE_DAYS) + (1 - RECENT_SHARE) * year
    return rate if outlook is None else np.where(np.isnan(outlook.daily_units), rate, outlook.daily_units)


def _order_units(*, daily: FloatArray, terms: pl.DataFrame) -> FloatArray:
    """Economic order quantity, at least the demand of a review period and at most that of a year."""
    holding = (terms["unit_cost"] * terms["holding_share_per_day"]).to_numpy()
    least = daily * terms["review_days"].to_numpy()
    most = np.maximum(daily * LONGEST_CYCLE_DAYS, least)
    free = holding <= 0
    units = economic_order_units(
        daily_units=daily, order_cost=terms["order_cost"].to_numpy(), holding_cost_per_day=np.where(free, 1.0, holding)
    )
    return np.clip(np.where(free, most, units), least, most)


def _code() -> pl.Expr:
    idle = (pl.col("reorder_point_units") == 0) & (pl.col("daily_units") == 0)
    return (
        pl.when(idle)
        .then(pl.lit("stocking.target.no_demand"))
        .when(pl.col("asked_fill_rate").is_not_null())
        .then(pl.lit("stocking.target.fill_rate"))
        .otherwise("stocking.target." + pl.col("method"))
    )


def _parameters() -> dict[str, dict[str, pl.Expr]]:
    common = {
        "reorder_point": pl.col("reorder_point_units").ceil().cast(pl.Int64),
        "order_up_to": pl.col("order_up_to_units").round().cast(pl.Int64),
        "span_days": plain(value=pl.col("lead_days") + pl.col("review_days")),
        "service_percent": plain(value=pl.col("service_level") * 100),
        "expected": plain(value=pl.col("expected_units")),
        "observed_days": pl.col("observed_days"),
        "receipts": pl.col("lead_receipts"),
    }
    safety = {"safety_stock": pl.col("safety_stock_units").ceil().cast(pl.Int64)}
    return {
        "stocking.target.fill_rate": common
        | {"fill_percent": plain(value=pl.col("asked_fill_rate").fill_null(0.0) * 100)},
        "stocking.target.forecast": common,
        "stocking.target.gamma": common,
        "stocking.target.no_demand": {"observed_days": pl.col("observed_days")},
        "stocking.target.quantile": common,
        "stocking.target.textbook": common | safety,
        "stocking.target.textbook_lead_time_variance": common | safety,
    }
