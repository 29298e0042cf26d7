"""Plans of packing, and the parcels that are opened, changed and closed while somebody packs.

A plan is a suggestion for one shipment; a parcel exists from the moment its box is opened, and is packed when it is
closed. Part of the caller's transaction, who holds the order.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from reorder.domain.shipping.carton_models import PackingPlan
from reorder.domain.shipping.errors import ParcelClosed
from reorder.domain.shipping.label_models import LIVE_LABEL_STATES
from reorder.domain.shipping.parcel_models import Parcel
from reorder.domain.storage import fetch_prepared

_OPEN: Final = """
WITH next AS (SELECT nextval(pg_get_serial_sequence('shipping_parcel', 'id')) AS id)
INSERT INTO shipping_parcel (id, number, shipment_key, order_id, place_id, owner, ship_to_id, temperature_class,
    carton_code, length_mm, width_mm, height_mm, contents, placements, service_code)
SELECT next.id, 'P' || lpad(next.id::text, 8, '0'), %(shipment_key)s::text, %(order_id)s::bigint, place.id,
       %(owner)s::text, o.ship_to_id, %(temperature_class)s::text, %(carton_code)s::text, %(length_mm)s::int,
       %(width_mm)s::int, %(height_mm)s::int,
       %(contents)s::jsonb, %(placements)s::jsonb, %(service_code)s::text
FROM next CROSS JOIN inventory_place AS place JOIN orders_order AS o ON o.id = %(order_id)s::bigint
WHERE place.code = %(place_code)s::text
RETURNING number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """The plan of a shipment as it was made or changed, and what is verified of each step (units as text)."""

    shipment_key: str
    goods_key: str
    plan: dict[str, Any]
    verified: dict[str, str]
    made_at: dt.datetime
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelBox:
    """What is known of a parcel when its box is opened. `contents` and `placements` as the model keeps them."""

    shipment_key: str
    order_id: int
    place_code: str
    owner: str
    temperature_class: str
    carton_code: str
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    contents: Sequence[Sequence[Any]]
    placements: Sequence[Mapping[str, Any]]
    service_code: str = ""


def find_plan(*, shipment_key: str) -> PlanRow | None:
    """The plan of a shipment, None while nobody has begun to pack it."""
    row = PackingPlan.objects.filter(shipment_key=shipment_key).values(*PlanRow.__dataclass_fields__).first()
    return PlanRow(**row) if row else None


def lock_plan(*, shipment_key: str) -> PlanRow | None:
    """The same, held until the transaction ends."""
    row = (
        PackingPlan.objects.select_for_update()
        .filter(shipment_key=shipment_key)
        .values(*PlanRow.__dataclass_fields__)
        .first()
    )
    return PlanRow(**row) if row else None


def save_plan(*, row: PlanRow) -> None:
    """Keep a plan in place of the one that the shipment had."""
    values = {name: getattr(row, name) for name in PlanRow.__dataclass_fields__ if name != "shipment_key"}
    PackingPlan.objects.update_or_create(shipment_key=row.shipment_key, defaults=values)


def forget_plan(*, shipment_key: str) -> None:
    """Forget a plan, and the parcels that were opened for it and not closed."""
    PackingPlan.objects.filter(shipment_key=shipment_key).delete()
    _open_parcels(shipment_key).delete()


def open_parcel(*, box: ParcelBox) -> str:
    """A box is there and gets its number."""
    given = {name: getattr(box, name) for name in ParcelBox.__dataclass_fields__}
    given |= {"contents": json.dumps(list(box.contents)), "placements": json.dumps(list(box.placements))}
    [(number,)] = fetch_prepared(statement=_OPEN, parameters=given)
    return str(number)


def change_parcel(*, number: str, box: ParcelBox) -> None:
    """An open parcel becomes another box, or holds other goods. Raises ParcelClosed."""
    changed = _open_parcels(box.shipment_key).filter(number=number)
    values = {
        name: getattr(box, name)
        for name in ("temperature_class", "carton_code", "length_mm", "width_mm", "height_mm", "owner")
    }
    if not changed.update(contents=list(box.contents), placements=list(box.placements), **values):
        raise ParcelClosed(parcel=number)


def close_parcel(*, number: str, grams: int | None, packed_by: str, moment: dt.datetime) -> None:
    """A parcel is packed and weighs so much, its box with it. Raises ParcelClosed when it was closed before."""
    if not Parcel.objects.filter(number=number, packed_at__isnull=True).update(
        grams=grams, packed_by=packed_by, packed_at=moment
    ):
        raise ParcelClosed(parcel=number)


def list_parcel_numbers(*, shipment_key: str) -> list[tuple[str, bool]]:
    """(number, is packed) of the parcels of a shipment, in the order in which they were opened."""
    rows = Parcel.objects.filter(shipment_key=shipment_key).exclude(state="cancelled").order_by("pk")
    return [(number, packed_at is not None) for number, packed_at in rows.values_list("number", "packed_at")]


def find_labelled(*, shipment_key: str) -> str | None:
    """A parcel of a shipment that has a label, or has left; it cannot just be forgotten."""
    rows = Parcel.objects.filter(shipment_key=shipment_key).exclude(state="cancelled")
    rows = rows.filter(~Q(tracking_number="") | Q(labels__state__in=LIVE_LABEL_STATES))
    return rows.values_list("number", flat=True).first()


def cancel_unshipped(*, shipment_key: str, moment: dt.datetime) -> int:
    """Parcels of a shipment that was unpacked are no more: open ones go, closed ones are cancelled; how many."""
    gone = _open_parcels(shipment_key).delete()[0]
    closed = Parcel.objects.filter(shipment_key=shipment_key, shipped_at__isnull=True, state="pending")
    return int(gone + closed.update(state="cancelled", state_at=moment))


def _open_parcels(shipment_key: str) -> Any:
    return Parcel.objects.filter(shipment_key=shipment_key, packed_at__isnull=True, state="pending", tracking_number="")
