"""A small tea shop as the three files a merchant would hand over, the same for the same seed."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from reorder.flows.file_import import ImportReport, import_file

# A Monday; its night begins at 02:30 in Taipei, on Sunday evening in UTC.
AS_OF = dt.date(2026, 11, 23)
NIGHT_AT = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)
PLACES = ("KEELUNG", "KAOHSIUNG")
CATEGORIES = ("oolong", "green", "puerh", "teaware")
# The last of the teaware comes from no supplier, and three slow ones are planned together by their category.
UNSUPPLIED = "TEAWARE-08"
PLANNED_TOGETHER = ("TEAWARE-05", "TEAWARE-06", "TEAWARE-07")
PACK_UNITS = 6


@dataclass(frozen=True, slots=True)
class ShopFiles:
    """The files, in the order in which they are imported."""

    products: Path
    orders: Path
    stock: Path

    def __iter__(self) -> Iterator[Path]:
        return iter((self.products, self.orders, self.stock))


def write_shop(*, folder: Path, customers: int = 120, days: int = 200, seed: int = 7) -> ShopFiles:
    """Files of a shop whose history ends on the day before AS_OF."""
    folder.mkdir(parents=True, exist_ok=True)
    files = ShopFiles(folder / "products.csv", folder / "orders.csv", folder / "stock.csv")
    dice = np.random.default_rng(seed)
    products = make_products()
    products.write_csv(files.products)
    make_orders(products=products, customers=customers, days=days, dice=dice).write_csv(files.orders)
    make_stock(products=products, dice=dice).write_csv(files.stock)
    return files


def import_shop(*, files: ShopFiles) -> list[ImportReport]:
    """Through the same door as everybody's files."""
    return [import_file(path=path) for path in files]


def make_products() -> pl.DataFrame:
    """Thirty teas and pots in four categories, of two suppliers, in packs of six."""
    rows = []
    for place, category in enumerate(CATEGORIES):
        for number in range(1, 9 if category in {"oolong", "teaware"} else 8):
            sku = f"{category.upper()}-{number:02d}"
            supplied = sku != UNSUPPLIED
            rows.append(
                {
                    "sku": sku,
                    "name": f"{category.title()} {number}",
                    "category": category,
                    "price": 200 + 25 * number,
                    "cost": 120 + 10 * number,
                    "supplier": ("ALISHAN" if place < 2 else "YINGGE") if supplied else None,
                    "supplier_name": ("Alishan Tea Farm" if place < 2 else "Yingge Kilns") if supplied else None,
                    "supplier_email": ("orders@alishan.example" if place < 2 else "orders@yingge.example")
                    if supplied
                    else None,
                    "lead_days": (3 if place < 2 else 6) if supplied else None,
                    "pack": PACK_UNITS if supplied else None,
                    "minimum": 2 * PACK_UNITS if supplied else None,
                    "planned_by": "category" if sku in PLANNED_TOGETHER else "product",
                }
            )
    return pl.DataFrame(rows)


def make_orders(*, products: pl.DataFrame, customers: int, days: int, dice: np.random.Generator) -> pl.DataFrame:
    """Every customer has three favourites, each with a rhythm; every third customer never agreed to marketing."""
    prices = dict(products.select("sku", "price").iter_rows())
    first = AS_OF - dt.timedelta(days=days)
    baskets: dict[tuple[int, int], dict[str, int]] = {}
    for customer in range(1, customers + 1):
        for sku in dice.choice(sorted(prices), size=3, replace=False):
            gap_days = dice.uniform(9, 40)
            day = dice.uniform(0, gap_days)
            while day < days:
                baskets.setdefault((customer, int(day)), {})[str(sku)] = int(dice.integers(1, 4))
                day += max(dice.normal(gap_days, gap_days / 6), 2.0)
    rows = [
        {
            "order_id": f"TEA-{customer:03d}-{day:03d}",
            "ordered_at": f"{first + dt.timedelta(days=day)} {9 + customer % 12:02d}:15",
            "customer_id": f"reader-{customer:03d}",
            "customer_name": "Mei" if customer == 1 else f"Reader {customer}",
            "email": f"reader-{customer:03d}@example.org",
            "accepts_marketing": "no" if customer % 3 == 0 else "yes",
            "sku": sku,
            "quantity": quantity,
            "unit_price": prices[sku],
            "place": PLACES[customer % 2],
        }
        for (customer, day), lines in sorted(baskets.items(), key=lambda item: (item[0][1], item[0][0]))
        for sku, quantity in lines.items()
    ]
    return pl.DataFrame(rows)


def make_stock(*, products: pl.DataFrame, dice: np.random.Generator) -> pl.DataFrame:
    """Of everything between nothing and a few weeks of sales, at both places."""
    table = products.select("sku").join(pl.DataFrame({"place": PLACES}), how="cross")
    return table.with_columns(pl.Series("on_hand", dice.integers(0, 40, size=table.height)))
