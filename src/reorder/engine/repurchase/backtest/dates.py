"""Whether next orders came when they were said to come: bands and dates within the days that could be watched."""

import datetime as dt

import numpy as np
import polars as pl

from reorder.engine.repurchase.purchases import Codes, Numbers

_HALF, _WIDE = (0.25, 0.75), (0.10, 0.90)


def judge_dates(*, bought: pl.DataFrame, curves: Numbers, cut: dt.date) -> pl.DataFrame:
    """`bought` with, a row: inside the bands or not, what a right model would give, and the date's error in days.

    `curves[row, d]` is the predicted probability of a purchase within d days, d = 0 … horizon. Bands and date are
    those of the next order *given that it comes within the horizon*: the same quantiles as on screen, where the
    look-ahead is longer, so that an order can be judged without waiting for the end of that look-ahead. Bands hold
    whole days, both ends included; the `…_expected` columns say how much a right model would find inside, which is a
    little more than 50 % and 80 %. The `shown_` columns judge the very dates on screen: of the orders that came within
    the horizon, so many lay in the shown band, where so many were expected to.
    """
    wait = bought["wait_days"].to_numpy().astype(np.int64)
    inner = _day_at(curves=curves, share=_HALF[0]), _day_at(curves=curves, share=_HALF[1])
    outer = _day_at(curves=curves, share=_WIDE[0]), _day_at(curves=curves, share=_WIDE[1])
    middle = _day_at(curves=curves, share=0.5)
    half = _shown(bought, "due_p25_date", cut), _shown(bought, "due_p75_date", cut)
    wide = _shown(bought, "due_p10_date", cut), _shown(bought, "due_p90_date", cut)
    return bought.with_columns(
        pl.Series("in_half", _inside(wait, inner)),
        pl.Series("half_expected", _mass(curves, inner)),
        pl.Series("in_wide", _inside(wait, outer)),
        pl.Series("wide_expected", _mass(curves, outer)),
        pl.Series("in_shown_half", _inside(wait, half)),
        pl.Series("shown_half_expected", _mass(curves, half)),
        pl.Series("in_shown_wide", _inside(wait, wide)),
        pl.Series("shown_wide_expected", _mass(curves, wide)),
        pl.Series("error_days", np.abs(middle - wait)),
    )


def _day_at(*, curves: Numbers, share: float) -> Codes:
    """The day (0 = the cut) on which the curve reaches `share` of what it reaches within the horizon."""
    wanted = share * curves[:, -1:]
    passed = (curves[:, 1:] < wanted).sum(axis=1)
    return np.asarray(np.minimum(passed, curves.shape[1] - 2), dtype=np.int64)


def _shown(bought: pl.DataFrame, name: str, cut: dt.date) -> Codes:
    days = bought.select((pl.col(name) - cut).dt.total_days()).to_series()
    return np.asarray(days.to_numpy(), dtype=np.int64)


def _inside(wait: Codes, band: tuple[Codes, Codes]) -> Numbers:
    return np.asarray((band[0] <= wait) & (wait <= band[1]), dtype=np.float64)


def _mass(curves: Numbers, band: tuple[Codes, Codes]) -> Numbers:
    """The probability that the band holds, given a purchase within the horizon."""
    last = curves.shape[1] - 1
    rows = np.arange(curves.shape[0])
    upto = curves[rows, np.clip(band[1] + 1, 0, last)]
    before = curves[rows, np.clip(band[0], 0, last)]
    return np.asarray((upto - before) / np.maximum(curves[:, -1], 1e-12))
