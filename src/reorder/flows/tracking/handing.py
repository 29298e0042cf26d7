"""Handing parcels to carriers: scanned at the dock onto the manifest of their carrier, and closed with the driver.

A scan confirms that a parcel leaves; its fulfilment order is shipped with the last of them. Two scans of one parcel at
once wait for each other at its order, and the second finds it done.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.orders.errors import OrderHeld
from reorder.domain.shipping import manifests, tracking
from reorder.domain.shipping.manifests import HeldManifest
from reorder.domain.shipping.tracking import HeldParcel
from reorder.domain.shipping.tracking_errors import (
    ParcelElsewhere,
    ParcelNotReady,
    UnknownManifest,
    UnknownParcel,
    WrongCage,
)
from reorder.domain.shipping.tracking_rules import CarrierWord
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.life import HeldFulfilment
from reorder.flows.fulfil.following import HeldOrder, hold_order_row
from reorder.flows.fulfil.moving import refuse_waiting, ship_fulfilment
from reorder.flows.shop_day import shop_date
from reorder.flows.tracking.taking import take_words

# Another parcel of the order may wait for its goods.
_MAY_LEAVE: Final = frozenset({"out_of_stock"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedOut:
    """A parcel that stands in its carrier's cage; `left_count` of its fulfilment order still stand in the warehouse."""

    parcel: str
    order_number: str
    carrier: str
    service_code: str
    manifest: str
    on_manifest_count: int
    left_count: int
    was_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedManifest:
    """A manifest that the driver has taken along."""

    number: str
    place_code: str
    parcels_count: int


def scan_out(*, codes: Sequence[str], place_code: str, cage: str, actor: Actor, moment: dt.datetime) -> ScannedOut:
    """Put the parcel with one of these codes onto the manifest of its carrier; part of a `widened_transaction`.

    `cage` is the number of the manifest that it is put to, empty at the dock, where it finds its own. Raises
    UnknownParcel, ParcelElsewhere, ParcelNotReady, OrderHeld, WrongCage, ManifestClosed, UnknownManifest, NotAllowed.
    """
    actor.require(Ability.FULFIL_ORDERS)
    found = tracking.find_by_codes(codes=codes)
    if found is None:
        raise UnknownParcel(key=next(iter(codes), ""))
    held = hold_order_row(order_id=found.order_id)
    parcel = tracking.lock_parcel(parcel_id=found.id)
    if parcel.place_code != place_code or not actor.may_at(parcel.place_code):
        raise ParcelElsewhere(parcel=parcel.number, place=parcel.place_code)
    known = manifests.manifest_number_of(parcel_id=parcel.id)
    if known:
        return _known(held=held, parcel=parcel, manifest=known)
    _refuse_unready(held=held, parcel=parcel)
    manifest = _manifest(parcel=parcel, cage=cage, actor=actor, moment=moment)
    manifests.put_on_manifest(manifest=manifest, parcel_id=parcel.id, scanned_by=actor.name, moment=moment)
    left = _leave(held=held, parcel=parcel, actor=actor, moment=moment)
    return ScannedOut(
        parcel=parcel.number,
        order_number=held.order.external_id,
        carrier=parcel.carrier,
        service_code=parcel.service_code,
        manifest=manifest.number,
        on_manifest_count=manifests.count_on(manifest_id=manifest.id),
        left_count=left,
        was_known=False,
    )


def close_manifest(*, number: str, actor: Actor, moment: dt.datetime, carrier_reference: str = "") -> ClosedManifest:
    """The driver has what is on a manifest; what is scanned from now on goes onto a new one.

    Raises UnknownManifest, ManifestClosed, ManifestEmpty, NotAllowed.
    """
    actor.require(Ability.FULFIL_ORDERS)
    with one_transaction():
        manifest = manifests.hold_manifest(number=number)
        if not actor.may_at(manifest.place_code):
            raise UnknownManifest(key=number)
        count = manifests.close_manifest(
            manifest=manifest, closed_by=actor.name, carrier_reference=carrier_reference.strip()[:200], moment=moment
        )
        record_audit(
            actor=actor.name,
            action="shipping.close_manifest",
            subject_kind="manifest",
            subject_key=number,
            details={"parcels": count, "place": manifest.place_code, "carrier": manifest.carrier},
        )
    return ClosedManifest(number=number, place_code=manifest.place_code, parcels_count=count)


def refuse_wrong_cage(*, parcel: HeldParcel, manifest: HeldManifest) -> None:
    """Raises WrongCage for a parcel of another carrier, or of another service of the same one."""
    if (parcel.carrier, parcel.service_code) != (manifest.carrier, manifest.service_code):
        raise WrongCage(
            parcel=parcel.number,
            carrier=parcel.carrier,
            service=parcel.service_code,
            found=" ".join(filter(None, [manifest.carrier, manifest.service_code])),
        )


def _known(*, held: HeldOrder, parcel: HeldParcel, manifest: str) -> ScannedOut:
    on = manifests.hold_manifest(number=manifest)
    return ScannedOut(
        parcel=parcel.number,
        order_number=held.order.external_id,
        carrier=parcel.carrier,
        service_code=parcel.service_code,
        manifest=manifest,
        on_manifest_count=manifests.count_on(manifest_id=on.id),
        left_count=0,
        was_known=True,
    )


def _refuse_unready(*, held: HeldOrder, parcel: HeldParcel) -> None:
    """Raises ParcelNotReady or OrderHeld with the first thing that keeps a parcel here."""
    part = _part(held=held, parcel=parcel)
    reasons = (
        (parcel.direction != "out" or parcel.fulfilment_id is None, "it comes back to us, it does not leave"),
        (parcel.state == "cancelled", "it was given up"),
        (
            held.order.state == "cancelled" or part is None or part.state == "cancelled",
            "its order was cancelled",
        ),
        (
            parcel.packed_at is None or (part is not None and part.state in {"released", "picked"}),
            "it is not packed yet",
        ),
        (not parcel.carrier or not parcel.tracking_number, "it has no label yet"),
    )
    for is_so, reason in reasons:
        if is_so:
            raise ParcelNotReady(parcel=parcel.number, reason=reason)
    try:
        refuse_waiting(order=held.order, wanted="shipping", allowed=_MAY_LEAVE)
    except OrderHeld:
        # What has left already, by a step at the desk, is only noted.
        if part is not None and part.state == "packed":
            raise


def _manifest(*, parcel: HeldParcel, cage: str, actor: Actor, moment: dt.datetime) -> HeldManifest:
    if cage:
        manifest = manifests.hold_manifest(number=cage)
        if manifest.place_code != parcel.place_code:
            raise UnknownManifest(key=cage)
        refuse_wrong_cage(parcel=parcel, manifest=manifest)
        return manifest
    return manifests.open_manifest(
        place_code=parcel.place_code,
        carrier=parcel.carrier,
        service_code=parcel.service_code,
        day=shop_date(moment=moment),
        opened_by=actor.name,
        moment=moment,
    )


def _leave(*, held: HeldOrder, parcel: HeldParcel, actor: Actor, moment: dt.datetime) -> int:
    """The parcel has left, and with the last one the fulfilment order; returns how many are still here."""
    tracking.mark_left(parcel_id=parcel.id, moment=moment)
    together = tracking.lock_parcels_of(shipment_key=parcel.shipment_key)
    still_here = sum(one.shipped_at is None for one in together)
    part = _part(held=held, parcel=parcel)
    if not still_here and part is not None and part.state == "packed":
        ship_fulfilment(
            fulfilment_id=part.id,
            actor=actor,
            moment=moment,
            carrier=together[0].carrier,
            tracking_number=together[0].tracking_number,
        )
    take_words(
        parcel_id=parcel.id,
        order_id=parcel.order_id,
        words=[
            CarrierWord(
                tracking_number=parcel.tracking_number,
                state="picked_up",
                happened_at=moment,
                key=f"dock {parcel.number}",
            )
        ],
        source="floor",
        told_by=actor.name,
        actor=actor,
        moment=moment,
    )
    return still_here


def _part(*, held: HeldOrder, parcel: HeldParcel) -> HeldFulfilment | None:
    return next((one for one in held.fulfilments if one.id == parcel.fulfilment_id), None)
