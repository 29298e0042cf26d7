"""Manifests and what waits for them: open cages, closed lists with their parcels, and what nobody scanned."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.shipping.tracking_errors import UnknownManifest
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.reading import read_rows

_SELECT: Final = """
SELECT manifest.id, manifest.number, place.code AS place_code, place.name AS place_name, manifest.carrier,
       manifest.service_code, coalesce(service.name, manifest.service_code) AS service_name,
       manifest.carrier_reference, manifest.opened_at, manifest.opened_by, manifest.closed_at, manifest.closed_by,
       (SELECT count(*) FROM shipping_manifestparcel AS onto WHERE onto.manifest_id = manifest.id) AS parcels_count
FROM shipping_manifest AS manifest JOIN inventory_place AS place ON place.id = manifest.place_id
LEFT JOIN shipping_service AS service ON service.code = manifest.service_code
"""
_OPEN: Final = f"""{_SELECT} WHERE manifest.closed_at IS NULL
  AND (%(place_code)s::text = '' OR place.code = %(place_code)s::text)
  AND (%(own_places)s::text[] = '{{}}' OR place.code = ANY(%(own_places)s::text[]))
ORDER BY place.code, manifest.carrier, manifest.service_code
"""
_CLOSED: Final = f"""{_SELECT} WHERE manifest.closed_at IS NOT NULL
  AND (%(own_places)s::text[] = '{{}}' OR place.code = ANY(%(own_places)s::text[]))
  AND (%(before_id)s::bigint IS NULL OR manifest.id < %(before_id)s::bigint)
ORDER BY manifest.id DESC LIMIT %(limit)s::bigint
"""
_ONE: Final = f"{_SELECT} WHERE manifest.number = %(number)s::text"
_PARCELS: Final = """
SELECT parcel.id, parcel.number, parcel.tracking_number, o.id AS order_id, o.external_id AS order_number,
       coalesce(address.postcode, '') AS postcode, coalesce(address.city, '') AS city, parcel.grams, parcel.state,
       onto.scanned_at, onto.scanned_by
FROM shipping_manifestparcel AS onto JOIN shipping_parcel AS parcel ON parcel.id = onto.parcel_id
JOIN orders_order AS o ON o.id = parcel.order_id
LEFT JOIN customers_address AS address ON address.id = parcel.ship_to_id
WHERE onto.manifest_id = %(manifest_id)s::bigint ORDER BY onto.id
"""
# Packed, labelled, and still here. Of a cancelled order nothing waits.
_WAITING: Final = """
SELECT parcel.id, parcel.number, parcel.carrier, parcel.service_code,
       coalesce(service.name, parcel.service_code) AS service_name, parcel.tracking_number, parcel.order_id,
       o.external_id AS order_number, place.code AS place_code, parcel.packed_at, parcel.grams,
       part.ship_by_at, cardinality(o.hold_reasons) > 0 AS is_held
FROM shipping_parcel AS parcel JOIN orders_order AS o ON o.id = parcel.order_id
JOIN inventory_place AS place ON place.id = parcel.place_id
LEFT JOIN shipping_service AS service ON service.code = parcel.service_code
LEFT JOIN warehouse_fulfilmentorder AS part
       ON parcel.shipment_key = 'fulfilment:' || part.id AND part.order_id = parcel.order_id
WHERE parcel.direction = 'out' AND parcel.state NOT IN ('delivered', 'cancelled', 'return_to_sender')
  AND parcel.shipped_at IS NULL AND parcel.packed_at IS NOT NULL AND parcel.tracking_number <> ''
  AND o.state <> 'cancelled' AND coalesce(part.state, '') <> 'cancelled'
  AND (%(place_code)s::text = '' OR place.code = %(place_code)s::text)
  AND (%(own_places)s::text[] = '{}' OR place.code = ANY(%(own_places)s::text[]))
ORDER BY part.ship_by_at NULLS LAST, parcel.id LIMIT %(limit)s::bigint
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRow:
    """One manifest; open while `closed_at` is None."""

    id: int
    number: str
    place_code: str
    place_name: str
    carrier: str
    service_code: str
    service_name: str
    carrier_reference: str
    opened_at: dt.datetime
    opened_by: str
    closed_at: dt.datetime | None
    closed_by: str
    parcels_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestLine:
    """One parcel on a manifest."""

    id: int
    number: str
    tracking_number: str
    order_id: int
    order_number: str
    postcode: str
    city: str
    grams: int | None
    state: str
    scanned_at: dt.datetime
    scanned_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingParcel:
    """A parcel that is ready and was not scanned; `ship_by_at` is its carrier's cut-off."""

    id: int
    number: str
    carrier: str
    service_code: str
    service_name: str
    tracking_number: str
    order_id: int
    order_number: str
    place_code: str
    packed_at: dt.datetime
    grams: int | None
    ship_by_at: dt.datetime | None
    is_held: bool


def list_open_manifests(*, place_code: str = "", own_places: Sequence[str] = ()) -> list[ManifestRow]:
    """Cages that stand open, by place and carrier."""
    given = {"place_code": place_code, "own_places": sorted(own_places)}
    return [ManifestRow(**row) for row in read_rows(statement=_OPEN, parameters=given)]


def list_closed_manifests(*, actor: Actor, before_id: int | None, limit: int) -> list[ManifestRow]:
    """Manifests that drivers took along, the latest first. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    given = {"own_places": sorted(actor.place_codes), "before_id": before_id, "limit": limit}
    return [ManifestRow(**row) for row in read_rows(statement=_CLOSED, parameters=given)]


def find_manifest(*, number: str) -> ManifestRow | None:
    """One manifest by its number."""
    rows = read_rows(statement=_ONE, parameters={"number": number}) if "\x00" not in number else []
    return ManifestRow(**rows[0]) if rows else None


def get_manifest(*, number: str, actor: Actor) -> ManifestRow:
    """One manifest of a place of the actor's. Raises NotAllowed, UnknownManifest."""
    actor.require(Ability.VIEW_ORDERS)
    found = find_manifest(number=number)
    if found is None or not actor.may_at(found.place_code):
        raise UnknownManifest(key=number)
    return found


def list_manifest_lines(*, manifest_id: int) -> list[ManifestLine]:
    """What is on a manifest, as it was scanned."""
    return [ManifestLine(**row) for row in read_rows(statement=_PARCELS, parameters={"manifest_id": manifest_id})]


def list_waiting(*, place_code: str = "", own_places: Sequence[str] = (), limit: int = 200) -> list[WaitingParcel]:
    """Parcels that are ready and still here, those whose cut-off comes first before others."""
    given: dict[str, Any] = {"place_code": place_code, "own_places": sorted(own_places), "limit": limit}
    return [WaitingParcel(**row) for row in read_rows(statement=_WAITING, parameters=given)]
