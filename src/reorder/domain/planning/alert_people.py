"""Who wants to hear of alerts and how, and the digests that went out to them."""

import datetime as dt
import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Max, Q

from reorder.domain.planning.errors import BadSubscription
from reorder.domain.planning.models import AlertDigest, AlertSubscription
from reorder.domain.staff.models import User
from reorder.domain.staff.queries import actor_of_user
from reorder.domain.staff.rules import Actor

# An attempt is over long before this, by its timeouts.
SENDING_LEASE: Final = dt.timedelta(minutes=10)
STALE_AFTER: Final = dt.timedelta(days=1)
# LINE remembers a retry key for a day; all repetitions lie within it.
RETRY_WAITS: Final = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
_LINE_ID: Final = re.compile(r"U[0-9a-f]{32}")
_NAMESPACE: Final = uuid.UUID("9b0f9a52-5c1c-4b8e-8f5e-0f0a4e6f6a11")
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """How one person wants to hear of alerts; nobody is told who has not chosen."""

    by_mail: bool = False
    by_line: bool = False
    line_user_id: str = ""
    daily_hour: int | None = None
    is_urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One person who wants to hear, with what decides what they may hear."""

    user_id: int
    name: str
    email: str
    language: str
    actor: Actor
    wants: Subscription
    daily_told_at: dt.datetime
    urgent_told_at: dt.datetime
    last_urgent_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDigest:
    """One message to one person by one way (`mail`, `line`); the same key lands once."""

    user_id: int
    idempotency_key: str
    way: str
    kind: str
    address: str
    body_text: str
    alerts_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRow:
    """One digest and what came of it; of mail the outbox knows."""

    id: int
    user_id: int
    idempotency_key: str
    way: str
    kind: str
    address: str
    body_text: str
    alerts_count: int
    retry_key: str
    state: str
    attempts_count: int
    planned_at: dt.datetime
    finished_at: dt.datetime | None
    error: str


def find_subscription(*, user_id: int) -> Subscription:
    """What this person has chosen; nothing before they have."""
    row = AlertSubscription.objects.filter(pk=user_id).first()
    return _wants(row) if row else Subscription()


def save_subscription(*, user_id: int, wants: Subscription, has_address: bool, moment: dt.datetime) -> None:
    """Keep what a person has chosen; they hear of what opens from now on. Raises BadSubscription."""
    line_id = wants.line_user_id.strip()
    wants_any = wants.is_urgent or wants.daily_hour is not None
    reasons = (
        (wants.daily_hour is not None and not 0 <= wants.daily_hour <= 23, "an hour lies between 0 and 23"),
        (wants.by_line and not line_id, "give your LINE user id"),
        (bool(line_id) and not _LINE_ID.fullmatch(line_id), "a LINE user id is a U and 32 letters and digits"),
        (wants.by_mail and not has_address, "your account has no e-mail address"),
        (wants_any and not (wants.by_mail or wants.by_line), "choose at least one way"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadSubscription(reason=reason)
    before = find_subscription(user_id=user_id)
    values: dict[str, object] = {
        "by_mail": wants.by_mail,
        "by_line": wants.by_line,
        "line_user_id": line_id,
        "daily_hour": wants.daily_hour,
        "is_urgent": wants.is_urgent,
    }
    # Who begins to listen is not told of all that has ever opened.
    if before.daily_hour is None:
        values["daily_told_at"] = moment
    if not before.is_urgent:
        values["urgent_told_at"] = moment
    AlertSubscription.objects.update_or_create(pk=user_id, defaults=values)


def list_listeners() -> list[Listener]:
    """Everybody of the staff who wants to hear and is still active."""
    rows = AlertSubscription.objects.filter(Q(by_mail=True) | Q(by_line=True)).filter(
        Q(is_urgent=True) | Q(daily_hour__isnull=False)
    )
    known = {row.pk: row for row in rows}
    urgent = AlertDigest.objects.filter(user_id__in=known, kind="urgent").values_list("user_id")
    last = dict(urgent.annotate(last=Max("planned_at")).order_by("user_id"))
    users = User.objects.filter(pk__in=known, is_active=True).order_by("pk")
    return [
        Listener(
            user_id=user.pk,
            name=user.get_full_name() or user.username,
            email=user.email,
            language=user.language,
            actor=actor_of_user(user=user),
            wants=_wants(known[user.pk]),
            daily_told_at=known[user.pk].daily_told_at,
            urgent_told_at=known[user.pk].urgent_told_at,
            last_urgent_at=last.get(user.pk),
        )
        for user in users
    ]


def note_told(*, user_id: int, kind: str, before: dt.datetime, moment: dt.datetime) -> bool:
    """This digest has told what came until `moment`; False when another process was first."""
    column = f"{kind}_told_at"
    return AlertSubscription.objects.filter(pk=user_id, **{column: before}).update(**{column: moment}) > 0


def plan_digests(*, digests: Collection[NewDigest], moment: dt.datetime) -> int:
    """Remember digests that shall go out; known keys change nothing. The caller hands mail over to the outbox."""
    made = AlertDigest.objects.bulk_create(
        [
            AlertDigest(
                user_id=one.user_id,
                idempotency_key=one.idempotency_key,
                way=one.way,
                kind=one.kind,
                address=one.address,
                body_text=one.body_text,
                alerts_count=one.alerts_count,
                retry_key=uuid.uuid5(_NAMESPACE, one.idempotency_key),
                state="handed_over" if one.way == "mail" else "planned",
                planned_at=moment,
                send_after=moment,
            )
            for one in digests
        ],
        ignore_conflicts=True,
    )
    return len(made)


def park_old_pushes(*, moment: dt.datetime) -> int:
    """Park LINE digests whose moment passed a day ago: LINE has forgotten their retry keys, and they are no news."""
    old = AlertDigest.objects.filter(way="line", state__in=["planned", "sending"], send_after__lte=moment - STALE_AFTER)
    return old.update(state="failed", finished_at=moment, error="not sent within a day")


def claim_push(*, moment: dt.datetime) -> DigestRow | None:
    """Take the next LINE digest that is due, or that a dead process left, and commit that; None when none is.

    Taking one a dead process had is harmless: LINE knows its retry key. Must not run inside a transaction.
    """
    with transaction.atomic(durable=True):
        due = Q(state="planned", send_after__lte=moment) | Q(state="sending", sending_at__lte=moment - SENDING_LEASE)
        row = (
            AlertDigest.objects.select_for_update(skip_locked=True)
            .filter(due, way="line")
            .order_by("send_after", "pk")
            .first()
        )
        if row is None:
            return None
        row.attempts_count += 1
        AlertDigest.objects.filter(pk=row.pk).update(
            state="sending", sending_at=moment, attempts_count=row.attempts_count
        )
    return _digest_row(row)


def record_push(*, digest: DigestRow, moment: dt.datetime, error: str = "", may_retry: bool = False) -> str:
    """What came of an attempt: sent, planned again after a growing wait, or failed, that is parked; returns which."""
    values: dict[str, object] = {"state": "sent", "finished_at": moment, "error": ""}
    if error:
        values = {"state": "failed", "finished_at": moment, "error": error[:500]}
        if may_retry and digest.attempts_count <= len(RETRY_WAITS):
            again_at = moment + RETRY_WAITS[digest.attempts_count - 1]
            values = {"state": "planned", "send_after": again_at, "error": error[:500]}
    AlertDigest.objects.filter(pk=digest.id, state="sending", attempts_count=digest.attempts_count).update(**values)
    return str(values["state"])


def push_again(*, digest_id: int, user_id: int, moment: dt.datetime) -> bool:
    """Send a parked digest once more, under a new retry key: LINE has surely not taken it. False when it is not one."""
    return (
        AlertDigest.objects.filter(pk=digest_id, user_id=user_id, state="failed").update(
            state="planned", send_after=moment, attempts_count=0, finished_at=None, retry_key=uuid.uuid4()
        )
        > 0
    )


def list_digests(*, user_id: int) -> list[DigestRow]:
    """The newest digests to one person."""
    rows = AlertDigest.objects.filter(user_id=user_id).order_by("-pk")[:_SHOWN]
    return [_digest_row(row) for row in rows]


def count_failed_pushes(*, since: dt.datetime) -> int:
    """LINE digests that are parked since a moment."""
    return AlertDigest.objects.filter(state="failed", finished_at__gte=since).count()


def forget_digests(*, before: dt.datetime) -> int:
    """Delete digests that were planned before a moment; returns how many."""
    deleted, _ = AlertDigest.objects.filter(planned_at__lt=before).exclude(state__in=["planned", "sending"]).delete()
    return deleted


def _wants(row: AlertSubscription) -> Subscription:
    return Subscription(
        by_mail=row.by_mail,
        by_line=row.by_line,
        line_user_id=row.line_user_id,
        daily_hour=row.daily_hour,
        is_urgent=row.is_urgent,
    )


def _digest_row(row: AlertDigest) -> DigestRow:
    return DigestRow(
        id=row.pk,
        user_id=row.user_id,
        idempotency_key=row.idempotency_key,
        way=row.way,
        kind=row.kind,
        address=row.address,
        body_text=row.body_text,
        alerts_count=row.alerts_count,
        retry_key=str(row.retry_key),
        state=row.state,
        attempts_count=row.attempts_count,
        planned_at=row.planned_at,
        finished_at=row.finished_at,
        error=row.error,
    )
