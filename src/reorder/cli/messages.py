"""`reorder outbox …`, `reorder send`, `reorder unsubscribe`: what is sent to whom, why, and what came of it."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from reorder.cli.language import word
from reorder.cli.screen import Entry, head, local_time, say, show_entries, show_json, show_table
from reorder.cli.start import start_application

if TYPE_CHECKING:
    from reorder.domain.messaging.queries import OutboxRow

outbox = typer.Typer(help="Messages: planned, sent, parked.", invoke_without_command=True)
MessageNumber = Annotated[int, typer.Argument(metavar="ID", help="The message's number in the list.")]


class State(StrEnum):
    """Where a message stands."""

    PLANNED = "planned"
    HELD_OUT = "held_out"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    STOPPED = "stopped"


class Verdict(StrEnum):
    """What a person found out about a parked message."""

    SENT = "sent"
    RETRY = "retry"


@outbox.callback()
def list_outbox(
    *,
    context: typer.Context,
    state: Annotated[
        State | None,
        typer.Option(metavar="STATE", help="planned, held_out, sending, sent, failed, unknown or stopped."),
    ] = None,
    limit: Annotated[int, typer.Option(help="Lines at most.", min=1, max=10_000)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Who gets what, why and when."""
    if context.invoked_subcommand is not None:
        return
    start_application()
    from reorder.domain.messaging.queries import count_messages_by_state, list_messages

    rows = list_messages(state=state, limit=limit)
    if as_json:
        show_json([_plain(row) for row in rows])
        return
    counts = count_messages_by_state()
    say(", ".join(f"{word(name)}: {count}" for name, count in counts.items()) or _("The outbox is empty."))
    show_entries(message_entries(rows))


@outbox.command("show")
def show_message(*, message_id: MessageNumber) -> None:
    """One message: its words, its reason, what came of it."""
    start_application()
    from reorder.domain.messaging.queries import get_message

    message = get_message(message_id=message_id)
    row = message.row
    head(row.subject)
    facts = [
        (_("to"), f"{row.customer} <{row.address}>" if row.customer else row.address),
        (_("state"), word(row.state)),
        (_("why"), _reason(row)),
        (_("outcome"), " ".join(part for part in (_outcome(row), row.error) if part)),
        (_("when"), _when(row.finished_at or row.send_after)),
        (_("attempts"), str(row.attempts_count)),
        ("Message-ID", row.message_id),
        (_("attached"), ", ".join(message.attachments)),
    ]
    for name, value in facts:
        if value:
            say(f"{name}: {value}")
    say()
    say(message.body_text)


@outbox.command("stop")
def stop(*, message_id: MessageNumber) -> None:
    """Withdraw a planned message."""
    start_application()
    from reorder.domain.messaging.operations import stop_message
    from reorder.kernel import clock

    stop_message(message_id=message_id, moment=clock.current_moment())
    say(_("Stopped message {id}. It will not be sent.").format(id=message_id))


@outbox.command("parked")
def list_parked(*, as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """Messages whose outcome is unknown; none of them is sent again by itself."""
    start_application()
    from reorder.domain.messaging.queries import list_messages

    rows = list_messages(state="unknown", limit=1000)
    if as_json:
        show_json([_plain(row) for row in rows])
        return
    if not rows:
        say(_("Nothing is parked."))
        return
    columns = [_("id"), _("to"), _("subject"), _("handed over"), _("what happened"), "Message-ID"]
    show_table(
        columns=columns,
        rows=[
            [str(row.id), row.address, row.subject, _when(row.sending_at), _outcome(row), row.message_id]
            for row in rows
        ],
    )
    say(
        _(
            "Look for the Message-ID in the mail server's log, then: reorder outbox resolve ID sent, "
            "or: reorder outbox resolve ID retry"
        )
    )


@outbox.command("resolve")
def resolve(
    *,
    message_id: MessageNumber,
    verdict: Annotated[Verdict, typer.Argument(help="sent: it arrived. retry: it did not, send it again.")],
) -> None:
    """Decide about a parked message (or send a failed one again)."""
    start_application()
    from reorder.domain.messaging.operations import resolve_as_sent, resolve_by_retry
    from reorder.kernel import clock

    if verdict is Verdict.SENT:
        resolve_as_sent(message_id=message_id, moment=clock.current_moment())
        say(_("Message {id} counts as sent.").format(id=message_id))
        return
    resolve_by_retry(message_id=message_id, moment=clock.current_moment())
    say(_("Message {id} is planned again, under the same Message-ID.").format(id=message_id))


@outbox.command("why")
def why(
    *,
    customer_key: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The shop's id, or e-mail address.")],
    limit: Annotated[int, typer.Option(help="Lines at most.", min=1, max=10_000)] = 50,
) -> None:
    """Why a customer got, or did not get, reminders: every decision, newest first."""
    start_application()
    from reorder.domain.messaging.errors import UnknownCustomer
    from reorder.domain.messaging.queries import list_decisions
    from reorder.engine.reasons import render
    from reorder.flows.outbox import find_customers

    customer_ids = find_customers(key_or_address=customer_key)
    if not customer_ids:
        raise UnknownCustomer(customer=customer_key)
    rows = list_decisions(customer_ids=customer_ids, limit=limit)
    if not rows:
        say(_("No decision about {customer} is recorded: nothing was due.").format(customer=customer_key))
        return
    show_table(
        columns=[_("run"), _("product"), _("outcome"), _("why")],
        rows=[
            [
                "" if row.run_key is None else str(row.run_key),
                row.subject_key,
                word(row.outcome),
                render(code=row.reason_code, parameters=row.reason_parameters, translate=_),
            ]
            for row in rows
        ],
    )


def send(
    *,
    limit: Annotated[int, typer.Option(help="Messages to hand over at most.", min=1, max=1_000_000)] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable counts.")] = False,
) -> None:
    """Send the messages whose moment has come, now."""
    start_application()
    from reorder.flows.outbox import send_due_messages
    from reorder.kernel import clock

    counts = send_due_messages(moment=clock.current_moment(), limit=limit)
    if as_json:
        show_json({name: getattr(counts, name) for name in counts.__slots__})
        return
    say(
        _("Sent {sent}, refused {failed}, put off {put_off}, stopped {stopped}, parked {parked}.").format(
            sent=counts.sent_count,
            failed=counts.failed_count,
            put_off=counts.put_off_count,
            stopped=counts.stopped_count,
            parked=counts.unknown_count + counts.parked_count,
        )
    )
    if counts.put_off_count:
        say(_("What is put off is tried again. See why with: reorder doctor"))
    if counts.unknown_count or counts.parked_count:
        say(_("Look at parked messages with: reorder outbox parked"))


def unsubscribe(
    *,
    who: Annotated[
        str, typer.Argument(metavar="MARK", help="The mark from the mail's foot, the shop's id, or the e-mail address.")
    ],
) -> None:
    """Record that a customer wants no more marketing mail."""
    start_application()
    from reorder.flows.outbox import unsubscribe_customer
    from reorder.kernel import clock

    key = unsubscribe_customer(mark_or_key=who, moment=clock.current_moment())
    say(_("{customer} gets no more marketing mail.").format(customer=key))


def message_entries(rows: "Sequence[OutboxRow]") -> list[Entry]:
    """Messages as entries: number and subject, to whom and when, and why."""
    return [
        Entry(
            title=f"{row.id}  {row.subject}",
            facts=[
                row.customer or row.address,
                _when(row.finished_at or row.send_after),
                word(row.state),
            ],
            reason=_reason(row),
        )
        for row in rows
    ]


def _reason(row: "OutboxRow") -> str:
    from reorder.engine.reasons import TEMPLATES, render

    if row.reason_code not in TEMPLATES:
        return row.reason_code
    return render(code=row.reason_code, parameters=row.reason_parameters, translate=_)


def _outcome(row: "OutboxRow") -> str:
    from reorder.engine.reasons import render

    return render(code=row.outcome_code, parameters={}, translate=_) if row.outcome_code else ""


def _when(moment: dt.datetime | None) -> str:
    return local_time(moment) if moment else ""


def _plain(row: "OutboxRow") -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__slots__} | {
        "reason": _reason(row),
        "outcome": _outcome(row),
    }


def register(app: typer.Typer) -> None:
    """Add this part's commands."""
    app.add_typer(outbox, name="outbox")
    app.command()(send)
    app.command()(unsubscribe)
