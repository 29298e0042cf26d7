"""A wave of a thousand orders from release to printed pick lists, on a real database with a floor of bins.

Orders of one to six lines at one place, goods of each product in one to three bins. Timed: releasing every order with
its wave, batches and walks, and the pick lists as PDF in both languages. Run with `python -m benchmarks.waves`;
`--orders 50` is a short one.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.factories.installation import installation

PLACE = "HALL"
AISLES, BAYS, PRODUCTS = 20, 40, 2000


def lay_hall(*, seed: int) -> None:
    """Twenty aisles of forty bays on both sides, three cross-aisles; every product in one to three of the bins."""
    import numpy as np

    from reorder.domain.catalog.models import Product
    from reorder.domain.customers.models import Customer
    from reorder.domain.inventory import operations
    from reorder.domain.inventory.models import Place
    from reorder.domain.warehouse.floor_models import Bin, BinStock, FloorPlan, StorageZone
    from tests.factories.inventory import make_place, opening

    rng = np.random.default_rng(seed)
    make_place(code=PLACE, name="Hall")
    place = Place.objects.get(code=PLACE)
    FloorPlan.objects.create(
        place=place,
        aisle_codes=[f"{number:02}" for number in range(AISLES)],
        aisle_pitch_mm=3000,
        cross_aisles_mm=[0, BAYS * 500, BAYS * 1000],
        changed_by="benchmark",
    )
    zone = StorageZone.objects.create(place=place, code="PICK", name="Pick faces")
    bins = Bin.objects.bulk_create(
        Bin(code=f"{aisle:02}-{bay:02}-{side}", place=place, zone=zone, aisle=aisle, at_mm=bay * 1000 + 500, side=side)
        for aisle in range(AISLES)
        for bay in range(BAYS)
        for side in "LR"
    )
    products = Product.objects.bulk_create(
        Product(sku=f"SKU-{number:04}", name=f"Product {number}", currency="TWD", price_minor=45_000)
        for number in range(PRODUCTS)
    )
    Customer.objects.bulk_create(Customer(key=f"api:reader-{number}") for number in range(500))
    operations.record_moves(moves=[opening(product_id=one.pk, units=900, place=PLACE) for one in products])
    stock = []
    for product in products:
        chosen = rng.choice(len(bins), size=int(rng.integers(1, 4)), replace=False)
        stock += [BinStock(bin=bins[int(each)], product=product, units=300) for each in chosen]
    BinStock.objects.bulk_create(stock)


def place_orders(*, count: int, seed: int) -> None:
    """Orders of one to six lines, placed and promised."""
    import numpy as np

    from reorder.flows.order_intake import Buyer
    from reorder.kernel import clock
    from tests.factories.placing import MEI, order_of, place

    rng = np.random.default_rng(seed + 1)
    now = clock.current_moment()
    orders = []
    for number in range(count):
        lines = rng.choice(PRODUCTS, size=int(rng.integers(1, 7)), replace=False)
        orders.append(
            order_of(
                *((f"SKU-{int(each):04}", int(rng.integers(1, 4))) for each in lines),
                external_id=f"W-{number}",
                ordered_at=now,
                buyer=Buyer(key=f"reader-{number % 500}"),
                ship_to=replace(MEI, name=f"林{number}", phone=f"09{number:08}", line1=f"松仁路 {number} 號"),
            )
        )
    for start in range(0, count, 100):
        for outcome in place(*orders[start : start + 100], channel="api", moment=now):
            if outcome.outcome != "added":
                raise RuntimeError(str(outcome.fault))


def measure() -> dict[str, Any]:
    """Release the wave and print its lists; what came of it, and how long each part took, in seconds."""
    from reorder.domain.warehouse.wave_queries import get_wave
    from reorder.flows import waves
    from reorder.kernel import clock
    from tests.factories.placing import MERCHANT

    moment = clock.current_moment()
    proposal = max(waves.propose_waves(place_code=PLACE, actor=MERCHANT), key=lambda one: one.orders_count)
    started = time.perf_counter()
    wave_id = waves.make_wave(place_code=PLACE, key=proposal.key, actor=MERCHANT, moment=moment)
    done = waves.release_wave(wave_id=wave_id, actor=MERCHANT, moment=moment)
    released = time.perf_counter()
    pages = {
        language: len(waves.print_wave(wave_id=wave_id, language=language, actor=MERCHANT, moment=moment))
        for language in ("en", "zh-hant")
    }
    printed = time.perf_counter()
    wave = get_wave(wave_id=wave_id)
    return {
        "orders": wave.parcels_count,
        "batches": done.batches_count,
        "lines": done.lines_count,
        "left": len(done.left),
        "walk_m": (wave.length_mm or 0) // 1000,
        "by_name_m": (wave.by_name_length_mm or 0) // 1000,
        "release_seconds": released - started,
        "print_seconds": printed - released,
        "pdf_bytes": pages,
    }


def run(*, orders: int, seed: int = 7) -> dict[str, Any]:
    """The whole of it in an installation of its own."""
    with installation(REORDER_CLOCK="") as shop:
        shop.say("doctor")
        environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(Path.cwd()))
        program = f"""
import django; django.setup()
import json
from benchmarks import waves
waves.lay_hall(seed={seed}); waves.place_orders(count={orders}, seed={seed})
print(json.dumps(waves.measure()))
"""
        made = subprocess.run(
            [sys.executable, "-c", program], env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    return dict(json.loads(made.stdout.splitlines()[-1]))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args(arguments)
    found = run(orders=wanted.orders, seed=wanted.seed)
    total = found["release_seconds"] + found["print_seconds"]
    print(
        f"{found['orders']:,} orders, {found['lines']:,} lines, {found['batches']} batches, {found['left']} left back"
    )
    print(f"walks {found['walk_m']:,} m; in location-name order {found['by_name_m']:,} m")
    print(f"release, batches and walks {found['release_seconds']:.1f} s")
    print(f"pick lists in two languages {found['print_seconds']:.1f} s")
    print(f"all {total:.1f} s (target 30)")


if __name__ == "__main__":
    main()
