"""Pauses of marketing: one holds at a time, and what waits is withdrawn with it."""

import datetime as dt

from reorder.domain.messaging.errors import AlreadyPaused, BadPause, NotPaused
from reorder.domain.messaging.models import MarketingPause, OutboxMessage
from reorder.domain.messaging.of_customer import has_pause, holding
from reorder.domain.storage import run_sql

REASON_LENGTH = 300
# Said by itself, not typed by a person: surfaces translate it.
PAUSE_TEMPLATES = {"parcel": "A parcel is late or was not delivered."}
LONGEST_PAUSE = dt.timedelta(days=3 * 366)


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
    # A pause whose day has come is over without anybody's doing; it makes room for the new one. So does one that began
    # by itself with a late parcel: a person has decided.
    MarketingPause.objects.filter(customer_id=customer_id, resumed_at__isnull=True).update(resumed_at=moment)
    made = MarketingPause.objects.create(
        customer_id=customer_id, reason=cleaned, resumes_date=resumes_date, paused_at=moment, paused_by=paused_by
    )
    return made.pk


def end_pause(*, customer_id: int, resumed_by: str, moment: dt.datetime, today: dt.date) -> None:
    """Let marketing go to a customer again; raises NotPaused when it already may."""
    if not has_pause(customer_id=customer_id, day=today):
        raise NotPaused
    MarketingPause.objects.filter(customer_id=customer_id, resumed_at__isnull=True).update(
        resumed_at=moment, resumed_by=resumed_by
    )


def pause_for_parcel(
    *, customer_id: int, since: dt.datetime, until_date: dt.date, moment: dt.datetime, today: dt.date
) -> bool:
    """Keep marketing from a customer, locked by the caller, who has had a parcel in trouble since then.

    It ends with the trouble, and on `until_date` at the latest. False where some pause holds, or one began for this
    trouble before and was ended.
    """
    known = MarketingPause.objects.filter(customer_id=customer_id, cause="parcel", paused_at__gte=since)
    if has_pause(customer_id=customer_id, day=today) or known.exists():
        return False
    MarketingPause.objects.filter(customer_id=customer_id, resumed_at__isnull=True).update(resumed_at=moment)
    MarketingPause.objects.create(
        customer_id=customer_id,
        reason=PAUSE_TEMPLATES["parcel"],
        resumes_date=until_date,
        paused_at=moment,
        paused_by="system",
        cause="parcel",
    )
    return True


def end_parcel_pause(*, customer_id: int, moment: dt.datetime) -> bool:
    """No parcel of the customer is late any more; what a person paused stays paused. False where nothing was."""
    return bool(
        MarketingPause.objects.filter(customer_id=customer_id, resumed_at__isnull=True, cause="parcel").update(
            resumed_at=moment, resumed_by="system"
        )
    )


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
