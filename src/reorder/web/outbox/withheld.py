"""Why due reminders are not sent: the last night's decisions by reason, and by customer."""

from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.messaging.outbox_pages import DecisionPageRow
from reorder.domain.staff.rules import Ability
from reorder.insights import messages as outbox
from reorder.kernel.ids import is_category_subject
from reorder.web.access import desk, get_actor
from reorder.web.lists import (
    PAGE_SIZE,
    BadCursor,
    Cell,
    Column,
    ListSpec,
    ListState,
    Row,
    Tab,
    make_page,
    read_state,
)
from reorder.web.outbox.words import REASONS
from reorder.web.templatetags.reorder import reason, word

_COLUMNS: Final = (
    Column("customer", gettext_lazy("Customer")),
    Column("subject", gettext_lazy("Product")),
    Column("outcome", gettext_lazy("Decision"), kind="state"),
    Column("why", gettext_lazy("Why")),
)
_MOST_REASONS: Final = 8


@desk(Ability.VIEW_MARKETING_MESSAGES)
def index(request: HttpRequest) -> HttpResponse:
    """Everybody who was due and got nothing, with the reason."""
    actor = get_actor(request)
    known = outbox.find_suppressions(actor=actor)
    if known is None:
        return render(request, "outbox/not_sent.html", {"list": None})
    spec = _spec(known)
    state = read_state(request=request, spec=spec)
    rows, has_more = outbox.list_suppressed(
        actor=actor,
        run_id=known.run_id,
        reason_code="" if state.tab == "all" else state.tab,
        search=state.search,
        after=_after(state),
        limit=PAGE_SIZE,
    )
    names = outbox.name_subjects(rows=rows)
    page = make_page(
        request=request,
        spec=spec,
        state=state,
        rows=[_row(row, state, names, can_open=actor.may(Ability.VIEW_CUSTOMERS)) for row in rows],
        next_after=(rows[-1].customer_id, rows[-1].subject_key) if has_more else None,
    )
    kept_back = sum(count for _, count in known.counts)
    return render(request, "outbox/not_sent.html", {"list": page, "known": known, "kept_back": kept_back})


def _spec(known: outbox.Suppressions) -> ListSpec:
    total = sum(count for _, count in known.counts)
    tabs = [Tab("all", gettext_lazy("All reasons"), total)]
    tabs += [Tab(code, REASONS.get(code, code), count) for code, count in known.counts[:_MOST_REASONS]]
    return ListSpec(
        page="messages-not-sent",
        columns=_COLUMNS,
        tabs=tuple(tabs),
        search_label=gettext_lazy("Search by customer"),
        has_export=False,
    )


def _after(state: ListState) -> tuple[int, str] | None:
    match state.after:
        case None:
            return None
        case (int(customer_id), str(subject)) if 0 <= customer_id < 2**63 and "\x00" not in subject:
            return customer_id, subject
        case _:
            raise BadCursor


def _row(row: DecisionPageRow, state: ListState, names: Mapping[str, str], *, can_open: bool) -> Row:
    known = names.get(row.subject_key, "")
    code = _("whole category") if known and is_category_subject(subject=row.subject_key) else row.subject_key
    cells = {
        "customer": Cell(row.customer),
        "subject": Cell(
            format_html('{}<span class="row-code">{}</span>', known, code) if known else code, css="subject"
        ),
        "outcome": Cell(word(row.outcome)),
        "why": Cell(reason(row.reason_code, row.reason_parameters), css="told"),
    }
    return Row(
        key=f"{row.customer_id}-{row.subject_key}",
        url=reverse("customers:customer", args=[row.customer_id]) if can_open else "",
        cells=[cells[column.key] for column in state.columns],
    )
