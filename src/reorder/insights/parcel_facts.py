"""What a label needs to know of a parcel: its box, where it goes, what it is worth, what is to be collected for it.

One statement for any number of parcels. The value is what the customer pays for its goods; cash on delivery is
collected with one parcel of an order, the first that is still to go.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.customers.addresses import ADDRESS_FIELDS, ShippingAddress
from reorder.domain.shipping.tracking_errors import UnknownParcel
from reorder.domain.staff.rules import Actor
from reorder.insights.reading import read_rows

_PARCELS: Final = """
SELECT parcel.id, parcel.number, parcel.shipment_key, parcel.direction, parcel.order_id, parcel.owner,
       parcel.temperature_class, parcel.carton_code, parcel.length_mm, parcel.width_mm, parcel.height_mm, parcel.grams,
       parcel.contents, parcel.service_code, parcel.carrier, parcel.tracking_number, parcel.state, parcel.promised_date,
       parcel.packed_at, parcel.packed_by, parcel.shipped_at, parcel.delivered_at, parcel.created_at,
       place.code AS place_code, place.name AS place_name, place.country AS place_country,
       coalesce(terms.postcode, '') AS place_postcode,
       o.external_id AS order_number, o.currency, o.payment_state, o.state AS order_state, o.ship_method,
       greatest(coalesce(o.total_minor, 0) - o.paid_minor, 0) AS due_minor,
       ship.name, ship.phone, ship.company, ship.country, ship.postcode, ship.region, ship.city, ship.line1, ship.line2,
       ship.store_code, ship.note, who.language AS customer_language,
       goods.hazards, goods.temperatures, goods.names, goods.value_minor, goods.units,
       NOT EXISTS (SELECT FROM shipping_parcel AS other
                   WHERE other.order_id = parcel.order_id AND other.direction = 'out' AND other.id < parcel.id
                     AND other.state <> 'cancelled') AS is_first
FROM shipping_parcel AS parcel
JOIN inventory_place AS place ON place.id = parcel.place_id
LEFT JOIN inventory_placeterms AS terms ON terms.place_id = place.id
JOIN orders_order AS o ON o.id = parcel.order_id
JOIN customers_customer AS who ON who.id = o.customer_id
LEFT JOIN customers_address AS ship ON ship.id = coalesce(parcel.ship_to_id, o.ship_to_id)
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT product.hazard_class) FILTER (WHERE product.hazard_class <> '') AS hazards,
           array_agg(DISTINCT product.temperature_class) AS temperatures,
           array_agg(DISTINCT product.name) AS names,
           sum((given.item->>3)::numeric) AS units,
           sum(round(CASE WHEN line.units > 0 THEN (line.units * line.unit_price_minor - line.discount_minor)
                          / line.units * (given.item->>3)::numeric ELSE 0 END))::bigint AS value_minor
    FROM jsonb_array_elements(parcel.contents) AS given (item)
    LEFT JOIN catalog_product AS product ON product.id = (given.item->>1)::bigint
    LEFT JOIN orders_orderline AS line ON line.id = (given.item->>0)::bigint
) AS goods ON true
WHERE {where}
ORDER BY parcel.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFactsRow:
    """One parcel with everything that labels, prices and pages need; amounts are minor units of `currency`."""

    id: int
    number: str
    shipment_key: str
    direction: str
    order_id: int
    order_number: str
    order_state: str
    owner: str
    place_code: str
    place_name: str
    place_country: str
    place_postcode: str
    address: ShippingAddress | None
    customer_language: str
    temperature_class: str
    temperatures: frozenset[str]
    hazards: tuple[str, ...]
    goods_names: tuple[str, ...]
    goods_units: Any
    contents: list[Any]
    value_minor: int
    collect_minor: int
    currency: str
    carton_code: str
    length_mm: int
    width_mm: int
    height_mm: int
    grams: int
    service_code: str
    wanted_service: str
    carrier: str
    tracking_number: str
    state: str
    promised_date: dt.date | None
    packed_at: dt.datetime | None
    packed_by: str
    shipped_at: dt.datetime | None
    delivered_at: dt.datetime | None
    created_at: dt.datetime


def get_parcel_facts(*, parcel_id: int, actor: Actor) -> ParcelFactsRow:
    """One parcel at a place of the actor's. Raises UnknownParcel."""
    found = list_parcel_facts(parcel_ids=[parcel_id], actor=actor)
    if not found:
        raise UnknownParcel(key=parcel_id)
    return found[0]


def find_parcel_of_number(*, number: str, actor: Actor) -> ParcelFactsRow | None:
    """The parcel with this number, None when there is none at a place of the actor's."""
    return next(iter(_read("parcel.number = %(number)s", actor, number=number)), None)


def list_parcel_facts(*, parcel_ids: Sequence[int], actor: Actor) -> list[ParcelFactsRow]:
    """Those of these parcels that are at places of the actor's, by number of row."""
    return _read("parcel.id = ANY (%(ids)s::bigint[])", actor, ids=list(parcel_ids))


def _read(where: str, actor: Actor, **parameters: Any) -> list[ParcelFactsRow]:
    own = " AND (cardinality(%(own)s::text[]) = 0 OR place.code = ANY (%(own)s::text[]))"
    statement = _PARCELS.format(where=where + own)
    return [_row(one) for one in read_rows(statement=statement, parameters={**parameters, "own": [*actor.place_codes]})]


def _row(row: dict[str, Any]) -> ParcelFactsRow:
    is_out = row["direction"] == "out"
    collects = is_out and row["payment_state"] == "cash_on_delivery" and row["is_first"]
    return ParcelFactsRow(
        id=row["id"],
        number=row["number"],
        shipment_key=row["shipment_key"],
        direction=row["direction"],
        order_id=row["order_id"],
        order_number=row["order_number"],
        order_state=row["order_state"],
        owner=row["owner"],
        place_code=row["place_code"],
        place_name=row["place_name"] or row["place_code"],
        place_country=row["place_country"],
        place_postcode=row["place_postcode"],
        address=_address(row),
        customer_language=row["customer_language"] or "",
        temperature_class=row["temperature_class"],
        temperatures=frozenset({row["temperature_class"], *(one for one in row["temperatures"] or () if one)}),
        hazards=tuple(row["hazards"] or ()),
        goods_names=tuple(one for one in row["names"] or () if one),
        goods_units=row["units"],
        contents=row["contents"] or [],
        value_minor=int(row["value_minor"] or 0),
        collect_minor=int(row["due_minor"]) if collects else 0,
        currency=row["currency"],
        carton_code=row["carton_code"],
        length_mm=row["length_mm"] or 0,
        width_mm=row["width_mm"] or 0,
        height_mm=row["height_mm"] or 0,
        grams=row["grams"] or 0,
        service_code=row["service_code"],
        wanted_service=row["service_code"] or row["ship_method"],
        carrier=row["carrier"],
        tracking_number=row["tracking_number"],
        state=row["state"],
        promised_date=row["promised_date"],
        packed_at=row["packed_at"],
        packed_by=row["packed_by"],
        shipped_at=row["shipped_at"],
        delivered_at=row["delivered_at"],
        created_at=row["created_at"],
    )


def _address(row: dict[str, Any]) -> ShippingAddress | None:
    if row["country"] is None:
        return None
    return ShippingAddress(**{name: row[name] or "" for name in ADDRESS_FIELDS})
