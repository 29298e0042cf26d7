"""Reading cells that are dates or moments; moments without an offset are in the shop's time zone."""

from collections.abc import Sequence

import polars as pl

from reorder.connectors.base.contract import ShopDefaults
from reorder.connectors.base.numbers import is_given
from reorder.connectors.base.refusals import Refusals

# Tried in this order; the one that reads the first cell is tried first, so a clean file costs one pass.
_WITH_OFFSET = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f %#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S UTC",
)
_WITHOUT_OFFSET = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
)
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d")
# Month first, as WooCommerce's export plugins write it; ambiguous, so only connectors that know it ask for it.
AMERICAN = ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M")
_MOMENT = pl.Datetime("us", "UTC")


def read_moments(
    *, values: pl.Series, shop: ShopDefaults, column: str, refusals: Refusals, also: Sequence[str] = ()
) -> pl.Series:
    """UTC moments; refuses empty cells, what is no moment, what is before 1990, and what has not come yet."""
    text = values.str.strip_chars()
    moment = _parse(text=text, time_zone=shop.time_zone, also=also)
    given = is_given(values=values)
    refusals.refuse(where=~given, column=column, values=values, code="text.missing")
    refusals.refuse(where=given & moment.is_null(), column=column, values=values, code="moment.not_a_moment")
    refusals.refuse(where=moment.dt.year() < 1990, column=column, values=values, code="moment.out_of_range")
    late = moment > shop.latest_at
    refusals.refuse(where=late, column=column, values=values, code="moment.in_future")
    return moment


def find_moments(*, values: pl.Series, time_zone: str) -> pl.Series:
    """UTC moments, null where a cell holds none; refuses nothing."""
    return _parse(text=values.str.strip_chars(), time_zone=time_zone, also=())


def read_dates(*, values: pl.Series, column: str, refusals: Refusals) -> pl.Series:
    """Dates, null where empty; a moment counts as its date."""
    text = values.str.strip_chars()
    date = pl.Series(values.name, [None] * len(values), dtype=pl.Date)
    for pattern in _DATES:
        date = date.fill_null(text.str.to_date(pattern, strict=False))
    date = date.fill_null(text.str.head(10).str.to_date("%Y-%m-%d", strict=False))
    refusals.refuse(
        where=is_given(values=values) & date.is_null(), column=column, values=values, code="date.not_a_date"
    )
    return date


def _parse(*, text: pl.Series, time_zone: str, also: Sequence[str]) -> pl.Series:
    moment = pl.Series(text.name, [None] * len(text), dtype=_MOMENT)
    for pattern in _ordered(text=text, also=also):
        open_cells = moment.is_null() & (text != "").fill_null(value=False)
        if not open_cells.any():
            break
        moment = moment.fill_null(_try(text=text.set(~open_cells, None), pattern=pattern, time_zone=time_zone))
    return moment


def _ordered(*, text: pl.Series, also: Sequence[str]) -> list[str]:
    patterns = [*_WITHOUT_OFFSET, *_WITH_OFFSET, *_DATES, *also]
    first = text.filter((text != "").fill_null(value=False)).head(1)
    fitting = [p for p in patterns if not _try(text=first, pattern=p, time_zone="UTC").is_null().any()]
    return fitting[:1] + [pattern for pattern in patterns if pattern not in fitting[:1]]


def _try(*, text: pl.Series, pattern: str, time_zone: str) -> pl.Series:
    if "z" in pattern:
        return text.str.to_datetime(pattern, time_unit="us", time_zone="UTC", strict=False)
    if pattern.endswith(" UTC"):
        return text.str.to_datetime(pattern, time_unit="us", strict=False).dt.replace_time_zone("UTC")
    if pattern in _DATES:
        local = text.str.to_date(pattern, strict=False).cast(pl.Datetime("us"))
    else:
        local = text.str.to_datetime(pattern, time_unit="us", strict=False)
    return _from_local(local=local, time_zone=time_zone)


def _from_local(*, local: pl.Series, time_zone: str) -> pl.Series:
    """An hour that the clocks skip in spring counts as the hour after; one that comes twice as the first."""

    def put(moment: pl.Series) -> pl.Series:
        return moment.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")

    placed = put(local)
    if placed.null_count() > local.null_count():
        placed = placed.fill_null(put(local.dt.offset_by("1h")))
    return placed.dt.convert_time_zone("UTC")
