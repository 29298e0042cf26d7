"""The page Segments: sizes and worth, who moved from where to where, and the customers behind each cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from reorder.domain.planning.customer_list import SEGMENTS
from reorder.domain.planning.segmenting import CountedMoves, MovedCustomer
from reorder.domain.staff.rules import Ability
from reorder.insights import segments
from reorder.insights.segments import WINDOWS_DAYS, MovedPlace, RfmCell, SegmentSize, SegmentsPage
from reorder.kernel import formatting
from reorder.web.access import desk, get_actor
from reorder.web.customers.listing import name_of, segment_mark
from reorder.web.exports import table_response
from reorder.web.lists import PAGE_SIZE, BadCursor, Cell, Column, ListSpec, ListState, Row, make_page, read_state
from reorder.web.templatetags.reorder import day, share, word

# What each segment means, by the grades of recency, frequency and money; the engine's table of rules in words.
MEANINGS: Final = {
    "champions": gettext_lazy("Bought lately (best two grades) and often (best two grades)."),
    "loyal": gettext_lazy("Bought lately and middling often, or middling lately and often."),
    "promising": gettext_lazy("Bought lately, so far seldom, and more than once."),
    "new": gettext_lazy("Bought lately, for the first time."),
    "needs_attention": gettext_lazy("Middle grade both in how lately and in how often they bought."),
    "about_to_sleep": gettext_lazy("Bought middling lately and seldom."),
    "at_risk": gettext_lazy("Bought often or middling often, but the last time is long ago (worst two grades)."),
    "cannot_lose": gettext_lazy("Bought most often and for most money (best grades), but the last time is long ago."),
    "hibernating": gettext_lazy("Bought seldom, and the last time is long ago (second worst grade)."),
    "lost": gettext_lazy("Bought seldom and longest ago (worst grade)."),
}
_FIRST: Final = "first"  # in an address: customers seen for the first time
_COLUMNS: Final = (
    Column("name", gettext_lazy("Customer")),
    Column("from", gettext_lazy("Was"), "state"),
    Column("to", gettext_lazy("Is now"), "state"),
    Column("moved", gettext_lazy("Last move"), "date"),
    Column("recency", gettext_lazy("Days since the last order"), "number"),
    Column("quarter", gettext_lazy("Value in 90 days"), "number"),
    Column("value", gettext_lazy("Value next year"), "number"),
    Column("churn", gettext_lazy("Churn risk"), "number"),
)
_MOVED: Final = ListSpec(
    page="segment-moves", columns=_COLUMNS, tabs=(), has_search=False, filters=("days", "from", "to"),
    search_label=gettext_lazy("Customers who moved"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which moves an address asks for; an empty `from_segment` means first seen, None any."""

    days: int
    from_segment: str | None
    to_segment: str | None


@desk(Ability.VIEW_CUSTOMERS)
def index(request: HttpRequest) -> HttpResponse:
    """Sizes, moves and the grid of scores."""
    page = segments.get_segments(actor=get_actor(request), days=_days(request))
    return render(request, "customers/segments.html", _context(page))


@desk(Ability.VIEW_CUSTOMERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """Segments with what they are worth and who came and went, as a file."""
    page = segments.get_segments(actor=get_actor(request), days=_days(request))
    heads = [
        _("Segment"), _("Customers"), _("Share of customers"), _("Value in 90 days"), _("Value next year"),
        _("Share of value"), _("Churn risk"), _("Came"), _("Left"),
        *(_("From {segment}").format(segment=word(size.segment)) for size in page.sizes),
    ]  # fmt: skip
    return table_response(
        request=request,
        name=f"segments-{page.days}-days",
        heads=heads,
        rows=(_exported(size, page=page) for size in page.sizes),
    )


@desk(Ability.VIEW_CUSTOMERS)
def moved(request: HttpRequest) -> HttpResponse:
    """The customers behind one cell of the matrix, those worth most first."""
    wanted = _wanted(request)
    state = read_state(request=request, spec=_MOVED)
    page = segments.list_moved(
        actor=get_actor(request),
        days=wanted.days,
        from_segment=wanted.from_segment,
        to_segment=wanted.to_segment,
        after=_place(state),
        limit=PAGE_SIZE,
    )
    shown = make_page(
        request=request,
        spec=_MOVED,
        state=state,
        rows=[_row(one, columns=state.columns) for one in page.rows],
        next_after=page.after,
        total=_moved_total(page=page, state=state),
        export_url=state.address().replace(state.url, reverse("customers:export_moved"), 1),
    )
    context = {
        "list": shown,
        "title": _moved_title(wanted),
        "first_url": state.address(),
        "segments_url": f"{reverse('customers:segments')}?{urlencode({'days': wanted.days})}",
        "empty_text": _("Nobody made this move in these days."),
    }
    return render(request, "customers/moved.html", context)


@desk(Ability.VIEW_CUSTOMERS)
def export_moved(request: HttpRequest) -> HttpResponseBase:
    """The customers behind one cell of the matrix as a file."""
    wanted = _wanted(request)
    rows = segments.iterate_moved(
        actor=get_actor(request),
        days=wanted.days,
        from_segment=wanted.from_segment,
        to_segment=wanted.to_segment,
    )
    return table_response(
        request=request,
        name="segment-moves",
        heads=[
            _("Shop's id"), _("Customer"), _("Was"), _("Is now"), _("Last move"), _("Days since the last order"),
            _("Orders in 90 days"), _("Value in 90 days"), _("Value next year"), _("Churn risk"),
        ],
        rows=(_moved_cells(one) for one in rows),
    )  # fmt: skip


def _context(page: SegmentsPage) -> dict[str, Any]:
    names = [size.segment for size in page.sizes]
    scores = range(1, len(page.grid) + 1)
    return {
        "page": page,
        "state": _state(page),
        "windows": [
            (days, f"?days={days}", days == page.days, ngettext("{days} day", "{days} days", days).format(days=days))
            for days in WINDOWS_DAYS
        ],
        "sizes": [_size_row(size) for size in page.sizes],
        "finding": _finding(page),
        "also": _also(page),
        "worth": _worth(page),
        "heads": [word(name) for name in names],
        "matrix": [_matrix_row(page, from_segment=name, names=names) for name in names if _left(page, name)],
        "first_seen": _first_seen(page),
        "grid": [_grid_row(row) for row in page.grid],
        "scores": scores,
        "meanings": [(segment_mark(name), said) for name, said in MEANINGS.items()],
        "export_url": f"{reverse('customers:segments_export')}?days={page.days}",
    }


def _state(page: SegmentsPage) -> str:
    if page.as_of_date is None:
        return _("No night has run yet, so nobody is in a segment.")
    count = page.total_count
    return ngettext(
        "{count} customer in {segments} segments, as of {day}.",
        "{count} customers in {segments} segments, as of {day}.",
        count,
    ).format(
        count=formatting.format_units(count),
        segments=sum(1 for size in page.sizes if size.count),
        day=day(page.as_of_date),
    )


def _finding(page: SegmentsPage) -> str:
    """The first news of the moves: who slid, else who rose, else that nobody moved."""
    if page.greatest_slide:
        return _slid(page.greatest_slide, days=page.days)
    if page.greatest_rise:
        return _rose(page.greatest_rise, days=page.days)
    return ngettext(
        "Nobody changed segments in the last {days} day", "Nobody changed segments in the last {days} days", page.days
    ).format(days=page.days)


def _also(page: SegmentsPage) -> str:
    """The good news beside the bad."""
    if page.greatest_slide and page.greatest_rise:
        return _("{sentence}.").format(sentence=_rose(page.greatest_rise, days=page.days))
    return ""


def _told(pattern: str, *, move: CountedMoves, days: int) -> str:
    return pattern.format(
        count=formatting.format_units(move.count),
        one=word(move.from_segment),
        other=word(move.to_segment),
        days=days,
    )


def _slid(move: CountedMoves, *, days: int) -> str:
    pattern = ngettext(
        "{count} customer slid from {one} to {other} in the last {days} days",
        "{count} customers slid from {one} to {other} in the last {days} days",
        move.count,
    )
    return _told(pattern, move=move, days=days)


def _rose(move: CountedMoves, *, days: int) -> str:
    pattern = ngettext(
        "{count} customer rose from {one} to {other} in the last {days} days",
        "{count} customers rose from {one} to {other} in the last {days} days",
        move.count,
    )
    return _told(pattern, move=move, days=days)


def _worth(page: SegmentsPage) -> str:
    """Of which segment most of next year's money is expected."""
    best = max(page.sizes, key=lambda size: size.expected_value, default=None)
    if best is None or not best.expected_value:
        return _("Sizes and worth")
    return _("{segment}: {share} of all customers, {value_share} of the value of the next year").format(
        segment=word(best.segment).capitalize(), share=share(best.share), value_share=share(best.value_share)
    )


def _first_seen(page: SegmentsPage) -> dict[str, str]:
    if not page.first_seen_count:
        return {}
    said = ngettext(
        "{count} customer was seen for the first time in these days.",
        "{count} customers were seen for the first time in these days.",
        page.first_seen_count,
    ).format(count=formatting.format_units(page.first_seen_count))
    return {"said": said, "url": _moved_url(days=page.days, from_segment=_FIRST)}


def _size_row(size: SegmentSize) -> dict[str, Any]:
    currency = settings.REORDER.currency
    return {
        "size": size,
        "mark": segment_mark(size.segment),
        "meaning": MEANINGS.get(size.segment, ""),
        "url": f"{reverse('customers:index')}?tab={size.segment}" if size.segment in SEGMENTS else "",
        "count": formatting.format_units(size.count),
        "share": share(size.share),
        "quarter": formatting.format_amount(size.expected_value_90, currency=currency),
        "value": formatting.format_amount(size.expected_value, currency=currency),
        "value_share": share(size.value_share),
        "churn": share(size.churn_share) if size.count else "–",
        "change": _signed(size.came_count - size.left_count),
    }


def _signed(number: int) -> str:
    said = formatting.format_units(abs(number))
    return f"+{said}" if number > 0 else f"−{said}" if number else "0"


def _left(page: SegmentsPage, name: str) -> bool:
    return any(one == name for one, _other in page.flows)


def _matrix_row(page: SegmentsPage, *, from_segment: str, names: Sequence[str]) -> dict[str, Any]:
    most = max(page.flows.values(), default=0)
    ranks = {name: rank for rank, name in enumerate(SEGMENTS)}
    cells = []
    for name in names:
        count = page.flows.get((from_segment, name), 0)
        is_worse = ranks.get(name, len(ranks)) > ranks.get(from_segment, len(ranks))
        cells.append(
            {
                "count": formatting.format_units(count) if count else "",
                "is_own": name == from_segment,
                "heat": f"heat-{'down' if is_worse else 'up'}-{_heat(count, most)}" if count else "",
                "url": _moved_url(days=page.days, from_segment=from_segment, to_segment=name) if count else "",
                "label": _moved_label(count=count, one=from_segment, other=name) if count else "",
            }
        )
    return {"name": word(from_segment), "cells": cells}


def _moved_label(*, count: int, one: str, other: str) -> str:
    return ngettext("{count} customer from {one} to {other}", "{count} customers from {one} to {other}", count).format(
        count=formatting.format_units(count), one=word(one), other=word(other)
    )


def _moved_url(*, days: int, from_segment: str = "", to_segment: str = "") -> str:
    parts = {"days": days, "from": from_segment, "to": to_segment}
    return f"{reverse('customers:moved')}?{urlencode({name: part for name, part in parts.items() if part})}"


def _heat(count: float, most: float) -> int:
    """1 to 3: how strong a cell is shaded."""
    return 1 + int(count * 3 > most) + int(count * 1.5 > most)


def _grid_row(row: Sequence[RfmCell]) -> dict[str, Any]:
    return {
        "score": row[0].r_score,
        "cells": [
            {
                "count": formatting.format_units(cell.count) if cell.count else "",
                "value_share": share(cell.value_share),
                "heat": f"heat-up-{_heat(cell.value_share, 0.3)}" if cell.count else "",
            }
            for cell in row
        ],
    }


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return next((days for days in WINDOWS_DAYS if str(days) == asked), WINDOWS_DAYS[0])


def _wanted(request: HttpRequest) -> Wanted:
    """What the address asks for; what it names wrongly is as if it named nothing."""
    one, other = request.GET.get("from", ""), request.GET.get("to", "")
    return Wanted(
        days=_days(request),
        from_segment="" if one == _FIRST else one if one in SEGMENTS else None,
        to_segment=other if other in SEGMENTS else None,
    )


def _moved_title(wanted: Wanted) -> str:
    if wanted.from_segment == "":
        pattern = _("Seen for the first time in the last {days} days")
    elif wanted.from_segment and wanted.to_segment:
        pattern = _("From {one} to {other} in the last {days} days")
    elif wanted.from_segment:
        pattern = _("Moved from {one} in the last {days} days")
    elif wanted.to_segment:
        pattern = _("Moved to {other} in the last {days} days")
    else:
        pattern = _("Moved in the last {days} days")
    return pattern.format(days=wanted.days, one=word(wanted.from_segment or ""), other=word(wanted.to_segment or ""))


def _moved_total(*, page: segments.MovedPage, state: ListState) -> str:
    if state.after is not None or page.after is not None:
        return ""
    count = len(page.rows)
    return ngettext("{count} customer", "{count} customers", count).format(count=formatting.format_units(count))


def _place(state: ListState) -> MovedPlace | None:
    """Where the page begins; raises BadCursor."""
    match state.after:
        case None:
            return None
        case (float() | int() as value, int(customer_id)) if not isinstance(value, bool) and 0 < customer_id < 2**63:
            return float(value), customer_id
        case _:
            raise BadCursor


def _row(one: MovedCustomer, *, columns: Sequence[Column]) -> Row:
    return Row(
        key=str(one.customer_id),
        url=reverse("customers:customer", args=[one.customer_id]),
        side_url=reverse("customers:side", args=[one.customer_id]),
        cells=[_CELLS[column.key](one) for column in columns],
    )


def _money(value: float) -> Cell:
    return Cell(formatting.format_amount(value, currency=settings.REORDER.currency), "number")


_CELLS: Final[Mapping[str, Callable[[MovedCustomer], Cell]]] = {
    "name": lambda one: Cell(name_of(name=one.name, key=one.key, is_erased=one.is_erased), "clip"),
    "from": lambda one: Cell(segment_mark(one.from_segment) if one.from_segment else _("first seen")),
    "to": lambda one: Cell(segment_mark(one.to_segment)),
    "moved": lambda one: Cell(
        formatting.format_short_day(one.last_moved_date, language=get_language() or "en"), "date"
    ),
    "recency": lambda one: Cell(formatting.format_units(round(one.recency_days)), "number"),
    "quarter": lambda one: _money(one.expected_value_90),
    "value": lambda one: _money(one.expected_value),
    "churn": lambda one: Cell(share(one.churn_share), "number"),
}


def _moved_cells(one: MovedCustomer) -> list[object]:
    return [
        "" if one.is_erased else one.key,
        name_of(name=one.name, key="", is_erased=one.is_erased),
        word(one.from_segment) if one.from_segment else _("first seen"),
        word(one.to_segment),
        one.last_moved_date,
        round(one.recency_days),
        round(one.expected_orders_90, 3),
        round(one.expected_value_90, 2),
        round(one.expected_value, 2),
        round(one.churn_share, 4),
    ]


def _exported(size: SegmentSize, *, page: SegmentsPage) -> list[object]:
    return [
        word(size.segment),
        size.count,
        round(size.share, 4),
        round(size.expected_value_90, 2),
        round(size.expected_value, 2),
        round(size.value_share, 4),
        round(size.churn_share, 4) if size.count else None,
        size.came_count,
        size.left_count,
        *(page.flows.get((other.segment, size.segment), 0) for other in page.sizes),
    ]
