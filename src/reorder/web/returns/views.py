"""The list of returns, decisions first, and the page of one with what comes next."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reorder.domain.staff.rules import Ability
from reorder.insights import returns as reading
from reorder.insights.returns import ReturnListRow
from reorder.kernel.formatting import format_money, format_units
from reorder.web import lists
from reorder.web import return_words as words
from reorder.web.access import desk, get_actor
from reorder.web.returns.page import show_return
from reorder.web.templatetags.reorder import in_a_row
from reorder.web.templatetags.reorder import moment as said_moment

_COLUMNS: Final = (
    lists.Column("number", gettext_lazy("Return")),
    lists.Column("state", gettext_lazy("State"), "state"),
    lists.Column("customer", gettext_lazy("Customer")),
    lists.Column("goods", gettext_lazy("Goods")),
    lists.Column("units", gettext_lazy("Units"), "number"),
    lists.Column("reason", gettext_lazy("Reason")),
    lists.Column("wants", gettext_lazy("Wants")),
    lists.Column("opened", gettext_lazy("Opened"), "date"),
    lists.Column("order", gettext_lazy("Order number")),
    lists.Column("place", gettext_lazy("Place"), is_default=False),
    lists.Column("refund", gettext_lazy("Given back"), "number", is_default=False),
)
_EMPTY: Final = {
    "decide": gettext_lazy("Nothing waits for a decision."),
    "grade": gettext_lazy("No goods wait to be graded."),
    "awaited": gettext_lazy("No goods are on their way back."),
}


@desk(Ability.VIEW_ORDERS)
def index(request: HttpRequest) -> HttpResponse:
    """A page of the list."""
    actor = get_actor(request)
    counts = reading.count_returns(actor=actor)
    spec = _spec(counts)
    state = lists.read_state(request=request, spec=spec)
    page = reading.list_returns(
        actor=actor, tab=state.tab, search=state.search, after=lists.read_last_moment(state=state)
    )
    shown = lists.make_page(
        request=request,
        spec=spec,
        state=state,
        rows=[_row(one, state) for one in page.rows],
        next_after=[page.next_after[0].isoformat(), page.next_after[1]] if page.next_after else None,
    )
    context = {
        "list": shown,
        "state": _sentence(counts),
        "empty_text": _EMPTY.get(state.tab, _("No returns here.")),
        "may_claim": actor.may(Ability.EDIT_STOCK),
        "may_rule": actor.may(Ability.MANAGE_PRICES),
    }
    return render(request, "returns/index.html", context)


@desk(Ability.VIEW_ORDERS)
def detail(request: HttpRequest, return_id: int) -> HttpResponse:
    return show_return(request, return_id)


def _spec(counts: dict[str, int]) -> lists.ListSpec:
    return lists.ListSpec(
        page="returns",
        columns=_COLUMNS,
        tabs=tuple(
            lists.Tab(key, _(name), counts.get(key, 0) if key in {"decide", "grade", "awaited"} else None)
            for key, name in words.TAB_TEMPLATES.items()
        ),
        search_label=gettext_lazy("Return, order or tracking number, or customer"),
        has_export=False,
    )


def _sentence(counts: dict[str, int]) -> str:
    decide, grade = counts.get("decide", 0), counts.get("grade", 0)
    first = (
        ngettext("{count} return waits for a decision.", "{count} returns wait for a decision.", decide).format(
            count=format_units(decide)
        )
        if decide
        else _("Nothing waits for a decision.")
    )
    second = ngettext("{count} is to be graded.", "{count} are to be graded.", grade).format(count=format_units(grade))
    return in_a_row(first, second if grade else "")


def _row(one: ReturnListRow, state: lists.ListState) -> lists.Row:
    cells = {
        "number": lists.Cell(one.number),
        "state": lists.Cell(words.mark(one.state, templates=words.STATE_TEMPLATES)),
        "customer": lists.Cell(customer_of(one)),
        "goods": lists.Cell((one.goods or "–")[:120]),
        "units": lists.Cell(format_units(one.units), "number"),
        "reason": lists.Cell(words.said(one.reason, templates=words.REASON_TEMPLATES)),
        "wants": lists.Cell(words.said(one.resolution or one.wants, templates=words.WANTS_TEMPLATES)),
        "opened": lists.Cell(said_moment(one.opened_at), "date"),
        "order": lists.Cell(one.order_number),
        "place": lists.Cell(one.place_code),
        "refund": lists.Cell(format_money(one.refund_minor, currency=one.currency) if one.refund_minor else "–"),
    }
    url = reverse("returns:detail", args=[one.id])
    return lists.Row(key=str(one.id), url=url, cells=[cells[column.key] for column in state.columns])


def customer_of(one: ReturnListRow) -> str:
    """Who sends goods back, as lists say it."""
    return _("erased") if one.is_erased else one.customer_name or one.customer_key
