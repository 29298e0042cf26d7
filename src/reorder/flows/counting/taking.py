"""Counting a bin: started by one person, entered blind, finished; small variances are booked at once.

Whoever counts never sees what is expected. What should be there is read under the locks at the moment of the entry, and
what moved since the look at the shelf is added to what was counted.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse import counts
from reorder.domain.warehouse.count_policies import get_limits
from reorder.domain.warehouse.count_rules import Variance, judge_count
from reorder.domain.warehouse.counts import NewEntry
from reorder.domain.warehouse.errors import CountMovedOn, CountNotByYou, CountNotFinished, CountTaken
from reorder.flows.counting.booking import book_variances, is_outdated, settle_within_place
from reorder.flows.counting.errors import BadCount
from reorder.flows.counting.holding import COUNTS, HeldCount, hold_count, is_same_person, somebody_else
from reorder.flows.shop_day import shop_date
from reorder.kernel.ids import idempotency_key

_STEP: Final = Decimal("0.001")
_MOST: Final = Decimal(10_000_000)
# Who books what is too small to ask a person.
POLICY: Final = "policy"
LATE_NOTE: Final = "late scans"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedUnits:
    """Selling units of some goods that somebody sees in the bin; `counted_at` is when, `key` makes it count once."""

    key: str
    product_id: int
    units: Decimal
    counted_at: dt.datetime
    owner: str = OWN_GOODS
    lot: str = ""
    expires_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class FinishedCount:
    """What a finished round came to: `approved` (exact, or booked), `counted` (waits for a person), `open` (again)."""

    state: str
    outcome: str


def start_count(*, task_id: int, actor: Actor, moment: dt.datetime) -> None:
    """The actor stands before the bin and counts. Raises UnknownCount, CountMovedOn, CountTaken, CountNotByYou."""
    with one_transaction():
        held = hold_count(task_id=task_id, actor=actor)
        _refuse_others(held=held, actor=actor)
        counts.start_count(task=held.task, actor=actor.name, moment=moment)


def enter_count(*, task_id: int, counted: CountedUnits, actor: Actor, moment: dt.datetime) -> None:
    """Take down what stands in the bin of some goods; counting them again in the same round replaces it.

    Raises UnknownCount, CountMovedOn, CountTaken, CountNotByYou, BadCount.
    """
    _refuse_bad(counted=counted)
    with one_transaction():
        held = hold_count(task_id=task_id, actor=actor, product_id=counted.product_id)
        _refuse_others(held=held, actor=actor)
        if held.task.product_id not in {None, counted.product_id}:
            raise BadCount(bin=held.task.bin_code, reason="this count is of one other product only")
        counts.start_count(task=held.task, actor=actor.name, moment=moment)
        _enter(held=held, counted=counted, actor=actor, moment=moment)


def finish_count(
    *, task_id: int, actor: Actor, moment: dt.datetime, key: str, rest_is_missing: bool = False
) -> FinishedCount:
    """Everything in the bin was counted; with `rest_is_missing` the counter says that the rest is not there.

    Nothing differs: approved. Within the limits of the place: booked. Beyond those of a recount: counted again by
    somebody else. Otherwise a person approves. Raises UnknownCount, CountMovedOn, CountTaken, CountNotFinished.
    """
    with one_transaction():
        held = hold_count(task_id=task_id, actor=actor)
        _refuse_others(held=held, actor=actor)
        counts.start_count(task=held.task, actor=actor.name, moment=moment)
        if held.missing and not rest_is_missing:
            raise CountNotFinished(bin=held.task.bin_code, goods=", ".join(one.sku for one in held.missing))
        for one in held.missing:
            nothing = CountedUnits(
                key=idempotency_key("count_rest", key, one.product_id, one.owner, one.lot),
                product_id=one.product_id,
                units=Decimal(0),
                counted_at=moment,
                owner=one.owner,
                lot=one.lot,
            )
            _enter(held=held, counted=nothing, actor=actor, moment=moment)
        held = HeldCount(task=held.task, goods=tuple(counts.list_goods(task=held.task)))
        return _judge(held=held, actor=actor, moment=moment)


def _judge(*, held: HeldCount, actor: Actor, moment: dt.datetime) -> FinishedCount:
    task = held.task
    if is_outdated(held=held):
        # A handheld without Wi-Fi told only now what it took before the count: the figure is of no use.
        counts.count_again(task=task, not_by="", note=LATE_NOTE, due_on=shop_date(moment=moment))
        return FinishedCount(state="open", outcome="late")
    settled = settle_within_place(held=held, actor=actor, moment=moment)
    held = HeldCount(task=task, goods=tuple(counts.list_goods(task=task)))
    verdict = judge_count(
        variances=[variance_of(one) for one in held.differing],
        limits=get_limits(place_code=task.place_code),
        can_recount=task.round == 1 and somebody_else(than=actor.name, abilities=COUNTS, place_code=task.place_code),
    )
    match verdict:
        case "recount":
            counts.count_again(task=task, not_by=actor.name, note="", due_on=shop_date(moment=moment))
            return FinishedCount(state="open", outcome="recount")
        case "wait":
            return _wait(held=held, actor=actor, outcome="large", moment=moment)
        case "book" if not book_variances(held=held, actor=actor, moment=moment):
            return _wait(held=held, actor=actor, outcome="promised", moment=moment)
        case _:
            outcome = "booked" if verdict == "book" else settled or "exact"
    counts.finish_count(
        task=task,
        state="approved",
        counted_by=actor.name,
        decided_by=POLICY,
        outcome=outcome,
        note="",
        moment=moment,
    )
    return FinishedCount(state="approved", outcome=outcome)


def variance_of(one: counts.CountedGoods) -> Variance:
    """What is still to be booked of some goods, as rules look at it."""
    money = None if one.unit_cost_minor is None else round(one.open_units * one.unit_cost_minor)
    return Variance(units=one.open_units, expected_units=one.expected_units or Decimal(0), money_minor=money)


def _wait(*, held: HeldCount, actor: Actor, outcome: str, moment: dt.datetime) -> FinishedCount:
    counts.wait_for_approval(task=held.task, counted_by=actor.name, outcome=outcome, moment=moment)
    return FinishedCount(state="counted", outcome=outcome)


def _enter(*, held: HeldCount, counted: CountedUnits, actor: Actor, moment: dt.datetime) -> None:
    counts.enter_units(
        entry=NewEntry(
            key=counted.key,
            task=held.task,
            product_id=counted.product_id,
            owner=counted.owner,
            lot=counted.lot,
            expires_date=counted.expires_date,
            counted_units=counted.units,
            counted_by=actor.name,
            # A handheld whose clock is ahead looked at the shelf no later than now.
            counted_at=min(counted.counted_at, moment),
        )
    )


def _refuse_others(*, held: HeldCount, actor: Actor) -> None:
    task = held.task
    if task.state not in {"open", "counting"}:
        raise CountMovedOn(bin=task.bin_code, state=task.state, wanted="counting")
    if task.assigned_to and not is_same_person(one=task.assigned_to, other=actor.name):
        raise CountTaken(by=task.assigned_to, bin=task.bin_code)
    if (
        task.not_by
        and is_same_person(one=task.not_by, other=actor.name)
        and somebody_else(than=actor.name, abilities=COUNTS, place_code=task.place_code)
    ):
        raise CountNotByYou(bin=task.bin_code)


def _refuse_bad(*, counted: CountedUnits) -> None:
    units = counted.units
    if not units.is_finite() or not 0 <= units <= _MOST or units != units.quantize(_STEP):
        raise BadCount(bin="", reason="units lie between 0 and 10,000,000, with at most three decimals")
