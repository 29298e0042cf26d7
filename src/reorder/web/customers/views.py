"""The desk Customers: the list, its side panel, and the page of one customer."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.staff.rules import Ability
from reorder.insights import customer_page, customers, recommendations
from reorder.insights.customers import COUNT_LIMIT, CustomerCounts, CustomersPage
from reorder.kernel.clock import current_date
from reorder.kernel.formatting import format_units
from reorder.web.access import desk, get_actor
from reorder.web.customers import listing, person
from reorder.web.customers.forms import NoteForm, PauseForm
from reorder.web.exports import table_response
from reorder.web.lists import PAGE_SIZE, ListState, make_page, read_state
from reorder.web.templatetags.reorder import day


@desk(Ability.VIEW_CUSTOMERS)
def index(request: HttpRequest) -> HttpResponse:
    """A page of the list."""
    today = current_date(time_zone=settings.REORDER.time_zone)
    counts = customers.count_customers(today=today)
    spec = listing.customer_list(counts=counts)
    state = read_state(request=request, spec=spec)
    page = customers.list_customers(
        actor=get_actor(request),
        tab=state.tab,
        search=state.search,
        after=listing.place_of(state=state),
        limit=PAGE_SIZE,
        today=today,
    )
    is_whole = state.after is None and page.after is None
    shown = make_page(
        request=request,
        spec=spec,
        state=state,
        rows=listing.rows_of(page=page, columns=state.columns),
        next_after=page.after,
        total=_total(state=state, page=page, counts=counts),
        totals=listing.totals_of(page=page, columns=state.columns) if is_whole and len(page.rows) > 1 else (),
        export_url=state.address().replace(state.url, f"{state.url}export", 1),
    )
    context = {
        "list": shown,
        "state": _state_sentence(counts),
        "empty_text": _empty_text(state=state, counts=counts),
        "first_url": state.address(),
        "is_cold": counts.as_of_date is None,
    }
    return render(request, "customers/index.html", context)


@desk(Ability.VIEW_CUSTOMERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """The whole list as a file."""
    today = current_date(time_zone=settings.REORDER.time_zone)
    state = read_state(request=request, spec=listing.customer_list(counts=customers.count_customers(today=today)))
    rows = customers.iterate_customers(actor=get_actor(request), tab=state.tab, search=state.search, today=today)
    return table_response(
        request=request,
        name=f"customers-{state.tab}",
        heads=listing.export_heads(),
        rows=(listing.export_row(row) for row in rows),
    )


@desk(Ability.VIEW_CUSTOMERS)
def customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The page of one customer."""
    return show_customer(request, customer_id)


def show_customer(
    request: HttpRequest,
    customer_id: int,
    *,
    note_form: NoteForm | None = None,
    pause_form: PauseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with a form that was refused when there is one."""
    actor = get_actor(request)
    today = current_date(time_zone=settings.REORDER.time_zone)
    page = customer_page.get_customer_page(actor=actor, customer_id=customer_id, today=today)
    if page.facts.merged_into_id is not None:
        messages.info(request, _("{key} was merged into this customer.").format(key=page.facts.key))
        return redirect("customers:customer", page.facts.merged_into_id)
    context: dict[str, Any] = person.page_context(page=page, today=today) | {
        "may_edit": actor.may(Ability.EDIT_CUSTOMERS) and page.facts.erased_at is None,
        "may_merge": actor.may(Ability.MERGE_CUSTOMERS) and page.facts.erased_at is None,
        "note_form": note_form or NoteForm(prefix="note"),
        "pause_form": pause_form or PauseForm(prefix="pause"),
        "is_pausing": pause_form is not None,
        "likely": recommendations.find_likely_basket(actor=actor, customer_id=customer_id),
    }
    return render(request, "customers/customer.html", context, status=status)


@desk(Ability.VIEW_CUSTOMERS)
def side(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The essentials of one customer beside the list."""
    today = current_date(time_zone=settings.REORDER.time_zone)
    page = customer_page.get_essentials(actor=get_actor(request), customer_id=customer_id, today=today)
    return render(request, "customers/customer.html#side", person.page_context(page=page, today=today))


@desk(Ability.VIEW_CUSTOMERS)
def more_due(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The next due dates of one customer, behind those that are shown."""
    today = current_date(time_zone=settings.REORDER.time_zone)
    page = customer_page.list_due_products(
        actor=get_actor(request), customer_id=customer_id, after=person.read_due_place(request), today=today
    )
    return _part(request, "due", {"customer_id": customer_id, **person.due_context(page=page, today=today)})


@desk(Ability.VIEW_CUSTOMERS)
def more_timeline(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The next entries of the timeline, behind those that are shown."""
    page = customer_page.list_timeline(
        actor=get_actor(request), customer_id=customer_id, before=person.read_timeline_place(request)
    )
    return _part(request, "entries", {"customer_id": customer_id, **person.timeline_context(page=page)})


@desk(Ability.VIEW_CUSTOMERS)
def order_lines(request: HttpRequest, customer_id: int, order_id: int) -> HttpResponse:
    """The lines of one order, fetched when it is opened in the timeline."""
    lines = customer_page.list_order_lines(actor=get_actor(request), customer_id=customer_id, order_id=order_id)
    return _part(request, "lines", {"customer_id": customer_id, "lines": lines})


def _part(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """A part of the page to swap in, or, for somebody without scripts, alone on a page."""
    if getattr(request, "htmx", None):
        return render(request, f"customers/customer.html#{name}", context)
    return render(request, "customers/part.html", {**context, "part": f"customers/customer.html#{name}", "name": name})


def _state_sentence(counts: CustomerCounts) -> str:
    if counts.as_of_date is None:
        return _("No night has run yet, so nothing is predicted.")
    said = [
        _("{count} customers valued on {day}").format(
            count=format_units(counts.valued_count), day=day(counts.as_of_date)
        ),
        _("{count} due within 7 days").format(count=_at_least(counts.week_count)),
    ]
    if counts.paused_count:
        said.append(_("{count} with marketing paused").format(count=_at_least(counts.paused_count)))
    return _("{facts}.").format(facts=_("; ").join(said))


def _at_least(count: int) -> str:
    return format_units(count) if count < COUNT_LIMIT else f"{format_units(COUNT_LIMIT - 1)}+"


def _total(*, state: ListState, page: CustomersPage, counts: CustomerCounts) -> str:
    """How many the list holds, where that is known without counting a million rows."""
    if state.after is None and page.after is None:
        count = len(page.rows)
        return ngettext("{count} customer", "{count} customers", count).format(count=format_units(count))
    if state.search:
        return _("more than {count} customers").format(count=PAGE_SIZE)
    known = {
        customers.ALL: counts.valued_count,
        customers.WEEK: counts.week_count,
        customers.FORTNIGHT: counts.fortnight_count,
        customers.PAUSED: counts.paused_count,
        **counts.segments,
    }
    count = known.get(state.tab, 0)
    is_exact = state.tab in counts.segments or state.tab == customers.ALL or count < COUNT_LIMIT
    said = format_units(count) if is_exact else _at_least(count)
    return ngettext("{count} customer", "{count} customers", count).format(count=said) if count else ""


def _empty_text(*, state: ListState, counts: CustomerCounts) -> str:
    if counts.as_of_date is None and state.tab == customers.ALL:
        return _("Customers come with the first orders. Import a file of orders, or send them through the API.")
    if counts.as_of_date is None and state.tab != customers.PAUSED:
        return _("The first night fills this list: it values every customer and predicts who needs what again.")
    if state.tab == customers.PAUSED:
        return _("Marketing is paused on a customer's page, for example while a complaint is open.")
    if state.tab in {customers.WEEK, customers.FORTNIGHT}:
        return _("Nobody is due in these days.")
    return ""
