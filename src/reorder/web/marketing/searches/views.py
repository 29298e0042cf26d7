"""Searched, and not found: words by how many people looked for them in vain, and what they bought instead."""

from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.searches import SPANS, Place, SearchedWords, list_searches
from reorder.kernel import clock
from reorder.kernel.formatting import format_list, format_share, format_units
from reorder.web.access import desk, get_actor
from reorder.web.exports import EXPORT_ROWS, every_line, table_response
from reorder.web.lists import (
    PAGE_SIZE,
    BadCursor,
    Cell,
    Column,
    ListPage,
    ListSpec,
    ListState,
    Row,
    Tab,
    make_page,
    read_state,
)
from reorder.web.templatetags.reorder import moment as said_moment

_SEE: Final = (Ability.VIEW_MARKETING, Ability.VIEW_DEMAND)
_LIST: Final = ListSpec(
    page="searches",
    columns=(
        Column("words", gettext_lazy("Searched")),
        Column("people", gettext_lazy("People"), "number"),
        Column("times", gettext_lazy("Times"), "number"),
        Column(
            "empty",
            gettext_lazy("Found nothing"),
            "number",
            help=gettext_lazy("Of the searches for which the shop told how much they found."),
        ),
        Column("last", gettext_lazy("Last"), "date"),
        Column(
            "bought",
            gettext_lazy("Bought afterwards"),
            help=gettext_lazy("Customers among them who ordered within a week, and what most of them took."),
        ),
    ),
    tabs=(Tab("missing", gettext_lazy("Not found")), Tab("all", gettext_lazy("All searches"))),
    search_label=gettext_lazy("Words"),
    filters=("days",),
)


@desk(*_SEE)
def index(request: HttpRequest) -> HttpResponse:
    """The words of a span, those first that most people looked for."""
    actor, state = get_actor(request), read_state(request=request, spec=_LIST)
    lines, after = _lines(actor=actor, state=state, after=_place(state), size=PAGE_SIZE)
    context = {
        "tab": "searches",
        "here": "searches",
        "may_market": actor.may(Ability.VIEW_MARKETING),
        "may_judge": actor.may(Ability.VIEW_DEMAND),
        "days": _days(state),
        "spans": [(days, state.address(days=str(days))) for days in sorted(SPANS)],
        "is_empty": not lines and not state.search and state.after is None and state.tab == "all",
        "list": _page(request, state, lines, after),
    }
    return render(request, "marketing/searches/index.html", context)


@desk(*_SEE)
def export(request: HttpRequest) -> HttpResponseBase:
    """The whole list as a file."""
    state = read_state(request=request, spec=_LIST)
    heads = [
        _("Searched"),
        _("People"),
        _("Times"),
        _("Found nothing, times"),
        _("Found nothing, people"),
        _("Last"),
        _("Customers who are known"),
        _("Bought within a week"),
        _("What they bought"),
    ]
    rows = _export_rows(actor=get_actor(request), state=state)
    return table_response(request=request, name="searches", heads=heads, rows=rows)


def _days(state: ListState) -> int:
    asked = state.filters.get("days", "")
    return int(asked) if asked in {str(days) for days in SPANS} else SPANS[0]


def _lines(
    *, actor: Actor, state: ListState, after: Place | None, size: int
) -> tuple[list[SearchedWords], Place | None]:
    return list_searches(
        actor=actor,
        tab=state.tab,
        days=_days(state),
        search=state.search,
        after=after,
        size=size,
        moment=clock.current_moment(),
    )


def _place(state: ListState) -> Place | None:
    match state.after:
        case None:
            return None
        case (int(people), int(times), str(words)):
            return people, times, words
        case _:
            raise BadCursor


def _page(request: HttpRequest, state: ListState, lines: list[SearchedWords], after: Place | None) -> ListPage:
    return make_page(
        request=request,
        spec=_LIST,
        state=state,
        rows=[Row(key=one.words, url="", cells=[_cell(one, column.key) for column in state.columns]) for one in lines],
        next_after=after,
        export_url=state.address(after=None).replace(state.url, reverse("searches:export"), 1),
    )


def _cell(one: SearchedWords, key: str) -> Cell:
    match key:
        case "words":
            return Cell(one.words, "row-name")
        case "people":
            return Cell(format_units(one.people_count), "number")
        case "times":
            return Cell(format_units(one.times_count), "number")
        case "empty":
            if not one.told_times_count:
                return Cell(_("not told"), "number")
            share = format_share(one.empty_times_count / one.told_times_count)
            return Cell(
                format_html('{} <span class="row-code">{}</span>', format_units(one.empty_times_count), share), "number"
            )
        case "last":
            return Cell(said_moment(one.last_at), "date")
    return _bought(one)


def _bought(one: SearchedWords) -> Cell:
    if not one.known_count:
        return Cell(_("nobody known among them"), "quiet")
    said = ngettext("{buyers} of {count} customer", "{buyers} of {count} customers", one.known_count).format(
        buyers=format_units(one.buyers_count), count=format_units(one.known_count)
    )
    names = format_list(one.bought_names, language=get_language() or "en")
    return Cell(format_html('{} <span class="row-code">{}</span>', said, names))


def _export_rows(*, actor: Actor, state: ListState) -> Iterator[list[object]]:
    for one in every_line(read=lambda after: _lines(actor=actor, state=state, after=after, size=EXPORT_ROWS)):
        yield [
            one.words,
            one.people_count,
            one.times_count,
            one.empty_times_count,
            one.empty_people_count,
            one.last_at,
            one.known_count,
            one.buyers_count,
            format_list(one.bought_names, language=get_language() or "en"),
        ]
