"""Packing as it is done: the plan is followed or changed by the packer, boxes become parcels, the last one ends it.

All within the caller's transaction, which holds the order first: two people on one shipment wait for each other.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from reorder.domain.catalog.intake import GivenProduct, save_product
from reorder.domain.shipping import cartons as carton_book
from reorder.domain.shipping import packing as parcels
from reorder.domain.shipping.carton_rules import CartonRow
from reorder.domain.shipping.packing import ParcelBox, PlanRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction, widened_transaction
from reorder.flows.fulfil.following import hold_fulfilment
from reorder.flows.fulfil.moving import pack_fulfilment
from reorder.flows.labels import label_at_packing
from reorder.flows.packing.errors import (
    BadSize,
    CartonTooSmall,
    CartonTooWarm,
    LabelInTheWay,
    NotPackable,
    PackingChanged,
    StepNotNow,
    TooManyPacked,
)
from reorder.flows.packing.planning import (
    BUDGET_SECONDS,
    Content,
    PlannedParcel,
    ShipmentPlan,
    goods_key,
    plan_as_json,
    plan_of_json,
    plan_shipment,
    with_parcel,
)
from reorder.flows.shop_day import shop_date
from reorder.insights.packing import PackGoods, Shipment, get_shipment, list_goods
from reorder.kernel.quantity import plain_decimal

_SIZE: Final = re.compile(
    r"\s*(\d{1,4})\s*[x×*,\s]\s*(\d{1,4})\s*[x×*,\s]\s*(\d{1,4})\s*(?:mm)?[\s,;]+(\d{1,6})\s*g?\s*", re.IGNORECASE
)
_LEAST_TOLERANCE_GRAMS: Final = 50
_TOLERANCE_SHARE: Final = 0.05
# A plan that is only looked at is not thought about for long.
_LOOK_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """A shipment on the bench: its plan for goods of this key, and what is done of it (units as text, by step)."""

    shipment: Shipment
    goods_key: str
    plan: ShipmentPlan
    verified: dict[str, str]

    @property
    def key(self) -> str:
        """Whose parcels these are."""
        return shipment_key(fulfilment_id=self.shipment.fulfilment_id)

    def done_units(self, *, parcel: int, content: int) -> Decimal:
        """Units of a content that are verified."""
        return Decimal(self.verified.get(f"{parcel}.p{content}", "0"))


def shipment_key(*, fulfilment_id: int) -> str:
    """How the parcels of a fulfilment order name it."""
    return f"fulfilment:{fulfilment_id}"


def begin_packing(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> Packing:
    """The plan of a picked shipment, made now where there is none or the goods have changed since.

    Raises UnknownFulfilment, NotPackable, LabelInTheWay.
    """
    actor.require(Ability.FULFIL_ORDERS)
    with one_transaction():
        shipment = _hold(fulfilment_id=fulfilment_id, actor=actor)
        goods = list_goods(fulfilment_id=fulfilment_id)
        key = goods_key(goods=goods)
        kept = parcels.lock_plan(shipment_key=shipment_key(fulfilment_id=fulfilment_id))
        if kept is not None and kept.goods_key == key:
            known = _kept(kept, shipment=shipment)
            if not all(one.is_closed for one in known.plan.parcels):
                return known
        # Never packed, or unpacked again, or changed: what was boxed before is no more.
        _give_up(shipment=shipment, moment=moment)
        plan = _plan(shipment=shipment, goods=goods, moment=moment)
        made = Packing(shipment=shipment, goods_key=key, plan=plan, verified={})
        _save(made, actor=actor, moment=moment)
        return made


def hold_packing(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> Packing:
    """A shipment that is being packed, held; its plan is made where there is none.

    Raises UnknownFulfilment, NotPackable, PackingChanged.
    """
    shipment = _hold(fulfilment_id=fulfilment_id, actor=actor)
    kept = parcels.lock_plan(shipment_key=shipment_key(fulfilment_id=fulfilment_id))
    if kept is None:
        return begin_packing(fulfilment_id=fulfilment_id, actor=actor, moment=moment)
    if kept.goods_key != goods_key(goods=list_goods(fulfilment_id=fulfilment_id)):
        raise PackingChanged(order=shipment.order_number)
    return _kept(kept, shipment=shipment)


def look_at_plan(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> Packing:
    """The plan as it is kept; of a shipment that can be packed it is made now, of others only shown.

    What is shown is what is packed. Raises UnknownFulfilment, LabelInTheWay.
    """
    shipment = get_shipment(fulfilment_id=fulfilment_id, actor=actor)
    if shipment.state == "picked" and actor.may(Ability.FULFIL_ORDERS):
        return begin_packing(fulfilment_id=fulfilment_id, actor=actor, moment=moment)
    return peek_at_plan(fulfilment_id=fulfilment_id, actor=actor, moment=moment)


def peek_at_plan(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> Packing:
    """The plan as it is kept or would be made; nothing is written. Raises UnknownFulfilment."""
    shipment = get_shipment(fulfilment_id=fulfilment_id, actor=actor)
    goods = list_goods(fulfilment_id=fulfilment_id)
    key = goods_key(goods=goods)
    kept = parcels.find_plan(shipment_key=shipment_key(fulfilment_id=fulfilment_id))
    if kept is not None and (kept.goods_key == key or shipment.state not in {"released", "picked"}):
        return _kept(kept, shipment=shipment)
    plan = _plan(shipment=shipment, goods=goods, moment=moment, budget_seconds=_LOOK_SECONDS)
    return Packing(shipment=shipment, goods_key=key, plan=plan, verified={})


def open_box(*, packing: Packing, index: int, actor: Actor, moment: dt.datetime) -> Packing:
    """The box of a parcel stands on the bench: it is a parcel from now on, with a number."""
    parcel = packing.plan.parcels[index]
    if parcel.number:
        raise StepNotNow
    number = parcels.open_parcel(box=_box(packing, parcel))
    done = {**packing.verified, f"{index}.box": "1"}
    return _keep(packing, index=index, parcel=replace(parcel, number=number), verified=done, actor=actor, moment=moment)


def change_box(*, packing: Packing, index: int, carton_code: str, actor: Actor, moment: dt.datetime) -> Packing:
    """Another carton for a parcel whose goods are not in yet. Raises CartonTooSmall, CartonTooWarm, UnknownCarton."""
    parcel = packing.plan.parcels[index]
    if parcel.is_closed or is_begun(packing=packing, index=index):
        raise StepNotNow
    row = carton_book.get_carton(code=carton_code)
    if parcel.temperature_class not in row.temperature_classes:
        raise CartonTooWarm(carton=carton_code, what=parcel.temperature_class)
    mine = _goods_of(packing=packing, contents=parcel.contents)
    made = plan_shipment(goods=mine, cartons=[row], month=_month(packing.shipment, moment), seed=index)
    if len(made.parcels) != 1 or not made.parcels[0].carton_code:
        fits = max((sum(one.units for one in part.contents) for part in made.parcels if part.carton_code), default=0)
        out = sum((one.units for one in parcel.contents), Decimal(0)) - fits
        raise CartonTooSmall(carton=carton_code, left=plain_decimal(number=out))
    changed = replace(made.parcels[0], number=parcel.number)
    if changed.number:
        parcels.change_parcel(number=changed.number, box=_box(packing, changed))
    return _keep(packing, index=index, parcel=changed, verified=packing.verified, actor=actor, moment=moment)


def choose_carton(*, fulfilment_id: int, index: int, carton_code: str, actor: Actor, moment: dt.datetime) -> Packing:
    """At the desk: another carton for a parcel, the plan made where there is none. Raises as `change_box`."""
    with widened_transaction():
        packing = begin_packing(fulfilment_id=fulfilment_id, actor=actor, moment=moment)
        if index >= len(packing.plan.parcels):
            raise StepNotNow
        return change_box(packing=packing, index=index, carton_code=carton_code, actor=actor, moment=moment)


def divide(*, packing: Packing, index: int, actor: Actor, moment: dt.datetime) -> Packing:
    """What is not in the parcel yet goes into others: no room. Raises StepNotNow while the parcel is empty."""
    parcel = packing.plan.parcels[index]
    done = [packing.done_units(parcel=index, content=number) for number in range(len(parcel.contents))]
    stay = [replace(one, units=units) for one, units in zip(parcel.contents, done, strict=True) if units]
    rest = [
        replace(one, units=one.units - units)
        for one, units in zip(parcel.contents, done, strict=True)
        if units < one.units
    ]
    if not stay or not rest or parcel.is_closed:
        raise StepNotNow
    kept = _only(parcel=parcel, stay=stay, done=done)
    more = plan_shipment(
        goods=_goods_of(packing=packing, contents=rest),
        cartons=carton_book.list_cartons_at(place_code=packing.shipment.place_code),
        month=_month(packing.shipment, moment),
        seed=index,
    )
    renumbered = {name: value for name, value in packing.verified.items() if not name.startswith(f"{index}.p")}
    renumbered |= {f"{index}.p{number}": plain_decimal(number=one.units) for number, one in enumerate(stay)}
    if kept.number:
        parcels.change_parcel(number=kept.number, box=_box(packing, kept))
    plan = replace(packing.plan, parcels=(*packing.plan.parcels, *more.parcels))
    wider = replace(packing, plan=plan)
    return _keep(wider, index=index, parcel=kept, verified=renumbered, actor=actor, moment=moment)


def verify(
    *, packing: Packing, index: int, content: int, units: Decimal, actor: Actor, moment: dt.datetime
) -> tuple[Packing, Decimal]:
    """Units of a content are in the parcel; and how many are still to come. Raises TooManyPacked."""
    parcel = packing.plan.parcels[index]
    if not parcel.number or parcel.is_closed:
        raise StepNotNow
    wanted = parcel.contents[content]
    left = wanted.units - packing.done_units(parcel=index, content=content)
    if units > left or units <= 0:
        raise TooManyPacked(sku=wanted.sku, units=plain_decimal(number=units), left=plain_decimal(number=left))
    done = plain_decimal(number=wanted.units - left + units)
    verified = {**packing.verified, f"{index}.p{content}": done}
    return (
        _keep(packing, index=index, parcel=parcel, verified=verified, actor=actor, moment=moment),
        left - units,
    )


def is_full(*, packing: Packing, index: int) -> bool:
    """Whether everything of a parcel is in it."""
    contents = packing.plan.parcels[index].contents
    return all(packing.done_units(parcel=index, content=at) == one.units for at, one in enumerate(contents))


def is_begun(*, packing: Packing, index: int) -> bool:
    """Whether anything of a parcel is in it."""
    return any(packing.done_units(parcel=index, content=at) for at in range(len(packing.plan.parcels[index].contents)))


def tolerance_grams(*, parcel: PlannedParcel) -> int | None:
    """By how much a parcel may weigh other than it should; None where that is only an estimate."""
    if parcel.is_estimate:
        return None
    return max(_LEAST_TOLERANCE_GRAMS, round(parcel.grams * _TOLERANCE_SHARE))


def close_box(*, packing: Packing, index: int, grams: int | None, actor: Actor, moment: dt.datetime) -> Packing:
    """A parcel is full and closed; `grams` as weighed, None: as it should weigh. The last one packs the shipment."""
    parcel = packing.plan.parcels[index]
    if not parcel.number or parcel.is_closed or not is_full(packing=packing, index=index):
        raise StepNotNow
    parcels.close_parcel(
        number=parcel.number, grams=parcel.grams if grams is None else grams, packed_by=actor.name, moment=moment
    )
    label_at_packing(number=parcel.number, actor=actor, moment=moment)
    verified = {**packing.verified, f"{index}.close": "1"}
    closed = replace(parcel, is_closed=True)
    after = _keep(packing, index=index, parcel=closed, verified=verified, actor=actor, moment=moment)
    if all(one.is_closed for one in after.plan.parcels):
        pack_fulfilment(fulfilment_id=packing.shipment.fulfilment_id, actor=actor, moment=moment)
    return after


def pack_as_planned(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> Packing:
    """Everything is in its boxes as planned, on the word of a person: all parcels opened, filled and closed.

    Raises what the steps raise.
    """
    with widened_transaction():
        packing = begin_packing(fulfilment_id=fulfilment_id, actor=actor, moment=moment)
        for index, parcel in enumerate(packing.plan.parcels):
            if parcel.is_closed:
                continue
            if not parcel.number:
                packing = open_box(packing=packing, index=index, actor=actor, moment=moment)
            for content, one in enumerate(parcel.contents):
                left = one.units - packing.done_units(parcel=index, content=content)
                if left:
                    packing, _ = verify(
                        packing=packing, index=index, content=content, units=left, actor=actor, moment=moment
                    )
            packing = close_box(packing=packing, index=index, grams=None, actor=actor, moment=moment)
    return packing


def has_boxes(*, fulfilment_id: int) -> bool:
    """Whether somebody opened a box for a shipment."""
    return bool(parcels.list_parcel_numbers(shipment_key=shipment_key(fulfilment_id=fulfilment_id)))


def plan_anew(*, fulfilment_id: int, actor: Actor, moment: dt.datetime) -> Packing:
    """Forget the plan and what was boxed, and plan again. Raises LabelInTheWay."""
    with widened_transaction():
        shipment = _hold(fulfilment_id=fulfilment_id, actor=actor)
        _give_up(shipment=shipment, moment=moment)
        return begin_packing(fulfilment_id=fulfilment_id, actor=actor, moment=moment)


def take_size(*, sku: str, text: str, actor: Actor) -> None:
    """Keep what a packer measured as the product's size and weight. Raises BadSize."""
    found = _SIZE.fullmatch(text)
    sides = [int(one) for one in found.groups()] if found else []
    if not sides or min(sides) <= 0:
        raise BadSize(text=text[:40])
    length, width, height, grams = sides
    save_product(
        sku=sku,
        facts=GivenProduct(
            given=("length_mm", "width_mm", "height_mm", "weight_grams"),
            length_mm=length,
            width_mm=width,
            height_mm=height,
            weight_grams=grams,
        ),
        saved_by=actor.name,
    )


def accept_estimate(*, packing: Packing, sku: str, actor: Actor, moment: dt.datetime) -> Packing:
    """Go on with the usual size of a product that nobody measures now."""
    verified = {**packing.verified, f"size.{sku}": "estimate"}
    return _keep(packing, index=None, parcel=None, verified=verified, actor=actor, moment=moment)


def list_cartons_here(*, packing: Packing) -> list[CartonRow]:
    """Every carton in use at the place of a shipment."""
    return carton_book.list_cartons_at(place_code=packing.shipment.place_code)


def list_able_cartons(*, packing: Packing, index: int) -> list[CartonRow]:
    """Other cartons at the place that keep a parcel's temperature and are large enough by volume, small first."""
    parcel = packing.plan.parcels[index]
    return [
        one
        for one in carton_book.list_cartons_at(place_code=packing.shipment.place_code)
        if parcel.temperature_class in one.temperature_classes
        and one.code != parcel.carton_code
        and one.inner_mm3 >= parcel.goods_mm3
    ]


def _hold(*, fulfilment_id: int, actor: Actor) -> Shipment:
    _, found = hold_fulfilment(fulfilment_id=fulfilment_id, actor=actor)
    shipment = get_shipment(fulfilment_id=fulfilment_id, actor=actor)
    if found.state != "picked":
        raise NotPackable(order=shipment.order_number, state=found.state)
    return shipment


def _kept(kept: PlanRow, *, shipment: Shipment) -> Packing:
    return Packing(
        shipment=shipment, goods_key=kept.goods_key, plan=plan_of_json(kept=kept.plan), verified=kept.verified
    )


def _give_up(*, shipment: Shipment, moment: dt.datetime) -> None:
    key = shipment_key(fulfilment_id=shipment.fulfilment_id)
    labelled = parcels.find_labelled(shipment_key=key)
    if labelled:
        raise LabelInTheWay(parcel=labelled)
    parcels.forget_plan(shipment_key=key)
    parcels.cancel_unshipped(shipment_key=key, moment=moment)


def _plan(
    *, shipment: Shipment, goods: Sequence[PackGoods], moment: dt.datetime, budget_seconds: float = BUDGET_SECONDS
) -> ShipmentPlan:
    return plan_shipment(
        goods=goods,
        cartons=carton_book.list_cartons_at(place_code=shipment.place_code),
        month=_month(shipment, moment),
        seed=shipment.fulfilment_id % 1000,
        budget_seconds=budget_seconds,
    )


def _month(shipment: Shipment, moment: dt.datetime) -> int:
    return shop_date(moment=shipment.ship_by_at or moment).month


def _goods_of(*, packing: Packing, contents: Sequence[Content]) -> list[PackGoods]:
    """The goods of contents, as many as those say."""
    known = {
        (one.order_line_id, one.product_id): one for one in list_goods(fulfilment_id=packing.shipment.fulfilment_id)
    }
    return [
        replace(known[one.order_line_id, one.product_id], units=one.units, lots=((one.lot, one.units),))
        for one in contents
    ]


def _only(*, parcel: PlannedParcel, stay: Sequence[Content], done: Sequence[Decimal]) -> PlannedParcel:
    """A parcel with what is in it already: the first things of each content, in the order of packing."""
    left = [int(-(-units // 1)) for units in done]
    numbers = [number for number, units in enumerate(done) if units]
    lying = []
    for one in parcel.lying:
        if left[one.content] > 0:
            left[one.content] -= 1
            lying.append(replace(one, content=numbers.index(one.content)))
    whole = sum((one.units for one in parcel.contents), Decimal(0))
    share = sum((one.units for one in stay), Decimal(0)) / whole
    return replace(
        parcel,
        contents=tuple(stay),
        lying=tuple(lying),
        goods_mm3=sum(one.length_mm * one.width_mm * one.height_mm for one in lying),
        grams=parcel.own_grams + round((parcel.grams - parcel.own_grams) * float(share)),
        is_estimate=True,
    )


def _box(packing: Packing, parcel: PlannedParcel) -> ParcelBox:
    length, width, height = parcel.outer_mm or (None, None, None)
    shipment = packing.shipment
    return ParcelBox(
        shipment_key=packing.key,
        order_id=shipment.order_id,
        place_code=shipment.place_code,
        owner=parcel.owner,
        temperature_class=parcel.temperature_class,
        carton_code=parcel.carton_code,
        length_mm=length,
        width_mm=width,
        height_mm=height,
        contents=[
            [one.order_line_id, one.product_id, one.sku, plain_decimal(number=one.units), one.lot]
            for one in parcel.contents
        ],
        placements=[
            {
                "sku": parcel.contents[one.content].sku,
                "at": [one.x_mm, one.y_mm, one.z_mm],
                "size": [one.length_mm, one.width_mm, one.height_mm],
            }
            for one in parcel.lying
        ],
        service_code=shipment.service_code,
    )


def _keep(
    packing: Packing,
    *,
    index: int | None,
    parcel: PlannedParcel | None,
    verified: dict[str, str],
    actor: Actor,
    moment: dt.datetime,
) -> Packing:
    plan = packing.plan
    if index is not None and parcel is not None:
        plan = with_parcel(plan=plan, index=index, parcel=parcel)
    after = replace(packing, plan=plan, verified=verified)
    _save(after, actor=actor, moment=moment)
    return after


def _save(packing: Packing, *, actor: Actor, moment: dt.datetime) -> None:
    parcels.save_plan(
        row=PlanRow(
            shipment_key=packing.key,
            goods_key=packing.goods_key,
            plan=plan_as_json(plan=packing.plan),
            verified=packing.verified,
            made_at=moment,
            made_by=actor.name,
        )
    )
