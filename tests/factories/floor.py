"""A purchase order on its way to Keelung, bins there, and scans of a handheld."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from reorder.domain.catalog.models import Barcode, Product, ProductUnit
from reorder.domain.inventory.models import Place
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.staff.rules import ROLE_ABILITIES, Actor, Role
from reorder.domain.warehouse.models import Bin, StorageZone
from reorder.flows import restock
from reorder.flows.floor.scanning import AnsweredScan, take_scan
from reorder.flows.floor.values import FloorScan
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, make_place
from tests.factories.purchasing import BUYER, MONDAY_MORNING, make_offer, make_supplier, propose

SCANNED_AT = dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)  # 10:00 in Taipei
OOLONG_GTIN = "4006381333931"
MATCHA_GTIN = "036000291452"
# The case of the oolong: its GTIN-14 begins with the indicator 1.
OOLONG_CASE = "14006381333938"
STRANGE_GTIN = "09521234543213"
MEI = Actor(name="mei", abilities=ROLE_ABILITIES[Role.WAREHOUSE], role=Role.WAREHOUSE)
_NUMBERS = count(1)


def make_delivery(*, oolong: int = 12, matcha: int = 8, matcha_goes_off: bool = True) -> PurchaseOrderRow:
    """An order of oolong (a case of 6) and of matcha, which keeps for 300 days, on its way to Keelung."""
    make_place()
    make_supplier()
    for sku, gtin, days in (("OOLONG-150", OOLONG_GTIN, None), ("MATCHA-30", MATCHA_GTIN, 300)):
        product = make_product(sku=sku, shelf_life_days=days if matcha_goes_off else None)
        Barcode.objects.create(product=product, code=gtin, kind="gtin")
        make_offer(sku=sku, supplier_sku=f"A-{sku}")
    make_pack(sku="OOLONG-150", code="case", units=6)
    ids = propose(("OOLONG-150", oolong), ("MATCHA-30", matcha))
    (order,) = restock.approve(proposal_ids=ids, decided_by=BUYER, moment=MONDAY_MORNING)
    return order


def make_more(*, oolong: int, matcha: int) -> str:
    """Another order of the same goods, made with its products where there are none; its number."""
    if not Product.objects.filter(sku="OOLONG-150").exists():
        return make_delivery(oolong=oolong, matcha=matcha).number
    ids = propose(("OOLONG-150", oolong), ("MATCHA-30", matcha))
    (order,) = restock.approve(proposal_ids=ids, decided_by=BUYER, moment=MONDAY_MORNING)
    return order.number


def make_pack(*, sku: str, code: str, units: int) -> None:
    product = Product.objects.get(sku=sku)
    ProductUnit.objects.create(product=product, code=code, contains_count=units, units=units)


def make_bin(*, code: str, place: str = KEELUNG, purpose: str = "pick") -> Bin:
    found = Place.objects.get(code=place)
    zone, _ = StorageZone.objects.get_or_create(
        place=found, code=purpose, defaults={"name": purpose, "purpose": purpose}
    )
    return Bin.objects.create(code=code, place=found, zone=zone)


def scan_of(
    *,
    task: str,
    code: str = "",
    work: str = "receive",
    step: str = "",
    units: int | str | None = None,
    key: str = "",
    details: Mapping[str, Any] | None = None,
    **more: Any,
) -> FloorScan:
    return FloorScan(
        key=key or f"scan-{next(_NUMBERS):08d}",
        work=work,  # type: ignore[arg-type]
        task=task,
        step=step,
        place_code=more.pop("place_code", KEELUNG),
        code=code,
        units=None if units is None else Decimal(units),
        scanned_at=more.pop("scanned_at", SCANNED_AT),
        details=details or {},
        **more,
    )


def scanned(*, actor: Actor = MEI, moment: dt.datetime = SCANNED_AT, **scan: Any) -> AnsweredScan:
    """What a scan comes to."""
    return take_scan(scan=scan_of(**scan), actor=actor, moment=moment)


def outcome_of(answered: AnsweredScan) -> tuple[str, str]:
    """Outcome and sentence, in English."""
    return answered.answer.outcome, answered.answer.message.format(**answered.answer.values)
