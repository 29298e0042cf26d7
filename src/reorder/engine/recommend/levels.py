"""Earlier moments to learn from: a history as it stood then, and what was bought next; never anything from after it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from reorder.engine.recommend.purchases import day_number, renumber_baskets

_BASKETS_BACK = (1, 2, 3, 4)
_CUTS_BACK = (1, 2, 3)
_WINDOW_DAYS = (14, 60)
_VISIT_GAPS_A_WINDOW = 2.0


@dataclass(frozen=True, slots=True)
class Level:
    """`history` and, of the customers who came again, the next basket: customer, item. `end`: the day of asking."""

    end: int
    history: pl.DataFrame
    wanted: pl.DataFrame


def list_levels(*, purchases: pl.DataFrame, as_of: dt.date | None) -> Iterator[Level]:
    """Levels, the latest first: each leaves out one more basket of everybody or, with a day, ends earlier.

    The first asks "what at the next visit, whenever it comes", the second "what from this day on", as a shop does.
    """
    if as_of is None:
        yield from (_leave_out(purchases=purchases, baskets=count) for count in _BASKETS_BACK)
        return
    span = _window_days(purchases=purchases)
    for number in _CUTS_BACK:
        yield _cut(purchases=purchases, end=day_number(as_of) - span * number, window_days=span)


def _leave_out(*, purchases: pl.DataFrame, baskets: int) -> Level:
    left = pl.col("basket").max().over("customer") + 1 - baskets
    history = purchases.filter(pl.col("basket") < left)
    following = purchases.filter(pl.col("basket") == left)
    wanted = following.join(history.select("customer").unique(), on="customer", how="semi")
    end = history["day"].max() if history.height else 0
    return Level(end=_number(end), history=history, wanted=wanted.select("customer", "item"))


def _cut(*, purchases: pl.DataFrame, end: int, window_days: int) -> Level:
    history = purchases.filter(pl.col("day") <= end)
    following = purchases.filter(pl.col("day").is_between(end + 1, end + window_days))
    first = following.filter(pl.col("day") == pl.col("day").min().over("customer"))
    wanted = first.join(history.select("customer").unique(), on="customer", how="semi")
    return Level(end=end, history=renumber_baskets(history), wanted=wanted.select("customer", "item"))


def _window_days(*, purchases: pl.DataFrame) -> int:
    gaps = (
        purchases.select("customer", "day")
        .unique()
        .sort("customer", "day")
        .select(pl.col("day").diff().over("customer").median())
        .item()
    )
    shortest, longest = _WINDOW_DAYS
    return int(min(max(_VISIT_GAPS_A_WINDOW * (gaps or shortest), shortest), longest))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
