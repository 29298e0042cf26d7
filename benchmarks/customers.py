"""Milliseconds of each list, search and page of the desk Customers at a million customers, through the web's own views.

Everything is SYNTHETIC and made by set-based SQL in an embedded database of the benchmark's own: names from common
Chinese and English ones, values, due dates, addresses, orders and pauses. It shows how long pages take, never how good
an answer is. Run with `python -m benchmarks.customers`; `--customers 100000` makes a smaller shop.
"""

import argparse
from collections.abc import Sequence
from typing import Any

from benchmarks.pages import Ask, Timed, make_rows, own_database, report, signed_in, time_pages

SEED = 0.20261126
_SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周葉蘇莊江呂何羅高潘簡朱鍾彭游詹胡施沈余趙盧梁顏柯翁魏孫戴"
_GIVEN = "美玲雅婷怡君志明俊傑淑芬佳穎宗翰承恩宜蓁子晴品妤冠宇柏翰詠晴家豪欣怡心怡婉婷嘉文建宏信宏文雄秀英麗華"
_ENGLISH = ("Mei", "Ann", "James", "Olivia", "Ethan", "Sophie", "Daniel", "Grace", "Quentin", "Zoe")
_FAMILY = ("Lin", "Chen", "Smith", "Brown", "Wilson", "Taylor", "Xu", "O'Neil", "Garcia", "Wu")
_SEGMENTS = ("champions", "loyal", "new", "promising", "needs_attention", "at_risk", "lost")

_MAKE = (
    "SELECT setseed(%(seed)s)",
    """INSERT INTO planning_run (kind, as_of_date, state, started_at, finished_at, error)
       VALUES ('night', current_date, 'succeeded', now(), now(), '')""",
    """INSERT INTO catalog_product (sku, name, currency)
       SELECT 'SKU-' || n, 'Product ' || n, 'TWD' FROM generate_series(1, 1000) AS n""",
    """INSERT INTO customers_customer (key, name)
       SELECT 'C-' || lpad(n::text, 7, '0'),
              CASE WHEN n %% 5 = 0
                   THEN (%(english)s::text[])[1 + (random() * 9)::int] || ' '
                        || (%(family)s::text[])[1 + (random() * 9)::int]
                   ELSE substr(%(surnames)s, 1 + (power(random(), 2) * (length(%(surnames)s) - 1))::int, 1)
                        || substr(%(given)s, 1 + (random() * (length(%(given)s) - 1))::int, 1)
                        || CASE WHEN random() < 0.9
                                THEN substr(%(given)s, 1 + (random() * (length(%(given)s) - 1))::int, 1) ELSE '' END
              END
       FROM generate_series(1, %(customers)s) AS n""",
    """INSERT INTO messaging_contactpoint (customer_id, channel, address)
       SELECT id, 'email', 'person' || id || '@shop' || id %% 50 || '.example' FROM customers_customer""",
    """INSERT INTO planning_customervalue (run_id, customer_id, recency_days, frequency, monetary, r_score, f_score,
           m_score, segment, active_share, expected_orders, expected_value, churn_share)
       SELECT (SELECT max(id) FROM planning_run), id, random() * 365, 1 + (random() * 20)::int, random() * 50000,
              1 + (random() * 4)::int, 1 + (random() * 4)::int, 1 + (random() * 4)::int,
              (%(segments)s::text[])[1 + (random() * 6)::int],
              random(), random() * 12, random() * 20000, random()
       FROM customers_customer""",
    """INSERT INTO planning_nextdue (run_id, customer_id, subject, due_date, due_p10_date, due_p25_date, due_p75_date,
           due_p90_date, active_share, remind_date, remind_hit_share, evidence)
       SELECT run, id, 'SKU-' || 1 + id %% 1000, day, day - 10, day - 4, day + 5, day + 20, 0.9, day - 2, 0.3, 'pair'
       FROM (SELECT id, current_date + 1 + (random() * 120)::int AS day, (SELECT max(id) FROM planning_run) AS run
             FROM customers_customer) AS drawn""",
    """INSERT INTO planning_duedate (run_id, customer_id, subject, due_date, due_p10_date, due_p25_date, due_p75_date,
           due_p90_date, active_share, within_7_days, within_14_days, within_30_days, remind_date, remind_hit_share,
           expected_units, orders_count, evidence, usual_gap_days, last_bought_date, reason_code)
       SELECT run_id, customer_id, subject, due_date, due_p10_date, due_p25_date, due_p75_date, due_p90_date,
              active_share, 0.3, 0.5, 0.8, remind_date, remind_hit_share, 1, 3, 'pair', 30, current_date - 20,
              'repurchase.pair' FROM planning_nextdue""",
    """INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, currency, content_hash)
       SELECT 'bench', 'N-' || id, id, now() - id %% 300 * interval '1 day', 'TWD', '' FROM customers_customer""",
    """INSERT INTO orders_orderline (order_id, line_key, product_id, units, unit_price_minor)
       SELECT id, '1', 1 + id %% 1000, 1, 10000 FROM orders_order WHERE customer_id %% 20 = 11""",
    """INSERT INTO messaging_marketingpause (customer_id, reason, paused_at, paused_by)
       SELECT id, 'complaint open', now() - random() * interval '90 days', 'bench'
       FROM customers_customer WHERE id %% 500 = 0""",
    """INSERT INTO planning_runstep (run_id, name, ordinal, state, started_at, finished_at, details)
       SELECT (SELECT max(id) FROM planning_run), 'value_customers', 1, 'succeeded', now(), now(),
              jsonb_build_object('segments', (SELECT jsonb_object_agg(segment, held) FROM
                  (SELECT segment, count(*) AS held FROM planning_customervalue GROUP BY segment) AS counted))""",
)
_SEARCHES = {
    "one character, common": "陳",
    "one character, rare": "戴",
    "two characters": "美玲",
    "full name": "陳美玲",
    "word, common": "mei",
    "word, rare together": "quentin garcia",
    "shop's id": "C-0004711",
    "beginning of an id": "C-00047",
    "e-mail address": "person4711@shop11.example",
    "beginning of an address": "person471",
    "nothing matches": "zzyzx 龘",
}


def shop_of(*, customers: int) -> dict[str, Any]:
    """What the statements ask for."""
    return {
        "seed": SEED,
        "customers": customers,
        "segments": list(_SEGMENTS),
        "surnames": _SURNAMES,
        "given": _GIVEN,
        "english": list(_ENGLISH),
        "family": list(_FAMILY),
    }


def pages() -> dict[str, Ask]:
    """Lists, searches and pages by name."""
    get = signed_in()
    tabs = ("all", "week", "fortnight", "new", "loyal", "champions", "at_risk", "lost", "paused")
    asked = {f"tab {tab}": get("/customers/", {"tab": tab}) for tab in tabs}
    asked |= {f"tab {tab}, page 100": get("/customers/", {"tab": tab, "after": _deep(tab)}) for tab in ("all", "week")}
    asked |= {f"search: {name}": get("/customers/", {"q": text}) for name, text in _SEARCHES.items()}
    asked |= {
        f"search in at risk: {name}": get("/customers/", {"q": text, "tab": "at_risk"})
        for name, text in list(_SEARCHES.items())[:3]
    }
    asked |= {
        f"search in week: {name}": get("/customers/", {"q": text, "tab": "week"})
        for name, text in list(_SEARCHES.items())[:3]
    }
    asked |= {"customer page": get("/customers/4711/", {}), "side panel": get("/customers/4711/side", {})}
    asked |= {"top search: 美玲": get("/search", {"q": "美玲"}), "top search: mei": get("/search", {"q": "mei"})}
    return asked


def _deep(tab: str) -> str:
    """The cursor behind the first 5,000 rows."""
    from django.db import connection

    from reorder.web.lists import encode_cursor

    order = {
        "all": "SELECT expected_value, customer_id FROM planning_customervalue ORDER BY 1 DESC, 2 DESC",
        "week": "SELECT due_date, customer_id FROM planning_nextdue ORDER BY 1, 2",
    }[tab]
    with connection.cursor() as cursor:
        cursor.execute(f"{order} OFFSET 5000 LIMIT 1")
        return encode_cursor(cursor.fetchone())


def main(argv: Sequence[str] | None = None) -> list[Timed]:
    """Measure and print; returns what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    given = parser.parse_args(argv)
    with own_database():
        make_rows(statements=_MAKE, parameters=shop_of(customers=given.customers))
        found = time_pages(asked=pages())
    report(shop=f"{given.customers:,} SYNTHETIC customers", found=found)
    return found


if __name__ == "__main__":
    main()
