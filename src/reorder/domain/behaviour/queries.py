"""Reads of events: the engine's frame, and what one customer did day by day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from django.db import connection

from reorder.domain.catalog.rules import SUBJECT_SQL
from reorder.domain.storage import read_frame

# `happened_at` is the wall clock of the shop, as in the frame of order lines: the engine knows no time zones.
_EVENTS = f"""
SELECT event.customer_id, event.kind, CASE WHEN product.id IS NOT NULL THEN {SUBJECT_SQL} END AS sku,
       (event.happened_at AT TIME ZONE {{time_zone}}) AS happened_at
FROM behaviour_trackedevent AS event
LEFT JOIN catalog_product AS product ON product.id = event.product_id
LEFT JOIN catalog_category AS category ON category.id = product.category_id
WHERE event.customer_id IS NOT NULL AND event.kind IN ('view', 'cart', 'search', 'promotion')
  AND event.happened_at >= ({{from_date}}::date::timestamp AT TIME ZONE {{time_zone}})
  AND event.happened_at < ({{before_date}}::date::timestamp AT TIME ZONE {{time_zone}})
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours
_OF_CUSTOMERS = f"{_EVENTS} AND event.customer_id = ANY({{customer_ids}}::bigint[])"
# A day of the shop's calendar is one entry of a timeline, placed at its latest event; only the days that are shown are
# gone through, the index on customer and moment begins at the right one.
_DAYS = """
SELECT day.day_number, day.last_at, day.views_count, day.carts_count, day.searches_count, day.promotions_count,
       day.likes_count, day.checkouts_count,
       (SELECT coalesce(array_agg(name ORDER BY events_count DESC, last_at DESC), '{}') FROM (
            SELECT product.name, count(*) AS events_count, max(event.happened_at) AS last_at
            FROM behaviour_trackedevent AS event JOIN catalog_product AS product ON product.id = event.product_id
            WHERE event.customer_id = %(customer_id)s AND event.happened_at >= day.first_at
              AND event.happened_at <= day.last_at
            GROUP BY product.id ORDER BY count(*) DESC, max(event.happened_at) DESC LIMIT %(named)s) AS seen),
       (SELECT count(DISTINCT event.product_id) FROM behaviour_trackedevent AS event
        WHERE event.customer_id = %(customer_id)s AND event.happened_at >= day.first_at
          AND event.happened_at <= day.last_at),
       (SELECT coalesce(array_agg(search_text ORDER BY last_at DESC), '{}') FROM (
            SELECT event.search_text, max(event.happened_at) AS last_at FROM behaviour_trackedevent AS event
            WHERE event.customer_id = %(customer_id)s AND event.happened_at >= day.first_at
              AND event.happened_at <= day.last_at AND event.search_text <> ''
            GROUP BY event.search_text ORDER BY max(event.happened_at) DESC LIMIT %(named)s) AS searched)
FROM (
    SELECT (date - date '1970-01-01') AS day_number, min(happened_at) AS first_at, max(happened_at) AS last_at,
           count(*) FILTER (WHERE kind = 'view') AS views_count, count(*) FILTER (WHERE kind = 'cart') AS carts_count,
           count(*) FILTER (WHERE kind = 'search') AS searches_count,
           count(*) FILTER (WHERE kind = 'promotion') AS promotions_count,
           count(*) FILTER (WHERE kind = 'liked') AS likes_count,
           count(*) FILTER (WHERE kind = 'checkout') AS checkouts_count
    FROM (
        SELECT kind, happened_at, (happened_at AT TIME ZONE %(time_zone)s)::date AS date
        FROM behaviour_trackedevent WHERE customer_id = %(customer_id)s
          AND kind IN ('view', 'cart', 'search', 'promotion', 'liked', 'checkout')
    ) AS dated
    GROUP BY date
) AS day
WHERE %(moment)s::timestamptz IS NULL
   OR (day.last_at, 'behaviour'::text, day.day_number) < (%(moment)s, %(kind)s, %(id)s)
ORDER BY day.last_at DESC LIMIT %(limit)s
"""
NAMED = 3


@dataclass(frozen=True, slots=True)
class EventsDay:
    """What a customer did on one day of the shop's calendar; `names` and `searches` are the first three of each."""

    day_number: int
    last_at: dt.datetime
    views_count: int
    carts_count: int
    searches_count: int
    promotions_count: int
    likes_count: int
    checkouts_count: int
    names: Sequence[str]
    products_count: int
    searches: Sequence[str]

    @property
    def unnamed_count(self) -> int:
        """Products that are not among the names."""
        return self.products_count - len(self.names)


def frame_events(
    *, from_date: dt.date, before_date: dt.date, time_zone: str, customer_ids: Sequence[int] | None = None
) -> pl.DataFrame:
    """The engine's EVENTS: what happened from one day of the shop's calendar until before another.

    `sku` is the planning subject as it is now, null where the event is about no product; `happened_at` is the shop's
    wall clock carried as UTC. Only of people who are known, and only the kinds that the engine reads. `customer_ids`
    narrows it to a few customers. Committed events only.
    """
    parameters: dict[str, object] = {"from_date": from_date, "before_date": before_date, "time_zone": time_zone}
    query = _EVENTS
    if customer_ids is not None:
        query, parameters["customer_ids"] = _OF_CUSTOMERS, list(customer_ids)
    return read_frame(query=query, parameters=parameters).select(
        pl.col("customer_id").cast(pl.String),
        "kind",
        pl.col("sku").cast(pl.String),
        pl.col("happened_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    )


def count_events(*, customer_id: int) -> int:
    """How many events of a customer are kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM behaviour_trackedevent WHERE customer_id = %s", [customer_id])
        return int(cursor.fetchone()[0])


def list_event_days(
    *, customer_id: int, before: tuple[dt.datetime, str, int] | None, limit: int, time_zone: str
) -> list[EventsDay]:
    """Days on which a customer did something, that stand before a place of the timeline (moment, kind, day number)."""
    moment, kind, number = before or (None, "", 0)
    parameters = {
        "customer_id": customer_id,
        "moment": moment,
        "kind": kind,
        "id": number,
        "limit": limit,
        "time_zone": time_zone,
        "named": NAMED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, parameters)
        return [EventsDay(*row) for row in cursor.fetchall()]
