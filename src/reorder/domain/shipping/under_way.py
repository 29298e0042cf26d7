"""Parcels under way: which are late and why, whose customers wait in vain, which carrier is to be asked again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.storage import fetch_prepared, run_sql

# Everything that left and is not over is watched, however it left. `polled` and `called` are accounts whose carriers
# say where parcels are when asked, and by themselves.
_BEGIN: Final = """
INSERT INTO shipping_parcelwatch (parcel_id, heard_at, is_followed, next_poll_at)
SELECT parcel.id, parcel.shipped_at,
       coalesce(label.account_id = ANY(%(polled)s::bigint[] || %(called)s::bigint[]), false),
       CASE WHEN label.account_id = ANY(%(polled)s::bigint[]) THEN %(moment)s::timestamptz END
FROM shipping_parcel AS parcel
LEFT JOIN LATERAL (
    SELECT account_id FROM shipping_label AS label
    WHERE label.parcel_id = parcel.id AND label.state = 'bought' ORDER BY label.id DESC LIMIT 1
) AS label ON true
WHERE parcel.state NOT IN ('delivered', 'cancelled', 'return_to_sender') AND parcel.shipped_at IS NOT NULL
ORDER BY parcel.id
ON CONFLICT (parcel_id) DO UPDATE SET is_followed = true,
    next_poll_at = coalesce(shipping_parcelwatch.next_poll_at, excluded.next_poll_at)
WHERE excluded.is_followed AND NOT shipping_parcelwatch.is_followed
"""
# The day is over in the shop's own calendar; what waits at a store has come.
_JUDGED: Final = """
SELECT parcel.id AS parcel_id, parcel.order_id, watch.late_reason AS was, watch.late_at,
       CASE WHEN parcel.state = 'ready_for_pickup' THEN ''
            WHEN NOT watch.is_followed THEN ''
            WHEN parcel.promised_date < %(today)s::date THEN 'promise_passed'
            WHEN watch.heard_at <= %(silent_before)s::timestamptz THEN 'silent' ELSE '' END AS is_now
FROM shipping_parcelwatch AS watch JOIN shipping_parcel AS parcel ON parcel.id = watch.parcel_id
WHERE parcel.state NOT IN ('delivered', 'cancelled', 'return_to_sender') AND parcel.shipped_at IS NOT NULL
  AND parcel.direction = 'out'
"""
_CHANGED: Final = f"""
SELECT parcel_id, order_id, was, is_now FROM ({_JUDGED}) AS judged WHERE was <> is_now ORDER BY parcel_id LIMIT 500
"""  # noqa: S608 - constants of ours
_LATE: Final = """
SELECT count(*), (array_agg(o.external_id ORDER BY watch.late_at, watch.parcel_id))[1]
FROM shipping_parcelwatch AS watch JOIN shipping_parcel AS parcel ON parcel.id = watch.parcel_id
JOIN orders_order AS o ON o.id = parcel.order_id
WHERE watch.late_reason <> ''
"""
_TROUBLED: Final = """
SELECT o.customer_id, min(trouble.since) FROM (
    SELECT parcel_id, late_at AS since FROM shipping_parcelwatch WHERE late_reason <> ''
    UNION ALL
    SELECT id, state_at FROM shipping_parcel
    WHERE state IN ('delivery_failed', 'return_to_sender') AND state_at > %(since)s::timestamptz
) AS trouble JOIN shipping_parcel AS parcel ON parcel.id = trouble.parcel_id AND parcel.direction = 'out'
JOIN orders_order AS o ON o.id = parcel.order_id GROUP BY o.customer_id
"""
_TO_POLL: Final = """
SELECT watch.parcel_id, parcel.order_id, parcel.tracking_number, label.account_id
FROM shipping_parcelwatch AS watch JOIN shipping_parcel AS parcel ON parcel.id = watch.parcel_id
LEFT JOIN LATERAL (
    SELECT account_id FROM shipping_label AS label
    WHERE label.parcel_id = parcel.id AND label.state = 'bought' ORDER BY label.id DESC LIMIT 1
) AS label ON true
WHERE watch.next_poll_at <= %(moment)s::timestamptz AND parcel.tracking_number <> ''
ORDER BY watch.next_poll_at, watch.parcel_id LIMIT %(limit)s::bigint
"""
# The longest that somebody who was sent back a parcel is left in peace by marketing.
_PEACE: Final = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ChangedLateness:
    """A parcel that became late, or is late no longer; reasons are empty where it is not."""

    parcel_id: int
    order_id: int
    was: str
    is_now: str


@dataclass(frozen=True, slots=True)
class LateUnderWay:
    """How many parcels are late on their way, and the order of the one that is late the longest."""

    count: int
    first_order: str


@dataclass(frozen=True, slots=True)
class ParcelToPoll:
    """A parcel whose carrier is to be asked."""

    parcel_id: int
    order_id: int
    tracking_number: str
    account_id: int | None


def begin_watching(*, polled: Sequence[int], called: Sequence[int], moment: dt.datetime) -> int:
    """Watch every parcel that has left and is not over; returns how many are newly watched, or followed.

    `polled` and `called` are the accounts whose carriers tell how parcels fare, asked or by themselves.
    """
    return run_sql(statement=_BEGIN, parameters={"moment": moment, "polled": list(polled), "called": list(called)})


def list_changed_lateness(*, today: dt.date, moment: dt.datetime, silent_days: int) -> list[ChangedLateness]:
    """Watched parcels whose lateness is other than noted: up to 500."""
    given = {"today": today, "silent_before": moment - dt.timedelta(days=silent_days)}
    return [ChangedLateness(*row) for row in fetch_prepared(statement=_CHANGED, parameters=given)]


def count_late_under_way() -> LateUnderWay:
    """What is late on its way now."""
    count, first = fetch_prepared(statement=_LATE, parameters={})[0]
    return LateUnderWay(count=int(count), first_order=first or "")


def list_troubled_customers(*, moment: dt.datetime) -> dict[int, dt.datetime]:
    """Customers with a parcel that is late, was not delivered or goes back, and since when the oldest trouble lasts."""
    return dict(fetch_prepared(statement=_TROUBLED, parameters={"since": moment - _PEACE}))


def list_to_poll(*, moment: dt.datetime, limit: int = 500) -> list[ParcelToPoll]:
    """Parcels whose carriers are to be asked by now, the longest due first."""
    rows = fetch_prepared(statement=_TO_POLL, parameters={"moment": moment, "limit": limit})
    return [ParcelToPoll(*row) for row in rows]


def stop_polling(*, parcel_ids: list[int]) -> int:
    """Their carriers are not to be asked: they call us, or cannot say."""
    return run_sql(
        statement="UPDATE shipping_parcelwatch SET next_poll_at = NULL WHERE parcel_id = ANY(%(ids)s)",
        parameters={"ids": parcel_ids},
    )
