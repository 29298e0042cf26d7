"""The list of messages: its tabs by what the actor may see, its columns, and a row of it."""

import datetime as dt
from typing import Final, cast

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reorder.domain.messaging.outbox_pages import OutboxCounts, OutboxTab
from reorder.domain.messaging.queries import OutboxRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.messages import may_decide
from reorder.web.lists import BadCursor, Cell, Column, ListSpec, ListState, Row, Tab
from reorder.web.templatetags.reorder import moment as said_moment
from reorder.web.templatetags.reorder import reason, state_mark, word

COLUMNS: Final = (
    Column("to", _("To")),
    Column("subject", _("Subject")),
    Column("state", _("State"), kind="state"),
    Column("when", _("When"), kind="date", help=_("Planned: when it goes out. Otherwise: when it ended.")),
    Column("why", _("Why")),
    Column("outcome", _("What came of it"), is_default=False),
    Column("address", _("Address"), is_default=False),
    Column("purpose", _("Purpose"), is_default=False),
    Column("approved", _("Approved by"), is_default=False),
)
_BY_MOMENT = frozenset({"waiting", "planned", "failed", "sent", "stopped"})


def spec_for(*, actor: Actor, counts: OutboxCounts | None = None) -> ListSpec:
    """The list as this actor sees it; with numbers on the tabs that need somebody."""
    tabs = [
        Tab("planned", _("Planned"), counts.planned_count if counts else None),
        Tab("held_out", _("Held out")),
        Tab("parked", _("Parked"), counts.parked_count if counts else None),
        Tab("failed", _("Failed"), counts.failed_count if counts else None),
        Tab("sent", _("Sent")),
        Tab("stopped", _("Stopped")),
    ]
    if settings.REORDER.message_approval and actor.may(Ability.VIEW_MARKETING_MESSAGES):
        tabs.insert(0, Tab("waiting", _("Waiting for approval"), counts.waiting_count if counts else None))
    if actor.may(Ability.VIEW_SUPPLIER_MESSAGES):
        supplier = Tab("supplier", _("Supplier mail"))
        tabs = [*tabs, supplier] if actor.may(Ability.VIEW_MARKETING_MESSAGES) else [supplier, *tabs]
    return ListSpec(
        page="messages",
        columns=COLUMNS,
        tabs=tuple(tabs),
        search_label=_("Search by customer, subject or address"),
    )


def tab_of(state: ListState) -> OutboxTab:
    """The tab that the address names; `read_state` has checked it."""
    return cast("OutboxTab", state.tab)


def read_after(state: ListState) -> tuple[dt.datetime | None, int] | None:
    """The place in the tab that the address names; raises BadCursor."""
    if state.after is None:
        return None
    match state.after:
        case (str(text), int(last_id)) if state.tab in _BY_MOMENT and 0 <= last_id < 2**63:
            try:
                moment = dt.datetime.fromisoformat(text)
            except ValueError:
                raise BadCursor from None
            if moment.tzinfo is None:
                raise BadCursor
            return moment, last_id
        case (None, int(last_id)) if state.tab not in _BY_MOMENT and 0 <= last_id < 2**63:
            return None, last_id
        case _:
            raise BadCursor


def shown_state(row: OutboxRow) -> str:
    """The state as people call it: planned marketing may still wait for a person."""
    waits = settings.REORDER.message_approval and row.purpose == "marketing" and row.approved_at is None
    return "waiting_for_approval" if waits and row.state == "planned" else row.state


def row_of(*, row: OutboxRow, state: ListState, actor: Actor) -> Row:
    """One message as a row."""
    cells = {
        "to": Cell(row.customer or row.address),
        "subject": Cell(row.subject, css="subject"),
        "state": Cell(state_mark(shown_state(row)), css="state"),
        "when": Cell(said_moment(row.finished_at or row.send_after), css="date"),
        "why": Cell(reason(row.reason_code, row.reason_parameters), css="told"),
        "outcome": Cell(reason(row.outcome_code) or "–", css="told"),
        "address": Cell(row.address),
        "purpose": Cell(word(row.purpose)),
        "approved": Cell(row.approved_by or "–"),
    }
    return Row(
        key=str(row.id),
        url=reverse("outbox:detail", args=[row.id]),
        cells=[cells[column.key] for column in state.columns],
        side_url=reverse("outbox:side", args=[row.id]),
        can_select=row.state == "planned" and may_decide(actor=actor, purpose=row.purpose),
    )


def values_of(*, row: OutboxRow, state: ListState) -> list[object]:
    """One message as a line of an exported table."""
    values: dict[str, object] = {
        "to": row.customer or row.address,
        "subject": row.subject,
        "state": word(shown_state(row)),
        "when": row.finished_at or row.send_after,
        "why": reason(row.reason_code, row.reason_parameters),
        "outcome": reason(row.outcome_code),
        "address": row.address,
        "purpose": word(row.purpose),
        "approved": row.approved_by,
    }
    return [values[column.key] for column in state.columns]
