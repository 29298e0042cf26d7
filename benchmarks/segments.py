"""Seconds to hold a million customers against twenty segments, to follow events, and to take a list of two million.

Everything is SYNTHETIC and made by set-based SQL in an embedded database of the benchmark's own. "anew" is the first
count of all segments; "again" a count of the next day, as every night makes it. Run with `python -m
benchmarks.segments`; `--customers 100000` makes a smaller shop.
"""

import argparse
import datetime as dt
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.pages import make_rows, own_database

NOW = dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)
# The ready-made ones but the four that say least, and one that asks two others.
_LEFT_OUT = ("hibernating", "about-to-sleep", "needs-attention", "promising")
_MAKE = (
    "SELECT setseed(0.20261127)",
    """INSERT INTO planning_run (kind, as_of_date, state, started_at, finished_at, error)
       VALUES ('night', %(today)s, 'succeeded', %(now)s, %(now)s, '')""",
    "INSERT INTO catalog_category (code, name) SELECT 'c-' || n, 'Category ' || n FROM generate_series(1, 20) AS n",
    """INSERT INTO catalog_product (sku, name, currency, category_id)
       SELECT 'SKU-' || n, 'Product ' || n, 'TWD', (SELECT min(id) FROM catalog_category) + n %% 20
       FROM generate_series(1, 1000) AS n""",
    """INSERT INTO customers_customer (key, name, language, country, birthday, created_at)
       SELECT 'C-' || n, 'Customer ' || n, (ARRAY['zh-Hant', 'en'])[1 + n %% 2], 'TW',
              CASE WHEN n %% 3 = 0 THEN date '1960-01-01' + (random() * 16000)::int END,
              %(now)s::timestamptz - random() * interval '1000 days'
       FROM generate_series(1, %(customers)s) AS n""",
    """INSERT INTO messaging_contactpoint (customer_id, channel, address)
       SELECT id, 'email', 'person' || id || '@example.org' FROM customers_customer""",
    """INSERT INTO messaging_consententry (customer_id, channel, purpose, is_granted, source, declared_at,
           idempotency_key)
       SELECT id, 'email', 'marketing', random() < 0.7, 'checkout', %(now)s::timestamptz - interval '200 days',
              'k' || id
       FROM customers_customer""",
    """INSERT INTO planning_customervalue (run_id, customer_id, recency_days, frequency, monetary, r_score, f_score,
           m_score, segment, active_share, expected_orders, expected_value, churn_share)
       SELECT (SELECT max(id) FROM planning_run), id, random() * 365, 1 + (random() * 20)::int, random() * 50000,
              1 + (random() * 4)::int, 1 + (random() * 4)::int, 1 + (random() * 4)::int,
              (ARRAY['champions', 'loyal', 'new', 'promising', 'needs_attention', 'at_risk', 'lost', 'cannot_lose'])
              [1 + (random() * 7)::int], random(), random() * 12, random() * 20000, random() FROM customers_customer""",
    """INSERT INTO planning_duedate (run_id, customer_id, subject, due_date, due_p10_date, due_p25_date, due_p75_date,
           due_p90_date, active_share, within_7_days, within_14_days, within_30_days, remind_date, remind_hit_share,
           expected_units, orders_count, evidence, usual_gap_days, last_bought_date, reason_code)
       SELECT (SELECT max(id) FROM planning_run), id, 'SKU-' || 1 + (id * 7 + n) %% 1000, day, day, day, day, day, 0.8,
              0.3, 0.5, 0.8, day, 0.3, 1, 3, 'pair', 30, %(today)s::date - 20, 'repurchase.pair'
       FROM (SELECT id, n, %(today)s::date - 30 + (random() * 120)::int AS day
             FROM customers_customer, generate_series(1, 2) AS n) AS drawn""",
    """INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, currency, content_hash, discount_minor)
       SELECT 'bench', id || '-' || n, id, %(now)s::timestamptz - power(random(), 2) * interval '700 days', 'TWD', '',
              CASE WHEN random() < 0.3 THEN 1000 ELSE 0 END
       FROM customers_customer, generate_series(1, 4) AS n WHERE n <= 1 + id %% 4""",
    """INSERT INTO orders_orderline (order_id, line_key, product_id, units, unit_price_minor)
       SELECT o.id, n::text, (SELECT min(id) FROM catalog_product) + (o.id * 13 + n * 101) %% 1000, 1, 45000
       FROM orders_order AS o, generate_series(1, 2) AS n""",
    """INSERT INTO behaviour_trackedevent (message_id, customer_id, kind, product_id, happened_at)
       SELECT 'e' || n, 1 + (n::bigint * 7919) %% %(customers)s, (ARRAY['view', 'view', 'view', 'cart'])[1 + n %% 4],
              (SELECT min(id) FROM catalog_product) + n %% 1000, %(now)s::timestamptz - random() * interval '60 days'
       FROM generate_series(1, %(customers)s * 2) AS n""",
    """INSERT INTO messaging_outboxmessage (idempotency_key, message_id, customer_id, channel, purpose, address,
           subject, body_text, state, reason_code, reason_parameters, send_after, finished_at)
       SELECT 'm' || n, '<m' || n || '>', 1 + (n * 31) %% %(customers)s, 'email', 'marketing', 'x', 'Tea', '', 'sent',
              'reminder.planned', '{}', %(now)s::timestamptz, %(now)s::timestamptz - random() * interval '120 days'
       FROM generate_series(1, %(customers)s) AS n""",
    """INSERT INTO messaging_messageevent (message_id, kind, happened_at, recorded_at, key)
       SELECT id, 'opened', finished_at + interval '1 hour', finished_at + interval '1 hour', 'o' || id
       FROM messaging_outboxmessage
       WHERE id %% 3 = 0""",
)


def _seconds(name: str, act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = act()
    spent = time.perf_counter() - started
    print(f"{name:60s} {spent:8.2f} s", flush=True)
    return spent, answer


def _make_segments() -> int:
    from reorder.domain.marketing.segment_editing import NewSegment
    from reorder.flows import segmenting
    from reorder.flows.segmenting.ready_made import READY_MADE

    chosen = [one for one in READY_MADE if one.code not in _LEFT_OUT]
    both = {
        "match": "all",
        "rules": [{"kind": "segment", "values": [code]} for code in ("price-sensitive", "due-this-week")],
    }
    tea = {
        "match": "all",
        "rules": [
            {"kind": "orders_value", "op": "at_least", "value": 900, "days": 365, "categories": ["c-1", "c-2"]},
            {"kind": "language", "values": ["zh"]},
        ],
    }
    rules = [(one.code, one.rules) for one in chosen] + [("due-and-price-sensitive", both), ("tea-of-the-year", tea)]
    for code, given in rules[-20:]:
        segment = NewSegment(code=code, name=code, kind="rules", rules=given)
        segmenting.create_segment(segment=segment, decided_by="bench", moment=NOW)
    return len(rules[-20:])


def _measure(*, customers: int, list_rows: int) -> float:
    from reorder.domain.marketing import segments
    from reorder.flows import segmenting

    count = _make_segments()
    _seconds(f"{count} segments anew", lambda: segmenting.refresh_all(moment=NOW))
    held = sum(one.members_count for one in segments.list_segments())
    print(f"{held:,} memberships", flush=True)
    again, counted = _seconds(
        f"{count} segments again, a day later", lambda: segmenting.refresh_all(moment=NOW + dt.timedelta(days=1))
    )
    print(f"{counted.came_count:,} joined, {counted.left_count:,} left", flush=True)
    for size in (1, 1000):
        ids = list(range(10, 10 + size))
        segmenting.mark_customers(customer_ids=ids)
        _seconds(f"{size} marked", lambda: segmenting.refresh_marked(moment=NOW + dt.timedelta(days=1, seconds=1)))
    for name in ("one-time-buyers", "price-sensitive", "cart-abandoners", "tea-of-the-year"):
        row = segments.get_segment(code=name)
        _seconds(f"count and sample: {name}", lambda row=row: segmenting.preview_rules(rules=row.rules, moment=NOW))
    _import_list(customers=customers, rows=list_rows)
    return again


def _import_list(*, customers: int, rows: int) -> None:
    from reorder.domain.marketing import segment_lists
    from reorder.domain.marketing.segment_editing import NewSegment
    from reorder.flows import segmenting
    from reorder.flows.file_import.arriving import open_incoming

    segment = NewSegment(code="list", name="List", kind="list", rules={})
    segmenting.create_segment(segment=segment, decided_by="bench", moment=NOW)
    incoming = open_incoming(name="people.csv")
    incoming.write(b"customer_id,email\n")
    for start in range(1, rows + 1, 100_000):
        lines = (
            f"C-{n}," if n % 2 else f",person{n}@example.org" for n in range(start, min(start + 100_000, rows + 1))
        )
        incoming.write(("\n".join(lines) + "\n").encode())
    import_id = segmenting.start_list_import(
        code="list", mode="replace", incoming=incoming, asked_by="bench", moment=NOW
    )
    _seconds(f"list of {rows:,} rows", lambda: segmenting.run_list_import(import_id=import_id, moment=NOW))
    done = segment_lists.find_import(import_id=import_id)
    if done is None or done.state != "done" or done.came_count != min(customers, rows):
        raise SystemExit(f"the list was not taken whole: {done}")
    print(f"{done.came_count:,} joined, {done.rejected_count:,} rows named nobody", flush=True)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--list-rows", type=int, default=2_000_000)
    given = parser.parse_args(argv)
    with own_database():
        from reorder.domain.behaviour.months import open_months

        open_months(first_at=NOW - dt.timedelta(days=62), last_at=NOW)
        make_rows(statements=_MAKE, parameters={"now": NOW, "today": NOW.date(), "customers": given.customers})
        again = _measure(customers=given.customers, list_rows=given.list_rows)
    print(f"{given.customers:,} SYNTHETIC customers, 20 segments again: {again:.1f} s (target 60)")


if __name__ == "__main__":
    main()
