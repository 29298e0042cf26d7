"""Conditions over what customers did, what is predicted of them, what they were sent, and other segments. Pure."""

from collections.abc import Callable, Mapping
from typing import Final

from reorder.domain.marketing.segment_rules import Condition
from reorder.domain.marketing.segment_sql import LIVE, OPS, Builder, Said, compared, goods, since, subjects
from reorder.kernel.patterns import like_literal

# What people did, and how tracked events call it.
_EVENTS: Final[Mapping[str, str]] = {
    "viewed": "view",
    "carted": "cart",
    "searched": "search",
    "begun_checkout": "checkout",
    "liked": "liked",
    "answered_promotion": "promotion",
}
_SCORES: Final[Mapping[str, str]] = {"recency": "r_score", "frequency": "f_score", "money": "m_score"}


def _did(builder: Builder, condition: Condition) -> Said:
    kind = builder.bind(_EVENTS[condition.fields["what"]], "text")
    words = ""
    if condition.fields["words"]:
        pattern = builder.bind(f"%{like_literal(text=condition.fields['words'].lower())}%", "text")
        words = f"AND lower(event.search_text) LIKE {pattern}"
    source = builder.source(
        f"""SELECT event.customer_id, count(*) AS times FROM behaviour_trackedevent AS event
            WHERE event.customer_id {{within}} AND event.kind = {kind}
            {since(builder, condition.fields["days"], "event.happened_at")}
            {goods(builder, condition, "event.product_id")} {words} GROUP BY event.customer_id"""  # noqa: S608
    )
    times = f"{source}.times"
    return Said(compared(builder, condition, times, cast="bigint"), f"to_jsonb(coalesce({times}, 0))")


def _time_on_page(builder: Builder, condition: Condition) -> Said:
    """Seconds that pages were really looked at, all of the window together."""
    place = ""
    if condition.fields["page"]:
        pattern = builder.bind(f"%{like_literal(text=condition.fields['page'])}%", "text")
        place = f"AND event.page_path LIKE {pattern}"
    source = builder.source(
        f"""SELECT event.customer_id, sum(event.engaged_ms) / 1000 AS seconds FROM behaviour_trackedevent AS event
            WHERE event.customer_id {{within}} AND event.kind = 'engaged'
            {since(builder, condition.fields["days"], "event.happened_at")}
            {goods(builder, condition, "event.product_id")} {place} GROUP BY event.customer_id"""  # noqa: S608
    )
    seconds = f"{source}.seconds"
    return Said(compared(builder, condition, seconds), f"to_jsonb(coalesce({seconds}, 0)::bigint)")


def _likes(builder: Builder, condition: Condition) -> Said:
    """Products that they like now: liked, and not taken back since; the window is of the last word on each."""
    source = builder.source(
        f"""SELECT last.customer_id, count(*) AS products FROM (
                SELECT DISTINCT ON (event.customer_id, event.product_id)
                       event.customer_id, event.kind, event.happened_at
                FROM behaviour_trackedevent AS event
                WHERE event.customer_id {{within}} AND event.kind IN ('liked', 'unliked')
                AND event.product_id IS NOT NULL {goods(builder, condition, "event.product_id")}
                ORDER BY event.customer_id, event.product_id, event.happened_at DESC, event.id DESC) AS last
            WHERE last.kind = 'liked' {since(builder, condition.fields["days"], "last.happened_at")}
            GROUP BY last.customer_id"""  # noqa: S608
    )
    products = f"{source}.products"
    return Said(compared(builder, condition, products, cast="bigint"), f"to_jsonb(coalesce({products}, 0))")


def _carted_not_bought(builder: Builder, condition: Condition) -> Said:
    """Something was put into the cart, some hours ago at least, and not bought since."""
    hours = builder.bind(condition.fields["hours"], "integer")
    source = builder.source(
        f"""SELECT event.customer_id, max(event.happened_at) AS last_at FROM behaviour_trackedevent AS event
            WHERE event.customer_id {{within}} AND event.kind = 'cart'
            {since(builder, condition.fields["days"], "event.happened_at")}
            AND event.happened_at <= %(moment)s::timestamptz - make_interval(hours => {hours})
            {goods(builder, condition, "event.product_id")}
            AND NOT EXISTS (
                SELECT FROM orders_order AS o JOIN orders_orderline AS line ON line.order_id = o.id
                WHERE o.customer_id = event.customer_id AND o.ordered_at >= event.happened_at AND {LIVE}
                AND (event.product_id IS NULL OR line.product_id = event.product_id))
            GROUP BY event.customer_id"""  # noqa: S608
    )
    return Said(f"{source}.customer_id IS NOT NULL", f"to_jsonb(({source}.last_at AT TIME ZONE %(zone)s)::date)")


def _due(builder: Builder, condition: Condition) -> Said:
    first = builder.bind(condition.fields["from_days"], "integer")
    last = builder.bind(condition.fields["until_days"], "integer")
    share = builder.bind(condition.fields["active_share"], "float8")
    source = builder.source(
        f"""SELECT due.customer_id, min(due.due_date) AS first_date FROM planning_duedate AS due
            WHERE due.customer_id {{within}} AND due.active_share >= {share}
            AND due.due_date BETWEEN %(today)s::date + {first} AND %(today)s::date + {last}
            {subjects(builder, condition, "due.subject")} GROUP BY due.customer_id"""  # noqa: S608
    )
    return Said(f"{source}.customer_id IS NOT NULL", f"to_jsonb({source}.first_date)")


def _value(builder: Builder, condition: Condition) -> Said:
    column = f"{_valued(builder)}.{condition.fields['what']}"
    return Said(compared(builder, condition, column), f"to_jsonb({column})")


def _chance(builder: Builder, condition: Condition) -> Said:
    """Of customers whom a night valued; of others nothing is known."""
    column = f"{_valued(builder)}.{condition.fields['what']}"
    wanted = builder.bind(condition.fields["value"], "float8")
    return Said(f"{column} {OPS[condition.fields['op']]} {wanted}", f"to_jsonb({column})")


def _rfm_score(builder: Builder, condition: Condition) -> Said:
    column = f"{_valued(builder)}.{_SCORES[condition.fields['what']]}"
    wanted = builder.bind(condition.fields["value"], "integer")
    return Said(f"{column} {OPS[condition.fields['op']]} {wanted}", f"to_jsonb({column})")


def _rfm_segment(builder: Builder, condition: Condition) -> Said:
    column = f"{_valued(builder)}.segment"
    return Said(f"{column} = ANY({builder.bind(condition.fields['values'], 'text[]')})", f"to_jsonb({column})")


def _usual_hour(builder: Builder, condition: Condition) -> Said:
    """The hour of the customer's own clock at which most orders came; orders of midnight sharp know no hour."""
    source = builder.source(
        f"""SELECT DISTINCT ON (customer_id) customer_id, hour FROM (
                SELECT o.customer_id, extract(hour FROM o.ordered_at AT TIME ZONE zone.name)::integer AS hour,
                       count(*) AS times
                FROM orders_order AS o JOIN customers_customer AS person ON person.id = o.customer_id
                CROSS JOIN LATERAL (SELECT coalesce((SELECT name FROM pg_timezone_names
                    WHERE name = person.time_zone AND person.time_zone <> ''), %(zone)s) AS name) AS zone
                WHERE o.customer_id {{within}} AND {LIVE} AND (o.ordered_at AT TIME ZONE %(zone)s)::time <> '00:00'
                GROUP BY 1, 2) AS counted
            ORDER BY customer_id, times DESC, hour"""  # noqa: S608
    )
    first = builder.bind(condition.fields["from_hour"], "integer")
    last = builder.bind(condition.fields["until_hour"], "integer")
    hour = f"{source}.hour"
    holds = f"""CASE WHEN {first} <= {last} THEN {hour} BETWEEN {first} AND {last}
                ELSE {hour} >= {first} OR {hour} <= {last} END"""
    return Said(holds, f"to_jsonb({hour})")


def _message(builder: Builder, condition: Condition) -> Said:
    """Marketing that went out, or what became of it, within the window."""
    channel, codes = condition.fields["channel"], condition.fields["sources"]
    of_channel = f"AND message.channel = {builder.bind(channel, 'text')}" if channel else ""
    of_source = f"AND message.source_key = ANY({builder.bind(codes, 'text[]')})" if codes else ""
    if condition.fields["what"] == "sent":
        source = builder.source(
            f"""SELECT message.customer_id, count(*) AS times FROM messaging_outboxmessage AS message
                WHERE message.customer_id {{within}} AND message.purpose = 'marketing' AND message.state = 'sent'
                {since(builder, condition.fields["days"], "message.finished_at")} {of_channel} {of_source}
                GROUP BY message.customer_id"""  # noqa: S608
        )
    else:
        kind = builder.bind(condition.fields["what"], "text")
        source = builder.source(
            f"""SELECT message.customer_id, count(*) AS times FROM messaging_outboxmessage AS message
                WHERE message.customer_id {{within}} AND message.purpose = 'marketing' {of_channel} {of_source}
                AND message.id IN (SELECT event.message_id FROM messaging_messageevent AS event
                    WHERE event.kind = {kind} {since(builder, condition.fields["days"], "event.happened_at")})
                GROUP BY message.customer_id"""  # noqa: S608
        )
    times = f"{source}.times"
    return Said(compared(builder, condition, times, cast="bigint"), f"to_jsonb(coalesce({times}, 0))")


def _segment(builder: Builder, condition: Condition) -> Said:
    codes = builder.bind(condition.fields["values"], "text[]")
    source = builder.source(
        f"""SELECT member.customer_id, string_agg(segment.name, ', ' ORDER BY segment.name) AS names
            FROM marketing_segmentmember AS member JOIN marketing_segment AS segment ON segment.id = member.segment_id
            WHERE member.customer_id {{within}} AND segment.code = ANY({codes}) GROUP BY member.customer_id"""  # noqa: S608
    )
    return Said(f"{source}.customer_id IS NOT NULL", f"to_jsonb({source}.names)")


def _valued(builder: Builder) -> str:
    return builder.table("planning_customervalue", "v")


BEHAVIOUR: Final[Mapping[str, Callable[[Builder, Condition], Said]]] = {
    "did": _did,
    "time_on_page": _time_on_page,
    "likes": _likes,
    "carted_not_bought": _carted_not_bought,
    "due": _due,
    "value": _value,
    "chance": _chance,
    "rfm_score": _rfm_score,
    "rfm_segment": _rfm_segment,
    "usual_hour": _usual_hour,
    "message": _message,
    "segment": _segment,
}
