"""A shop full of goods, and hands that place orders at it as fast as they can; used by benchmarks and long tests."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def stock_shop(*, products_count: int, customers_count: int, units: int = 100_000_000, places: int = 1) -> None:
    """Products TEA-000 …, so many units of each at every place, and customers reader-0 … of channel `api`."""
    from decimal import Decimal

    from reorder.domain.catalog.models import Product
    from reorder.domain.customers.models import Customer
    from reorder.domain.inventory import operations
    from tests.factories.inventory import make_place, opening

    products = Product.objects.bulk_create(
        Product(sku=f"TEA-{number:03}", name=f"Tea {number}", currency="TWD", price_minor=45_000)
        for number in range(products_count)
    )
    Customer.objects.bulk_create(Customer(key=f"api:reader-{number}") for number in range(customers_count))
    for number in range(places):
        place = make_place(code=f"PLACE-{number}", name=f"Place {number}")
        operations.record_moves(
            moves=[opening(product_id=product.pk, units=Decimal(units), place=place.code) for product in products]
        )


def hammer(*, seconds: float, threads: int, tag: str, each: int = 1) -> None:
    """Place orders of three lines, so many at once, until the time is over; prints how many."""
    import numpy as np
    from django.db import connection

    from reorder.domain.catalog.models import Product
    from reorder.flows.order_intake import Buyer
    from reorder.kernel import clock
    from tests.factories.placing import order_of, place

    third = Product.objects.filter(sku__startswith="TEA-").count() // 3
    connection.close()
    end = time.monotonic() + seconds

    def work(hand: int) -> int:
        rng = np.random.default_rng(abs(hash((tag, hand))) % 2**32)
        done = 0
        while time.monotonic() < end:
            now = clock.current_moment()
            orders = [
                order_of(
                    *((f"TEA-{int(rng.integers(third)) + third * part:03}", 1) for part in range(3)),
                    external_id=f"{tag}-{hand}-{done + number}",
                    ordered_at=now,
                    buyer=Buyer(key=f"reader-{int(rng.integers(5000))}"),
                )
                for number in range(each)
            ]
            for outcome in place(*orders, channel="api", moment=now):
                if outcome.outcome != "added":
                    raise RuntimeError(str(outcome.fault))
            done += each
        connection.close()
        return done

    start = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        orders = sum(pool.map(work, range(threads)))
    sys.stdout.write(json.dumps({"orders": orders, "seconds": time.monotonic() - start}) + "\n")


if __name__ == "__main__":
    import django

    django.setup()
    hammer(seconds=float(sys.argv[1]), threads=int(sys.argv[2]), tag=sys.argv[3], each=int(sys.argv[4]))
