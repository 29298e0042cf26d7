"""Goods that stand in no bin, put into one: suggested with a reason, refused where they must not stand.

Lock order as in `bin_stock`: stock levels, then bins. What was suggested binds nobody; what fits is checked again when
goods are put.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.storage import fetch_prepared, one_transaction
from reorder.domain.warehouse.bin_stock import LooseGoods, NewBinMove, list_loose, move_between_bins
from reorder.domain.warehouse.bins import place_of_bin
from reorder.domain.warehouse.floor_errors import BinClosed, BinElsewhere, DoesNotFit
from reorder.domain.warehouse.floor_plans import find_plan
from reorder.domain.warehouse.floor_rules import BinSpot, distances_mm
from reorder.domain.warehouse.putting_rules import (
    KEPT_APART,
    NOT_FOR_SALE,
    BinChoice,
    GoodsToPlace,
    PutAwayPlan,
    VelocityClass,
    plan_put_away,
    room_units,
    why_not,
)

# A bin with what stands in it: of anything, of one product, and of one owner and lot of it.
_CHOICES: Final = """
SELECT bin.code, place.code AS place_code, zone.purpose, zone.temperature_class, bin.level, bin.is_active,
       bin.length_mm, bin.width_mm, bin.height_mm, bin.max_grams,
       coalesce(held.mm3, 0) AS used_mm3, coalesce(held.grams, 0) AS used_grams, held.bin_id IS NULL AS is_empty,
       coalesce(held.units, 0) AS held_units,
       coalesce(held.product_units, 0) AS product_units, coalesce(held.lot_units, 0) AS lot_units,
       face.max_units AS face_max_units,
       face.id IS NULL AND EXISTS (SELECT FROM warehouse_pickface AS other WHERE other.bin_id = bin.id) AS is_kept,
       bin.aisle, bin.at_mm, bin.side, bin.point
FROM warehouse_bin AS bin
JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id
JOIN inventory_place AS place ON place.id = bin.place_id
LEFT JOIN (
    SELECT stock.bin_id, sum(stock.units) AS units,
           sum(stock.units * product.length_mm::numeric * product.width_mm * product.height_mm) AS mm3,
           sum(stock.units * product.weight_grams) AS grams,
           sum(stock.units) FILTER (WHERE stock.product_id = %(product_id)s::bigint) AS product_units,
           sum(stock.units) FILTER (WHERE stock.product_id = %(product_id)s::bigint
                                    AND stock.owner = %(owner)s::text AND stock.lot = %(lot)s::text) AS lot_units
    FROM warehouse_binstock AS stock JOIN catalog_product AS product ON product.id = stock.product_id
    WHERE %(bin_codes)s::text[] IS NULL
       OR stock.bin_id IN (SELECT id FROM warehouse_bin WHERE code = ANY(%(bin_codes)s::text[]))
    GROUP BY stock.bin_id
) AS held ON held.bin_id = bin.id
LEFT JOIN warehouse_pickface AS face ON face.bin_id = bin.id AND face.product_id = %(product_id)s::bigint
WHERE (%(bin_codes)s::text[] IS NULL AND place.code = %(place_code)s::text AND bin.is_active
       AND (%(with_shared)s::boolean OR held.bin_id IS NULL OR held.product_units > 0 OR face.id IS NOT NULL))
   OR bin.code = ANY(%(bin_codes)s::text[])
"""
_PRODUCT: Final = """
SELECT id, sku, temperature_class, hazard_class <> '', length_mm, width_mm, height_mm, weight_grams
FROM catalog_product WHERE id = ANY(%(product_ids)s::bigint[])
"""
# How often a product sells beside the others that stand at the place: a fifth are fast, three tenths middling.
_VELOCITY: Final = """
WITH here AS (
    SELECT standing.product_id, standing.sold_28_units AS sold FROM planning_standing AS standing
    WHERE standing.place_code = %(place_code)s::text
      AND EXISTS (SELECT FROM inventory_level AS level JOIN inventory_location AS location
                  ON location.id = level.location_id AND location.kind = 'stock'
                  JOIN inventory_place AS place ON place.id = location.place_id AND place.code = %(place_code)s::text
                  WHERE level.product_id = standing.product_id AND level.on_hand_units > 0)
), limits AS (SELECT percentile_disc(ARRAY[0.5, 0.8]) WITHIN GROUP (ORDER BY sold) AS at FROM here)
SELECT standing.product_id,
       CASE WHEN standing.sold_28_units <= 0 THEN 'C' WHEN standing.sold_28_units >= limits.at[2] THEN 'A'
            WHEN standing.sold_28_units >= limits.at[1] THEN 'B' ELSE 'C' END
FROM planning_standing AS standing CROSS JOIN limits
WHERE standing.place_code = %(place_code)s::text AND standing.product_id = ANY(%(product_ids)s::bigint[])
"""
_HOLDING: Final = """
SELECT stock.product_id, bin.code, stock.owner, stock.lot, stock.units, NULL::numeric
FROM warehouse_binstock AS stock JOIN warehouse_bin AS bin ON bin.id = stock.bin_id
JOIN inventory_place AS place ON place.id = bin.place_id AND place.code = %(place_code)s::text
WHERE stock.product_id = ANY(%(product_ids)s::bigint[])
UNION ALL
SELECT face.product_id, bin.code, '', '', NULL, face.max_units
FROM warehouse_pickface AS face JOIN warehouse_bin AS bin ON bin.id = face.bin_id
JOIN inventory_place AS place ON place.id = bin.place_id AND place.code = %(place_code)s::text
WHERE face.product_id = ANY(%(product_ids)s::bigint[])
"""
# Of a lot at a place: units kept apart for good (a hold without an end), and units in bins that are not for sale.
_APART: Final = """
SELECT level.product_id, level.owner, level.lot,
       (SELECT coalesce(sum(hold.units), 0) FROM inventory_hold AS hold
        WHERE hold.level_id = level.id AND hold.expires_at >= '9999-01-01'),
       (SELECT coalesce(sum(stock.units), 0) FROM warehouse_binstock AS stock
        JOIN warehouse_bin AS bin ON bin.id = stock.bin_id AND bin.place_id = place.id
        JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id AND zone.purpose IN ('quarantine', 'returns')
        WHERE stock.product_id = level.product_id AND stock.owner = level.owner AND stock.lot = level.lot)
FROM inventory_level AS level
JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
JOIN inventory_place AS place ON place.id = location.place_id AND place.code = %(place_code)s::text
WHERE level.product_id = ANY(%(product_ids)s::bigint[])
"""
_HAS_HAZARD: Final = """
SELECT EXISTS (SELECT FROM warehouse_storagezone AS zone JOIN inventory_place AS place ON place.id = zone.place_id
               WHERE place.code = %(place_code)s::text AND zone.purpose = 'hazard')
"""
_CHOICE_NAMES: Final = (
    "code", "place_code", "purpose", "temperature_class", "level", "is_active", "length_mm", "width_mm", "height_mm",
    "max_grams", "used_mm3", "used_grams", "is_empty", "held_units", "product_units", "lot_units", "face_max_units",
    "is_kept_for_other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GoodsSuggested:
    """Goods in no bin, and where they should go."""

    goods: GoodsToPlace
    plan: PutAwayPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAway:
    """`units` of a product's lot that somebody puts from no bin into `bin_code`; `key` makes it happen once."""

    key: str
    place_code: str
    product_id: int
    units: Decimal
    bin_code: str
    actor: str
    happened_at: dt.datetime
    owner: str = OWN_GOODS
    lot: str = ""
    expires_date: dt.date | None = None


def suggest_bins(*, place_code: str, product_id: int) -> list[GoodsSuggested]:
    """Where each lot of a product that waits at a place should go; empty where none waits."""
    loose = list_loose(place_code=place_code, product_ids=[product_id])
    return [
        GoodsSuggested(goods=goods, plan=_plan_for(place_code=place_code, goods=goods))
        for goods in _split_apart(place_code=place_code, goods=load_goods(place_code=place_code, loose=loose))
    ]


def suggest_for_many(*, place_code: str, loose: Sequence[LooseGoods]) -> list[GoodsSuggested]:
    """Where goods should go when all of them are put away, in this order: what one takes the next finds taken."""
    choices = {one.code: one for one in _read_choices(place_code=place_code, goods=None)}
    holding = _read_holding(place_code=place_code, product_ids=[one.product_id for one in loose])
    has_hazard = _has_hazard_zone(place_code)
    made = []
    waiting = load_goods(place_code=place_code, loose=loose)
    for goods in _split_apart(place_code=place_code, goods=waiting):
        own = holding.setdefault(goods.product_id, {})
        held = [own[code].seen(choices[code], goods=goods) for code in own if code in choices]
        free = [one for code, one in choices.items() if one.is_empty and code not in own]
        plan = plan_put_away(goods=goods, choices=held + free, has_hazard_zone=has_hazard)
        if plan.left_units > 0:
            others = [one for code, one in choices.items() if not one.is_empty and code not in own]
            plan = plan_put_away(goods=goods, choices=held + free + others, has_hazard_zone=has_hazard)
        made.append(GoodsSuggested(goods=goods, plan=plan))
        for one in plan.suggestions:
            choices[one.bin_code] = _filled(choices[one.bin_code], goods=goods, units=one.units)
            own.setdefault(one.bin_code, _Held()).add(owner=goods.owner, lot=goods.lot, units=one.units)
    return made


def load_goods(*, place_code: str, loose: Sequence[LooseGoods]) -> list[GoodsToPlace]:
    """Loose goods with what decides where they may stand."""
    ids = sorted({one.product_id for one in loose})
    facts = {row[0]: row[1:] for row in fetch_prepared(statement=_PRODUCT, parameters={"product_ids": ids})}
    fast = dict(fetch_prepared(statement=_VELOCITY, parameters={"place_code": place_code, "product_ids": ids}))
    return [_goods(one, facts=facts[one.product_id], velocity=fast.get(one.product_id, "")) for one in loose]


def _split_apart(*, place_code: str, goods: Sequence[GoodsToPlace]) -> list[GoodsToPlace]:
    """Of each lot what is for sale and what is kept apart: they go into different bins."""
    apart = _read_apart(place_code=place_code, product_ids=[one.product_id for one in goods])
    parts = []
    for one in goods:
        kept, binned = apart.get((one.product_id, one.owner, one.lot), (Decimal(0), Decimal(0)))
        waiting = min(max(kept - binned, Decimal(0)), one.units)
        for units, is_apart in ((one.units - waiting, False), (waiting, True)):
            if units > 0:
                parts.append(replace(one, units=units, is_apart=is_apart))
    return parts


def _read_apart(*, place_code: str, product_ids: Sequence[int]) -> dict[tuple[int, str, str], tuple[Decimal, Decimal]]:
    """Units kept apart, and units in bins that are not for sale, by product, owner and lot."""
    given = {"place_code": place_code, "product_ids": sorted(set(product_ids))}
    rows = fetch_prepared(statement=_APART, parameters=given)
    return {(product_id, owner, lot): (kept, binned) for product_id, owner, lot, kept, binned in rows}


def refuse_misfit(
    *, place_code: str, bin_code: str, product_id: int, units: Decimal, owner: str = OWN_GOODS, lot: str = ""
) -> None:
    """Raises when units of a product may not be put into a bin: UnknownBin, BinElsewhere, BinClosed, DoesNotFit."""
    _refuse_elsewhere(place_code=place_code, bin_code=bin_code)
    loose = LooseGoods(product_id, place_code, owner, lot, None, units)
    goods = load_goods(place_code=place_code, loose=[loose])[0]
    choice = _read_choices(place_code=place_code, goods=goods, bin_codes=[bin_code])[0]
    _judge(place_code=place_code, goods=goods, choice=choice)


def list_misfits(*, place_code: str, wanted: Sequence[tuple[str, LooseGoods]]) -> list[str]:
    """Why goods may not stand in the bins named beside them, in that order; empty where they may. Room is not asked."""
    codes = sorted({code for code, _goods_there in wanted})
    choices = {one.code: one for one in _read_choices(place_code=place_code, goods=None, bin_codes=codes)}
    has_hazard = _has_hazard_zone(place_code)
    found = []
    for (code, _loose), goods in zip(
        wanted, load_goods(place_code=place_code, loose=[loose for _code, loose in wanted]), strict=True
    ):
        choice = choices.get(code)
        if choice is None or choice.place_code != place_code:
            found.append("there is no such bin at this place")
        else:
            found.append(why_not(goods=goods, choice=choice, has_hazard_zone=has_hazard))
    return found


def put_away(*, put: PutAway) -> bool:
    """Put loose goods into a bin, once; False where the key did so before.

    Raises what `refuse_misfit` and `move_between_bins` raise; nothing is moved then.
    """
    move = NewBinMove(
        key=put.key,
        kind="put_away",
        product_id=put.product_id,
        units=put.units,
        source="",
        target=put.bin_code,
        cause_kind="put_away",
        cause_key=put.bin_code,
        actor=put.actor,
        happened_at=put.happened_at,
        owner=put.owner,
        lot=put.lot,
        expires_date=put.expires_date or _expires_date(put),
    )
    return move_checked(move=move, place_code=put.place_code)


def move_checked(*, move: NewBinMove, place_code: str) -> bool:
    """Move goods into a bin of a place where they fit, once; False where the key did so before.

    Raises as `put_away` does, and nothing is moved then.
    """
    for code in (move.source, move.target):
        if code:
            _refuse_elsewhere(place_code=place_code, bin_code=code)
    with one_transaction():
        # The move first: it holds the bin, so what stands in it is still so when the fit is judged; an error undoes it.
        if not move_between_bins(moves=[move]):
            return False
        if move.target:
            loose = LooseGoods(move.product_id, place_code, move.owner, move.lot, None, move.units)
            goods = load_goods(place_code=place_code, loose=[loose])[0]
            choice = _read_choices(place_code=place_code, goods=goods, bin_codes=[move.target])[0]
            goods = replace(goods, is_apart=choice.purpose in NOT_FOR_SALE)
            _judge(place_code=place_code, goods=goods, choice=_before(choice, goods=goods))
            _refuse_mixed(place_code=place_code, goods=goods, choice=choice)
    return True


def _refuse_mixed(*, place_code: str, goods: GoodsToPlace, choice: BinChoice) -> None:
    """After a move: bins not for sale hold no more than is kept apart, and what is kept apart stands in no other."""
    apart = _read_apart(place_code=place_code, product_ids=[goods.product_id])
    kept, binned = apart.get((goods.product_id, goods.owner, goods.lot), (Decimal(0), Decimal(0)))
    loose = sum(
        (
            one.units
            for one in list_loose(place_code=place_code, product_ids=[goods.product_id])
            if (one.owner, one.lot) == (goods.owner, goods.lot)
        ),
        Decimal(0),
    )
    if goods.is_apart and binned > kept:
        raise DoesNotFit(sku=goods.sku, bin=choice.code, reason="it is for goods that are not for sale")
    if not goods.is_apart and kept - binned > loose:
        raise DoesNotFit(sku=goods.sku, bin=choice.code, reason=KEPT_APART)


def _refuse_elsewhere(*, place_code: str, bin_code: str) -> None:
    there = place_of_bin(code=bin_code)
    if there != place_code:
        raise BinElsewhere(bin=bin_code, there=there, place=place_code)


def _judge(*, place_code: str, goods: GoodsToPlace, choice: BinChoice) -> None:
    if not choice.is_active:
        raise BinClosed(bin=choice.code)
    reason = why_not(goods=goods, choice=choice, has_hazard_zone=_has_hazard_zone(place_code))
    room = room_units(goods=goods, choice=choice)
    if not reason and room is not None and goods.units > room:
        reason = "it has no room for so many"
    if reason:
        raise DoesNotFit(sku=goods.sku, bin=choice.code, reason=reason)


def _plan_for(*, place_code: str, goods: GoodsToPlace) -> PutAwayPlan:
    """First among bins that are empty or hold the product; only where these have no room, among all."""
    has_hazard = _has_hazard_zone(place_code)
    few = _read_choices(place_code=place_code, goods=goods, with_shared=False)
    plan = plan_put_away(goods=goods, choices=few, has_hazard_zone=has_hazard)
    if plan.left_units <= 0:
        return plan
    return plan_put_away(
        goods=goods, choices=_read_choices(place_code=place_code, goods=goods), has_hazard_zone=has_hazard
    )


def _read_choices(
    *,
    place_code: str,
    goods: GoodsToPlace | None,
    bin_codes: Sequence[str] | None = None,
    with_shared: bool = True,
) -> list[BinChoice]:
    given = {
        "place_code": place_code,
        "product_id": goods.product_id if goods else 0,
        "owner": goods.owner if goods else OWN_GOODS,
        "lot": goods.lot if goods else "",
        "bin_codes": None if bin_codes is None else list(bin_codes),
        "with_shared": with_shared,
    }
    rows = fetch_prepared(statement=_CHOICES, parameters=given)
    far = {} if bin_codes is not None else _distances(place_code=place_code, rows=rows)
    count = len(_CHOICE_NAMES)
    return [
        BinChoice(**dict(zip(_CHOICE_NAMES, row[:count], strict=True)), distance_mm=far.get(row[0])) for row in rows
    ]


def _distances(*, place_code: str, rows: Sequence[tuple[Any, ...]]) -> dict[str, int]:
    plan = find_plan(place_code=place_code)
    if plan is None:
        return {}
    start = len(_CHOICE_NAMES)
    spots = [
        BinSpot(code=row[0], aisle=row[start], at_mm=row[start + 1], side=row[start + 2], point=row[start + 3])
        for row in rows
    ]
    return distances_mm(plan=plan, spots=spots)


@dataclass(slots=True)
class _Held:
    """What a bin holds of one product, and whether it is kept for it."""

    product_units: Decimal = Decimal(0)
    lots: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    face_max_units: Decimal | None = None

    def add(self, *, owner: str, lot: str, units: Decimal) -> None:
        self.product_units += units
        self.lots[owner, lot] = self.lots.get((owner, lot), Decimal(0)) + units

    def seen(self, choice: BinChoice, *, goods: GoodsToPlace) -> BinChoice:
        """The bin as this product's goods see it."""
        return replace(
            choice,
            product_units=self.product_units,
            lot_units=self.lots.get((goods.owner, goods.lot), Decimal(0)),
            face_max_units=self.face_max_units,
            is_kept_for_other=choice.is_kept_for_other and self.face_max_units is None,
        )


def _read_holding(*, place_code: str, product_ids: Sequence[int]) -> dict[int, dict[str, _Held]]:
    found: dict[int, dict[str, _Held]] = {}
    given = {"place_code": place_code, "product_ids": sorted(set(product_ids))}
    for product_id, code, owner, lot, units, face_max in fetch_prepared(statement=_HOLDING, parameters=given):
        here = found.setdefault(product_id, {}).setdefault(code, _Held())
        if units is not None:
            here.add(owner=owner, lot=lot, units=units)
        if face_max is not None:
            here.face_max_units = face_max
    return found


def _filled(choice: BinChoice, *, goods: GoodsToPlace, units: Decimal) -> BinChoice:
    """The bin for other goods once these stand in it."""
    return replace(
        choice,
        used_mm3=choice.used_mm3 + units * (goods.volume_mm3 or 0),
        used_grams=choice.used_grams + units * (goods.grams or 0),
        is_empty=False,
    )


def _before(choice: BinChoice, *, goods: GoodsToPlace) -> BinChoice:
    """The bin without the goods that were just moved into it."""
    return replace(
        choice,
        used_mm3=choice.used_mm3 - goods.units * (goods.volume_mm3 or 0),
        used_grams=choice.used_grams - goods.units * (goods.grams or 0),
        is_empty=choice.held_units == goods.units,
        product_units=choice.product_units - goods.units,
        lot_units=choice.lot_units - goods.units,
    )


def _goods(one: LooseGoods, *, facts: tuple[Any, ...], velocity: VelocityClass) -> GoodsToPlace:
    sku, temperature, is_hazardous, length, width, height, grams = facts
    return GoodsToPlace(
        product_id=one.product_id,
        sku=sku,
        owner=one.owner,
        lot=one.lot,
        units=one.units,
        expires_date=one.expires_date,
        temperature_class=temperature,
        is_hazardous=is_hazardous,
        length_mm=length,
        width_mm=width,
        height_mm=height,
        grams=grams,
        velocity=velocity,
    )


def _expires_date(put: PutAway) -> dt.date | None:
    loose = list_loose(place_code=put.place_code, product_ids=[put.product_id])
    return next((one.expires_date for one in loose if one.owner == put.owner and one.lot == put.lot), None)


def _has_hazard_zone(place_code: str) -> bool:
    return bool(fetch_prepared(statement=_HAS_HAZARD, parameters={"place_code": place_code})[0][0])
