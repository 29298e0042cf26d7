"""Events a second that a really started server takes, how long its answers last, and whether any event is lost.

Batches are sent at a fixed rate whatever the answers do, so a slow answer makes the next ones wait and counts for them
too. Everything is SYNTHETIC: products, customers, visitors of whom some sign in; a tenth of the batches is sent twice,
as clients do that did not hear an answer. At the end every event must be a row, once. The load comes from this same
machine. Run with `python -m benchmarks.tracking`; `--seconds 10` makes it shorter, `--rate` asks for more events a
second, `--home` keeps the installation in a folder and uses it again, emptied.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from tests.factories.installation import Installation, installation
from tests.factories.web import children_of, serving

VISITORS, CUSTOMERS, PRODUCTS = 20_000, 5_000, 1_000
_PREPARE = f"""
import django; django.setup()
from django.db import connection
from reorder.domain.behaviour.sources import make_source
from reorder.kernel.clock import current_moment
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO catalog_product (sku, name, currency) "
                   "SELECT 'SKU-' || n, 'Product ' || n, 'TWD' FROM generate_series(1, {PRODUCTS}) AS n")
    cursor.execute("INSERT INTO customers_customer (key) SELECT 'C-' || n FROM generate_series(1, {CUSTOMERS}) AS n")
    # Tonight's night has been: this is about events.
    cursor.execute("INSERT INTO planning_run (kind, as_of_date, state, started_at, finished_at) "
                   "VALUES ('night', (now() AT TIME ZONE 'Asia/Taipei')::date, 'succeeded', now(), now())")
source, secret = make_source(code="bench", name="Bench", channel="file", origins=[], before_consent="counts",
                             created_by="benchmarks", moment=current_moment())
print(source.write_key, secret)
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """One batch: how long after its hour it was answered, and whether well."""

    seconds: float
    is_taken: bool


_EMPTY = """
TRUNCATE behaviour_trackedevent, behaviour_inboxevent, behaviour_eventkey, behaviour_visitorlink, behaviour_visitor,
    behaviour_trackedday, behaviour_trackingsource, planning_dirtymark, customers_customer, catalog_product CASCADE
"""


@contextmanager
def emptied(home: str) -> Iterator[Installation]:
    """An installation that stays in this folder, without the rows of the time before."""
    folder = Path(home)
    folder.mkdir(parents=True, exist_ok=True)
    shop = Installation(home=folder, settings={"REORDER_CLOCK": ""})
    try:
        shop.database.ensure_started()
        if not shop.ask("SELECT 1 FROM pg_tables WHERE tablename = 'behaviour_inboxevent'"):
            shop.say("doctor")
        shop.ask(_EMPTY)
        yield shop
    finally:
        shop.database.stop()


def processor_seconds(pids: Sequence[int]) -> float:
    """What these processes have spent so far, and what their ended children did."""
    spent = 0
    for pid in pids:
        try:
            spent += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    return spent / os.sysconf("SC_CLK_TCK")


def prepare(shop: Installation) -> tuple[str, str]:
    environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(Path.cwd()))
    words = [sys.executable, "-c", _PREPARE]
    done = subprocess.run(words, env=environment, check=True, capture_output=True, text=True)
    key, secret = done.stdout.split()[-2:]
    return key, secret


def make_batch(number: int, *, size: int, secret: str, rng: np.random.Generator) -> bytes:
    """Views, carts, searches and pages of random visitors; one in twenty proves who it is."""
    kinds = [
        ("Product Viewed", lambda: {"sku": f"SKU-{rng.integers(1, PRODUCTS + 1)}", "price": 450, "currency": "TWD"}),
        ("Product Added", lambda: {"sku": f"SKU-{rng.integers(1, PRODUCTS + 1)}", "quantity": 1}),
        ("Products Searched", lambda: {"query": f"tea {rng.integers(500)}", "results": int(rng.integers(4))}),
        ("page_engaged", lambda: {"engaged_ms": int(rng.integers(60_000))}),
    ]
    calls = []
    for place in range(size):
        visitor = int(rng.integers(VISITORS))
        name, properties = kinds[int(rng.choice(4, p=[0.6, 0.1, 0.1, 0.2]))]
        call = {
            "type": "track",
            "event": name,
            "messageId": f"{number}-{place}",
            "anonymousId": f"visitor-{visitor}",
            "properties": properties(),
            "context": {
                "consent": {"analytics": True, "marketing": True},
                "page": {"path": f"/p/{visitor % 300}", "url": "https://shop.example.org/p", "title": "Tea"},
                "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
            },
        }
        if visitor % 20 == 0:
            user = f"C-{1 + visitor % CUSTOMERS}"
            call |= {"userId": user, "userHash": hmac.new(secret.encode(), user.encode(), hashlib.sha256).hexdigest()}
        calls.append(call)
    return json.dumps({"batch": calls}).encode()


class Hand:
    """One client with a connection that stays open."""

    def __init__(self, url: str, key: str) -> None:
        self.place = urlsplit(url).netloc
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
        self.open = http.client.HTTPConnection(self.place, timeout=30)

    def send(self, body: bytes, *, hour: float) -> Answered:
        wait = hour - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        try:
            self.open.request("POST", "/v1/batch", body, self.headers)
            answer = self.open.getresponse()
            answer.read()
            is_taken = answer.status == 200
        except (OSError, http.client.HTTPException):
            self.open.close()
            is_taken = False
        return Answered(time.perf_counter() - hour, is_taken)


def send_all(*, url: str, key: str, bodies: list[bytes], each_second: float, hands: int) -> list[Answered]:
    """Every batch at its hour, by the hand whose turn it is."""
    clients = [Hand(url, key) for _ in range(hands)]
    start = time.perf_counter() + 0.5

    def work(hand: int) -> list[Answered]:
        places = range(hand, len(bodies), hands)
        return [clients[hand].send(bodies[place], hour=start + place / each_second) for place in places]

    with ThreadPoolExecutor(hands) as pool:
        return [one for part in pool.map(work, range(hands)) for one in part]


def wait_drained(shop: Installation) -> float:
    """Seconds until nothing waits in the inbox."""
    start = time.perf_counter()
    while shop.ask("SELECT 1 FROM behaviour_inboxevent LIMIT 1"):
        if time.perf_counter() - start > 600:
            raise SystemExit("the inbox is not drained after ten minutes")
        time.sleep(0.2)
    return time.perf_counter() - start


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=5_000, help="events a second, repeated ones not counted")
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--hands", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2, help="processes that serve pages")
    parser.add_argument("--home", default="", help="a folder to keep the installation in")
    wanted = parser.parse_args(arguments)
    count = wanted.seconds * wanted.rate // wanted.batch
    print("SYNTHETIC events")
    with emptied(wanted.home) if wanted.home else installation(REORDER_CLOCK="") as shop:
        if not wanted.home:
            shop.say("doctor")
        key, secret = prepare(shop)
        rng = np.random.default_rng(7)
        batches = [make_batch(number, size=wanted.batch, secret=secret, rng=rng) for number in range(count)]
        bodies = [body for place, body in enumerate(batches) for body in [body] * (2 if place % 10 == 0 else 1)]
        with serving(shop, "serve", "--with-worker", REORDER_WEB_WORKERS=str(wanted.workers)) as web:
            pause = wanted.seconds / len(bodies)
            start = time.perf_counter()
            everybody = [web.process.pid, *children_of(web.process.pid), *children_of(shop.database.status().pid or 0)]
            before = processor_seconds(everybody)
            answered = send_all(url=web.url, key=key, bodies=bodies, each_second=1 / pause, hands=wanted.hands)
            seconds = time.perf_counter() - start
            behind = wait_drained(shop)
            spent = processor_seconds(everybody) - before
        rows, once = shop.ask("SELECT count(*), count(DISTINCT message_id) FROM behaviour_trackedevent")[0]
        known = shop.ask("SELECT count(*) FROM behaviour_trackedevent WHERE customer_id IS NOT NULL")[0][0]
    took = np.array([one.seconds for one in answered]) * 1000
    sent, failed = count * wanted.batch, sum(not one.is_taken for one in answered)
    print(
        f"{sent:,} events, {len(bodies):,} calls of {wanted.batch} in {seconds:.1f} s: {sent / seconds:,.0f} events/s "
        f"(asked for {wanted.rate:,}); {failed} calls not answered well\n"
        f"answers: median {np.median(took):.0f} ms, p99 {np.quantile(took, 0.99):.0f} ms, "
        f"slowest {took.max():.0f} ms (target p99 500 ms)\n"
        f"server, worker and database spent {spent / sent * 5000:.2f} processor seconds for 5,000 events\n"
        f"drained {behind:.1f} s after the last answer; {rows:,} rows, {once:,} of them different, {known:,} of known "
        f"customers; lost {sent - once:,}, doubled {rows - once:,}"
    )
    sys.exit(bool(failed or once != sent or rows != once))


if __name__ == "__main__":
    main()
