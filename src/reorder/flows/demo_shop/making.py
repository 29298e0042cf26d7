"""Making the demonstration shop's files: pure frames, the same for the same history and seed.

Real: who bought what, when, at which price (84.51° Complete Journey). Synthetic: warehouses, suppliers and their terms,
costs, opening stock, addresses and consent. Changed: dates move by whole weeks, dollars become TWD at a round rate.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

CURRENCY = "TWD"
TWD_PER_DOLLAR = 30
BEST_SELLERS = 3000
# Share of households that the first warehouse serves.
PLACES = (("KEELUNG", 0.55), ("KAOHSIUNG", 0.45))
SUPPLIERS = 14
CONSENT_SHARE = 0.75
_SEED = 20261123
# What a shelf keeps of even the slowest product.
_SHELF_UNITS = 2
# Not merchandise that a warehouse keeps: pumped fuel, and coupons booked as products.
_LEFT_OUT_DEPARTMENTS = ("FUEL",)
_LEFT_OUT_CATEGORIES = ("COUPON/MISC ITEMS", "FUEL")


@dataclass(frozen=True, slots=True)
class DemoHistory:
    """Order lines with dates as recorded, and the products they name."""

    lines: pl.DataFrame
    products: pl.DataFrame


def shift_days_for(*, lines: pl.DataFrame, today: dt.date) -> int:
    """Days to add, a multiple of seven, so that the history ends on or after yesterday."""
    last = lines["ordered_at"].dt.date().max()
    if not isinstance(last, dt.date):
        raise TypeError("the history is empty")
    missing = (today - dt.timedelta(days=1) - last).days
    return -(-missing // 7) * 7


def make_history(*, transactions: pl.DataFrame, products: pl.DataFrame) -> DemoHistory:
    """Order lines in our words; lines of zero units, fuel and booked coupons are left out."""
    kept = products.filter(
        ~pl.col("department").is_in(_LEFT_OUT_DEPARTMENTS),
        ~pl.col("product_category").fill_null("").is_in(_LEFT_OUT_CATEGORIES),
    ).select(
        pl.col("product_id").cast(pl.String).alias("sku"),
        _title("product_type").alias("kind"),
        pl.col("package_size").fill_null("").alias("size"),
        pl.col("brand").fill_null("").alias("brand"),
        pl.coalesce("product_category", "department").fill_null("OTHER").alias("category"),
    )
    kept = kept.with_columns(
        pl.concat_str(pl.col("kind"), pl.col("size"), separator=" ")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
        .alias("name")
    )
    lines = transactions.filter(pl.col("quantity") > 0).select(
        pl.col("basket_id").cast(pl.String).alias("order_id"),
        pl.col("household_id").cast(pl.String).alias("household"),
        pl.col("transaction_timestamp").cast(pl.Datetime("us")).alias("ordered_at"),
        pl.col("product_id").cast(pl.String).alias("sku"),
        pl.col("quantity").cast(pl.Int64),
        (pl.col("sales_value") / pl.col("quantity") * TWD_PER_DOLLAR).round(0).alias("unit_price"),
    )
    return DemoHistory(lines=lines.join(kept.select("sku"), on="sku", how="semi"), products=kept)


def _title(name: str) -> pl.Expr:
    return pl.col(name).fill_null("Product").str.to_titlecase()


def make_orders(
    *, history: DemoHistory, shift_days: int, from_date: dt.date | None, before_date: dt.date
) -> pl.DataFrame:
    """Order lines with moved dates in [from_date, before_date), in the columns of the tidy order file."""
    moved = history.lines.with_columns(pl.col("ordered_at") + pl.duration(days=shift_days))
    day = pl.col("ordered_at").dt.date()
    wanted = moved.filter(day < before_date) if from_date is None else moved.filter(day >= from_date, day < before_date)
    return (
        wanted.join(make_households(lines=history.lines), on="household")
        .join(history.products.select("sku", "name", "category"), on="sku")
        .sort("ordered_at", "order_id", "sku", "quantity")
        .select(
            "order_id",
            "ordered_at",
            pl.format("household-{}", "household").alias("customer_id"),
            pl.format("Household {}", "household").alias("customer_name"),
            pl.format("household-{}@demo.example", "household").alias("email"),
            "accepts_marketing",
            "sku",
            pl.col("name").alias("product_name"),
            "category",
            "quantity",
            "unit_price",
            pl.lit(CURRENCY).alias("currency"),
            "place",
        )
    )


def make_households(*, lines: pl.DataFrame) -> pl.DataFrame:
    """Synthetic: the warehouse that serves each household, and whether it agreed to marketing mail."""
    households = lines.select("household").unique().sort(pl.col("household").cast(pl.Int64))
    dice = np.random.default_rng([_SEED, 1])
    place = dice.choice([code for code, _ in PLACES], size=households.height, p=[share for _, share in PLACES])
    accepts = dice.random(households.height) < CONSENT_SHARE
    return households.with_columns(pl.Series("place", place), pl.Series("accepts_marketing", accepts))


def make_products(*, history: DemoHistory, orders: pl.DataFrame) -> pl.DataFrame:
    """The tidy product file: best sellers planned one by one with synthetic supplier terms, the rest by category."""
    sold = orders.group_by("sku").agg(pl.len().alias("lines"), pl.col("unit_price").median().alias("price"))
    ranked = sold.sort(["lines", "sku"], descending=[True, False]).with_row_index("position")
    table = ranked.join(history.products, on="sku").sort("position")
    best = table.filter(pl.col("position") < BEST_SELLERS)
    rest = table.filter(pl.col("position") >= BEST_SELLERS)
    shared: list[str | pl.Expr] = [
        "sku",
        "name",
        "brand",
        "category",
        pl.lit(CURRENCY).alias("currency"),
        pl.col("price").clip(1.0).round(0).alias("price"),
    ]
    best = best.select(*shared, pl.lit("product").alias("planned_by")).with_columns(
        _terms(categories=best["category"], price=best["price"])
    )
    return pl.concat([best, rest.select(*shared, pl.lit("category").alias("planned_by"))], how="diagonal")


def _terms(*, categories: pl.Series, price: pl.Series) -> list[pl.Series]:
    dice = np.random.default_rng([_SEED, 2])
    names = sorted(categories.unique().to_list())
    supplier_of = dict(zip(names, dice.integers(1, SUPPLIERS + 1, size=len(names)), strict=True))
    number = np.array([supplier_of[name] for name in categories])
    lead_days = dice.integers(2, 11, size=SUPPLIERS + 1)[number]
    weekdays = dice.choice(["1,2,3,4,5", "1,3,5", "2,4", "1,4"], size=SUPPLIERS + 1)[number]
    count = len(number)
    cost = np.maximum((price.to_numpy() * dice.uniform(0.55, 0.75, size=count)).round(1), 0.5)
    pack = dice.choice([1, 6, 12, 24], size=count, p=[0.2, 0.4, 0.3, 0.1])
    return [
        pl.Series("cost", cost),
        pl.Series("supplier", [f"SUP-{n:02d}" for n in number]),
        pl.Series("supplier_name", [f"Demo supplier {n} (synthetic)" for n in number]),
        pl.Series("supplier_email", [f"orders@supplier-{n:02d}.example" for n in number]),
        pl.Series("lead_days", lead_days),
        pl.Series("pack", pack),
        pl.Series("minimum", pack),
        pl.Series("order_weekdays", weekdays),
    ]


def make_opening_stock(*, orders: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """The tidy stock file: synthetic, 3 to 60 days of recent demand for each best seller at each place."""
    last = orders["ordered_at"].max()
    recent = orders.filter(pl.col("ordered_at") > pl.lit(last) - pl.duration(days=56))
    daily = recent.group_by("sku", "place").agg((pl.col("quantity").sum() / 56).alias("daily"))
    kept = products.filter(pl.col("planned_by") == "product").select("sku")
    places = pl.DataFrame({"place": [code for code, _ in PLACES]})
    table = kept.join(places, how="cross").join(daily, on=["sku", "place"], how="left").sort("sku", "place")
    days = np.random.default_rng([_SEED, 3]).uniform(3, 60, size=table.height)
    return table.with_columns(
        ((pl.col("daily").fill_null(0.0) * pl.Series(days)).ceil() + _SHELF_UNITS).cast(pl.Int64).alias("on_hand")
    ).select("sku", "place", "on_hand")


_PROMISED = {"sku": pl.String, "place": pl.String, "promised_units": pl.Float64}


def make_stock_after_sales(
    *, position: pl.DataFrame, orders: pl.DataFrame, promised: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The tidy stock file of a later day: what stood there less what the new orders took, never below zero.

    Nor below what is promised to live orders (`promised`: sku, place, promised_units): that still stands there.
    """
    kept = promised if promised is not None else pl.DataFrame(schema=_PROMISED)
    taken = orders.group_by("sku", "place").agg(pl.col("quantity").sum())
    return (
        position.join(taken, on=["sku", "place"])
        .join(kept, on=["sku", "place"], how="left")
        .with_columns(
            pl.max_horizontal(pl.col("on_hand") - pl.col("quantity"), pl.col("promised_units").fill_null(0.0), 0)
            .ceil()
            .cast(pl.Int64)
            .alias("on_hand")
        )
        .select("sku", "place", "on_hand")
        .sort("sku", "place")
    )
