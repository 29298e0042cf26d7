"""What a lot's decisions leave behind: messages, messages that wait, those that gave way, and why of everything."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from reorder.domain.marketing import waiting
from reorder.domain.marketing.waiting import StillWaiting
from reorder.domain.messaging import operations as messaging
from reorder.domain.messaging.operations.traces import MovedMessage, NewTrace, move_messages, record_traces
from reorder.domain.messaging.queries import find_planned
from reorder.domain.messaging.rules import DraftItem, MessageDraft
from reorder.engine import contact
from reorder.engine.contact import Decision
from reorder.flows.contacting.content import choose_content
from reorder.flows.contacting.deciding import DecidedLot, Settled
from reorder.flows.contacting.values import Proposed
from reorder.kernel.ids import idempotency_key

# Kept with the message, so that its goods can be looked at again before it goes.
STOCK_RULE: Final = "stock_rule"
_WAITS: Final = ("rescheduled", "held_for_stock")


def save_lot(*, lot: DecidedLot, moment: dt.datetime) -> list[Proposed]:
    """Write a decided lot down; part of the transaction that decided it. In the order of the lot."""
    written = [one for one in lot.settled if one.decision.outcome in {"planned", "held_out"}]
    messaging.plan_messages(drafts=[_draft(one, lot=lot, moment=moment) for one in written])
    waits = [one for one in lot.settled if one.decision.outcome in _WAITS]
    waiting.keep_waiting(messages=[_waiting(one) for one in waits], moment=moment)
    waiting.end_waiting(keys=[one.wanted.key for one in lot.settled if one.decision.outcome not in _WAITS])
    _move(lot.settled, moment=moment)
    record_traces(traces=[_trace(one, moment=moment) for one in lot.settled], moment=moment)
    ids = {row.key: row.id for row in find_planned(idempotency_keys=[one.wanted.key for one in written])}
    _approve(written, ids=ids, moment=moment)
    return [_proposed(one.decision, ids=ids) for one in lot.settled]


def _approve(written: Sequence[Settled], *, ids: Mapping[str, int], moment: dt.datetime) -> None:
    """Who let a campaign go has let its messages go."""
    by_person: dict[str, list[int]] = {}
    for one in written:
        if one.wanted.approved_by and one.decision.outcome == "planned":
            by_person.setdefault(one.wanted.approved_by, []).append(ids[one.wanted.key])
    for person, numbers in sorted(by_person.items()):
        messaging.approve_messages(ids=numbers, approved_by=person, moment=moment)


def _proposed(decision: Decision, *, ids: Mapping[str, int]) -> Proposed:
    return Proposed(
        key=decision.key,
        outcome=decision.outcome,
        reason_code=decision.reason_code,
        at=decision.at,
        channel=decision.channel,
        message_id=ids.get(decision.key),
    )


def _draft(one: Settled, *, lot: DecidedLot, moment: dt.datetime) -> MessageDraft:
    wanted, decision = one.wanted, one.decision
    content = choose_content(settled=one, lot=lot)
    return MessageDraft(
        idempotency_key=wanted.key,
        customer_id=wanted.customer_id,
        purpose=wanted.purpose,
        channel=decision.channel,
        address=decision.address,
        subject="",
        body_text="",
        state=decision.outcome,
        reason_code=wanted.reason_code,
        reason_parameters=dict(wanted.reason_parameters),
        send_after=decision.at or moment,
        expires_at=wanted.latest_at,
        source_kind=wanted.source_kind,
        source_key=wanted.source_key,
        step_key=wanted.step_key,
        variant=content.variant,
        language=content.language,
        template_version_id=content.version_id,
        variables={
            **wanted.variables,
            "skus": list(decision.skus),
            "offer": decision.offer,
            STOCK_RULE: wanted.stock_rule,
        },
        holdout=decision.holdout,
        value_minor=wanted.value_minor,
        planned_at=moment,
        items=tuple(
            DraftItem(product_id=lot.goods.products[sku].id, subject_key=lot.goods.products[sku].subject)
            for sku in dict.fromkeys(decision.skus)
            if sku in lot.goods.products
        ),
    )


def _waiting(one: Settled) -> StillWaiting:
    decision = one.decision
    return StillWaiting(
        wanted=one.wanted,
        outcome=decision.outcome,
        reason_code=decision.reason_code,
        reason_parameters=decision.reason_parameters,
        look_at=decision.at or one.wanted.latest_at,
    )


def _move(settled: Sequence[Settled], *, moment: dt.datetime) -> None:
    # As it was decided, by value: what gave way twice stands where the later decision put it.
    ranked = sorted(settled, key=lambda one: (-one.wanted.value_minor, one.wanted.key))
    moved = {gone.message_id: gone.at for one in ranked for gone in one.decision.moved}
    move_messages(
        moved=[
            MovedMessage(number, at, "outbox.waits.displaced" if at else "outbox.stopped.displaced")
            for number, at in sorted(moved.items())
        ],
        moment=moment,
    )


def _trace(one: Settled, *, moment: dt.datetime) -> NewTrace:
    wanted, decision = one.wanted, one.decision
    is_own = decision.reason_code == wanted.reason_code
    return NewTrace(
        decision_key=idempotency_key(wanted.key, moment.isoformat()),
        source_kind=wanted.source_kind,
        source_key=wanted.source_key,
        step_key=wanted.step_key,
        channel=decision.channel,
        customer_id=wanted.customer_id,
        subject_key=wanted.skus[0] if wanted.skus else "",
        outcome=decision.outcome,
        reason_code=decision.reason_code,
        reason_parameters=wanted.reason_parameters if is_own else decision.reason_parameters,
        trace=[_told(check) for check in decision.trace],
    )


def _told(check: contact.Check) -> list[object]:
    """A check as a row: short, because there are many."""
    return [
        check.name,
        check.verdict,
        {name: value for name, value in check.seen.items() if value not in ("", [], None)},
    ]
