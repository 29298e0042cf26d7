"""What to buy now: lift the stock position of each SKU and place to its order-up-to level within the supplier's rules.

Units of a line are a positive multiple of the pack, at least the minimum, and never above the cap by cover or shelf
life; whatever could not be ordered is listed in the shortfall, never dropped.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from reorder.engine import frames
from reorder.engine.stocking.explain import explain, plain

# Divisions of units by packs may miss a whole number by this much.
ROUNDING_SLACK = 1e-9
TARGETS = frames.Frame(
    "targets",
    {
        "sku": frames.Column(pl.String()),
        "place": frames.Column(pl.String()),
        "reorder_point_units": frames.Column(pl.Float64(), minimum=0.0),
        "order_up_to_units": frames.Column(pl.Float64(), minimum=0.0),
        "daily_units": frames.Column(pl.Float64(), nullable=True, optional=True, minimum=0.0),
        "expected_units": frames.Column(pl.Float64(), nullable=True, optional=True, minimum=0.0),
        "lost_unit_cost": frames.Column(pl.Float64(), nullable=True, optional=True, minimum=0.0),
    },
    key=("sku", "place"),
)
_LINE_COLUMNS = (
    "sku",
    "place",
    "units",
    "supplier",
    "order_by_date",
    "position_units",
    "reorder_point_units",
    "order_up_to_units",
    "wanted_units",
    "pack_units",
    "minimum_units",
    "unit_cost",
    "order_value",
    "days_of_cover",
    "money_at_risk",
    "reason",
    "reason_code",
    "reason_parameters",
)
_SHORTFALL_COLUMNS = (
    "sku",
    "place",
    "supplier",
    "missing_units",
    "wanted_units",
    "position_units",
    "reason",
    "reason_code",
    "reason_parameters",
)


@dataclass(frozen=True, slots=True)
class RestockPlan:
    """`lines` to order and `shortfall` that no permitted order covers, both sorted by SKU and place.

    `lines`: sku, place, units, supplier, order_by_date, position_units, reorder_point_units, order_up_to_units,
    wanted_units (before rounding and caps), pack_units, minimum_units, unit_cost, order_value (units × unit_cost),
    days_of_cover (position over daily demand), money_at_risk (demand until the next delivery that the position does
    not cover × lost_unit_cost), reason, reason_code, reason_parameters. The last two numbers are null where the targets
    do not carry what they need.
    `shortfall`: sku, place, supplier, missing_units, wanted_units, position_units, reason, reason_code,
    reason_parameters.
    """

    lines: pl.DataFrame
    shortfall: pl.DataFrame


def plan_restock(
    *, position: pl.DataFrame, targets: pl.DataFrame, constraints: pl.DataFrame, as_of: date
) -> RestockPlan:
    """Orders that lift every position at or below its reorder point to the order-up-to level (selling units).

    Position = on_hand + incoming − allocated − held − backordered; a target without a position row stands at zero.
    Units are rounded up to minimum and pack, then cut down to a whole pack by `maximum_cover_days` and
    `shelf_life_days` × `daily_units` of the targets (no caps where the targets carry no daily_units). The cheapest
    supplier whose rules permit an order serves (ties by name). `order_weekdays` are ISO (1 Monday), empty: any day.

    Raises InvalidFrame.
    Source: the (s, S) policy under periodic review in Silver, Pyke, Thomas, section 6.5.
    """
    position = frames.require(table=position, contract=frames.POSITION)
    targets = frames.require(table=targets, contract=TARGETS)
    constraints = frames.require(table=constraints, contract=frames.CONSTRAINTS)
    _refuse_weekdays(constraints=constraints)
    needs = _needs(position=position, targets=targets)
    offers = _offers(needs=needs, constraints=constraints)
    chosen = (
        offers.with_columns(is_refused=pl.col("units") <= 0)
        .sort("sku", "place", "is_refused", "unit_cost", "supplier")
        .unique(["sku", "place"], keep="first", maintain_order=True)
        .with_columns(missing_units=(pl.col("wanted_units") - pl.col("units")).clip(lower_bound=0))
    )
    return RestockPlan(
        lines=_lines(chosen=chosen.filter(pl.col("units") > 0), as_of=as_of),
        shortfall=_shortfall(chosen=chosen, needs=needs, position=position, targets=targets),
    )


def _refuse_weekdays(*, constraints: pl.DataFrame) -> None:
    days = constraints["order_weekdays"]
    wrong = (days.list.min() < 1) | (days.list.max() > 7)
    row = wrong.fill_null(value=False).arg_max() if len(wrong) else None
    if row is not None and wrong[row]:
        raise frames.InvalidFrame(
            frame="constraints", column="order_weekdays", row=row, reason="is not an ISO weekday from 1 (Monday) to 7"
        )


def with_position(*, position: pl.DataFrame) -> pl.DataFrame:
    """Stock position of each SKU and place: what is there or coming and promised to nobody."""
    free = pl.col("on_hand") + pl.col("incoming") - pl.col("allocated") - pl.col("held") - pl.col("backordered")
    return position.select("sku", "place", position_units=free)


def _needs(*, position: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    return (
        targets.select(*TARGETS.columns)
        .join(with_position(position=position), on=["sku", "place"], how="left")
        .with_columns(pl.col("position_units").fill_null(0.0))
        .filter(pl.col("position_units") <= pl.col("reorder_point_units"))
        .with_columns(wanted_units=pl.col("order_up_to_units") - pl.col("position_units"))
        .filter(pl.col("wanted_units") > 0)
        .sort("sku", "place")
    )


def _offers(*, needs: pl.DataFrame, constraints: pl.DataFrame) -> pl.DataFrame:
    """Every supplier's answer to every need: `units` it would deliver (zero when its rules forbid it)."""
    pack = pl.col("pack_units")
    cover_days = pl.min_horizontal("maximum_cover_days", "shelf_life_days")
    cap = (cover_days * pl.col("daily_units") - pl.col("position_units")).clip(lower_bound=0)
    asked = pl.max_horizontal("wanted_units", "minimum_units", "pack_units")
    full = _packs(amount=asked).ceil() * pack
    cut = _packs_down(amount=pl.col("cap_units")).floor() * pack
    least = _packs(amount=pl.max_horizontal("minimum_units", "pack_units")).ceil() * pack
    return (
        needs.join(constraints.select(*frames.CONSTRAINTS.columns), on=["sku", "place"])
        .with_columns(cover_limit_days=cover_days, cap_units=cap, full_units=full, least_units=least)
        .with_columns(is_capped=(pl.col("full_units") > cut).fill_null(value=False), cut_units=cut)
        .with_columns(
            units=pl.when(~pl.col("is_capped"))
            .then("full_units")
            .when(pl.col("cut_units") >= pl.col("least_units"))
            .then("cut_units")
            .otherwise(0.0)
        )
    )


def _packs(*, amount: pl.Expr) -> pl.Expr:
    return amount / pl.col("pack_units") * (1 - ROUNDING_SLACK)


def _packs_down(*, amount: pl.Expr) -> pl.Expr:
    return amount / pl.col("pack_units") * (1 + ROUNDING_SLACK)


def _lines(*, chosen: pl.DataFrame, as_of: date) -> pl.DataFrame:
    wait = (pl.element() - as_of.isoweekday()) % 7
    open_days = pl.col("order_weekdays").list.eval(wait).list.min().fill_null(0)
    daily = pl.when(pl.col("daily_units") > 0).then("daily_units")
    made = chosen.with_columns(
        order_by_date=pl.lit(as_of) + pl.duration(days=open_days),
        order_value=pl.col("units") * pl.col("unit_cost"),
        days_of_cover=pl.col("position_units").clip(lower_bound=0) / daily,
        money_at_risk=(pl.col("expected_units") - pl.col("position_units")).clip(lower_bound=0)
        * pl.col("lost_unit_cost"),
    )
    rounded = pl.col("units") > pl.col("wanted_units").ceil()
    code = (
        pl.when(pl.col("is_capped"))
        .then(pl.lit("stocking.order.capped"))
        .when(rounded)
        .then(pl.lit("stocking.order.rounded_up"))
        .otherwise(pl.lit("stocking.order.up_to_level"))
    )
    common = {
        "position": plain(value=pl.col("position_units")),
        "reorder_point": plain(value=pl.col("reorder_point_units")),
        "order_up_to": plain(value=pl.col("order_up_to_units")),
        "units": plain(value=pl.col("units")),
    }
    parameters = {
        "stocking.order.capped": common | {"days": plain(value=pl.col("cover_limit_days"))},
        "stocking.order.rounded_up": common
        | {
            "wanted": plain(value=pl.col("wanted_units")),
            "pack": plain(value=pl.col("pack_units")),
            "minimum": plain(value=pl.col("minimum_units")),
        },
        "stocking.order.up_to_level": common | {"reached": plain(value=pl.col("position_units") + pl.col("units"))},
    }
    return explain(frame=made, code=code, parameters=parameters).select(*_LINE_COLUMNS)


def _shortfall(
    *, chosen: pl.DataFrame, needs: pl.DataFrame, position: pl.DataFrame, targets: pl.DataFrame
) -> pl.DataFrame:
    """Needs without supplier, needs that a cap cut or forbade, and units owed where no target says what to keep."""
    columns = ("sku", "place", "supplier", "missing_units", "wanted_units", "position_units", "_story")
    limits = ("cover_limit_days", "cap_units", "least_units", "units")
    cut = chosen.filter(pl.col("missing_units") > 0).with_columns(
        _story=pl.when(pl.col("units") > 0)
        .then(pl.lit("stocking.shortfall.capped"))
        .otherwise(pl.lit("stocking.shortfall.cap_below_minimum"))
    )
    unsupplied = needs.join(chosen, on=["sku", "place"], how="anti").with_columns(
        supplier=pl.lit(None, dtype=pl.String),
        missing_units="wanted_units",
        _story=pl.lit("stocking.shortfall.no_supplier"),
    )
    owed = (
        with_position(position=position)
        .join(targets, on=["sku", "place"], how="anti")
        .filter(pl.col("position_units") < 0)
        .with_columns(
            supplier=pl.lit(None, dtype=pl.String),
            missing_units=-pl.col("position_units"),
            wanted_units=-pl.col("position_units"),
            _story=pl.lit("stocking.shortfall.no_target"),
        )
    )
    together = pl.concat(
        [cut.select(*columns, *limits), unsupplied.select(*columns), owed.select(*columns)], how="diagonal"
    ).sort("sku", "place")
    missing = {"missing": plain(value=pl.col("missing_units"))}
    limit = {"days": plain(value=pl.col("cover_limit_days")), "cap": plain(value=pl.col("cap_units"))}
    parameters = {
        "stocking.shortfall.cap_below_minimum": missing | limit | {"least": plain(value=pl.col("least_units"))},
        "stocking.shortfall.capped": missing | limit | {"units": plain(value=pl.col("units"))},
        "stocking.shortfall.no_supplier": missing,
        "stocking.shortfall.no_target": missing,
    }
    return explain(frame=together, code=pl.col("_story"), parameters=parameters).select(*_SHORTFALL_COLUMNS)
