"""Putting goods away: what stands in no bin is scanned, carried to the bin that was suggested or another that fits.

A task is a product (`p` and its number): all its lots that wait at the place. The task `any` begins with whatever
is in hand.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from reorder.domain.catalog.scanned import ScannedProduct, list_scanned_products
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.bin_stock import LooseGoods, list_loose
from reorder.domain.warehouse.errors import NotThatManyLoose
from reorder.domain.warehouse.putting_away import GoodsSuggested, PutAway, put_away, suggest_bins
from reorder.flows.floor.codes import normalise
from reorder.flows.floor.errors import BadScan, UnknownTask, WrongThing
from reorder.flows.floor.finding import expected_codes, find_product, product_details
from reorder.flows.floor.goods_in import refuse_bad_units
from reorder.flows.floor.plans import floor_plan, floor_step, goods_key
from reorder.flows.floor.values import FloorScan, OpenTask, ScanAnswer, ScanChoice
from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import plain_decimal

ANY: Final = "any"
_MOST_TASKS: Final = 200
_FREE_STEP: Final = "find"
# Sentences of plans, answers and lists, for who translates them.
TEMPLATES: Final = (
    "Put away",
    "Put {sku} away",
    "Scan what you put away.",
    "Scan {sku}, then the bin.",
    "Suggested: bin {bin}, {reason}.",
    "No bin with room is known: scan a bin that fits.",
    "{units} units, {lots} lots",
    "{units} units of {sku} are in {bin}.",
    "{units} units of {sku} are in {bin}; all of it is put away.",
    "{sku} waits in {count} lots. Which one is in your hand?",
    "Lot {lot} of {owner}",
    "Lot {lot}",
    "without a lot",
    "{sku} is the product to be put away.",
)


def count_open(*, place_code: str, actor: Actor) -> int:
    """How many products wait at a place."""
    return len({one.product_id for one in list_loose(place_code=place_code)})


def list_open(*, place_code: str, actor: Actor) -> Sequence[OpenTask]:
    """Products that wait at a place, those with most units first; up to 200."""
    waiting = _by_product(list_loose(place_code=place_code))
    chosen = sorted(waiting, key=lambda one: (-sum(lot.units for lot in waiting[one]), one))[:_MOST_TASKS]
    products = list_scanned_products(product_ids=chosen)
    codes = expected_codes(product_ids=chosen)
    return [
        OpenTask(
            task=task_of(product_id=one),
            title=f"{products[one].sku} · {products[one].name}",
            line="{units} units, {lots} lots",
            values={
                "units": plain_decimal(number=sum((lot.units for lot in waiting[one]), Decimal(0))),
                "lots": len(waiting[one]),
            },
            scan=tuple(codes.get(one, ())),
        )
        for one in chosen
    ]


def task_of(*, product_id: int) -> str:
    """The task of a product."""
    return f"p{product_id}"


def plan_of(*, task: str, place_code: str, actor: Actor) -> Mapping[str, Any]:
    """A step for each bin that was suggested for each lot of the product. Raises UnknownTask."""
    if task == ANY:
        step = floor_step(step=_FREE_STEP, ask="product", prompt="Scan what you put away.")
        return floor_plan(work="put_away", task=ANY, place_code=place_code, title="Put away", steps=[step])
    product = _product_of(task)
    codes = expected_codes(product_ids=[product.id])[product.id]
    steps = [
        step
        for suggested in suggest_bins(place_code=place_code, product_id=product.id)
        for step in _steps(product=product, suggested=suggested, codes=codes)
    ]
    return floor_plan(
        work="put_away",
        task=task,
        place_code=place_code,
        title="Put {sku} away",
        values={"sku": product.sku},
        steps=steps,
    )


def answer(scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Put the scanned units of the product into the scanned bin; any bin where they fit will do."""
    product = _scanned(scan)
    if scan.task == ANY and not scan.bin_code:
        return _begin(scan=scan, product=product, actor=actor)
    waiting = list_loose(place_code=scan.place_code, product_ids=[product.id])
    lots = [one for one in waiting if _is_meant(one, scan=scan)]
    if not lots:
        wanted, there = scan.units or 0, sum((one.units for one in waiting), Decimal(0))
        raise NotThatManyLoose(place=scan.place_code, wanted=wanted, there=there)
    if len(lots) > 1:
        return _ask_lot(product=product, lots=lots)
    units, bin_code = _units(scan, product=product), _bin(scan)
    put_away(
        put=PutAway(
            key=idempotency_key("put_away", scan.key),
            place_code=scan.place_code,
            product_id=product.id,
            units=units,
            bin_code=bin_code,
            actor=actor.name,
            happened_at=min(scan.scanned_at, moment),
            owner=lots[0].owner,
            lot=lots[0].lot,
            expires_date=lots[0].expires_date,
        )
    )
    return _done(scan=scan, product=product, units=units, bin_code=bin_code, actor=actor)


def _begin(*, scan: FloorScan, product: ScannedProduct, actor: Actor) -> ScanAnswer:
    if not list_loose(place_code=scan.place_code, product_ids=[product.id]):
        raise NotThatManyLoose(place=scan.place_code, wanted=1, there=0)
    plan = plan_of(task=task_of(product_id=product.id), place_code=scan.place_code, actor=actor)
    return ScanAnswer(
        outcome="right", message="{sku} is the product to be put away.", values={"sku": product.sku}, plan=plan
    )


def _done(*, scan: FloorScan, product: ScannedProduct, units: Decimal, bin_code: str, actor: Actor) -> ScanAnswer:
    values = {"units": units, "sku": product.sku, "bin": bin_code}
    if not list_loose(place_code=scan.place_code, product_ids=[product.id]):
        return ScanAnswer(
            outcome="done", message="{units} units of {sku} are in {bin}; all of it is put away.", values=values
        )
    plan = plan_of(task=task_of(product_id=product.id), place_code=scan.place_code, actor=actor)
    return ScanAnswer(outcome="right", message="{units} units of {sku} are in {bin}.", values=values, plan=plan)


def _ask_lot(*, product: ScannedProduct, lots: Sequence[LooseGoods]) -> ScanAnswer:
    owners = {one.owner for one in lots}
    choices = tuple(
        ScanChoice(
            detail="goods",
            value=goods_key(owner=one.owner, lot=one.lot),
            label="without a lot" if not one.lot else "Lot {lot} of {owner}" if len(owners) > 1 else "Lot {lot}",
            values={"lot": one.lot, "owner": one.owner},
        )
        for one in lots
    )
    return ScanAnswer(
        outcome="wrong",
        message="{sku} waits in {count} lots. Which one is in your hand?",
        values={"sku": product.sku, "count": len(lots)},
        choices=choices,
    )


def _is_meant(one: LooseGoods, *, scan: FloorScan) -> bool:
    """Whether a scan can mean this lot: by what was chosen, by the step, by the lot on the label."""
    named = goods_key(owner=one.owner, lot=one.lot)
    chosen = str(scan.details.get("goods", ""))
    if chosen:
        return named == chosen
    if scan.lot:
        return one.lot == scan.lot
    key = scan.step.rpartition("@")[0]
    return not key or named == key


def _units(scan: FloorScan, *, product: ScannedProduct) -> Decimal:
    if scan.units is None:
        raise BadScan(part="units", reason="are missing")
    refuse_bad_units(product=product, units=scan.units)
    return scan.units


def _bin(scan: FloorScan) -> str:
    if not scan.bin_code:
        raise BadScan(part="bin", reason="is missing")
    return normalise(text=scan.bin_code)


def _scanned(scan: FloorScan) -> ScannedProduct:
    """The product in hand; where a task is for one product, another one is refused. Raises UnknownTask, BadScan."""
    meant = None if scan.task == ANY else _product_of(scan.task)
    if scan.code:
        among = [meant.id] if meant else None
        found = find_product(text=scan.code, among=among).product
        if meant and found.id != meant.id:
            raise WrongThing(found=found.sku, wanted_code=meant.sku)
        return found
    if scan.product_id is not None:
        return _product_of(task_of(product_id=scan.product_id))
    if meant is None:
        raise BadScan(part="code", reason="is missing")
    return meant


def _product_of(task: str) -> ScannedProduct:
    number = task.removeprefix("p")
    if not task.startswith("p") or not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise UnknownTask(task=task)
    found = list_scanned_products(product_ids=[int(number)]).get(int(number))
    if found is None:
        raise UnknownTask(task=task)
    return found


def _steps(*, product: ScannedProduct, suggested: GoodsSuggested, codes: Sequence[str]) -> list[dict[str, Any]]:
    goods = suggested.goods
    key = goods_key(owner=goods.owner, lot=goods.lot)
    rows = [(one.bin_code, one.units, one.reason) for one in suggested.plan.suggestions]
    if suggested.plan.left_units > 0:
        rows.append(("", suggested.plan.left_units, ""))
    return [
        floor_step(
            step=f"{key}@{code}",
            ask="product",
            prompt="Scan {sku}, then the bin.",
            values={"sku": product.sku, "bin": code, "reason": reason},
            expect=codes,
            needs=["units", "bin"],
            units=units,
            hint="Suggested: bin {bin}, {reason}." if code else "No bin with room is known: scan a bin that fits.",
            bin_code=code,
            lot=goods.lot,
            **product_details(product=product),
        )
        for code, units, reason in rows
    ]


def _by_product(loose: Sequence[LooseGoods]) -> dict[int, list[LooseGoods]]:
    found: dict[int, list[LooseGoods]] = {}
    for one in loose:
        found.setdefault(one.product_id, []).append(one)
    return found
