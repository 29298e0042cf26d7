"""Stock walked day by day through demand that really came, ordered by the same rules as at night.

A day: goods that are due arrive, the night's targets decide what to order, then customers buy. What is not there when
they come is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reorder.engine import frames, stocking

_KEY = ["sku", "place"]
# How long a supplier takes of whom no receipt is known and no time agreed.
_USUAL_LEAD_DAYS = 7
_ORDER_SCHEMA = {
    "sku": pl.String,
    "place": pl.String,
    "supplier": pl.String,
    "order_date": pl.Date,
    "arrival_date": pl.Date,
    "units": pl.Float64,
    "order_value": pl.Float64,
}
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShelfRun:
    """What stock did.

    `series`: sku, place, wanted_units, sold_units, lost_units, stockout_days (days on which something was lost),
    mean_on_hand_units, orders_count, ordered_units, one row a series of the targets. `days`: date, wanted_units,
    sold_units, on_hand_units (at the end of the day), on_hand_value, ordered_units, orders_count. `orders`: sku, place,
    supplier, order_date, arrival_date, units, order_value.
    """

    series: pl.DataFrame
    days: pl.DataFrame
    orders: pl.DataFrame


@dataclass
class _Shelves:
    """Stock and goods on their way; `coming` is (series, days ahead)."""

    on_hand: Floats
    coming: Floats

    def receive(self) -> None:
        self.on_hand += self.coming[:, 0]
        self.coming = np.concatenate([self.coming[:, 1:], np.zeros((len(self.on_hand), 1))], axis=1)

    def order(self, *, rows: NDArray[np.int64], units: Floats, lead_days: NDArray[np.int64]) -> None:
        """Goods with a lead time of zero are there at once, of n days on the n-th morning from now."""
        at_once = lead_days == 0
        np.add.at(self.on_hand, rows[at_once], units[at_once])
        np.add.at(self.coming, (rows[~at_once], lead_days[~at_once] - 1), units[~at_once])

    def sell(self, *, wanted: Floats) -> Floats:
        sold: Floats = np.minimum(self.on_hand, wanted)
        self.on_hand -= sold
        return sold


@dataclass
class _Tally:
    wanted: list[Floats] = field(default_factory=list)
    sold: list[Floats] = field(default_factory=list)
    left: list[Floats] = field(default_factory=list)
    orders: list[pl.DataFrame] = field(default_factory=list)


def walk_shelves(
    *,
    demand: pl.DataFrame,
    targets: Mapping[date, pl.DataFrame],
    constraints: pl.DataFrame,
    lead_times: pl.DataFrame,
    until: date,
    generator: np.random.Generator,
) -> ShelfRun:
    """Walk every SKU and place of the first targets from that day to `until`, the last day included.

    Args:
        demand: sku, place, date, units that customers wanted; days without a row wanted nothing.
        targets: by the day from which they hold, as `stocking.set_targets` gives them; at least one day. A series
            that later targets do not name keeps its earlier ones.
        constraints: the engine's CONSTRAINTS.
        lead_times: the engine's LEAD_TIMES; each order draws its lead time from its supplier's receipts, or takes the
            mean of its target where the supplier has none.
        until: last day.
        generator: the dice of lead times.

    Stock begins at the order-up-to level. Raises InvalidFrame, ValueError without targets or days.
    """
    if not targets or until < min(targets):
        raise ValueError("shelves need targets that begin before the last day")
    first = min(targets)
    held = _holding(targets=targets)
    keys = held[first].select(_KEY)
    wanted = _matrix(demand=demand, keys=keys, first=first, days=(until - first).days + 1)
    draws = _LeadDraws(keys=keys, targets=held[first], lead_times=lead_times, generator=generator)
    shelves = _Shelves(
        on_hand=np.ceil(held[first]["order_up_to_units"].to_numpy().astype(np.float64)),
        coming=np.zeros((keys.height, draws.longest_days + 1)),
    )
    tally, current = _Tally(), held[first]
    for step in range(wanted.shape[1]):
        day = first + timedelta(days=step)
        current = held.get(day, current)
        shelves.receive()
        tally.orders.append(
            _order(shelves=shelves, keys=keys, targets=current, constraints=constraints, day=day, draws=draws)
        )
        tally.wanted.append(wanted[:, step])
        tally.sold.append(shelves.sell(wanted=wanted[:, step]))
        tally.left.append(shelves.on_hand.copy())
    return _run(tally=tally, keys=keys, first=first, constraints=constraints)


def _holding(*, targets: Mapping[date, pl.DataFrame]) -> dict[date, pl.DataFrame]:
    """Targets by day in one order of rows; a series without new targets keeps those that it had."""
    columns = [*_KEY, "reorder_point_units", "order_up_to_units", "daily_units", "expected_units", "lead_days"]
    held: dict[date, pl.DataFrame] = {}
    before: pl.DataFrame | None = None
    for day in sorted(targets):
        given = targets[day].select(columns)
        if before is not None:
            mine = before.join(given, on=_KEY, how="left", suffix="_new", maintain_order="left")
            given = mine.select(*_KEY, *(pl.coalesce(f"{name}_new", name).alias(name) for name in columns[2:]))
        held[day] = before = given
    return held


def _matrix(*, demand: pl.DataFrame, keys: pl.DataFrame, first: date, days: int) -> Floats:
    numbered = keys.with_row_index("row")
    mine = demand.join(numbered, on=_KEY).with_columns(step=(pl.col("date") - pl.lit(first)).dt.total_days())
    mine = mine.filter(pl.col("step").is_between(0, days - 1))
    out = np.zeros((keys.height, days))
    np.add.at(out, (mine["row"].to_numpy().astype(np.int64), mine["step"].to_numpy()), mine["units"].to_numpy())
    return out


class _LeadDraws:
    """Lead times drawn from each supplier's receipts."""

    def __init__(
        self, *, keys: pl.DataFrame, targets: pl.DataFrame, lead_times: pl.DataFrame, generator: np.random.Generator
    ) -> None:
        receipts = frames.require(table=lead_times, contract=frames.LEAD_TIMES)
        self._by_supplier = {
            str(name[0]): part["lead_days"].to_numpy().astype(np.int64) for name, part in receipts.group_by("supplier")
        }
        agreed = targets["lead_days"].fill_null(_USUAL_LEAD_DAYS).fill_nan(_USUAL_LEAD_DAYS)
        self._agreed = np.rint(agreed.to_numpy()).astype(np.int64)
        self._generator = generator
        longest = [int(days.max()) for days in self._by_supplier.values()]
        self.longest_days = max([*longest, int(self._agreed.max()) if keys.height else 0, 1])

    def draw(self, *, rows: NDArray[np.int64], suppliers: list[str]) -> NDArray[np.int64]:
        days = [
            self._generator.choice(self._by_supplier[name]) if name in self._by_supplier else self._agreed[row]
            for row, name in zip(rows, suppliers, strict=True)
        ]
        return np.asarray(days, dtype=np.int64)


def _order(
    *,
    shelves: _Shelves,
    keys: pl.DataFrame,
    targets: pl.DataFrame,
    constraints: pl.DataFrame,
    day: date,
    draws: _LeadDraws,
) -> pl.DataFrame:
    """Orders whose day has come; those for a later order day of the supplier are proposed again then."""
    nothing = pl.lit(0.0)
    position = keys.with_columns(
        on_hand=pl.Series(shelves.on_hand, dtype=pl.Float64),
        incoming=pl.Series(shelves.coming.sum(axis=1), dtype=pl.Float64),
        allocated=nothing,
        held=nothing,
        backordered=nothing,
    )
    plan = stocking.plan_restock(position=position, targets=targets, constraints=constraints, as_of=day)
    lines = plan.lines.filter(pl.col("order_by_date") == day)
    if lines.is_empty():
        return pl.DataFrame(schema=_ORDER_SCHEMA)
    numbered = lines.join(keys.with_row_index("row"), on=_KEY, how="left", maintain_order="left")
    rows = numbered["row"].to_numpy().astype(np.int64)
    lead_days = draws.draw(rows=rows, suppliers=numbered["supplier"].to_list())
    shelves.order(rows=rows, units=numbered["units"].to_numpy().astype(np.float64), lead_days=lead_days)
    arrival = pl.lit(day) + pl.duration(days=pl.col("drawn_days"))
    return (
        numbered.with_columns(pl.Series("drawn_days", lead_days))
        .select(
            *_KEY,
            "supplier",
            pl.lit(day).alias("order_date"),
            arrival.alias("arrival_date"),
            "units",
            "order_value",
        )
        .cast(dict(_ORDER_SCHEMA.items()))
    )


def _run(*, tally: _Tally, keys: pl.DataFrame, first: date, constraints: pl.DataFrame) -> ShelfRun:
    wanted, sold, left = (np.stack(part, axis=1) for part in (tally.wanted, tally.sold, tally.left))
    orders = pl.concat([pl.DataFrame(schema=_ORDER_SCHEMA), *tally.orders])
    bought = orders.group_by(_KEY).agg(orders_count=pl.len().cast(pl.Int64), ordered_units=pl.col("units").sum())
    series = (
        keys.with_columns(
            wanted_units=pl.Series(wanted.sum(axis=1)),
            sold_units=pl.Series(sold.sum(axis=1)),
            lost_units=pl.Series((wanted - sold).sum(axis=1)),
            stockout_days=pl.Series((wanted > sold).sum(axis=1), dtype=pl.Int64),
            mean_on_hand_units=pl.Series(left.mean(axis=1)),
        )
        .join(bought, on=_KEY, how="left", maintain_order="left")
        .with_columns(pl.col("orders_count", "ordered_units").fill_null(0))
    )
    cheapest = constraints.group_by(_KEY).agg(pl.col("unit_cost").min())
    cost = keys.join(cheapest, on=_KEY, how="left", maintain_order="left")["unit_cost"].fill_null(0.0).to_numpy()
    dates = [first + timedelta(days=step) for step in range(wanted.shape[1])]
    placed = orders.group_by(pl.col("order_date").alias("date")).agg(
        ordered_units=pl.col("units").sum(), orders_count=pl.len().cast(pl.Int64)
    )
    days = (
        pl.DataFrame(
            {
                "date": dates,
                "wanted_units": wanted.sum(axis=0),
                "sold_units": sold.sum(axis=0),
                "on_hand_units": left.sum(axis=0),
                "on_hand_value": cost @ left,
            },
            schema_overrides={"date": pl.Date},
        )
        .join(placed, on="date", how="left", maintain_order="left")
        .with_columns(pl.col("ordered_units", "orders_count").fill_null(0))
    )
    return ShelfRun(series=series, days=days, orders=orders)
