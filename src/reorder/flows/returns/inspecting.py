"""Goods that came back are looked at: graded, and by rule or by a person's word back to stock or out of it."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast

from reorder.domain.inventory.promise_terms import rules_for
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.return_errors import BadReturnInput, NeverRestocked, ReturnMovedOn
from reorder.domain.warehouse.return_pieces import grade_piece, redispose_piece
from reorder.domain.warehouse.return_rule_book import dispositions_by_grade, list_goods, list_rules
from reorder.domain.warehouse.return_rules import (
    DISPOSITION_REASON_TEMPLATES,
    DISPOSITIONS,
    GRADES,
    Disposed,
    Grade,
    dispose,
    restock_obstacle,
    rule_of,
)
from reorder.domain.warehouse.returns import PieceRow, change_return, get_held_return
from reorder.flows.fulfil.following import mark_goods
from reorder.flows.returns.telling import HeldCase, hold_case, tell_return
from reorder.kernel.jobs import JobName, defer_job
from reorder.kernel.quantity import plain_decimal

LONGEST_REASON: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """How units of a piece were found. `seen_units` is what the grader saw of it, so that two do not grade the same.

    Without a `disposition` the rules say what becomes of them; another one needs a `reason`.
    """

    piece_id: int
    seen_units: Decimal
    units: Decimal
    grade: str
    disposition: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Limits:
    """What forbids to sell goods again, beside their temperature."""

    never_restocks: bool
    sellable_from: dt.date


def propose_disposition(*, case: HeldCase, piece: PieceRow, grade: str, moment: dt.datetime) -> Disposed:
    """What the rules say becomes of a piece of this grade."""
    limits = _limits(case=case, piece=piece, moment=moment)
    return dispose(
        grade=cast("Grade", grade),
        by_grade=dispositions_by_grade(),
        temperature_class=piece.temperature_class,
        never_restocks=limits.never_restocks,
        expires_date=piece.expires_date,
        sellable_from=limits.sellable_from,
    )


def grade_goods(*, return_id: int, grading: Grading, actor: Actor, moment: dt.datetime) -> PieceRow:
    """Grade units of a piece; stock follows in the same transaction. With the last one the return is inspected.

    Raises UnknownReturn, ReturnMovedOn (somebody else was there first), BadReturnInput, NeverRestocked.
    """
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        case.held.require(states=["under_way", "received"], wanted="grading")
        piece = _piece(case=case, grading=grading)
        if piece.grade:
            raise ReturnMovedOn(number=case.held.number, state="graded", wanted="grading")
        rule = propose_disposition(case=case, piece=piece, grade=grading.grade, moment=moment)
        chosen = _choose(case=case, piece=piece, grading=grading, rule=rule, moment=moment)
        done = grade_piece(
            held=case.held,
            piece=piece,
            units=grading.units,
            grade=grading.grade,
            disposition=chosen.disposition,
            reason=chosen.reason,
            is_overridden=chosen.disposition != rule.disposition,
            actor=actor.name,
            moment=moment,
        )
        _follow(case=case, piece=done, kind="graded", actor=actor, moment=moment)
        follow_inspected(return_id=return_id, case=case, actor=actor, moment=moment)
        return done


def redispose_goods(
    *,
    return_id: int,
    piece_id: int,
    seen_units: Decimal,
    units: Decimal,
    disposition: str,
    reason: str,
    actor: Actor,
    moment: dt.datetime,
) -> PieceRow:
    """Goods that are kept apart become something else: mended ones go to stock, others are thrown away after all.

    Raises as `grade_goods`.
    """
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        grading = Grading(
            piece_id=piece_id, seen_units=seen_units, units=units, grade="A", disposition=disposition, reason=reason
        )
        piece = _piece(case=case, grading=grading)
        if not piece.grade or piece.is_ended:
            raise ReturnMovedOn(number=case.held.number, state="settled", wanted="this")
        if disposition == piece.disposition:
            return piece
        chosen = _choose(case=case, piece=piece, grading=grading, rule=None, moment=moment)
        done = redispose_piece(
            held=case.held,
            piece=piece,
            units=units,
            disposition=chosen.disposition,
            reason=chosen.reason,
            actor=actor.name,
            moment=moment,
        )
        _follow(case=case, piece=done, kind="redisposed", actor=actor, moment=moment)
        return done


def follow_inspected(*, return_id: int, case: HeldCase, actor: Actor, moment: dt.datetime) -> bool:
    """A return all of whose goods are graded is inspected; part of the transaction that graded the last of them."""
    held = get_held_return(return_id=return_id)
    if held.state != "received" or held.ungraded:
        return False
    change_return(held=held, to_state="inspected", moment=moment)
    tell_return(case=HeldCase(order=case.order, held=held), kind="inspected", actor=actor, moment=moment)
    return True


def _piece(*, case: HeldCase, grading: Grading) -> PieceRow:
    piece = next((one for one in case.held.pieces if one.id == grading.piece_id), None)
    if piece is None or piece.units != grading.seen_units:
        raise ReturnMovedOn(number=case.held.number, state="changed", wanted="grading")
    if grading.grade not in GRADES:
        raise BadReturnInput(reason="choose a grade")
    if not (grading.units.is_finite() and 0 < grading.units <= piece.units):
        raise BadReturnInput(reason="the units must be above zero, and no more than came")
    if grading.disposition and grading.disposition not in DISPOSITIONS:
        raise BadReturnInput(reason="choose what becomes of the goods")
    return piece


def _choose(
    *, case: HeldCase, piece: PieceRow, grading: Grading, rule: Disposed | None, moment: dt.datetime
) -> Disposed:
    """The rule, or what a person says against it with a reason; goods nobody may sell are never restocked."""
    if rule is not None and grading.disposition in {"", rule.disposition}:
        return rule
    reason = grading.reason.replace("\x00", "").strip()[:LONGEST_REASON]
    if not reason:
        raise BadReturnInput(reason="say why something else than the rule becomes of them")
    chosen = Disposed(disposition=grading.disposition, reason=reason)  # type: ignore[arg-type]
    if chosen.disposition in {"restock", "refurbish"}:
        _refuse_unsellable(case=case, piece=piece, moment=moment)
    return chosen


def _refuse_unsellable(*, case: HeldCase, piece: PieceRow, moment: dt.datetime) -> None:
    limits = _limits(case=case, piece=piece, moment=moment)
    obstacle = restock_obstacle(
        temperature_class=piece.temperature_class,
        never_restocks=limits.never_restocks,
        expires_date=piece.expires_date,
        sellable_from=limits.sellable_from,
    )
    if obstacle:
        raise NeverRestocked(name=piece.name, reason=DISPOSITION_REASON_TEMPLATES[obstacle])


def _limits(*, case: HeldCase, piece: PieceRow, moment: dt.datetime) -> _Limits:
    goods = list_goods(product_ids=[piece.product_id])[piece.product_id]
    promise = rules_for(channel=case.order.channel, product_ids=[piece.product_id], moment=moment)
    return _Limits(
        never_restocks=rule_of(goods=goods, channel=case.order.channel, rules=list_rules()).never_restocks,
        sellable_from=promise.expires_from(product_id=piece.product_id),
    )


def _follow(*, case: HeldCase, piece: PieceRow, kind: str, actor: Actor, moment: dt.datetime) -> None:
    details = {
        "piece": piece.id,
        "sku": piece.sku,
        "units": plain_decimal(number=piece.units),
        "grade": piece.grade,
        "disposition": piece.disposition,
        "why": piece.reason,
        "is_overridden": piece.is_overridden,
    }
    tell_return(case=case, kind=kind, actor=actor, moment=moment, details=details)
    if piece.disposition == "restock":
        mark_goods(goods={(piece.sku, case.held.place_code)})
        # Somebody may be waiting for just these goods.
        defer_job(name=JobName.FILL_BACKORDERS, once_key="backorders")


REASON_TEMPLATES: Final = (
    "choose a grade",
    "the units must be above zero, and no more than came",
    "choose what becomes of the goods",
    "say why something else than the rule becomes of them",
)
