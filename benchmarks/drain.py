"""Seconds from an order's commit until its customer's due dates know of it, at a hundred orders a second.

The shop is SYNTHETIC and made in an embedded database of the benchmark's own. Orders go through the same door as those
of the API, ten at a time, from two processes; another one runs what the worker's drain job runs, begun every two
seconds as `jobs/schedule` does. For every order the moment of its commit is compared with the moment from which the due
date of its customer and product says that it was bought today. Run with `python -m benchmarks.drain`; `--seconds 20`
is shorter, `--orders-a-second 50` slower, `--pairs 100000` makes a smaller shop.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.scale import PAIRS_A_CUSTOMER, PRODUCTS, TODAY, make_shop

SENDERS = 2
ORDERS_A_BATCH = 10
DRAIN_EVERY_SECONDS = 2.0
_CLOCK = f"{TODAY.isoformat()}T04:00:00+00:00"
# Each order has a product that this customer has never bought, so that its pair appears with the drain.
_SEEN = """
SELECT o.external_id FROM orders_order AS o JOIN orders_orderline AS l ON l.order_id = o.id
JOIN catalog_product AS p ON p.id = l.product_id
JOIN planning_duedate AS d ON d.customer_id = o.customer_id AND d.subject = p.sku AND d.last_bought_date = %s
WHERE o.channel = 'bench-now' AND o.external_id <> ALL(%s)
"""


def send_orders(*, sender: int, seconds: float, rate: float, pairs: int) -> None:
    """Take orders batch by batch at a rate, and print the moment at which each was committed."""
    from reorder.cli.start import start_application

    start_application()
    import datetime as dt
    from decimal import Decimal

    from reorder.domain.staff.rules import Actor
    from reorder.flows import order_intake
    from reorder.flows.order_intake import Buyer, NewLine, NewOrder
    from reorder.kernel import clock

    dice = np.random.default_rng(sender)
    actor = Actor(name="bench", abilities=frozenset())
    begun = time.monotonic()
    committed: dict[str, float] = {}
    for batch in range(int(seconds * rate / ORDERS_A_BATCH)):
        time.sleep(max(begun + batch * ORDERS_A_BATCH / rate - time.monotonic(), 0.0))
        moment = clock.current_moment() - dt.timedelta(minutes=1)
        orders = [
            NewOrder(
                external_id=f"{sender}-{batch}-{number}",
                ordered_at=moment,
                currency="TWD",
                buyer=Buyer(key=f"bench-now:C-{dice.integers(1, pairs // PAIRS_A_CUSTOMER + 1)}"),
                lines=(NewLine(sku=f"SKU-{dice.integers(PRODUCTS)}", units=Decimal(1), unit_price=Decimal(100)),),
            )
            for number in range(ORDERS_A_BATCH)
        ]
        taken = order_intake.take_orders(orders=orders, channel="bench-now", actor=actor, moment=moment)
        assert {one.outcome for one in taken} == {"added"}, taken
        committed |= dict.fromkeys((one.external_id for one in orders), time.monotonic())
    print(json.dumps(committed))


def drain_until_asked() -> None:
    """Drain as the worker does, until standard input ends."""
    from reorder.cli.start import start_application

    start_application()
    import select

    from reorder.flows import upkeep

    ended = False
    while not ended:
        begun, spent = time.monotonic(), time.process_time()
        drained = upkeep.drain_dirty(as_of=TODAY)
        said = (
            f"{drained} drained in {time.monotonic() - begun:.2f} s, {time.process_time() - spent:.2f} s of processor"
        )
        print(f"  {said} beside the database's", file=sys.stderr, flush=True)
        ready, _, _ = select.select([sys.stdin], [], [], max(begun + DRAIN_EVERY_SECONDS - time.monotonic(), 0.01))
        ended = bool(ready)


def measure(*, seconds: float, rate: float, pairs: int) -> dict[str, float]:
    """One shop in this process, whose REORDER_HOME is new: seconds from commit to due date, by percentile."""
    from reorder.cli.start import start_application, stop_database

    start_application()
    try:
        make_shop(pairs=pairs)
        _rename_customers()
        from benchmarks.scale import first_night
        from reorder.flows.predictions import rebuild_statistics

        rebuild_statistics(today=TODAY)
        first_night(as_of=TODAY)
        drainer = subprocess.Popen(_command("drain"), stdin=subprocess.PIPE)
        senders = [
            subprocess.Popen(_command("send", sender, seconds, rate / SENDERS, pairs), stdout=subprocess.PIPE)
            for sender in range(SENDERS)
        ]
        seen = _watch(senders=senders)
        committed: dict[str, float] = {}
        for sender in senders:
            out, _ = sender.communicate()
            committed |= json.loads(out)
        seen |= _watch(senders=[], expected=set(committed) - set(seen), known=seen)
        drainer.communicate()
    finally:
        stop_database()
    waits = np.array([seen[key] - moment for key, moment in committed.items()])
    rate_reached = len(committed) / (max(committed.values()) - min(committed.values()))
    return {
        "orders": len(committed),
        "orders a second": rate_reached,
        **{f"p{level}": float(np.percentile(waits, level)) for level in (50, 95, 99, 100)},
    }


def _watch(
    *, senders: list["subprocess.Popen[bytes]"], expected: set[str] | None = None, known: dict[str, float] | None = None
) -> dict[str, float]:
    """The moment at which each order was seen in the due dates, looked for five times a second."""
    from django.db import connection

    seen = dict(known or {})
    # Their output is small enough for the pipe, so they end without being read.
    while any(sender.poll() is None for sender in senders) or (expected is not None and not expected <= set(seen)):
        with connection.cursor() as cursor:
            cursor.execute(_SEEN, [TODAY, list(seen)])
            found = [row[0] for row in cursor.fetchall()]
        seen |= dict.fromkeys(found, time.monotonic())
        time.sleep(0.2)
    return seen


def _rename_customers() -> None:
    """The keys under which the door of the API knows people of its channel."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_customer SET key = 'bench-now:' || key")


def _command(part: str, *words: object) -> list[str]:
    return [sys.executable, "-m", "benchmarks.drain", "--part", part, *map(str, words)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line (or `arguments`), measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--orders-a-second", type=float, default=100.0)
    parser.add_argument("--pairs", type=int, default=300_000)
    parser.add_argument("--part", choices=["send", "drain"])
    parser.add_argument("words", nargs="*")
    given = parser.parse_args(arguments)
    if given.part == "send":
        sender, seconds, rate, pairs = given.words
        send_orders(sender=int(sender), seconds=float(seconds), rate=float(rate), pairs=int(pairs))
        return
    if given.part == "drain":
        drain_until_asked()
        return
    with tempfile.TemporaryDirectory(prefix="reorder-bench-") as home:
        for name in [name for name in os.environ if name.startswith("REORDER_")]:
            del os.environ[name]
        os.environ |= {"REORDER_HOME": home, "REORDER_CLOCK": _CLOCK}
        figures = measure(seconds=given.seconds, rate=given.orders_a_second, pairs=given.pairs)
    print("SYNTHETIC shop; seconds from an order's commit until its due date knows of it")
    print("  ".join(f"{name} {value:.2f}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
