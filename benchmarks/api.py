"""What the API takes in and gives out: single orders and batches, alone and several hands at once, and pages of lists.

Starts a real `reorder serve` on an installation of its own; figures are of one run on one machine, the ratio of batch
to single is what to compare. Run with `python -m benchmarks.api`; `--orders 400` single ones.
"""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from tests.factories.installation import Installation, installation
from tests.factories.web import serving

HANDS = 4
BATCH = 500
_TOKEN = """
import django; django.setup()
from tests.factories.api import make_secret
print(make_secret(requests_per_minute=1_000_000))
"""
_numbers = count(1)


def make_token(shop: Installation) -> str:
    environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(Path.cwd()))
    done = subprocess.run([sys.executable, "-c", _TOKEN], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def an_order(number: int) -> dict[str, Any]:
    return {
        "external_id": f"B-{number}",
        "ordered_at": "2026-11-20T09:30:00+08:00",
        "currency": "TWD",
        "fulfilment": "elsewhere",
        "customer": {"key": f"reader-{number % 5000}", "email": f"reader-{number % 5000}@example.org"},
        "lines": [{"sku": f"TEA-{number % 50:02}", "units": 1, "unit_price": 450}, {"sku": "TEA-00", "units": 2}],
    }


def send(client: httpx.Client, method: str, path: str, body: Any) -> float:
    start = time.perf_counter()
    answer = client.request(method, path, json=body, headers={"Idempotency-Key": f"k-{next(_numbers)}"})
    answer.raise_for_status()
    return (time.perf_counter() - start) * 1000


def show(what: str, milliseconds: list[float], each: int = 1) -> float:
    """Print one line; returns orders a second of one hand."""
    median, late = np.percentile(milliseconds, [50, 95])
    print(f"{what:<44} median {median:7.1f} ms   p95 {late:7.1f} ms   {each * 1000 / median:8.0f} /s one hand")
    return each * 1000 / float(median)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=400)
    wanted = parser.parse_args(arguments)
    with installation() as shop:
        shop.say("doctor")
        token = make_token(shop)
        with serving(shop) as web, httpx.Client(base_url=f"{web.url}/api/v1", timeout=120) as client:
            client.headers["Authorization"] = f"Bearer {token}"
            for number in range(50):
                send(client, "PUT", f"/products/TEA-{number:02}", {"currency": "TWD"})
            numbers = iter(range(10_000_000))
            single = show(
                "one order",
                [send(client, "POST", "/orders", an_order(next(numbers))) for _ in range(wanted.orders)],
            )
            batches = [{"orders": [an_order(next(numbers)) for _ in range(BATCH)]} for _ in range(6)]
            batch = show(
                f"a batch of {BATCH}", [send(client, "POST", "/orders/batch", one) for one in batches], each=BATCH
            )
            start = time.perf_counter()
            orders = [an_order(next(numbers)) for _ in range(wanted.orders)]
            with ThreadPoolExecutor(HANDS) as pool:
                list(pool.map(lambda order: send(client, "POST", "/orders", order), orders))
            together = wanted.orders / (time.perf_counter() - start)
            print(f"{HANDS} hands: {together:.0f} single orders/s, {together / single:.1f} times one hand")
            print(f"a batch takes {batch / single:.0f} times as many orders a second as single ones")
            for path in ("/orders?limit=50", "/orders?limit=200", "/products?limit=50", "/customers?limit=50"):
                show(f"GET {path}", [send(client, "GET", path, None) for _ in range(50)])


if __name__ == "__main__":
    main()
