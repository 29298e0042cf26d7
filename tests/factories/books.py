"""Everything that must neither double nor vanish, in words that do not depend on row numbers, runs or secret keys."""

import psycopg

_MEASURED = "round(coalesce({0}, -1)::numeric, 4)"


def _shown(*names: str) -> str:
    return ", ".join(_MEASURED.format(name) for name in names)


BOOKS = {
    "customers": "SELECT key, name FROM customers_customer",
    "consents": """SELECT c.key, e.is_granted FROM messaging_consententry e
                   JOIN customers_customer c ON c.id = e.customer_id""",
    "orders": """SELECT o.channel, o.external_id, c.key, o.ordered_at AT TIME ZONE 'UTC', o.state
                 FROM orders_order o JOIN customers_customer c ON c.id = o.customer_id""",
    "order lines": """SELECT o.external_id, l.line_key, p.sku, l.units, l.unit_price_minor, l.demand_place_code
                      FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
                      JOIN catalog_product p ON p.id = l.product_id""",
    "moves": """SELECT m.kind, p.sku, m.lot, m.units, s.code, t.code FROM inventory_move m
                JOIN catalog_product p ON p.id = m.product_id
                JOIN inventory_location s ON s.id = m.source_id JOIN inventory_location t ON t.id = m.target_id""",
    "levels": """SELECT p.sku, l.code, v.lot, v.on_hand_units FROM inventory_level v
                 JOIN catalog_product p ON p.id = v.product_id JOIN inventory_location l ON l.id = v.location_id""",
    "due dates": f"""SELECT c.key, d.subject, d.due_date, d.due_p10_date, d.due_p90_date, d.remind_date,
                            {_shown("d.remind_hit_share", "d.expected_units")}, d.reason_code
                     FROM planning_duedate d JOIN customers_customer c ON c.id = d.customer_id""",
    "customer values": f"""SELECT c.key, v.segment, v.frequency, {_shown("v.monetary", "v.expected_orders")}
                           FROM planning_customervalue v JOIN customers_customer c ON c.id = v.customer_id""",
    "forecasts": f"""SELECT subject, place_code, date, {_shown("mean_units", "p50_units", "p90_units", "p99_units")}
                     FROM planning_forecast""",
    "choices": "SELECT subject, place_code, demand_class, methods::text FROM planning_forecastchoice",
    "demand plan": f"""SELECT subject, place_code, date, {
        _shown("baseline_units", "known_customers_units", "committed_units", "mean_units", "p95_units")
    } FROM planning_demandplanday""",
    "targets": f"""SELECT subject, place_code, {
        _shown("safety_stock_units", "reorder_point_units", "order_up_to_units")
    }, reason_code FROM planning_target""",
    "proposals": """SELECT p.sku, l.code, s.code, o.units, o.state FROM purchasing_proposal o
                    JOIN catalog_product p ON p.id = o.product_id JOIN inventory_place l ON l.id = o.place_id
                    JOIN purchasing_supplier s ON s.id = o.supplier_id""",
    "exposures": """SELECT c.key, e.source_kind, e.source_key, e.step_key, e.arm
                    FROM marketing_exposure e JOIN customers_customer c ON c.id = e.customer_id""",
    "messages": """SELECT m.purpose, m.address, m.subject, m.state, m.reason_code,
                          (SELECT string_agg(i.subject_key, '+' ORDER BY i.subject_key)
                           FROM messaging_outboxitem i WHERE i.message_id = m.id)
                   FROM messaging_outboxmessage m""",
}

Books = dict[str, list[str]]


def read_books(*, url: str) -> Books:
    """Every table as sorted lines."""
    with psycopg.connect(url) as connection:
        return {
            name: sorted("|".join(map(str, row)) for row in connection.execute(query)) for name, query in BOOKS.items()
        }


def differences(*, found: Books, expected: Books) -> dict[str, dict[str, list[str]]]:
    """What was doubled or lost, table by table, a few lines of each."""
    wrong = {}
    for name, lines in expected.items():
        if found[name] != lines:
            wrong[name] = {"too many": _without(found[name], lines)[:5], "missing": _without(lines, found[name])[:5]}
    return wrong


def _without(lines: list[str], others: list[str]) -> list[str]:
    left = list(others)
    rest = []
    for line in lines:
        if line in left:
            left.remove(line)
        else:
            rest.append(line)
    return rest
