"""What the shipping desk shows: what leaves today by cut-off, what is under way, and what is in trouble."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.parcels import PARCEL_COLUMNS, ParcelRow, as_parcel_row
from reorder.insights.reading import read_rows

# A parcel that came back is shown so long; the goods are a return by then.
_BACK_SHOWN: Final = dt.timedelta(days=14)
_SOON: Final = dt.timedelta(days=2)
_TODAY: Final = """
WITH due AS MATERIALIZED (
    SELECT part.id, part.place_id, part.state, part.service_code, part.ship_by_at
    FROM warehouse_fulfilmentorder AS part JOIN inventory_place AS place ON place.id = part.place_id
    WHERE part.state NOT IN ('shipped', 'delivered', 'cancelled') AND part.ship_by_at < %(until)s::timestamptz
      AND (%(own_places)s::text[] = '{}' OR place.code = ANY(%(own_places)s::text[]))
), boxes AS (
    SELECT due.id, count(parcel.id) AS boxes, count(*) FILTER (WHERE parcel.tracking_number <> '') AS labelled,
           count(*) FILTER (WHERE parcel.shipped_at IS NOT NULL) AS scanned
    FROM due LEFT JOIN shipping_parcel AS parcel
         ON due.state = 'packed' AND parcel.shipment_key = 'fulfilment:' || due.id AND parcel.state <> 'cancelled'
    GROUP BY due.id
)
SELECT place.code AS place_code, place.name AS place_name, due.ship_by_at, due.service_code,
       coalesce(service.name, due.service_code) AS service_name,
       count(*) FILTER (WHERE due.state IN ('waiting', 'allocated')) AS waiting_count,
       count(*) FILTER (WHERE due.state IN ('released', 'picked')) AS picking_count,
       count(*) FILTER (WHERE due.state = 'packed' AND (boxes.boxes = 0 OR boxes.boxes > boxes.labelled))
           AS unlabelled_count,
       count(*) FILTER (WHERE due.state = 'packed' AND boxes.boxes > 0 AND boxes.boxes = boxes.labelled) AS ready_count,
       sum(boxes.scanned) AS scanned_count
FROM due JOIN boxes ON boxes.id = due.id JOIN inventory_place AS place ON place.id = due.place_id
LEFT JOIN shipping_service AS service ON service.code = due.service_code
GROUP BY place.code, place.name, due.ship_by_at, due.service_code, service.name
ORDER BY due.ship_by_at, place.code, due.service_code LIMIT 200
"""
_UNDER_WAY: Final = f"""{PARCEL_COLUMNS}
WHERE parcel.state NOT IN ('delivered', 'cancelled', 'return_to_sender') AND parcel.shipped_at IS NOT NULL
  AND (%(own_places)s::text[] = '{{}}' OR place.code = ANY(%(own_places)s::text[]))
  AND (%(states)s::text[] = '{{}}' OR parcel.state = ANY(%(states)s::text[]))
  AND (%(is_unfollowed)s::boolean IS NOT TRUE OR watch.is_followed IS NOT TRUE)
  AND (%(search)s::text = '' OR parcel.tracking_number = %(search)s::text OR parcel.number = %(search)s::text
       OR o.external_id = %(search)s::text)
  AND (%(before_id)s::bigint IS NULL OR parcel.id < %(before_id)s::bigint)
ORDER BY parcel.id DESC LIMIT %(limit)s::bigint
"""
_TROUBLE_IDS: Final = """
WITH late AS (
    SELECT parcel_id, 'late' AS kind, late_at AS since FROM shipping_parcelwatch WHERE late_reason <> ''
), states AS (
    SELECT id, state, state_at FROM shipping_parcel WHERE state = 'delivery_failed'
    UNION ALL
    SELECT id, state, state_at FROM shipping_parcel
    WHERE state = 'return_to_sender' AND state_at > %(back_since)s::timestamptz
    UNION ALL
    SELECT id, state, state_at FROM shipping_parcel
    WHERE state NOT IN ('delivered', 'cancelled', 'return_to_sender') AND state IN ('on_hold', 'delivery_delayed')
), collecting AS (
    SELECT watch.parcel_id, 'collect' AS kind, parcel.state_at FROM shipping_parcelwatch AS watch
    JOIN shipping_parcel AS parcel ON parcel.id = watch.parcel_id
    WHERE parcel.state NOT IN ('delivered', 'cancelled', 'return_to_sender') AND parcel.state = 'ready_for_pickup'
      AND watch.collect_until_date <= %(soon)s::date
), unknown AS (
    SELECT parcel.id, 'unknown' AS kind, newest.happened_at FROM shipping_parcel AS parcel
    CROSS JOIN LATERAL (
        SELECT state, happened_at FROM shipping_trackingevent AS event WHERE event.parcel_id = parcel.id
        ORDER BY happened_at DESC, id DESC LIMIT 1
    ) AS newest
    WHERE parcel.state NOT IN ('delivered', 'cancelled', 'return_to_sender') AND parcel.shipped_at IS NOT NULL
      AND newest.state = 'unknown'
), silent AS (
    SELECT parcel_id, 'unasked' AS kind, heard_at FROM shipping_parcelwatch
    WHERE next_poll_at IS NOT NULL AND failed_polls >= 5
)
SELECT parcel_id, (array_agg(kind ORDER BY rank))[1] AS kind, min(since) AS since FROM (
    SELECT id AS parcel_id, state AS kind, state_at AS since, 1 AS rank FROM states
    UNION ALL SELECT parcel_id, kind, since, 2 FROM late
    UNION ALL SELECT parcel_id, kind, state_at, 3 FROM collecting
    UNION ALL SELECT id, kind, happened_at, 4 FROM unknown
    UNION ALL SELECT parcel_id, kind, heard_at, 5 FROM silent
) AS every GROUP BY parcel_id
"""
_TROUBLE: Final = f"""
SELECT rows.*, trouble.kind AS trouble_kind, trouble.since AS trouble_since,
       (SELECT reason FROM shipping_trackingevent AS event
        WHERE event.parcel_id = rows.id AND event.state = rows.state ORDER BY happened_at DESC, id DESC LIMIT 1)
           AS incident
FROM ({_TROUBLE_IDS}) AS trouble JOIN ({PARCEL_COLUMNS}) AS rows ON rows.id = trouble.parcel_id
WHERE rows.direction = 'out' AND (%(own_places)s::text[] = '{{}}' OR rows.place_code = ANY(%(own_places)s::text[]))
  AND (%(kind)s::text = '' OR trouble.kind = %(kind)s::text)
  AND (%(since)s::timestamptz IS NULL OR (trouble.since, rows.id) > (%(since)s::timestamptz, %(after_id)s::bigint))
ORDER BY trouble.since, rows.id LIMIT %(limit)s::bigint
"""  # noqa: S608 - constants of ours
_COUNTS: Final = f"""
SELECT trouble.kind, count(*) AS parcels_count FROM ({_TROUBLE_IDS}) AS trouble
JOIN shipping_parcel AS parcel ON parcel.id = trouble.parcel_id AND parcel.direction = 'out'
JOIN inventory_place AS place ON place.id = parcel.place_id
WHERE %(own_places)s::text[] = '{{}}' OR place.code = ANY(%(own_places)s::text[])
GROUP BY trouble.kind
"""  # noqa: S608 - constants of ours
_PICK_UPS: Final = """
SELECT wish.id, place.code AS place_code, wish.account_code, wish.carrier, wish.wanted_date, wish.from_time,
       wish.until_time, wish.parcels_count, wish.state, wish.carrier_reference, wish.fault, wish.asked_at, wish.asked_by
FROM shipping_pickup AS wish JOIN inventory_place AS place ON place.id = wish.place_id
WHERE wish.wanted_date >= %(from_date)s::date
  AND (%(own_places)s::text[] = '{}' OR place.code = ANY(%(own_places)s::text[]))
ORDER BY wish.wanted_date DESC, wish.id DESC LIMIT 20
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """What one service takes from a place by one moment, and how far it is."""

    place_code: str
    place_name: str
    ship_by_at: dt.datetime
    service_code: str
    service_name: str
    waiting_count: int
    picking_count: int
    unlabelled_count: int
    ready_count: int
    scanned_count: int

    @property
    def open_count(self) -> int:
        """Fulfilment orders that have not left."""
        return self.waiting_count + self.picking_count + self.unlabelled_count + self.ready_count


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A parcel that somebody should look at, why, and since when."""

    parcel: ParcelRow
    kind: str
    since: dt.datetime
    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUpRow:
    """A carrier that was asked to come."""

    id: int
    place_code: str
    account_code: str
    carrier: str
    wanted_date: dt.date
    from_time: dt.time
    until_time: dt.time
    parcels_count: int
    state: str
    carrier_reference: str
    fault: str
    asked_at: dt.datetime
    asked_by: str


def list_cut_offs(*, actor: Actor, until: dt.datetime) -> list[CutOff]:
    """What is to leave before `until`, by cut-off; what is overdue comes first. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    given = {"until": until, "own_places": sorted(actor.place_codes)}
    return [
        CutOff(**row | {"scanned_count": int(row["scanned_count"])})
        for row in read_rows(statement=_TODAY, parameters=given)
    ]


def list_under_way(
    *,
    actor: Actor,
    states: Sequence[str] = (),
    is_unfollowed: bool = False,
    search: str = "",
    before_id: int | None = None,
    limit: int,
) -> list[ParcelRow]:
    """Parcels that have left and are not over, the latest first. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    given = {
        "own_places": sorted(actor.place_codes),
        "states": list(states),
        "is_unfollowed": is_unfollowed,
        "search": search,
        "before_id": before_id,
        "limit": limit,
    }
    return [as_parcel_row(row) for row in read_rows(statement=_UNDER_WAY, parameters=given)]


def list_trouble(
    *,
    actor: Actor,
    kind: str,
    today: dt.date,
    moment: dt.datetime,
    after: tuple[dt.datetime, int] | None,
    limit: int,
) -> list[Trouble]:
    """Parcels that somebody should look at, the oldest trouble first. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    since, after_id = after or (None, 0)
    given = _given(actor=actor, today=today, moment=moment) | {
        "kind": kind,
        "since": since,
        "after_id": after_id,
        "limit": limit,
    }
    return [_trouble(row) for row in read_rows(statement=_TROUBLE, parameters=given)]


def count_trouble(*, actor: Actor, today: dt.date, moment: dt.datetime) -> dict[str, int]:
    """How many parcels are in each kind of trouble. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    rows = read_rows(statement=_COUNTS, parameters=_given(actor=actor, today=today, moment=moment))
    return {row["kind"]: int(row["parcels_count"]) for row in rows}


def list_pick_ups(*, actor: Actor, from_date: dt.date) -> list[PickUpRow]:
    """Carriers that were asked to come from a day on, the latest first. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    given = {"from_date": from_date, "own_places": sorted(actor.place_codes)}
    return [PickUpRow(**row) for row in read_rows(statement=_PICK_UPS, parameters=given)]


def _given(*, actor: Actor, today: dt.date, moment: dt.datetime) -> dict[str, Any]:
    return {
        "own_places": sorted(actor.place_codes),
        "back_since": moment - _BACK_SHOWN,
        "soon": today + _SOON,
    }


def _trouble(row: dict[str, Any]) -> Trouble:
    kind, since, incident = row.pop("trouble_kind"), row.pop("trouble_since"), row.pop("incident")
    return Trouble(parcel=as_parcel_row(row), kind=kind, since=since, incident=incident or "")
