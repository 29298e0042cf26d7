"""Packing by scan: the box, then each product as it is put in with a picture of where, then the scale.

A task is a fulfilment order. Steps are named after the plan of packing: `s.<sku>` a size to be measured, and of parcel
number n (from 0) `n.box`, `n.p<content>`, `n.close`. A wrong or extra product changes nothing and says so.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from reorder.domain.shipping.carton_rules import CartonRow
from reorder.domain.staff.rules import Actor
from reorder.flows.floor.codes import normalise, tote_codes
from reorder.flows.floor.errors import BadScan, UnknownTask
from reorder.flows.floor.finding import expected_codes, find_product
from reorder.flows.floor.plans import floor_plan, floor_step
from reorder.flows.floor.values import FloorScan, OpenTask, ScanAnswer, ScanChoice
from reorder.flows.packing import doing
from reorder.flows.packing.doing import Packing
from reorder.flows.packing.errors import NotInParcel, NotInShipment, StepNotNow
from reorder.flows.packing.filling import FILLING_TEMPLATES
from reorder.flows.packing.planning import PlannedParcel, picture_path
from reorder.flows.packing.telling import words_of_place
from reorder.insights.packing import count_waiting, list_waiting
from reorder.kernel import clock
from reorder.kernel.quantity import plain_decimal

_MOST_TASKS: Final = 200
_MOST_CARTONS: Final = 8
_STEP: Final = re.compile(r"(\d{1,3})\.(box|close|p(\d{1,3}))")
_ESTIMATE: Final = "estimate"
_REST: Final = "rest"
_OWN: Final = "own"
_UNWEIGHED: Final = "unweighed"
_CARTON: Final = "carton:"
# Sentences of plans, answers and lists, for who translates them.
TEMPLATES: Final = (
    "Pack order {order}",
    "Lines: {lines} · units: {units}",
    "Lines: {lines} · units: {units} · position {tote}",
    "Lines: {lines} · units: {units} · begun by {who}",
    "How large is {sku}? Type length x width x height in mm and the weight in g.",
    "For example 200x150x80 350. It is kept for all coming orders.",
    "Use the usual size (an estimate)",
    "Box {number} of {count}: take carton {carton} and scan it.",
    "Box {number} of {count}: any box that fits. Type what it is, or go on.",
    "Box {number} of {count}: it travels as it is.",
    "{units} units go into it, {full} % full.",
    "{units} units go into it.",
    "Go on",
    "Take carton {carton} instead",
    "Box {number}: put {sku} in and scan it.",
    "Box {number}: put {units} × {sku} in and scan it.",
    "Fragile: wrap it, nothing on top.",
    "Lay it {where}.",
    "Fragile: wrap it, nothing on top. Lay it {where}.",
    "No room: the rest into another box",
    "Box {number}: fill, close and weigh it. It should weigh {grams} g.",
    "Box {number}: close and weigh it. About {grams} g (an estimate).",
    "Around it: {filling}.",
    "No scale here",
    "Parcel {parcel}: {carton}.",
    "{units} × {sku}: right.",
    "{units} × {sku}: right, {left} to come.",
    "Parcel {parcel} is packed. Next box.",
    "Parcel {parcel} is packed, and with it order {order}.",
    "It weighs {grams} g and should weigh {wanted} g. Look for what is missing or too much.",
    "The weight is right: close it",
    "The size of {sku} is kept.",
    "The usual size of {sku} is taken.",
    "The rest goes into another box.",
    "Carton {carton} it is.",
)


def count_open(*, place_code: str, actor: Actor) -> int:
    """How many shipments wait to be packed at a place."""
    return count_waiting(place_code=place_code)


def list_open(*, place_code: str, actor: Actor) -> Sequence[OpenTask]:
    """Picked shipments, those that leave first at the top; up to 200. A position on a cart opens its shipment."""
    waiting = list_waiting(place_code=place_code, actor=actor, limit=_MOST_TASKS)
    totes = [one.tote for one in waiting if one.tote]
    return [
        OpenTask(
            task=str(one.fulfilment_id),
            title=one.order_number,
            line=_line(is_begun=one.is_begun, tote=one.tote),
            values={"lines": one.line_count, "units": one.units, "tote": one.tote, "who": one.made_by or ""},
            scan=(
                normalise(text=one.order_number),
                *(tote_codes(tote=one.tote) if totes.count(one.tote) == 1 else ()),
            ),
            taken_by=(one.made_by or "") if one.is_begun else "",
        )
        for one in waiting
    ]


def plan_of(*, task: str, place_code: str, actor: Actor) -> Mapping[str, Any]:
    """The steps of packing a shipment. Raises UnknownTask, UnknownFulfilment, NotPackable."""
    packing = doing.begin_packing(fulfilment_id=_fulfilment_of(task), actor=actor, moment=clock.current_moment())
    if packing.shipment.place_code != place_code:
        raise UnknownTask(task=task)
    return _plan(packing)


def answer(scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Take one step of packing in. Raises NotPackable, PackingChanged, StepNotNow and what the steps raise."""
    packing = doing.hold_packing(fulfilment_id=_fulfilment_of(scan.task), actor=actor, moment=moment)
    if scan.step.startswith("s."):
        return _take_size(scan, packing=packing, actor=actor, moment=moment)
    found = _STEP.fullmatch(scan.step)
    if found is None or int(found[1]) >= len(packing.plan.parcels):
        raise BadScan(part="step", reason="is none of this task")
    index = int(found[1])
    if found[2] == "box":
        return _take_box(scan, packing=packing, index=index, actor=actor, moment=moment)
    if found[2] == "close":
        return _close(scan, packing=packing, index=index, actor=actor, moment=moment)
    if int(found[3]) >= len(packing.plan.parcels[index].contents):
        raise BadScan(part="step", reason="is none of this task")
    return _take_product(scan, packing=packing, index=index, content=int(found[3]), actor=actor, moment=moment)


def _take_size(scan: FloorScan, *, packing: Packing, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    sku = scan.step.removeprefix("s.")
    if sku not in packing.plan.missing:
        raise StepNotNow
    if scan.details.get("choice") == _ESTIMATE:
        after = doing.accept_estimate(packing=packing, sku=sku, actor=actor, moment=moment)
        return _right(after, "The usual size of {sku} is taken.", sku=sku)
    doing.take_size(sku=sku, text=scan.code, actor=actor)
    accepted = {name for name in packing.verified if name.startswith("size.")}
    after = doing.plan_anew(fulfilment_id=packing.shipment.fulfilment_id, actor=actor, moment=moment)
    for name in sorted(accepted):
        after = doing.accept_estimate(packing=after, sku=name.removeprefix("size."), actor=actor, moment=moment)
    return _right(after, "The size of {sku} is kept.", sku=sku)


def _take_box(scan: FloorScan, *, packing: Packing, index: int, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    parcel = packing.plan.parcels[index]
    choice = str(scan.details.get("choice", ""))
    wanted = choice.removeprefix(_CARTON) if choice.startswith(_CARTON) else _scanned_carton(scan, packing=packing)
    changed = packing
    if parcel.carton_code and wanted and wanted != parcel.carton_code:
        changed = doing.change_box(packing=packing, index=index, carton_code=wanted, actor=actor, moment=moment)
    opened = doing.open_box(packing=changed, index=index, actor=actor, moment=moment)
    made = opened.plan.parcels[index]
    values = {"parcel": made.number, "carton": made.carton_name or made.carton_code or "–"}
    # Another box has another picture for each thing in it.
    plan = _plan(opened) if changed is not packing else None
    return ScanAnswer(outcome="right", message="Parcel {parcel}: {carton}.", values=values, plan=plan)


def _scanned_carton(scan: FloorScan, *, packing: Packing) -> str:
    """The code of the carton that was scanned; of codes that differ by case only, the catalogue's."""
    if not scan.code:
        return ""
    code = normalise(text=scan.code)
    known = {normalise(text=one.code): one.code for one in doing.list_cartons_here(packing=packing)}
    return known.get(code, scan.code)


def _take_product(
    scan: FloorScan, *, packing: Packing, index: int, content: int, actor: Actor, moment: dt.datetime
) -> ScanAnswer:
    if scan.details.get("choice") == _REST:
        after = doing.divide(packing=packing, index=index, actor=actor, moment=moment)
        return _right(after, "The rest goes into another box.")
    wanted = packing.plan.parcels[index].contents[content]
    units = _right_product(scan, packing=packing, index=index, content=content)
    after, left = doing.verify(packing=packing, index=index, content=content, units=units, actor=actor, moment=moment)
    values = {
        "units": plain_decimal(number=units),
        "sku": wanted.sku,
        "left": plain_decimal(number=left),
        "step": scan.step,
    }
    message = "{units} × {sku}: right, {left} to come." if left else "{units} × {sku}: right."
    return ScanAnswer(outcome="right", message=message, values=values)


def _right_product(scan: FloorScan, *, packing: Packing, index: int, content: int) -> Decimal:
    """Units of the wanted product in hand. Raises NotInShipment, NotInParcel, and what finding raises."""
    wanted = packing.plan.parcels[index].contents[content]
    product_id, pack = scan.product_id, Decimal(1)
    if scan.code:
        found = find_product(text=scan.code, among=[wanted.product_id])
        product_id, pack = found.product.id, found.pack_units
        if product_id not in {one.product_id for part in packing.plan.parcels for one in part.contents}:
            raise NotInShipment(sku=found.product.sku, name=found.product.name, order=packing.shipment.order_number)
        if product_id != wanted.product_id:
            raise NotInParcel(sku=found.product.sku, wanted=wanted.sku)
    if product_id != wanted.product_id:
        raise BadScan(part="product", reason="is none of this task")
    return pack if scan.units is None else scan.units


def _close(scan: FloorScan, *, packing: Packing, index: int, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    parcel = packing.plan.parcels[index]
    grams = None if scan.details.get("choice") == _UNWEIGHED or scan.units is None else int(scan.units)
    tolerance = doing.tolerance_grams(parcel=parcel)
    is_off = grams is not None and tolerance is not None and abs(grams - parcel.grams) > tolerance
    if is_off and scan.details.get("weight") != "accept":
        return ScanAnswer(
            outcome="wrong",
            message="It weighs {grams} g and should weigh {wanted} g. Look for what is missing or too much.",
            values={"grams": grams, "wanted": parcel.grams},
            choices=(ScanChoice(detail="weight", value="accept", label="The weight is right: close it"),),
        )
    after = doing.close_box(packing=packing, index=index, grams=grams, actor=actor, moment=moment)
    values = {"parcel": parcel.number, "order": packing.shipment.order_number}
    if all(one.is_closed for one in after.plan.parcels):
        message = "Parcel {parcel} is packed, and with it order {order}."
        return ScanAnswer(outcome="done", message=message, values=values)
    return ScanAnswer(outcome="right", message="Parcel {parcel} is packed. Next box.", values=values)


def _right(packing: Packing, message: str, **values: Any) -> ScanAnswer:
    return ScanAnswer(outcome="right", message=message, values=values, plan=_plan(packing))


def _plan(packing: Packing) -> dict[str, Any]:
    steps, done = [], []
    # Sizes are asked for before the first box is opened, never after.
    if not any(one.number for one in packing.plan.parcels):
        for sku in packing.plan.missing:
            steps.append(_size_step(sku))
            if f"size.{sku}" in packing.verified:
                done.append(f"s.{sku}")
    ids = sorted({one.product_id for parcel in packing.plan.parcels for one in parcel.contents})
    codes = expected_codes(product_ids=ids)
    for index, parcel in enumerate(packing.plan.parcels):
        made, finished = _parcel_steps(packing, index=index, parcel=parcel, codes=codes)
        steps += made
        done += finished
    return floor_plan(
        work="pack",
        task=str(packing.shipment.fulfilment_id),
        place_code=packing.shipment.place_code,
        title="Pack order {order}",
        values={"order": packing.shipment.order_number},
        steps=steps,
        done_steps=done,
    )


def _parcel_steps(
    packing: Packing, *, index: int, parcel: PlannedParcel, codes: Mapping[int, Sequence[str]]
) -> tuple[list[dict[str, Any]], list[str]]:
    steps = [_box_step(packing, index=index, parcel=parcel)]
    done = [f"{index}.box"] if parcel.number else []
    for content, one in enumerate(parcel.contents):
        left = one.units - packing.done_units(parcel=index, content=content)
        where = [{"say": word} for word in words_of_place(parcel=parcel, content=content)]
        fragile = any(lies.is_fragile for lies in parcel.lying if lies.content == content)
        steps.append(
            floor_step(
                step=f"{index}.p{content}",
                ask="product",
                prompt="Box {number}: put {sku} in and scan it."
                if one.units == 1
                else "Box {number}: put {units} × {sku} in and scan it.",
                values={
                    "number": index + 1,
                    "sku": one.sku,
                    "units": plain_decimal(number=one.units),
                    "where": where,
                },
                expect=codes.get(one.product_id, ()),
                needs=() if one.units == 1 else ("units",),
                units=None if one.units == 1 else max(left, Decimal(0)),
                hint=_hint(where=where, is_fragile=fragile),
                picture=_picture(packing, index=index, content=content) if parcel.lying else None,
                choices=[{"value": _REST, "label": "No room: the rest into another box"}] if content else (),
                product_id=one.product_id,
                sku=one.sku,
                name=one.name,
                lot=one.lot,
            )
        )
        if left <= 0:
            done.append(f"{index}.p{content}")
    steps.append(_close_step(index=index, parcel=parcel))
    if parcel.is_closed:
        done.append(f"{index}.close")
    return steps, done


def _hint(*, where: Sequence[object], is_fragile: bool) -> str:
    if is_fragile:
        return "Fragile: wrap it, nothing on top. Lay it {where}." if where else "Fragile: wrap it, nothing on top."
    return "Lay it {where}." if where else ""


def _size_step(sku: str) -> dict[str, Any]:
    return floor_step(
        step=f"s.{sku}",
        ask="label",
        prompt="How large is {sku}? Type length x width x height in mm and the weight in g.",
        values={"sku": sku},
        hint="For example 200x150x80 350. It is kept for all coming orders.",
        choices=[{"value": _ESTIMATE, "label": "Use the usual size (an estimate)"}],
        sku=sku,
    )


def _box_step(packing: Packing, *, index: int, parcel: PlannedParcel) -> dict[str, Any]:
    units = sum((one.units for one in parcel.contents), Decimal(0))
    values: dict[str, Any] = {
        "number": index + 1,
        "count": len(packing.plan.parcels),
        "carton": parcel.carton_code,
        "units": plain_decimal(number=units),
    }
    if not parcel.carton_code:
        is_own = packing.plan.has_cartons
        return floor_step(
            step=f"{index}.box",
            ask="choice",
            prompt="Box {number} of {count}: it travels as it is."
            if is_own
            else "Box {number} of {count}: any box that fits. Type what it is, or go on.",
            values=values,
            hint="{units} units go into it.",
            choices=[{"value": _OWN, "label": "Go on"}],
        )
    others = doing.list_able_cartons(packing=packing, index=index)[:_MOST_CARTONS]
    share = parcel.full_share or 0
    return floor_step(
        step=f"{index}.box",
        ask="label",
        prompt="Box {number} of {count}: take carton {carton} and scan it.",
        values=values | {"full": round(100 * share)},
        expect=[normalise(text=one) for one in (parcel.carton_code, *(other.code for other in others))],
        hint="{units} units go into it, {full} % full.",
        picture=_picture(packing, index=index, content=None),
        choices=[_other(one) for one in others],
        name=parcel.carton_name,
        details={"carton": parcel.carton_code},
    )


def _other(carton: CartonRow) -> dict[str, str]:
    return {"value": f"{_CARTON}{carton.code}", "label": f"{carton.code} · {carton.name}"}


def _close_step(*, index: int, parcel: PlannedParcel) -> dict[str, Any]:
    filling = [{"say": FILLING_TEMPLATES[one.material], "values": {"amount": one.amount}} for one in parcel.filling]
    return floor_step(
        step=f"{index}.close",
        ask="units",
        prompt="Box {number}: close and weigh it. About {grams} g (an estimate)."
        if parcel.is_estimate
        else "Box {number}: fill, close and weigh it. It should weigh {grams} g.",
        values={"number": index + 1, "grams": parcel.grams, "filling": filling},
        units=Decimal(parcel.grams),
        unit_word="g",
        hint="Around it: {filling}." if filling else "",
        choices=[{"value": _UNWEIGHED, "label": "No scale here"}],
    )


def _picture(packing: Packing, *, index: int, content: int | None) -> str:
    """The address of the drawing: the box alone, or with all that is in it by then."""
    frame = 0 if content is None else content + 1
    return picture_path(fulfilment_id=packing.shipment.fulfilment_id, parcel=index, frame=frame)


def _line(*, is_begun: bool, tote: int) -> str:
    if is_begun:
        return "Lines: {lines} · units: {units} · begun by {who}"
    return "Lines: {lines} · units: {units} · position {tote}" if tote else "Lines: {lines} · units: {units}"


def _fulfilment_of(task: str) -> int:
    if not task.isdecimal() or len(task) > 18:
        raise UnknownTask(task=task[:40])
    return int(task)
