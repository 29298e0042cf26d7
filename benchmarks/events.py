"""Events per second through the flow that the API calls, in batches of a thousand, from one and from several hands.

Everything is SYNTHETIC, in an embedded database of the benchmark's own: customers, products, and events with ids that
never repeat; the last figure sends the same events a second time. Run with `python -m benchmarks.events`;
`--events 20000` makes it shorter.
"""

import argparse
import datetime as dt
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.pages import make_rows, own_database

BATCH = 1000
_MAKE = (
    """INSERT INTO catalog_product (sku, name, currency)
       SELECT 'SKU-' || n, 'Product ' || n, 'TWD' FROM generate_series(1, 1000) AS n""",
    """INSERT INTO customers_customer (key, name)
       SELECT 'C-' || n, 'Customer ' || n FROM generate_series(1, %(customers)s) AS n""",
)


@dataclass(frozen=True, slots=True)
class Speed:
    """How many events a second one way of sending reached."""

    name: str
    events_per_second: float


def _send(first: int, *, batches: int, customers: int, moment: dt.datetime) -> int:
    """Batches of events numbered from `first`; returns how many were new."""
    from django.db import connection

    from reorder.flows.event_intake import IncomingEvent, take_events

    added = 0
    try:
        for batch in range(batches):
            numbers = range(first + batch * BATCH, first + (batch + 1) * BATCH)
            events = [
                IncomingEvent(
                    message_id=f"e-{number}",
                    kind="cart" if number % 10 == 0 else "view",
                    happened_at=moment - dt.timedelta(seconds=number % 86_400),
                    customer_key=f"C-{1 + number * 7919 % customers}",
                    sku=f"SKU-{1 + number * 31 % 1000}",
                )
                for number in numbers
            ]
            outcomes = take_events(events=events, channel="file", moment=moment)
            added += sum(one.outcome == "added" for one in outcomes)
    finally:
        connection.close()
    return added


def _measure(name: str, *, hands: int, events: int, first: int, customers: int, moment: dt.datetime) -> Speed:
    batches = max(events // (BATCH * hands), 1)
    started = time.perf_counter()
    with ThreadPoolExecutor(hands) as pool:
        sent = [
            pool.submit(_send, first + hand * batches * BATCH, batches=batches, customers=customers, moment=moment)
            for hand in range(hands)
        ]
        added = sum(one.result() for one in sent)
    seconds = time.perf_counter() - started
    speed = Speed(name, batches * hands * BATCH / seconds)
    print(f"{name:32s} {speed.events_per_second:>9,.0f} events/s   {added:,} new in {seconds:.1f} s")
    return speed


def main(argv: Sequence[str] | None = None) -> list[Speed]:
    """Measure and print; returns what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=100_000)
    given = parser.parse_args(argv)
    print("SYNTHETIC events")
    with own_database():
        make_rows(statements=_MAKE, parameters={"customers": given.customers})
        moment = dt.datetime(2026, 11, 26, 4, 0, tzinfo=dt.UTC)
        shared = {"events": given.events, "customers": given.customers, "moment": moment}
        return [
            _measure("one hand", hands=1, first=0, **shared),
            _measure("four hands", hands=4, first=10**9, **shared),
            _measure("the same again, one hand", hands=1, first=0, **shared),
        ]


if __name__ == "__main__":
    main()
