"""Writes of what is said of parcels: each word once, and the parcel's row is always what all its words come to.

Lock order: order row (by the caller) → parcel row → its watch.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.shipping.tracking_errors import UnknownParcel
from reorder.domain.shipping.tracking_models import ParcelWatch, TrackingEvent
from reorder.domain.shipping.tracking_rules import (
    OVER,
    CarrierWord,
    ParcelStanding,
    SaidOfParcel,
    key_of,
    next_poll_at,
    plain_text,
    standing_of,
)
from reorder.domain.storage import fetch_prepared, run_sql

_COLUMNS: Final = """
parcel.id, parcel.number, parcel.shipment_key, parcel.direction, parcel.order_id, place.code, parcel.carrier,
parcel.service_code, parcel.tracking_number, parcel.state, parcel.promised_date, parcel.packed_at, parcel.shipped_at,
parcel.delivered_at, parcel.created_at
"""
_LOCK: Final = f"""
SELECT {_COLUMNS} FROM shipping_parcel AS parcel JOIN inventory_place AS place ON place.id = parcel.place_id
WHERE parcel.id = %(parcel_id)s::bigint FOR UPDATE OF parcel
"""  # noqa: S608 - constants of ours
_OF_SHIPMENT: Final = f"""
SELECT {_COLUMNS} FROM shipping_parcel AS parcel JOIN inventory_place AS place ON place.id = parcel.place_id
WHERE parcel.shipment_key = %(shipment_key)s::text AND parcel.state <> 'cancelled' ORDER BY parcel.id
FOR UPDATE OF parcel
"""  # noqa: S608 - constants of ours
# The newest of those that have the number: carriers use numbers again.
_BY_TRACKING: Final = """
SELECT id, order_id FROM shipping_parcel
WHERE tracking_number = %(tracking_number)s::text AND state <> 'cancelled' ORDER BY id DESC LIMIT 1
"""
_BY_LABEL: Final = """
SELECT parcel.id, parcel.order_id FROM shipping_label AS label
JOIN shipping_parcel AS parcel ON parcel.id = label.parcel_id
WHERE label.account_id = %(account_id)s::bigint AND label.state NOT IN ('failed', 'voided')
  AND ((%(reference)s::text <> '' AND label.reference = %(reference)s::text)
       OR (%(carrier_reference)s::text <> '' AND label.carrier_reference = %(carrier_reference)s::text))
ORDER BY label.id DESC LIMIT 1
"""
_BY_CODE: Final = """
SELECT id, order_id FROM (
    SELECT id, order_id FROM shipping_parcel WHERE number = ANY(%(codes)s::text[])
    UNION ALL SELECT id, order_id FROM shipping_parcel
    WHERE tracking_number = ANY(%(codes)s::text[]) AND tracking_number <> ''
) AS found ORDER BY id DESC LIMIT 1
"""
_APPEND: Final = """
INSERT INTO shipping_trackingevent (parcel_id, key, state, reason, carrier_code, carrier_words, place_text, happened_at,
                                    source, told_by, received_at)
VALUES (%(parcel_id)s::bigint, %(key)s::text, %(state)s::text, %(reason)s::text, %(carrier_code)s::text,
        %(carrier_words)s::text, %(place_text)s::text, %(happened_at)s::timestamptz, %(source)s::text,
        %(told_by)s::text, %(moment)s::timestamptz)
ON CONFLICT (key) DO NOTHING RETURNING id
"""
_STAND: Final = """
UPDATE shipping_parcel SET state = %(state)s, state_at = coalesce(%(state_at)s, state_at),
       shipped_at = least(shipped_at, %(left_at)s), delivered_at = %(delivered_at)s
WHERE id = %(parcel_id)s
"""
_WATCH: Final = """
INSERT INTO shipping_parcelwatch (parcel_id, heard_at, is_followed, next_poll_at, expected_date, collect_until_date)
VALUES (%(parcel_id)s, %(heard_at)s, %(is_followed)s, %(next_poll_at)s, %(expected_date)s, %(collect_until_date)s)
ON CONFLICT (parcel_id) DO UPDATE SET
    is_followed = shipping_parcelwatch.is_followed OR excluded.is_followed,
    expected_date = CASE WHEN excluded.heard_at >= shipping_parcelwatch.heard_at
                         THEN coalesce(excluded.expected_date, shipping_parcelwatch.expected_date)
                         ELSE shipping_parcelwatch.expected_date END,
    collect_until_date = CASE WHEN excluded.heard_at >= shipping_parcelwatch.heard_at
                              THEN coalesce(excluded.collect_until_date, shipping_parcelwatch.collect_until_date)
                              ELSE shipping_parcelwatch.collect_until_date END,
    heard_at = greatest(excluded.heard_at, shipping_parcelwatch.heard_at),
    next_poll_at = CASE WHEN %(is_over)s THEN NULL ELSE shipping_parcelwatch.next_poll_at END,
    late_reason = CASE WHEN %(is_over)s THEN '' ELSE shipping_parcelwatch.late_reason END,
    late_at = CASE WHEN %(is_over)s THEN NULL ELSE shipping_parcelwatch.late_at END
"""


@dataclass(frozen=True, slots=True)
class HeldParcel:
    """A parcel that nobody else changes until the transaction ends."""

    id: int
    number: str
    shipment_key: str
    direction: str
    order_id: int
    place_code: str
    carrier: str
    service_code: str
    tracking_number: str
    state: str
    promised_date: dt.date | None
    packed_at: dt.datetime | None
    shipped_at: dt.datetime | None
    delivered_at: dt.datetime | None
    created_at: dt.datetime

    @property
    def fulfilment_id(self) -> int | None:
        """The fulfilment order whose goods are in it; None for a parcel that comes back."""
        kind, _, number = self.shipment_key.partition(":")
        return int(number) if kind == "fulfilment" and number.isdecimal() else None


@dataclass(frozen=True, slots=True)
class FoundParcel:
    """A parcel and its order, to be held in the right order: the order first."""

    id: int
    order_id: int


def find_by_tracking(*, tracking_number: str) -> FoundParcel | None:
    """The newest parcel with a carrier's number that was not given up."""
    if not tracking_number:
        return None
    rows = fetch_prepared(statement=_BY_TRACKING, parameters={"tracking_number": tracking_number})
    return FoundParcel(*rows[0]) if rows else None


def find_by_label(*, account_id: int, reference: str, carrier_reference: str) -> FoundParcel | None:
    """The parcel of an account's label, by our reference or the carrier's: some tell no number of their own."""
    rows = fetch_prepared(
        statement=_BY_LABEL,
        parameters={"account_id": account_id, "reference": reference, "carrier_reference": carrier_reference},
    )
    return FoundParcel(*rows[0]) if rows else None


def find_by_codes(*, codes: Sequence[str]) -> FoundParcel | None:
    """The newest parcel that one of these is the number of: ours, or its carrier's."""
    rows = fetch_prepared(statement=_BY_CODE, parameters={"codes": [code for code in codes if code]})
    return FoundParcel(*rows[0]) if rows else None


def find_order_of_parcel(*, parcel_id: int) -> int:
    """The order that is to be held before its parcel. Raises UnknownParcel."""
    rows = fetch_prepared(
        statement="SELECT order_id FROM shipping_parcel WHERE id = %(id)s::bigint",
        parameters={"id": min(parcel_id, 2**63 - 1)},
    )
    if not rows:
        raise UnknownParcel(key=parcel_id)
    return int(rows[0][0])


def lock_parcel(*, parcel_id: int) -> HeldParcel:
    """Hold a parcel whose order the caller holds. Raises UnknownParcel."""
    rows = fetch_prepared(statement=_LOCK, parameters={"parcel_id": parcel_id})
    if not rows:
        raise UnknownParcel(key=parcel_id)
    return HeldParcel(*rows[0])


def lock_parcels_of(*, shipment_key: str) -> list[HeldParcel]:
    """Hold all parcels of a shipment that were not given up, by their numbers."""
    return [
        HeldParcel(*row) for row in fetch_prepared(statement=_OF_SHIPMENT, parameters={"shipment_key": shipment_key})
    ]


def append_word(
    *,
    parcel: HeldParcel,
    word: CarrierWord,
    account_code: str,
    source: str,
    told_by: str,
    moment: dt.datetime,
    is_polled: bool,
) -> ParcelStanding | None:
    """Keep what was said of a held parcel, and bring its row to what all of it comes to; None when it was known.

    `is_polled`: its carrier does not call us, so it is asked for until its way is over.
    """
    given = {
        "parcel_id": parcel.id,
        "key": key_of(word=word, parcel_id=parcel.id, account_code=account_code),
        "state": word.state,
        "reason": plain_text(text=word.reason),
        "carrier_code": plain_text(text=word.carrier_code),
        "carrier_words": plain_text(text=word.carrier_words),
        "place_text": plain_text(text=word.place_text),
        "happened_at": word.happened_at,
        "source": source,
        "told_by": told_by,
        "moment": moment,
    }
    if not fetch_prepared(statement=_APPEND, parameters=given):
        return None
    standing = read_standing(parcel_id=parcel.id)
    run_sql(
        statement=_STAND,
        parameters={
            "parcel_id": parcel.id,
            "state": standing.state,
            "state_at": standing.state_at,
            "left_at": standing.left_at,
            "delivered_at": standing.delivered_at,
        },
    )
    _watch(
        parcel_id=parcel.id,
        word=word,
        standing=standing,
        moment=moment,
        is_polled=is_polled,
        # Our own scan says that it left, not how it fares.
        is_followed=source != "floor",
    )
    return standing


def read_standing(*, parcel_id: int) -> ParcelStanding:
    """What all that is known of a parcel comes to."""
    rows = TrackingEvent.objects.filter(parcel_id=parcel_id).values_list("state", "happened_at", "reason", "key")
    return standing_of(events=[SaidOfParcel(*row) for row in rows])


def note_left(*, shipment_key: str, moment: dt.datetime) -> int:
    """The parcels of a shipment have left together, without a scan of each; returns how many newly."""
    return run_sql(
        statement="""UPDATE shipping_parcel SET shipped_at = %(moment)s
                     WHERE shipment_key = %(shipment_key)s AND state <> 'cancelled' AND shipped_at IS NULL""",
        parameters={"shipment_key": shipment_key, "moment": moment},
    )


def mark_left(*, parcel_id: int, moment: dt.datetime) -> bool:
    """A held parcel has left; False when that was known."""
    return bool(
        run_sql(
            statement="UPDATE shipping_parcel SET shipped_at = %(moment)s WHERE id = %(id)s AND shipped_at IS NULL",
            parameters={"id": parcel_id, "moment": moment},
        )
    )


def mark_late(*, parcel_id: int, reason: str, moment: dt.datetime) -> bool:
    """A watched parcel is late for this reason, or no longer (empty); False when that was known."""
    changed = ParcelWatch.objects.filter(parcel_id=parcel_id).exclude(late_reason=reason)
    if not reason:
        return bool(changed.update(late_reason="", late_at=None))
    newly = changed.filter(late_reason="").update(late_reason=reason, late_at=moment)
    return bool(newly or changed.update(late_reason=reason))


def put_poll_off(*, parcel_id: int, fault: str, moment: dt.datetime) -> None:
    """Asking a carrier came to nothing, or (an empty fault) was answered: when it is asked again."""
    watch = ParcelWatch.objects.filter(parcel_id=parcel_id, next_poll_at__isnull=False).first()
    if watch is None:
        return
    failed = watch.failed_polls + 1 if fault else 0
    ParcelWatch.objects.filter(parcel_id=parcel_id, next_poll_at__isnull=False).update(
        failed_polls=min(failed, 1000),
        poll_fault=plain_text(text=fault),
        next_poll_at=next_poll_at(moment=moment, failed_polls=failed, heard_at=watch.heard_at),
    )


def _watch(
    *,
    parcel_id: int,
    word: CarrierWord,
    standing: ParcelStanding,
    moment: dt.datetime,
    is_polled: bool,
    is_followed: bool,
) -> None:
    is_over = standing.state in OVER
    run_sql(
        statement=_WATCH,
        parameters={
            "parcel_id": parcel_id,
            "heard_at": word.happened_at,
            "is_followed": is_followed,
            "next_poll_at": moment if is_polled and not is_over else None,
            "expected_date": word.expected_date,
            "collect_until_date": word.collect_until_date,
            "is_over": is_over,
        },
    )
