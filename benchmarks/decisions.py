"""Message decisions an hour: loaded, decided and saved, with caps, quiet hours, holdout and stock, for 200,000 people.

Everything is SYNTHETIC and made by set-based SQL in an embedded database of the benchmark's own: two channels, consent
of seven in ten, zones of three continents, half a year of messages, a tenth of the goods scarce. Run with `python -m
benchmarks.decisions`; `--customers 20000` makes a smaller shop. The floor is a million an hour.
"""

import argparse
import datetime as dt
import time
from collections import Counter

from benchmarks.pages import make_rows, own_database

NIGHT = dt.datetime(2026, 11, 26, 18, 30, tzinfo=dt.UTC)
FLOOR = 1_000_000
_MAKE = (
    "SELECT setseed(0.20261127)",
    """INSERT INTO planning_run (kind, as_of_date, state, started_at, finished_at, error)
       VALUES ('night', %(today)s, 'succeeded', %(now)s, %(now)s, '')""",
    """INSERT INTO catalog_product (sku, name, currency, price_minor, unit_cost_minor)
       SELECT 'SKU-' || n, 'Product ' || n, 'TWD', 45000, 20000 FROM generate_series(1, 200) AS n""",
    """INSERT INTO customers_customer (key, name, language, country, time_zone, birthday)
       SELECT 'C-' || n, 'Customer ' || n, 'en', (ARRAY['TW', 'US', 'DE'])[1 + n %% 3],
              (ARRAY['', 'America/New_York', 'Europe/Berlin'])[1 + n %% 3], date '1960-01-01' + n %% 16000
       FROM generate_series(1, %(customers)s) AS n""",
    """INSERT INTO messaging_contactpoint (customer_id, channel, address)
       SELECT id, channel, channel || id FROM customers_customer, unnest(ARRAY['email', 'line']) AS channel
       WHERE channel = 'email' OR id %% 2 = 0""",
    """INSERT INTO messaging_consententry (customer_id, channel, purpose, is_granted, source, declared_at,
           idempotency_key)
       SELECT customer_id, channel, 'marketing', random() < 0.7, 'checkout',
              %(now)s::timestamptz - interval '200 days', 'k' || id FROM messaging_contactpoint""",
    """INSERT INTO planning_customervalue (run_id, customer_id, recency_days, frequency, monetary, r_score, f_score,
           m_score, segment, active_share, expected_orders, expected_value, churn_share)
       SELECT (SELECT max(id) FROM planning_run), id, 10, 5, 5000, 3, 3, 1 + id %% 5, 'loyal', 0.8, 5, 5000, 0.2
       FROM customers_customer""",
    """INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, currency, content_hash)
       SELECT 'bench', id || '-' || n, id, %(now)s::timestamptz - random() * interval '300 days', 'TWD', ''
       FROM customers_customer, generate_series(1, 3) AS n""",
    """INSERT INTO messaging_outboxmessage (idempotency_key, message_id, customer_id, channel, purpose, address,
           subject, body_text, state, reason_code, reason_parameters, send_after, sending_at, finished_at, planned_at)
       SELECT 'm' || id || '-' || n, '<m' || id || '-' || n || '>', id, 'email', 'marketing', 'x', 'Tea', '', 'sent',
              'reminder.planned', '{}', at, at, at, at
       FROM customers_customer, generate_series(1, 4) AS n,
            LATERAL (SELECT %(now)s::timestamptz - (random() * n) * interval '20 days'
                            + id * interval '0' AS at) AS sent""",
    """INSERT INTO messaging_messageevent (message_id, kind, happened_at, key)
       SELECT id, 'opened', finished_at + interval '1 hour', 'o' || id FROM messaging_outboxmessage
       WHERE id %% 3 = 0""",
    """INSERT INTO messaging_marketingpause (customer_id, reason, paused_at, paused_by, cause)
       SELECT id, 'late', %(now)s, 'system', 'parcel' FROM customers_customer WHERE id %% 50 = 0""",
)


def _stock() -> None:
    from reorder.domain.catalog.models import Product
    from reorder.domain.inventory import operations
    from tests.factories.inventory import make_place, opening

    make_place()
    products = Product.objects.order_by("pk")
    operations.record_moves(
        moves=[
            opening(product_id=one.pk, units=5 if number % 10 == 0 else 100_000) for number, one in enumerate(products)
        ]
    )


def _run(*, customers: int, lot: int) -> None:
    from django.db import transaction

    from reorder.domain.customers.models import Customer
    from reorder.domain.marketing.wanted import WantedMessage
    from reorder.flows.contacting import propose
    from tests.factories.content import make_template

    make_template()
    ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    outcomes: Counter[str] = Counter()
    started = time.perf_counter()
    for start in range(0, len(ids), lot):
        wanted = [
            WantedMessage(
                key=f"bench-{number}",
                customer_id=number,
                purpose="marketing",
                source_kind="journey",
                source_key="due",
                template_code="tea",
                channels=("email", "line"),
                skus=(f"SKU-{1 + number % 200}", f"SKU-{1 + number * 7 % 200}"),
                stock_rule="drop",
                earliest_at=NIGHT,
                latest_at=NIGHT + dt.timedelta(days=5),
                value_minor=float(number % 997),
                reason_code="reminder.planned",
            )
            for number in ids[start : start + lot]
        ]
        with transaction.atomic():
            outcomes.update(one.outcome for one in propose(wanted=wanted, moment=NIGHT))
    seconds = time.perf_counter() - started
    hourly = customers / seconds * 3600
    print(f"{customers:,} decisions in {seconds:.1f} s: {hourly:,.0f} an hour, floor {FLOOR:,}", flush=True)
    print(", ".join(f"{name} {count:,}" for name, count in sorted(outcomes.items())), flush=True)


def main() -> None:
    """Make the shop, decide once about everybody, print the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--lot", type=int, default=1_000)
    options = parser.parse_args()
    with own_database():
        parameters = {"customers": options.customers, "now": NIGHT, "today": NIGHT.date()}
        make_rows(statements=_MAKE, parameters=parameters)
        _stock()
        _run(customers=options.customers, lot=options.lot)


if __name__ == "__main__":
    main()
