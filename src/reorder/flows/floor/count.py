"""Counting a bin by scans: blind, goods in any order, and a word at the end for what is not there.

A plan never holds a figure of what is expected: whoever counts looks at the shelf.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.count_lists import count_to_do, list_counts_to_do, list_lots_at
from reorder.domain.warehouse.counts import CountedGoods, CountRow, list_goods
from reorder.domain.warehouse.errors import CountNotFinished, UnknownCount
from reorder.flows.counting.holding import find_count_for
from reorder.flows.counting.taking import CountedUnits, FinishedCount, enter_count, finish_count, start_count
from reorder.flows.floor.codes import normalise
from reorder.flows.floor.errors import BadUnits, UnknownTask, WrongThing
from reorder.flows.floor.finding import FoundProduct, expected_codes, find_product
from reorder.flows.floor.plans import floor_plan, floor_step
from reorder.flows.floor.values import FloorScan, OpenTask, ScanAnswer, ScanChoice
from reorder.flows.shop_day import shop_date
from reorder.kernel.clock import current_moment
from reorder.kernel.quantity import plain_decimal

CAUSE_WORDS: Final[Mapping[str, str]] = {
    "cycle": "cycle count",
    "zero": "bin should be empty",
    "short": "short pick",
    "asked": "asked for",
    "follow": "stock was corrected",
}
_TITLE: Final = "Count bin {bin}"
_GO: Final = "Scan the label of bin {bin}"
_GOODS: Final = "Scan {name} and type how many there are"
_GOODS_LOT: Final = "Scan {name}, lot {lot}, and type how many there are"
_OF_OWNER: Final = "Goods of {owner}"
_OTHER: Final = "Anything else in the bin? Scan it"
_FINISH: Final = "All of bin {bin} counted?"
_ALL: Final = "Everything is counted"
_BIN_FIRST: Final = "Scan the label of bin {bin} first."
_HOW_MANY: Final = "How many of {name} are in the bin? Type the number, 0 for none."
_STARTED: Final = "Count everything in bin {bin}."
_TAKEN_DOWN: Final = "{units} of {name}"
_NOT_COUNTED: Final = "Not counted yet: {goods}. Is it not there?"
_NOT_THERE: Final = "It is not there: 0"
_WHICH_LOT: Final = "Which lot of {name} is it?"
_LOT: Final = "Lot {lot}"
_NO_LOT: Final = "No lot on it"
_WHOSE: Final = "Whose {name} is it?"
_OWNER: Final = "{owner}"
_DONE: Final = "Bin {bin} is counted."
_WAITS: Final = "Bin {bin} is counted. Somebody will look at it."
_AGAIN: Final = "Bin {bin} is counted. Somebody else will count it once more."
_MOVED: Final = "Goods of bin {bin} moved while you counted. Count it again, please."
_LINE: Final = "{cause}"
_LINE_AGAIN: Final = "{cause} · second count"


def plan_of(*, task: str, place_code: str, actor: Actor) -> dict[str, Any]:
    """The steps of a count: its bin, each product and lot that should be there, anything else, the end."""
    row = _row(task, place_code=place_code, actor=actor)
    goods = list_goods(task=row)
    known = [one for one in goods if one.recorded_units > 0 or one.entry_id is not None]
    codes = expected_codes(product_ids=sorted({one.product_id for one in known}))
    done = [_step_of(one) for one in known if one.entry_id is not None]
    steps = [
        floor_step(
            step="bin",
            ask="bin",
            prompt=_GO,
            values={"bin": row.bin_code},
            expect=[normalise(text=row.bin_code)],
            bin_code=row.bin_code,
            details={"first": True},
        ),
        *(_goods_step(one, codes=codes[one.product_id]) for one in known),
        floor_step(
            step="other",
            ask="product",
            prompt=_OTHER,
            needs=["units"],
            bin_code=row.bin_code,
            details={"again": True},
        ),
        floor_step(
            step="finish",
            ask="choice",
            prompt=_FINISH,
            values={"bin": row.bin_code},
            choices=[{"value": "all", "label": _ALL}],
            bin_code=row.bin_code,
        ),
    ]
    return floor_plan(
        work="count",
        task=task,
        place_code=place_code,
        title=_TITLE,
        values={"bin": row.bin_code},
        steps=steps,
        done_steps=(["bin"] if row.state == "counting" else []) + done,
        mode="any_order",
    )


def answer(scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Take in one scan of a count: the bin, goods with their number, or the end."""
    row = _row(scan.task, place_code=scan.place_code, actor=actor)
    if scan.step == "bin":
        return _start(scan, row=row, actor=actor, moment=moment)
    if scan.step == "finish":
        return _finish(scan, row=row, actor=actor, moment=moment)
    if row.state == "open":
        return ScanAnswer(outcome="wrong", message=_BIN_FIRST, values={"bin": row.bin_code})
    return _enter(scan, row=row, actor=actor, moment=moment)


def count_open(*, place_code: str, actor: Actor) -> int:
    """How many counts of a place are due."""
    return count_to_do(place_code=place_code, due_by=shop_date(moment=current_moment()))


def list_open(*, place_code: str, actor: Actor) -> Sequence[OpenTask]:
    """Counts that are due, in walking order; who counted a bin before does not see its second count."""
    today = shop_date(moment=current_moment())
    return [
        OpenTask(
            task=str(one.id),
            title=one.bin_code,
            line=_LINE if one.round == 1 else _LINE_AGAIN,
            values={"cause": CAUSE_WORDS[one.cause]},
            scan=(normalise(text=one.bin_code),),
            is_urgent=one.cause in {"short", "zero"},
            taken_by="" if one.assigned_to == actor.name else one.assigned_to,
        )
        for one in list_counts_to_do(place_codes=[place_code], due_by=today)
        if not one.not_by or one.not_by != actor.name
    ]


def _row(task: str, *, place_code: str, actor: Actor) -> CountRow:
    try:
        row = find_count_for(task_id=int(task), actor=actor)
    except (ValueError, UnknownCount):
        raise UnknownTask(task=task) from None
    if row.place_code != place_code:
        raise UnknownTask(task=task)
    return row


def _start(scan: FloorScan, *, row: CountRow, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    if normalise(text=scan.code) != normalise(text=row.bin_code):
        raise WrongThing(found=scan.code, wanted_code=row.bin_code)
    start_count(task_id=row.id, actor=actor, moment=moment)
    return ScanAnswer(outcome="right", message=_STARTED, values={"bin": row.bin_code})


def _enter(scan: FloorScan, *, row: CountRow, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    goods = list_goods(task=row)
    found = find_product(text=scan.code, among=[one.product_id for one in goods])
    name = found.product.name
    if scan.units is None:
        return ScanAnswer(outcome="wrong", message=_HOW_MANY, values={"name": name})
    if not found.product.is_sold_in_fractions and scan.units != scan.units.to_integral_value():
        raise BadUnits(sku=found.product.sku, units=scan.units, reason="it is sold whole")
    meant = _which(scan, goods=goods, found=found, row=row)
    if isinstance(meant, ScanAnswer):
        return meant
    owner, lot, expires = meant
    enter_count(
        task_id=row.id,
        counted=CountedUnits(
            key=scan.key[:64],
            product_id=found.product.id,
            units=scan.units,
            counted_at=scan.scanned_at,
            owner=owner,
            lot=lot,
            expires_date=scan.expires_date or expires,
        ),
        actor=actor,
        moment=moment,
    )
    return ScanAnswer(
        outcome="right",
        message=_TAKEN_DOWN,
        values={"units": plain_decimal(number=scan.units), "name": name},
        # The handheld marked the step that it thought of; only where the label said another lot it needs to know.
        plan=plan_of(task=scan.task, place_code=scan.place_code, actor=actor)
        if scan.step not in {"other", f"goods:{found.product.id}:{owner}:{lot}"}
        else None,
    )


def _finish(scan: FloorScan, *, row: CountRow, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    try:
        finished = finish_count(
            task_id=row.id,
            actor=actor,
            moment=moment,
            key=scan.key,
            rest_is_missing=scan.details.get("rest") == "missing",
        )
    except CountNotFinished as fault:
        return ScanAnswer(
            outcome="wrong",
            message=_NOT_COUNTED,
            values={"goods": fault.parameters["goods"]},
            choices=(ScanChoice(detail="rest", value="missing", label=_NOT_THERE),),
        )
    return _finished(finished, scan=scan, row=row, actor=actor)


def _finished(finished: FinishedCount, *, scan: FloorScan, row: CountRow, actor: Actor) -> ScanAnswer:
    """What the counter is told: never by how much it differs."""
    values = {"bin": row.bin_code}
    match finished.state, finished.outcome:
        case "open", "late":
            plan = plan_of(task=scan.task, place_code=scan.place_code, actor=actor)
            return ScanAnswer(outcome="right", message=_MOVED, values=values, plan=plan)
        case "open", _:
            return ScanAnswer(outcome="done", message=_AGAIN, values=values)
        case "counted", _:
            return ScanAnswer(outcome="done", message=_WAITS, values=values)
        case _:
            return ScanAnswer(outcome="done", message=_DONE, values=values)


def _which(
    scan: FloorScan, *, goods: Sequence[CountedGoods], found: FoundProduct, row: CountRow
) -> tuple[str, str, dt.date | None] | ScanAnswer:
    """Owner, lot and expiry of what was scanned: by its code, by the step, by what stands here; else a question."""
    product_id, name = found.product.id, found.product.name
    here = {(one.owner, one.lot): one.expires_date for one in goods if one.product_id == product_id}
    at_place = {
        (one.owner, one.lot): one.expires_date for one in list_lots_at(place_code=row.place_code, product_id=product_id)
    }
    step = _step_goods(scan.step, product_id=product_id)
    owners = sorted({owner for owner, _ in here} or {owner for owner, _ in at_place} or {OWN_GOODS})
    told = scan.details.get("owner")
    owner = step[0] if step else told if told in owners else owners[0] if len(owners) == 1 else None
    if owner is None:
        return ScanAnswer(
            outcome="wrong",
            message=_WHOSE,
            values={"name": name},
            choices=tuple(ScanChoice(detail="owner", value=one, label=_OWNER, values={"owner": one}) for one in owners),
        )
    known = at_place | here
    lots = sorted({lot for known_owner, lot in here if known_owner == owner}) or sorted(
        {lot for known_owner, lot in at_place if known_owner == owner}
    )
    lot = _lot_of(scan, step=step, lots=lots, is_here=bool(here))
    if lot is None:
        return ScanAnswer(
            outcome="wrong", message=_WHICH_LOT, values={"name": name}, choices=tuple(_lot_choice(one) for one in lots)
        )
    return owner, lot, known.get((owner, lot))


def _lot_of(scan: FloorScan, *, step: tuple[str, str] | None, lots: Sequence[str], is_here: bool) -> str | None:
    """The lot by the label first: what the label says beats what the step thought. None: nobody knows yet."""
    if scan.lot.strip():
        return scan.lot.strip()
    if step is not None:
        return step[1]
    if "lot" in scan.details:
        return str(scan.details["lot"])
    if not lots or lots == [""]:
        return ""
    return lots[0] if is_here and len(lots) == 1 else None


def _lot_choice(lot: str) -> ScanChoice:
    if not lot:
        return ScanChoice(detail="lot", value="", label=_NO_LOT)
    return ScanChoice(detail="lot", value=lot, label=_LOT, values={"lot": lot})


def _goods_step(one: CountedGoods, *, codes: Sequence[str]) -> dict[str, Any]:
    lot = one.lot
    if lot and one.expires_date:
        lot = f"{lot} · {one.expires_date.isoformat()}"
    return floor_step(
        step=_step_of(one),
        ask="product",
        prompt=_GOODS_LOT if one.lot else _GOODS,
        values={"name": one.name, "lot": lot, "owner": one.owner},
        hint=_OF_OWNER if one.owner != OWN_GOODS else "",
        expect=codes,
        needs=["units"],
        product_id=one.product_id,
        sku=one.sku,
        name=one.name,
        lot=one.lot,
    )


def _step_of(one: CountedGoods) -> str:
    return f"goods:{one.product_id}:{one.owner}:{one.lot}"


def _step_goods(step: str, *, product_id: int) -> tuple[str, str] | None:
    """Owner and lot that a step is about, if it is about this product."""
    parts = step.split(":", 3)
    if len(parts) != 4 or parts[0] != "goods" or parts[1] != str(product_id):
        return None
    return parts[2], parts[3]


# Sentences of this module, written out for the catalogue.
COUNT_TEMPLATES: Final = (
    "Count bin {bin}",
    "Scan the label of bin {bin}",
    "Scan {name} and type how many there are",
    "Scan {name}, lot {lot}, and type how many there are",
    "Goods of {owner}",
    "Anything else in the bin? Scan it",
    "All of bin {bin} counted?",
    "Everything is counted",
    "Scan the label of bin {bin} first.",
    "How many of {name} are in the bin? Type the number, 0 for none.",
    "Count everything in bin {bin}.",
    "{units} of {name}",
    "Not counted yet: {goods}. Is it not there?",
    "It is not there: 0",
    "Which lot of {name} is it?",
    "Lot {lot}",
    "No lot on it",
    "Whose {name} is it?",
    "Bin {bin} is counted.",
    "Bin {bin} is counted. Somebody will look at it.",
    "Bin {bin} is counted. Somebody else will count it once more.",
    "Goods of bin {bin} moved while you counted. Count it again, please.",
    "{cause} · second count",
)
