"""What can move demand and is known ahead: every word, flag, price and number of the known-future columns.

A driver gives each series and day one figure x; its effect on demand is exp(strength × x), so that effects multiply.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reorder.engine.demand.panel import CATEGORY_COLUMN, Counts, Flags, Floats, Panel

WORD_BREAK = "\n"  # the panel keeps several words of one day apart by it
PRICE = "price"
LARGEST_PRICE_CHANGE = 1.5  # of the logarithm: a price a fifth or five times the usual is a typing error
LARGEST_NUMBER_CHANGE = 3.0  # in standard deviations
CUT_SHARE = 0.1  # a price's effect is told for a price a tenth lower
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Driver:
    """One cause. `kind`: `event` (a word of a text column), `flag`, `price` or `number`.

    `codes` are the panel's positions of the word; `middle` and `width` standardise a number; `days` are the columns of
    the panel's days on which an event or flag was on anywhere (all days for a price or a number).
    """

    name: str
    value: str | None
    kind: str
    column: int
    codes: tuple[int, ...]
    middle: float
    width: float
    days: Counts

    @property
    def is_switch(self) -> bool:
        """Whether it is either on or off."""
        return self.kind in {"event", "flag"}

    @property
    def told_at(self) -> float:
        """The x whose effect is told: on, a price a tenth lower, one standard deviation more."""
        return float(np.log1p(-CUT_SHARE)) if self.kind == "price" else 1.0


def find_drivers(*, panel: Panel) -> list[Driver]:
    """The drivers of a panel's known-future columns; columns that never change within a series move nothing."""
    found: list[Driver] = []
    regressors = panel.regressors
    for column, name in enumerate(regressors.names):
        if regressors.fixed[column] or name == CATEGORY_COLUMN:
            continue
        if regressors.categorical[column]:
            found += _events(panel=panel, column=column, name=name)
        else:
            found += _numeric(panel=panel, column=column, name=name)
    return found


def driver_values(*, panel: Panel, driver: Driver, rows: slice, days: Counts | slice, end: int) -> Floats:
    """The x of a driver for `rows` of the panel and `days` (its columns), 0 where nothing is known.

    A price is the logarithm of its ratio to the series' own usual price before column `end`.
    """
    values = panel.regressors.values[driver.column, rows]
    if driver.kind == "event":
        return np.asarray(np.isin(values[:, days], driver.codes), dtype=np.float64)
    told = values[:, days].astype(np.float64)
    if driver.kind == "flag":
        return np.asarray(told > 0, dtype=np.float64)
    if driver.kind == "number":
        x = (told - driver.middle) / driver.width
        return np.nan_to_num(np.clip(x, -LARGEST_NUMBER_CHANGE, LARGEST_NUMBER_CHANGE))
    past = _logarithm(values[:, :end].astype(np.float64))
    count = np.isfinite(past).sum(axis=1)
    usual = np.nansum(past, axis=1) / np.maximum(count, 1)
    x = np.clip(_logarithm(told) - usual[:, None], -LARGEST_PRICE_CHANGE, LARGEST_PRICE_CHANGE)
    return np.where(np.isfinite(x) & (count > 0)[:, None], x, 0.0)


def _logarithm(values: Floats) -> Floats:
    return np.log(np.where(values > 0, values, np.nan))


def _events(*, panel: Panel, column: int, name: str) -> list[Driver]:
    labels = panel.regressors.labels[column]
    codes: dict[str, list[int]] = {}
    for position, label in enumerate(labels):
        for word in label.split(WORD_BREAK):
            codes.setdefault(word, []).append(position + 1)
    present = _days_of_codes(panel=panel, column=column, count=len(labels) + 1)
    return [
        Driver(
            name=name,
            value=word,
            kind="event",
            column=column,
            codes=tuple(mine),
            middle=0.0,
            width=1.0,
            days=np.flatnonzero(present[mine].any(axis=0)),
        )
        for word, mine in sorted(codes.items())
    ]


def _days_of_codes(*, panel: Panel, column: int, count: int) -> Flags:
    """(codes, days): whether a code was there for any series."""
    values = panel.regressors.values[column]
    out = np.zeros((count, values.shape[1]), dtype=np.bool_)
    for day in range(values.shape[1]):
        out[np.unique(values[:, day]).astype(np.int64), day] = True
    return out


def _numeric(*, panel: Panel, column: int, name: str) -> list[Driver]:
    values = panel.regressors.values[column]
    finite = np.isfinite(values)
    if not finite.any():
        return []
    if ((values == 0) | (values == 1) | ~finite).all():
        days = np.flatnonzero((values == 1).any(axis=0))
        return [Driver(name, None, "flag", column, (), 0.0, 1.0, days)]
    every = np.arange(values.shape[1])
    if PRICE in name.lower() and (values[finite] >= 0).all():
        return [Driver(name, f"-{CUT_SHARE:.0%}", "price", column, (), 0.0, 1.0, every)]
    past = values[:, : panel.days][finite[:, : panel.days]].astype(np.float64)
    width = float(past.std()) if past.size else 0.0
    if width <= _TINY:
        return []
    return [Driver(name, f"+{width:.3g}", "number", column, (), float(past.mean()), width, every)]


def columns_of(*, drivers: Sequence[Driver]) -> list[str]:
    """The names of the drivers' columns, each once, in order."""
    return list(dict.fromkeys(driver.name for driver in drivers))
