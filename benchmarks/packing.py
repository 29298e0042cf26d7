"""Cartons for orders, timed and compared in one run: our packing beside py3dbp, on orders drawn from a fixed seed.

Orders and cartons are synthetic. Both sides get the cartons from the smallest up; py3dbp (1.1) packs by its pivots,
largest first, and is asked carton after carton until everything is in. Run with `python -m benchmarks.packing`;
`--orders` sets how many, `--seconds` our budget for one.
"""

import argparse
import statistics
import time
from collections import defaultdict
from typing import Final

import numpy as np
import py3dbp

from reorder.engine.packing import Carton, Item, plan_parcels

SEED: Final = 20261127
SIZES: Final = (
    (230, 160, 80), (200, 150, 100), (250, 200, 100), (310, 230, 110), (300, 200, 150), (350, 250, 150),
    (400, 300, 150), (400, 300, 200), (400, 300, 300), (450, 350, 250), (500, 400, 300), (600, 400, 300),
    (600, 400, 400), (600, 500, 400),
)  # fmt: skip
CARTONS: Final = [Carton("x".join(map(str, size)), *size) for size in SIZES]
COUNTS: Final = (2, 4, 6, 8, 12, 16, 25)


def make_orders(*, orders: int) -> list[list[Item]]:
    """Orders of 2 to 25 things, some of them alike, of 25 to 260 mm a side."""
    dice = np.random.default_rng(SEED)
    made = []
    while len(made) < orders:
        count, top = int(dice.choice(COUNTS)), float(dice.choice([120, 180, 260]))
        items: list[Item] = []
        while len(items) < count:
            length, width, height = np.exp(dice.uniform(np.log(25), np.log(top), 3)).astype(int).tolist()
            alike = min(int(dice.integers(1, 4)), count - len(items))
            items += [Item(f"{len(items) + number}", length, width, height) for number in range(alike)]
        made.append(items)
    return made


def ours(items: list[Item], *, seconds: float) -> Carton | None:
    """The one carton that we choose; None where we split."""
    plan = plan_parcels(items=items, cartons=CARTONS, budget_seconds=seconds, seed=7)
    return plan.parcels[0].carton if len(plan.parcels) == 1 else None


def theirs(items: list[Item]) -> Carton | None:
    """The smallest carton that py3dbp gets everything into."""
    for carton in sorted(CARTONS, key=lambda one: one.volume):
        packer = py3dbp.Packer()
        packer.add_bin(py3dbp.Bin(carton.code, *carton.size, 1e9))
        for item in items:
            packer.add_item(py3dbp.Item(item.sku, item.length_mm, item.width_mm, item.height_mm, 1))
        packer.pack(bigger_first=True)
        if not packer.bins[0].unfitted_items:
            return carton
    return None


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=70)
    parser.add_argument("--seconds", type=float, default=0.02)
    given = parser.parse_args(words)
    rows: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
    ours([Item("warm", 10, 10, 10)], seconds=0.01)
    for items in make_orders(orders=given.orders):
        started = time.perf_counter()
        mine = ours(items, seconds=given.seconds)
        between = time.perf_counter()
        other = theirs(items)
        ended = time.perf_counter()
        if mine is None or other is None:
            continue
        rows[len(items)].append((other.volume / mine.volume - 1, between - started, ended - between))
    print("things  orders  py3dbp's carton is larger by  median ms ours  median ms py3dbp")
    for count, found in sorted(rows.items()):
        larger = statistics.mean(row[0] for row in found)
        mine_ms, other_ms = (1000 * statistics.median(row[place] for row in found) for place in (1, 2))
        print(f"{count:6}  {len(found):6}  {larger:28.1%}  {mine_ms:14.1f}  {other_ms:16.1f}")


if __name__ == "__main__":
    main()
