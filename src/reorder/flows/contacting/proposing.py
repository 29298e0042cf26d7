"""The door by which every source asks for messages: decided at once, kept until they go, taken back when not wanted."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from django.db import transaction

from reorder.domain.customers.operations import hold_merges_off
from reorder.domain.customers.queries import find_kept_ids
from reorder.domain.customers.reached import HeldPerson, hold_people
from reorder.domain.marketing import waiting
from reorder.domain.marketing.limits import find_limits
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.messaging.operations.traces import withdraw_by_keys, withdraw_of_source
from reorder.domain.messaging.queries import find_planned
from reorder.flows.contacting.deciding import decide_lot
from reorder.flows.contacting.goods import list_left_of
from reorder.flows.contacting.saving import save_lot
from reorder.flows.contacting.values import Proposed

LOT: Final = 1000


def propose(*, wanted: Sequence[WantedMessage], moment: dt.datetime) -> list[Proposed]:
    """Decide about messages and keep what comes of it, in the caller's transaction; one answer a message, in order.

    A key that is planned or waits already keeps what was decided. People are held, in the order of their ids, until
    the transaction ends, so that two sources never fill one cap together, and so is the stock that is promised.

    Args:
        wanted: equal keys are one message; the last one counts.
        moment: now, UTC.
    """
    asked = {one.key: one for one in wanted}
    with transaction.atomic():
        hold_merges_off()
        people = {one.id: one for one in hold_people(customer_ids=[one.customer_id for one in asked.values()])}
        answers = _known(keys=list(asked)) | _strangers(asked.values(), people=people)
        fresh = [one for one in asked.values() if one.key not in answers]
        for lot in _lots(fresh):
            found = decide_lot(wanted=lot, people=_people_of(lot, people), moment=moment)
            answers |= {one.key: one for one in save_lot(lot=found, moment=moment)}
    return [answers[one.key] for one in wanted]


def look_again(*, moment: dt.datetime, limit: int = 20 * LOT) -> int:
    """Decide again about messages whose next look has come; returns how many. A job: owns its transactions.

    Those that wait for goods are looked at as soon as the goods are there, whatever day was expected.
    """
    _wake_for_stock(moment=moment)
    done = 0
    while done < limit:
        found = _look_at_lot(moment=moment)
        done += found
        if found == 0:
            break
    return done


def withdraw(
    *, source_kind: str, source_key: str, customer_id: int | None, outcome_code: str, moment: dt.datetime | None = None
) -> int:
    """Take back what a source wanted and nobody has got yet, of one customer or (None) of all; returns how many.

    Part of the caller's transaction.
    """
    with transaction.atomic():
        waited = waiting.end_waiting_of_source(source_kind=source_kind, source_key=source_key, customer_id=customer_id)
        return waited + withdraw_of_source(
            source_kind=source_kind,
            source_key=source_key,
            customer_id=customer_id,
            outcome_code=outcome_code,
            moment=moment,
        )


def withdraw_keys(*, keys: Sequence[str], outcome_code: str, moment: dt.datetime) -> int:
    """Take back single messages, planned or waiting, that nobody has got yet; returns how many were planned.

    Part of the caller's transaction.
    """
    if not keys:
        return 0
    waiting.end_waiting(keys=keys)
    return withdraw_by_keys(keys=keys, outcome_code=outcome_code, moment=moment)


def _known(*, keys: Sequence[str]) -> dict[str, Proposed]:
    """What was decided before about these: planned messages and those that wait."""
    answers = {
        one.key: Proposed(key=one.key, outcome=one.outcome, reason_code=one.reason_code, at=one.look_at)
        for one in waiting.tell_waiting(keys=keys).values()
    }
    for row in find_planned(idempotency_keys=keys):
        answers[row.key] = Proposed(
            key=row.key,
            outcome="held_out" if row.holdout else "planned",
            reason_code=row.reason_code,
            at=row.send_after,
            channel=row.channel,
            message_id=row.id,
        )
    return answers


def _strangers(wanted: Iterable[WantedMessage], *, people: Collection[int]) -> dict[str, Proposed]:
    """Whoever is not there gets nothing, and leaves no trace."""
    return {
        one.key: Proposed(key=one.key, outcome="suppressed", reason_code="message.erased")
        for one in wanted
        if one.customer_id not in people
    }


def _lots(wanted: Sequence[WantedMessage]) -> Iterator[list[WantedMessage]]:
    """By value, so that of one call the most valuable are decided first, whatever the number of lots."""
    ranked = sorted(wanted, key=lambda one: (-one.value_minor, one.key))
    for start in range(0, len(ranked), LOT):
        yield ranked[start : start + LOT]


def _people_of(lot: Sequence[WantedMessage], people: dict[int, HeldPerson]) -> list[HeldPerson]:
    return [people[number] for number in sorted({one.customer_id for one in lot}) if number in people]


def _look_at_lot(*, moment: dt.datetime) -> int:
    due = waiting.list_due(moment=moment, limit=LOT)
    if not due:
        return 0
    with transaction.atomic(durable=True):
        hold_merges_off()
        kept = find_kept_ids(ids=[customer_id for _, customer_id in due])
        # People before what waits for them: whoever withdraws holds the person, too.
        people = {one.id: one for one in hold_people(customer_ids=list(kept.values()))}
        wanted = [
            replace(one, customer_id=kept.get(one.customer_id, one.customer_id))
            for one in waiting.hold_waiting(keys=[key for key, _ in due], moment=moment)
        ]
        lot = decide_lot(wanted=wanted, people=_people_of(wanted, people), moment=moment)
        save_lot(lot=lot, moment=moment)
    return len(due)


def _wake_for_stock(*, moment: dt.datetime) -> None:
    """Whoever waits for goods of which something can be promised again is looked at now."""
    with transaction.atomic(durable=True):
        held = waiting.list_held_skus(moment=moment)
        if held:
            units_each = find_limits().promise_units
            left = list_left_of(skus=held, units_each=units_each, moment=moment)
            waiting.wake_for_stock(skus=[sku for sku, units in left.items() if units >= units_each], moment=moment)
