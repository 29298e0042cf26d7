"""What it would cost to wait: the margin expected to be lost when a proposal is not ordered today. Pure."""

import polars as pl

from reorder.domain.purchasing.weighing import expected_shortage_units, sd_of_safety_stock


def with_risk(*, lines: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """`lines` of a restock plan with `daily_units` and `money_at_risk` (major units), both null-free.

    Money at risk = lost_unit_cost × E[(D − position)⁺]: D is the demand until an order made at the next review would
    arrive, with mean expected_units and standard deviation safety_stock_units / z(service_level), as the target saw
    them. Source: the expected shortage per replenishment cycle, Silver, Pyke, Thomas, Inventory and Production
    Management in Supply Chains, section 6.6 (unit normal loss function).
    """
    needed = ("sku", "place", "safety_stock_units", "service_level", "expected_units", "lost_unit_cost", "daily_units")
    joined = lines.drop("money_at_risk").join(
        targets.select(needed), on=["sku", "place"], how="left", maintain_order="left"
    )
    risks = [
        row["lost_unit_cost"]
        * expected_shortage_units(
            position_units=row["position_units"],
            mean_units=row["expected_units"],
            sd_units=sd_of_safety_stock(
                safety_stock_units=row["safety_stock_units"], service_level=row["service_level"]
            ),
        )
        for row in joined.iter_rows(named=True)
    ]
    return joined.with_columns(pl.Series("money_at_risk", risks, dtype=pl.Float64)).select(
        *lines.columns, "daily_units"
    )
