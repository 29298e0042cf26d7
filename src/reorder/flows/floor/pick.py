"""Picking by scan: bin, product (with lot and units), tote; what is confirmed leaves both ledgers at once.

A step names its kind and the first of the lines that it works on: `b12` the bin of line 12, `p12` its product, `t12`
its tote, `z12` whether the bin is empty now, `r12` that goods of a cancelled order are off the cart again. Lines of one
bin, product and lot that need no tote are one step. The plan is drawn from what orders want now, so lines of orders
that were cancelled meanwhile are not in it.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse import wave_lines
from reorder.domain.warehouse.count_policies import get_limits
from reorder.domain.warehouse.wave_errors import (
    BinFirst,
    LotExpired,
    ProductFirst,
    TooMany,
    UnknownBatch,
    UnknownPickLine,
    WrongBin,
    WrongLot,
    WrongProduct,
    WrongTote,
)
from reorder.domain.warehouse.wave_goods import list_contents
from reorder.domain.warehouse.wave_lines import BatchRow, LineRow
from reorder.domain.warehouse.wave_queries import count_open_batches, list_open_batches
from reorder.flows.counting import ask_count
from reorder.flows.floor.codes import normalise, tote_codes
from reorder.flows.floor.finding import expected_codes, find_product, refuse_bin_elsewhere
from reorder.flows.floor.plans import Need, floor_plan, floor_step
from reorder.flows.floor.values import FloorScan, OpenTask, ScanAnswer, ScanChoice
from reorder.flows.shop_day import shop_date
from reorder.flows.waves.picking import choose_open, hold_batch, hold_lines, open_lines, pick_lines, refuse_closed
from reorder.flows.waves.shorts import Rewalked, short_lines
from reorder.kernel.errors import Conflict
from reorder.kernel.quantity import plain_decimal

_STEP: Final = re.compile(r"([bptzr])(\d{1,18})")
NOT_HERE: Final = "NOT-HERE"
TITLE: Final = "Batch {batch}"
_PUT_BACK_FROM: Final = "Order {order} was cancelled: take {units} × {name} out of position {tote}, to be put away"
_PUT_BACK: Final = "Order {order} was cancelled: put {units} × {name} where goods wait"
MESSAGE_TEMPLATES: Final = (
    "Bin {bin}: right.",
    "{units} × {sku}: right. Into position {tote}.",
    "{units} × {sku} picked.",
    "{units} × {sku} picked. The batch is finished: take the cart to packing.",
    "Only {found} of {units} × {sku} here?",
    "Yes, no more here",
    "No, I count again",
    "{missing} × {sku} are not here. Go on to bin {bins}.",
    "{missing} × {sku} are not here. Another lot is taken: {lots}, from {bins}.",
    "{missing} × {sku} are not here and come from {places}. Go on with the next line.",
    "{missing} × {sku} are not here; the customer waits for them. Go on with the next line.",
    "Bin {bin} is noted as empty.",
    "Bin {bin} will be counted.",
    "Go to bin {bin}",
    "Take {units} × {name}",
    "Into position {tote}",
    "Is bin {bin} empty now?",
    "Not here",
    "Yes, empty",
    "No, something is left",
    "These goods are in no bin by our records: look where goods wait to be put away.",
    "{done} of {lines} lines · {units} units · {metres} m",
    "Batch {batch}",
    "Order {order} was cancelled: take {units} × {name} out of position {tote}, to be put away",
    "Order {order} was cancelled: put {units} × {name} where goods wait",
    "It is there",
    "{units} × {sku} of order {order} wait to be put away.",
)


def count_open(*, place_code: str, actor: Actor) -> int:
    """Batches that wait to be picked, or are picked by the actor."""
    return count_open_batches(place_code=place_code, by=actor.name)


def list_open(*, place_code: str, actor: Actor) -> Sequence[OpenTask]:
    """Batches to pick, the earliest cut-off first; those that others pick are shown with their names."""
    return [
        OpenTask(
            task=str(row.id),
            title=row.name,
            line="{done} of {lines} lines · {units} units · {metres} m",
            values={
                "done": row.done_count,
                "lines": row.lines_count,
                "units": plain_decimal(number=row.units),
                "metres": "–" if row.length_mm is None else round(row.length_mm / 1000),
            },
            scan=(f"BATCH-{row.name}", row.name),
            is_urgent=row.is_express,
            taken_by="" if row.assigned_to == actor.name else row.assigned_to,
        )
        for row in list_open_batches(place_code=place_code)
    ]


def plan_of(*, task: str, place_code: str, actor: Actor) -> dict[str, Any]:
    """The steps of a batch in walking order; raises UnknownBatch."""
    batch = _batch_of(task=task, place_code=place_code, actor=actor)
    lines = wave_lines.list_lines(batch_ids=[batch.id])
    return _plan(batch=batch, lines=lines)


def answer(scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Take one scan of a batch in. Raises what is wrong with it; then nothing has changed."""
    match = _STEP.fullmatch(scan.step)
    batch = _batch_of(task=scan.task, place_code=scan.place_code, actor=actor)
    if match is None:
        raise UnknownPickLine(batch=batch.name)
    lines = wave_lines.list_lines(batch_ids=[batch.id])
    line = next((one for one in lines if one.id == int(match[2])), None)
    if line is None:
        raise UnknownPickLine(batch=batch.name)
    if match[1] == "r":
        return _answer_put_back(line=line)
    if match[1] == "z":
        return _answer_empty(scan, line=line, actor=actor, moment=moment)
    try:
        group = _group_of(line, lines=open_lines(lines=lines, batch_id=batch.id))
        if not group:
            refuse_closed(line=line)
        if match[1] == "p":
            _refuse_unseen_bin(group[0], lines=lines)
        return _ANSWERS[match[1]](scan, batch=batch, group=group, actor=actor, moment=moment)
    except Conflict as fault:
        plan = _plan(batch=batch, lines=wave_lines.list_lines(batch_ids=[batch.id]))
        return ScanAnswer(outcome="conflict", message=fault.template, values=fault.parameters, plan=plan)


def _answer_bin(
    scan: FloorScan, *, batch: BatchRow, group: Sequence[LineRow], actor: Actor, moment: dt.datetime
) -> ScanAnswer:
    wanted = group[0].bin_code
    # What was scanned, never what the plan wanted.
    found = normalise(text=scan.code or scan.bin_code)
    if found != normalise(text=wanted):
        refuse_bin_elsewhere(code=found, place_code=scan.place_code)
        raise WrongBin(found=found, bin=wanted)
    hold_batch(batch_id=batch.id, actor=actor, moment=moment)
    wave_lines.note_bin(line_ids=[line.id for line in group], moment=moment)
    return ScanAnswer(outcome="right", message="Bin {bin}: right.", values={"bin": wanted})


def _answer_product(
    scan: FloorScan, *, batch: BatchRow, group: Sequence[LineRow], actor: Actor, moment: dt.datetime
) -> ScanAnswer:
    first = group[0]
    wanted = _units_of(group)
    is_missing = NOT_HERE in (normalise(text=scan.code), scan.details.get("choice"))
    found = Decimal(0) if is_missing else _units_in_hand(scan, line=first)
    if not is_missing:
        _refuse_wrong_lot(scan, line=first, moment=moment)
    if found > wanted:
        raise TooMany(found=plain_decimal(number=found), units=plain_decimal(number=wanted), sku=first.sku)
    if found < wanted:
        if scan.details.get("short") != "yes":
            return _ask_short(line=first, found=found, wanted=wanted)
        return _go_short(batch=batch, group=group, found=found, actor=actor, moment=moment)
    if first.tote:
        held = hold_lines(batch_id=batch.id, line_ids=[first.id], actor=actor, moment=moment)
        choose_open(held=held, line_ids=[first.id])
        wave_lines.note_product(line_id=first.id, units=found, moment=moment)
        values = {"units": plain_decimal(number=found), "sku": first.sku, "tote": first.tote}
        return ScanAnswer(outcome="right", message="{units} × {sku}: right. Into position {tote}.", values=values)
    return _confirm(batch=batch, group=group, actor=actor, moment=moment)


def _answer_tote(
    scan: FloorScan, *, batch: BatchRow, group: Sequence[LineRow], actor: Actor, moment: dt.datetime
) -> ScanAnswer:
    line = group[0]
    if not _is_in_hand(line):
        raise ProductFirst(sku=line.sku)
    found = normalise(text=scan.code)
    if found not in tote_codes(tote=line.tote):
        raise WrongTote(sku=line.sku, tote=line.tote, found=found)
    return _confirm(batch=batch, group=group, actor=actor, moment=moment)


def _answer_empty(scan: FloorScan, *, line: LineRow, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Zero-confirmation: the bin is counted; where the place does not count empty bins, only when goods are left."""
    is_empty = normalise(text=scan.code) == "YES"
    if not is_empty or get_limits(place_code=scan.place_code).counts_empty_bins:
        ask_count(bin_code=line.bin_code, cause="zero", actor=actor, moment=moment)
    message = "Bin {bin} is noted as empty." if is_empty else "Bin {bin} will be counted."
    return ScanAnswer(outcome="right", message=message, values={"bin": line.bin_code})


def _answer_put_back(*, line: LineRow) -> ScanAnswer:
    """The goods of a cancelled order are off the cart: in the books they wait to be put away since it was cancelled."""
    wave_lines.forget_picked(line_id=line.id, why="cancelled")
    message = "{units} × {sku} of order {order} wait to be put away."
    values = {"units": plain_decimal(number=line.picked_units), "sku": line.sku, "order": line.order}
    return ScanAnswer(outcome="right", message=message, values=values)


def _confirm(*, batch: BatchRow, group: Sequence[LineRow], actor: Actor, moment: dt.datetime) -> ScanAnswer:
    done = pick_lines(batch_id=batch.id, line_ids=[line.id for line in group], actor=actor, moment=moment)
    values = {"units": plain_decimal(number=_units_of(group)), "sku": group[0].sku}
    if done.is_batch_done:
        message = "{units} × {sku} picked. The batch is finished: take the cart to packing."
        return ScanAnswer(outcome="done", message=message, values=values)
    return ScanAnswer(outcome="right", message="{units} × {sku} picked.", values=values)


def _ask_short(*, line: LineRow, found: Decimal, wanted: Decimal) -> ScanAnswer:
    return ScanAnswer(
        outcome="wrong",
        message="Only {found} of {units} × {sku} here?",
        values={"found": plain_decimal(number=found), "units": plain_decimal(number=wanted), "sku": line.sku},
        choices=(
            ScanChoice(detail="short", value="yes", label="Yes, no more here"),
            ScanChoice(detail="short", value="no", label="No, I count again"),
        ),
    )


def _go_short(
    *, batch: BatchRow, group: Sequence[LineRow], found: Decimal, actor: Actor, moment: dt.datetime
) -> ScanAnswer:
    """What is there is taken, what is not comes from elsewhere; the list is drawn anew."""
    ids = [line.id for line in group]
    made = short_lines(batch_id=batch.id, line_ids=ids, found_units=found, actor=actor, moment=moment)
    lines = wave_lines.list_lines(batch_ids=[batch.id])
    kept = [line for line in open_lines(lines=lines, batch_id=batch.id) if line.id in ids]
    is_done = made.is_batch_done
    if kept and kept[0].tote:
        wave_lines.note_product(line_id=kept[0].id, units=kept[0].units, moment=moment)
    elif kept:
        is_done = pick_lines(
            batch_id=batch.id, line_ids=[line.id for line in kept], actor=actor, moment=moment
        ).is_batch_done
    plan = _plan(batch=batch, lines=wave_lines.list_lines(batch_ids=[batch.id]))
    message, values = _said_short(made, sku=group[0].sku)
    return ScanAnswer(outcome="done" if is_done else "right", message=message, values=values, plan=plan)


def _said_short(made: Rewalked, *, sku: str) -> tuple[str, dict[str, str]]:
    values = {
        "missing": plain_decimal(number=made.missing_units),
        "sku": sku,
        "bins": ", ".join(made.other_bins) or "–",
        "lots": ", ".join(made.other_lots) or "–",
        "places": ", ".join(made.other_places),
    }
    if made.waiting_units:
        return "{missing} × {sku} are not here; the customer waits for them. Go on with the next line.", values
    if made.other_places:
        return "{missing} × {sku} are not here and come from {places}. Go on with the next line.", values
    if made.other_lots:
        return "{missing} × {sku} are not here. Another lot is taken: {lots}, from {bins}.", values
    return "{missing} × {sku} are not here. Go on to bin {bins}.", values


def _units_in_hand(scan: FloorScan, *, line: LineRow) -> Decimal:
    """How many units of the right product somebody has in the hand. Raises WrongProduct, and what finding raises."""
    product_id, pack = scan.product_id, Decimal(1)
    if scan.code:
        found = find_product(text=scan.code, among=[line.product_id])
        product_id, pack = found.product.id, found.pack_units
    if product_id != line.product_id:
        raise WrongProduct(sku=line.sku, name=line.name)
    return pack if scan.units is None else scan.units


def _refuse_wrong_lot(scan: FloorScan, *, line: LineRow, moment: dt.datetime) -> None:
    """Raises WrongLot, LotExpired. A lot that nobody scanned or typed is believed to be the one of the list."""
    if scan.lot and line.lot and normalise(text=scan.lot) != normalise(text=line.lot):
        raise WrongLot(found=scan.lot, lot=line.lot, sku=line.sku)
    expires = scan.expires_date or line.expires_date
    if expires is not None and expires < shop_date(moment=moment):
        raise LotExpired(lot=scan.lot or line.lot or "–", sku=line.sku, date=expires.isoformat())


def _refuse_unseen_bin(line: LineRow, *, lines: Sequence[LineRow]) -> None:
    """Raises BinFirst unless the picker stood before this bin, for this line or another of the batch."""
    if line.bin_code and not any(one.bin_code == line.bin_code and one.bin_seen_at is not None for one in lines):
        raise BinFirst(bin=line.bin_code, sku=line.sku)


def _batch_of(*, task: str, place_code: str, actor: Actor) -> BatchRow:
    if not task.isdecimal() or len(task) > 18:
        raise UnknownBatch(batch=task[:40])
    batch = wave_lines.get_batch(batch_id=int(task))
    if batch.place_code != place_code or not actor.may_at(batch.place_code):
        raise UnknownBatch(batch=batch.name)
    return batch


def _key(line: LineRow) -> tuple[object, ...]:
    if line.tote:
        return (line.id,)
    return (line.bin_code, line.product_id, line.owner, line.lot)


def _group_of(line: LineRow, *, lines: Sequence[LineRow]) -> list[LineRow]:
    """The open lines that are one step with this one, if it is open itself."""
    group = [one for one in lines if _key(one) == _key(line)]
    return group if any(one.id == line.id for one in group) else []


def _units_of(lines: Sequence[LineRow]) -> Decimal:
    return sum((line.units for line in lines), Decimal(0))


def _plan(*, batch: BatchRow, lines: Sequence[LineRow]) -> dict[str, Any]:
    still = open_lines(lines=lines, batch_id=batch.id)
    steps: list[dict[str, Any]] = []
    done: list[str] = []
    drawn = _Drawing.of(lines=lines, still=still)
    for group in _grouped(still):
        made = drawn.steps_of(group)
        steps += made
        done += drawn.done_of(group, steps=made)
    steps += [_put_back_step(line) for line in _to_put_back(lines)]
    return floor_plan(
        work="pick",
        task=str(batch.id),
        place_code=batch.place_code,
        title=TITLE,
        values={"batch": batch.name},
        steps=steps,
        done_steps=done,
        details={
            "length_mm": batch.length_mm,
            "by_name_length_mm": batch.by_name_length_mm,
        },
    )


def _grouped(lines: Sequence[LineRow]) -> list[list[LineRow]]:
    groups: dict[tuple[object, ...], list[LineRow]] = {}
    for line in lines:
        groups.setdefault(_key(line), []).append(line)
    return list(groups.values())


@dataclass(slots=True)
class _Drawing:
    """What the steps of a batch are drawn from; `left` is what each bin holds still after the steps so far."""

    codes: dict[int, list[str]]
    contents: dict[str, list[tuple[int, str, str, Decimal]]]
    left: dict[str, Decimal]
    seen: set[str]
    before: str = ""

    @classmethod
    def of(cls, *, lines: Sequence[LineRow], still: Sequence[LineRow]) -> "_Drawing":
        contents = list_contents(bin_codes=sorted({line.bin_code for line in still if line.bin_code}))
        return cls(
            codes=expected_codes(product_ids=sorted({line.product_id for line in still})),
            contents=contents,
            left={code: sum((goods[3] for goods in each), Decimal(0)) for code, each in contents.items()},
            seen={line.bin_code for line in lines if line.bin_seen_at is not None},
        )

    def steps_of(self, group: Sequence[LineRow]) -> list[dict[str, Any]]:
        first = group[0]
        steps = [_bin_step(first)] if first.bin_code and first.bin_code != self.before else []
        self.before = first.bin_code
        steps.append(_product_step(group, codes=self.codes.get(first.product_id, []), contents=self.contents))
        if first.tote:
            steps.append(_tote_step(first))
        if first.bin_code:
            self.left[first.bin_code] -= _units_of(group)
            if self.left[first.bin_code] == 0:
                steps.append(_empty_step(first))
        return steps

    def done_of(self, group: Sequence[LineRow], *, steps: Sequence[dict[str, Any]]) -> list[str]:
        """Steps that were confirmed before the plan was drawn."""
        first = group[0]
        done = [step["id"] for step in steps if step["ask"] == "bin" and first.bin_code in self.seen]
        if first.tote and _is_in_hand(first):
            done.append(f"p{first.id}")
        return done


def _is_in_hand(line: LineRow) -> bool:
    return line.product_seen_at is not None and line.counted_units == line.units


_ANSWERS: Final = {"b": _answer_bin, "p": _answer_product, "t": _answer_tote}


def _to_put_back(lines: Sequence[LineRow]) -> list[LineRow]:
    """Goods on the cart whose order wants them no longer."""
    return [line for line in lines if line.state == "picked" and line.parcel_state == "cancelled"]


def _put_back_step(line: LineRow) -> dict[str, Any]:
    values = {"order": line.order, "units": plain_decimal(number=line.picked_units), "name": line.name}
    return floor_step(
        step=f"r{line.id}",
        ask="choice",
        prompt=_PUT_BACK_FROM if line.tote else _PUT_BACK,
        values=values | {"tote": line.tote},
        choices=[{"value": "DONE", "label": "It is there"}],
        product_id=line.product_id,
        sku=line.sku,
        name=line.name,
    )


def _bin_step(line: LineRow) -> dict[str, Any]:
    return floor_step(
        step=f"b{line.id}",
        ask="bin",
        prompt="Go to bin {bin}",
        values={"bin": line.bin_code},
        expect=[normalise(text=line.bin_code)],
        bin_code=line.bin_code,
    )


def _product_step(
    group: Sequence[LineRow], *, codes: Sequence[str], contents: dict[str, list[tuple[int, str, str, Decimal]]]
) -> dict[str, Any]:
    first = group[0]
    units = _units_of(group)
    lots = {
        lot for product_id, _owner, lot, _units in contents.get(first.bin_code, ()) if product_id == first.product_id
    }
    needs: list[Need] = ["units"] if units != 1 else []
    if first.lot and len(lots) > 1:
        needs.append("lot")
    hint = "" if first.bin_code else "These goods are in no bin by our records: look where goods wait to be put away."
    return floor_step(
        step=f"p{first.id}",
        ask="product",
        prompt="Take {units} × {name}",
        values={"units": plain_decimal(number=units), "name": first.name, "order": first.order},
        expect=codes,
        needs=needs,
        units=units,
        hint=hint,
        choices=[{"value": NOT_HERE, "label": "Not here"}],
        product_id=first.product_id,
        sku=first.sku,
        name=first.name,
        bin_code=first.bin_code,
        lot=first.lot,
        details={"expires": first.expires_date.isoformat() if first.expires_date else None, "orders": len(group)},
    )


def _tote_step(line: LineRow) -> dict[str, Any]:
    return floor_step(
        step=f"t{line.id}",
        ask="tote",
        prompt="Into position {tote}",
        values={"tote": line.tote},
        expect=tote_codes(tote=line.tote),
        sku=line.sku,
        name=line.name,
        bin_code=line.bin_code,
    )


def _empty_step(line: LineRow) -> dict[str, Any]:
    return floor_step(
        step=f"z{line.id}",
        ask="choice",
        prompt="Is bin {bin} empty now?",
        values={"bin": line.bin_code},
        choices=[{"value": "YES", "label": "Yes, empty"}, {"value": "NO", "label": "No, something is left"}],
        bin_code=line.bin_code,
    )
