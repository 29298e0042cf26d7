"""Goods that come without an order of ours, counted in for their owner: `self`, or a shop that we store for."""

import datetime as dt
from typing import Any, Final

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.keeping_apart import keep_apart
from reorder.domain.inventory.owners import require_owner
from reorder.domain.inventory.queries import find_place
from reorder.domain.inventory.rules import OWN_GOODS, SUPPLIER, NewMove, stock_of
from reorder.domain.planning import operations as planning
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.flows.floor.errors import UnknownTask
from reorder.flows.floor.finding import find_product
from reorder.flows.floor.goods_in import GoodsIn, apart, goods_of
from reorder.flows.floor.plans import floor_plan, floor_step
from reorder.flows.floor.values import FloorScan, ScanAnswer
from reorder.flows.owners.products import refuse_wrong_owner
from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import plain_decimal

BLIND_TEMPLATES: Final = (
    "Receive without an order",
    "Receive for {owner}",
    "Scan a product",
    "Delivery done",
    "{units} × {name} taken in.",
    "{units} × {name} taken in and kept apart. Put them on the shelf for quarantine.",
    "{units} × {name} not taken in. Give them back to the driver.",
    "All of this delivery is in.",
)
(_TITLE, _TITLE_FOR, _SCAN, _FINISH, _TAKEN, _APART, _SENT_BACK, _DONE) = BLIND_TEMPLATES


def plan_blind(*, task: str, place_code: str) -> dict[str, Any]:
    """One step that takes any product, again and again; raises UnknownTask for a place that is none of ours."""
    if find_place(code=place_code) is None:
        raise UnknownTask(task=task)
    owner = owner_of(task)
    return floor_plan(
        work="receive",
        task=task,
        place_code=place_code,
        title=_TITLE if owner == OWN_GOODS else _TITLE_FOR,
        values={"owner": owner},
        mode="any_order",
        steps=[
            floor_step(step="goods", ask="product", prompt=_SCAN, needs=("units",), details={"again": True}),
            floor_step(step="finish", ask="choice", prompt=_FINISH, choices=[{"value": "finish", "label": _FINISH}]),
        ],
    )


def answer_blind(*, scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Book goods that nobody ordered here; part of the caller's transaction. Errors as in `goods_in`.

    Raises UnknownOwner, OwnerClosed, and WrongOwner for goods that belong to somebody else.
    """
    if scan.step == "finish":
        return ScanAnswer(outcome="done", message=_DONE)
    owner = owner_of(scan.task)
    require_owner(code=owner)
    found = find_product(text=scan.code)
    refuse_wrong_owner(product_id=found.product.id, sku=found.product.sku, wanted=owner)
    goods = goods_of(found=found, scan=scan, owner=owner, actor=actor, moment=moment)
    if isinstance(goods, ScanAnswer):
        return goods
    if goods.treatment == "refuse":
        return _told(_SENT_BACK, goods=goods)
    inventory.record_moves(moves=[_move(goods, scan=scan, owner=owner, moment=moment)])
    if goods.treatment == "quarantine":
        keep_apart(goods=apart(goods=goods, scan=scan, owner=owner))
    planning.mark_dirty(kind="position", subject_keys=[f"{goods.product.sku}|{scan.place_code}"])
    record_audit(
        actor=actor.name,
        action="warehouse.receive_blind",
        subject_kind="product",
        subject_key=goods.product.sku,
        details={"units": str(goods.units), "place": scan.place_code, "owner": owner, "lot": goods.lot},
    )
    return _told(_APART if goods.treatment == "quarantine" else _TAKEN, goods=goods)


def owner_of(task: str) -> str:
    """Whose goods a blind receipt takes in."""
    return task.partition(":")[2].strip() or OWN_GOODS


def _told(template: str, *, goods: GoodsIn) -> ScanAnswer:
    return ScanAnswer(
        outcome="right",
        message=template,
        values={"name": goods.product.name, "units": plain_decimal(number=goods.units)},
    )


def _move(goods: GoodsIn, *, scan: FloorScan, owner: str, moment: dt.datetime) -> NewMove:
    return NewMove(
        key=idempotency_key("receive_blind", scan.key),
        kind="receipt",
        product_id=goods.product.id,
        units=goods.units,
        source=SUPPLIER,
        target=stock_of(place_code=scan.place_code),
        cause_kind="blind_receipt",
        cause_key=scan.task,
        happened_at=moment,
        owner=owner,
        lot=goods.lot,
        expires_date=goods.expires_date,
    )
