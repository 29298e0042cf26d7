"""Everything that a forecast takes, loaded as it was known at its origin."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.conf import settings

from reorder.domain.catalog import queries as catalog
from reorder.domain.orders import prices
from reorder.domain.planning import effects, signals
from reorder.domain.planning.signal_rules import KINDS, OUTSIDE_KINDS
from reorder.domain.storage import minor_in_major
from reorder.engine import demand
from reorder.engine.calendar import kinds_of_days
from reorder.flows.demand_plan.regressors import as_known, lay_regressors
from reorder.kernel.clock import midnight

_OWN_KINDS: Final = tuple(kind for kind in KINDS if kind not in OUTSIDE_KINDS)


@dataclass(frozen=True, slots=True)
class ForecastInputs:
    """What `demand.forecast` takes; `columns` names the known-future columns that are in it."""

    history: pl.DataFrame
    known_future: pl.DataFrame | None
    overrides: pl.DataFrame
    products: pl.DataFrame
    columns: tuple[str, ...]


def load_inputs(
    *, as_of: dt.date, history: pl.DataFrame, horizon_days: int, known_before: dt.datetime | None = None
) -> ForecastInputs:
    """The history with what was known ahead, people's choices of method and what products are like.

    `known_before` is the moment of a night that is taken now. Without it the night is one of the past, and its origin
    the beginning of `as_of`: nothing that became known later is in it, neither what a product sells like nor that it
    is discontinued, because nobody wrote down since when. `history` is that of `load_history`.
    """
    time_zone = settings.REORDER.time_zone
    moment = known_before or midnight(date=as_of, time_zone=time_zone)
    facts = catalog.frame_products()
    products = describe_products(products=facts)
    if known_before is None:
        products = products.with_columns(
            pl.lit(None, pl.String).alias("like_sku"), pl.lit(value=False).alias("is_discontinued")
        )
    overrides = keep_known_methods(overrides=effects.frame_overrides(known_before=moment))
    if history.is_empty():
        return ForecastInputs(history, None, overrides, products, ())
    first, last = history["date"].min(), as_of + dt.timedelta(days=horizon_days)
    if not isinstance(first, dt.date):
        return ForecastInputs(history, None, overrides, products, ())
    told = _load_signals(from_date=first, before_date=last, as_of=as_of, horizon_days=horizon_days, moment=moment)
    priced = told.filter(pl.col("kind") == "price")["key"].unique().to_list()
    paid = pl.DataFrame(schema={"sku": pl.String, "date": pl.Date, "price": pl.Float64})
    if priced:
        paid = prices.frame_weekly_prices(skus=priced, from_date=first, before_date=as_of, time_zone=time_zone)
    laid = lay_regressors(
        history=history,
        signals=told,
        holidays=kinds_of_days(country=settings.REORDER.country, first_date=first, last_date=last),
        paid=paid,
        subjects=catalog.frame_subjects(),
        newcomers=find_newcomers(products=products, history=history),
        as_of=as_of,
        horizon_days=horizon_days,
    )
    return ForecastInputs(laid.history, laid.known_future, overrides, products, laid.columns)


def _load_signals(
    *, from_date: dt.date, before_date: dt.date, as_of: dt.date, horizon_days: int, moment: dt.datetime
) -> pl.DataFrame:
    """The shop's own signals as they stood at the moment, those from outside as each window could know them."""
    span = {"from_date": from_date, "before_date": before_date}
    own = signals.frame_signals(**span, known_before=moment, kinds=_OWN_KINDS)
    versions = signals.frame_signal_versions(**span, known_before=moment, kinds=OUTSIDE_KINDS)
    outside = as_known(versions=versions, as_of=as_of, horizon_days=horizon_days, time_zone=settings.REORDER.time_zone)
    return pl.concat([own, outside.select(own.columns)])


def describe_products(*, products: pl.DataFrame) -> pl.DataFrame:
    """What the engine may know of each subject: sku, category, unit_price, like_sku, is_discontinued.

    `products` as `catalog.frame_products` gives them. A category planned as a whole is discontinued when all of it is.
    """
    factor = minor_in_major(table=products)
    is_single = pl.col("subject") == pl.col("sku")
    return (
        products.with_columns(
            (pl.col("price_minor") / factor).alias("unit_price"),
            pl.when(is_single).then(pl.col("like_sku")).alias("like_sku"),
        )
        .group_by("subject", maintain_order=True)
        .agg(
            pl.col("category_code").first().alias("category"),
            pl.col("unit_price").median(),
            pl.col("like_sku").first(),
            (pl.col("state") == "discontinued").all().alias("is_discontinued"),
        )
        .rename({"subject": "sku"})
    )


def keep_known_methods(*, overrides: pl.DataFrame) -> pl.DataFrame:
    """People's choices without methods that this version no longer has; a choice that holds no other is left out."""
    known = pl.col("methods").list.eval(pl.element().filter(pl.element().is_in(list(demand.METHODS))))
    return overrides.with_columns(known.alias("methods")).filter(pl.col("methods").list.len() > 0)


def find_newcomers(*, products: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """Products that never sold and of which somebody said what they are like, wherever that one sells: sku, place."""
    series = history.select("sku", "place").unique()
    fresh = products.filter(pl.col("like_sku").is_not_null(), ~pl.col("is_discontinued")).join(
        series, on="sku", how="anti"
    )
    likes = fresh.select("sku", "like_sku").join(series.rename({"sku": "like_sku"}), on="like_sku")
    return likes.select("sku", "place").unique().sort("sku", "place")
