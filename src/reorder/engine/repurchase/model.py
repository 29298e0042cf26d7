"""The repurchase model: made from counts and what was learned, asked for due dates, saved and loaded.

An update stacks the new lines on the purchases so far and runs the same computation as a fit, so it equals a rebuild.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reorder.engine import frames
from reorder.engine.repurchase import storage
from reorder.engine.repurchase.due import Fitted, Flags, predict_due
from reorder.engine.repurchase.errors import DateBeforeModel, NoHistory
from reorder.engine.repurchase.eventful import learn_events
from reorder.engine.repurchase.learning import Learned, learn_purchases
from reorder.engine.repurchase.purchases import code_statistics
from reorder.engine.repurchase.rates import Effects, apply_effects, effects_of, fit_rates, level_totals
from reorder.engine.repurchase.statistics import Statistics, collapse_lines, count_purchases, stack_purchases

HORIZONS_DAYS = (7, 14, 30)


@dataclass(frozen=True, slots=True)
class RepurchaseModel:
    """When each customer will buy each product again, as known on `as_of`; `summary` tells which layer and why.

    `purchases` are the collapsed order lines, kept only by `fit` so that `update` can take in late ones.
    """

    as_of: dt.date
    fitted: Fitted
    summary: str
    country: str = "TW"
    purchases: pl.DataFrame | None = None

    def due(
        self,
        *,
        as_of: dt.date,
        horizons_days: Sequence[int] = HORIZONS_DAYS,
        among: pl.DataFrame | None = None,
    ) -> pl.DataFrame:
        """One row a (customer_id, sku) ever bought, in that order; with `among` (customer_id, sku) only those of it.

        Dates are those of the next purchase given that it comes within a third of the history (30 to 365 days: no more
        can be checked): `due_date` is the median, `due_p10_date` … the other quantiles.
        `within_{h}_days` is the probability of a purchase in [as_of, as_of + h), `active_share` that the pair is still
        alive, `remind_date` the day whose ±3-day window is most probable and `remind_hit_share` that probability.
        `expected_units` are those of one next purchase; `usual_gap_days` is one over the mean purchase rate.

        Raises DateBeforeModel when `as_of` lies before the model's day, BadHorizon for a horizon below one day.
        """
        if as_of < self.as_of:
            raise DateBeforeModel(model_date=self.as_of, as_of=as_of)
        chosen = None if among is None else _chosen(pairs=self.fitted.coded.statistics.pairs, among=among)
        return predict_due(fitted=self.fitted, as_of=as_of, horizons_days=horizons_days, chosen=chosen)

    def update(self, *, order_lines: pl.DataFrame, as_of: dt.date) -> "RepurchaseModel":
        """The model of all lines so far and the new ones together, as `fit` would build it on the union.

        The new lines may lie anywhere before `as_of`, but each line may be given only once (units would count twice).
        Raises InvalidFrame, OrdersAfterDate, DateBeforeModel when `as_of` goes back, and NoHistory for a model that was
        made from counts alone.
        """
        if self.purchases is None:
            raise NoHistory
        if as_of < self.as_of:
            raise DateBeforeModel(model_date=self.as_of, as_of=as_of)
        new = collapse_lines(order_lines=order_lines, as_of=as_of)
        stacked = stack_purchases(pl.concat([self.purchases, new]))
        return _fit_purchases(purchases=stacked, as_of=as_of, country=self.country, events=None)

    def save(self, path: Path | str) -> None:
        """Write the model to one file; an existing file is replaced."""
        stored = storage.Stored(
            statistics=self.fitted.coded.statistics,
            learned=self.fitted.learned,
            purchases=self.purchases,
            options={"country": self.country, "as_of": self.as_of.isoformat()},
        )
        storage.write(path=Path(path), stored=stored)

    @property
    def effects(self) -> Effects:
        """What `score_statistics` needs to know of the whole shop."""
        return effects_of(coded=self.fitted.coded, rates=self.fitted.rates)

    @property
    def state(self) -> dict[str, pl.DataFrame]:
        """Frames `pairs`, `products`, `categories`, `customers` with what is counted and fitted.

        Counts are repurchases (purchase days after the first); `prior_rate_per_day` of a pair is base × its effects.
        """
        statistics, pairs, effects = self.fitted.coded.statistics, self.fitted.coded.pairs, self.effects
        products = statistics.products.select(
            "sku",
            "category",
            repurchases_count=(pl.col("purchases_count") - pl.col("pairs_count")).cast(pl.Int64),
        )
        categories = products.group_by("category").agg(pl.col("repurchases_count").sum()).sort("category")
        size = statistics.customers.height
        repurchases = level_totals(codes=pairs.customer, counts=pairs.repurchases, size=size)
        return {
            "pairs": _pairs_frame(fitted=self.fitted),
            "products": products.with_columns(effects.products["effect"]),
            "categories": categories.with_columns(effects.categories["effect"]),
            "customers": effects.customers.select(
                "customer_id", pl.Series("repurchases_count", repurchases).cast(pl.Int64), "effect"
            ),
        }


def fit(
    *, order_lines: pl.DataFrame, as_of: dt.date, events: pl.DataFrame | None = None, country: str = "TW"
) -> RepurchaseModel:
    """Learn, count and fit in one go; `model.summary` says which layer answers and why.

    `order_lines` by `frames.ORDER_LINES`; lines of a pair on one UTC day are one purchase; lines on `as_of` itself
    count as the past. `events` by `frames.EVENTS` move predictions where they proved to mean something; a saved model
    does not keep them. Raises InvalidFrame, OrdersAfterDate.
    """
    purchases = collapse_lines(order_lines=order_lines, as_of=as_of)
    return _fit_purchases(purchases=purchases, as_of=as_of, country=country, events=events)


def fit_statistics(
    *, statistics: Statistics, learned: Learned | None, as_of: dt.date, events: pl.DataFrame | None = None
) -> RepurchaseModel:
    """The model of counts and what was learned: effects and posteriors (Buy It Again, KDD 2018, with shrunk levels).

    Raises BadStatistics when the frames contradict each other, DateBeforeModel when `as_of` lies before their day.
    """
    if as_of < statistics.as_of:
        raise DateBeforeModel(model_date=statistics.as_of, as_of=as_of)
    coded = code_statistics(statistics)
    fitted = Fitted(coded=coded, rates=fit_rates(coded=coded), learned=learned, events=_required(events))
    return RepurchaseModel(as_of=as_of, fitted=fitted, summary=_summary(learned, as_of=as_of))


def score_statistics(
    *,
    statistics: Statistics,
    effects: Effects,
    learned: Learned | None,
    as_of: dt.date,
    horizons_days: Sequence[int] = HORIZONS_DAYS,
    events: pl.DataFrame | None = None,
    among: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The due table of some customers: `fit_statistics(...).due(...)` restricted to them, given the same effects.

    `statistics` hold all pairs and rows of those customers, and all products and days of the shop; with `among`
    (customer_id, sku) only those pairs are answered for. The customers' own effects are computed anew. Raises
    BadStatistics, BadHorizon, DateBeforeModel.
    """
    if as_of < statistics.as_of:
        raise DateBeforeModel(model_date=statistics.as_of, as_of=as_of)
    coded = code_statistics(statistics)
    rates = apply_effects(coded=coded, effects=effects)
    fitted = Fitted(coded=coded, rates=rates, learned=learned, events=_required(events))
    chosen = None if among is None else _chosen(pairs=coded.statistics.pairs, among=among)
    return predict_due(fitted=fitted, as_of=as_of, horizons_days=horizons_days, chosen=chosen)


def load(path: Path | str) -> RepurchaseModel:
    """Read a model that `save` wrote; raises ModelFileRefused for another version, a damaged or a foreign file."""
    stored = storage.read(path=Path(path))
    statistics = stored.statistics
    as_of = dt.date.fromisoformat(str(stored.options["as_of"]))
    model = fit_statistics(statistics=statistics, learned=stored.learned, as_of=as_of)
    return RepurchaseModel(
        as_of=model.as_of,
        fitted=model.fitted,
        summary=model.summary,
        country=str(stored.options["country"]),
        purchases=stored.purchases,
    )


def _fit_purchases(
    *, purchases: pl.DataFrame, as_of: dt.date, country: str, events: pl.DataFrame | None
) -> RepurchaseModel:
    blind = learn_purchases(purchases=purchases, as_of=as_of, country=country)
    learned = learn_events(learned=blind, purchases=purchases, events=events)
    statistics = count_purchases(purchases=purchases, as_of=as_of)
    model = fit_statistics(statistics=statistics, learned=learned, as_of=as_of, events=events)
    return RepurchaseModel(
        as_of=as_of, fitted=model.fitted, summary=model.summary, country=country, purchases=purchases
    )


def _required(events: pl.DataFrame | None) -> pl.DataFrame | None:
    return None if events is None else frames.require(table=events, contract=frames.EVENTS)


def _summary(learned: Learned | None, *, as_of: dt.date) -> str:
    if learned is None:
        return "layer 1: hierarchical Poisson-Gamma as it is, because nothing was learned yet"
    if learned.boosted is None:
        return f"layer 1: hierarchical Poisson-Gamma {learned.summary}"
    if learned.is_stale(as_of=as_of):
        return f"layer 1, because layer 2 was learned on {learned.as_of} and is stale: {learned.summary}"
    return f"layer 2 on a hierarchical Poisson-Gamma {learned.summary}"


def _chosen(*, pairs: pl.DataFrame, among: pl.DataFrame) -> Flags:
    wanted = among.select("customer_id", "sku").unique().with_columns(wanted=pl.lit(value=True))
    joined = pairs.select("customer_id", "sku").join(
        wanted, on=["customer_id", "sku"], how="left", maintain_order="left"
    )
    return joined["wanted"].fill_null(value=False).to_numpy()


def _pairs_frame(*, fitted: Fitted) -> pl.DataFrame:
    return fitted.coded.statistics.pairs.select(
        "customer_id",
        "sku",
        repurchases_count=(pl.col("purchases_count") - 1).cast(pl.Int64),
        first_bought_date="first_date",
        last_bought_date="last_date",
        units="units",
        prior_rate_per_day=pl.Series(fitted.rates.prior_rate(pairs=fitted.coded.pairs), dtype=pl.Float64),
    )
