"""Stock targets and joint purchases, timed: a SKU at a place in milliseconds, a thousand SKUs of 25 suppliers.

All demand, lead times and offers are synthetic, drawn from a fixed seed: it shows speed, never quality. Run with
`python -m benchmarks.stocking`; `--series` sets the sizes, `--skus` those of the purchases.
"""

import argparse
import datetime as dt
import time
from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from reorder.engine import stocking
from reorder.engine.stocking import ProductNeed, SupplierOffer, SupplierTerms

SEED: Final = 20261126
AS_OF: Final = dt.date(2026, 11, 26)
DAYS: Final = 364
SUPPLIERS: Final = 25
BUDGET_SECONDS: Final = 10.0


def make_shop(*, series: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """History, lead times and terms of so many products at one place; four in five sell less than one unit a day."""
    dice = np.random.default_rng(SEED)
    rate = dice.gamma(0.6, 2.0, series)
    units = dice.poisson(rate[:, None], (series, DAYS)).astype(float)
    skus = [f"SKU{number:06}" for number in range(series)]
    row, day = np.nonzero(units)
    first = AS_OF - dt.timedelta(days=DAYS)
    history = pl.DataFrame({"sku": np.array(skus)[row], "place": "MAIN", "day": day, "units": units[row, day]}).select(
        "sku", "place", (pl.lit(first) + pl.duration(days=pl.col("day"))).alias("date"), "units"
    )
    receipts = pl.DataFrame(
        {
            "sku": np.repeat(skus, 4),
            "place": "MAIN",
            "supplier": np.repeat([f"S{number % SUPPLIERS}" for number in range(series)], 4),
            "lead_days": dice.choice([4, 5, 6, 7, 10], 4 * series),
        }
    )
    terms = pl.DataFrame(
        {
            "sku": skus, "place": "MAIN", "service_level": 0.95, "review_days": 1,
            "unit_cost": dice.lognormal(2.0, 0.8, series), "holding_share_per_day": 0.001, "order_cost": 1.0,
            "lost_unit_cost": 2.0,
        }
    )  # fmt: skip
    return history, receipts, terms


def make_purchase(*, skus: int) -> tuple[list[ProductNeed], list[SupplierOffer], list[SupplierTerms]]:
    """Needs, one to three offers each, and suppliers with order costs, minimum values and trucks."""
    dice = np.random.default_rng(SEED)
    suppliers = [
        SupplierTerms(
            supplier=f"S{number:02}",
            minimum_value=float(dice.choice([0, 250, 500, 1500])),
            order_cost=float(dice.uniform(35, 65)),
            truck_cost=float(dice.uniform(260, 510)),
            truck_volume=float(dice.choice([8, 15, 30])),
        )
        for number in range(SUPPLIERS)
    ]
    needs, offers = [], []
    for number in range(skus):
        price = float(dice.lognormal(2.6, 0.6))
        need = ProductNeed(f"SKU{number:05}", float(dice.integers(5, 200)), float(dice.lognormal(-4.9, 0.6)), price)
        needs.append(need)
        for supplier in dice.choice(SUPPLIERS, int(dice.integers(1, 4)), replace=False):
            pack = float(dice.choice([1, 6, 10, 12, 24, 48]))
            cost = price * float(dice.uniform(0.95, 1.06))
            offers.append(
                SupplierOffer(
                    need.sku, suppliers[supplier].supplier, cost, pack, pack * float(dice.choice([0, 1, 2, 4]))
                )
            )
    return needs, offers, suppliers


def time_targets(*, sizes: Sequence[int]) -> None:
    """Milliseconds a SKU and place at each size, and how much dearer one is than at the smallest size."""
    first = 0.0
    for series in sizes:
        history, receipts, terms = make_shop(series=series)
        started = time.perf_counter()
        stocking.set_targets(history=history, lead_times=receipts, terms=terms, as_of=AS_OF)
        each = 1000 * (time.perf_counter() - started) / series
        first = first or each
        print(f"set_targets {series:>6} series: {each:.3f} ms each ({each / first:.2f} of the smallest; target 2 ms)")


def time_purchase(*, sizes: Sequence[int]) -> None:
    """Seconds and gap to the proven bound of joint purchases."""
    for skus in sizes:
        needs, offers, suppliers = make_purchase(skus=skus)
        started = time.perf_counter()
        plan = stocking.plan_purchase(
            needs=needs,
            offers=offers,
            suppliers=suppliers,
            surplus_loss_share=0.24,
            budget_seconds=BUDGET_SECONDS,
        )
        seconds = time.perf_counter() - started
        print(
            f"plan_purchase {skus:>5} SKUs x {SUPPLIERS} suppliers: {seconds:.1f} s of {BUDGET_SECONDS:.0f}, "
            f"within {100 * plan.gap_share:.3f} % of the bound{' (cut short)' if plan.is_cut_short else ''}"
        )


def main(words: Sequence[str]) -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, nargs="*", default=[1_000, 10_000, 30_000])
    parser.add_argument("--skus", type=int, nargs="*", default=[150, 1_000])
    given = parser.parse_args(words)
    time_targets(sizes=given.series)
    time_purchase(sizes=given.skus)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
