"""Parcels as lists: those that wait for a label, and all of them with the label they have. Keyset, newest first."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.staff.rules import Actor
from reorder.insights.reading import read_rows
from reorder.kernel.patterns import like_literal

_OWN: Final = "(cardinality(%(own)s::text[]) = 0 OR place.code = ANY (%(own)s::text[]))"
_WAITS: Final = """parcel.packed_at IS NOT NULL AND parcel.shipped_at IS NULL AND parcel.state = 'pending'
    AND parcel.direction = 'out' AND parcel.tracking_number = '' AND live.id IS NULL"""
_TABS: Final = {
    "all": "true",
    "wait": _WAITS,
    "labelled": "live.state = 'bought' AND parcel.shipped_at IS NULL",
    "unknown": "live.state IN ('claimed', 'unknown', 'voiding')",
    "left": "parcel.shipped_at IS NOT NULL",
}
TABS: Final = tuple(_TABS)
_FROM: Final = """
FROM shipping_parcel AS parcel
JOIN inventory_place AS place ON place.id = parcel.place_id
JOIN orders_order AS o ON o.id = parcel.order_id
LEFT JOIN shipping_label AS live ON live.parcel_id = parcel.id
    AND live.state IN ('claimed', 'bought', 'unknown', 'voiding')
"""
# The choices are constants of this module; everything given goes in as parameters.
_LIST: Final = (
    """
SELECT parcel.id, parcel.number, parcel.order_id, o.external_id AS order_number, place.code AS place_code,
       parcel.direction, parcel.carton_code, parcel.grams, parcel.temperature_class, parcel.carrier,
       parcel.service_code, parcel.tracking_number, parcel.state, parcel.promised_date, parcel.packed_at,
       parcel.shipped_at, live.id AS label_id, live.state AS label_state, live.cost_minor, live.currency,
       live.prints_count
"""
    + _FROM
)
_WAITING: Final = (
    "SELECT parcel.id"  # noqa: S608 - constants of this module
    + _FROM
    + """
WHERE place.code = %(place)s AND """
    + _OWN
    + " AND "
    + _WAITS
    + """
  AND (%(wave_id)s::bigint IS NULL OR EXISTS (
      SELECT FROM warehouse_waveparcel AS one
      WHERE one.wave_id = %(wave_id)s::bigint AND parcel.shipment_key = 'fulfilment:' || one.fulfilment_id))
  AND (cardinality(%(ids)s::bigint[]) = 0 OR parcel.id = ANY (%(ids)s::bigint[]))
ORDER BY parcel.id LIMIT %(most)s
"""
)
_COUNTS: Final = (
    "SELECT count(*) FILTER (WHERE "
    + _WAITS
    + ") AS waiting, count(*) FILTER (WHERE live.state IN ('claimed', 'unknown', 'voiding')) AS unsettled"
    + _FROM
    + " WHERE parcel.state = 'pending' AND "
    + _OWN
)
MOST_OF_A_BATCH: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLine:
    """One parcel in a list, with its live label if it has one."""

    id: int
    number: str
    order_id: int
    order_number: str
    place_code: str
    direction: str
    carton_code: str
    grams: int | None
    temperature_class: str
    carrier: str
    service_code: str
    tracking_number: str
    state: str
    promised_date: dt.date | None
    packed_at: dt.datetime | None
    shipped_at: dt.datetime | None
    label_id: int | None
    label_state: str | None
    cost_minor: int | None
    currency: str | None
    prints_count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelCounts:
    """Packed parcels without a label, and parcels whose label is not settled."""

    waiting: int
    unsettled: int


def list_parcels(
    *, actor: Actor, tab: str = "all", search: str = "", place_code: str = "", before_id: int | None = None, limit: int
) -> list[ParcelLine]:
    """Parcels, the newest first; `search` is the beginning of a parcel's, an order's or a tracking number."""
    where = [_OWN, _TABS.get(tab, "true")]
    parameters: dict[str, Any] = {"own": [*actor.place_codes], "limit": limit}
    if before_id is not None:
        where.append("parcel.id < %(before_id)s")
        parameters["before_id"] = before_id
    if place_code:
        where.append("place.code = %(place)s")
        parameters["place"] = place_code
    if search:
        where.append(
            "(parcel.number ILIKE %(like)s OR o.external_id ILIKE %(like)s OR parcel.tracking_number ILIKE %(like)s)"
        )
        parameters["like"] = like_literal(text=search) + "%"
    statement = _LIST + " WHERE " + " AND ".join(where) + " ORDER BY parcel.id DESC LIMIT %(limit)s"
    return [ParcelLine(**row) for row in read_rows(statement=statement, parameters=parameters)]


def list_waiting_parcel_ids(
    *, place_code: str, actor: Actor, wave_id: int | None = None, only_ids: Sequence[int] = ()
) -> list[int]:
    """Packed parcels of a place that have no label, of a wave or of those given where that is said."""
    parameters = {
        "place": place_code,
        "own": [*actor.place_codes],
        "wave_id": wave_id,
        "ids": list(only_ids),
        "most": MOST_OF_A_BATCH,
    }
    return [row["id"] for row in read_rows(statement=_WAITING, parameters=parameters)]


def count_parcels(*, actor: Actor) -> ParcelCounts:
    """How many wait for a label, and how many labels are not settled."""
    [row] = read_rows(statement=_COUNTS, parameters={"own": [*actor.place_codes]})
    return ParcelCounts(waiting=row["waiting"], unsettled=row["unsettled"])
