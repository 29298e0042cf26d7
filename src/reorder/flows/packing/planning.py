"""The plan of a shipment: what may share a box, which box, and how everything lies in it. Pure.

Owners, temperature classes and hazard classes never mix. What no carton holds travels in its own packaging, one parcel
a unit. Without any carton in the catalogue there is one parcel for each load, of which only the goods are known.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from itertools import combinations
from typing import Any, Final

from reorder.domain.shipping.carton_rules import CartonRow
from reorder.engine import packing
from reorder.flows.packing.filling import ICE_LAYER_MM, WRAP_MM, Filling, suggest_filling, total_grams
from reorder.insights.packing import PackGoods
from reorder.kernel.quantity import plain_decimal

BUDGET_SECONDS: Final = 0.3
_COLD: Final = ("chilled", "frozen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Units of a lot of a product in a parcel, for an order line."""

    order_line_id: int
    product_id: int
    sku: str
    name: str
    lot: str
    units: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """One thing in a parcel: whose it is (place in `contents`), corner and size in millimetres."""

    content: int
    x_mm: int
    y_mm: int
    z_mm: int
    length_mm: int
    width_mm: int
    height_mm: int
    is_fragile: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedParcel:
    """A box, what goes into it in which order, and what around it.

    `carton_code` empty: own packaging, or no carton is known. `number` is there from when it is opened. `grams` is what
    it should weigh, with box and filling; `is_estimate`: a size or weight in it is not known but usual.
    """

    carton_code: str
    carton_name: str
    inner_mm: tuple[int, int, int] | None
    outer_mm: tuple[int, int, int] | None
    own_grams: int
    temperature_class: str
    hazard_class: str
    owner: str
    contents: tuple[Content, ...]
    lying: tuple[Lying, ...]
    filling: tuple[Filling, ...]
    goods_mm3: int
    grams: int
    is_estimate: bool
    number: str = ""
    is_closed: bool = False

    @property
    def full_share(self) -> float | None:
        """How much of the room the goods take; None without a carton."""
        if self.inner_mm is None or not self.carton_code:
            return None
        return self.goods_mm3 / math.prod(self.inner_mm)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPlan:
    """The parcels of a shipment; `missing` are SKUs whose size or weight nobody has entered."""

    parcels: tuple[PlannedParcel, ...]
    missing: tuple[str, ...] = ()
    has_cartons: bool = True


@dataclass(frozen=True, slots=True)
class _Load:
    """Goods that may share a parcel."""

    owner: str
    temperature_class: str
    hazard_class: str
    goods: tuple[PackGoods, ...]


def plan_shipment(
    *,
    goods: Sequence[PackGoods],
    cartons: Sequence[CartonRow],
    month: int,
    seed: int,
    budget_seconds: float = BUDGET_SECONDS,
) -> ShipmentPlan:
    """Boxes for all goods, as few and as small as possible; `month` is that in which they leave."""
    loads = _loads(goods)
    parcels = [
        parcel
        for load in loads
        for parcel in _pack(
            load=load, cartons=cartons, month=month, seed=seed, budget_seconds=budget_seconds / len(loads)
        )
    ]
    missing = sorted({one.sku for one in goods if one.is_size_estimate or one.is_weight_estimate})
    return ShipmentPlan(parcels=tuple(parcels), missing=tuple(missing), has_cartons=bool(cartons))


def goods_key(*, goods: Sequence[PackGoods]) -> str:
    """What a plan was made for; another key, another plan. Sizes are not in it: to learn one stops nobody midway."""
    told = [(one.order_line_id, one.product_id, plain_decimal(number=one.units), one.lots) for one in goods]
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()[:32]


def fitting_cartons(*, cartons: Sequence[CartonRow], temperature_class: str) -> list[CartonRow]:
    """Cartons that keep this temperature, small ones first."""
    able = [one for one in cartons if temperature_class in one.temperature_classes]
    return sorted(able, key=lambda one: (one.inner_mm3, one.cost_minor, one.code))


def _loads(goods: Sequence[PackGoods]) -> list[_Load]:
    found: dict[tuple[str, str, str], list[PackGoods]] = {}
    for one in goods:
        found.setdefault((one.owner, one.temperature_class, one.hazard_class), []).append(one)
    return [_Load(*key, tuple(found[key])) for key in sorted(found)]


def _pack(
    *, load: _Load, cartons: Sequence[CartonRow], month: int, seed: int, budget_seconds: float
) -> list[PlannedParcel]:
    able = fitting_cartons(cartons=cartons, temperature_class=load.temperature_class)
    whole = [(index, lot, units) for index, one in enumerate(load.goods) for lot, units in one.lots]
    if not able:
        contents = [_content(load.goods[index], lot=lot, units=units) for index, lot, units in whole]
        return [_loose(load=load, contents=contents, goods=load.goods)]
    kinds = [_item(number, load.goods[index], units) for number, (index, _, units) in enumerate(whole)]
    groups = sorted({one.keep_apart for one in load.goods if one.keep_apart})
    plan = packing.plan_parcels(
        items=kinds,
        cartons=[_carton(one, cold=load.temperature_class in _COLD) for one in able],
        budget_seconds=budget_seconds,
        seed=seed,
        keep_apart=set(combinations(groups, 2)),
    )
    by_code = {one.code: one for one in able}
    # What is sold in fractions lies as whole things; the last of them holds what is left.
    left = {number: units for number, (_, _, units) in enumerate(whole)}
    made = [
        _planned(load=load, whole=whole, left=left, parcel=one, row=by_code[one.carton.code], month=month)
        for one in plan.parcels
    ]
    return made + [
        _loose(load=load, contents=[content], goods=[load.goods[whole[int(one.sku)][0]]])
        for one in plan.unpackable
        for content in _singles(load=load, at=whole[int(one.sku)])
    ]


def _planned(
    *,
    load: _Load,
    whole: Sequence[tuple[int, str, Decimal]],
    left: dict[int, Decimal],
    parcel: packing.Parcel,
    row: CartonRow,
    month: int,
) -> PlannedParcel:
    numbers = list(dict.fromkeys(int(one.sku) for one in parcel.placements))
    counts = {number: sum(int(one.sku) == number for one in parcel.placements) for number in numbers}
    contents = []
    for number in numbers:
        index, lot, _ = whole[number]
        units = min(Decimal(counts[number]), left[number])
        left[number] -= units
        contents.append(_content(load.goods[index], lot=lot, units=units))
    mine = [load.goods[whole[number][0]] for number in numbers]
    lying = _lying(load=load, whole=whole, numbers=numbers, parcel=parcel)
    goods_mm3 = sum(one.length_mm * one.width_mm * one.height_mm for one in parcel.placements)
    grams = _goods_grams(contents, mine)
    filling = suggest_filling(
        inner_mm3=row.inner_mm3,
        goods_mm3=goods_mm3,
        goods_grams=grams,
        fragile_count=sum(one.is_fragile for one in lying),
        temperature_class=load.temperature_class,
        month=month,
    )
    return PlannedParcel(
        carton_code=row.code,
        carton_name=row.name,
        inner_mm=(row.length_mm, row.width_mm, row.height_mm),
        outer_mm=(row.outer_length_mm, row.outer_width_mm, row.outer_height_mm),
        own_grams=row.own_grams,
        temperature_class=load.temperature_class,
        hazard_class=load.hazard_class,
        owner=load.owner,
        contents=tuple(contents),
        lying=tuple(lying),
        filling=tuple(filling),
        goods_mm3=goods_mm3,
        grams=grams + row.own_grams + total_grams(fillings=filling),
        is_estimate=any(one.is_size_estimate or one.is_weight_estimate for one in mine),
    )


def _lying(
    *, load: _Load, whole: Sequence[tuple[int, str, Decimal]], numbers: Sequence[int], parcel: packing.Parcel
) -> list[Lying]:
    """Where each thing lies in the box; each names its content by its index."""
    return [
        Lying(
            content=numbers.index(int(one.sku)),
            x_mm=one.x_mm,
            y_mm=one.y_mm,
            z_mm=one.z_mm,
            length_mm=one.length_mm,
            width_mm=one.width_mm,
            height_mm=one.height_mm,
            is_fragile=load.goods[whole[int(one.sku)][0]].is_fragile,
        )
        for one in parcel.placements
    ]


def _loose(*, load: _Load, contents: Sequence[Content], goods: Sequence[PackGoods]) -> PlannedParcel:
    """A parcel of which no carton is known: one thing in its own packaging, or all that may travel together."""
    single = len(contents) == 1 and contents[0].units <= 1
    return PlannedParcel(
        carton_code="",
        carton_name="",
        inner_mm=None,
        outer_mm=goods[0].sides_mm if single else None,
        own_grams=0,
        temperature_class=load.temperature_class,
        hazard_class=load.hazard_class,
        owner=load.owner,
        contents=tuple(contents),
        lying=(),
        filling=(),
        goods_mm3=sum(math.prod(one.sides_mm) * math.ceil(one.units) for one in goods) if not single else 0,
        grams=_goods_grams(contents, goods),
        is_estimate=any(one.is_size_estimate or one.is_weight_estimate for one in goods),
    )


def _goods_grams(contents: Sequence[Content], goods: Sequence[PackGoods]) -> int:
    each = {one.product_id: one.grams for one in goods}
    return math.ceil(sum(each[one.product_id] * one.units for one in contents))


def _singles(*, load: _Load, at: tuple[int, str, Decimal]) -> list[Content]:
    """A content for each unit."""
    index, lot, units = at
    whole = int(units)
    rest = units - whole
    return [
        _content(load.goods[index], lot=lot, units=one) for one in [*([Decimal(1)] * whole), *([rest] if rest else [])]
    ]


def _content(goods: PackGoods, *, lot: str, units: Decimal) -> Content:
    return Content(
        order_line_id=goods.order_line_id,
        product_id=goods.product_id,
        sku=goods.sku,
        name=goods.name,
        lot=lot,
        units=units,
    )


def _item(number: int, goods: PackGoods, units: Decimal) -> packing.Item:
    wrap = 2 * WRAP_MM if goods.is_fragile else 0
    length, width, height = (side + wrap for side in goods.sides_mm)
    return packing.Item(
        sku=str(number),
        length_mm=length,
        width_mm=width,
        height_mm=height,
        grams=goods.grams,
        units=math.ceil(units),
        upright=goods.is_upright,
        fragile=goods.is_fragile,
        group=goods.keep_apart,
    )


def _carton(row: CartonRow, *, cold: bool) -> packing.Carton:
    height = row.height_mm - ICE_LAYER_MM if cold else row.height_mm
    return packing.Carton(
        code=row.code,
        length_mm=row.length_mm,
        width_mm=row.width_mm,
        height_mm=max(height, 1),
        max_grams=row.max_grams,
        cost_minor=row.cost_minor,
    )


def picture_path(*, fulfilment_id: int, parcel: int, frame: int) -> str:
    """The address of a drawing: of a parcel (from 0) with its first `frame` contents in it; 0: the empty box."""
    return f"/warehouse/packing/{fulfilment_id}/{parcel}/{frame}.svg"


def plan_as_json(*, plan: ShipmentPlan) -> dict[str, Any]:
    """The plan as the database keeps it."""
    told: dict[str, Any] = json.loads(json.dumps(asdict(plan), default=_text))
    return told


def plan_of_json(*, kept: dict[str, Any]) -> ShipmentPlan:
    """The plan that the database kept."""
    return ShipmentPlan(
        parcels=tuple(_parcel_of(one) for one in kept["parcels"]),
        missing=tuple(kept["missing"]),
        has_cartons=kept["has_cartons"],
    )


def with_parcel(*, plan: ShipmentPlan, index: int, parcel: PlannedParcel) -> ShipmentPlan:
    """The same plan with another parcel in a place."""
    parcels = list(plan.parcels)
    parcels[index] = parcel
    return replace(plan, parcels=tuple(parcels))


def _parcel_of(kept: dict[str, Any]) -> PlannedParcel:
    given = dict(kept)
    for name in ("inner_mm", "outer_mm"):
        given[name] = tuple(given[name]) if given[name] else None
    given["contents"] = tuple(Content(**(one | {"units": Decimal(one["units"])})) for one in given["contents"])
    given["lying"] = tuple(Lying(**one) for one in given["lying"])
    given["filling"] = tuple(Filling(**one) for one in given["filling"])
    return PlannedParcel(**given)


def _text(value: Any) -> str:
    return plain_decimal(number=value) if isinstance(value, Decimal) else str(value)
