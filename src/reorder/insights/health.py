"""What `reorder doctor` and the page Health look at: each check says what it found and how to mend what is wrong."""

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from reorder.domain.inventory import queries as inventory
from reorder.domain.messaging import queries as messaging
from reorder.domain.messaging.channels import check_mail
from reorder.domain.payments.credit import compare_credit_with_moves
from reorder.domain.payments.queries import compare_payments_with_entries
from reorder.domain.planning import queries as planning
from reorder.insights.api_metrics import find_ledger_word
from reorder.insights.promise_proof import list_promise_differences
from reorder.kernel.errors import ReorderError

_LEAST_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: `is_well`, what was found, and how to mend it (empty when well)."""

    name: str
    is_well: bool
    found: str
    mend: str = ""


def examine(*, moment: dt.datetime) -> list[Check]:
    """All checks, none of which changes anything; a check that cannot be made is itself a finding."""
    # Summing up every payment is not for a page: a job does so nightly and tells the log.
    return [*_look(moment=moment, ledger=_ledger), _safely(name="payments", check=_money)]


def glance(*, moment: dt.datetime) -> list[Check]:
    """The same for a page: the whole ledger is not summed up for it, its last comparison is told instead."""
    return _look(moment=moment, ledger=_ledger_word)


def _look(*, moment: dt.datetime, ledger: Callable[[], Check]) -> list[Check]:
    checks: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("database", _database),
        ("disk", _disk),
        ("settings", _settings),
        ("ledger", ledger),
        ("demand", _demand),
        ("night", lambda: _night(moment)),
        ("mail", _mail),
        ("parked mail", _parked),
        ("worker", _worker),
    )
    return [_safely(name=name, check=check) for name, check in checks]


def _safely(*, name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (ReorderError, OSError) as cause:
        return Check(name, is_well=False, found=str(cause), mend=_("Mend what the message names and look again."))


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database()))")
        version, size = cursor.fetchone() or ("?", "?")
        cursor.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')")
        durable = cursor.fetchone()
    is_well = durable == ("on", "on")
    mend = "" if is_well else _("Turn fsync and synchronous_commit on: a crash may lose acknowledged orders.")
    return Check("database", is_well, f"PostgreSQL {version}, {size}", mend)


def _disk() -> Check:
    folder = _existing(settings.HOME)
    free = shutil.disk_usage(folder).free
    mend = "" if free > _LEAST_FREE_BYTES else _("Free some space: PostgreSQL stops when the disk is full.")
    return Check(
        "disk",
        free > _LEAST_FREE_BYTES,
        _("{free:.1f} GB free in {folder}").format(free=free / 1e9, folder=folder),
        mend,
    )


def _existing(folder: Path) -> Path:
    return next(p for p in (folder, *folder.parents) if p.exists())


def _settings() -> Check:
    options, key = settings.REORDER, settings.HOME / "secret.key"
    found = _("{currency}, {time_zone}; mail comes from {address}").format(
        currency=options.currency, time_zone=options.time_zone, address=options.mail_from
    )
    mend = ""
    if options.mail_url.startswith("smtp") and options.mail_from.endswith("@localhost"):
        mend = _("Set REORDER_MAIL_FROM: mail servers refuse mail from {address}.").format(address=options.mail_from)
    if key.exists() and key.stat().st_mode & 0o077:
        mend = _("Others can read the signing key. Run: chmod 600 {file}").format(file=key)
    return Check("settings", not mend, found, mend)


def _demand() -> Check:
    """Purchases are planned place by place: what sold at no place of several is expected, and never bought."""
    count = planning.count_subjects_without_place() if inventory.list_places() else 0
    mend = _("Import the orders with a column place: what sold at no place is not bought again.") if count else ""
    found = _("{count} products or categories sold at no known place").format(count=count)
    return Check("demand", not count, found, mend)


def _ledger() -> Check:
    differences = inventory.compare_ledger_with_levels()
    promises = list_promise_differences()
    if promises and not differences:
        said = f"{promises[0].sku} {promises[0].location}"
        found = _("{count} promises are not as their orders say, first: {first}").format(
            count=len(promises), first=said
        )
        return Check("ledger", is_well=False, found=found, mend=_("See them all with: reorder doctor --ledger"))
    if not differences:
        return Check("ledger", is_well=True, found=_("all levels equal the ledger"))
    mend = _("Somebody wrote around the ledger. Correct the goods by a count, then tell us how it happened.")
    found = _("{count} levels differ, first: {first}").format(count=len(differences), first=differences[0])
    return Check("ledger", is_well=False, found=found, mend=mend)


def _ledger_word() -> Check:
    """A worker compares every hour, since that takes longer the more moves there are."""
    word = find_ledger_word()
    if word is None:
        found = _("not compared within the last hours; a worker does so every hour")
        return Check("ledger", is_well=True, found=found)
    time = dt.datetime.fromtimestamp(word.checked_at, tz=ZoneInfo(settings.REORDER.time_zone))
    if not word.count:
        found = _("all levels equal the ledger, at {time}").format(time=f"{time:%H:%M}")
        return Check("ledger", is_well=True, found=found)
    found = _("{count} levels differ from the ledger, at {time}").format(count=word.count, time=f"{time:%H:%M}")
    return Check("ledger", is_well=False, found=found, mend=_("See which, and how to mend it: reorder doctor"))


def _money() -> Check:
    differences = [*compare_payments_with_entries(), *compare_credit_with_moves()]
    if not differences:
        return Check("payments", is_well=True, found=_("payments and store credit equal what came and went"))
    mend = _("Somebody wrote around the payments. Tell us which, and how it happened; no money is lost.")
    found = _("{count} differ from what came and went, first: {first}").format(
        count=len(differences), first=differences[0]
    )
    return Check("payments", is_well=False, found=found, mend=mend)


def _night(moment: dt.datetime) -> Check:
    run = planning.find_latest_run(kind="night")
    if run is None:
        return Check("night", is_well=True, found=_("no night has run yet"), mend=_("Run: reorder plan"))
    if run.state == "failed":
        found = _("night {date} failed: {error}").format(date=run.as_of_date, error=run.error)
        return Check("night", is_well=False, found=found, mend=_("Run: reorder plan"))
    refused = [error for step in planning.list_steps(run_id=run.id) for error in step.details.get("failed", [])]
    if refused:
        found = _("the night of {date} could not import: {error}").format(date=run.as_of_date, error=refused[0])
        return Check("night", is_well=False, found=found, mend=_("Mend the file or take it out of the import folder."))
    age_days = (moment - run.started_at).days
    stale = age_days >= 2
    mend = _("Start the worker (reorder work) or run: reorder plan") if stale else ""
    found = _("night {date}, {state}, {days} days ago").format(date=run.as_of_date, state=_(run.state), days=age_days)
    return Check("night", not stale, found, mend)


def _mail() -> Check:
    return Check("mail", is_well=True, found=check_mail())


def _parked() -> Check:
    parked = messaging.count_messages(state="unknown")
    mend = "" if not parked else _("Look at them with: reorder outbox parked")
    return Check("parked mail", not parked, _("{count} messages with unknown outcome").format(count=parked), mend)


def _worker() -> Check:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT count(*) FROM procrastinate_workers
                       WHERE last_heartbeat > now() - %(timeout)s * interval '1 second'),
                      (SELECT count(DISTINCT job_id) FROM procrastinate_events
                       WHERE type = 'failed' AND at > now() - interval '1 hour'),
                      (SELECT count(DISTINCT j.id) FROM procrastinate_jobs j
                       JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'deferred'
                       WHERE j.status = 'todo' AND
                             greatest(j.scheduled_at, e.at) < now() - interval '15 minutes')""",
            {"timeout": settings.REORDER.worker_timeout_seconds},
        )
        workers, failed, late = cursor.fetchone() or (0, 0, 0)
    found = _("{workers} at work, {late} jobs late, {failed} failed in the last hour").format(
        workers=workers, late=late, failed=failed
    )
    if late:
        return Check("worker", is_well=False, found=found, mend=_("Start one with: reorder work"))
    mend = _("Read what the worker wrote: the cause stands there.") if failed else ""
    return Check("worker", not failed, found, mend)
