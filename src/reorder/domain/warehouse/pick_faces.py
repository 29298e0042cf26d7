"""Pick faces: which bins are kept filled with a product, and what is to be brought to them from bulk.

What is to be brought is never stored: it is what the faces lack, taken from bulk bins, what goes off first first.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import fetch_prepared, one_transaction
from reorder.domain.warehouse.bin_stock import NewBinMove
from reorder.domain.warehouse.errors import UnknownBin
from reorder.domain.warehouse.floor_errors import BadPickFace, BinElsewhere
from reorder.domain.warehouse.floor_models import Bin
from reorder.domain.warehouse.pick_face_models import PickFace
from reorder.domain.warehouse.putting_away import move_checked

_MOST_UNITS: Final = Decimal(10) ** 9
# Reasons that errors give, for who translates them.
REASON_TEMPLATES: Final = (
    "its most must be above its least, and both not negative",
    "only bins of a zone for picking are pick faces",
)
# Faces below their least, and what stands in bulk of the same product: one row a face and bulk bin.
_NEEDS: Final = """
WITH face AS (
    SELECT face.id, bin.code AS bin_code, face.product_id, face.min_units, face.max_units,
           coalesce((SELECT sum(stock.units) FROM warehouse_binstock AS stock
                     WHERE stock.bin_id = bin.id AND stock.product_id = face.product_id), 0) AS there
    FROM warehouse_pickface AS face
    JOIN warehouse_bin AS bin ON bin.id = face.bin_id AND bin.is_active
    JOIN inventory_place AS place ON place.id = bin.place_id AND place.code = %(place_code)s::text
    WHERE %(bin_code)s::text IS NULL OR bin.code = %(bin_code)s::text
)
SELECT face.bin_code, face.product_id, product.sku, product.name, face.there, face.min_units, face.max_units,
       bulk.code, bulk.owner, bulk.lot, bulk.expires_date, bulk.units
FROM face JOIN catalog_product AS product ON product.id = face.product_id
LEFT JOIN LATERAL (
    SELECT bin.code, stock.owner, stock.lot, stock.expires_date, stock.units
    FROM warehouse_binstock AS stock
    JOIN warehouse_bin AS bin ON bin.id = stock.bin_id
    JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id AND zone.purpose = 'bulk'
    JOIN inventory_place AS place ON place.id = bin.place_id AND place.code = %(place_code)s::text
    WHERE stock.product_id = face.product_id
) AS bulk ON true
WHERE face.there < face.min_units OR (%(bin_code)s::text IS NOT NULL AND face.there < face.max_units)
ORDER BY face.there / nullif(face.min_units, 0) NULLS LAST, face.bin_code, face.product_id,
         bulk.expires_date NULLS LAST, bulk.units, bulk.code, bulk.lot
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickFaceRow:
    """A bin kept filled with a product."""

    bin_code: str
    product_id: int
    sku: str
    name: str
    min_units: Decimal
    max_units: Decimal


@dataclass(frozen=True, slots=True)
class NewPickFace:
    """A bin to be kept filled with a product."""

    bin_code: str
    product_id: int
    min_units: Decimal
    max_units: Decimal


@dataclass(frozen=True, slots=True)
class BulkTake:
    """Units of a lot to be taken from a bulk bin."""

    bin_code: str
    owner: str
    lot: str
    expires_date: dt.date | None
    units: Decimal


@dataclass(frozen=True, slots=True)
class FaceNeed:
    """A pick face that runs low: what it holds, what it lacks up to its most, and where that is taken from.

    `missing_units` are those that bulk does not have.
    """

    bin_code: str
    product_id: int
    sku: str
    name: str
    there_units: Decimal
    min_units: Decimal
    max_units: Decimal
    takes: tuple[BulkTake, ...]

    @property
    def lacking_units(self) -> Decimal:
        """Up to its most."""
        return self.max_units - self.there_units

    @property
    def missing_units(self) -> Decimal:
        """What bulk does not have of that."""
        return self.lacking_units - sum((take.units for take in self.takes), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refill:
    """`units` of a lot brought from bulk to a pick face; `key` makes it happen once."""

    key: str
    place_code: str
    product_id: int
    source: str
    target: str
    units: Decimal
    owner: str
    lot: str
    actor: str
    happened_at: dt.datetime


def save_pick_faces(*, place_code: str, faces: Sequence[NewPickFace], decided_by: str) -> None:
    """Keep bins filled with products, all or none. Raises UnknownBin, BinElsewhere, BadPickFace."""
    codes = sorted({one.bin_code for one in faces})
    bins = {one.code: one for one in Bin.objects.select_related("place", "zone").filter(code__in=codes)}
    for face in faces:
        _refuse_bad_face(face=face, found=bins.get(face.bin_code), place_code=place_code)
    rows = [
        PickFace(
            bin=bins[one.bin_code],
            product_id=one.product_id,
            min_units=one.min_units,
            max_units=one.max_units,
            decided_by=decided_by,
        )
        for one in faces
    ]
    with one_transaction():
        PickFace.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["bin", "product"],
            update_fields=["min_units", "max_units", "decided_by"],
        )
        said = {"bin": codes[0], "min": str(faces[0].min_units), "max": str(faces[0].max_units)} if codes else {}
        _tell(place_code=place_code, decided_by=decided_by, faces=len(faces), **said)


def _refuse_bad_face(*, face: NewPickFace, found: Bin | None, place_code: str) -> None:
    if found is None:
        raise UnknownBin(bin=face.bin_code)
    if found.place.code != place_code:
        raise BinElsewhere(bin=face.bin_code, there=found.place.code, place=place_code)
    if found.zone.purpose != "pick":
        raise BadPickFace(bin=face.bin_code, reason="only bins of a zone for picking are pick faces")
    if not 0 <= face.min_units < face.max_units <= _MOST_UNITS:
        raise BadPickFace(bin=face.bin_code, reason="its most must be above its least, and both not negative")


def drop_pick_face(*, place_code: str, bin_code: str, product_id: int, decided_by: str) -> bool:
    """Keep a bin no longer filled with a product; False when it was not."""
    with one_transaction():
        faces = PickFace.objects.filter(bin__code=bin_code, bin__place__code=place_code, product_id=product_id)
        count, _ = faces.delete()
        if count:
            _tell(place_code=place_code, decided_by=decided_by, bin=bin_code, dropped=True)
    return bool(count)


def list_pick_faces(*, bin_code: str) -> list[PickFaceRow]:
    """Products that a bin is kept filled with."""
    rows = PickFace.objects.filter(bin__code=bin_code).select_related("product").order_by("product__sku")
    return [
        PickFaceRow(
            bin_code=bin_code,
            product_id=one.product_id,
            sku=one.product.sku,
            name=one.product.name,
            min_units=one.min_units,
            max_units=one.max_units,
        )
        for one in rows
    ]


def list_needs(*, place_code: str, bin_code: str | None = None) -> list[FaceNeed]:
    """Pick faces below their least, the emptiest first; of one bin: also those merely below their most.

    Takes are planned face by face: what one takes is not there for the next.
    """
    given = {"place_code": place_code, "bin_code": bin_code}
    faces: dict[tuple[str, int], list[tuple[Any, ...]]] = {}
    for row in fetch_prepared(statement=_NEEDS, parameters=given):
        faces.setdefault((row[0], row[1]), []).append(row)
    taken: dict[tuple[str, int, str, str], Decimal] = {}
    return [_need(rows, taken=taken) for rows in faces.values()]


def refill_face(*, refill: Refill) -> bool:
    """Bring goods from bulk to their pick face, once; False where the key did so before.

    Raises UnknownBin, BinElsewhere, NotInBin, BinClosed, DoesNotFit; nothing is moved then.
    """
    return move_checked(
        move=NewBinMove(
            key=refill.key,
            kind="replenish",
            product_id=refill.product_id,
            units=refill.units,
            source=refill.source,
            target=refill.target,
            cause_kind="replenish",
            cause_key=refill.target,
            actor=refill.actor,
            happened_at=refill.happened_at,
            owner=refill.owner,
            lot=refill.lot,
        ),
        place_code=refill.place_code,
    )


def _need(rows: Sequence[tuple[Any, ...]], *, taken: dict[tuple[str, int, str, str], Decimal]) -> FaceNeed:
    bin_code, product_id, sku, name, there, least, most = rows[0][:7]
    left = most - there
    takes = []
    for code, owner, lot, expires_date, units in (row[7:] for row in rows):
        key = (code, product_id, owner, lot)
        free = Decimal(0) if code is None else units - taken.get(key, Decimal(0))
        take = min(left, free)
        if take > 0:
            takes.append(BulkTake(code, owner, lot, expires_date, take))
            taken[key] = taken.get(key, Decimal(0)) + take
            left -= take
    return FaceNeed(bin_code, product_id, sku, name, there, least, most, tuple(takes))


def _tell(*, place_code: str, decided_by: str, **details: object) -> None:
    record_audit(
        actor=decided_by,
        action="warehouse.save_pick_face",
        subject_kind="place",
        subject_key=place_code,
        details=dict(details),
    )
