"""One pass over the outbox. A crash at any line loses no message and sends none twice.

Per message: claim (committed) → conversation → outcome (committed). What a dead process left between the two is parked
by the next pass.
"""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from urllib.parse import quote

from django.conf import settings
from django.db import transaction

from reorder.domain.messaging import operations, queries
from reorder.domain.messaging.channels import Mail, MessageChannel, Outcome, Result, open_channel
from reorder.domain.messaging.operations import MessageToSend
from reorder.flows.repeat_cycle import withdraw_outdated


@dataclass(slots=True)
class SendCounts:
    """What a pass did, by outcome; `parked_count` are those that dead processes left behind."""

    sent_count: int = 0
    failed_count: int = 0
    put_off_count: int = 0
    unknown_count: int = 0
    stopped_count: int = 0
    parked_count: int = 0


def send_due_messages(*, moment: dt.datetime, limit: int = 1000) -> SendCounts:
    """Send planned messages whose moment has come, at most `limit`; several processes may do so at once.

    Parks what dead senders left, stops what has expired or is outdated, checks consent again at the last moment. Ends
    early when the channel is down, so that an outage costs one attempt of one message.

    Args:
        moment: now, UTC; moments recorded during the pass are this one plus the time that has gone by.
        limit: messages to hand over at most.
    """
    now = _running_clock(moment)
    counts = SendCounts(parked_count=operations.park_lost_messages(moment=moment))
    with transaction.atomic():
        counts.stopped_count = operations.stop_expired_messages(moment=moment)
        withdraw_outdated(customer_ids=queries.list_customers_with_reminders(planned_for=moment))
        operations.close_held_out_messages(moment=moment)
    operations.hold_sending_lock()
    try:
        with open_channel() as channel:
            for _ in range(limit):
                message = operations.claim_next_message(moment=now())
                if message is None or not _send(message=message, channel=channel, counts=counts, now=now):
                    break
    finally:
        operations.release_sending_lock()
    return counts


def _running_clock(moment: dt.datetime) -> Callable[[], dt.datetime]:
    started = time.monotonic()
    return lambda: moment + dt.timedelta(seconds=time.monotonic() - started)


def _send(
    *, message: MessageToSend, channel: MessageChannel, counts: SendCounts, now: Callable[[], dt.datetime]
) -> bool:
    """Hand one message over and record what came of it; False when the channel is down."""
    outcome = channel.send(mail=_mail(message))
    _record(message=message, outcome=outcome, counts=counts, moment=now())
    return not outcome.is_channel_down


def _record(*, message: MessageToSend, outcome: Outcome, counts: SendCounts, moment: dt.datetime) -> None:
    match outcome.result:
        case Result.DELIVERED:
            operations.record_sent(message=message, moment=moment)
            counts.sent_count += 1
        case Result.REFUSED:
            operations.record_failed(message=message, moment=moment, outcome_code=outcome.code, error=outcome.error)
            if outcome.is_address_unknown and message.customer_id is not None:
                operations.mark_unreachable(customer_id=message.customer_id, address=message.address, moment=moment)
            counts.failed_count += 1
        case Result.NOT_DELIVERED:
            operations.record_not_delivered(
                message=message, moment=moment, outcome_code=outcome.code, error=outcome.error
            )
            counts.put_off_count += 1
        case Result.UNKNOWN:
            operations.record_unknown(message=message, outcome_code=outcome.code, error=outcome.error)
            counts.unknown_count += 1


def _mail(message: MessageToSend) -> Mail:
    sender = settings.REORDER.mail_from
    unsubscribe = link = ""
    if message.purpose == "marketing" and message.customer_id is not None:
        mark = operations.unsubscribe_token(customer_id=message.customer_id)
        link = operations.unsubscribe_url(customer_id=message.customer_id)
        unsubscribe = f"mailto:{sender}?subject={quote(f'unsubscribe {mark}')}"
    return Mail(
        message_id=message.message_id,
        sender=sender,
        sender_name=" ".join(settings.REORDER.shop_name.split()),
        address=message.address,
        subject=message.subject,
        body_text=message.body_text,
        body_html=message.body_html,
        dated=format_datetime(message.dated_at),
        unsubscribe=unsubscribe,
        unsubscribe_url=link,
        attachments=message.attachments,
    )
