"""Goods that come back, at the dock: the parcel's number is scanned, then every product in it, then each is looked at.

A task is the id of a return, or `new` for a parcel whose number is to be scanned first. Nothing that comes back is sold
before somebody has graded it; grading is offered as soon as all is scanned.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import get_language

from reorder.domain.inventory.shipped import list_shipped_lots
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.return_errors import UnknownReturn
from reorder.domain.warehouse.return_rule_book import GradeRow, list_grades
from reorder.domain.warehouse.return_rules import GRADES, RECEIVABLE
from reorder.domain.warehouse.returns import HeldReturn, PieceRow, get_held_return, list_sold_goods
from reorder.flows import returns
from reorder.flows.floor.codes import normalise
from reorder.flows.floor.errors import UnknownTask
from reorder.flows.floor.finding import expected_codes, find_product
from reorder.flows.floor.plans import floor_plan, floor_step
from reorder.flows.floor.values import FloorScan, OpenTask, ScanAnswer
from reorder.insights.returns import count_awaited_returns, list_awaited_returns
from reorder.kernel.quantity import plain_decimal

NEW: Final = "new"
FIND: Final = "find"
GOODS: Final = "goods"
FINISH: Final = "finish"
_WHERE: Final = " ({bin})"
# Every sentence of this work, so that the translations know them.
RETURN_TEMPLATES: Final = (
    "Return {number}",
    "A parcel that comes back",
    "Scan the number on the parcel, or type the order number",
    "The return number (RMA), the tracking number, or the number of the order.",
    "Scan {name}",
    "Scan what else is in the parcel",
    "The parcel is empty",
    "How is {name}? {units} units",
    "Order {order} · {units} units",
    "Return {number}. Scan what is in the parcel.",
    "{units} × {name} taken in, kept apart until it is graded.",
    "{number} is received. Say how the goods are.",
    "{number} is inspected. The order desk gives the money back.",
)
(
    _TITLE,
    _TITLE_NEW,
    _SCAN_PARCEL,
    _HINT_PARCEL,
    _SCAN_GOODS,
    _SCAN_OTHER,
    _FINISH,
    _GRADE,
    _LINE,
    _FOUND,
    _TAKEN,
    _RECEIVED,
    _DONE,
) = RETURN_TEMPLATES
GRADED_TEMPLATES: Final = {
    "restock": "{name}: back to stock. Put it away.",
    "refurbish": "{name}: to be mended. Keep it apart{where}.",
    "quarantine": "{name}: into quarantine{where}.",
    "supplier": "{name}: goes back to its supplier. Keep it apart{where}.",
    "scrap": "{name}: thrown away.",
}


def count_open(*, place_code: str, actor: Actor) -> int:
    """Returns whose goods a place waits for, or has to look at."""
    return count_awaited_returns(place_code=place_code)


def list_open(*, place_code: str, actor: Actor) -> list[OpenTask]:
    """Returns that goods may come for, or whose goods wait to be graded; a parcel nobody announced comes first."""
    first = OpenTask(task=NEW, title="RMA", line=_SCAN_PARCEL)
    rows = list_awaited_returns(place_code=place_code)
    return [first] + [
        OpenTask(
            task=str(row.id),
            title=row.number,
            line=_LINE,
            values={"order": row.order_number, "units": plain_decimal(number=row.units)},
            scan=tuple(normalise(text=one) for one in (row.number, row.tracking_number) if one),
            is_urgent=row.state == "received",
        )
        for row in rows
    ]


def plan_of(*, task: str, place_code: str, actor: Actor) -> dict[str, Any]:
    """The steps of a return: its goods in any order, the end of the parcel, then a grade for each piece.

    Raises UnknownTask.
    """
    if task == NEW:
        find = floor_step(step=FIND, ask="parcel", prompt=_SCAN_PARCEL, hint=_HINT_PARCEL)
        return floor_plan(
            work="return", task=NEW, place_code=place_code, title=_TITLE_NEW, steps=[find], details={"waits": True}
        )
    return _plan(_get(task=task, place_code=place_code, actor=actor))


def answer(scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Take a scan in; wrong goods, too many and unknown parcels are errors that change nothing. See `handlers`."""
    if scan.task == NEW or scan.step == FIND:
        return _find(scan=scan, actor=actor, moment=moment)
    held = _get(task=scan.task, place_code=scan.place_code, actor=actor)
    if scan.step == FINISH:
        after = returns.finish_receiving(return_id=held.id, actor=actor, moment=moment)
        return ScanAnswer(outcome="right", message=_RECEIVED, values={"number": after.number}, plan=_plan(after))
    if scan.step.startswith("grade-"):
        return _grade(held=held, scan=scan, actor=actor, moment=moment)
    return _take_in(held=held, scan=scan, actor=actor, moment=moment)


def _find(*, scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    return_id = returns.open_by_scan(code=scan.code, place_code=scan.place_code, actor=actor, moment=moment)
    held = get_held_return(return_id=return_id)
    return ScanAnswer(
        outcome="done",
        message=_FOUND,
        values={"number": held.number, "next_url": f"/floor/return/{held.id}/"},
        plan=_plan(held),
    )


def _take_in(*, held: HeldReturn, scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    sold = list_sold_goods(order_id=held.order_id)
    found = find_product(text=scan.code, among=[product_id for one in sold for product_id in one.sent])
    piece = returns.receive_goods(
        return_id=held.id,
        scan=returns.GoodsScan(
            key=scan.key,
            product_id=found.product.id,
            units=scan.units if scan.units is not None else found.pack_units,
            lot=scan.lot,
            expires_date=scan.expires_date,
        ),
        actor=actor,
        moment=moment,
    )
    values = {"name": piece.name, "units": plain_decimal(number=piece.units)}
    return ScanAnswer(outcome="right", message=_TAKEN, values=values, plan=_plan(get_held_return(return_id=held.id)))


def _grade(*, held: HeldReturn, scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    piece_id = scan.step.removeprefix("grade-")
    piece = next((one for one in held.pieces if str(one.id) == piece_id), None)
    if piece is None:
        raise UnknownReturn(number=held.number)
    # The units that the plan showed: two who grade the same goods do not grade them twice.
    seen = scan.details.get("seen_units")
    done = returns.grade_goods(
        return_id=held.id,
        grading=returns.Grading(
            piece_id=piece.id,
            seen_units=Decimal(str(seen)) if seen else piece.units,
            units=scan.units if scan.units is not None else piece.units,
            grade=scan.code.strip().upper(),
        ),
        actor=actor,
        moment=moment,
    )
    after = get_held_return(return_id=held.id)
    if not after.ungraded and after.state == "inspected":
        return ScanAnswer(outcome="done", message=_DONE, values={"number": after.number}, plan=_plan(after))
    where = _WHERE.format(bin=done.bin_code) if done.bin_code else ""
    return ScanAnswer(
        outcome="right",
        message=GRADED_TEMPLATES[done.disposition],
        values={"name": done.name, "where": where},
        plan=_plan(after),
    )


def _grade_word(grade: GradeRow) -> str:
    """What the shop itself calls a grade: its own words, so no translation knows them."""
    name = grade.name_zh if (get_language() or "").startswith("zh") else grade.name
    return f"{grade.code} · {name}"


def _get(*, task: str, place_code: str, actor: Actor) -> HeldReturn:
    try:
        held = get_held_return(return_id=int(task))
    except (ValueError, OverflowError, UnknownReturn):
        raise UnknownTask(task=task[:60]) from None
    if held.place_code != place_code or not actor.may_at(held.place_code):
        raise UnknownTask(task=held.number)
    return held


def _plan(held: HeldReturn) -> dict[str, Any]:
    steps, done = _goods_steps(held) if held.state in RECEIVABLE and held.state != "received" else ([], [])
    if held.state in {"received", "inspected"}:
        grades = {one.code: one for one in list_grades()}
        steps = [_grade_step(one, grades=grades) for one in held.pieces]
        done = [f"grade-{one.id}" for one in held.pieces if one.grade]
    return floor_plan(
        work="return",
        task=str(held.id),
        place_code=held.place_code,
        title=_TITLE,
        values={"number": held.number},
        steps=steps,
        done_steps=done,
        mode="any_order",
    )


def _goods_steps(held: HeldReturn) -> tuple[list[dict[str, Any]], list[str]]:
    sold = {one.order_line_id: one for one in list_sold_goods(order_id=held.order_id)}
    lots: dict[int, set[str]] = {}
    for one in list_shipped_lots(order_id=held.order_id):
        lots.setdefault(one.product_id, set()).add(one.lot)
    codes = expected_codes(product_ids=[product_id for one in sold.values() for product_id in one.sent])
    steps, done = [], []
    for line in held.lines:
        goods = sold[line.order_line_id]
        step = f"line-{line.id}"
        accepted = [code for product_id in goods.sent for code in codes.get(product_id, [])]
        steps.append(
            floor_step(
                step=step,
                ask="product",
                prompt=_SCAN_GOODS,
                values={"name": goods.name},
                expect=accepted,
                needs=_needs(goods.sent, lots),
                units=max(line.units - line.received_units, Decimal(0)) or Decimal(1),
                product_id=goods.product_id,
                sku=goods.sku,
                name=goods.name,
            )
        )
        if line.received_units >= line.units > 0:
            done.append(step)
    # What nobody announced may be in the parcel too; the server says whether the order ever had it.
    steps.append(floor_step(step=GOODS, ask="product", prompt=_SCAN_OTHER, needs=("units",), details={"again": True}))
    steps.append(floor_step(step=FINISH, ask="choice", prompt=_FINISH, choices=[{"value": "finish", "label": _FINISH}]))
    return steps, done


def _needs(sent: Any, lots: dict[int, set[str]]) -> Sequence[Any]:
    """Units always; the lot where the order had several."""
    return ("units", "lot") if any(len(lots.get(one, ())) > 1 for one in sent) else ("units",)


def _grade_step(piece: PieceRow, *, grades: Mapping[str, GradeRow]) -> dict[str, Any]:
    return floor_step(
        step=f"grade-{piece.id}",
        ask="choice",
        prompt=_GRADE,
        values={"name": piece.name, "units": plain_decimal(number=piece.units)},
        units=piece.units,
        sku=piece.sku,
        name=piece.name,
        lot=piece.lot,
        choices=[{"value": code, "label": _grade_word(grades[code])} for code in GRADES],
        details={"seen_units": plain_decimal(number=piece.units)},
    )
