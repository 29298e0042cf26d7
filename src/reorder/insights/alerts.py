"""What somebody must know whatever page they are on: a night that failed, a worker that is gone, mail that is parked,
and how many alerts about stock, orders and plans wait for them.

A few small reads, kept for a minute in the shared cache, because every page shows their number.
"""

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext as _

from reorder.domain.messaging import queries as messaging
from reorder.domain.planning import alert_list, alert_people
from reorder.domain.planning import queries as planning
from reorder.domain.planning.alert_list import AlertCount
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.inbox import InboxSummary, summarise_inbox
from reorder.insights.order_problems import count_needing_orders

_KEY: Final = "reorder.alerts.3"
_KEPT_SECONDS: Final = 60
_STALE_AFTER: Final = dt.timedelta(hours=36)
# The desk that mends each kind, and who is told of it.
_DESKS: Final = {
    "night_failed": ("runs:index", Ability.START_RUNS),
    "night_stale": ("runs:index", Ability.START_RUNS),
    "worker_gone": ("runs:index", Ability.START_RUNS),
    "jobs_failed": ("runs:index", Ability.START_RUNS),
    "mail_parked": ("outbox:index", Ability.DECIDE_MARKETING_MESSAGES),
    "line_failed": ("me:alerts", Ability.DECIDE_PROPOSALS),
}
_FAILED_FOR: Final = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to mend; `code` names it, `parameters` fill its sentence."""

    code: str
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def url_name(self) -> str:
        """The desk where it is mended."""
        return _DESKS[self.code][0]

    @property
    def sentence(self) -> str:
        """What is wrong, in the reader's language."""
        sentences = {
            "night_failed": _("The night of {date} failed: {error}"),
            "night_stale": _("The figures are from the night of {date}: no night has succeeded since."),
            "worker_gone": _(
                "No worker is running: nothing is sent, imported or planned. Start one with: reorder work"
            ),
            "jobs_failed": _("{count} jobs failed in the last hour."),
            "mail_parked": _("{count} messages may or may not have been delivered. Find out, and say so."),
            "line_failed": _("{count} digests of alerts could not be sent by LINE. See why, and send them again."),
        }
        return sentences[self.code].format(**self.parameters)


@dataclass(frozen=True, slots=True)
class Around:
    """What every page shows: things to mend, and what waits in the inbox."""

    alerts: list[Alert]
    inbox: InboxSummary
    needing_orders_count: int = 0


def look_around(*, actor: Actor, moment: dt.datetime) -> Around:
    """What this actor can mend, the worst first, and what waits for them; at most a minute old."""
    known = cache.get(_KEY)
    if known is None:
        known = {
            "alerts": [asdict(alert) for alert in find_alerts(moment=moment)],
            "inbox": [asdict(count) for count in alert_list.count_open(moment=moment)],
            "orders": count_needing_orders(moment=moment),
        }
        cache.set(_KEY, known, _KEPT_SECONDS)
    found = [Alert(**one) for one in known["alerts"]]
    counts = [AlertCount(**one) for one in known["inbox"]]
    return Around(
        alerts=[alert for alert in found if actor.may(_DESKS[alert.code][1])],
        inbox=summarise_inbox(actor=actor, counts=counts),
        # The number is the whole shop's, so it is no number for somebody who is limited to some places.
        needing_orders_count=int(known["orders"]) if actor.may(Ability.VIEW_ORDERS) and not actor.place_codes else 0,
    )


def list_alerts(*, actor: Actor, moment: dt.datetime) -> list[Alert]:
    """What this actor can mend, the worst first; at most a minute old."""
    return look_around(actor=actor, moment=moment).alerts


def forget_known() -> None:
    """Let the next page look again: something in the inbox has changed."""
    cache.delete(_KEY)


def find_alerts(*, moment: dt.datetime) -> list[Alert]:
    """Everything that is wrong now, read afresh."""
    alerts = []
    last = planning.find_latest_run(kind="night")
    good = planning.find_latest_run(kind="night", state="succeeded")
    if last and last.state == "failed":
        alerts.append(Alert("night_failed", {"date": str(last.as_of_date), "error": last.error}))
    elif good and moment - good.started_at > _STALE_AFTER:
        alerts.append(Alert("night_stale", {"date": str(good.as_of_date)}))
    workers, failed = _count_workers_and_failed_jobs()
    # The demonstration starts its worker when it is loaded.
    if not workers and planning.find_latest_run(kind="demo", state="running") is None:
        alerts.append(Alert("worker_gone"))
    if failed:
        alerts.append(Alert("jobs_failed", {"count": failed}))
    if parked := messaging.count_messages(state="unknown"):
        alerts.append(Alert("mail_parked", {"count": parked}))
    if unsent := alert_people.count_failed_pushes(since=moment - _FAILED_FOR):
        alerts.append(Alert("line_failed", {"count": unsent}))
    return alerts


def _count_workers_and_failed_jobs() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT count(*) FROM procrastinate_workers
                       WHERE last_heartbeat > now() - 2 * %(timeout)s * interval '1 second'),
                      (SELECT count(DISTINCT job_id) FROM procrastinate_events
                       WHERE type = 'failed' AND at > now() - interval '1 hour')""",
            {"timeout": settings.REORDER.worker_timeout_seconds},
        )
        return cursor.fetchone() or (0, 0)
