"""What is checked of goods that come in, whether or not they were ordered: how many, which lot, how long it keeps."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from django.conf import settings

from reorder.domain.catalog.scanned import ScannedProduct
from reorder.domain.inventory.keeping_apart import ApartGoods
from reorder.domain.inventory.lots_in import find_lot_day
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.packs import learn_pack
from reorder.flows.floor.errors import BadUnits, LotHasOtherDay, LotNeeded, PackUnknown
from reorder.flows.floor.finding import FoundProduct
from reorder.flows.floor.values import FloorScan, ScanAnswer, ScanChoice
from reorder.flows.shop_day import shop_date
from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import MAXIMUM_UNITS, plain_decimal

_STEP: Final = Decimal("0.001")
ShortLived = Literal["", "take", "quarantine", "refuse"]

GOODS_IN_TEMPLATES: Final = (
    "{name}, lot {lot}: went off on {date}. It must not be sold.",
    "{name}, lot {lot}: goes off on {date}, in {days} days; it should keep {wanted_days} more.",
    "{text} is a pack of {name}. Which one?",
    "{unit} of {units}",
    "Send back",
    "Keep apart, not for sale",
    "Take it in all the same",
)
(_EXPIRED, _SHORT, _WHICH_PACK, _PACK_LABEL, _REFUSE, _QUARANTINE, _TAKE) = GOODS_IN_TEMPLATES


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsIn:
    """Goods as they were counted in: selling units of a product and lot, and what is to become of short-lived ones."""

    product: ScannedProduct
    units: Decimal
    lot: str
    expires_date: dt.date | None
    treatment: ShortLived


def count_pack(*, found: FoundProduct, scan: FloorScan) -> tuple[Decimal, str] | ScanAnswer:
    """Selling units of what was scanned and its unit; a question where nobody has said yet which pack a code is.

    Units typed on the number pad are selling units; without any, one of what was scanned counts (or as many as its
    code says). Raises PackUnknown, BadUnits.
    """
    told = str(scan.details.get("unit", ""))
    pack_units, unit_code = found.pack_units, found.unit_code
    if found.is_pack_unsure:
        known = {row.code: row.units for row in found.pack_choices}
        if not known:
            raise PackUnknown(text=found.read.code, sku=found.product.sku)
        if told not in known:
            return _ask_pack(found)
        pack_units, unit_code = known[told], told
    units = scan.units if scan.units is not None else pack_units * (found.read.count_units or Decimal(1))
    refuse_bad_units(product=found.product, units=units)
    return units, unit_code


def refuse_bad_units(*, product: ScannedProduct, units: Decimal) -> None:
    """Raises BadUnits for none, too many, or a part of something that is sold whole."""
    if not units.is_finite() or units <= 0 or units > MAXIMUM_UNITS:
        raise BadUnits(sku=product.sku, units=units, reason="give more than zero")
    if units != units.quantize(_STEP):
        raise BadUnits(sku=product.sku, units=units, reason="give at most three decimals")
    if not product.is_sold_in_fractions and units != units.to_integral_value():
        raise BadUnits(sku=product.sku, units=units, reason="it is sold whole")


def check_life(
    *, product: ScannedProduct, scan: FloorScan, place_code: str, owner: str, today: dt.date, least_share: float
) -> tuple[str, dt.date | None, ShortLived] | ScanAnswer:
    """The lot, the day it goes off, and what a person said of one that keeps too short; a question where nobody has.

    Products with a shelf life need both. Raises LotNeeded, LotHasOtherDay.
    """
    lot, day = scan.lot.strip(), scan.expires_date
    if product.shelf_life_days and (not lot or day is None):
        raise LotNeeded(name=product.name)
    if lot and day:
        known = find_lot_day(product_id=product.id, place_code=place_code, owner=owner, lot=lot)
        if known and known != day:
            raise LotHasOtherDay(lot=lot, known=known, given=day)
    if day is None or not product.shelf_life_days:
        return lot, day, ""
    wanted_days = int(product.shelf_life_days * least_share)
    left = (day - today).days
    if left >= wanted_days and left >= 0:
        return lot, day, ""
    told = str(scan.details.get("short_lived", ""))
    allowed = ("quarantine", "refuse") if left < 0 else ("take", "quarantine", "refuse")
    if told in allowed:
        return lot, day, told  # type: ignore[return-value]  # one of `allowed`
    return _ask_life(product=product, lot=lot, day=day, left=left, wanted_days=wanted_days)


def goods_of(
    *, found: FoundProduct, scan: FloorScan, owner: str, actor: Actor, moment: dt.datetime
) -> GoodsIn | ScanAnswer:
    """What came in by this scan, counted and with its lot; a question where something must be said first."""
    counted = count_pack(found=found, scan=scan)
    if isinstance(counted, ScanAnswer):
        return counted
    life = check_life(
        product=found.product,
        scan=scan,
        place_code=scan.place_code,
        owner=owner,
        today=shop_date(moment=moment),
        least_share=settings.REORDER.receive_life_share,
    )
    if isinstance(life, ScanAnswer):
        return life
    units, unit_code = counted
    if found.is_pack_unsure:
        code = found.read.item_gtin or found.read.code
        learn_pack(code=code, product_id=found.product.id, unit_code=unit_code, told_by=actor.name, moment=moment)
    lot, day, treatment = life
    return GoodsIn(product=found.product, units=units, lot=lot, expires_date=day, treatment=treatment)


def apart(*, goods: GoodsIn, scan: FloorScan, owner: str) -> ApartGoods:
    """The goods as they are kept apart, under a key of this scan."""
    return ApartGoods(
        hold_key=f"apart:{idempotency_key('receive', scan.key)}",
        product_id=goods.product.id,
        place_code=scan.place_code,
        units=goods.units,
        owner=owner,
        lot=goods.lot,
        expires_date=goods.expires_date,
    )


def _ask_pack(found: FoundProduct) -> ScanAnswer:
    return ScanAnswer(
        outcome="wrong",
        message=_WHICH_PACK,
        values={"text": found.read.code, "name": found.product.name},
        choices=tuple(
            ScanChoice(
                detail="unit",
                value=row.code,
                label=_PACK_LABEL,
                values={"unit": row.code, "units": plain_decimal(number=row.units)},
            )
            for row in found.pack_choices
        ),
    )


def _ask_life(*, product: ScannedProduct, lot: str, day: dt.date, left: int, wanted_days: int) -> ScanAnswer:
    choices = [("refuse", _REFUSE), ("quarantine", _QUARANTINE)] + ([("take", _TAKE)] if left >= 0 else [])
    return ScanAnswer(
        outcome="wrong",
        message=_SHORT if left >= 0 else _EXPIRED,
        values={"name": product.name, "lot": lot, "date": day, "days": left, "wanted_days": wanted_days},
        choices=tuple(ScanChoice(detail="short_lived", value=value, label=label) for value, label in choices),
    )
