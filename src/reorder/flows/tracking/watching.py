"""The look at parcels under way every few minutes: which are late now, whose customers are told, what nobody waits for.

Lateness is noted once, told once, and ends by itself: with a scan, a new day, or the parcel's arrival.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from reorder.domain.shipping import strays, tracking, under_way
from reorder.domain.shipping.under_way import ChangedLateness
from reorder.domain.storage import one_transaction, widened_transaction
from reorder.flows.fulfil.following import SYSTEM, hold_order_row, tell
from reorder.flows.fulfil.timely import keep_late_alerts
from reorder.flows.order_mail import mail_parcel
from reorder.flows.shop_day import shop_date
from reorder.flows.tracking.accounts import list_tellers
from reorder.flows.tracking.pausing import follow_pauses
from reorder.flows.tracking.taking import take_stray


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a look found."""

    watched_count: int
    late_count: int
    settled_count: int
    pauses_begun_count: int
    pauses_ended_count: int


def watch_parcels(*, moment: dt.datetime) -> Watched:
    """Look at all parcels under way; safe to run twice."""
    tellers = list_tellers()
    with one_transaction():
        watched = under_way.begin_watching(polled=tellers.polled, called=tellers.called, moment=moment)
    settled = retry_strays(moment=moment)
    late = 0
    while changed := under_way.list_changed_lateness(
        today=shop_date(moment=moment), moment=moment, silent_days=settings.REORDER.silent_parcel_days
    ):
        noted = [_note(change=one, moment=moment) for one in changed]
        late += sum(bool(one.is_now) and done for one, done in zip(changed, noted, strict=True))
        if not any(noted):
            break
    keep_late_alerts(moment=moment)
    begun, ended = follow_pauses(moment=moment)
    return Watched(
        watched_count=watched,
        late_count=late,
        settled_count=settled,
        pauses_begun_count=begun,
        pauses_ended_count=ended,
    )


def retry_strays(*, moment: dt.datetime) -> int:
    """Words of parcels that were not there when they came; returns how many found theirs."""
    settled = 0
    for stray in strays.list_to_retry(moment=moment):
        word = strays.word_of(said=stray.said)
        if word is None:
            continue
        with widened_transaction():
            taken = take_stray(stray=stray, word=word, moment=moment)
            if taken is None:
                continue
            for refused, reason in taken.refused:
                strays.keep_stray_word(account_code=stray.account_code, reason_code=reason, word=refused, moment=moment)
            settled += strays.settle_stray(stray_id=stray.id, settled_by="system", moment=moment)
    return settled


def forget_strays(*, moment: dt.datetime) -> int:
    """Delete what carriers said and nobody could use, after 30 days; returns how many."""
    with one_transaction():
        return strays.forget_strays(moment=moment)


def _note(*, change: ChangedLateness, moment: dt.datetime) -> bool:
    """Write down that a parcel is late, or no longer; with its event and, when it is newly late, its letter."""
    with one_transaction():
        held = hold_order_row(order_id=change.order_id)
        parcel = tracking.lock_parcel(parcel_id=change.parcel_id)
        if not tracking.mark_late(parcel_id=parcel.id, reason=change.is_now, moment=moment):
            return False
        if not change.is_now or change.was:
            return True
        tell(
            order=held.order,
            kind="parcel_late",
            to_state=held.order.state,
            actor=SYSTEM,
            moment=moment,
            details={
                "parcel": parcel.number,
                "carrier": parcel.carrier,
                "tracking_number": parcel.tracking_number,
                "late_reason": change.is_now,
            }
            | ({"promised_date": parcel.promised_date.isoformat()} if parcel.promised_date else {}),
        )
        if change.is_now == "promise_passed":
            mail_parcel(order_id=parcel.order_id, parcel_id=parcel.id, state="delivery_delayed", moment=moment)
    return True
