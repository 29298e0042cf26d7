"""Receiving by scans: against a purchase order, or blind; each right scan is booked at once, so that it can be sold.

A task is the number of a purchase order, or `blind:<owner>` for goods that nobody ordered here (ours or another
shop's). More than was ordered, a lot that went off or keeps too short, and a pack that nobody knows are questions.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from reorder.domain.catalog.scanned import list_scanned_products
from reorder.domain.catalog.units import units_of_products
from reorder.domain.inventory.keeping_apart import keep_apart
from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.purchasing import operations
from reorder.domain.purchasing import queries as purchasing
from reorder.domain.purchasing.delivery_faults import DeliveryFault
from reorder.domain.purchasing.errors import UnknownPurchaseOrder
from reorder.domain.purchasing.queries import OrderLineRow, PurchaseOrderRow
from reorder.domain.staff.rules import Actor
from reorder.flows import restock
from reorder.flows.floor.codes import normalise
from reorder.flows.floor.errors import NothingMissing, NotOnOrder, UnknownTask
from reorder.flows.floor.finding import expected_codes, find_product
from reorder.flows.floor.goods_in import GoodsIn, apart, goods_of
from reorder.flows.floor.plans import floor_plan, floor_step
from reorder.flows.floor.receive_blind import answer_blind, plan_blind
from reorder.flows.floor.values import FloorScan, OpenTask, ScanAnswer, ScanChoice
from reorder.flows.shop_day import shop_date
from reorder.kernel import clock
from reorder.kernel.quantity import plain_decimal

OPEN_STATES: Final = ("placed", "partly_received")
BLIND: Final = "blind:"
FINISH: Final = "finish"
_LISTED: Final = 100
_NAMED: Final = 4

RECEIVE_TEMPLATES: Final = (
    "Receive {number} · {supplier}",
    "Scan {name}",
    "Delivery done",
    "{supplier} · {lines} lines · due {date}",
    "{units} × {name} taken in. {left} still to come.",
    "{units} × {name} taken in. All of it is here.",
    "{units} × {name} taken in, {extra} more than ordered.",
    "{units} × {name} taken in and kept apart. Put them on the shelf for quarantine.",
    "{units} × {name} not taken in. Give them back to the driver.",
    "{name}: {extra} more than ordered ({missing} still to come). What with the rest?",
    "Take all {units} in",
    "Take {missing}, give {extra} back",
    "{number} is complete.",
    "{number}: {count} products are not complete. Still to come: {list}.",
)
(
    TITLE,
    _SCAN,
    _FINISH,
    _LINE,
    _TAKEN,
    _TAKEN_ALL,
    _TAKEN_EXTRA,
    _APART,
    _SENT_BACK,
    _EXTRA,
    _EXTRA_TAKE,
    _EXTRA_ONLY,
    _DONE,
    _DONE_SHORT,
) = RECEIVE_TEMPLATES


def count_open(*, place_code: str, actor: Actor) -> int:
    """Purchase orders that a place still waits for."""
    return purchasing.count_open_orders(
        today=shop_date(moment=clock.current_moment()), place_codes=[place_code]
    ).open_count


def list_open(*, place_code: str, actor: Actor) -> list[OpenTask]:
    """Purchase orders that a place waits for, the next due first."""
    today = shop_date(moment=clock.current_moment())
    rows = purchasing.list_order_page(tab="open", today=today, size=_LISTED, place_codes=[place_code])
    return [
        OpenTask(
            task=row.number,
            title=row.number,
            line=_LINE,
            values={"supplier": row.supplier_name, "lines": row.lines_count, "date": row.expected_date.isoformat()},
            scan=(normalise(text=row.number),),
            is_urgent=row.expected_date < today,
        )
        for row in rows
    ]


def plan_of(*, task: str, place_code: str, actor: Actor) -> dict[str, Any]:
    """A step for each product of the order, in any order; raises UnknownTask, NothingMissing."""
    if task.startswith(BLIND):
        return plan_blind(task=task, place_code=place_code)
    order = _get_order(task=task, place_code=place_code)
    return _plan(order)


def answer(scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Book what was scanned, or say why not; the step `finish` tells what is short. See `handlers`."""
    if scan.task.startswith(BLIND):
        return answer_blind(scan=scan, actor=actor, moment=moment)
    order = _get_order(task=scan.task, place_code=scan.place_code)
    if scan.step == FINISH:
        return _finish(order)
    # What is missing stays as it is read here until the scan is booked: two people may take in one delivery.
    order = operations.lock_purchase_order(number=order.number)
    if order.state not in OPEN_STATES:
        raise NothingMissing(number=order.number, state=order.state.replace("_", " "))
    found = find_product(text=scan.code, among=[line.product_id for line in order.lines])
    line = next((one for one in order.lines if one.product_id == found.product.id), None)
    if line is None:
        raise NotOnOrder(name=found.product.name, sku=found.product.sku, number=order.number)
    goods = goods_of(found=found, scan=scan, owner=OWN_GOODS, actor=actor, moment=moment)
    if isinstance(goods, ScanAnswer):
        return goods
    return _take_in(order=order, line=line, goods=goods, scan=scan, actor=actor, moment=moment)


def _take_in(
    *, order: PurchaseOrderRow, line: OrderLineRow, goods: GoodsIn, scan: FloorScan, actor: Actor, moment: dt.datetime
) -> ScanAnswer:
    told = str(scan.details.get("extra", ""))
    extra = goods.units - line.missing_units
    if extra > 0 and told not in {"take", "only"}:
        return _ask_extra(line=line, goods=goods, extra=extra)
    if extra > 0 and told == "only":
        goods = replace(goods, units=line.missing_units)
    if goods.units <= 0:
        return _told(_SENT_BACK, line=line, goods=goods, units=extra)
    is_refused = goods.treatment == "refuse"
    received = restock.receive(
        number=order.number,
        received_at=moment,
        idempotency_key=scan.key,
        lines={} if is_refused else {line.sku: goods.units},
        lot=goods.lot,
        expires_date=goods.expires_date,
        received_by=actor.name,
        faults=[_refused(line=line, goods=goods)] if is_refused else [],
    )
    if is_refused:
        return _told(_SENT_BACK, line=line, goods=goods)
    if goods.treatment == "quarantine":
        keep_apart(goods=apart(goods=goods, scan=scan, owner=OWN_GOODS))
    after = next(one for one in received.order.lines if one.id == line.id)
    return _told(_words(goods=goods, after=after, extra=extra, told=told), line=after, goods=goods, extra=extra)


def _words(*, goods: GoodsIn, after: OrderLineRow, extra: Decimal, told: str) -> str:
    if goods.treatment == "quarantine":
        return _APART
    if extra > 0 and told == "take":
        return _TAKEN_EXTRA
    return _TAKEN if after.missing_units > 0 else _TAKEN_ALL


def _finish(order: PurchaseOrderRow) -> ScanAnswer:
    short = [line for line in order.lines if line.missing_units > 0]
    if not short:
        return ScanAnswer(outcome="done", message=_DONE, values={"number": order.number})
    named = ", ".join(f"{line.sku} {plain_decimal(number=line.missing_units)}" for line in short[:_NAMED])
    return ScanAnswer(
        outcome="done",
        message=_DONE_SHORT,
        values={"number": order.number, "count": len(short), "list": named + (" …" if len(short) > _NAMED else "")},
    )


def _ask_extra(*, line: OrderLineRow, goods: GoodsIn, extra: Decimal) -> ScanAnswer:
    values = {
        "name": line.product_name,
        "extra": plain_decimal(number=extra),
        "missing": plain_decimal(number=line.missing_units),
        "units": plain_decimal(number=goods.units),
    }
    return ScanAnswer(
        outcome="wrong",
        message=_EXTRA,
        values=values,
        choices=(
            ScanChoice(detail="extra", value="take", label=_EXTRA_TAKE, values=values),
            ScanChoice(detail="extra", value="only", label=_EXTRA_ONLY, values=values),
        ),
    )


def _told(
    template: str, *, line: OrderLineRow, goods: GoodsIn, units: Decimal | None = None, extra: Decimal = Decimal(0)
) -> ScanAnswer:
    return ScanAnswer(
        outcome="right",
        message=template,
        values={
            "name": line.product_name,
            "units": plain_decimal(number=goods.units if units is None else units),
            "left": plain_decimal(number=line.missing_units),
            "extra": plain_decimal(number=max(extra, Decimal(0))),
            "step": step_of(line.product_id),
        },
    )


def _refused(*, line: OrderLineRow, goods: GoodsIn) -> DeliveryFault:
    day = goods.expires_date.isoformat() if goods.expires_date else ""
    return DeliveryFault(sku=line.sku, kind="quality_refused", units=goods.units, note=f"{goods.lot} {day}".strip())


def step_of(product_id: int) -> str:
    """The step of a product in a plan."""
    return f"product-{product_id}"


def _plan(order: PurchaseOrderRow) -> dict[str, Any]:
    ids = [line.product_id for line in order.lines]
    products, codes, packs = (
        list_scanned_products(product_ids=ids),
        expected_codes(product_ids=ids),
        units_of_products(product_ids=ids),
    )
    steps = [
        _step(line, goes_off=bool(products[line.product_id].shelf_life_days), codes=codes, packs=packs)
        for line in order.lines
    ]
    steps.append(floor_step(step=FINISH, ask="choice", prompt=_FINISH, choices=[{"value": "finish", "label": _FINISH}]))
    return floor_plan(
        work="receive",
        task=order.number,
        place_code=order.place_code,
        title=TITLE,
        values={"number": order.number, "supplier": order.supplier_name},
        steps=steps,
        done_steps=[step_of(line.product_id) for line in order.lines if line.missing_units == 0],
        mode="any_order",
    )


def _step(
    line: OrderLineRow, *, goes_off: bool, codes: Mapping[int, Sequence[str]], packs: Mapping[int, Sequence[Any]]
) -> dict[str, Any]:
    return floor_step(
        step=step_of(line.product_id),
        ask="product",
        prompt=_SCAN,
        values={"name": line.product_name},
        expect=codes.get(line.product_id, ()),
        needs=("units", "lot", "expires") if goes_off else ("units",),
        units=line.missing_units,
        product_id=line.product_id,
        sku=line.sku,
        name=line.product_name,
        details={
            "ordered": plain_decimal(number=line.ordered_units),
            "packs": [[row.code, plain_decimal(number=row.units)] for row in packs.get(line.product_id, ())],
        },
    )


def _get_order(*, task: str, place_code: str) -> PurchaseOrderRow:
    try:
        order = purchasing.get_purchase_order(number=task)
    except UnknownPurchaseOrder:
        raise UnknownTask(task=task) from None
    if order.place_code != place_code:
        raise UnknownTask(task=task)
    if order.state not in (*OPEN_STATES, "received"):
        raise NothingMissing(number=order.number, state=order.state.replace("_", " "))
    return order
