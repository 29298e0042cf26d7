"""The pages of the desk Messages."""

import re
from collections.abc import Iterator
from typing import Any, Final

from csp.decorators import csp, csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin

from reorder.domain.messaging import operations as marks
from reorder.domain.messaging.outbox_pages import OutboxCounts
from reorder.domain.messaging.queries import MessageRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights import messages as outbox
from reorder.kernel import clock
from reorder.kernel.formatting import format_units
from reorder.web.access import desk, get_actor
from reorder.web.exports import table_response
from reorder.web.lists import PAGE_SIZE, ListState, make_page, read_state
from reorder.web.outbox.explaining import explain_message
from reorder.web.outbox.listing import read_after, row_of, shown_state, spec_for, tab_of, values_of
from reorder.web.outbox.words import ACTIONS

_SEE: Final = (Ability.VIEW_MARKETING_MESSAGES, Ability.VIEW_SUPPLIER_MESSAGES)
_LAST_DECISION: Final = "outbox_stopped"
_EXPORTED_AT_ONCE: Final = 1000
# A mail is a document of its own: it keeps its styles, runs nothing, loads nothing and leads nowhere.
_MAIL_POLICY: Final = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "sandbox": [""],
}


@desk(*_SEE)
def index(request: HttpRequest) -> HttpResponse:
    """The outbox by state, what needs somebody first."""
    actor = get_actor(request)
    counts = outbox.count_messages(actor=actor, moment=clock.current_moment())
    spec = spec_for(actor=actor, counts=counts)
    state = read_state(request=request, spec=spec)
    found = outbox.list_messages(
        actor=actor, tab=tab_of(state), search=state.search, after=read_after(state), limit=PAGE_SIZE
    )
    rows = [row_of(row=row, state=state, actor=actor) for row in found.rows]
    page = make_page(
        request=request,
        spec=spec,
        state=state,
        rows=rows,
        next_after=_cursor(found.next_after),
        export_url=_export_url(state),
    )
    context = {
        "list": page,
        "state": _sentence(counts),
        "bulk": "bulk" if any(row.can_select for row in rows) else "",
        "can_approve": state.tab == "waiting" and actor.may(Ability.DECIDE_MARKETING_MESSAGES),
        "waiting_count": counts.waiting_count,
        "newest_id": outbox.find_newest_id() if state.tab == "waiting" else 0,
        "undo_count": len(request.session.get(_LAST_DECISION, [])),
        "can_see_marketing": actor.may(Ability.VIEW_MARKETING_MESSAGES),
        "here": request.get_full_path(),
    }
    return render(request, "outbox/index.html", context)


def _cursor(after: tuple[Any, int] | None) -> tuple[object, int] | None:
    if after is None:
        return None
    moment, last_id = after
    return (moment.isoformat() if moment else None, last_id)


def _export_url(state: ListState) -> str:
    address = state.address()
    query = address.partition("?")[2]
    return f"{reverse('outbox:export')}?{query}" if query else reverse("outbox:export")


def _sentence(counts: OutboxCounts) -> str:
    """What needs somebody, in one line."""
    parts = [
        ngettext("{count} goes out today", "{count} go out today", counts.planned_count).format(
            count=format_units(counts.planned_count)
        )
    ]
    if counts.waiting_count:
        parts.append(_("{count} wait for approval").format(count=format_units(counts.waiting_count)))
    if counts.parked_count:
        parts.append(_("{count} may or may not have arrived").format(count=format_units(counts.parked_count)))
    if counts.failed_count:
        parts.append(_("{count} failed this week").format(count=format_units(counts.failed_count)))
    return _("{facts}.").format(facts=_("; ").join(parts))


@desk(*_SEE)
def export(request: HttpRequest) -> HttpResponseBase:
    """The tab with its search as a file."""
    actor = get_actor(request)
    spec = spec_for(actor=actor)
    state = read_state(request=request, spec=spec)
    heads = [str(column.label) for column in state.columns]
    return table_response(request=request, name="messages", heads=heads, rows=_lines(state=state, actor=actor))


def _lines(*, state: ListState, actor: Actor) -> Iterator[list[object]]:
    after = None
    while True:
        found = outbox.list_messages(
            actor=actor, tab=tab_of(state), search=state.search, after=after, limit=_EXPORTED_AT_ONCE
        )
        yield from (values_of(row=row, state=state) for row in found.rows)
        after = found.next_after
        if after is None:
            return


@desk(*_SEE)
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # the library's types know no arguments of addresses
def detail(request: HttpRequest, message_id: int) -> HttpResponse:
    """One message as its receiver sees it, and why this person gets it now."""
    return render(request, "outbox/detail.html", _page(request, message_id))


@desk(*_SEE)
def side(request: HttpRequest, message_id: int) -> HttpResponse:
    """The essentials beside the list."""
    return render(request, "outbox/side.html", _page(request, message_id))


def _page(request: HttpRequest, message_id: int) -> dict[str, Any]:
    actor = get_actor(request)
    page = outbox.get_message_page(actor=actor, message_id=message_id)
    moment = clock.current_moment()
    return {
        "page": page,
        "facts": page.facts,
        "state": shown_state(page.facts),
        "text": _masked(page.message.body_text, page.message, can_decide=page.can_decide),
        "has_html": bool(page.message.body_html),
        "why": explain_message(page=page, moment=moment),
        "actions": _actions(page, moment=moment),
        "history": [
            (entry.actor, ACTIONS.get(entry.action, entry.action), entry.happened_at) for entry in page.history
        ],
        "can_see_customers": actor.may(Ability.VIEW_CUSTOMERS),
        "number": page.facts.reason_parameters.get("number", "") if page.facts.purpose == "supplier" else "",
    }


def _actions(page: outbox.MessagePage, *, moment: Any) -> dict[str, bool]:
    """What this person may do with it now."""
    facts, may = page.facts, page.can_decide
    is_fresh = facts.expires_at is None or facts.expires_at > moment
    is_stopped_by_person = facts.state == "stopped" and facts.outcome_code == "outbox.stopped.by_person"
    may_wait_again = page.is_approval_needed and facts.purpose == "marketing" and facts.expires_at is not None
    return {
        "approve": may and page.waits_for_approval,
        "unapprove": may
        and page.is_approval_needed
        and facts.state == "planned"
        and facts.purpose == "marketing"
        and facts.approved_at is not None,
        "stop": may and facts.state == "planned",
        "stop_customer": may and facts.state == "planned" and facts.purpose == "marketing",
        "send_now": may and facts.state == "planned" and is_fresh,
        "undo": may and is_stopped_by_person and (facts.send_after > moment or (may_wait_again and is_fresh)),
        "arrived": may and facts.state == "unknown",
        "again": may and facts.state in {"unknown", "failed"},
    }


# A link that signs a customer in is the customer's alone, also while it still works.
_ENTRANCE = re.compile(r"(/shop/enter/)[\w-]+/")


@xframe_options_sameorigin
@csp(_MAIL_POLICY)  # type: ignore[arg-type]  # as above
@desk(*_SEE)
def mail_html(request: HttpRequest, message_id: int) -> HttpResponse:
    """The HTML part alone, for the frame of its page."""
    actor = get_actor(request)
    message = outbox.get_message_text(actor=actor, message_id=message_id)
    can_decide = outbox.may_decide(actor=actor, purpose=message.row.purpose)
    return HttpResponse(_masked(message.body_html, message, can_decide=can_decide))


def _masked(text: str, message: MessageRow, *, can_decide: bool) -> str:
    """The words without links that let their reader in; for those who may not decide for the customer, without the
    mark that unsubscribes.
    """
    text = _ENTRANCE.sub(r"\1…/", text)
    if can_decide or message.row.customer_id is None:
        return text
    mark = marks.unsubscribe_token(customer_id=message.row.customer_id)
    return text.replace(mark, f"{mark.partition(':')[0]}:…")
