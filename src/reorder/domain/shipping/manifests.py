"""Manifests: which parcels a carrier was handed at a place; and being asked to come. Every write states its condition.

The caller holds the order of a parcel that is put on one; the open manifest of a carrier is one row, made once.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction

from reorder.domain.shipping.tracking_errors import ManifestClosed, ManifestEmpty, PickUpAsked, UnknownManifest
from reorder.domain.shipping.tracking_models import Manifest, ManifestParcel, PickUp
from reorder.domain.storage import fetch_prepared
from reorder.kernel.patterns import like_literal

_OPEN: Final = """
INSERT INTO shipping_manifest (number, place_id, carrier, service_code, opened_at, opened_by)
SELECT %(number)s::text, place.id, %(carrier)s::text, %(service_code)s::text, %(moment)s::timestamptz, %(by)s::text
FROM inventory_place AS place WHERE place.code = %(place_code)s::text
ON CONFLICT (place_id, carrier, service_code) WHERE closed_at IS NULL DO NOTHING
"""
_HOLD: Final = """
SELECT manifest.id, manifest.number, place.code, manifest.carrier, manifest.service_code, manifest.closed_at
FROM shipping_manifest AS manifest JOIN inventory_place AS place ON place.id = manifest.place_id
WHERE {where} FOR UPDATE OF manifest
"""
_COUNT_TODAY: Final = """
SELECT coalesce(max((regexp_match(number, '([0-9]+)$'))[1]::bigint), 0) FROM shipping_manifest
WHERE number LIKE %(start)s::text
"""


@dataclass(frozen=True, slots=True)
class HeldManifest:
    """A manifest that nobody else changes until the transaction ends."""

    id: int
    number: str
    place_code: str
    carrier: str
    service_code: str
    closed_at: dt.datetime | None


def open_manifest(
    *, place_code: str, carrier: str, service_code: str, day: dt.date, opened_by: str, moment: dt.datetime
) -> HeldManifest:
    """The open manifest of a carrier's service at a place, made when there is none, and held."""
    given = {"place_code": place_code, "carrier": carrier, "service_code": service_code}
    where = """place.code = %(place_code)s::text AND manifest.carrier = %(carrier)s::text
               AND manifest.service_code = %(service_code)s::text AND manifest.closed_at IS NULL"""
    for _attempt in range(3):
        rows = fetch_prepared(statement=_HOLD.format(where=where), parameters=given)
        if rows:
            return HeldManifest(*rows[0])
        number = _next_number(place_code=place_code, day=day)
        try:
            with transaction.atomic():
                fetch_prepared(
                    statement=f"{_OPEN} RETURNING id",
                    parameters=given | {"number": number, "moment": moment, "by": opened_by},
                )
        except IntegrityError:
            # Another carrier's manifest of the same place took the number at the same moment.
            continue
    rows = fetch_prepared(statement=_HOLD.format(where=where), parameters=given)
    if not rows:
        raise UnknownManifest(key=f"{place_code} {carrier}")
    return HeldManifest(*rows[0])


def hold_manifest(*, number: str) -> HeldManifest:
    """Hold a manifest by its number. Raises UnknownManifest."""
    rows = fetch_prepared(
        statement=_HOLD.format(where="manifest.number = %(number)s::text"), parameters={"number": number}
    )
    if not rows:
        raise UnknownManifest(key=number)
    return HeldManifest(*rows[0])


def manifest_number_of(*, parcel_id: int) -> str:
    """The manifest that a parcel was scanned onto, empty where none."""
    found = ManifestParcel.objects.filter(parcel_id=parcel_id).values_list("manifest__number", flat=True).first()
    return found or ""


def put_on_manifest(*, manifest: HeldManifest, parcel_id: int, scanned_by: str, moment: dt.datetime) -> None:
    """A parcel, whose order is held, is in the cage of a held manifest. Raises ManifestClosed."""
    if manifest.closed_at is not None:
        raise ManifestClosed(manifest=manifest.number)
    ManifestParcel.objects.create(
        manifest_id=manifest.id, parcel_id=parcel_id, scanned_at=moment, scanned_by=scanned_by
    )


def count_on(*, manifest_id: int) -> int:
    """How many parcels are on a manifest."""
    return ManifestParcel.objects.filter(manifest_id=manifest_id).count()


def close_manifest(*, manifest: HeldManifest, closed_by: str, carrier_reference: str, moment: dt.datetime) -> int:
    """The driver has what is on a held manifest; returns how many parcels. Raises ManifestClosed, ManifestEmpty."""
    if manifest.closed_at is not None:
        raise ManifestClosed(manifest=manifest.number)
    count = count_on(manifest_id=manifest.id)
    if not count:
        raise ManifestEmpty(manifest=manifest.number)
    Manifest.objects.filter(pk=manifest.id, closed_at__isnull=True).update(
        closed_at=moment, closed_by=closed_by, carrier_reference=carrier_reference
    )
    return count


def note_carrier_reference(*, number: str, reference: str) -> bool:
    """The carrier's number for a closed manifest that has none; False when it has."""
    open_rows = Manifest.objects.filter(number=number, closed_at__isnull=False, carrier_reference="")
    return bool(reference and open_rows.update(carrier_reference=reference))


def claim_pick_up(
    *,
    place_id: int,
    account_code: str,
    carrier: str,
    wanted_date: dt.date,
    from_time: dt.time,
    until_time: dt.time,
    parcels_count: int,
    grams: int,
    asked_by: str,
    moment: dt.datetime,
) -> int:
    """Note that a carrier is being asked, before it is; returns the number of the wish. Raises PickUpAsked."""
    try:
        with transaction.atomic():
            made = PickUp.objects.create(
                place_id=place_id,
                account_code=account_code,
                carrier=carrier,
                wanted_date=wanted_date,
                from_time=from_time,
                until_time=until_time,
                parcels_count=parcels_count,
                grams=grams,
                asked_by=asked_by,
                asked_at=moment,
            )
    except IntegrityError:
        raise PickUpAsked(carrier=carrier, day=wanted_date.isoformat()) from None
    return made.pk


def end_pick_up(*, pick_up_id: int, state: str, carrier_reference: str = "", fault: str = "") -> bool:
    """What the carrier answered; False when somebody wrote that down already."""
    return bool(
        PickUp.objects.filter(pk=pick_up_id, state__in=["asking", "unsure"]).update(
            state=state, carrier_reference=carrier_reference[:200], fault=fault[:500]
        )
    )


def _next_number(*, place_code: str, day: dt.date) -> str:
    """M-<place>-<day>-<n>: what the sheet and the cage carry."""
    start = f"M-{place_code}-{day:%y%m%d}-".upper()
    rows = fetch_prepared(statement=_COUNT_TODAY, parameters={"start": f"{like_literal(text=start)}%"})
    return f"{start}{int(rows[0][0]) + 1}"
