"""Who was decided about, in which arm, and what they did until their window ended: all in the database, set by set.

Both arms are counted at the moment of the decision, whatever became of the message after it (intent to treat). Nothing
here looks at what anybody bought before it chose whom to count.
"""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Final

import polars as pl
from django.db import connection

from reorder.domain.storage import read_frame, run_sql

# Messages get their numbers before their transaction ends: one may come to light after a later one was counted.
_OVERLAP: Final = 50_000
# Money and guardrails of a window are counted once more so long after its end, because orders are cancelled.
LATE_DAYS: Final = 14
# Before a decision the same person's purchases of so many days are the yardstick of CUPED.
BEFORE_DAYS: Final = 90

# Plain reminders are dated by the database's clock, which a demonstration's may lie behind: the earlier moment counts.
# Reminders of the nights before messages named their source are known by their reason.
_STAGE: Final = """
CREATE TEMP TABLE decided_message ON COMMIT DROP AS
SELECT message.id, message.customer_id, least(message.planned_at, message.send_after) AS decided_at,
       CASE WHEN message.source_kind <> '' THEN message.source_kind ELSE 'reminder' END AS source_kind,
       CASE WHEN message.source_kind <> '' THEN message.source_key ELSE 'due' END AS source_key,
       message.step_key, message.variant, message.channel,
       coalesce(message.variables ->> 'offer', '') AS offer,
       coalesce(worth.segment, '') AS segment,
       CASE WHEN message.holdout <> '' THEN message.holdout
            WHEN message.state = 'held_out' THEN 'source' ELSE '' END AS holdout
FROM messaging_outboxmessage AS message
LEFT JOIN planning_customervalue AS worth ON worth.customer_id = message.customer_id
WHERE message.id > %(after)s AND message.purpose = 'marketing' AND message.customer_id IS NOT NULL
  AND (message.source_kind <> '' OR message.reason_code LIKE 'reminder.%%')
"""
# The rhythm of what each source's messages are about, in days; of those about nothing in particular that of the shop.
_RHYTHMS: Final = """
SELECT decided.source_kind, decided.source_key, percentile_cont(0.5) WITHIN GROUP (ORDER BY due.usual_gap_days)
FROM decided_message AS decided
JOIN messaging_outboxitem AS item ON item.message_id = decided.id
JOIN planning_duedate AS due ON due.customer_id = decided.customer_id AND due.subject = item.subject_key
GROUP BY 1, 2
"""
# The first pairs that the table holds are as good as any: a median of ten million would say the same.
_SHOP_RHYTHM: Final = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY usual_gap_days)
FROM (SELECT usual_gap_days FROM planning_duedate LIMIT 50000) AS pair
"""
# A decision counts three times, each by its own measure: for all marketing, for its source, for its step. Whom all
# marketing keeps back is no comparison for one source alone.
_UNITS: Final = """
CREATE TEMP TABLE decided_unit ON COMMIT DROP AS
SELECT unit.source_kind, unit.source_key, unit.step_key, decided.customer_id, decided.id, decided.decided_at,
       CASE WHEN decided.holdout = unit.held_by THEN 'held_out' ELSE 'treated' END AS arm,
       CASE WHEN unit.source_kind = 'global' THEN '' ELSE decided.variant END AS variant,
       decided.channel, decided.offer, decided.segment,
       coalesce((%(windows)s::jsonb ->> (unit.source_kind || ':' || unit.source_key))::int, %(usual)s)
           * interval '1 day' AS lasts
FROM decided_message AS decided
CROSS JOIN LATERAL (
    VALUES ('global', '', '', 'global', true),
           (decided.source_kind, decided.source_key, '', 'source', decided.holdout <> 'global'),
           (decided.source_kind, decided.source_key, decided.step_key, 'source',
            decided.holdout <> 'global' AND decided.step_key <> '')
) AS unit(source_kind, source_key, step_key, held_by, is_counted)
WHERE unit.is_counted
"""
_INDEX: Final = "CREATE INDEX ON decided_unit (source_kind, source_key, step_key, customer_id, decided_at)"
# One pass counts the first decision of everybody that lies in no window yet; the next pass what follows its window.
_EXPOSE: Final = """
INSERT INTO marketing_exposure (source_kind, source_key, step_key, customer_id, arm, message_key, variant, channel,
    offer, segment, exposed_at, until_at)
SELECT DISTINCT ON (unit.source_kind, unit.source_key, unit.step_key, unit.customer_id)
    unit.source_kind, unit.source_key, unit.step_key, unit.customer_id, unit.arm, unit.id, unit.variant, unit.channel,
    unit.offer, unit.segment, unit.decided_at, unit.decided_at + unit.lasts
FROM decided_unit AS unit
WHERE NOT EXISTS (
    SELECT FROM marketing_exposure AS known
    WHERE known.customer_id = unit.customer_id AND known.source_kind = unit.source_kind
      AND known.source_key = unit.source_key AND known.step_key = unit.step_key
      AND known.until_at > unit.decided_at AND known.exposed_at < unit.decided_at + unit.lasts)
ORDER BY unit.source_kind, unit.source_key, unit.step_key, unit.customer_id, unit.decided_at, unit.id
ON CONFLICT ON CONSTRAINT exposure_once DO NOTHING
"""
_LAST: Final = "SELECT coalesce(max(id), 0) FROM messaging_outboxmessage"
# Whoever bought, declared or answered anything since the last count is counted again while the window is open.
_TOUCHED: Final = """
CREATE TEMP TABLE touched_customer ON COMMIT DROP AS
SELECT DISTINCT customer_id FROM (
    SELECT customer_id FROM orders_order WHERE imported_at >= %(since)s OR ordered_at >= %(since)s
    UNION ALL
    SELECT customer_id FROM messaging_consententry WHERE recorded_at >= %(since)s
    UNION ALL
    SELECT message.customer_id FROM messaging_messageevent AS event
    JOIN messaging_outboxmessage AS message ON message.id = event.message_id
    WHERE event.recorded_at >= %(since)s AND message.customer_id IS NOT NULL
) AS touched
"""
_OPEN: Final = """
CREATE TEMP TABLE counted_exposure ON COMMIT DROP AS
SELECT id, customer_id, source_kind, source_key, exposed_at, until_at FROM marketing_exposure AS exposure
WHERE settled_at IS NULL
   OR (until_at > %(since)s AND until_at <= %(moment)s)
   OR (until_at > %(since)s - %(late)s AND until_at <= %(moment)s - %(late)s)
   OR (until_at > %(since)s - %(late)s AND customer_id IN (SELECT customer_id FROM touched_customer))
"""
# What each order of theirs brought, once, however many exposures it lies near.
_ORDERS: Final = """
CREATE TEMP TABLE counted_order ON COMMIT DROP AS
SELECT o.customer_id, o.ordered_at, sum(line.revenue) AS revenue,
       sum(CASE WHEN product.unit_cost_minor IS NULL OR product.currency <> %(currency)s
                THEN line.revenue * %(usual_share)s
                ELSE line.revenue - ol.units::float8 * product.unit_cost_minor * kept.share END) AS margin
FROM orders_order AS o
JOIN orders_orderline AS ol ON ol.order_id = o.id
JOIN catalog_product AS product ON product.id = ol.product_id
CROSS JOIN LATERAL (
    SELECT 1 - least(coalesce(o.refunded_minor::float8 / nullif(o.total_minor, 0), 0), 1) AS share) AS kept
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.currency = %(currency)s THEN kept.share * (ol.units::float8 * coalesce(ol.unit_price_minor,
        CASE WHEN product.currency = o.currency THEN product.price_minor END, 0) - ol.discount_minor)
        ELSE 0 END AS revenue) AS line
WHERE o.customer_id IN (SELECT customer_id FROM counted_exposure) AND o.state NOT IN ('draft', 'cancelled')
  AND o.ordered_at >= (SELECT min(exposed_at) - %(before)s FROM counted_exposure)
GROUP BY o.id
"""
_COUNT: Final = """
CREATE TEMP TABLE counted_sum ON COMMIT DROP AS
SELECT exposure.id,
       count(*) FILTER (WHERE bought.ordered_at > exposure.exposed_at) AS orders_count,
       sum(bought.revenue) FILTER (WHERE bought.ordered_at > exposure.exposed_at) AS revenue,
       sum(bought.margin) FILTER (WHERE bought.ordered_at > exposure.exposed_at) AS margin,
       count(*) FILTER (WHERE bought.ordered_at <= exposure.exposed_at) AS before_orders_count,
       sum(bought.revenue) FILTER (WHERE bought.ordered_at <= exposure.exposed_at) AS before_revenue,
       sum(bought.margin) FILTER (WHERE bought.ordered_at <= exposure.exposed_at) AS before_margin
FROM counted_exposure AS exposure
JOIN counted_order AS bought ON bought.customer_id = exposure.customer_id
    AND bought.ordered_at >= exposure.exposed_at - %(before)s AND bought.ordered_at < exposure.until_at
GROUP BY exposure.id
"""
_SETTLE: Final = """
UPDATE marketing_exposure AS exposure
SET settled_at = %(moment)s,
    orders_count = coalesce(found.orders_count, 0),
    revenue_minor = coalesce(found.revenue, 0)::bigint,
    margin_minor = coalesce(found.margin, 0)::bigint,
    before_orders_count = coalesce(found.before_orders_count, 0),
    before_revenue_minor = coalesce(found.before_revenue, 0)::bigint,
    before_margin_minor = coalesce(found.before_margin, 0)::bigint,
    is_unsubscribed = EXISTS (
        SELECT FROM messaging_consententry AS entry
        WHERE entry.customer_id = counted.customer_id AND entry.purpose = 'marketing' AND NOT entry.is_granted
          AND entry.declared_at >= counted.exposed_at AND entry.declared_at < counted.until_at),
    is_clicked = answers.has_click,
    is_complained = answers.has_complaint
FROM counted_exposure AS counted
LEFT JOIN counted_sum AS found ON found.id = counted.id
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(event.kind = 'clicked'), false) AS has_click,
           coalesce(bool_or(event.kind = 'complained'), false) AS has_complaint
    FROM messaging_outboxmessage AS message
    JOIN messaging_messageevent AS event ON event.message_id = message.id
    WHERE message.customer_id = counted.customer_id AND message.purpose = 'marketing'
      AND least(message.planned_at, message.send_after) >= counted.exposed_at
      AND least(message.planned_at, message.send_after) < counted.until_at
      AND (counted.source_kind = 'global'
           OR (message.source_kind = counted.source_kind AND message.source_key = counted.source_key))
      AND event.happened_at < counted.until_at AND event.kind IN ('clicked', 'complained')
) AS answers
WHERE exposure.id = counted.id
"""
_MOVE: Final = """
UPDATE marketing_exposure AS exposure SET customer_id = %(keep)s
WHERE customer_id = %(absorb)s AND NOT EXISTS (
    SELECT FROM marketing_exposure AS known
    WHERE known.customer_id = %(keep)s AND known.source_kind = exposure.source_kind
      AND known.source_key = exposure.source_key AND known.step_key = exposure.step_key
      AND known.until_at > exposure.exposed_at AND known.exposed_at < exposure.until_at)
"""
_PEOPLE: Final = """
SELECT exposure.source_kind, exposure.source_key, exposure.step_key, exposure.variant, exposure.channel,
       exposure.offer, exposure.segment, exposure.arm, exposure.customer_id::text AS customer_id,
       count(*)::float8 AS trials,
       (count(*) FILTER (WHERE orders_count > 0))::float8 AS buyers,
       sum(orders_count)::float8 AS orders, sum(revenue_minor)::float8 AS revenue, sum(margin_minor)::float8 AS margin,
       (count(*) FILTER (WHERE before_orders_count > 0))::float8 AS before_buyers,
       sum(before_orders_count)::float8 AS before_orders, sum(before_revenue_minor)::float8 AS before_revenue,
       sum(before_margin_minor)::float8 AS before_margin,
       (count(*) FILTER (WHERE is_clicked))::float8 AS clicks,
       (count(*) FILTER (WHERE is_unsubscribed))::float8 AS unsubscribes,
       (count(*) FILTER (WHERE is_complained))::float8 AS complaints,
       (count(*) FILTER (WHERE until_at > settled_at))::float8 AS waiting,
       max(until_at) FILTER (WHERE until_at > settled_at) AS waiting_until
FROM marketing_exposure AS exposure
LEFT JOIN jsonb_to_recordset({starts}::jsonb) AS begun(kind text, key text, at timestamptz)
    ON begun.kind = exposure.source_kind AND begun.key = exposure.source_key
WHERE exposure.settled_at IS NOT NULL AND exposure.exposed_at >= greatest({since}::timestamptz, begun.at)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


def stage_decisions(*, after: int) -> int:
    """Lay out the marketing decided about since message `after`, for this transaction; returns how many there are."""
    return run_sql(statement=_STAGE, parameters={"after": max(after - _OVERLAP, 0)})


def list_rhythms() -> tuple[dict[tuple[str, str], float], float | None]:
    """Usual days between purchases of what staged messages are about, by source; and of the whole shop."""
    with connection.cursor() as cursor:
        cursor.execute(_RHYTHMS)
        rhythms = {(kind, key): float(days) for kind, key, days in cursor.fetchall() if days is not None}
        cursor.execute(_SHOP_RHYTHM)
        row = cursor.fetchone()
    return rhythms, float(row[0]) if row and row[0] is not None else None


def expose_staged(*, windows: Mapping[tuple[str, str], int], usual_window_days: int) -> int:
    """Count who was staged, nobody twice within a window; returns how many exposures were new.

    Args:
        windows: days that a source's exposures last, by (source kind, source key).
        usual_window_days: of all others, and of marketing as a whole.
    """
    given = {f"{kind}:{key}": days for (kind, key), days in windows.items()}
    run_sql(statement=_UNITS, parameters={"windows": json.dumps(given), "usual": usual_window_days})
    run_sql(statement=_INDEX)
    run_sql(statement="ANALYZE decided_unit")
    total = 0
    while made := run_sql(statement=_EXPOSE):
        # A table that was empty until now has no statistics to plan the next pass by.
        run_sql(statement="ANALYZE marketing_exposure")
        total += made
    return total


def find_last_message() -> int:
    """The number of the latest message there is."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        return int(cursor.fetchone()[0])


def settle_exposures(*, since: dt.datetime | None, moment: dt.datetime, currency: str, usual_share: float) -> int:
    """Count what people did within their windows so far; returns how many exposures were counted.

    Args:
        since: the last count; None: everything is counted.
        moment: now, UTC.
        currency: the shop's; amounts of others count nothing, because there is no exchange rate.
        usual_share: margin as a share of the price, where a product's cost is not known.
    """
    known = since or dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    given = {"since": known, "moment": moment, "late": dt.timedelta(days=LATE_DAYS)}
    run_sql(statement=_TOUCHED, parameters={"since": known - dt.timedelta(hours=1)})
    run_sql(statement=_OPEN, parameters=given)
    run_sql(statement="ANALYZE counted_exposure")
    before = dt.timedelta(days=BEFORE_DAYS)
    run_sql(statement=_ORDERS, parameters={"currency": currency, "usual_share": usual_share, "before": before})
    run_sql(statement="CREATE INDEX ON counted_order (customer_id, ordered_at)")
    run_sql(statement="ANALYZE counted_order")
    run_sql(statement=_COUNT, parameters={"before": before})
    run_sql(statement="CREATE INDEX ON counted_sum (id)")
    run_sql(statement="ANALYZE counted_sum")
    return run_sql(statement=_SETTLE, parameters={"moment": moment})


def frame_exposed_people(*, since: dt.datetime, starts: Mapping[tuple[str, str], dt.datetime]) -> pl.DataFrame:
    """What people did after their exposures, and before: one row a person, part and arm.

    Columns source_kind, source_key, step_key, variant, channel, offer, segment, arm, customer_id (text); and sums over
    its exposures: trials, buyers (those with an order), orders, revenue, margin (minor units), the same of the days
    before with `before_`, clicks, unsubscribes, complaints, waiting (windows that have not ended); and waiting_until,
    the moment at which the last of these ends (null: all have).

    Args:
        since: exposures before it are left out.
        starts: later beginnings of single sources, by (source kind, source key).
    """
    given = [{"kind": kind, "key": key, "at": at.isoformat()} for (kind, key), at in sorted(starts.items())]
    return read_frame(query=_PEOPLE, parameters={"since": since, "starts": json.dumps(given)})


def move_exposures(*, keep_id: int, absorb_id: int) -> int:
    """Two records are one person: exposures follow the orders, but none into a window that the kept one has already.

    Part of the caller's transaction; returns how many moved.
    """
    moved = run_sql(statement=_MOVE, parameters={"keep": keep_id, "absorb": absorb_id})
    run_sql(statement="DELETE FROM marketing_exposure WHERE customer_id = %s", parameters=[absorb_id])
    return moved


def forget_exposures(*, ended_before: dt.datetime) -> int:
    """Remove exposures whose window ended before a moment: other customers, other offers."""
    return run_sql(statement="DELETE FROM marketing_exposure WHERE until_at < %s", parameters=[ended_before])
