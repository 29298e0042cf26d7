"""The customer base of a shop: how its customers order, stop and spend, fitted on counts alone.

Of Pareto/NBD and the modified BG/NBD the one under which the customers' histories are likelier is used. Both have four
parameters, so that the Bayesian information criterion says the same. BG/NBD as first published is no candidate: to it
nobody who ordered once has ever left, and in most shops they are the largest group (`fit_bgnbd` still fits it).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.repurchase.errors import BadCustomers, OrdersAfterDate
from reorder.engine.repurchase.purchases import Numbers
from reorder.engine.repurchase.value import bgnbd, pareto
from reorder.engine.repurchase.value.bgnbd import BgNbd, ModifiedBgNbd
from reorder.engine.repurchase.value.cells import read_cells
from reorder.engine.repurchase.value.pareto import ParetoNbd
from reorder.engine.repurchase.value.spend import GammaGamma, fit_gamma_gamma

_MIN_REPEATS: Final = 20
_MIN_SPENDERS: Final = 20
# Published CDNOW fits (in weeks there, in days here), used until a shop has repeat orders of its own.
_TYPICAL: Final = ParetoNbd(r=0.553, alpha=10.578 * 7, s=0.606, beta=11.669 * 7, log_likelihood=0.0)
_TYPICAL_P, _TYPICAL_Q = 6.25, 3.74

CUSTOMERS: Final = frames.Frame(
    "customers",
    {
        "customer_id": frames.Column(pl.String()),
        "visits_count": frames.Column(pl.Int64(), minimum=1),
        "first_date": frames.Column(frames.DAY),
        "last_date": frames.Column(frames.DAY),
        "monetary": frames.Column(pl.Float64(), minimum=0.0),
        "valued_orders": frames.Column(pl.Int64(), minimum=0),
        "later_orders": frames.Column(pl.Int64(), minimum=0),
        "later_value": frames.Column(pl.Float64(), minimum=0.0),
    },
    key=("customer_id",),
)


@dataclass(frozen=True, slots=True)
class CustomerBase:
    """How customers order and stop (in days), what an order is worth (None: no price is known), and why so."""

    orders: BgNbd | ParetoNbd
    spend: GammaGamma | None
    summary: str


def fit_customer_base(*, customers: pl.DataFrame, as_of: dt.date) -> CustomerBase:
    """Fit both models of ordering and the model of spending; `customers` as `Statistics.customers` has them.

    Raises InvalidFrame, BadCustomers, OrdersAfterDate.
    """
    return fit_counted(counted=count_days(customers=customers, as_of=as_of))


def count_days(*, customers: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Customers by id with repeats, recency_days, spread_days and age_days. Raises as `fit_customer_base`."""
    known = frames.require(table=customers, contract=CUSTOMERS).select(*CUSTOMERS.columns).sort("customer_id")
    later = known.filter(pl.col("last_date") > as_of)
    if later.height:
        raise OrdersAfterDate(
            lines_count=int(later["visits_count"].sum()), as_of=as_of, latest_date=later["last_date"].max()
        )
    turned = known.with_row_index("row").filter(pl.col("first_date") > pl.col("last_date"))
    if turned.height:
        row = turned.row(0, named=True)
        raise BadCustomers(row=row["row"], customer_id=row["customer_id"], reason="the last order precedes the first")
    return known.with_columns(
        repeats=pl.col("visits_count") - 1,
        recency_days=(pl.lit(as_of) - pl.col("last_date")).dt.total_days(),
        spread_days=(pl.col("last_date") - pl.col("first_date")).dt.total_days(),
        age_days=(pl.lit(as_of) - pl.col("first_date")).dt.total_days(),
    )


def fit_counted(*, counted: pl.DataFrame) -> CustomerBase:
    """As `fit_customer_base`, of what `count_days` gives."""
    spend = _fit_spend(counted)
    repeats = int(counted["repeats"].sum())
    if repeats < _MIN_REPEATS:
        return CustomerBase(_TYPICAL, spend, f"typical shop ({repeats} repeat orders of its own)")
    x, t_x, age = (counted[name].cast(pl.Float64).to_numpy() for name in ("repeats", "spread_days", "age_days"))
    cells = read_cells(frequency=x, recency=t_x, age=age, weights=None)
    fitted: list[BgNbd | ParetoNbd] = [
        bgnbd.fit_cells(cells=cells, model=ModifiedBgNbd),
        pareto.fit_cells(cells=cells),
    ]
    best, other = sorted(fitted, key=lambda model: model.log_likelihood, reverse=True)
    lead = best.log_likelihood - other.log_likelihood
    return CustomerBase(best, spend, f"{best.name} (log likelihood {lead:.1f} above {other.name})")


def value_an_order(*, counted: pl.DataFrame, spend: GammaGamma | None) -> Numbers:
    """Expected value of the next order of each customer, major units; zeros where no price is known."""
    if spend is None:
        return np.zeros(counted.height)
    orders = counted["valued_orders"].cast(pl.Float64).to_numpy()
    mean = counted["monetary"].to_numpy() / np.maximum(orders, 1.0)
    return spend.expected_value(orders=orders, mean_value=mean)


def _fit_spend(counted: pl.DataFrame) -> GammaGamma | None:
    """Gamma-Gamma on repeat orders, first orders being unlike them; a typical spread around the shop's mean if few.

    None when no order has a price.
    """
    valued = counted.filter((pl.col("valued_orders") > 0) & (pl.col("monetary") > 0))
    if not valued.height:
        return None
    repeat = valued.filter((pl.col("later_orders") > 0) & (pl.col("later_value") > 0))
    if repeat.height < _MIN_SPENDERS:
        mean = float(valued.select(pl.col("monetary").sum() / pl.col("valued_orders").sum()).item())
        return GammaGamma(p=_TYPICAL_P, q=_TYPICAL_Q, v=mean * (_TYPICAL_Q - 1) / _TYPICAL_P, log_likelihood=0.0)
    orders = repeat["later_orders"].cast(pl.Float64).to_numpy()
    return fit_gamma_gamma(orders=orders, mean_value=repeat["later_value"].to_numpy() / orders)
