"""What carriers tell us by themselves: judged by the adapter of their account, then taken in word by word.

A message whose signature is wrong is refused and nothing of it is kept: whoever forges many fills nothing. One that is
truly the carrier's is always answered as taken, since carriers repeat what is not: what could not be used is kept.
"""

import datetime as dt
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.shipping import strays, tracking
from reorder.domain.shipping.carriers.faults import BadCallback, CarrierFault
from reorder.domain.shipping.carriers.values import Callback, TrackingReport
from reorder.domain.shipping.tracking_rules import CarrierWord
from reorder.domain.storage import widened_transaction
from reorder.flows.tracking.accounts import OpenAccount, open_by_callback_key
from reorder.flows.tracking.taking import take_words

log = logging.getLogger(__name__)
# What adapters say of a message that somebody else wrote.
_FORGED: Final = "the signature is wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTaken:
    """What is answered to the carrier, and what became of its words."""

    reply: str
    new_count: int
    known_count: int
    stray_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsTaken:
    """What became of words about several parcels."""

    new_count: int = 0
    known_count: int = 0
    stray_count: int = 0

    def __add__(self, other: "WordsTaken") -> "WordsTaken":
        return WordsTaken(
            new_count=self.new_count + other.new_count,
            known_count=self.known_count + other.known_count,
            stray_count=self.stray_count + other.stray_count,
        )


def take_callback(*, account_key: str, body: bytes, headers: Mapping[str, str], moment: dt.datetime) -> CallbackTaken:
    """Take in a message that came to the address of an account.

    Raises UnknownCarrierAddress for an address of no account, BadCallback when it is not the carrier's.
    """
    account = open_by_callback_key(key=account_key, moment=moment)
    callback = Callback(body=body, headers=headers, received_at=moment)
    try:
        read = account.carrier.read_callback(callback=callback)
    except CarrierFault as fault:
        if isinstance(fault, BadCallback) and fault.parameters.get("reason") == _FORGED:
            raise
        # It may be the carrier's, and is not what we know: somebody should look.
        log.warning("a message of carrier account %s cannot be read: %s", account.name, fault)
        kept = strays.keep_unreadable(
            account_code=account.name, detail=str(fault), digest=hashlib.sha256(body).hexdigest(), moment=moment
        )
        if isinstance(fault, BadCallback):
            raise
        return CallbackTaken(reply="OK", new_count=0, known_count=0, stray_count=int(kept))
    taken = take_reports(account=account, reports=read.reports, source="callback", moment=moment)
    return CallbackTaken(
        reply=read.reply,
        new_count=taken.new_count,
        known_count=taken.known_count,
        stray_count=taken.stray_count,
    )


def take_reports(
    *, account: OpenAccount, reports: Sequence[TrackingReport], source: str, moment: dt.datetime
) -> WordsTaken:
    """Take in what an adapter read, parcel by parcel, each in a transaction of its own."""
    by_parcel: dict[tuple[str, str, str], list[TrackingReport]] = {}
    for report in reports:
        key = (report.tracking_number, report.reference, report.carrier_reference)
        by_parcel.setdefault(key, []).append(report)
    taken = WordsTaken()
    for told in by_parcel.values():
        taken += _take(account=account, told=told, source=source, moment=moment)
    return taken


def word_of_report(*, report: TrackingReport) -> CarrierWord:
    """A carrier's report as tracking keeps it."""
    return CarrierWord(
        tracking_number=report.tracking_number,
        state=report.state,
        happened_at=report.happened_at,
        reason=report.incident,
        carrier_code=report.event_code,
        carrier_words=report.description,
        place_text=report.where,
    )


def _take(*, account: OpenAccount, told: Sequence[TrackingReport], source: str, moment: dt.datetime) -> WordsTaken:
    words = [word_of_report(report=report) for report in told]
    with widened_transaction():
        found = tracking.find_by_tracking(tracking_number=told[0].tracking_number) or tracking.find_by_label(
            account_id=account.row.id, reference=told[0].reference, carrier_reference=told[0].carrier_reference
        )
        if found is None:
            for word in words:
                strays.keep_stray_word(account_code=account.name, reason_code="no_parcel", word=word, moment=moment)
            return WordsTaken(stray_count=len(words))
        can = account.carrier.capabilities
        taken = take_words(
            parcel_id=found.id,
            order_id=found.order_id,
            words=words,
            source=source,
            told_by=account.name,
            account_code=account.name,
            is_polled=can.tracks and not can.callbacks,
            moment=moment,
        )
        for word, reason in taken.refused:
            strays.keep_stray_word(account_code=account.name, reason_code=reason, word=word, moment=moment)
    return WordsTaken(new_count=taken.new_count, known_count=taken.known_count, stray_count=len(taken.refused))
