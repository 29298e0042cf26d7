"""What a count changes: goods in a wrong bin change bins only, the rest changes the stock and the bin together.

The caller holds the count, its bin and the levels of its goods.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.db import transaction

from reorder.domain.inventory.errors import NotEnoughStock
from reorder.domain.inventory.operations import record_moves
from reorder.domain.inventory.rules import ADJUSTMENT, OWN_GOODS, NewMove, stock_of
from reorder.domain.planning import operations as planning
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse import counts
from reorder.domain.warehouse.bin_stock import NewBinMove, list_loose, move_between_bins
from reorder.domain.warehouse.count_lists import WaitingVariance, list_waiting_variances
from reorder.domain.warehouse.counts import CountedGoods
from reorder.flows.counting.holding import HeldCount
from reorder.kernel.ids import idempotency_key
from reorder.kernel.quantity import plain_decimal

CAUSE: Final = "count"
_NAMED: Final = 20


def cause_key_of(*, held: HeldCount) -> str:
    """How the ledgers name a count: the bin, and the number of the task."""
    return f"{held.task.bin_code} #{held.task.id}"


def settle_within_place(*, held: HeldCount, actor: Actor, moment: dt.datetime) -> str:
    """Explain variances by goods that stand elsewhere in the place than the bins say; what it was, empty for nothing.

    More than expected: goods that wait to be put away and stand here already, then goods that another count, which
    waits for approval, found missing in its bin. Less: goods that such a count found too many. Bins change, stock does
    not.
    """
    outcome = ""
    for one in held.differing:
        left = one.open_units
        if left > 0:
            moved = _take_loose(held=held, one=one, units=left, actor=actor, moment=moment)
            left -= moved
            outcome = "put_away" if moved and not outcome else outcome
        for other in list_waiting_variances(goods=one, place_code=held.task.place_code, but_task=held.task.id):
            moved = _exchange(held=held, one=one, other=other, left=left, actor=actor, moment=moment)
            left += -moved if left > 0 else moved
            outcome = "misplaced" if moved else outcome
    return outcome


def book_variances(*, held: HeldCount, actor: Actor, moment: dt.datetime) -> bool:
    """Bring stock and bin to what was counted, both or neither; False when less would be left than is promised.

    The bin must still hold what is missing of it (`is_outdated`).
    """
    differing = held.differing
    try:
        with transaction.atomic():
            record_moves(moves=[_stock_move(held=held, one=one, moment=moment) for one in differing])
            move_between_bins(
                moves=[
                    _bin_move(
                        held=held,
                        one=one,
                        units=abs(one.open_units),
                        source="" if one.open_units > 0 else held.task.bin_code,
                        target=held.task.bin_code if one.open_units > 0 else "",
                        part="booked",
                        actor=actor,
                        moment=moment,
                    )
                    for one in differing
                ]
            )
    except NotEnoughStock:
        return False
    _mark(held=held, differing=differing, actor=actor)
    return True


def is_outdated(*, held: HeldCount) -> bool:
    """Whether goods left the bin, since the count, that the count did not see there: only a new count can tell."""
    return any(one.late_count or one.recorded_units + one.open_units < 0 for one in held.goods if one.entry_id)


def move_misplaced(
    *, held: HeldCount, one: CountedGoods, source: str, units: Decimal, actor: Actor, moment: dt.datetime
) -> None:
    """Say that goods found here are those that the records have in bin `source`. Raises NotInBin, UnknownBin."""
    move_between_bins(
        moves=[
            _bin_move(
                held=held,
                one=one,
                units=units,
                source=source,
                target=held.task.bin_code,
                part=f"from {source}",
                actor=actor,
                moment=moment,
            )
        ]
    )


def take_out(
    *, held: HeldCount, one: CountedGoods, units: Decimal, part: str, actor: Actor, moment: dt.datetime
) -> None:
    """Take missing units out of the bin only: the caller books them out of the stock by another way."""
    move_between_bins(
        moves=[
            _bin_move(
                held=held,
                one=one,
                units=units,
                source=held.task.bin_code,
                target="",
                part=part,
                actor=actor,
                moment=moment,
            )
        ]
    )


def _take_loose(*, held: HeldCount, one: CountedGoods, units: Decimal, actor: Actor, moment: dt.datetime) -> Decimal:
    loose = sum(
        (
            goods.units
            for goods in list_loose(place_code=held.task.place_code, product_ids=[one.product_id])
            if (goods.owner, goods.lot) == (one.owner, one.lot)
        ),
        Decimal(0),
    )
    moved = min(loose, units)
    if moved > 0:
        move_misplaced_loose = _bin_move(
            held=held,
            one=one,
            units=moved,
            source="",
            target=held.task.bin_code,
            part="loose",
            actor=actor,
            moment=moment,
        )
        move_between_bins(moves=[move_misplaced_loose])
    return moved


def _exchange(
    *,
    held: HeldCount,
    one: CountedGoods,
    other: WaitingVariance,
    left: Decimal,
    actor: Actor,
    moment: dt.datetime,
) -> Decimal:
    """Move between the two bins what one has too many and the other too few; returns the units."""
    if left * other.open_units >= 0:
        return Decimal(0)
    here, there = held.task.bin_code, other.bin_code
    units = min(abs(left), abs(other.open_units), one.recorded_units if left < 0 else other.recorded_units)
    if units <= 0:
        return Decimal(0)
    source, target = (there, here) if left > 0 else (here, there)
    move = _bin_move(
        held=held,
        one=one,
        units=units,
        source=source,
        target=target,
        part=f"exchange {other.task_id}",
        actor=actor,
        moment=moment,
    )
    move_between_bins(moves=[move])
    _close_settled(other=other, moment=moment)
    return units


def _close_settled(*, other: WaitingVariance, moment: dt.datetime) -> None:
    """A count that waited, and of which nothing is left to book, is over."""
    counts.lock_bin(bin_id=other.bin_id)
    task = counts.lock_count(task_id=other.task_id)
    goods = counts.list_goods(task=task)
    if task.state == "counted" and not any(one.open_units for one in goods if one.entry_id is not None):
        counts.finish_count(
            task=task,
            state="approved",
            counted_by=task.counted_by,
            decided_by="policy",
            outcome="misplaced",
            note="",
            moment=moment,
        )


def _stock_move(*, held: HeldCount, one: CountedGoods, moment: dt.datetime) -> NewMove:
    stock = stock_of(place_code=held.task.place_code)
    is_more = one.open_units > 0
    return NewMove(
        key=idempotency_key("count_task", held.task.id, held.task.round, one.entry_id, one.open_units),
        kind="count",
        product_id=one.product_id,
        units=abs(one.open_units),
        source=ADJUSTMENT if is_more else stock,
        target=stock if is_more else ADJUSTMENT,
        cause_kind=CAUSE,
        cause_key=cause_key_of(held=held),
        happened_at=moment,
        owner=one.owner,
        lot=one.lot,
        expires_date=one.expires_date if is_more and one.lot else None,
    )


def _bin_move(
    *,
    held: HeldCount,
    one: CountedGoods,
    units: Decimal,
    source: str,
    target: str,
    part: str,
    actor: Actor,
    moment: dt.datetime,
) -> NewBinMove:
    return NewBinMove(
        key=idempotency_key("count_bin", held.task.id, held.task.round, one.entry_id, part, one.booked_units),
        kind="count",
        product_id=one.product_id,
        units=units,
        source=source,
        target=target,
        cause_kind=CAUSE,
        cause_key=cause_key_of(held=held),
        actor=actor.name,
        happened_at=moment,
        owner=one.owner,
        lot=one.lot,
        expires_date=one.expires_date,
    )


def _mark(*, held: HeldCount, differing: Sequence[CountedGoods], actor: Actor) -> None:
    place = held.task.place_code
    own = [one for one in differing if one.owner == OWN_GOODS]
    if own:
        planning.mark_dirty(kind="position", subject_keys=sorted({f"{one.sku}|{place}" for one in own}))
    record_audit(
        actor=actor.name,
        action="warehouse.book_count",
        subject_kind="bin",
        subject_key=held.task.bin_code,
        details={
            "count": held.task.id,
            "differences": [
                {"sku": one.sku, "lot": one.lot, "units": plain_decimal(number=one.open_units)}
                for one in differing[:_NAMED]
            ],
        },
    )
