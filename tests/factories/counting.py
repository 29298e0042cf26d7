"""A rack of three bins in the Keelung warehouse, and goods in them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from reorder.domain.inventory.models import Place
from reorder.domain.inventory.operations import record_moves
from reorder.domain.staff.rules import ROLE_ABILITIES, Actor, Role
from reorder.domain.warehouse.bin_stock import NewBinMove, move_between_bins
from reorder.domain.warehouse.models import Bin, BinStock, StorageZone
from tests.factories.inventory import KEELUNG, MORNING, make_place, opening

NOON = dt.datetime(2026, 11, 26, 4, 0, tzinfo=dt.UTC)
# The names under which people act in tests of counting; `tests.factories.staff.make_person` makes their accounts.
MEI = Actor(name="mei", abilities=ROLE_ABILITIES[Role.WAREHOUSE], role=Role.WAREHOUSE)
ANN = Actor(name="ann", abilities=ROLE_ABILITIES[Role.WAREHOUSE], role=Role.WAREHOUSE)
OWNER = Actor(name="owner", abilities=ROLE_ABILITIES[Role.OWNER], role=Role.OWNER)


def make_bins(*, codes: Sequence[str] = ("A01", "A02", "A03"), place: str = KEELUNG, zone: str = "PICK") -> None:
    """Bins of a zone of the place, which is made when it is not there."""
    make_place(code=place)
    at = Place.objects.get(code=place)
    home, _ = StorageZone.objects.get_or_create(place=at, code=zone, defaults={"name": zone})
    Bin.objects.bulk_create(
        Bin(code=code, place=at, zone=home, aisle=0, at_mm=1000 * number) for number, code in enumerate(codes)
    )


def fill_bin(
    *, bin_code: str, product_id: int, units: str | int, lot: str = "", place: str = KEELUNG, key: str = ""
) -> None:
    """Goods that come into the place and stand in this bin."""
    record_moves(
        moves=[
            opening(
                product_id=product_id, units=units, place=place, lot=lot, key=key or f"in-{bin_code}-{product_id}-{lot}"
            )
        ]
    )
    move_between_bins(
        moves=[
            NewBinMove(
                key=f"fill-{key}-{bin_code}-{product_id}-{lot}",
                kind="put_away",
                product_id=product_id,
                units=Decimal(units),
                source="",
                target=bin_code,
                cause_kind="test",
                cause_key="test",
                actor="tests",
                happened_at=MORNING,
                lot=lot,
            )
        ]
    )


def take_from_bin(
    *, bin_code: str, product_id: int, units: str | int, happened_at: dt.datetime, target: str = "", lot: str = ""
) -> None:
    """A picker's hand: out of the bin, at a moment."""
    move_between_bins(
        moves=[
            NewBinMove(
                key=f"take-{bin_code}-{product_id}-{units}-{happened_at.isoformat()}",
                kind="move" if target else "pick",
                product_id=product_id,
                units=Decimal(units),
                source=bin_code,
                target=target,
                cause_kind="test",
                cause_key="test",
                actor="tests",
                happened_at=happened_at,
                lot=lot,
            )
        ]
    )


def in_bin(*, bin_code: str, sku: str, lot: str = "") -> Decimal:
    """What a bin holds by the records."""
    found = BinStock.objects.filter(bin__code=bin_code, product__sku=sku, lot=lot).first()
    return found.units if found else Decimal(0)
