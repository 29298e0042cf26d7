"""Pauses of marketing: one holds at a time of each cause, a person's beside those that begin by themselves."""

import datetime as dt

from django.db.models import QuerySet

from reorder.domain.messaging.errors import AlreadyPaused, BadPause, NotPaused
from reorder.domain.messaging.models import MarketingPause, OutboxMessage
from reorder.domain.messaging.of_customer import has_pause, holding
from reorder.domain.storage import run_sql

REASON_LENGTH = 300
# Said by itself, not typed by a person: surfaces translate it.
PAUSE_TEMPLATES = {
    "parcel": "A parcel is late or was not delivered.",
    "return": "A return is open.",
    "complaint": "A complaint is open.",
    "order": "We cancelled an order.",
}
LONGEST_PAUSE = dt.timedelta(days=3 * 366)
_FOR_ORDER = """
INSERT INTO messaging_marketingpause AS known (customer_id, reason, resumes_date, paused_at, paused_by, cause)
VALUES (%(customer_id)s, %(reason)s, %(until)s, %(moment)s, 'system', 'order')
ON CONFLICT (customer_id, cause) WHERE resumed_at IS NULL DO UPDATE
SET resumes_date = excluded.resumes_date WHERE known.resumes_date < excluded.resumes_date
"""


def start_pause(
    *, customer_id: int, reason: str, resumes_date: dt.date | None, paused_by: str, moment: dt.datetime, today: dt.date
) -> int:
    """Keep marketing from a customer whom the caller has locked, until a day or until somebody ends it.

    Args:
        customer_id: whom; locked by the caller, so that two pauses do not begin at once.
        reason: why, for colleagues to read.
        resumes_date: the first day on which marketing may go again; None: open.
        paused_by: the staff's user name.
        moment: now, UTC.
        today: the shop's day at that moment.

    Raises BadPause, AlreadyPaused.
    """
    cleaned = " ".join(reason.replace("\x00", "").split())
    if not cleaned:
        raise BadPause(reason="say why, so that colleagues know")
    if len(cleaned) > REASON_LENGTH:
        raise BadPause(reason="the reason is longer than 300 characters")
    if resumes_date is not None and resumes_date <= today:
        raise BadPause(reason="the day must lie ahead")
    if resumes_date is not None and resumes_date > today + LONGEST_PAUSE:
        raise BadPause(reason="more than three years ahead: leave the day empty instead")
    if holding(day=today).filter(customer_id=customer_id, cause="").exists():
        raise AlreadyPaused
    # A pause whose day has come is over without anybody's doing; it makes room for the new one.
    _open(customer_id=customer_id, cause="").update(resumed_at=moment)
    made = MarketingPause.objects.create(
        customer_id=customer_id, reason=cleaned, resumes_date=resumes_date, paused_at=moment, paused_by=paused_by
    )
    return made.pk


def end_pause(*, customer_id: int, resumed_by: str, moment: dt.datetime, today: dt.date) -> None:
    """Let marketing go to a customer again, whatever paused it; raises NotPaused when it already may."""
    if not has_pause(customer_id=customer_id, day=today):
        raise NotPaused
    _open(customer_id=customer_id).update(resumed_at=moment, resumed_by=resumed_by)


def pause_for_cause(
    *, cause: str, customer_id: int, since: dt.datetime, until_date: dt.date, moment: dt.datetime, today: dt.date
) -> bool:
    """Keep marketing from a customer, locked by the caller, for something that is open since then.

    It ends with its cause, and on `until_date` at the latest. False where one of this cause holds, or one began for
    this before and was ended: somebody has decided.

    Args:
        cause: one of PAUSE_TEMPLATES.
        customer_id: whom.
        since: when what is open began.
        until_date: the first day on which marketing may go again all the same.
        moment: now, UTC.
        today: the shop's day at that moment.
    """
    known = MarketingPause.objects.filter(customer_id=customer_id, cause=cause)
    if known.filter(paused_at__gte=since).exists() or holding(day=today).filter(pk__in=known).exists():
        return False
    _open(customer_id=customer_id, cause=cause).update(resumed_at=moment)
    MarketingPause.objects.create(
        customer_id=customer_id,
        reason=PAUSE_TEMPLATES[cause],
        resumes_date=until_date,
        paused_at=moment,
        paused_by="system",
        cause=cause,
    )
    return True


def pause_for_cancelled_order(*, customer_id: int, until_date: dt.date, moment: dt.datetime) -> bool:
    """Keep marketing from a customer whose order we gave up, for some days; False where that is so already.

    The customer need not be held: of two that begin at once one does.
    """
    return bool(
        run_sql(
            statement=_FOR_ORDER,
            parameters={
                "customer_id": customer_id,
                "reason": PAUSE_TEMPLATES["order"],
                "until": until_date,
                "moment": moment,
            },
        )
    )


def end_pause_of_cause(*, cause: str, customer_id: int, moment: dt.datetime) -> bool:
    """What paused by itself is over; what a person paused stays paused. False where nothing was."""
    return bool(_open(customer_id=customer_id, cause=cause).update(resumed_at=moment, resumed_by="system"))


def _open(*, customer_id: int, cause: str | None = None) -> "QuerySet[MarketingPause]":
    found = MarketingPause.objects.filter(customer_id=customer_id, resumed_at__isnull=True)
    return found if cause is None else found.filter(cause=cause)


def stop_waiting_marketing(*, customer_id: int, outcome_code: str, moment: dt.datetime) -> int:
    """Withdraw every marketing message that still waits, held-out ones included; returns how many."""
    return run_sql(
        statement="""UPDATE messaging_outboxmessage
            SET state = 'stopped', finished_at = %(moment)s, outcome_code = %(code)s
            WHERE customer_id = %(customer_id)s AND purpose = 'marketing'
              AND state IN ('planned', 'held_out') AND finished_at IS NULL""",
        parameters={"customer_id": customer_id, "code": outcome_code, "moment": moment},
    )


def stop_waiting_of_channel(*, customer_id: int, channel: str, outcome_code: str, moment: dt.datetime) -> int:
    """The same of one channel; returns how many."""
    waiting = OutboxMessage.objects.filter(
        customer_id=customer_id,
        channel=channel,
        purpose="marketing",
        state__in=["planned", "held_out"],
        finished_at__isnull=True,
    )
    return waiting.update(state="stopped", finished_at=moment, outcome_code=outcome_code)
