"""The proof that we do not oversell: 64 clients over HTTP want ten times what there is of 20 SKUs, under random kills.

Page processes, the worker and PostgreSQL are killed (-9) at random moments. At the end exactly the stock is sold, every
order that a client was told of exists once, no other exists, and the ledger equals the levels. Run with `python -m
benchmarks.oversell`; `--attempts 5000 --units 12` is a short one.
"""

import argparse
import os
import signal
import sys
import time
from contextlib import suppress

import numpy as np

from tests.factories.installation import installation
from tests.factories.sale import Sale, Told, faults_of, hold_sale, prepare, read_books
from tests.factories.web import Web, children_of, role_of, serving

VICTIMS = ("pages", "worker", "PostgreSQL")


def kill_at_random(*, web: Web, told: Told, sale: Sale, kills: int, report: list[str]) -> None:
    """So many kills spread over the sale, the victims in turn, each at a random count of answers."""
    dice = np.random.default_rng(sale.seed)
    moments = sorted(int(share * sale.attempts) for share in dice.uniform(0.01, 0.95, kills))
    for number, moment in enumerate(moments):
        while told.answered < moment and not told.faults:
            time.sleep(0.05)
        victim = VICTIMS[number % len(VICTIMS)]
        below = children_of(web.process.pid)
        status = web.shop.database.status()
        pids = [status.pid] if victim == "PostgreSQL" else [pid for pid in below if role_of(pid) == victim][-1:]
        for pid in pids:
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    report.append(victim)
        print(f"  {told.answered:>7,} answered, {len(told.sold):>6,} sold: killed {victim}", flush=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--skus", type=int, default=20)
    parser.add_argument("--units", type=int, default=250, help="of each SKU at each of two places")
    parser.add_argument("--kills", type=int, default=12)
    wanted = parser.parse_args(arguments)
    sale = Sale(attempts=wanted.attempts, clients=wanted.clients, skus=wanted.skus, units=wanted.units)
    killed: list[str] = []
    with installation(REORDER_CLOCK="", REORDER_WORKER_TIMEOUT_SECONDS="5") as shop:
        shop.say("doctor")
        token = prepare(shop=shop, sale=sale)
        start = time.perf_counter()
        with serving(shop, "serve", "--with-worker") as web:
            told = hold_sale(
                web=web,
                token=token,
                sale=sale,
                disturb=lambda told: kill_at_random(web=web, told=told, sale=sale, kills=wanted.kills, report=killed),
            )
            seconds = time.perf_counter() - start
            books = read_books(shop=shop)
    print(
        f"{told.answered:,} attempts by {sale.clients} clients in {seconds:.0f} s ({told.answered / seconds:.0f}/s), "
        f"{len(killed)} kills, {told.repeats:,} requests sent again\n"
        f"stock {sale.stock_units:,} units; sold {sum(books.units_by_sku.values()):,} in {len(books.orders):,} orders; "
        f"refused {len(told.refused):,}; deadlocks {books.deadlocks}; ledger differences {books.ledger_differences}"
    )
    faults = faults_of(told=told, books=books, sale=sale)
    print(faults or "exactly the stock was sold, and every acknowledged order exists once")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
