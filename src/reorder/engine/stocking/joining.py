"""Orders of one night joined: what each product needs alone, bought together where minimum values make that cheaper."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from reorder.engine.stocking.explain import explain, plain
from reorder.engine.stocking.purchase import (
    ProductNeed,
    PurchasePlan,
    SupplierOffer,
    SupplierTerms,
    plan_purchase,
)

_KEY = ["sku", "place"]
_REASONS = ["reason", "reason_code", "reason_parameters"]
# What a cap by shelf life or cover already cut is not touched again: joining may buy more.
FIXED_CODES = ("stocking.order.capped",)
LEAST_BUDGET_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class JoinedOrders:
    """`lines` as `plan_restock` gives them, some from another supplier or of more units; what that saves, by place.

    `saved_value`: cost of the lines as they were, with the shortfalls below minimum values that they would have left,
    minus that of the lines as they are; what is bought to spare is worth its price less the loss.
    """

    lines: pl.DataFrame
    changed_count: int
    saved_value: float
    is_cut_short: bool


def join_orders(
    *,
    lines: pl.DataFrame,
    constraints: pl.DataFrame,
    minimum_values: Mapping[str, float],
    surplus_loss_share: float,
    budget_seconds: float,
) -> JoinedOrders:
    """Choose suppliers and units of all lines of a place together, so that minimum values are met where that pays.

    Args:
        lines: as `plan_restock` gives them; one line a SKU and place, before and after.
        constraints: the engine's CONSTRAINTS, in one currency; SKUs with a cap by cover or shelf life keep their line.
        minimum_values: least value of an order, by supplier; suppliers that are not named have none.
        surplus_loss_share: what a unit bought beyond its need loses of its price.
        budget_seconds: for all places together.

    A place none of whose suppliers has a minimum value keeps its lines: the cheapest supplier of each is the best.
    Where the joint plan would split a SKU between two suppliers, the SKU keeps its line. Raises BadPurchase.
    """
    asking = {code: value for code, value in minimum_values.items() if value > 0}
    places = [place for (place,), part in lines.group_by("place") if _may_gain(part, constraints, asking)]
    if not places:
        return JoinedOrders(lines=lines, changed_count=0, saved_value=0.0, is_cut_short=False)
    budget = max(budget_seconds / len(places), LEAST_BUDGET_SECONDS)
    changes, saved, is_cut = [], 0.0, False
    for place in sorted(str(place) for place in places):
        mine = lines.filter(pl.col("place") == place)
        made = _join_place(lines=mine, constraints=constraints, asking=asking, loss=surplus_loss_share, budget=budget)
        changes.append(made.lines)
        saved, is_cut = saved + made.saved_value, is_cut or made.is_cut_short
    changed = pl.concat(changes)
    kept = lines.join(changed, on=_KEY, how="anti")
    return JoinedOrders(
        lines=pl.concat([kept, changed]).sort(_KEY),
        changed_count=changed.height,
        saved_value=saved,
        is_cut_short=is_cut,
    )


def _may_gain(lines: pl.DataFrame, constraints: pl.DataFrame, asking: Mapping[str, float]) -> bool:
    offers = constraints.join(lines.select(_KEY), on=_KEY, how="semi")
    return bool(offers["supplier"].is_in(list(asking)).any())


def _join_place(
    *, lines: pl.DataFrame, constraints: pl.DataFrame, asking: Mapping[str, float], loss: float, budget: float
) -> JoinedOrders:
    """`lines` of the answer are only those that changed."""
    offers = constraints.join(lines.select(_KEY), on=_KEY, how="semi")
    capped = offers.filter(pl.col("maximum_cover_days").is_not_null() | pl.col("shelf_life_days").is_not_null())
    free = lines.filter(~pl.col("reason_code").is_in(FIXED_CODES)).join(capped.select(_KEY), on=_KEY, how="anti")
    fixed = lines.join(free.select(_KEY), on=_KEY, how="anti").group_by("supplier").agg(pl.col("order_value").sum())
    already = dict(fixed.iter_rows())
    offers = offers.join(free.select(_KEY), on=_KEY, how="semi")
    least = {code: max(value - already.get(code, 0.0), 0.0) for code, value in asking.items()}
    plan = _purchase(lines=free, offers=offers, least=least, loss=loss, budget=budget)
    changed = _changed(lines=free, offers=offers, plan=plan)
    after = pl.concat([free.join(changed, on=_KEY, how="anti"), changed])
    worth = offers.group_by("sku").agg(pl.col("unit_cost").min().alias("worth"))
    before_cost, after_cost = (_cost(lines=one, worth=worth, least=least, loss=loss) for one in (free, after))
    saved = before_cost - after_cost
    if saved <= 0:
        return JoinedOrders(lines=changed.clear(), changed_count=0, saved_value=0.0, is_cut_short=plan.is_cut_short)
    return JoinedOrders(lines=changed, changed_count=changed.height, saved_value=saved, is_cut_short=plan.is_cut_short)


def _purchase(
    *, lines: pl.DataFrame, offers: pl.DataFrame, least: Mapping[str, float], loss: float, budget: float
) -> PurchasePlan:
    worth = dict(offers.group_by("sku").agg(pl.col("unit_cost").min()).iter_rows())
    return plan_purchase(
        needs=[
            ProductNeed(sku=sku, units=wanted, volume=0.0, reference_price=worth[sku])
            for sku, wanted in lines.select("sku", "wanted_units").iter_rows()
        ],
        offers=[
            SupplierOffer(sku=sku, supplier=supplier, unit_price=cost, pack_units=pack, minimum_units=minimum)
            for sku, supplier, cost, pack, minimum in offers.select(
                "sku", "supplier", "unit_cost", "pack_units", "minimum_units"
            ).iter_rows()
        ],
        suppliers=[
            SupplierTerms(
                supplier=code, minimum_value=least.get(code, 0.0), order_cost=0.0, truck_cost=0.0, truck_volume=0.0
            )
            for code in sorted(offers["supplier"].unique())
        ],
        surplus_loss_share=loss,
        budget_seconds=budget,
    )


def _changed(*, lines: pl.DataFrame, offers: pl.DataFrame, plan: PurchasePlan) -> pl.DataFrame:
    """Lines that the joint plan buys elsewhere or more of, with the terms of their new supplier."""
    bought = pl.DataFrame(
        [(line.sku, line.supplier, line.units) for line in plan.lines],
        schema={"sku": pl.String, "new_supplier": pl.String, "new_units": pl.Float64},
        orient="row",
    )
    whole = bought.filter(pl.len().over("sku") == 1)
    terms = offers.select(
        "sku",
        pl.col("supplier").alias("new_supplier"),
        pl.col("pack_units").alias("new_pack"),
        pl.col("minimum_units").alias("new_minimum"),
        pl.col("unit_cost").alias("new_cost"),
    )
    moved = (
        lines.join(whole, on="sku")
        .join(terms, on=["sku", "new_supplier"])
        .filter((pl.col("new_supplier") != pl.col("supplier")) | (pl.col("new_units") != pl.col("units")))
    )
    said = explain(
        frame=moved.drop(_REASONS),
        code=pl.lit("stocking.order.joined"),
        parameters={
            "stocking.order.joined": {
                "position": plain(value=pl.col("position_units")),
                "reorder_point": plain(value=pl.col("reorder_point_units")),
                "units": plain(value=pl.col("new_units")),
                "supplier": pl.col("new_supplier"),
                "usual_units": plain(value=pl.col("units")),
                "usual_supplier": pl.col("supplier"),
            }
        },
    )
    return said.with_columns(
        supplier=pl.col("new_supplier"),
        units=pl.col("new_units"),
        pack_units=pl.col("new_pack"),
        minimum_units=pl.col("new_minimum"),
        unit_cost=pl.col("new_cost"),
        order_value=pl.col("new_units") * pl.col("new_cost"),
    ).select(lines.columns)


def _cost(*, lines: pl.DataFrame, worth: pl.DataFrame, least: Mapping[str, float], loss: float) -> float:
    """Goods, what is missing to minimum values of suppliers that are used, less what spare units are worth."""
    values = dict(lines.group_by("supplier").agg(pl.col("order_value").sum()).iter_rows())
    missing = sum(max(least.get(code, 0.0) - value, 0.0) for code, value in values.items())
    spare = (pl.col("units") - pl.col("wanted_units")).clip(lower_bound=0.0) * pl.col("worth")
    kept = float(lines.join(worth, on="sku", how="left").select(spare.sum()).item() or 0.0)
    cost: float = sum(values.values()) + missing - (1 - loss) * kept
    return cost
