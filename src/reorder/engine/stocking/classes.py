"""ABC by what is sold, XYZ by how regularly: nine classes that a service policy can speak of.

Every SKU and place has exactly one class; A is never empty as long as anything is sold.
"""

from datetime import date

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.textbook import FloatArray
from reorder.engine.stocking.windows import HISTORY_DAYS, DemandMatrix, make_matrix

CLASSES = tuple(f"{value}{regularity}" for value in "ABC" for regularity in "XYZ")
# The customary borders: A brings the first 80 % of the money, B the next 15 %; X varies by up to half its mean.
A_SHARE, B_SHARE = 0.80, 0.95
X_VARIATION, Y_VARIATION = 0.5, 1.0
# Below so many weeks nobody can call demand regular.
LEAST_WEEKS = 8
VALUES = frames.Frame(
    "values",
    {
        "sku": frames.Column(pl.String()),
        "place": frames.Column(pl.String()),
        "unit_value": frames.Column(pl.Float64(), minimum=0.0),
    },
    key=("sku", "place"),
)


def classify_abc_xyz(*, history: pl.DataFrame, values: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The class of every row of `values` (sku, place, unit_value: money a unit sold brings) from the last 364 days.

    Columns: sku, place, abc, xyz, class_code (AX … CZ), sold_value, value_share (of the shop), variation (deviation
    over mean of a week's units; null when nothing was sold). Ties in value go by sku and place. Raises InvalidFrame.
    Source: Scholz-Reiter et al., Integration of demand forecasts in ABC-XYZ analysis, Int. J. of Productivity and
    Performance Management 61 (2012).
    """
    values = frames.require(table=values, contract=VALUES)
    demand = make_matrix(history=history, keys=values, as_of=as_of)
    sold = demand.units.sum(1) * values["unit_value"].to_numpy()
    variation, weeks = _variation(demand=demand)
    total = float(sold.sum())
    made = (
        values.select("sku", "place")
        .with_columns(
            sold_value=pl.Series(sold),
            value_share=pl.Series(sold / total if total > 0 else np.zeros(len(sold))),
            variation=pl.Series(variation, nan_to_null=True),
            weeks=pl.Series(weeks),
        )
        .with_row_index("_row")
        .sort("sold_value", "sku", "place", descending=[True, False, False])
        .with_columns(before=pl.col("value_share").cum_sum() - pl.col("value_share"))
        .sort("_row")
    )
    idle = pl.col("sold_value") <= 0
    abc = (
        pl.when(idle | (pl.col("before") >= B_SHARE)).then(pl.lit("C"))
        .when(pl.col("before") >= A_SHARE).then(pl.lit("B"))
        .otherwise(pl.lit("A"))
    )  # fmt: skip
    unknown = pl.col("variation").is_null() | (pl.col("weeks") < LEAST_WEEKS)
    xyz = (
        pl.when(unknown | (pl.col("variation") > Y_VARIATION)).then(pl.lit("Z"))
        .when(pl.col("variation") > X_VARIATION).then(pl.lit("Y"))
        .otherwise(pl.lit("X"))
    )  # fmt: skip
    return made.with_columns(abc=abc, xyz=xyz).select(
        "sku",
        "place",
        "abc",
        "xyz",
        (pl.col("abc") + pl.col("xyz")).alias("class_code"),
        "sold_value",
        "value_share",
        "variation",
    )


def _variation(*, demand: DemandMatrix) -> tuple[FloatArray, FloatArray]:
    """Deviation over mean of whole weeks' units a row (nan without sales), and how many weeks were observed."""
    rows = len(demand.units)
    weekly = demand.units.reshape(rows, HISTORY_DAYS // 7, 7).sum(2)
    seen = np.arange(HISTORY_DAYS // 7) * 7 >= demand.first[:, None]
    count = np.maximum(seen.sum(1), 1)
    mean = (weekly * seen).sum(1) / count
    spread = np.sqrt((seen * (weekly - mean[:, None]) ** 2).sum(1) / count)
    return np.where(mean > 0, spread / np.where(mean > 0, mean, 1.0), np.nan), seen.sum(1).astype(np.float64)
