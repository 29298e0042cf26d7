"""The table of due dates: one row a pair ever bought, computed in slices so that memory stays bounded."""

import datetime as dt
import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from reorder.engine.repurchase.behaviour import count_signals, lift_curves
from reorder.engine.repurchase.boosting import Boosted
from reorder.engine.repurchase.errors import BadHorizon
from reorder.engine.repurchase.explain import evidence, explain
from reorder.engine.repurchase.features import Known, build_features, know
from reorder.engine.repurchase.landmarks import BINS
from reorder.engine.repurchase.learning import Learned
from reorder.engine.repurchase.purchases import Coded, Days, Numbers, Pairs, day_number
from reorder.engine.repurchase.rates import Posterior, Rates, fit_posterior, level_totals
from reorder.engine.repurchase.shopdays import ShopCalendar
from reorder.engine.repurchase.statistics import Statistics
from reorder.engine.repurchase.timing import Curves, active_share, best_reminder, draw_curves

_SLICE_PAIRS = 100_000
_THREADS = 2
_LOOKAHEAD_BOUNDS_DAYS = (30, 365)
_UNITS_PRIOR_PURCHASES = 2.0
Flags = npt.NDArray[np.bool_]
_QUANTILES = {"due_p10_date": 0.10, "due_p25_date": 0.25, "due_date": 0.50, "due_p75_date": 0.75, "due_p90_date": 0.90}


@dataclass(frozen=True, slots=True)
class Fitted:
    """Everything that predictions are made from."""

    coded: Coded
    rates: Rates
    learned: Learned | None
    events: pl.DataFrame | None = None


def lookahead_days_of(*, statistics: Statistics) -> int:
    """A third of the shop's history within 30 to 365 days: further ahead nothing can be checked."""
    first = statistics.days["date"].min()
    history_days = (statistics.as_of - first).days if isinstance(first, dt.date) else 0
    low, high = _LOOKAHEAD_BOUNDS_DAYS
    return min(max(history_days // 3, low), high)


def predict_due(
    *, fitted: Fitted, as_of: dt.date, horizons_days: Sequence[int], chosen: Flags | None = None
) -> pl.DataFrame:
    """The due table of all pairs (or those `chosen`) seen from `as_of`, in the order of customer_id and sku."""
    for days in horizons_days:
        if days < 1:
            raise BadHorizon(days=days)
    pairs = replace(fitted.coded.pairs, cut=day_number(as_of))
    shared = _share(fitted=fitted, as_of=as_of, horizons_days=horizons_days)

    def predict(rows: slice) -> pl.DataFrame:
        return _predict_slice(
            shared=shared, pairs=pairs.part(rows), rows=rows, chosen=None if chosen is None else chosen[rows]
        )

    # Arrays and frames let go of the interpreter while they compute, so that a second thread has work to do.
    with ThreadPoolExecutor(max_workers=_THREADS) as threads:
        parts = list(threads.map(predict, _slices(pairs.customer)))
    within = [f"within_{days}_days" for days in horizons_days]
    return pl.concat(parts).select(
        "customer_id", "sku", "due_date", "due_p10_date", "due_p25_date", "due_p75_date", "due_p90_date",
        "active_share", *within, "remind_date", "remind_hit_share", "expected_units", "orders_count", "usual_gap_days",
        "last_bought_date", "evidence", "reason", "reason_code", "reason_parameters",
    )  # fmt: skip


def draw_hazard(*, fitted: Fitted, days: Sequence[int]) -> Numbers:
    """Hazard of all pairs from each of `days` ahead to the next (one column a stretch), whatever events there are."""
    blind = replace(fitted, events=None)
    pairs = fitted.coded.pairs
    shared = _share(fitted=blind, as_of=fitted.coded.statistics.as_of, horizons_days=days[1:])
    parts = []
    for rows in _slices(pairs.customer):
        part = pairs.part(rows)
        posterior = fit_posterior(pairs=part, rates=fitted.rates)
        parts.append(_draw(shared=shared, pairs=part, rows=rows, posterior=posterior).between(days=days))
    return np.concatenate(parts)


def _slices(customer: Days) -> list[slice]:
    """Stretches of rows that never part the pairs of one customer."""
    starts, stop = [0], customer.size
    while stop - starts[-1] > _SLICE_PAIRS:
        at = starts[-1] + _SLICE_PAIRS
        starts.append(int(np.searchsorted(customer, customer[at], side="right")))
    return [slice(start, end) for start, end in itertools.pairwise([*starts, stop])]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all slices need: the model, the coming days, and what products, categories and customers know."""

    fitted: Fitted
    as_of: dt.date
    horizons_days: Sequence[int]
    lookahead_days: int
    until_days: int
    factors: Numbers
    boosted: Boosted | None
    known: Known | None
    event_factors: Numbers | None
    products: pl.DataFrame
    customers: pl.DataFrame


def _share(*, fitted: Fitted, as_of: dt.date, horizons_days: Sequence[int]) -> _Shared:
    learned, statistics = fitted.learned, fitted.coded.statistics
    lookahead = lookahead_days_of(statistics=statistics)
    boosted = None if learned is None or learned.is_stale(as_of=as_of) else learned.boosted
    calendar = ShopCalendar(country="") if learned is None else learned.calendar
    cut = day_number(as_of)
    products = statistics.products.select(
        "sku",
        "category",
        product_repurchases=(pl.col("purchases_count") - pl.col("pairs_count")).cast(pl.Float64),
        units_a_purchase=pl.col("units") / pl.col("purchases_count"),
    ).with_columns(category_repurchases=pl.col("product_repurchases").sum().over("category"))
    repurchases = level_totals(
        codes=fitted.coded.pairs.customer,
        counts=fitted.coded.pairs.repurchases,
        size=statistics.customers.height,
    )
    return _Shared(
        fitted=fitted,
        as_of=as_of,
        horizons_days=horizons_days,
        lookahead_days=lookahead,
        until_days=max([lookahead, BINS[-1], *horizons_days]),
        factors=calendar.expected(start=cut, days=BINS[-1]),
        boosted=boosted,
        known=None if boosted is None else know(coded=fitted.coded, cut=cut, factors=boosted.factors),
        event_factors=_event_factors(fitted=fitted, as_of=as_of),
        products=products,
        customers=statistics.customers.select("customer_id", customer_repurchases=repurchases),
    )


def _event_factors(*, fitted: Fitted, as_of: dt.date) -> Numbers | None:
    """What events make of each pair's hazard; None where none are known, or nothing was learned of them lately."""
    learned = fitted.learned
    if fitted.events is None or learned is None or learned.event_weights is None or learned.is_stale(as_of=as_of):
        return None
    signals = count_signals(events=fitted.events, statistics=fitted.coded.statistics, as_of=as_of)
    return learned.event_weights.factors(signals=signals, pairs_count=fitted.coded.statistics.pairs.height)


def _predict_slice(*, shared: _Shared, pairs: Pairs, rows: slice, chosen: Flags | None) -> pl.DataFrame:
    posterior = fit_posterior(pairs=pairs, rates=shared.fitted.rates)
    curves = _draw(shared=shared, pairs=pairs, rows=rows, posterior=posterior)
    if shared.event_factors is not None:
        curves = lift_curves(curves=curves, factors=shared.event_factors[rows])
    table = None if shared.fitted.learned is None else shared.fitted.learned.table
    lookahead = shared.lookahead_days
    again = curves.within(days=float(lookahead))
    remind_days, remind_hit = best_reminder(curves=curves)
    columns: dict[str, object] = {
        "last_bought_date": pl.Series(pairs.last, dtype=pl.Int32).cast(pl.Date),
        "units": pairs.units,
        "orders_count": pairs.repurchases + 1,
        "elapsed_days": pairs.elapsed_days,
        "usual_gap_days": 1.0 / posterior.rate,
        "active_share": active_share(pairs=pairs, posterior=posterior, table=table, within=again, days=lookahead),
        "remind_date": remind_days,
        "remind_hit_share": remind_hit,
    }
    for days in shared.horizons_days:
        columns[f"within_{days}_days"] = curves.within(days=float(days))
    for name, share in _QUANTILES.items():
        columns[name] = np.floor(curves.quantile_days(share=share * again))
    today = pl.lit(shared.as_of)
    due = pl.DataFrame(columns).with_columns(
        pl.col("orders_count").cast(pl.Int64),
        *(
            (today + pl.duration(days=pl.col(name).cast(pl.Int64))).cast(pl.Date).alias(name)
            for name in ("remind_date", *_QUANTILES)
        ),
    )
    levels = [_rows(shared.products, pairs.product), _rows(shared.customers, pairs.customer)]
    told = pl.concat([due, *levels], how="horizontal")
    if chosen is not None:
        told = told.filter(pl.Series(chosen, dtype=pl.Boolean))
    return explain(due=told.with_columns(_expected_units(), evidence()))


def _draw(*, shared: _Shared, pairs: Pairs, rows: slice, posterior: Posterior) -> Curves:
    """Layer 1's curves, scaled by layer 2 where there is one."""
    learned = shared.fitted.learned
    curves = draw_curves(
        pairs=pairs,
        posterior=posterior,
        table=None if learned is None else learned.table,
        factors=shared.factors,
        until_days=shared.until_days,
    )
    if shared.boosted is None or shared.known is None or not pairs.last.size:
        return curves
    features = build_features(
        coded=shared.fitted.coded,
        pairs=pairs,
        rows=rows,
        rates=shared.fitted.rates,
        posterior=posterior,
        known=shared.known,
    )
    ratios = shared.boosted.ratios(
        features=features,
        hazard=curves.between(days=BINS),
        overdue=pairs.elapsed_days * posterior.rate,
        rate=posterior.rate,
    )
    return curves.scaled(ends=BINS[1:], ratios=ratios)


def _rows(table: pl.DataFrame, codes: Days) -> pl.DataFrame:
    return table[codes] if codes.size else table.clear()


def _expected_units() -> pl.Expr:
    prior = _UNITS_PRIOR_PURCHASES * pl.col("units_a_purchase")
    return ((pl.col("units") + prior) / (pl.col("orders_count") + _UNITS_PRIOR_PURCHASES)).alias("expected_units")
