"""What a customer will put in the next basket: own products by frequency and recency, then the shop's popular ones."""

import datetime as dt

import polars as pl

from reorder.engine import frames
from reorder.engine.reasons import reason_columns
from reorder.engine.recommend.errors import BadDue, BadSize, OrdersAfterDate

_KEYS = ("customer_id", "sku")
_VISIT_DECAY = 0.95
_POPULARITY_HALF_LIFE_DAYS = 14.0
_FILL_SCORE = 1e-3  # no own product scores below a popular one that the customer never had


def next_basket(
    *, order_lines: pl.DataFrame, as_of: dt.date | None = None, size: int = 20, due: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The `size` likeliest products of each customer: customer_id, rank (1..), sku, score, reason and its code.

    A basket is what one customer bought on one UTC day. Own products come first, by the number of baskets that held
    them (each visit since makes a basket count 5 % less), then by the latest basket, then by popularity; popular
    products fill the rest (Li et al. 2021, "A Next Basket Recommendation Reality Check": the personal-frequency
    baseline, here with recency). Popularity is baskets in the shop, one of a fortnight ago counting half. With `due`
    (as `repurchase` gives it) the probability of the shortest horizon ranks own products before frequency does.
    `score` falls with rank: for own products the share of the customer's (weighted) baskets, or the due probability;
    for the others 1e-3 of the share of all baskets. `as_of=None` is the customer's own next visit. A shop with fewer
    products gives shorter lists.
    Raises InvalidFrame, OrdersAfterDate, BadSize, BadDue.
    """
    if size < 1:
        raise BadSize(size=size)
    lines = frames.require(table=order_lines, contract=frames.ORDER_LINES)
    bought = _weigh(lines.select(*_KEYS, day=pl.col("ordered_at").dt.date()).unique())
    _refuse_later(bought=bought, as_of=as_of)
    popular = (
        bought.group_by("sku")
        .agg(popularity=pl.col("popular_weight").sum().round(9), customers_count=pl.col("customer_id").n_unique())
        .sort(["popularity", "sku"], descending=[True, False])
    )
    own = _own(bought=bought, popular=popular, due=due).filter(pl.col("rank") <= size)
    fill = _fill(bought=bought, own=own, popular=popular, size=size)
    return (
        pl.concat([_explain_own(own), _explain_popular(fill)])
        .select("customer_id", "rank", "sku", "score", "reason", "reason_code", "reason_parameters")
        .sort("customer_id", "rank")
    )


def _weigh(bought: pl.DataFrame) -> pl.DataFrame:
    """What each basket weighs among the customer's own and in the shop's popularity: old ones say less.

    Sums of these weights are rounded, so that ties do not depend on the order of addition.
    """
    ago_days = (pl.col("day").max() - pl.col("day")).dt.total_days()
    visits_since = pl.col("day").rank("dense", descending=True).over("customer_id") - 1
    return bought.sort("customer_id", "sku", "day").with_columns(
        own_weight=_VISIT_DECAY**visits_since, popular_weight=0.5 ** (ago_days / _POPULARITY_HALF_LIFE_DAYS)
    )


def _refuse_later(*, bought: pl.DataFrame, as_of: dt.date | None) -> None:
    later = bought.filter(pl.col("day") > as_of) if as_of else bought.clear()
    if later.height:
        raise OrdersAfterDate(lines_count=later.height, as_of=as_of, latest_date=later["day"].max())


def _own(*, bought: pl.DataFrame, popular: pl.DataFrame, due: pl.DataFrame | None) -> pl.DataFrame:
    """Own products with their rank."""
    visits = (
        bought.unique(["customer_id", "day"])
        .group_by("customer_id")
        .agg(visits_count=pl.len(), all_weight=pl.col("own_weight").sum())
    )
    counted = bought.group_by(_KEYS).agg(
        baskets_count=pl.len(), weight=pl.col("own_weight").sum().round(12), last=pl.col("day").max()
    )
    joined = counted.join(visits, on="customer_id").join(popular, on="sku")
    share = pl.col("weight") / pl.col("all_weight")
    if due is None:
        scored = joined.with_columns(score=share)
    else:
        likely = due.select(*_KEYS, likely=pl.col(_shortest_horizon(due=due)))
        scored = joined.join(likely, on=_KEYS, how="left").with_columns(score=pl.col("likely").fill_null(0.0))
    order = ["score", "weight", "last", "popularity"]
    ranked = scored.sort(["customer_id", *order, "sku"], descending=[False, *[True] * len(order), False])
    return ranked.with_columns(
        pl.col("score").clip(lower_bound=_FILL_SCORE), rank=pl.int_range(1, pl.len() + 1).over("customer_id")
    )


def _shortest_horizon(*, due: pl.DataFrame) -> str:
    horizons = {
        int(name.removeprefix("within_").removesuffix("_days")): name
        for name in due.columns
        if name.startswith("within_")
    }
    missing = [name for name in _KEYS if name not in due.columns] + ([] if horizons else ["within_…_days"])
    if missing:
        raise BadDue(missing=", ".join(missing))
    return horizons[min(horizons)]


def _fill(*, bought: pl.DataFrame, own: pl.DataFrame, popular: pl.DataFrame, size: int) -> pl.DataFrame:
    """The most popular products that a customer with places left has not had."""
    everyone = bought.select("customer_id").unique()
    baskets = bought.unique(["customer_id", "day"])["popular_weight"].sum()
    taken = everyone.join(own.group_by("customer_id").agg(taken=pl.len()), on="customer_id", how="left")
    short = taken.with_columns(pl.col("taken").fill_null(0)).filter(pl.col("taken") < size)
    # A customer who lacks places owns fewer than `size` products, so twice `size` candidates always suffice.
    candidates = short.join(popular.head(2 * size).with_row_index("place"), how="cross")
    return (
        candidates.join(own.select(_KEYS), on=_KEYS, how="anti")
        .sort("customer_id", "place")
        .with_columns(
            rank=pl.col("taken").cast(pl.Int64) + pl.int_range(1, pl.len() + 1).over("customer_id"),
            score=_FILL_SCORE * pl.col("popularity") / baskets,
        )
        .filter(pl.col("rank") <= size)
    )


def _explain_own(own: pl.DataFrame) -> pl.DataFrame:
    parameters = {
        "baskets_count": pl.col("baskets_count"),
        "visits_count": pl.col("visits_count"),
        "last_bought": pl.col("last").dt.to_string("%Y-%m-%d"),
    }
    return _answer(own.with_columns(reason_columns(code="recommend.own", parameters=parameters)))


def _explain_popular(fill: pl.DataFrame) -> pl.DataFrame:
    parameters = {"customers_count": pl.col("customers_count")}
    return _answer(fill.with_columns(reason_columns(code="recommend.popular", parameters=parameters)))


def _answer(ranked: pl.DataFrame) -> pl.DataFrame:
    return ranked.select(
        "customer_id", pl.col("rank").cast(pl.Int64), "sku", "score", "reason", "reason_code", "reason_parameters"
    )
