"""Each condition of rules in SQL, by its kind. Pure; `c` is the customer, values are bound, null never holds."""

from collections.abc import Callable, Mapping
from typing import Final

from reorder.domain.marketing.segment_behaviour import BEHAVIOUR
from reorder.domain.marketing.segment_rules import Condition
from reorder.domain.marketing.segment_sql import (
    LIVE,
    OPS,
    Builder,
    Said,
    compared,
    goods,
    order_filter,
    since,
    with_goods,
)
from reorder.kernel.patterns import like_literal

_NUMBER: Final = r"^-?\d{1,15}(\.\d{1,6})?$"


def _everybody(builder: Builder, condition: Condition) -> Said:
    return Said("true")


def _language(builder: Builder, condition: Condition) -> Said:
    """A language holds its variants: zh is zh-Hant too."""
    spoken = [one.lower() for one in condition.fields["values"]]
    patterns = spoken + [f"{like_literal(text=one)}-%" for one in spoken]
    return Said(f"lower(c.language) LIKE ANY({builder.bind(patterns, 'text[]')})", "to_jsonb(c.language)")


def _country(builder: Builder, condition: Condition) -> Said:
    codes = builder.bind([one.upper() for one in condition.fields["values"]], "text[]")
    return Said(f"upper(c.country) = ANY({codes})", "to_jsonb(c.country)")


def _postcode(builder: Builder, condition: Condition) -> Said:
    starts = [like_literal(text=one.upper()) + "%" for one in condition.fields["values"]]
    return Said(f"upper(c.postcode) LIKE ANY({builder.bind(starts, 'text[]')})", "to_jsonb(c.postcode)")


def _region(builder: Builder, condition: Condition) -> Said:
    """State or city of the latest address, without regard to case; 臺 and 台 are one."""
    names = [one.lower().replace("臺", "台") for one in condition.fields["values"]]
    source = builder.source(
        """SELECT DISTINCT ON (customer_id) customer_id, replace(lower(region), '臺', '台') AS region,
               replace(lower(city), '臺', '台') AS city
           FROM customers_address WHERE customer_id {within} ORDER BY customer_id, created_at DESC, id DESC"""
    )
    given = builder.bind(names, "text[]")
    seen = f"to_jsonb(concat_ws(' ', {source}.region, {source}.city))"
    return Said(f"({source}.region = ANY({given}) OR {source}.city = ANY({given}))", seen)


def _birthday(builder: Builder, condition: Condition) -> Said:
    """Today counts; who was born on 29 February has it on 1 March in other years."""
    days = builder.bind(condition.fields["days"], "integer")
    dates = f"(SELECT %(today)s::date + day AS date FROM generate_series(0, {days}) AS day) AS coming"  # noqa: S608
    holds = f"""to_char(c.birthday, 'MMDD') IN (
        SELECT to_char(date, 'MMDD') FROM {dates}
        UNION ALL SELECT '0229' FROM {dates}
        WHERE to_char(date, 'MMDD') = '0301' AND to_char(date - 1, 'MMDD') = '0228')"""  # noqa: S608
    return Said(holds, "to_jsonb(to_char(c.birthday, 'MM-DD'))")


def _birth_month(builder: Builder, condition: Condition) -> Said:
    months = builder.bind([int(one) for one in condition.fields["months"]], "integer[]")
    return Said(f"extract(month FROM c.birthday) = ANY({months})", "to_jsonb(to_char(c.birthday, 'MM-DD'))")


def _age(builder: Builder, condition: Condition) -> Said:
    years = "extract(year FROM age(%(today)s::date, c.birthday))"
    parts = ["c.birthday IS NOT NULL"]
    for key, sign in (("least", ">="), ("most", "<=")):
        if condition.fields[key] is not None:
            parts.append(f"{years} {sign} {builder.bind(condition.fields[key], 'integer')}")
    return Said(" AND ".join(parts), f"to_jsonb({years}::integer)")


def _known_since(builder: Builder, condition: Condition) -> Said:
    return _ago(builder, condition, "c.created_at")


def _tag(builder: Builder, condition: Condition) -> Said:
    tags = builder.bind([one.lower() for one in condition.fields["values"]], "text[]")
    source = builder.source(
        f"""SELECT customer_id, array_agg(tag ORDER BY tag) AS tags FROM customers_customertag
            WHERE customer_id {{within}} AND tag = ANY({tags}) GROUP BY customer_id"""  # noqa: S608
    )
    return Said(f"{source}.customer_id IS NOT NULL", f"to_jsonb(array_to_string({source}.tags, ', '))")


def _attribute(builder: Builder, condition: Condition) -> Said:
    name = builder.bind(condition.fields["name"].lower(), "text")
    source = builder.source(
        f"""SELECT customer_id, value FROM customers_customerattribute
            WHERE customer_id {{within}} AND name = {name}"""  # noqa: S608
    )
    given, op, seen = condition.fields["value"] or "", condition.fields["op"], f"to_jsonb({source}.value)"
    if op == "known":
        return Said(f"{source}.value IS NOT NULL", seen)
    if op == "is":
        return Said(f"lower({source}.value) = {builder.bind(given.lower(), 'text')}", seen)
    if op == "contains":
        pattern = builder.bind(f"%{like_literal(text=given.lower())}%", "text")
        return Said(f"lower({source}.value) LIKE {pattern}", seen)
    number = f"CASE WHEN {source}.value ~ '{_NUMBER}' THEN {source}.value::numeric END"
    wanted = f"CASE WHEN {builder.bind(given, 'text')} ~ '{_NUMBER}' THEN {builder.bind(given, 'text')}::numeric END"
    return Said(f"({number}) {OPS[op]} ({wanted})", seen)


def _reachable(builder: Builder, condition: Condition) -> Said:
    channel = builder.bind(condition.fields["channel"], "text")
    return Said(
        builder.has(
            f"""SELECT DISTINCT customer_id FROM messaging_contactpoint
                WHERE customer_id {{within}} AND channel = {channel} AND unreachable_at IS NULL"""  # noqa: S608
        )
    )


def _consented(builder: Builder, condition: Condition) -> Said:
    channel = builder.bind(condition.fields["channel"], "text")
    source = builder.source(
        f"""SELECT DISTINCT ON (customer_id) customer_id, is_granted, declared_at FROM messaging_consententry
            WHERE customer_id {{within}} AND purpose = 'marketing' AND channel = {channel}
            ORDER BY customer_id, declared_at DESC, id DESC"""  # noqa: S608
    )
    return Said(f"{source}.is_granted", f"to_jsonb({source}.declared_at::date)")


def _paused(builder: Builder, condition: Condition) -> Said:
    return Said(
        builder.has(
            """SELECT DISTINCT customer_id FROM messaging_marketingpause WHERE customer_id {within}
               AND resumed_at IS NULL AND (resumes_date IS NULL OR resumes_date > %(today)s::date)"""
        )
    )


def _orders_count(builder: Builder, condition: Condition) -> Said:
    count = f"{_orders(builder, condition)}.orders_count"
    return Said(compared(builder, condition, count, cast="bigint"), f"to_jsonb(coalesce({count}, 0))")


def _orders_value(builder: Builder, condition: Condition) -> Said:
    value = f"{_spending(builder, condition)}.value"
    return Said(compared(builder, condition, value), f"to_jsonb(coalesce({value}, 0))")


def _orders_average(builder: Builder, condition: Condition) -> Said:
    """The mean of the orders that count; nobody without one has a mean."""
    source = _spending(builder, condition, "count(DISTINCT o.id)")
    mean = f"{source}.value / {source}.orders_count"
    wanted = builder.bind(condition.fields["value"], "float8")
    return Said(f"{mean} {OPS[condition.fields['op']]} {wanted}", f"to_jsonb({mean})")


def _first_order(builder: Builder, condition: Condition) -> Said:
    return _ago(builder, condition, f"{_ever(builder, condition)}.first_at")


def _last_order(builder: Builder, condition: Condition) -> Said:
    return _ago(builder, condition, f"{_ever(builder, condition)}.last_at")


def _returned(builder: Builder, condition: Condition) -> Said:
    source = builder.source(
        f"""SELECT o.customer_id, count(DISTINCT of_return.id) AS returns_count FROM warehouse_return AS of_return
            JOIN warehouse_returnline AS came ON came.of_return_id = of_return.id AND came.received_units > 0
            JOIN orders_orderline AS line ON line.id = came.order_line_id JOIN orders_order AS o ON o.id = line.order_id
            WHERE o.customer_id {{within}} AND of_return.state IN ('received', 'inspected', 'closed')
            {since(builder, condition.fields["days"], "of_return.opened_at")}
            {goods(builder, condition, "line.product_id")} GROUP BY o.customer_id"""  # noqa: S608
    )
    count = f"{source}.returns_count"
    return Said(compared(builder, condition, count, cast="bigint"), f"to_jsonb(coalesce({count}, 0))")


def _orders(builder: Builder, condition: Condition) -> str:
    return builder.source(
        f"""SELECT o.customer_id, count(*) AS orders_count, min(o.ordered_at) AS first_at, max(o.ordered_at) AS last_at
            FROM orders_order AS o WHERE {order_filter(builder, condition)} {with_goods(builder, condition)}
            GROUP BY o.customer_id"""  # noqa: S608
    )


def _ever(builder: Builder, condition: Condition) -> str:
    """Orders of all time: here the window is not of the orders but of the first or last of them."""
    whole = Condition(condition.kind, condition.is_not, {**condition.fields, "days": None}, condition.where)
    return _orders(builder, whole)


def _spending(builder: Builder, condition: Condition, counted: str = "0") -> str:
    """What lines of the shop's currency cost after their discounts; of the goods alone where some are named.

    Floats are summed several times as fast as exact numbers; rounding takes away what their order leaves.
    """
    return builder.source(
        f"""SELECT o.customer_id, {counted} AS orders_count,
                   round(sum(line.units::float8 * line.unit_price_minor - line.discount_minor) * 1000)
                   / (1000 * %(minor)s::float8) AS value
            FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
            WHERE {order_filter(builder, condition)} AND o.currency = %(currency)s::text
            {goods(builder, condition, "line.product_id")} GROUP BY o.customer_id"""  # noqa: S608
    )


def _ago(builder: Builder, condition: Condition, column: str) -> Said:
    days = builder.bind(condition.fields["days"], "integer")
    sign = ">=" if condition.fields["op"] == "within" else "<"
    holds = f"{column} {sign} %(moment)s::timestamptz - make_interval(days => {days})"
    return Said(holds, f"to_jsonb(({column} AT TIME ZONE %(zone)s)::date)")


def _price_sensitivity(builder: Builder, condition: Condition) -> Said:
    """The share of orders that were made at a discount; of who ordered twice or more in the window."""
    source = builder.source(
        f"""SELECT o.customer_id, avg((o.discount_minor > 0)::int)::float8 AS share FROM orders_order AS o
            WHERE o.customer_id {{within}} AND {LIVE} {since(builder, condition.fields["days"], "o.ordered_at")}
            GROUP BY o.customer_id HAVING count(*) >= 2"""  # noqa: S608
    )
    wanted = builder.bind(condition.fields["value"], "float8")
    return Said(f"{source}.share {OPS[condition.fields['op']]} {wanted}", f"to_jsonb({source}.share)")


CONDITIONS: Final[Mapping[str, Callable[[Builder, Condition], Said]]] = {
    "everybody": _everybody,
    "language": _language,
    "country": _country,
    "postcode": _postcode,
    "region": _region,
    "birthday": _birthday,
    "birth_month": _birth_month,
    "age": _age,
    "known_since": _known_since,
    "tag": _tag,
    "attribute": _attribute,
    "reachable": _reachable,
    "consented": _consented,
    "paused": _paused,
    "orders_count": _orders_count,
    "orders_value": _orders_value,
    "orders_average": _orders_average,
    "first_order": _first_order,
    "last_order": _last_order,
    "returned": _returned,
    "price_sensitivity": _price_sensitivity,
    **BEHAVIOUR,
}
