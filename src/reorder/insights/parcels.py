"""Parcels as people see them: what is in each, how far it is, what its carrier said, and how it was handed over."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.shipping.tracking_errors import UnknownParcel
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.reading import read_rows
from reorder.kernel.stored_json import read_json

_LARGEST_ID: Final = 2**63 - 1
_SELECT: Final = """
SELECT parcel.id, parcel.number, parcel.order_id, o.external_id AS order_number, o.customer_id, parcel.shipment_key,
       parcel.direction, place.code AS place_code, place.name AS place_name, parcel.owner, parcel.carrier,
       parcel.service_code, coalesce(service.name, parcel.service_code) AS service_name,
       coalesce(service.is_store_pickup, false) AS is_store_pickup, parcel.tracking_number, parcel.temperature_class,
       parcel.carton_code, parcel.length_mm, parcel.width_mm, parcel.height_mm, parcel.grams, parcel.state,
       parcel.state_at, parcel.promised_date, watch.expected_date, watch.collect_until_date,
       coalesce(watch.late_reason, '') AS late_reason, watch.late_at, watch.heard_at,
       coalesce(watch.poll_fault, '') AS poll_fault, parcel.packed_at,
       parcel.packed_by, parcel.shipped_at, parcel.delivered_at, parcel.created_at,
       coalesce(manifest.number, '') AS manifest_number,
       coalesce(address.store_code, '') AS store_code,
       (SELECT jsonb_agg(jsonb_build_array(part ->> 2, coalesce(product.name, part ->> 2), part ->> 3, part ->> 4)
                         ORDER BY place_in)
        FROM jsonb_array_elements(parcel.contents) WITH ORDINALITY AS parts (part, place_in)
        LEFT JOIN catalog_product AS product ON product.id = (part ->> 1)::bigint) AS goods
FROM shipping_parcel AS parcel
JOIN orders_order AS o ON o.id = parcel.order_id
JOIN inventory_place AS place ON place.id = parcel.place_id
LEFT JOIN shipping_service AS service ON service.code = parcel.service_code
LEFT JOIN customers_address AS address ON address.id = parcel.ship_to_id
LEFT JOIN shipping_parcelwatch AS watch ON watch.parcel_id = parcel.id
LEFT JOIN shipping_manifestparcel AS onto ON onto.parcel_id = parcel.id
LEFT JOIN shipping_manifest AS manifest ON manifest.id = onto.manifest_id
"""
_OF_ORDERS: Final = (
    f"{_SELECT} WHERE parcel.order_id = ANY(%(order_ids)s::bigint[]) ORDER BY parcel.order_id, parcel.id"
)
_ONE: Final = f"{_SELECT} WHERE parcel.id = %(parcel_id)s::bigint"
_LIST: Final = f"""{_SELECT}
WHERE parcel.id > %(after_id)s::bigint
  AND (%(order_id)s::bigint IS NULL OR parcel.order_id = %(order_id)s::bigint)
  AND (%(state)s::text IS NULL OR parcel.state = %(state)s::text)
  AND (%(tracking_number)s::text IS NULL OR parcel.tracking_number = %(tracking_number)s::text)
  AND (%(place_code)s::text IS NULL OR place.code = %(place_code)s::text)
  AND (%(own_places)s::text[] = '{{}}' OR place.code = ANY(%(own_places)s::text[]))
ORDER BY parcel.id LIMIT %(limit)s::bigint
"""
_EVENTS: Final = """
SELECT id, parcel_id, state, reason, carrier_code, carrier_words, place_text, happened_at, received_at, source, told_by
FROM shipping_trackingevent WHERE parcel_id = ANY(%(parcel_ids)s::bigint[])
ORDER BY parcel_id, happened_at DESC, id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelRow:
    """One parcel; `goods` are (SKU, name, units, lot). `late_reason` is empty where it is not late."""

    id: int
    number: str
    order_id: int
    order_number: str
    customer_id: int
    shipment_key: str
    direction: str
    place_code: str
    place_name: str
    owner: str
    carrier: str
    service_code: str
    service_name: str
    is_store_pickup: bool
    tracking_number: str
    temperature_class: str
    carton_code: str
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    grams: int | None
    state: str
    state_at: dt.datetime
    promised_date: dt.date | None
    expected_date: dt.date | None
    collect_until_date: dt.date | None
    late_reason: str
    late_at: dt.datetime | None
    heard_at: dt.datetime | None
    poll_fault: str
    packed_at: dt.datetime | None
    packed_by: str
    shipped_at: dt.datetime | None
    delivered_at: dt.datetime | None
    created_at: dt.datetime
    manifest_number: str
    store_code: str
    goods: Sequence[tuple[str, str, Decimal, str]]

    @property
    def day(self) -> dt.date | None:
        """When it is expected: what the carrier says, else what was promised."""
        return self.expected_date or self.promised_date

    @property
    def fulfilment_id(self) -> int | None:
        """The fulfilment order it belongs to; None for one that comes back."""
        kind, _, number = self.shipment_key.partition(":")
        return int(number) if kind == "fulfilment" and number.isdecimal() else None


@dataclass(frozen=True, slots=True)
class TrackingRow:
    """One thing said of a parcel."""

    id: int
    parcel_id: int
    state: str
    reason: str
    carrier_code: str
    carrier_words: str
    place_text: str
    happened_at: dt.datetime
    received_at: dt.datetime
    source: str
    told_by: str


def list_order_parcels(*, order_ids: Sequence[int]) -> list[ParcelRow]:
    """All parcels of orders, out and back, by order."""
    return [_row(one) for one in read_rows(statement=_OF_ORDERS, parameters={"order_ids": list(order_ids)})]


def list_tracking(*, parcel_ids: Sequence[int]) -> dict[int, list[TrackingRow]]:
    """What was said of parcels, the newest by the carrier's clock first; those without a word are left out."""
    found: dict[int, list[TrackingRow]] = {}
    for row in read_rows(statement=_EVENTS, parameters={"parcel_ids": list(parcel_ids)}) if parcel_ids else []:
        found.setdefault(row["parcel_id"], []).append(TrackingRow(**row))
    return found


def get_parcel(*, parcel_id: int, actor: Actor) -> ParcelRow:
    """One parcel of a place of the actor's. Raises NotAllowed, UnknownParcel."""
    actor.require(Ability.VIEW_ORDERS)
    rows = read_rows(statement=_ONE, parameters={"parcel_id": min(max(parcel_id, 0), _LARGEST_ID)})
    if not rows or not actor.may_at(rows[0]["place_code"]):
        raise UnknownParcel(key=parcel_id)
    return _row(rows[0])


def list_parcels(
    *,
    actor: Actor,
    limit: int,
    after_id: int = 0,
    order_id: int | None = None,
    state: str | None = None,
    tracking_number: str | None = None,
    place_code: str | None = None,
) -> list[ParcelRow]:
    """Parcels of the actor's places by number of row, for the API. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    given = {
        "limit": limit,
        "after_id": after_id,
        "order_id": order_id,
        "state": state,
        "tracking_number": tracking_number,
        "place_code": place_code,
        "own_places": sorted(actor.place_codes),
    }
    return [_row(one) for one in read_rows(statement=_LIST, parameters=given)]


def as_parcel_row(row: Mapping[str, Any]) -> ParcelRow:
    """A row that was read with `PARCEL_COLUMNS`."""
    return _row(dict(row))


PARCEL_COLUMNS: Final = _SELECT


def _row(row: dict[str, Any]) -> ParcelRow:
    told = row["goods"]
    goods = read_json(told)
    return ParcelRow(
        **row
        | {"goods": [(sku or "", name or "", Decimal(units or 0), lot or "") for sku, name, units, lot in goods or ()]}
    )
