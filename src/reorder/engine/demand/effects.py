"""How much each promotion, event, price or temperature moves demand, as a share with an 80 % interval.

Learned for the whole shop, for categories and for SKUs; what a key has too few happenings for it takes from above.
"""

from statistics import NormalDist

import numpy as np
import polars as pl

from reorder.engine import frames
from reorder.engine.demand.drivers import Driver, driver_values, find_drivers
from reorder.engine.demand.effect_fit import BLOCK_SERIES, Estimates, Level, fit_effects
from reorder.engine.demand.effect_shrinkage import GAP_DAYS, Groups
from reorder.engine.demand.panel import CATEGORY_COLUMN, Counts, Flags, Floats, Panel, build_panel
from reorder.engine.demand.report import EFFECT_SCHEMA

INTERVAL = 0.8
NOTICED = {"price": 0.02, "number": 0.5}  # an x this far from usual counts as a day of the driver
FEWEST_STARTS_SHARE = 0.05
SHORTEST_HISTORY_DAYS = 28
NO_CATEGORY = ""


def estimate_effects(*, history: pl.DataFrame, products: pl.DataFrame | None = None) -> pl.DataFrame:
    """The learned effect of every known-future column of `history`: shop-wide, by category and by SKU.

    Columns: name, value (the event's name; `-10%` for a price a tenth lower; one standard deviation for a number;
    null for a flag), scope (shop, category, sku), key, effect_share (0.38 = +38 %), low_share and high_share (80 %
    interval), occurrences (separate happenings: starts on different days), days. A key without such a day of its own
    has no row. `products` (sku, category) names categories; without it a column `category` of the history does.

    Effects of one day multiply. They are found against the level of the four weeks around, so that trend, season and
    weekday are not taken for effects. Raises InvalidFrame.
    """
    known = [name for name in history.columns if name != "units"] if isinstance(history, pl.DataFrame) else []
    future = history.select(known).clear() if {"sku", "place", "date"} <= {*known} else None
    panel = build_panel(history=history, known_future=future, horizon_days=0)
    if products is not None:
        products = frames.require(table=products, contract=frames.PRODUCTS)
    return effect_frame(panel=panel, estimates=learn_effects(panel=panel, products=products, end=panel.days))


def learn_effects(*, panel: Panel, products: pl.DataFrame | None, end: int) -> Estimates | None:
    """Strengths learned from the days before column `end`; None when nothing is known ahead or history is too short."""
    drivers = find_drivers(panel=panel)
    if not drivers or panel.series_count == 0 or end < SHORTEST_HISTORY_DAYS:
        return None
    return fit_effects(panel=panel, drivers=drivers, groups=groups_of(panel=panel, products=products), end=end)


def groups_of(*, panel: Panel, products: pl.DataFrame | None) -> Groups:
    """SKU and category of every series; a category from `products`, else from the column of that name."""
    said = pl.Series(_categories_of(panel=panel), dtype=pl.String)
    table = panel.keys.select("sku").with_columns(said=said)
    if products is not None:
        table = table.join(products.select("sku", "category"), on="sku", how="left", maintain_order="left")
        table = table.with_columns(said=pl.coalesce("category", "said"))
    # One category a SKU: the first place's, so that a SKU's series share one parent.
    table = table.with_columns(said=pl.col("said").first().over("sku"))
    by_sku = table.unique("sku").sort("sku")
    skus = tuple(by_sku["sku"])
    categories = tuple(by_sku["said"].unique().sort())
    category_of_sku = np.searchsorted(np.array(categories, dtype=str), by_sku["said"].to_numpy().astype(str))
    sku_of = np.searchsorted(np.array(skus, dtype=str), table["sku"].to_numpy().astype(str))
    return Groups(
        skus=skus,
        categories=categories,
        sku_of=sku_of.astype(np.int64),
        category_of=category_of_sku[sku_of].astype(np.int64),
        category_of_sku=category_of_sku.astype(np.int64),
    )


def _categories_of(*, panel: Panel) -> list[str]:
    """The last category each series was given; empty without one."""
    regressors = panel.regressors
    if CATEGORY_COLUMN not in regressors.names:
        return [NO_CATEGORY] * panel.series_count
    column = regressors.names.index(CATEGORY_COLUMN)
    values = regressors.values[column]
    labels = ["", *regressors.labels[column]]
    if not regressors.categorical[column]:
        last = np.nan_to_num(values[:, -1], nan=-1.0)
        return [f"{value:g}" for value in last]
    codes = np.nan_to_num(values[:, -1]).astype(np.int64)
    return [labels[code] for code in codes]


def effect_frame(*, panel: Panel, estimates: Estimates | None) -> pl.DataFrame:
    """The table a person reads, most evident first within the shop: shop, then categories, then SKUs by name."""
    if estimates is None:
        return pl.DataFrame(schema=EFFECT_SCHEMA)
    groups = estimates.groups
    parts = []
    for position, driver in enumerate(estimates.drivers):
        counts = count_happenings(panel=panel, driver=driver, groups=groups, end=estimates.end)
        scopes = (
            ("shop", ("",), estimates.shop, counts[0]),
            ("category", groups.categories, estimates.category, counts[1]),
            ("sku", groups.skus, estimates.sku, counts[2]),
        )
        for scope, keys, level, (occurrences, days) in scopes:
            table = _rows(driver=driver, position=position, keys=keys, level=level)
            table = table.with_columns(scope=pl.lit(scope), occurrences=pl.Series(occurrences), days=pl.Series(days))
            if scope != "shop":
                table = table.filter((pl.col("days") > 0) & (pl.col("key") != NO_CATEGORY))
            parts.append(table.select(*EFFECT_SCHEMA))
    return pl.concat(parts) if parts else pl.DataFrame(schema=EFFECT_SCHEMA)


def _rows(*, driver: Driver, position: int, keys: tuple[str, ...], level: Level) -> pl.DataFrame:
    mean, deviation = level.strength[position], level.deviation[position]
    width = NormalDist().inv_cdf((1 + INTERVAL) / 2) * deviation
    ends = np.sort(np.stack([(mean - width) * driver.told_at, (mean + width) * driver.told_at]), axis=0)
    return pl.DataFrame(
        {
            "name": [driver.name] * len(keys),
            "value": pl.Series([driver.value] * len(keys), dtype=pl.String),
            "key": pl.Series(keys, dtype=pl.String),
            "effect_share": np.expm1(mean * driver.told_at),
            "low_share": np.expm1(ends[0]),
            "high_share": np.expm1(ends[1]),
        }
    )


def count_happenings(
    *, panel: Panel, driver: Driver, groups: Groups, end: int
) -> tuple[tuple[Counts, Counts], tuple[Counts, Counts], tuple[Counts, Counts]]:
    """Separate happenings and days of the shop, of categories and of SKUs (the place with most) before `end`.

    Happenings of a group are days on which it started for at least a twentieth as many series as on the day with most:
    a product launched in the middle of a festival does not make a second one.
    """
    categories = len(groups.categories)
    started, there = np.zeros((categories, end)), np.zeros((categories, end), dtype=np.bool_)
    own_starts, own_days = np.zeros(panel.series_count, dtype=np.int64), np.zeros(panel.series_count, dtype=np.int64)
    for first in range(0, panel.series_count, BLOCK_SERIES):
        rows = slice(first, min(first + BLOCK_SERIES, panel.series_count))
        on = _on(panel=panel, driver=driver, rows=rows, end=end)
        starts = on.copy()
        for back in range(1, min(GAP_DAYS + 2, end)):
            starts[:, back:] &= ~on[:, :-back]
        own_starts[rows], own_days[rows] = starts.sum(axis=1), (on & panel.known[rows, :end]).sum(axis=1)
        for category in np.unique(groups.category_of[rows]):
            mine = groups.category_of[rows] == category
            started[category] += starts[mine].sum(axis=0)
            there[category] |= on[mine].any(axis=0)
    shop = _starts(started.sum(axis=0)[None]), there.any(axis=0).sum(keepdims=True).astype(np.int64)
    sku_starts, sku_days = np.zeros(len(groups.skus), dtype=np.int64), np.zeros(len(groups.skus), dtype=np.int64)
    np.maximum.at(sku_starts, groups.sku_of, own_starts)
    np.maximum.at(sku_days, groups.sku_of, own_days)
    return shop, (_starts(started), there.sum(axis=1).astype(np.int64)), (sku_starts, sku_days)


def _on(*, panel: Panel, driver: Driver, rows: slice, end: int) -> Flags:
    """Where a driver is on for series that exist by then."""
    days = driver.days[driver.days < end]
    x = driver_values(panel=panel, driver=driver, rows=rows, days=days, end=end)
    if driver.kind == "price" and x.size:
        x = x - np.median(x, axis=1, keepdims=True)  # the price of most days is the usual one
    out = np.zeros((x.shape[0], end), dtype=np.bool_)
    out[:, days] = np.abs(x) > NOTICED.get(driver.kind, 0.0)
    alive: Flags = np.arange(end)[None, :] >= (panel.days - panel.age_days[rows])[:, None]
    return out & alive


def _starts(started: Floats) -> Counts:
    enough = started >= np.maximum(1, FEWEST_STARTS_SHARE * started.max(axis=1, initial=0.0)[:, None])
    return np.asarray(enough.sum(axis=1), dtype=np.int64)
