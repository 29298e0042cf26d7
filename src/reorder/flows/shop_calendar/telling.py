"""Signals into the books: what can be taken is, the rest is told apart with the reason, in one transaction."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from reorder.domain.planning import signals as books
from reorder.domain.planning.errors import BadSignal, TooManySignals
from reorder.domain.planning.signal_rules import MOST_IN_BATCH, NewSignal, judge_signal
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.shop_calendar.knowing import known_among
from reorder.kernel.clock import date_at


@dataclass(frozen=True, slots=True)
class SignalOutcome:
    """What became of a batch: how many were new, and the refused ones by their place in it."""

    added_count: int
    unchanged_count: int
    faults: dict[int, BadSignal]


def take_signals(*, signals: Sequence[NewSignal], source: str, moment: dt.datetime, told_by: str) -> SignalOutcome:
    """Record the signals of one batch; the same value again changes nothing. Raises TooManySignals.

    One without a moment is known from `moment` on; one without a source has `source`. The next night reads them.
    """
    if len(signals) > MOST_IN_BATCH:
        raise TooManySignals(count=len(signals), limit=MOST_IN_BATCH)
    today = date_at(moment=moment, time_zone=settings.REORDER.time_zone)
    known = known_among(told=signals)
    faults: dict[int, BadSignal] = {}
    for number, one in enumerate(signals):
        fault = judge_signal(signal=one, known=known, today=today, moment=moment)
        if fault is not None:
            faults[number] = fault
    places = [number for number in range(len(signals)) if number not in faults]
    good = [replace(signals[number], source=signals[number].source or source) for number in places]
    with one_transaction():
        recorded = books.record_signals(signals=good, moment=moment)
        if recorded.added_count:
            record_audit(
                actor=told_by,
                action="planning.take_signals",
                subject_kind="signal",
                subject_key=source,
                details={"added": recorded.added_count, "told": len(signals)},
            )
    for row in recorded.contradicting_rows:
        faults[places[row]] = BadSignal(
            reason="at this moment another value is known already; a correction needs a later moment"
        )
    unchanged = len(signals) - len(faults) - recorded.added_count
    return SignalOutcome(recorded.added_count, unchanged, dict(sorted(faults.items())))
