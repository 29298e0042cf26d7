"""Small frames for stocking tests: teas, places and suppliers by name."""

from datetime import date, timedelta

import polars as pl

TODAY = date(2026, 3, 2)  # a Monday
RECEIPTS = {"sku": pl.String, "place": pl.String, "supplier": pl.String, "lead_days": pl.Int64}


def history(units: dict[str, list[float]], *, place: str = "Keelung", end: date = TODAY) -> pl.DataFrame:
    """Daily units a SKU, the last value on the day before `end`."""
    rows = [
        (sku, place, end - timedelta(days=len(sold) - number), amount)
        for sku, sold in units.items()
        for number, amount in enumerate(sold)
    ]
    schema = {"sku": pl.String, "place": pl.String, "date": pl.Date, "units": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def receipts(days: dict[str, list[int]], *, place: str = "Keelung", supplier: str = "Mei") -> pl.DataFrame:
    rows = [(sku, place, supplier, lead) for sku, leads in days.items() for lead in leads]
    return pl.DataFrame(rows, schema=RECEIPTS, orient="row")


def terms(*skus: str, place: str = "Keelung", **changed: object) -> pl.DataFrame:
    """Terms with daily review, 95 % service, an order cost of 8 and holding of 0.225 a unit-day."""
    usual: dict[str, object] = {
        "service_level": 0.95,
        "review_days": 1,
        "unit_cost": 2.25,
        "holding_share_per_day": 0.1,
        "order_cost": 8.0,
        "lost_unit_cost": 1.5,
    }
    return pl.DataFrame([{"sku": sku, "place": place, **usual, **changed} for sku in skus])


def position(sku: str = "Oolong", *, place: str = "Keelung", **changed: float) -> pl.DataFrame:
    empty = {"on_hand": 0.0, "incoming": 0.0, "allocated": 0.0, "held": 0.0, "backordered": 0.0}
    return pl.DataFrame([{"sku": sku, "place": place, **empty, **changed}])


def targets(sku: str = "Oolong", *, place: str = "Keelung", **changed: object) -> pl.DataFrame:
    usual: dict[str, object] = {"reorder_point_units": 20.0, "order_up_to_units": 50.0, "daily_units": 4.0}
    return pl.DataFrame([{"sku": sku, "place": place, **usual, **changed}])


def offer(supplier: str = "Mei", *, sku: str = "Oolong", place: str = "Keelung", **changed: object) -> pl.DataFrame:
    usual: dict[str, object] = {
        "pack_units": 1.0,
        "minimum_units": 0.0,
        "maximum_cover_days": None,
        "shelf_life_days": None,
        "unit_cost": 3.0,
        "order_weekdays": None,
    }
    return pl.DataFrame(
        [{"sku": sku, "place": place, "supplier": supplier, **usual, **changed}],
        schema_overrides={
            "order_weekdays": pl.List(pl.Int64),
            "maximum_cover_days": pl.Float64,
            "shelf_life_days": pl.Float64,
        },
    )
