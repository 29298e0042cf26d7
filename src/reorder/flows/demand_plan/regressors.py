"""What was known ahead, laid beside the history: promotions, events, holidays, prices, weather, closed days. Pure.

Nothing that became known after the origin gets in. What nobody here decides (weather, a competitor's price) counts on a
past day only as it was known before the backtest window that the day falls into, never as it turned out.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

SERIES: Final = ["sku", "place"]
KEY: Final = [*SERIES, "date"]
# A named promotion has an effect of its own once it has happened so often; until then it counts as any promotion.
FEWEST_HAPPENINGS: Final = 2
_MOST_MEASURES: Final = 5
# Weather says something of every day. Above this many rows only days with a sale get it.
MOST_DENSE_ROWS: Final = 5_000_000
_RANK: Final = {"all": 0, "category": 2, "product": 4}


@dataclass(frozen=True, slots=True)
class Regressed:
    """`history` with its known-future columns, and the same columns for the horizon (None when there are none)."""

    history: pl.DataFrame
    known_future: pl.DataFrame | None
    columns: tuple[str, ...]


def as_known(*, versions: pl.DataFrame, as_of: dt.date, horizon_days: int, time_zone: str) -> pl.DataFrame:
    """The version of each outside signal that counts, out of all `versions` known at the origin `as_of`.

    The days before `as_of` are cut into windows of `horizon_days`, as a backtest cuts them; a day takes the latest
    version known before its window began. Days of the horizon take the latest version.
    """
    if versions.is_empty():
        return versions
    back = ((pl.lit(as_of) - pl.col("date")).dt.total_days() + horizon_days - 1) // horizon_days
    starts = pl.col("date").is_not_null() & (pl.col("date") < as_of)
    origin_date = pl.when(starts).then(pl.lit(as_of) - pl.duration(days=back * horizon_days)).otherwise(pl.lit(as_of))
    origin = origin_date.cast(pl.Datetime("us")).dt.replace_time_zone(
        time_zone, non_existent="null", ambiguous="earliest"
    )
    known = versions.with_columns(origin.dt.convert_time_zone("UTC").alias("origin")).filter(
        (pl.col("date") >= as_of) | (pl.col("known_at") < pl.col("origin"))
    )
    key = ["kind", "date", "scope", "key", "place_code", "name"]
    return known.sort("known_at").group_by(key, maintain_order=True).last().select(versions.columns)


def lay_regressors(
    *,
    history: pl.DataFrame,
    signals: pl.DataFrame,
    holidays: Mapping[dt.date, str],
    paid: pl.DataFrame,
    subjects: pl.DataFrame,
    newcomers: pl.DataFrame,
    as_of: dt.date,
    horizon_days: int,
) -> Regressed:
    """Put the known-future columns beside the history and the horizon.

    Args:
        history: sku, place, date, units and in_stock, ending the day before `as_of`.
        signals: kind, name, scope, key, place_code, date, number, text, source; each signal in one version only.
        holidays: the kind of each special day of the shop's country.
        paid: sku, date, price: what products were sold for, a price a week.
        subjects: sku (subject), category_code.
        newcomers: sku, place of products to forecast that never sold.
        as_of: the first day to forecast.
        horizon_days: how many days.

    The most specific signal of a day counts: a product's over its category's over everybody's, a place's over all
    places'. Of promotions that overlap, the deepest discount and the lowest price count, and every name; events that
    overlap all count. A price lasts until the next one is told; a promotion's only for its days. What is told of no day
    of the past teaches nothing and is left out, closed days excepted.
    """
    spans = history.group_by(SERIES).agg(pl.col("date").min().alias("first_date"))
    new = newcomers.select(SERIES).join(spans, on=SERIES, how="anti").with_columns(pl.lit(as_of).alias("first_date"))
    series = pl.concat([spans, new]).join(subjects.unique("sku"), on="sku", how="left")
    series = series.with_columns(pl.col("category_code").fill_null(""))
    last = as_of + dt.timedelta(days=horizon_days)
    told = _spread(signals=signals.filter(pl.col("date") < last), series=series)
    calendar = _calendar(holidays=holidays, first=history["date"].min(), last=last)
    parts = [*_flags(told=told, as_of=as_of), *_words(told=told, signals=signals, as_of=as_of), _open(told=told)]
    parts += [_holidays(calendar=calendar, as_of=as_of), _competitors(told=told, as_of=as_of)]
    parts += _weather(told=told, as_of=as_of)
    present = [part for part in parts if part is not None]
    prices = _Prices.of(told=told, paid=paid)
    rows = _rows(history=history, parts=present, prices=prices, series=series, as_of=as_of)
    ahead = series.select(SERIES).join(_days(first=as_of, last=last), how="cross")
    names = [part.name for part in present] + (["price"] if prices else [])
    if not names:
        return Regressed(rows, ahead if new.height else None, ())
    for part in present:
        rows, ahead = part.onto(rows, as_of=as_of), part.onto(ahead, as_of=as_of)
    if prices:
        rows, ahead = prices.onto(rows), prices.onto(ahead)
    return Regressed(rows.sort(KEY), ahead.select(*KEY, *names).sort(KEY), tuple(names))


@dataclass(frozen=True, slots=True)
class _Part:
    """One column: `values` has the key columns it hangs on (date and, unless shop-wide, sku and place) and itself.

    `empty` is what other days hold; `is_dense` wants a row for every day that it tells of.
    """

    name: str
    values: pl.DataFrame
    empty: object
    is_dense: bool = False

    def onto(self, rows: pl.DataFrame, *, as_of: dt.date) -> pl.DataFrame:
        """The rows with this column."""
        on = [name for name in KEY if name in self.values.columns]
        joined = rows.join(self.values, on=on, how="left")
        if self.empty is None:
            return joined
        if self.empty == "mean":
            return joined.with_columns(pl.col(self.name).fill_null(pl.lit(self.values[self.name].mean())))
        return joined.with_columns(pl.col(self.name).fill_null(pl.lit(self.empty)))


def _days(*, first: dt.date, last: dt.date) -> pl.DataFrame:
    return pl.DataFrame({"date": pl.date_range(first, last, closed="left", eager=True)})


def _spread(*, signals: pl.DataFrame, series: pl.DataFrame) -> pl.DataFrame:
    """Signals by the series they are about, with `rank`: the higher, the more specific."""
    where = series.select(*SERIES, "first_date", "category_code")
    of = {scope: signals.filter(pl.col("scope") == scope) for scope in _RANK}
    found = pl.concat(
        [
            of["all"].join(where, how="cross").drop("category_code"),
            of["category"].join(where, left_on="key", right_on="category_code"),
            of["product"]
            .join(where.drop("category_code"), left_on="key", right_on="sku")
            .with_columns(pl.col("key").alias("sku")),
        ],
        how="diagonal",
    )
    here = found.filter(
        pl.col("place_code").is_in(["*", ""]) | (pl.col("place_code") == pl.col("place")),
        pl.col("date") >= pl.col("first_date"),
    )
    rank = pl.col("scope").replace_strict(_RANK, return_dtype=pl.Int64) + (pl.col("place_code") == pl.col("place"))
    return here.with_columns(rank.alias("rank"))


def _taught(*, values: pl.DataFrame, as_of: dt.date) -> bool:
    return values.height > 0 and bool((values["date"] < as_of).any())


def _flags(*, told: pl.DataFrame, as_of: dt.date) -> list[_Part | None]:
    promoted = told.filter(pl.col("kind") == "promotion")
    if not _taught(values=promoted, as_of=as_of):
        return []
    by_day = promoted.group_by(KEY).agg(
        pl.lit(1, pl.Int64).alias("on_promotion"),
        (pl.col("number").max().fill_null(0.0) * 100).round(0).cast(pl.Int64).alias("discount_percent"),
    )
    parts: list[_Part | None] = [_Part("on_promotion", by_day.select(*KEY, "on_promotion"), 0)]
    past = by_day.filter(pl.col("date") < as_of)
    if past.filter(pl.col("discount_percent") > 0)["discount_percent"].n_unique() > 1:
        parts.append(_Part("discount_percent", by_day.select(*KEY, "discount_percent"), 0))
    return parts


def _words(*, told: pl.DataFrame, signals: pl.DataFrame, as_of: dt.date) -> list[_Part | None]:
    """Names of events and of promotions that came back; several on one day are kept as a list."""
    again = _named_again(promoted=told.filter(pl.col("kind") == "promotion", pl.col("name") != ""), as_of=as_of)
    wanted = {
        "event": pl.col("kind") == "event",
        "promotion": (pl.col("kind") == "promotion") & pl.col("name").is_in(again),
        "special_day": pl.col("kind") == "holiday",
    }
    parts: list[_Part | None] = []
    for column, condition in wanted.items():
        words = told.filter(condition, pl.col("name") != "")
        if not _taught(values=words, as_of=as_of):
            continue
        # What holds for the whole shop hangs on the date alone and needs no row of its own in any series.
        shop_wide = not ((words["scope"] != "all") | (words["place_code"] != "*")).any()
        key = ["date"] if shop_wide else KEY
        source = signals.filter(condition, pl.col("name") != "") if shop_wide else words
        parts.append(_Part(column, source.group_by(key).agg(pl.col("name").unique().sort().alias(column)), None))
    return parts


def _named_again(*, promoted: pl.DataFrame, as_of: dt.date) -> list[str]:
    days = promoted.filter(pl.col("date") < as_of).select("name", "date").unique().sort("name", "date")
    begins = (pl.col("date").diff().over("name").dt.total_days().fill_null(99) > 7).sum()
    return days.group_by("name").agg(begins.alias("n")).filter(pl.col("n") >= FEWEST_HAPPENINGS)["name"].to_list()


def _open(*, told: pl.DataFrame) -> _Part | None:
    """Closed days; the most specific word on a day counts, and closed over open among equals."""
    doors = told.filter(pl.col("kind") == "open")
    if not (doors["number"] == 0).any():
        return None
    by_day = doors.sort("rank", "number", descending=[True, False]).group_by(KEY, maintain_order=True).first()
    return _Part("is_open", by_day.select(*KEY, (pl.col("number") > 0).alias("is_open")), empty=True)


def _calendar(*, holidays: Mapping[dt.date, str], first: object, last: dt.date) -> pl.DataFrame:
    days = {day: kind for day, kind in holidays.items() if isinstance(first, dt.date) and first <= day < last}
    return pl.DataFrame(
        {"date": list(days), "holiday": list(days.values())}, schema={"date": pl.Date, "holiday": pl.String}
    )


def _holidays(*, calendar: pl.DataFrame, as_of: dt.date) -> _Part | None:
    return _Part("holiday", calendar, None) if _taught(values=calendar, as_of=as_of) else None


def _competitors(*, told: pl.DataFrame, as_of: dt.date) -> _Part | None:
    """The lowest competitor's price of the day; in the horizon it lasts."""
    priced = (
        told.filter(pl.col("kind") == "competitor_price")
        .group_by(KEY)
        .agg(pl.col("number").min().alias("competitor_price"))
    )
    return _Part("competitor_price", priced, None) if _taught(values=priced, as_of=as_of) else None


def _weather(*, told: pl.DataFrame, as_of: dt.date) -> list[_Part | None]:
    """A column for each measure; days of which nothing was known in time hold its mean, which moves nothing."""
    numbers = told.filter(pl.col("kind") == "weather", pl.col("number").is_not_null())
    often = numbers.filter(pl.col("date") < as_of)["name"].value_counts(sort=True)["name"].to_list()
    parts: list[_Part | None] = []
    for name in often[:_MOST_MEASURES]:
        mine = numbers.filter(pl.col("name") == name).sort("rank", descending=True)
        by_day = mine.group_by(KEY, maintain_order=True).agg(pl.col("number").first().alias(f"weather {name}"))
        parts.append(_Part(f"weather {name}", by_day, "mean", is_dense=True))
    return parts


@dataclass(frozen=True, slots=True)
class _Prices:
    """`lasting` (sku, place?, date, price) goes on until the next; `fleeting` (sku, place, date) holds for its day."""

    lasting: pl.DataFrame
    fleeting: pl.DataFrame
    skus: list[str]

    @staticmethod
    def of(*, told: pl.DataFrame, paid: pl.DataFrame) -> "_Prices | None":
        """Prices of the products of which anybody told one; what others cost is known only when they sell."""
        priced = told.filter(pl.col("kind") == "price")
        if priced.is_empty():
            return None
        is_entry = pl.col("source").str.starts_with("calendar:")
        best = priced.sort("rank", "number", descending=[True, False])
        fleeting = best.filter(is_entry).group_by(KEY).agg(pl.col("number").min().alias("fleeting"))
        lasting = best.filter(~is_entry).group_by(KEY, maintain_order=True).agg(pl.col("number").first().alias("price"))
        first = lasting.group_by(SERIES).agg(pl.col("date").min().alias("told_date"))
        series = priced.select(SERIES).unique()
        before = (
            paid.join(series, on="sku")
            .join(first, on=SERIES, how="left")
            .filter(pl.col("told_date").is_null() | (pl.col("date") < pl.col("told_date")))
        )
        base = pl.concat([before.select(*KEY, "price"), lasting.select(*KEY, "price")]).sort("date")
        return _Prices(base, fleeting, priced["sku"].unique().to_list())

    def changes(self) -> pl.DataFrame:
        """The days on which a row is needed: changes of price, promoted days and the day after each."""
        after = self.fleeting.with_columns(pl.col("date").dt.offset_by("1d"))
        return pl.concat([self.lasting.select(KEY), self.fleeting.select(KEY), after.select(KEY)]).unique()

    def onto(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with `price`, null where nobody told one."""
        priced = rows.sort("date").join_asof(self.lasting, on="date", by=SERIES, strategy="backward")
        joined = priced.join(self.fleeting, on=KEY, how="left")
        return joined.with_columns(pl.coalesce("fleeting", "price").alias("price")).drop("fleeting")


def _rows(
    *,
    history: pl.DataFrame,
    parts: list[_Part],
    prices: _Prices | None,
    series: pl.DataFrame,
    as_of: dt.date,
) -> pl.DataFrame:
    """The history with a row of no units on every day of a series on which something is told of it alone.

    What is told of a day for the whole shop needs no row: the rows of other products of that day say it.
    """
    wanted = [part.values.select(KEY) for part in parts if "sku" in part.values.columns and not part.is_dense]
    wanted += [prices.changes()] if prices else []
    dense = [part.values.select(KEY) for part in parts if part.is_dense]
    if dense and sum(table.height for table in dense) <= MOST_DENSE_ROWS:
        wanted += dense
    if not wanted:
        return history
    extra = (
        pl.concat(wanted)
        .unique()
        .join(series.select(*SERIES, "first_date"), on=SERIES)
        .filter(pl.col("date") >= pl.col("first_date"), pl.col("date") < as_of)
        .join(history, on=KEY, how="anti")
        .select(*KEY, pl.lit(0.0).alias("units"))
    )
    return pl.concat([history, extra], how="diagonal")
