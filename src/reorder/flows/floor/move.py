"""Goods from bin to bin by scans: the bin, the product in it, how many, the other bin. Only the last scan moves them.

What the earlier scans said is read from the log of scans, so that a replay after a Wi-Fi gap moves the same goods.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from reorder.domain.catalog.scanned import list_scanned_products
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.bin_stock import GoodsInBin, NewBinMove, list_in_bins
from reorder.domain.warehouse.errors import NotInBin
from reorder.domain.warehouse.putting_away import move_checked
from reorder.domain.warehouse.scans import LoggedScan, list_scans_of_task
from reorder.flows.floor.codes import normalise
from reorder.flows.floor.errors import BadScan, SameBin
from reorder.flows.floor.finding import find_product, refuse_bin_elsewhere
from reorder.flows.floor.goods_in import refuse_bad_units
from reorder.flows.floor.plans import floor_plan, floor_step
from reorder.flows.floor.values import FloorScan, ScanAnswer, ScanChoice
from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import plain_decimal

# Scans of one move lie minutes apart; of what was begun before, nothing is guessed.
_REMEMBERED: Final = dt.timedelta(hours=12)

MOVE_TEMPLATES: Final = (
    "Move goods",
    "Scan the bin to take from",
    "Scan the product",
    "How many?",
    "Scan the bin to put them in",
    "Bin {bin}.",
    "{name}: {units} are in {bin}.",
    "{units} × {name}.",
    "{name}: several lots are in {bin}. Which one?",
    "{lot}, {date}: {units}",
    "{units} × {name} moved from {source} to {target}.",
)
(_TITLE, _FROM, _PRODUCT, _UNITS, _TO, _AT, _HELD, _COUNTED, _WHICH_LOT, _LOT, _MOVED) = MOVE_TEMPLATES


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What the scans since the last move said: the bin, and one lot of a product in it with its owner."""

    source: str
    product_id: int
    owner: str
    lot: str
    units: Decimal | None


def plan_of(*, task: str, place_code: str, actor: Actor) -> dict[str, Any]:
    """Four steps, again and again; any task is a person's own series of moves."""
    return floor_plan(
        work="move",
        task=task,
        place_code=place_code,
        title=_TITLE,
        steps=[
            floor_step(step="source", ask="bin", prompt=_FROM),
            floor_step(step="product", ask="product", prompt=_PRODUCT),
            floor_step(step="units", ask="units", prompt=_UNITS),
            floor_step(step="target", ask="bin", prompt=_TO),
        ],
        details={"again": True, "waits": True},
    )


def answer(scan: FloorScan, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    """Check a step, and move the goods with the last one. Errors: those of finding a code, NotInBin, BadScan."""
    if scan.step == "source":
        return ScanAnswer(outcome="right", message=_AT, values={"bin": _bin_here(scan=scan)})
    earlier = _earlier(scan, moment=moment)
    if scan.step == "product":
        return _take_product(scan, source=_value(earlier, step="source", name="bin"))
    taken = _taken(earlier)
    if scan.step == "units":
        return _count(scan, taken=taken)
    if scan.step != "target":
        raise BadScan(part="step", reason="is none of this task")
    return _put(scan, taken=taken, actor=actor, moment=moment)


def _bin_here(*, scan: FloorScan) -> str:
    """The bin that was scanned, at the place where one works; raises UnknownBin, BinOfAnotherPlace."""
    code = normalise(text=scan.code)
    refuse_bin_elsewhere(code=code, place_code=scan.place_code)
    return code


def _take_product(scan: FloorScan, *, source: str) -> ScanAnswer:
    found = find_product(text=scan.code)
    name = found.product.name
    held = [
        one
        for one in list_in_bins(place_code=scan.place_code, product_ids=[found.product.id])
        if one.bin_code == source and (not scan.lot or one.lot == scan.lot)
    ]
    told = str(scan.details.get("lot", ""))
    held = [one for one in held if _lot_key(one) == told] if told else held
    if not held:
        raise NotInBin(bin=source, wanted=1, there=0)
    if len(held) > 1:
        return _ask_lot(held, name=name, source=source)
    lot = held[0]
    return ScanAnswer(
        outcome="right",
        message=_HELD,
        values={
            "name": name,
            "bin": source,
            "units": plain_decimal(number=lot.units),
            "product_id": found.product.id,
            "owner": lot.owner,
            "lot": lot.lot,
            # The number pad starts with everything that is there, or with what is in the pack that was scanned.
            "next_units": plain_decimal(number=lot.units if found.pack_units == 1 else found.pack_units),
        },
    )


def _ask_lot(held: Sequence[GoodsInBin], *, name: str, source: str) -> ScanAnswer:
    return ScanAnswer(
        outcome="wrong",
        message=_WHICH_LOT,
        values={"name": name, "bin": source},
        choices=tuple(
            ScanChoice(
                detail="lot",
                value=_lot_key(one),
                label=_LOT,
                values={
                    "lot": one.lot or "-",
                    "date": one.expires_date.isoformat() if one.expires_date else "-",
                    "units": plain_decimal(number=one.units),
                },
            )
            for one in held
        ),
    )


def _count(scan: FloorScan, *, taken: _Taken) -> ScanAnswer:
    product = list_scanned_products(product_ids=[taken.product_id])[taken.product_id]
    units = scan.units if scan.units is not None else Decimal(1)
    refuse_bad_units(product=product, units=units)
    there = sum(
        (
            one.units
            for one in list_in_bins(place_code=scan.place_code, product_ids=[taken.product_id])
            if (one.bin_code, one.owner, one.lot) == (taken.source, taken.owner, taken.lot)
        ),
        Decimal(0),
    )
    if units > there:
        raise NotInBin(bin=taken.source, wanted=units, there=there)
    return ScanAnswer(
        outcome="right", message=_COUNTED, values={"units": plain_decimal(number=units), "name": product.name}
    )


def _put(scan: FloorScan, *, taken: _Taken, actor: Actor, moment: dt.datetime) -> ScanAnswer:
    target = _bin_here(scan=scan)
    if taken.units is None:
        raise BadScan(part="step", reason="comes before the units were counted")
    if target == taken.source:
        raise SameBin(bin=target)
    product = list_scanned_products(product_ids=[taken.product_id])[taken.product_id]
    move_checked(
        move=NewBinMove(
            key=idempotency_key("floor_move", scan.key),
            kind="move",
            product_id=taken.product_id,
            units=taken.units,
            source=taken.source,
            target=target,
            cause_kind="floor_task",
            cause_key=scan.task,
            actor=actor.name,
            happened_at=moment,
            owner=taken.owner,
            lot=taken.lot,
        ),
        place_code=scan.place_code,
    )
    values = {"units": plain_decimal(number=taken.units), "name": product.name}
    values |= {"source": taken.source, "target": target}
    record_audit(
        actor=actor.name,
        action="warehouse.move_bins",
        subject_kind="product",
        subject_key=product.sku,
        details=values | {"lot": taken.lot, "owner": taken.owner},
    )
    return ScanAnswer(outcome="right", message=_MOVED, values=values)


def _earlier(scan: FloorScan, *, moment: dt.datetime) -> list[LoggedScan]:
    """Right scans of this task since the last goods were put down."""
    found = list_scans_of_task(work="move", task=scan.task, since=moment - _REMEMBERED)
    right = [one for one in found if one.outcome == "right" and one.place_code == scan.place_code]
    last = max((at for at, one in enumerate(right) if one.step == "target"), default=-1)
    return right[last + 1 :]


def _taken(earlier: Sequence[LoggedScan]) -> _Taken:
    product_at = max((at for at, one in enumerate(earlier) if one.step == "product"), default=-1)
    if product_at < 0:
        raise BadScan(part="step", reason="comes before a product was scanned")
    said = earlier[product_at].answer["values"]
    counted = [one for one in earlier[product_at:] if one.step == "units"]
    return _Taken(
        source=said["bin"],
        product_id=int(said["product_id"]),
        owner=said["owner"],
        lot=said["lot"],
        units=Decimal(counted[-1].answer["values"]["units"]) if counted else None,
    )


def _value(earlier: Sequence[LoggedScan], *, step: str, name: str) -> str:
    found = [one for one in earlier if one.step == step]
    if not found:
        raise BadScan(part="step", reason="comes before a bin was scanned")
    return str(found[-1].answer["values"][name])


def _lot_key(goods: GoodsInBin) -> str:
    return f"{goods.owner}|{goods.lot}"
