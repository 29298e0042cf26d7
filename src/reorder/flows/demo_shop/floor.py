"""The floor of the demonstration: halls of shelves at both places, and the stocked products put away. SYNTHETIC.

Products that sell fast stand near the door in a pick face of their own, the rest of them in bulk above.
"""

import datetime as dt
from decimal import Decimal
from typing import Final

from reorder.domain.inventory.queries import find_place
from reorder.domain.storage import widened_transaction
from reorder.domain.warehouse.bin_stock import LooseGoods, NewBinMove, list_loose, move_between_bins
from reorder.domain.warehouse.floor_plans import DEMO, ZoneRow, find_plan, save_zone
from reorder.domain.warehouse.floor_rules import distances_mm
from reorder.domain.warehouse.pick_faces import NewPickFace, save_pick_faces
from reorder.domain.warehouse.putting_away import load_goods
from reorder.flows.demo_shop.making import PLACES
from reorder.flows.floor_plan import GridFloor, GridSpec, make_grid, write_grid
from reorder.kernel.ids import idempotency_key

# So many of the fastest products have a pick face filled from bulk; so many stay to be put away.
FACES: Final = 300
LEFT_LOOSE: Final = 40
_HALLS: Final = {"KEELUNG": ("A", "KL"), "KAOHSIUNG": ("A", "KH")}
_PICK_LEVELS: Final = 3


def lay_out_demo_floors(*, moment: dt.datetime) -> int:
    """Floor plans, bins and goods in them for places of the demonstration without a plan; how many bins."""
    count = 0
    for code, _share in PLACES:
        if find_place(code=code) is not None and find_plan(place_code=code) is None:
            with widened_transaction():
                count += _lay_out(place_code=code, moment=moment)
    return count


def _lay_out(*, place_code: str, moment: dt.datetime) -> int:
    first, hall = _HALLS[place_code]
    floor = make_grid(
        spec=GridSpec(
            first_aisle=first,
            aisles_count=20,
            bays_count=24,
            levels_count=4,
            pattern=f"{hall}-{{aisle}}-{{slot:2}}-{{level}}",
            bay_mm=1200,
            aisle_pitch_mm=3400,
            cross_aisles_count=3,
            cross_aisle_mm=2400,
            low_levels=_PICK_LEVELS,
            bin_length_mm=1100,
            bin_width_mm=600,
            bin_height_mm=450,
            bin_max_grams=250_000,
        )
    )
    write_grid(place_code=place_code, floor=floor, changed_by=DEMO)
    for zone in (
        ZoneRow("QUARANTINE", "Quarantine", "quarantine", "ambient"),
        ZoneRow("RETURNS", "Returns", "returns", "ambient"),
    ):
        save_zone(place_code=place_code, zone=zone, changed_by=DEMO)
    _fill(place_code=place_code, floor=floor, moment=moment)
    return len(floor.bins)


def _fill(*, place_code: str, floor: GridFloor, moment: dt.datetime) -> None:
    loose = list_loose(place_code=place_code)
    fast = {(one.product_id, one.lot): one.velocity for one in load_goods(place_code=place_code, loose=loose)}
    ordered = sorted(loose, key=lambda one: (fast[one.product_id, one.lot] or "B", -one.units, one.product_id))
    far = distances_mm(plan=floor.plan, spots=[one.spot for one in floor.bins])
    # The last aisle stays empty: for what comes back and what is kept apart.
    last = len(floor.plan.aisle_codes) - 1
    near = sorted((one for one in floor.bins if one.aisle < last), key=lambda one: (far[one.code], one.level, one.code))
    pick = [one.code for one in near if one.level <= _PICK_LEVELS]
    bulk = [one.code for one in near if one.level > _PICK_LEVELS]
    moves: list[NewBinMove] = []
    faces: list[NewPickFace] = []
    for number, goods in enumerate(ordered[: len(ordered) - LEFT_LOOSE]):
        # Those for which no bin is left share the farthest ones: they sell least.
        face = pick[number] if number < len(pick) else pick[-1 - (number - len(pick)) % len(pick)]
        if number < FACES and goods.units >= 4:
            kept = max(goods.units // 4, Decimal(1))
            # Every tenth face runs low, so that there is something to bring.
            there = kept if number % 10 else max(kept // 4, Decimal(1))
            faces.append(NewPickFace(face, goods.product_id, min_units=(kept + 1) // 2, max_units=kept + 1))
            moves.append(_move(goods, target=face, units=there, moment=moment))
            moves.append(_move(goods, target=bulk[number % len(bulk)], units=goods.units - there, moment=moment))
        else:
            moves.append(_move(goods, target=face, units=goods.units, moment=moment))
    move_between_bins(moves=[one for one in moves if one.units > 0])
    save_pick_faces(place_code=place_code, faces=faces, decided_by=DEMO)


def _move(goods: LooseGoods, *, target: str, units: Decimal, moment: dt.datetime) -> NewBinMove:
    return NewBinMove(
        key=idempotency_key("demo_floor", goods.place_code, goods.product_id, goods.owner, goods.lot, target),
        kind="put_away",
        product_id=goods.product_id,
        units=units,
        source="",
        target=target,
        cause_kind="demo",
        cause_key=goods.place_code,
        actor=DEMO,
        happened_at=moment,
        owner=goods.owner,
        lot=goods.lot,
        expires_date=goods.expires_date,
    )
