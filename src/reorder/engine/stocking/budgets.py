"""What to buy when money is short: the packs first that save most lost margin for each unit of money.

What fits never costs more than the budget; what was left out is listed with what leaving it out costs.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.textbook import FloatArray, gamma_loss

# A line is decided about in at most so many steps of whole packs.
MOST_STEPS = 40
LINES = frames.Frame(
    "lines",
    {
        "sku": frames.Column(pl.String()),
        "place": frames.Column(pl.String()),
        "units": frames.Column(pl.Float64(), above=0.0),
        "pack_units": frames.Column(pl.Float64(), above=0.0),
        "minimum_units": frames.Column(pl.Float64(), minimum=0.0),
        "unit_cost": frames.Column(pl.Float64(), minimum=0.0),
        "position_units": frames.Column(pl.Float64()),
        "expected_units": frames.Column(pl.Float64(), minimum=0.0),
        "deviation_units": frames.Column(pl.Float64(), minimum=0.0),
        "lost_unit_cost": frames.Column(pl.Float64(), minimum=0.0),
    },
    key=("sku", "place"),
)


@dataclass(frozen=True, slots=True)
class BudgetPlan:
    """`lines` ranked by return, those left out at the end; money in the unit of the costs given.

    Columns: rank, sku, place, units (asked), fitted_units, fitted_value, cumulative_value, avoided_loss (expected lost
    margin that the fitted units avoid), left_out_units, left_out_value, left_out_loss (expected lost margin of what is
    left out), return_share (avoided loss for each unit of money, of the first step).
    """

    lines: pl.DataFrame
    budget: float
    spent: float
    avoided_loss: float
    left_out_value: float
    left_out_loss: float


def fit_budget(*, lines: pl.DataFrame, budget: float) -> BudgetPlan:
    """The parts of `lines` (an order proposed a SKU and place) that a budget pays for, by marginal return.

    The demand until the order after this one could arrive has mean expected_units and deviation_units (a gamma law);
    a unit's return is lost_unit_cost times the probability that demand gets to it. Returns fall from pack to pack, so
    taking the best step first is best up to the last step that does not fit; ties go by SKU and place. A line's first
    step holds its minimum. Raises InvalidFrame.
    Source: the marginal-return allocation under one resource in Silver, Pyke, Thomas, section 10.2 (multi-item
    newsvendor with a budget).
    """
    lines = frames.require(table=lines, contract=LINES).sort("sku", "place")
    steps = _steps(lines=lines)
    taken = _take(steps=steps, budget=budget, count=lines.height)
    return _plan(lines=lines, steps=steps, taken=taken, budget=budget)


def _steps(*, lines: pl.DataFrame) -> pl.DataFrame:
    """Each line cut into steps of whole packs: row, number, units, value, gain; returns never rise within a line."""
    units, pack = lines["units"].to_numpy(), lines["pack_units"].to_numpy()
    packs = np.maximum(np.round(units / pack), 1)
    least = np.minimum(np.maximum(np.ceil(lines["minimum_units"].to_numpy() / pack - 1e-9), 1), packs)
    shares = np.arange(MOST_STEPS + 1)[None, :] / MOST_STEPS
    ends = np.round(least[:, None] + (packs - least)[:, None] * shares) * pack[:, None]
    ends = np.minimum(ends, units[:, None])
    ends[:, -1] = units
    starts = np.concatenate([np.zeros((lines.height, 1)), ends[:, :-1]], axis=1)
    gain = _loss(lines=lines, bought=starts) - _loss(lines=lines, bought=ends)
    row, number = np.nonzero(ends > starts + 1e-9)
    size = (ends - starts)[row, number]
    return (
        pl.DataFrame(
            {
                "row": row,
                "number": number,
                "units": size,
                "value": size * lines["unit_cost"].to_numpy()[row],
                "gain": np.maximum(gain[row, number], 0.0),
            }
        )
        .with_columns(ratio=pl.when(pl.col("value") > 0).then(pl.col("gain") / pl.col("value")).otherwise(float("inf")))
        .with_columns(ratio=pl.col("ratio").cum_min().over("row", order_by="number"))
    )


def _loss(*, lines: pl.DataFrame, bought: FloatArray) -> FloatArray:
    """Expected lost margin when so many units of each line are bought."""
    stock = np.maximum(lines["position_units"].to_numpy()[:, None] + bought, 0.0)
    owed = np.maximum(-(lines["position_units"].to_numpy()[:, None] + bought), 0.0)
    shape = stock.shape
    mean = np.broadcast_to(lines["expected_units"].to_numpy()[:, None], shape)
    variance = np.broadcast_to(lines["deviation_units"].to_numpy()[:, None] ** 2, shape)
    missing = gamma_loss(stock=stock, mean=mean, variance=variance) + owed
    money: FloatArray = missing * lines["lost_unit_cost"].to_numpy()[:, None]
    return money


def _take(*, steps: pl.DataFrame, budget: float, count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    order = steps.with_row_index("place").sort("ratio", "row", "number", descending=[True, False, False])
    taken = np.zeros(steps.height, dtype=bool)
    closed = np.zeros(count, dtype=bool)
    left = budget
    for place, row, value in order.select("place", "row", "value").iter_rows():
        if closed[row]:
            continue
        if value <= left + 1e-9:
            taken[place], left = True, left - value
        else:
            closed[row] = True
    return taken


def _plan(
    *, lines: pl.DataFrame, steps: pl.DataFrame, taken: np.ndarray[tuple[int], np.dtype[np.bool_]], budget: float
) -> BudgetPlan:
    chosen = pl.Series("taken", taken)
    sums = (
        steps.with_columns(chosen)
        .group_by("row")
        .agg(
            fitted_units=pl.col("units").filter(pl.col("taken")).sum(),
            fitted_value=pl.col("value").filter(pl.col("taken")).sum(),
            avoided_loss=pl.col("gain").filter(pl.col("taken")).sum(),
            left_out_units=pl.col("units").filter(~pl.col("taken")).sum(),
            left_out_value=pl.col("value").filter(~pl.col("taken")).sum(),
            left_out_loss=pl.col("gain").filter(~pl.col("taken")).sum(),
            return_share=pl.col("ratio").max(),
        )
    )
    ranked = (
        lines.with_row_index("row")
        .with_columns(pl.col("row").cast(pl.Int64))
        .select("row", "sku", "place", "units")
        .join(sums, on="row")
        .with_columns(is_out=pl.col("fitted_units") <= 0)
        .sort("is_out", "return_share", "sku", "place", descending=[False, True, False, False])
        .with_row_index("rank", offset=1)
        .with_columns(cumulative_value=pl.col("fitted_value").cum_sum())
        .drop("row", "is_out")
    )
    return BudgetPlan(
        lines=ranked,
        budget=budget,
        spent=float(ranked["fitted_value"].sum()),
        avoided_loss=float(ranked["avoided_loss"].sum()),
        left_out_value=float(ranked["left_out_value"].sum()),
        left_out_loss=float(ranked["left_out_loss"].sum()),
    )
