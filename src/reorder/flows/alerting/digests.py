"""Telling people: the daily digest at their hour, critical alerts at once, by mail and by LINE; nothing new, nothing.

What was told is remembered in the transaction that plans the message, so a crash tells nobody twice and forgets none.
"""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.domain.messaging import operations as messaging
from reorder.domain.messaging.channels.base import Outcome, Result
from reorder.domain.messaging.channels.line_push import push_text
from reorder.domain.messaging.rules import STAFF_PURPOSE, MessageDraft
from reorder.domain.planning import alert_list, alert_people
from reorder.domain.planning.alert_people import DigestRow, Listener, NewDigest
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.alerting.wording import NAMED_MOST, say_body, say_subject
from reorder.insights.inbox import InboxLine, ask, name_lines
from reorder.kernel.ids import idempotency_key
from reorder.kernel.jobs import JobName, defer_job

KEPT: Final = dt.timedelta(days=90)
_PUSHES_MOST: Final = 200


@dataclass(slots=True)
class Told:
    """What a pass did: digests planned, LINE messages taken, put off and parked."""

    planned_count: int = 0
    sent_count: int = 0
    put_off_count: int = 0
    failed_count: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What one person is told: the alerts that are named, and how many there are in all."""

    kind: str
    lines: list[InboxLine]
    count: int


def send_alerts(*, moment: dt.datetime) -> Told:
    """Plan the digests that are due, hand mail over to the outbox, and push what goes by LINE; safe to run twice."""
    told = Told()
    for listener in alert_people.list_listeners():
        for kind in ("urgent", "daily"):
            if is_due(listener=listener, kind=kind, moment=moment):
                told.planned_count += _tell(listener=listener, kind=kind, moment=moment)
    _push(told=told, moment=moment)
    alert_people.forget_digests(before=moment - KEPT)
    return told


def is_due(*, listener: Listener, kind: str, moment: dt.datetime) -> bool:
    """Whether this person's digest of this kind is due: once a day from their hour on, or after the hold-off."""
    if kind == "urgent":
        holdoff = dt.timedelta(minutes=settings.REORDER.alert_holdoff_minutes)
        last = listener.last_urgent_at
        return listener.wants.is_urgent and (last is None or moment >= last + holdoff)
    if listener.wants.daily_hour is None:
        return False
    zone = ZoneInfo(settings.REORDER.time_zone)
    local = moment.astimezone(zone)
    hour = local.replace(hour=listener.wants.daily_hour, minute=0, second=0, microsecond=0)
    latest = hour if hour <= local else hour - dt.timedelta(days=1)
    return listener.daily_told_at < latest


def push_again(*, digest_id: int, user_id: int, decided_by: str, moment: dt.datetime) -> bool:
    """Have a parked LINE digest sent once more; False when it is not the person's, or not parked."""
    with one_transaction():
        done = alert_people.push_again(digest_id=digest_id, user_id=user_id, moment=moment)
        if done:
            record_audit(
                actor=decided_by, action="alerts.push_again", subject_kind="digest", subject_key=str(digest_id)
            )
            defer_job(name=JobName.SEND_ALERTS, once_key="alerts")
    return done


def _tell(*, listener: Listener, kind: str, moment: dt.datetime) -> int:
    before = listener.urgent_told_at if kind == "urgent" else listener.daily_told_at
    news = _find_news(listener=listener, kind=kind, since=before, moment=moment)
    if news is None and kind == "urgent":
        # What is told next is what comes next; the hold-off counts from the last message.
        return 0
    with one_transaction():
        if not alert_people.note_told(user_id=listener.user_id, kind=kind, before=before, moment=moment):
            return 0
        return _plan(listener=listener, news=news, before=before, moment=moment) if news else 0


def _find_news(*, listener: Listener, kind: str, since: dt.datetime, moment: dt.datetime) -> News | None:
    asked = ask(actor=listener.actor)
    if asked is None:
        return None
    rows, count = alert_list.list_news(
        asked=asked, since=since, moment=moment, is_urgent=kind == "urgent", limit=NAMED_MOST
    )
    return News(kind, name_lines(rows=rows), count) if count else None


def _plan(*, listener: Listener, news: News, before: dt.datetime, moment: dt.datetime) -> int:
    language, wants = listener.language, listener.wants
    address = f"{settings.REORDER.public_url or f'http://{settings.REORDER.bind}'}/alerts/"
    subject = say_subject(lines=news.lines, count=news.count, kind=news.kind, language=language)
    body = say_body(lines=news.lines, count=news.count, name=listener.name, language=language, address=address)
    ways = []
    if wants.by_mail and listener.email:
        ways.append(("mail", listener.email, body))
    if wants.by_line:
        ways.append(("line", wants.line_user_id, f"{subject}\n\n{body}"))
    digests = [
        NewDigest(
            user_id=listener.user_id,
            # What was told up to then is told once, whoever comes to plan it.
            idempotency_key=idempotency_key("alerts", listener.user_id, news.kind, way, before.isoformat()),
            way=way,
            kind=news.kind,
            address=to,
            body_text=text,
            alerts_count=news.count,
        )
        for way, to, text in ways
    ]
    drafts = [
        _mail(digest=one, subject=subject, name=listener.name, moment=moment) for one in digests if one.way == "mail"
    ]
    messaging.plan_messages(drafts=drafts)
    return alert_people.plan_digests(digests=digests, moment=moment)


def _mail(*, digest: NewDigest, subject: str, name: str, moment: dt.datetime) -> MessageDraft:
    return MessageDraft(
        idempotency_key=digest.idempotency_key,
        purpose=STAFF_PURPOSE,
        address=digest.address,
        subject=subject,
        body_text=digest.body_text,
        reason_code=f"alert.digest.{digest.kind}",
        reason_parameters={"count": digest.alerts_count, "name": name},
        send_after=moment,
    )


def _push(*, told: Told, moment: dt.datetime) -> None:
    now = _running_clock(moment)
    told.failed_count += alert_people.park_old_pushes(moment=moment)
    for _ in range(_PUSHES_MOST):
        digest = alert_people.claim_push(moment=now())
        if digest is None:
            return
        outcome = push_text(line_user_id=digest.address, text=digest.body_text, retry_key=digest.retry_key)
        _count(told, _record(digest=digest, outcome=outcome, moment=now()))


def _record(*, digest: DigestRow, outcome: Outcome, moment: dt.datetime) -> str:
    if outcome.result is Result.DELIVERED:
        return alert_people.record_push(digest=digest, moment=moment)
    may_retry = outcome.result is Result.NOT_DELIVERED
    return alert_people.record_push(
        digest=digest, moment=moment, error=outcome.error or outcome.code, may_retry=may_retry
    )


def _count(told: Told, state: str) -> None:
    told.sent_count += state == "sent"
    told.put_off_count += state == "planned"
    told.failed_count += state == "failed"


def _running_clock(moment: dt.datetime) -> Callable[[], dt.datetime]:
    started = time.monotonic()
    return lambda: moment + dt.timedelta(seconds=time.monotonic() - started)
