"""`reorder alerts`: what calls for somebody, and putting it off."""

import datetime as dt
import getpass
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from reorder.cli.language import translated
from reorder.cli.screen import Entry, local_time, say, show_entries, show_json
from reorder.cli.start import start_application
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import format_amount
from reorder.kernel.money import minor_digits

if TYPE_CHECKING:
    from reorder.insights.inbox import InboxLine

alerts = typer.Typer(
    help="Alerts: what calls for somebody about stock, orders, plans and data.", invoke_without_command=True
)
_STATES: Final = ("open", "critical", "snoozed", "resolved")


class BadAlertFilter(BadInput):
    code = "alerts.bad_filter"
    template = "{text!r} is not known. Write one of: {known}"


class BadSnoozeDay(BadInput):
    code = "alerts.bad_day"
    template = "{text!r} is not a day. Write for example 2026-12-24"


@alerts.callback()
def list_alerts(
    context: typer.Context,
    *,
    state: Annotated[str, typer.Option("--state", help="open, critical, snoozed or resolved.")] = "open",
    kind: Annotated[str, typer.Option("--kind", help="One kind, such as runs_out or late_order.")] = "",
    place: Annotated[str, typer.Option("--place", help="The code of one place.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """List alerts, the most money at stake first."""
    if context.invoked_subcommand:
        return
    start_application()
    from reorder.domain.planning.alert_list import KINDS, Asked
    from reorder.insights.inbox import list_inbox
    from reorder.kernel import clock

    _require_known(state, known=_STATES)
    if kind:
        _require_known(kind, known=KINDS)
    asked = Asked(
        tab=state,  # type: ignore[arg-type]  # one of the tabs, checked above
        kinds=frozenset({kind}) if kind else frozenset(),
        places=frozenset({place}) if place else frozenset(),
        is_each=bool(kind),
    )
    page = list_inbox(asked=asked, moment=clock.current_moment(), limit=limit)
    if as_json:
        show_json([_document(line) for line in page.lines])
        return
    show_entries(_entry(line) for line in page.lines)
    if not page.lines:
        say(_("Nothing calls for you."))
    elif page.next_after:
        say(_("More follow: reorder alerts --limit {limit}").format(limit=limit * 5))


@alerts.command("snooze")
def snooze(
    ids: Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers of open alerts.")],
    *,
    until: Annotated[str, typer.Option("--until", help="The day on which they come back; default: tomorrow.")] = "",
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    by: Annotated[str, typer.Option("--by", help="Who decides.", default_factory=getpass.getuser, show_default="you")],
) -> None:
    """Put alerts off until a day; they come back then, or at once when they get worse."""
    start_application()
    from django.conf import settings

    from reorder.domain.planning.alerting import require_open
    from reorder.flows import alerting
    from reorder.kernel import clock

    for alert_id in ids:
        require_open(alert_id=alert_id)
    moment, zone = clock.current_moment(), ZoneInfo(settings.REORDER.time_zone)
    day = _day(until) if until else moment.astimezone(zone).date() + dt.timedelta(days=1)
    back_at = dt.datetime.combine(day, dt.time(6), tzinfo=zone)
    done = alerting.snooze(ids=ids, until=back_at, note=note, decided_by=by, moment=moment)
    said = ngettext("{count} alert is put off until {day}.", "{count} alerts are put off until {day}.", len(done))
    say(said.format(count=len(done), day=local_time(back_at)))


def _require_known(text: str, *, known: tuple[str, ...]) -> None:
    if text not in known:
        raise BadAlertFilter(text=text, known=", ".join(known))


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise BadSnoozeDay(text=text) from None


def _entry(line: "InboxLine") -> Entry:
    from reorder.flows.alerting.wording import say_reason

    row = line.row
    about = " ".join(filter(None, (line.name, f"({row.subject})" if row.subject and line.product_id else "")))
    stake = row.stake_minor / 10 ** minor_digits(currency=row.currency)
    facts = [
        f"#{row.id}",
        translated(row.severity),
        row.place_code,
        _("{amount} at stake").format(amount=format_amount(stake, currency=row.currency)) if row.stake_minor else "",
        _("put off until {moment}").format(moment=local_time(row.snoozed_until)) if row.snoozed_until else "",
    ]
    language = get_language() or "en"
    return Entry(
        title=": ".join(filter(None, (translated(row.kind.replace("_", " ")), about))),
        facts=facts,
        reason=say_reason(code=row.reason_code, parameters=row.reason_parameters, language=language),
    )


def _document(line: "InboxLine") -> dict[str, Any]:
    row = line.row
    return {
        "id": row.id,
        "kind": row.kind,
        "severity": row.severity,
        "subject": row.subject,
        "name": line.name,
        "place": row.place_code,
        "supplier": row.supplier_code,
        "purchase_order": row.order_number,
        "stake_minor": row.stake_minor,
        "currency": row.currency,
        "probability": row.probability,
        "reason_code": row.reason_code,
        "reason_parameters": row.reason_parameters,
        "first_seen_at": row.first_seen_at,
        "last_seen_at": row.last_seen_at,
        "resolved_at": row.resolved_at,
        "snoozed_until": row.snoozed_until,
        "snoozed_by": row.snoozed_by,
        "snooze_note": row.snooze_note,
    }


def register(app: typer.Typer) -> None:
    """Add this part's commands."""
    app.add_typer(alerts, name="alerts")
