"""Goods that stand too long in one place sent to another that is short, before anything is bought.

A source never falls below its own order-up-to level, and never gives what it has not got free on the shelf.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.explain import explain, plain
from reorder.engine.stocking.restock import TARGETS, with_position

# Excess is not thought to stand longer than this, however slowly it sells.
LONGEST_STANDING_DAYS = 365.0
LANES = frames.Frame(
    "lanes",
    {
        "source": frames.Column(pl.String()),
        "destination": frames.Column(pl.String()),
        "transfer_cost": frames.Column(pl.Float64(), minimum=0.0),
        "unit_cost": frames.Column(pl.Float64(), minimum=0.0),
    },
    key=("source", "destination"),
)
GOODS = frames.Frame(
    "goods",
    {
        "sku": frames.Column(pl.String()),
        "pack_units": frames.Column(pl.Float64(), above=0.0),
        "unit_value": frames.Column(pl.Float64(), minimum=0.0),
        "holding_share_per_day": frames.Column(pl.Float64(), minimum=0.0),
    },
    key=("sku",),
)
_COLUMNS = (
    "sku", "source", "destination", "units", "saving", "cost", "source_after_units", "destination_before_units",
    "destination_after_units", "reason", "reason_code", "reason_parameters",
)  # fmt: skip
_SCHEMA = {
    "sku": pl.String(),
    "source": pl.String(),
    "destination": pl.String(),
    "units": pl.Float64(),
    "saving": pl.Float64(),
    "cost": pl.Float64(),
    "source_after_units": pl.Float64(),
    "source_level_units": pl.Float64(),
    "destination_before_units": pl.Float64(),
    "destination_after_units": pl.Float64(),
    "destination_point_units": pl.Float64(),
}


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """`lines` to move, and the `lanes` that are worth their cost.

    `lines`: sku, source, destination, units, saving (money, before costs), cost (of its units), stock positions after
    and before, and why. `lanes`: source, destination, lines, units, saving, cost (with the lane's own).
    """

    lines: pl.DataFrame
    lanes: pl.DataFrame


@dataclass(slots=True)
class _Stand:
    """One place of a SKU while units are being moved."""

    place: str
    position: float
    spare: float
    point: float
    level: float
    daily: float
    lost: float


def plan_transfers(
    *, position: pl.DataFrame, targets: pl.DataFrame, lanes: pl.DataFrame, goods: pl.DataFrame, as_of: date
) -> TransferPlan:
    """Transfers from places above their order-up-to level to places at or below their reorder point.

    A unit saves the cost of keeping it as long as the source would have (its place in the queue over daily demand, a
    year at most) and, where the destination expects to sell it before a delivery, the margin of that sale; it costs
    the lane's unit cost, and a lane with any transfer its transfer cost once. Units go in whole packs (`goods`: sku,
    pack_units, unit_value, holding_share_per_day), where they save most first; a lane that does not pay for itself is
    left out. `targets` may carry daily_units, expected_units and lost_unit_cost. Raises InvalidFrame.
    Source: the lateral transshipment survey of Paterson, Kiesmüller, Teunter, Glazebrook, EJOR 210 (2011): proactive
    transshipment by marginal value.
    """
    position = frames.require(table=position, contract=frames.POSITION)
    targets = frames.require(table=targets, contract=TARGETS)
    lanes = frames.require(table=lanes, contract=LANES)
    goods = frames.require(table=goods, contract=GOODS)
    costs = {(row["source"], row["destination"]): row for row in lanes.iter_rows(named=True)}
    facts = {row["sku"]: row for row in goods.iter_rows(named=True)}
    rows: list[dict[str, object]] = []
    for sku, stands in _stands(position=position, targets=targets):
        if sku in facts:
            rows += _move(sku=sku, stands=stands, costs=costs, fact=facts[sku])
    drafted = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    worth = _worth(drafted=drafted, lanes=lanes)
    lines = drafted.join(worth.select("source", "destination"), on=["source", "destination"], how="semi")
    return TransferPlan(lines=_told(lines=lines, as_of=as_of), lanes=worth)


def _stands(*, position: pl.DataFrame, targets: pl.DataFrame) -> Iterable[tuple[str, list[_Stand]]]:
    """SKUs that have both a place with something to spare and one that is short."""
    free = (pl.col("on_hand") - pl.col("allocated") - pl.col("held") - pl.col("backordered")).clip(lower_bound=0)
    optional = {name: pl.lit(0.0) for name in ("daily_units", "lost_unit_cost") if name not in targets.columns}
    joined = (
        position.with_columns(free=free)
        .join(with_position(position=position), on=["sku", "place"])
        .join(targets.with_columns(**optional), on=["sku", "place"])
        .with_columns(pl.col("daily_units", "lost_unit_cost").fill_null(0.0))
        .with_columns(spare=pl.min_horizontal("free", pl.col("position_units") - pl.col("order_up_to_units")))
        .with_columns(
            gives=pl.col("spare") > 0,
            lacks=(pl.col("position_units") <= pl.col("reorder_point_units"))
            & (pl.col("order_up_to_units") > pl.col("position_units")),
        )
        .filter(pl.col("gives") | pl.col("lacks"))
        .filter((pl.col("gives").any() & pl.col("lacks").any()).over("sku"))
        .sort("sku", "place")
    )
    names = [
        "place", "position_units", "spare", "reorder_point_units", "order_up_to_units", "daily_units", "lost_unit_cost"
    ]  # fmt: skip
    for (sku,), part in joined.group_by("sku", maintain_order=True):
        yield str(sku), [_Stand(*row) for row in part.select(names).iter_rows()]


def _move(
    *,
    sku: str,
    stands: list[_Stand],
    costs: dict[tuple[str, str], dict[str, float]],
    fact: dict[str, float],
) -> list[dict[str, object]]:
    """Whole packs of one SKU, the most money saved first."""
    made: list[dict[str, object]] = []
    keeping = fact["unit_value"] * fact["holding_share_per_day"]
    while True:
        options = []
        for giver in stands:
            for taker in stands:
                lane = costs.get((giver.place, taker.place))
                units = _units(giver=giver, taker=taker, pack=fact["pack_units"])
                if lane is None or units <= 0:
                    continue
                saving = _saving(giver=giver, taker=taker, units=units, keeping=keeping)
                gain = saving - units * lane["unit_cost"]
                if gain > 0:
                    options.append((-gain, giver.place, taker.place, units, saving, giver, taker, lane))
        if not options:
            return made
        _gain, _from, _to, units, saving, giver, taker, lane = min(options, key=lambda each: each[:3])
        before = taker.position
        giver.position, giver.spare = giver.position - units, giver.spare - units
        taker.position += units
        made.append(
            {
                "sku": sku,
                "source": giver.place,
                "destination": taker.place,
                "units": units,
                "saving": saving,
                "cost": units * lane["unit_cost"],
                "source_after_units": giver.position,
                "source_level_units": giver.level,
                "destination_before_units": before,
                "destination_after_units": taker.position,
                "destination_point_units": taker.point,
            }
        )


def _units(*, giver: _Stand, taker: _Stand, pack: float) -> float:
    """Whole packs that the giver can spare, at most what lifts the taker to its level (rounded up to a pack)."""
    if giver is taker or giver.spare <= 0 or taker.position > taker.point:
        return 0.0
    wanted = math.ceil((taker.level - taker.position) / pack * (1 - 1e-9))
    spare = math.floor(giver.spare / pack * (1 + 1e-9))
    return max(min(wanted, spare), 0) * pack


def _saving(*, giver: _Stand, taker: _Stand, units: float, keeping: float) -> float:
    """Money that units save: the last ones of the source's queue would have stood longest; sales come on top."""
    if giver.daily > 0:
        last = min(giver.position / giver.daily, LONGEST_STANDING_DAYS)
        first = min(max(giver.position - units, 0.0) / giver.daily, LONGEST_STANDING_DAYS)
        days = (first + last) / 2
    else:
        days = LONGEST_STANDING_DAYS
    there = units / (2 * taker.daily) if taker.daily > 0 else LONGEST_STANDING_DAYS
    sold = min(max(taker.point - taker.position, 0.0), units)
    return units * keeping * max(days - min(there, LONGEST_STANDING_DAYS), 0.0) + sold * taker.lost


def _worth(*, drafted: pl.DataFrame, lanes: pl.DataFrame) -> pl.DataFrame:
    return (
        drafted.group_by("source", "destination")
        .agg(pl.col("saving").sum(), pl.col("cost").sum(), lines=pl.len(), units=pl.col("units").sum())
        .join(lanes.select("source", "destination", "transfer_cost"), on=["source", "destination"])
        .with_columns(cost=pl.col("cost") + pl.col("transfer_cost"))
        .filter(pl.col("saving") > pl.col("cost"))
        .sort("source", "destination")
        .select("source", "destination", "lines", "units", "saving", "cost")
    )


def _told(*, lines: pl.DataFrame, as_of: date) -> pl.DataFrame:
    parameters = {
        "stocking.transfer.to_short_place": {
            "units": plain(value=pl.col("units")),
            "source": pl.col("source"),
            "destination": pl.col("destination"),
            "position": plain(value=pl.col("destination_before_units")),
            "reorder_point": plain(value=pl.col("destination_point_units")),
            "left": plain(value=pl.col("source_after_units")),
            "level": plain(value=pl.col("source_level_units")),
            "day": pl.lit(as_of.isoformat()),
        }
    }
    code = pl.lit("stocking.transfer.to_short_place")
    return explain(frame=lines, code=code, parameters=parameters).sort("sku", "source", "destination").select(*_COLUMNS)
