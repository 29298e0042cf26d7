"""Journeys at work: facts in and steps on per second, and how long after its fact a customer has taken the first step.

    .venv/bin/python -m benchmarks.journeys --customers 20000

Customers with an address and consent leave carts; the ready-made journey of carts lets them in, writes to them (every
check of the decision included) and lets them wait; a day later it writes again; then they order, and leave. The second
part runs the job as the worker does, every two seconds, while facts keep coming at a steady rate.
"""

import argparse
import datetime as dt
import json
import time

from benchmarks.pages import own_database

DAY = dt.timedelta(days=1)
_PEOPLE = """
INSERT INTO customers_customer (key, name, language, time_zone, country, postcode, created_at)
SELECT 'bench-' || n, 'Bench ' || n, 'en', 'Asia/Taipei', 'TW', '100', now() FROM generate_series(1, %(count)s) AS n
ON CONFLICT (key) DO NOTHING
"""
_REACH = """
INSERT INTO messaging_contactpoint (customer_id, channel, address, created_at)
SELECT id, 'email', key || '@example.org', now() FROM customers_customer WHERE key LIKE 'bench-%%'
ON CONFLICT DO NOTHING
"""
_CONSENT = """
INSERT INTO messaging_consententry
    (customer_id, channel, purpose, is_granted, source, declared_at, recorded_at, idempotency_key)
SELECT id, 'email', 'marketing', true, 'bench', now() - interval '90 days', now(), left(md5(key), 40)
FROM customers_customer WHERE key LIKE 'bench-%%' ON CONFLICT (idempotency_key) DO NOTHING
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=20, help="How long facts keep coming in the second part.")
    parser.add_argument("--rate", type=int, default=200, help="Facts a second in the second part.")
    options = parser.parse_args()
    with own_database():
        figures = measure(customers=options.customers, seconds=options.seconds, rate=options.rate)
    print(json.dumps(figures, indent=1))


def measure(*, customers: int, seconds: int, rate: int) -> dict[str, float]:
    from django.db import connection

    from reorder.flows.journeys import editing, take_facts_and_step
    from reorder.kernel.clock import current_moment

    with connection.cursor() as cursor:
        for statement in (_PEOPLE, _REACH, _CONSENT):
            cursor.execute(statement, {"count": customers})
        cursor.execute("SELECT id FROM customers_customer WHERE key LIKE 'bench-%%' ORDER BY id LIMIT %s", [customers])
        people = [row[0] for row in cursor.fetchall()]
    now = current_moment()
    editing.switch_on_ready_made(code="cart-left", settings={}, decided_by="bench", moment=now)
    figures: dict[str, float] = {"customers": customers}
    for name, kind, moment in (
        ("enter_and_first_message", "cart_left", now),
        ("second_message", "", now + DAY),
        ("order_and_leave", "ordered", now + DAY + dt.timedelta(hours=1)),
    ):
        if kind:
            note(kind=kind, people=people, moment=moment)
        began = time.perf_counter()
        done = take_facts_and_step(moment=moment)
        taken = time.perf_counter() - began
        assert done.faults_count == 0, done
        figures[f"{name}_seconds"] = round(taken, 2)
        figures[f"{name}_per_second"] = round(customers / taken)
    figures |= measure_latency(people=people, seconds=seconds, rate=rate, moment=now + 3 * DAY)
    return figures


def note(*, kind: str, people: list[int], moment: dt.datetime) -> None:
    from reorder.domain.marketing.facts import note_facts
    from reorder.domain.marketing.rules import NewFact

    for start in range(0, len(people), 1000):
        note_facts(
            facts=[
                NewFact(
                    kind=kind,
                    customer_id=customer_id,
                    happened_at=moment,
                    subject=f"{kind}-{customer_id}-{moment.timestamp():.0f}",
                    key=f"{kind}:{customer_id}:{moment.timestamp():.0f}",
                )
                for customer_id in people[start : start + 1000]
            ]
        )


def measure_latency(*, people: list[int], seconds: int, rate: int, moment: dt.datetime) -> dict[str, float]:
    """Facts at a steady rate, the job every two seconds: from the fact to the first step, in seconds."""
    from reorder.flows.journeys import take_facts_and_step

    waits: list[float] = []
    open_since: list[tuple[int, float]] = []
    began, sent, due = time.perf_counter(), 0, 2.0
    while (now := time.perf_counter() - began) < seconds or open_since:
        if now < seconds and sent < len(people) and sent < now * rate:
            count = min(int(now * rate) - sent + 1, len(people) - sent)
            note(kind="cart_left", people=people[sent : sent + count], moment=moment)
            open_since.append((count, time.perf_counter()))
            sent += count
        if now >= due or now >= seconds:
            taken, open_since = open_since, []
            take_facts_and_step(moment=moment)
            ended = time.perf_counter()
            waits.extend(ended - at for count, at in taken for _ in range(count))
            due = max(due + 2.0, time.perf_counter() - began)
        time.sleep(0.05)
    waits.sort()
    return {
        "facts_at_rate": sent,
        "latency_median_seconds": round(waits[len(waits) // 2], 2),
        "latency_p99_seconds": round(waits[int(len(waits) * 0.99)], 2),
        "latency_most_seconds": round(waits[-1], 2),
    }


if __name__ == "__main__":
    main()
