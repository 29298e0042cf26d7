"""`reorder webhooks`: who is told what happens here, what was sent, and sending it again."""

import datetime as dt
import getpass
from typing import TYPE_CHECKING, Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.cli.language import translated, word
from reorder.cli.screen import Entry, local_time, say, show_entries, show_json
from reorder.cli.start import start_application
from reorder.kernel.errors import BadInput

if TYPE_CHECKING:
    from reorder.domain.channels.webhook_endpoints import EndpointRow
    from reorder.domain.channels.webhook_pages import DeliveryRow

webhooks = typer.Typer(
    help="Webhooks: other systems that are told at once what happens here.", invoke_without_command=True
)
_STATES: Final = ("waiting", "delivered", "failed", "given_up")
_Json = Annotated[bool, typer.Option("--json", help="Machine-readable.")]
_By = Annotated[str, typer.Option("--by", help="Who decides.", default_factory=getpass.getuser, show_default="you")]


class BadWebhookFilter(BadInput):
    code = "webhooks.bad_filter"
    template = "{text!r} is not known. Write one of: {known}"


class BadWebhookMoment(BadInput):
    code = "webhooks.bad_moment"
    template = "{text!r} is not a moment. Write for example 2026-12-24 or 2026-12-24T18:30, on the shop's clock."


class BadReplay(BadInput):
    """Neither single deliveries nor a span."""

    code = "webhooks.bad_replay"
    template = "Say what goes out again: numbers of deliveries, or --since MOMENT for all that failed."


@webhooks.callback()
def list_webhooks(context: typer.Context, *, as_json: _Json = False) -> None:
    """List the endpoints: where they are, what they are told of, and how they fare."""
    if context.invoked_subcommand:
        return
    start_application()
    from reorder.domain.channels.webhook_endpoints import list_endpoints
    from reorder.domain.channels.webhook_pages import count_waiting

    counts = count_waiting(most=100_000)
    rows = [(row, counts.get(row.id, 0)) for row in list_endpoints()]
    if as_json:
        show_json([_endpoint(row) | {"waiting": waiting} for row, waiting in rows])
        return
    show_entries(_entry(row, waiting) for row, waiting in rows)
    if not rows:
        say(_("No endpoint yet. Add one: reorder webhooks add https://…"))


@webhooks.command("add")
def add_webhook(
    url: Annotated[str, typer.Argument(help="Where messages are sent.")],
    *,
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only these events; may be repeated.")] = None,
    description: Annotated[str, typer.Option("--description", help="Which system it is.")] = "",
    by: _By,
) -> None:
    """Add an endpoint and print the secret that signs its messages, once."""
    start_application()
    from reorder.flows import webhooks as flow
    from reorder.kernel import clock

    row, secret = flow.add_endpoint(
        given=flow.EndpointForm(url=url, description=description, kinds=kind or ()),
        decided_by=by,
        moment=clock.current_moment(),
    )
    say(_("Endpoint {number} is added. Its signing secret, shown once:").format(number=row.id))
    say(secret)


@webhooks.command("test")
def test_webhook(
    endpoint: Annotated[int, typer.Argument(metavar="ENDPOINT", help="Number of the endpoint.")], *, by: _By
) -> None:
    """Send a test message; the worker delivers it."""
    start_application()
    from reorder.flows import webhooks as flow
    from reorder.kernel import clock

    number = flow.send_test(endpoint_id=endpoint, decided_by=by, moment=clock.current_moment())
    say(_("Delivery {number} waits for the worker. See it: reorder webhooks deliveries").format(number=number))


@webhooks.command("deliveries")
def list_webhook_deliveries(
    *,
    state: Annotated[str, typer.Option("--state", help="waiting, delivered, failed or given_up.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="One kind of event, such as order.placed.")] = "",
    endpoint: Annotated[int | None, typer.Option("--endpoint", help="Number of one endpoint.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 20,
    as_json: _Json = False,
) -> None:
    """List deliveries, the newest first."""
    start_application()
    from reorder.domain.channels.webhook_pages import list_deliveries
    from reorder.flows.webhooks import KINDS, TEST

    if state:
        _require_known(state, known=_STATES)
    if kind:
        _require_known(kind, known=(*KINDS, TEST))
    rows = list_deliveries(state=state, kind=kind, endpoint_id=endpoint, limit=limit)
    if as_json:
        show_json([_delivery(row) for row in rows])
        return
    show_entries(_delivered(row) for row in rows)
    if not rows:
        say(_("No delivery is like this."))


@webhooks.command("replay")
def replay_webhooks(
    deliveries: Annotated[list[int] | None, typer.Argument(metavar="DELIVERY...", help="Numbers.")] = None,
    *,
    since: Annotated[str, typer.Option("--since", help="All that failed or was given up from this moment on.")] = "",
    until: Annotated[str, typer.Option("--until", help="Up to this moment; default: now.")] = "",
    endpoint: Annotated[int | None, typer.Option("--endpoint", help="Only to this endpoint.")] = None,
    by: _By,
) -> None:
    """Send deliveries again, with the same webhook-id: single ones, or all that failed in a span."""
    if bool(deliveries) == bool(since):
        raise BadReplay
    start_application()
    from reorder.flows import webhooks as flow
    from reorder.kernel import clock

    moment = clock.current_moment()
    if deliveries:
        for number in deliveries:
            flow.replay_delivery(delivery_id=number, decided_by=by, moment=moment)
        count = len(deliveries)
    else:
        count = flow.replay_span(
            endpoint_id=endpoint,
            since=_moment(since),
            until=_moment(until) if until else moment,
            decided_by=by,
            moment=moment,
        )
    said = ngettext("{count} delivery goes out again.", "{count} deliveries go out again.", count)
    say(said.format(count=f"{count:,}"))


def _require_known(text: str, *, known: tuple[str, ...]) -> None:
    if text not in known:
        raise BadWebhookFilter(text=text, known=", ".join(known))


def _moment(text: str) -> dt.datetime:
    from django.conf import settings

    try:
        given = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadWebhookMoment(text=text) from None
    return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(settings.REORDER.time_zone))


def _answer(row: "DeliveryRow") -> str:
    from reorder.flows.webhooks import say_fault

    if row.status is not None:
        return _("answered {status}").format(status=row.status)
    return say_fault(code=row.error_code, parameters=row.error_parameters, translate=translated)


def _entry(row: "EndpointRow", waiting: int) -> Entry:
    facts = [
        f"#{row.id}",
        word("in_use" if row.state == "active" else row.state),
        _("{count} waiting").format(count=f"{waiting:,}") if waiting else "",
        _("failing since {moment}").format(moment=local_time(row.failing_since)) if row.failing_since else "",
        ", ".join(row.kinds) or _("all events"),
    ]
    return Entry(title=row.description or row.url, facts=facts, reason=row.url if row.description else "")


def _delivered(row: "DeliveryRow") -> Entry:
    attempts = ngettext("{count} attempt", "{count} attempts", row.attempts_count)
    facts = [
        f"#{row.id}",
        word(row.state),
        attempts.format(count=row.attempts_count),
        _("to endpoint {number}").format(number=row.endpoint_id),
        local_time(row.created_at),
        _("next attempt {moment}").format(moment=local_time(row.next_attempt_at)) if row.state == "waiting" else "",
    ]
    return Entry(title=f"{row.kind} {row.subject_key}", facts=facts, reason=_answer(row))


def _endpoint(row: "EndpointRow") -> dict[str, Any]:
    return {
        "id": row.id,
        "url": row.url,
        "description": row.description,
        "kinds": list(row.kinds),
        "state": row.state,
        "state_reason": row.state_reason,
        "failing_since": row.failing_since,
        "failures_in_row": row.failures_in_row,
    }


def _delivery(row: "DeliveryRow") -> dict[str, Any]:
    return {
        "id": row.id,
        "endpoint_id": row.endpoint_id,
        "message_id": row.key,
        "kind": row.kind,
        "subject": f"{row.subject_kind} {row.subject_key}",
        "state": row.state,
        "attempts": row.attempts_count,
        "status": row.status,
        "error_code": row.error_code,
        "created_at": row.created_at,
        "next_attempt_at": row.next_attempt_at if row.state == "waiting" else None,
    }


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the application."""
    app.add_typer(webhooks, name="webhooks")
