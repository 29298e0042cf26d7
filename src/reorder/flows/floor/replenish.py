"""Filling pick faces from bulk: take so many of a lot from its bulk bin, bring them to the face.

A task is the code of the pick face. What goes off first is brought first; each lot brought is one move.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from reorder.domain.catalog.scanned import list_scanned_products
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.bin_stock import list_in_bins
from reorder.domain.warehouse.bins import place_of_bin
from reorder.domain.warehouse.errors import NotInBin, UnknownBin
from reorder.domain.warehouse.pick_faces import BulkTake, FaceNeed, Refill, list_needs, refill_face
from reorder.flows.floor.codes import normalise
from reorder.flows.floor.errors import BadScan, UnknownTask, WrongThing
from reorder.flows.floor.finding import expected_codes, find_product
from reorder.flows.floor.goods_in import refuse_bad_units
from reorder.flows.floor.plans import floor_plan, floor_step, goods_key
from reorder.flows.floor.values import FloorScan, OpenTask, ScanAnswer
from reorder.kernel.ids import idempotency_key

_MOST_TASKS: Final = 200
# Sentences of plans, answers and lists, for who translates them.
TEMPLATES: Final = (
    "Fill {bin}",
    "Take {sku} from {source}, then scan {bin}.",
    "Lot {lot}, to be picked first.",
    "{there} of {most} left; bring {units}.",
    "{there} of {most} left; bulk has none.",
    "{units} units of {sku} are in {bin}.",
    "{units} units of {sku} are in {bin}; it is filled.",
)


def count_open(*, place_code: str, actor: Actor) -> int:
    """Pick faces that run low and that bulk can fill."""
    return sum(bool(one.takes) for one in list_needs(place_code=place_code))


def list_open(*, place_code: str, actor: Actor) -> Sequence[OpenTask]:
    """Pick faces that run low, the emptiest first; those that bulk cannot fill are said, last."""
    needs = sorted(list_needs(place_code=place_code), key=lambda one: not one.takes)[:_MOST_TASKS]
    return [
        OpenTask(
            task=one.bin_code,
            title=f"{one.bin_code} · {one.name}",
            line="{there} of {most} left; bring {units}." if one.takes else "{there} of {most} left; bulk has none.",
            values={
                "there": one.there_units,
                "most": one.max_units,
                "units": sum((take.units for take in one.takes), Decimal(0)),
            },
            scan=(one.bin_code,),
            is_urgent=one.there_units == 0,
        )
        for one in needs
    ]


def plan_of(*, task: str, place_code: str, actor: Actor) -> Mapping[str, Any]:
    """A step for each lot and bulk bin to take from. Raises UnknownTask."""
    bin_code = normalise(text=task)
    try:
        is_here = place_of_bin(code=bin_code) == place_code
    except UnknownBin:
        is_here = False
    if not is_here:
        raise UnknownTask(task=task)
    needs = list_needs(place_code=place_code, bin_code=bin_code)
    codes = expected_codes(product_ids=[one.product_id for one in needs])
    steps = [
        _step(need=need, take=take, expect=codes.get(need.product_id, [])) for need in needs for take in need.takes
    ]
    return floor_plan(
        work="replenish",
        task=bin_code,
        place_code=place_code,
        title="Fill {bin}",
        values={"bin": bin_code},
        steps=steps,
    )


def answer(scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Bring what was taken from the bulk bin of the step to the pick face. Errors as of `refill_face`."""
    target = normalise(text=scan.task)
    if not scan.bin_code:
        raise BadScan(part="bin", reason="is missing")
    if normalise(text=scan.bin_code) != target:
        raise WrongThing(found=scan.bin_code, wanted_code=target)
    source, key = _step_parts(scan.step)
    product_id = _product_id(scan, target=target)
    product = list_scanned_products(product_ids=[product_id])[product_id]
    if scan.units is None:
        raise BadScan(part="units", reason="are missing")
    refuse_bad_units(product=product, units=scan.units)
    there = [
        one
        for one in list_in_bins(place_code=scan.place_code, product_ids=[product_id])
        if one.bin_code == source and goods_key(owner=one.owner, lot=one.lot) == key
    ]
    if not there:
        raise NotInBin(bin=source, wanted=scan.units, there=0)
    refill_face(
        refill=Refill(
            key=idempotency_key("replenish", scan.key),
            place_code=scan.place_code,
            product_id=product_id,
            source=source,
            target=target,
            units=scan.units,
            owner=there[0].owner,
            lot=there[0].lot,
            actor=actor.name,
            happened_at=min(scan.scanned_at, moment),
        )
    )
    plan = plan_of(task=target, place_code=scan.place_code, actor=actor)
    values = {"units": scan.units, "sku": product.sku, "bin": target}
    if not plan["steps"]:
        return ScanAnswer(outcome="done", message="{units} units of {sku} are in {bin}; it is filled.", values=values)
    return ScanAnswer(outcome="right", message="{units} units of {sku} are in {bin}.", values=values, plan=plan)


def _product_id(scan: FloorScan, *, target: str) -> int:
    if not scan.code:
        if scan.product_id is None:
            raise BadScan(part="code", reason="is missing")
        return scan.product_id
    kept = {one.product_id: one.sku for one in list_needs(place_code=scan.place_code, bin_code=target)}
    found = find_product(text=scan.code, among=list(kept)).product
    if found.id not in kept:
        raise WrongThing(found=found.sku, wanted_code=", ".join(kept.values()) or target)
    return found.id


def _step(*, need: FaceNeed, take: BulkTake, expect: Sequence[str]) -> dict[str, Any]:
    values = {"sku": need.sku, "source": take.bin_code, "bin": need.bin_code, "lot": take.lot}
    return floor_step(
        step=f"{goods_key(owner=take.owner, lot=take.lot)}@{take.bin_code}",
        ask="product",
        prompt="Take {sku} from {source}, then scan {bin}.",
        values=values,
        expect=expect,
        needs=["units", "bin"],
        units=take.units,
        hint="Lot {lot}, to be picked first." if take.lot else "",
        product_id=need.product_id,
        sku=need.sku,
        name=need.name,
        bin_code=take.bin_code,
        lot=take.lot,
    )


def _step_parts(step: str) -> tuple[str, str]:
    """The bulk bin and the key of owner and lot that a step is about."""
    key, _at, source = step.partition("@")
    if not source:
        raise BadScan(part="step", reason="is none of this task")
    return source, key
