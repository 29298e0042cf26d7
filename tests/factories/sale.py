"""A sale that many want more of than there is: clients order over HTTP and repeat what was not answered, while processes
are killed; then the books are compared with what the clients were told."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from tests.factories.installation import Installation
from tests.factories.web import Web

_PREPARE = """
import django; django.setup()
from tests.factories.api import make_secret
from tests.factories.benching import stock_shop
stock_shop(products_count={skus}, customers_count=500, units={units}, places={places})
print(make_secret(requests_per_minute=100_000_000))
"""
_COMPARE = """
import django; django.setup()
from reorder.domain.inventory.queries import compare_ledger_with_levels
print(len(compare_ledger_with_levels()))
"""
# A server that was killed says nothing, or that its database is away; one that is busy with the same key says later.
_AGAIN = {429, 500, 502, 503}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """So many attempts by so many clients at the stock of a few SKUs, `units` of each at every one of `places`."""

    attempts: int
    clients: int
    skus: int
    units: int
    places: int = 2
    seed: int = 20261127

    @property
    def stock_units(self) -> int:
        return self.skus * self.units * self.places


@dataclass
class Told:
    """What the clients were told, and how often they had to ask again."""

    sold: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    repeats: int = 0
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def answered(self) -> int:
        return len(self.sold) + len(self.refused)


@dataclass(frozen=True, slots=True)
class Books:
    """What the database says at the end."""

    orders: dict[str, int]
    units_by_sku: dict[str, int]
    allocated_by_sku: dict[str, int]
    lines_without_promise: int
    ledger_differences: int
    deadlocks: int


def prepare(*, shop: Installation, sale: Sale) -> str:
    """Stock the shop for the sale; returns a token for the clients."""
    code = _PREPARE.format(skus=sale.skus, units=sale.units, places=sale.places)
    return _run(shop=shop, code=code).split()[-1]


def hold_sale(*, web: Web, token: str, sale: Sale, disturb: Callable[[Told], None]) -> Told:
    """Let all clients order until every attempt is answered; `disturb` runs beside them, in this thread."""
    told = Told()
    numbers = iter(range(sale.attempts))
    threads = [
        threading.Thread(target=_order_on, args=(web, token, sale, numbers, told), daemon=True)
        for _ in range(sale.clients)
    ]
    for thread in threads:
        thread.start()
    disturb(told)
    for thread in threads:
        thread.join()
    return told


def read_books(*, shop: Installation) -> Books:
    """The orders of the sale, what was promised of each SKU, and whether the ledger agrees."""
    orders = dict(shop.ask("SELECT external_id, count(*) FROM orders_order WHERE channel = 'sale' GROUP BY 1"))
    units = shop.ask("""SELECT product.sku, sum(line.units)::int FROM orders_orderline AS line
                        JOIN orders_order AS o ON o.id = line.order_id AND o.channel = 'sale' AND o.state = 'allocated'
                        JOIN catalog_product AS product ON product.id = line.product_id GROUP BY 1""")
    allocated = shop.ask("""SELECT product.sku, sum(allocated_units)::int FROM inventory_level AS level
                            JOIN catalog_product AS product ON product.id = level.product_id GROUP BY 1""")
    bare = shop.ask("""SELECT count(*) FROM orders_orderline AS line JOIN orders_order AS o ON o.id = line.order_id
                       WHERE o.channel = 'sale' AND line.units <> coalesce((
                           SELECT sum(units) FROM inventory_allocation
                           WHERE demand_key = 'order_line:' || line.id), 0)""")
    log = "".join(path.read_text(errors="replace") for path in shop.home.rglob("*.log"))
    return Books(
        orders=orders,
        units_by_sku=dict(units),
        allocated_by_sku=dict(allocated),
        lines_without_promise=bare[0][0],
        ledger_differences=int(_run(shop=shop, code=_COMPARE).split()[-1]),
        deadlocks=log.count("deadlock detected"),
    )


def faults_of(*, told: Told, books: Books, sale: Sale) -> list[str]:
    """Every way in which the books contradict what the clients were told; empty when all is well."""
    stock = sale.units * sale.places
    sold: Counter[str] = Counter()
    for lines in told.sold.values():
        sold.update(lines)
    checks = {
        "an attempt was not answered": told.answered != sale.attempts,
        "a client saw a fault": bool(told.faults),
        "an acknowledged order is missing": bool(told.sold.keys() - books.orders.keys()),
        "an order is there that nobody was told of": bool(books.orders.keys() - told.sold.keys()),
        "an order is there twice": any(count != 1 for count in books.orders.values()),
        "what was told and what is written differ": dict(sold) != books.units_by_sku,
        "more or less than the stock was promised": any(
            books.allocated_by_sku.get(f"TEA-{number:03}", 0) != sold[f"TEA-{number:03}"] for number in range(sale.skus)
        ),
        "more than the stock was sold": any(units > stock for units in sold.values()),
        "stock was left although more was wanted": sum(sold.values()) != sale.stock_units,
        "a line has no promise": books.lines_without_promise != 0,
        "the ledger differs from the levels": books.ledger_differences != 0,
        "a deadlock happened": books.deadlocks != 0,
    }
    return [fault for fault, holds in checks.items() if holds] + told.faults[:5]


def _order_on(web: Web, token: str, sale: Sale, numbers: Any, told: Told) -> None:
    with httpx.Client(base_url=f"{web.url}/api/v1", timeout=30) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        while True:
            with told.lock:
                number = next(numbers, None)
            if number is None:
                return
            try:
                _attempt(client=client, number=number, sale=sale, told=told)
            except Exception as fault:  # noqa: BLE001 - told in the report
                told.faults.append(repr(fault))
                return


def _attempt(*, client: httpx.Client, number: int, sale: Sale, told: Told) -> None:
    dice = np.random.default_rng([sale.seed, number])
    chosen = dice.choice(sale.skus, size=1 if dice.random() < 0.7 else 2, replace=False)
    lines = {f"TEA-{int(sku):03}": 1 for sku in chosen}
    name = f"S-{number}"
    body = {
        "channel": "sale",
        "external_id": name,
        "ordered_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "currency": "TWD",
        "customer": {"key": f"reader-{number % 500}"},
        "lines": [{"sku": sku, "units": units, "unit_price": 450} for sku, units in lines.items()],
    }
    answer = _insist(client=client, name=name, body=body, told=told)
    with told.lock:
        if answer.status_code in {200, 201}:
            told.sold[name] = lines
        elif answer.json().get("code") == "fulfil.goods_short":
            told.refused.add(name)
        else:
            told.faults.append(f"{name}: {answer.status_code} {answer.text[:300]}")


def _insist(*, client: httpx.Client, name: str, body: dict[str, Any], told: Told) -> httpx.Response:
    """Ask until there is an answer that is no excuse; the same request under the same key."""
    for _ in range(2000):
        with suppress(httpx.HTTPError):
            answer = client.post("/orders", json=body, headers={"Idempotency-Key": name})
            is_busy = answer.status_code == 409 and "retry-after" in answer.headers
            if answer.status_code not in _AGAIN and not is_busy:
                return answer
        told.repeats += 1
        time.sleep(0.1)
    raise TimeoutError(f"{name} was never answered")


def _run(*, shop: Installation, code: str) -> str:
    environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(Path.cwd()))
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout
