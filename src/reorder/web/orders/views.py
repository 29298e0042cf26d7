"""The desk Orders: what needs a human, and the lists by what happens next."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.staff.rules import Ability
from reorder.insights import order_list, order_problems
from reorder.insights.order_list import OrdersPage, TabCount
from reorder.insights.order_problems import KINDS, ProblemCount
from reorder.kernel import clock
from reorder.kernel.formatting import format_money, format_units
from reorder.web.access import desk, get_actor
from reorder.web.exports import table_response
from reorder.web.lists import PAGE_SIZE, ListSpec, ListState, make_page, read_state
from reorder.web.orders import listing, words
from reorder.web.orders.done import take_done
from reorder.web.templatetags.reorder import in_a_row, listed


@desk(Ability.VIEW_ORDERS)
def index(request: HttpRequest) -> HttpResponse:
    """A page of the list, below what needs a human."""
    actor = get_actor(request)
    counts = order_list.count_open(actor=actor)
    problems = order_problems.count_problems(actor=actor, moment=clock.current_moment())
    spec = listing.order_list(counts=counts)
    state, form = _read(request, spec)
    page = order_list.list_orders(
        actor=actor,
        asked=listing.asked_of(state=state, form=form),
        after=listing.place_of(state=state),
        limit=PAGE_SIZE,
    )
    may_act = actor.may(Ability.MANAGE_ORDERS) or actor.may(Ability.FULFIL_ORDERS)
    is_whole = state.after is None and page.next_after is None
    shown = make_page(
        request=request,
        spec=spec,
        state=state,
        rows=listing.rows_of(rows=page.rows, columns=state.columns, can_select=may_act),
        next_after=page.next_after,
        total=_total(state=state, page=page, counts=counts),
        totals=listing.totals_of(rows=page.rows, columns=state.columns) if is_whole and len(page.rows) > 1 else (),
        export_url=state.address().replace(state.url, reverse("orders:export"), 1),
    )
    context = {
        "list": shown,
        "done": take_done(request),
        "form": form,
        "filters_open": bool(state.filters) or bool(form.errors),
        "cards": problem_cards(problems),
        "state": state_sentence(counts, problems),
        "first_url": state.address(),
        "empty_text": _empty_text(state),
        "bulk": "bulk" if may_act and page.rows else "",
        "may_manage": actor.may(Ability.MANAGE_ORDERS),
        "may_fulfil": actor.may(Ability.FULFIL_ORDERS),
        "hold_choices": words.hold_choices(),
        "hidden_filters": {"tab": state.tab, "q": state.search},
    }
    return render(request, "orders/index.html", context)


@desk(Ability.VIEW_ORDERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """Every order of the list as CSV or XLSX."""
    state, form = _read(request, listing.order_list(counts=()))
    rows = order_list.iterate_orders(actor=get_actor(request), asked=listing.asked_of(state=state, form=form))
    return table_response(
        request=request,
        name=_("orders"),
        heads=listing.export_heads(),
        rows=(listing.export_row(row) for row in rows),
    )


def problem_cards(counts: Sequence[ProblemCount]) -> list[dict[str, object]]:
    """A card for each kind of problem that there is: how many orders, and the money at risk."""
    cards: list[dict[str, object]] = []
    for kind in KINDS:
        found = [one for one in counts if one.kind == kind]
        if found:
            count = sum(one.orders_count for one in found)
            cards.append({
                "kind": kind,
                "title": _(words.PROBLEM_TEMPLATES[kind]),
                "tone": words.problem_tone(kind),
                "count": count,
                "said": ngettext("{count} order", "{count} orders", count).format(count=format_units(count)),
                "money": money_of(found),
                "url": f"{reverse('orders:exceptions')}?kind={kind}",
            })  # fmt: skip
    return cards


def money_of(counts: Sequence[ProblemCount]) -> str:
    """Money at risk, one amount a currency."""
    return listed(format_money(one.risk_minor, currency=one.currency) for one in counts)


def state_sentence(counts: Sequence[TabCount], problems: Sequence[ProblemCount]) -> str:
    """What the desk needs, in a sentence or two."""
    needing = [one for one in problems if one.kind == "any"]
    count = sum(one.orders_count for one in needing)
    first = (
        ngettext(
            "{count} order needs a human: {money} at risk.", "{count} orders need a human: {money} at risk.", count
        ).format(count=format_units(count), money=money_of(needing))
        if count
        else _("No order needs a human.")
    )
    ready = sum(one.orders_count for one in counts if one.tab == "release")
    second = ngettext("{count} can be released.", "{count} can be released.", ready).format(count=format_units(ready))
    return in_a_row(first, second if ready else "")


def _read(request: HttpRequest, spec: ListSpec) -> tuple[ListState, listing.FilterForm]:
    state = read_state(request=request, spec=spec)
    form = listing.FilterForm(dict(state.filters) or {}, choices=order_list.list_choices())
    form.is_valid()
    return state, form


def _total(*, state: ListState, page: OrdersPage, counts: Sequence[TabCount]) -> str:
    """How many the list holds and what they come to, where that is known without counting a million rows."""
    if state.after is None and page.next_after is None:
        count = len(page.rows)
        return ngettext("{count} order", "{count} orders", count).format(count=format_units(count))
    found = [one for one in counts if one.tab == state.tab]
    if state.search or state.filters or not found:
        return _("more than {count} orders").format(count=PAGE_SIZE)
    count = sum(one.orders_count for one in found)
    if count >= order_list.COUNT_LIMIT:
        return _("more than {count} orders").format(count=format_units(order_list.COUNT_LIMIT - 1))
    said = ngettext("{count} order", "{count} orders", count).format(count=format_units(count))
    money = listed(format_money(one.total_minor, currency=one.currency) for one in found)
    return f"{said} · {money}"


def _empty_text(state: ListState) -> str:
    match state.tab:
        case "release":
            return _("Nothing waits to be released. New orders with all their goods appear here.")
        case "goods":
            return _("Every order has its goods.")
        case "hold" | "payment":
            return _("No order is held.")
        case order_list.HISTORY:
            return _("Orders of shops that ship themselves appear here when their files are imported.")
        case order_list.ALL:
            return _("No order was placed yet. Send one through the API, or write one by hand.")
    return ""
