"""What a replay says in the end: forecast error, service, stock and purchases beside what really happened."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from reorder.engine.simulation import ShelfRun
from reorder.flows.replay.figures import add_up, share


@dataclass(frozen=True, slots=True)
class NightLine:
    """One night: error of its forecast and whether its targets held."""

    as_of: dt.date
    series: int
    wape_days: float | None
    wape_total: float | None
    naive_wape_total: float | None
    bias: float | None
    cover: float | None
    is_too_good: bool


@dataclass(frozen=True, slots=True)
class StockLine:
    """What stock would have done by our proposals. Money is in major units; costs of the cheapest offers."""

    series: int
    wanted_units: float
    fill_rate: float | None
    series_days_lost_share: float | None
    mean_on_hand_units: float
    mean_on_hand_value: float
    turns_a_year: float | None
    orders_count: int
    ordered_units: float
    ordered_value: float


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """What was really ordered in the same days, one line a currency."""

    currency: str
    lines_count: int
    units: float
    value: float


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """All nights together and one by one; `stock` is None where no product has a supplier and a place."""

    from_date: dt.date
    until_date: dt.date
    nights: Sequence[NightLine]
    units: float
    wape_days: float | None
    wape_total: float | None
    naive_wape_days: float | None
    naive_wape_total: float | None
    chance_wape_total: float | None
    bias: float | None
    within_90: float | None
    cover: float | None
    promised: float | None
    stock: StockLine | None
    bought: Sequence[BoughtLine]

    @property
    def suspicious_nights(self) -> list[dt.date]:
        """Nights whose forecast was better than chance permits: something leaked."""
        return [night.as_of for night in self.nights if night.is_too_good]


def make_report(
    *,
    nights: Sequence[Mapping[str, Any]],
    run: ShelfRun | None,
    bought: pl.DataFrame,
    from_date: dt.date,
    until_date: dt.date,
) -> ReplayReport:
    """Add up nights and the walk; `bought`: currency, lines_count, units, value."""
    made = [night["forecast"] for night in nights]
    cover = [night["cover"] for night in nights]
    units = add_up(nights=made, name="units")
    series = add_up(nights=cover, name="series")
    return ReplayReport(
        from_date=from_date,
        until_date=until_date,
        nights=[_night(night) for night in nights],
        units=units,
        wape_days=share(add_up(nights=made, name="daily_missed"), units),
        wape_total=share(add_up(nights=made, name="total_missed"), units),
        naive_wape_days=share(add_up(nights=made, name="naive_daily_missed"), units),
        naive_wape_total=share(add_up(nights=made, name="naive_total_missed"), units),
        chance_wape_total=share(add_up(nights=made, name="chance_missed"), units),
        bias=share(add_up(nights=made, name="forecast_units") - units, units),
        within_90=share(add_up(nights=made, name="within_90"), add_up(nights=made, name="days_judged")),
        cover=share(add_up(nights=cover, name="covered"), series),
        promised=share(add_up(nights=cover, name="promised"), series),
        stock=_stock(run) if run else None,
        bought=[BoughtLine(**row) for row in bought.iter_rows(named=True)],
    )


def _night(night: Mapping[str, Any]) -> NightLine:
    made, cover = night["forecast"], night["cover"]
    units = float(made["units"])
    return NightLine(
        as_of=night["as_of"],
        series=int(made["series"]),
        wape_days=share(made["daily_missed"], units),
        wape_total=share(made["total_missed"], units),
        naive_wape_total=share(made["naive_total_missed"], units),
        bias=share(made["forecast_units"] - units, units),
        cover=share(cover["covered"], cover["series"]),
        is_too_good=bool(night["is_too_good"]),
    )


def _stock(run: ShelfRun) -> StockLine:
    wanted, sold = float(run.days["wanted_units"].sum()), float(run.days["sold_units"].sum())
    on_hand = float(run.days["on_hand_units"].sum()) / run.days.height
    return StockLine(
        series=run.series.height,
        wanted_units=wanted,
        fill_rate=share(sold, wanted),
        series_days_lost_share=share(float(run.series["stockout_days"].sum()), run.series.height * run.days.height),
        mean_on_hand_units=on_hand,
        mean_on_hand_value=float(run.days["on_hand_value"].sum()) / run.days.height,
        turns_a_year=share(sold * 365 / run.days.height, on_hand),
        orders_count=run.orders.height,
        ordered_units=float(run.orders["units"].sum()),
        ordered_value=float(run.orders["order_value"].sum()),
    )
