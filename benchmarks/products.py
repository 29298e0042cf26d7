"""Milliseconds of the desks Products and Demand at 30,000 products in three places, through the web's own views.

Everything is SYNTHETIC and made by set-based SQL in an embedded database of the benchmark's own: products, stock,
targets, a plan of 28 days and its weeks, two years of sales. It shows how long pages take, never how
good an answer is. Run with `python -m benchmarks.products`; `--products 3000` makes a smaller shop.
"""

import argparse
from collections.abc import Sequence
from typing import Any

from benchmarks.pages import Ask, Timed, make_rows, own_database, report, signed_in, time_pages

SEED = 0.20261126
CATEGORIES = 300
_PLACES = "(VALUES ('KEELUNG'), ('KAOHSIUNG'), ('TAINAN')) AS place(code)"
_BAND = "p10_units, p25_units, p50_units, p75_units, p90_units"
_SPREAD = "{units} * 0.5, {units} * 0.75, {units}, {units} * 1.25, {units} * 1.5"
_UNITS = "(1 + product.id %% 40) / 10.0"

_MAKE = (
    "SELECT setseed(%(seed)s)",
    """INSERT INTO planning_run (kind, as_of_date, state, started_at, finished_at, error)
       VALUES ('night', current_date, 'succeeded', now(), now(), '')""",
    """INSERT INTO catalog_category (code, name)
       SELECT 'CAT-' || n, 'Category ' || n FROM generate_series(1, %(categories)s) AS n""",
    """INSERT INTO catalog_product (sku, name, category_id, currency, price_minor, unit_cost_minor)
       SELECT 'SKU-' || n, CASE WHEN n %% 3 = 0 THEN '高山烏龍茶 ' ELSE 'Oolong ' END || n,
              1 + n %% %(categories)s, 'TWD', 10000 + n %% 50000, 6000 FROM generate_series(1, %(products)s) AS n""",
    """INSERT INTO inventory_place (code, name) VALUES ('KEELUNG', 'Keelung'), ('KAOHSIUNG', 'Kaohsiung'),
           ('TAINAN', 'Tainan')""",
    """INSERT INTO inventory_location (code, kind, place_id)
       SELECT side || ':' || code, side, id FROM inventory_place, unnest(ARRAY['stock', 'incoming']) AS side""",
    """INSERT INTO inventory_level (product_id, location_id, on_hand_units)
       SELECT product.id, location.id, (random() * 60)::int FROM catalog_product AS product
       CROSS JOIN inventory_location AS location WHERE location.place_id IS NOT NULL""",
    """INSERT INTO purchasing_supplier (code, name, currency) VALUES ('SUP-1', 'Supplier', 'TWD')""",
    """INSERT INTO purchasing_offer (supplier_id, product_id, unit_cost_minor)
       SELECT (SELECT min(id) FROM purchasing_supplier), id, 6000 FROM catalog_product WHERE id %% 10 > 0""",
    f"""INSERT INTO planning_demandplanday (run_id, subject, place_code, date, baseline_units, known_customers_units,
            committed_units, adjustment_units, mean_units, {_BAND}, p95_units, p99_units)
        SELECT (SELECT max(id) FROM planning_run), product.sku, place.code, current_date + day, {_UNITS}, {_UNITS} / 2,
               0, 0, {_UNITS}, {_SPREAD.format(units=_UNITS)}, {_UNITS} * 2, {_UNITS} * 3
        FROM catalog_product AS product CROSS JOIN {_PLACES} CROSS JOIN generate_series(0, 27) AS day""",
    f"""INSERT INTO planning_demandweek (run_id, scope, key, place_code, week, date, category_code, baseline_units,
            known_customers_units, mean_units, {_BAND}, previous_units, horizon_units, change_units)
        SELECT (SELECT max(id) FROM planning_run), 'subject', product.sku, code, week, current_date + week * 7,
               'CAT-' || 1 + product.id %% %(categories)s, {_UNITS} * 7, {_UNITS} * 3, {_UNITS} * 7,
               {_SPREAD.format(units=_UNITS + " * 7")}, {_UNITS} * 6, {_UNITS} * 28, {_UNITS} * 4
        FROM catalog_product AS product CROSS JOIN unnest(ARRAY['KEELUNG', 'KAOHSIUNG', 'TAINAN', '*']) AS code
        CROSS JOIN generate_series(0, 3) AS week""",
    f"""INSERT INTO planning_demandweek (run_id, scope, key, place_code, week, date, category_code, sold_units,
            baseline_units, known_customers_units, mean_units, {_BAND}, horizon_units)
        SELECT (SELECT max(id) FROM planning_run), scope, key, code, week, current_date + week * 7, key,
               CASE WHEN week < 0 THEN 1000 END, 1000, 400, 1000, 800, 900, 1000, 1100, 1200, 4000
        FROM (SELECT 'category' AS scope, code AS key FROM catalog_category UNION ALL SELECT 'shop', '') AS summed
        CROSS JOIN unnest(ARRAY['KEELUNG', 'KAOHSIUNG', 'TAINAN', '*']) AS code
        CROSS JOIN generate_series(-12, 3) AS week""",
    f"""INSERT INTO planning_target (run_id, subject, place_code, service_level, safety_stock_units,
            reorder_point_units, order_up_to_units, daily_units, expected_units, committed_units, lead_days,
            lost_unit_cost, method, reason_code, reason_parameters)
        SELECT (SELECT max(id) FROM planning_run), product.sku, place.code, 0.95, {_UNITS} * 4, {_UNITS} * 10,
               {_UNITS} * 30, {_UNITS}, {_UNITS} * 6, 0, 5, 40, 'quantile', '', '{{}}'
        FROM catalog_product AS product CROSS JOIN {_PLACES}""",
    f"""INSERT INTO planning_standing (run_id, product_id, place_code, sold_28_units, planned_28_units, daily_units,
            reorder_point_units, expected_units, deviation_units, lead_days, lost_unit_cost, demand_class)
        SELECT (SELECT max(id) FROM planning_run), product.id, place.code, {_UNITS} * 28, {_UNITS} * 28, {_UNITS},
               {_UNITS} * 10, {_UNITS} * 6, {_UNITS} * 2, 5, 40, 'smooth'
        FROM catalog_product AS product CROSS JOIN {_PLACES}""",
    """INSERT INTO customers_customer (key) SELECT 'C-' || n FROM generate_series(1, 10000) AS n""",
    """INSERT INTO orders_order (channel, external_id, customer_id, ordered_at, currency, content_hash)
       SELECT 'bench', 'N-' || n, 1 + n %% 10000, now() - random() * interval '700 days', 'TWD', ''
       FROM generate_series(1, %(orders)s) AS n""",
    """INSERT INTO orders_orderline (order_id, line_key, product_id, units, unit_price_minor, demand_place_code)
       SELECT id, line::text, 1 + (random() * (%(products)s - 1))::int, 1, 10000,
              (ARRAY['KEELUNG', 'KAOHSIUNG', 'TAINAN'])[1 + id %% 3]
       FROM orders_order CROSS JOIN generate_series(1, 4) AS line""",
)


def shop_of(*, products: int) -> dict[str, Any]:
    """What the statements ask for."""
    return {"seed": SEED, "products": products, "categories": CATEGORIES, "orders": products * 8}


def pages() -> dict[str, Ask]:
    """Lists, searches and pages by name."""
    get = signed_in()
    tabs = ("all", "soon", "out", "unsupplied", "category", "discontinued")
    asked = {f"products, tab {tab}": get("/products/", {"tab": tab}) for tab in tabs}
    asked |= {f"products, search {text}": get("/products/", {"q": text}) for text in ("SKU-4711", "烏龍", "zzyzx")}
    asked |= {"products, one place": get("/products/", {"place": "TAINAN"})}
    asked |= {"product, weeks": get("/products/4711/", {}), "product, days": get("/products/4711/", {"by": "day"})}
    asked |= {f"product, {part}": get(f"/products/4711/{part}/", {}) for part in ("supply", "buyers", "side")}
    demands: dict[str, dict[str, str]] = {
        "whole": {},
        "one place": {"place": "TAINAN"},
        "category": {"category": "CAT-7"},
        "changes": {"tab": "changes"},
        "subject": {"subject": "SKU-4711"},
        "search": {"q": "烏龍"},
    }
    asked |= {f"demand, {name}": get("/demand/", query) for name, query in demands.items()}
    return asked


def main(argv: Sequence[str] | None = None) -> list[Timed]:
    """Measure and print; returns what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=30_000)
    given = parser.parse_args(argv)
    with own_database():
        make_rows(statements=_MAKE, parameters=shop_of(products=given.products))
        found = time_pages(asked=pages())
    report(shop=f"{given.products:,} SYNTHETIC products in 3 places", found=found)
    return found


if __name__ == "__main__":
    main()
