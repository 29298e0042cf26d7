"""Seconds of the night's measuring in a shop of many messages: first of half a year at once, then of one night more.

Everything is SYNTHETIC and made by set-based SQL in an embedded database of the benchmark's own. Treated
customers buy more often than the held out, and the figures that come out say how well that was found. Run with
`python -m benchmarks.effects`; `--customers 20000` makes a smaller shop.
"""

import argparse
import datetime as dt
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.pages import make_rows, own_database

NOW = dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)
_MAKE = (
    "SELECT setseed(0.20261127)",
    """INSERT INTO catalog_product (sku, name, currency, price_minor, unit_cost_minor)
       SELECT 'SKU-' || n, 'Product ' || n, 'TWD', 45000, 20000 FROM generate_series(1, 1000) AS n""",
    "INSERT INTO customers_customer (key, name) SELECT 'C-' || n, '' FROM generate_series(1, %(customers)s) AS n",
    # Five messages a customer in half a year, of ten journeys; one in ten is held out by each, one in twenty by all.
    """INSERT INTO messaging_outboxmessage (idempotency_key, message_id, customer_id, channel, purpose, address,
           subject, body_text, state, reason_code, reason_parameters, send_after, planned_at, finished_at, source_kind,
           source_key, step_key, variant, holdout)
       SELECT 'm' || id || '-' || n, '<m' || id || '-' || n || '>', id, (ARRAY['email', 'line'])[1 + id %% 2],
              'marketing', 'x', 'Tea', '', CASE WHEN held = '' THEN 'sent' ELSE 'held_out' END, 'journey.step', '{}',
              at, at, at, 'journey', 'journey-' || journey, 'ask', CASE WHEN id %% 2 = 0 THEN 'a' ELSE 'b' END, held
       FROM (SELECT id, n, journey, at, CASE WHEN id %% 20 = 7 THEN 'global'
                    WHEN (id * 31 + journey * 17) %% 10 = 3 THEN 'source' ELSE '' END AS held
             FROM (SELECT id, n, (id + n) %% 10 AS journey,
                          %(now)s::timestamptz - random() * interval '180 days' AS at
                   FROM customers_customer, generate_series(1, 5) AS n) AS drawn) AS dealt""",
    """INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, imported_at, currency, content_hash)
       SELECT 'bench', 'o' || id || '-' || n, id, at, at, 'TWD', ''
       FROM (SELECT id, n, %(now)s::timestamptz - random() * interval '270 days' AS at
             FROM customers_customer, generate_series(1, 6) AS n) AS drawn""",
    # What messages add.
    """INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, imported_at, currency, content_hash)
       SELECT 'bench', 'x' || id, customer_id, planned_at + random() * interval '20 days', planned_at, 'TWD', ''
       FROM messaging_outboxmessage WHERE holdout = '' AND random() < 0.12""",
    """INSERT INTO orders_orderline (order_id, line_key, product_id, units, unit_price_minor)
       SELECT id, '1', (SELECT min(id) FROM catalog_product) + id %% 1000, 1, 45000 FROM orders_order""",
    """INSERT INTO messaging_messageevent (message_id, kind, happened_at, key)
       SELECT id, 'clicked', planned_at + interval '1 hour', 'c' || id FROM messaging_outboxmessage
       WHERE holdout = '' AND id %% 12 = 0""",
)
# One night: messages to a fiftieth of the customers, and orders of as many.
_NIGHT = (
    """INSERT INTO messaging_outboxmessage (idempotency_key, message_id, customer_id, channel, purpose, address,
           subject, body_text, state, reason_code, reason_parameters, send_after, planned_at, source_kind, source_key,
           step_key, holdout)
       SELECT 'n' || id, '<n' || id || '>', id, 'email', 'marketing', 'x', 'Tea', '', 'planned', 'journey.step', '{}',
              %(now)s, %(now)s, 'journey', 'journey-1', 'ask', '' FROM customers_customer WHERE id %% 50 = 1""",
    """INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, imported_at, currency, content_hash)
       SELECT 'bench', 'n' || id, id, %(now)s, %(now)s, 'TWD', '' FROM customers_customer WHERE id %% 50 = 2""",
)


def _seconds(name: str, act: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    answer = act()
    print(f"{name:60s} {time.perf_counter() - started:8.2f} s", flush=True)
    return answer


def _measure(customers: int) -> None:
    from reorder.domain.marketing.effect_figures import list_latest_figures
    from reorder.flows import effects

    given = {"customers": customers, "now": NOW}
    make_rows(statements=_MAKE, parameters=given)
    print(f"{customers} customers, {5 * customers} messages of half a year, SYNTHETIC", flush=True)
    first = _seconds("first measuring of half a year", lambda: effects.measure(as_of=NOW.date(), moment=NOW))
    print(f"  {first}", flush=True)
    later = NOW + dt.timedelta(days=1)
    make_rows(statements=_NIGHT, parameters={"now": later})
    night = _seconds("one night more", lambda: effects.measure(as_of=later.date(), moment=later))
    print(f"  {night}", flush=True)
    for row in list_latest_figures():
        if row.measure == "orders" and not row.step_key and not row.variant and row.source_key in {"", "journey-1"}:
            print(
                f"  {row.source_kind} {row.source_key}: {row.difference:+.4f} orders ({row.low:+.4f}, {row.high:+.4f})"
            )


def main(words: Sequence[str] | None = None) -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--customers", type=int, default=200_000)
    customers = reader.parse_args(words).customers
    with own_database():
        _measure(customers)


if __name__ == "__main__":
    main()
