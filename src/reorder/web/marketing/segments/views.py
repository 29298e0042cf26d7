"""The pages of segments: the list, one segment, its members as a file, and those that come ready made."""

from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reorder.domain.marketing.segment_errors import BadRule
from reorder.domain.marketing.segment_lists import ListImportRow
from reorder.domain.marketing.segment_rules import judge_rules
from reorder.domain.marketing.segments import MemberRow, SegmentRow
from reorder.domain.staff.rules import Ability
from reorder.flows import segmenting
from reorder.flows.segmenting.ready_made import READY_MADE
from reorder.insights import segment_pages
from reorder.insights.segment_pages import ListedSegment, SegmentPage
from reorder.kernel import formatting
from reorder.kernel.clock import current_date
from reorder.kernel.errors import ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.charts import Chart, Series
from reorder.web.customers.listing import name_of
from reorder.web.exports import table_response
from reorder.web.lists import PAGE_SIZE, Cell, Column, ListSpec, Row, Tab, make_page, read_last_id, read_state
from reorder.web.marketing.segments import words
from reorder.web.marketing.segments.ready_words import READY
from reorder.web.marketing.segments.sentences import lines_of
from reorder.web.templatetags.reorder import day, word
from reorder.web.templatetags.reorder import moment as said_moment

_LIST: Final = ListSpec(
    page="segments",
    columns=(
        Column("name", gettext_lazy("Segment")),
        Column("members", gettext_lazy("Members"), "number"),
        Column("change", gettext_lazy("Change in 7 days"), "number"),
        Column("kind", gettext_lazy("Kind")),
        Column("tag", gettext_lazy("Tag of its members")),
        Column("counted", gettext_lazy("Counted"), "date"),
        Column("changed", gettext_lazy("Changed by")),
        Column("code", gettext_lazy("Code"), is_default=False),
    ),
    tabs=(
        Tab("all", gettext_lazy("All")),
        Tab("rules", gettext_lazy("By rules")),
        Tab("list", gettext_lazy("Lists")),
    ),
    search_label=gettext_lazy("Search segments"),
)
_MEMBERS: Final = ListSpec(
    page="segment-members",
    columns=(
        Column("name", gettext_lazy("Customer")),
        Column("since", gettext_lazy("Since"), "date"),
        Column("rfm", gettext_lazy("RFM segment")),
        Column("value", gettext_lazy("Value next year"), "number"),
    ),
    tabs=(),
    has_search=False,
    search_label=gettext_lazy("Members"),
)


@desk(Ability.VIEW_MARKETING)
def index(request: HttpRequest) -> HttpResponse:
    """All segments."""
    found = segment_pages.list_segments(actor=get_actor(request), today=_today())
    state = read_state(request=request, spec=_LIST)
    shown = [
        one
        for one in found
        if state.tab in {"all", one.row.kind} and state.search.lower() in f"{one.row.name} {one.row.code}".lower()
    ]
    page = make_page(
        request=request,
        spec=_LIST,
        state=state,
        rows=[_row(one, columns=state.columns) for one in shown],
        next_after=None,
        total=ngettext("{count} segment", "{count} segments", len(shown)).format(count=len(shown)),
        export_url=reverse("segments:export_list"),
    )
    context = {
        "tab": "segments",
        "list": page,
        "state": _list_state(found),
        "is_empty": not found,
        "may_edit": get_actor(request).may(Ability.EDIT_MARKETING),
    }
    return render(request, "marketing/segments/index.html", context)


@desk(Ability.VIEW_MARKETING)
def export_list(request: HttpRequest) -> HttpResponseBase:
    """All segments as a file."""
    found = segment_pages.list_segments(actor=get_actor(request), today=_today())
    return table_response(
        request=request,
        name="segments",
        heads=[
            _("Code"),
            _("Segment"),
            _("Kind"),
            _("Members"),
            _("Change in 7 days"),
            _("Tag of its members"),
            _("Counted"),
        ],
        rows=(
            [
                one.row.code,
                one.row.name,
                _kind(one.row),
                one.row.members_count,
                one.change,
                one.row.member_tag,
                one.row.counted_at,
            ]
            for one in found
        ),
    )


@desk(Ability.VIEW_MARKETING)
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One segment."""
    return show_segment(request, code)


def show_segment(
    request: HttpRequest, code: str, *, faults: Sequence[str] = (), people: str = "", status: int = 200
) -> HttpResponse:
    """The page of a segment, with what was refused when something was."""
    actor = get_actor(request)
    state = read_state(request=request, spec=_MEMBERS)
    page = segment_pages.get_segment_page(
        actor=actor, code=code, after_id=read_last_id(state=state) or 0, limit=PAGE_SIZE, today=_today()
    )
    context: dict[str, Any] = {
        "tab": "segments",
        "segment": page.row,
        "kind": _kind(page.row),
        "state": _state(page.row),
        "lines": [] if page.row.is_list else lines_of(root=judge_rules(rules=page.row.rules).root),
        "chart": _chart(page),
        "uses": [(words.USES[use.kind], use.name or use.code) for use in segmenting.list_uses(code=code)],
        "imports": [import_view(one) for one in page.imports],
        "modes": list(words.MODES.items()),
        "may_edit": actor.may(Ability.EDIT_MARKETING),
        "faults": faults,
        "people": people,
        "list": make_page(
            request=request,
            spec=_MEMBERS,
            state=state,
            rows=[_member(one, columns=state.columns) for one in page.members],
            next_after=None if page.after_id is None else (page.after_id,),
            total=_count(page.row.members_count),
            export_url=reverse("segments:export", args=[code]),
        ),
        "first_url": state.address(),
        "empty_text": _("Nobody belongs to it now."),
    }
    return render(request, "marketing/segments/segment.html", context, status=status)


@desk(Ability.VIEW_CUSTOMERS)
def export(request: HttpRequest, code: str) -> HttpResponseBase:
    """All members as a file."""
    rows = segment_pages.iterate_members(actor=get_actor(request), code=code)
    return table_response(
        request=request,
        name=f"segment-{code}",
        heads=[_("Shop's id"), _("Customer"), _("Since"), _("RFM segment"), _("Value next year")],
        rows=(
            [one.key, one.name, one.since_at, word(one.rfm_segment) if one.rfm_segment else "", one.expected_value]
            for one in rows
            if not one.is_erased
        ),
    )


@desk(Ability.VIEW_MARKETING)
def ready(request: HttpRequest) -> HttpResponse:
    """Segments that come ready made, and which of them are there already."""
    known = {one.row.code for one in segment_pages.list_segments(actor=get_actor(request), today=_today())}
    rows = [
        {
            "code": one.code,
            "name": READY[one.code][0],
            "purpose": READY[one.code][1],
            "lines": lines_of(root=judge_rules(rules=one.rules).root)[1:],
            "is_there": one.code in known,
        }
        for one in READY_MADE
    ]
    context = {"tab": "segments", "rows": rows, "may_edit": get_actor(request).may(Ability.EDIT_MARKETING)}
    return render(request, "marketing/segments/ready.html", context)


@desk(Ability.VIEW_MARKETING)
def list_import(request: HttpRequest, code: str, import_id: int) -> HttpResponse:
    """How far a file is; the page asks again until it is over."""
    found = segment_pages.get_import(actor=get_actor(request), code=code, import_id=import_id)
    if found is None:
        return redirect("segments:show", code)
    context = {"tab": "segments", "one": import_view(found), "segment_name": found.segment_name}
    part = "#job" if getattr(request, "htmx", None) else ""
    return render(request, f"marketing/segments/import.html{part}", context)


@desk(Ability.VIEW_MARKETING)
def rejected(request: HttpRequest, code: str, import_id: int) -> HttpResponseBase:
    """Rows of a file that named nobody, with the reason beside each."""
    found = segment_pages.get_import(actor=get_actor(request), code=code, import_id=import_id)
    if found is None:
        return redirect("segments:show", code)
    rows = segment_pages.iterate_rejections(actor=get_actor(request), import_id=import_id)
    return table_response(
        request=request,
        name=f"{code}-rejected",
        heads=[_("Row"), _("Value"), _("Reason")],
        rows=([one.row_number, one.value, str(words.REJECTIONS.get(one.reason_code, one.reason_code))] for one in rows),
    )


def import_view(one: ListImportRow) -> dict[str, Any]:
    """A file of a list with its words."""
    return {
        "row": one,
        "mode": words.MODES[one.mode],
        "url": reverse("segments:list_import", args=[one.segment_code, one.id]),
        "rejected_url": reverse("segments:rejected", args=[one.segment_code, one.id]) if one.rejected_count else "",
        "said": _import_words(one),
    }


def explain_fault(error: ReorderError) -> str:
    """What a flow refused, in the reader's language; fields of rules are called as the form calls them."""
    label = words.FIELDS.get(str(error.parameters.get("field"))) if isinstance(error, BadRule) else None
    if label is not None:
        error = type(error)(**{**error.parameters, "field": label})
    return explain_error(error=error, translate=_)


def _import_words(one: ListImportRow) -> str:
    if one.state == "failed":
        return one.error
    if one.state != "done":
        return ngettext("{count} row read so far.", "{count} rows read so far.", one.read_count).format(
            count=formatting.format_units(one.read_count)
        )
    said = _("{read} rows: {came} joined, {left} left, {known} changed nothing, {rejected} named nobody.")
    counts = {"read": one.read_count, "came": one.came_count, "left": one.left_count, "known": one.known_count}
    return said.format(
        **{name: formatting.format_units(count) for name, count in counts.items()},
        rejected=formatting.format_units(one.rejected_count),
    )


def _row(one: ListedSegment, *, columns: Sequence[Column]) -> Row:
    row = one.row
    cells = {
        "name": Cell(row.name),
        "members": Cell(formatting.format_units(row.members_count), css="number"),
        "change": Cell(_signed(one.change), css="number"),
        "kind": Cell(_kind(row)),
        "tag": Cell(row.member_tag),
        "counted": Cell(_counted(row)),
        "changed": Cell(row.changed_by),
        "code": Cell(row.code),
    }
    return Row(
        key=row.code,
        url=reverse("segments:show", args=[row.code]),
        cells=[cells[column.key] for column in columns],
    )


def _member(one: MemberRow, *, columns: Sequence[Column]) -> Row:
    value = one.expected_value
    cells = {
        "name": Cell(name_of(key=one.key, name=one.name, is_erased=one.is_erased)),
        "since": Cell(said_moment(one.since_at)),
        "rfm": Cell(word(one.rfm_segment) if one.rfm_segment else ""),
        "value": Cell(
            "–" if value is None else formatting.format_amount(value, currency=settings.REORDER.currency), css="number"
        ),
    }
    return Row(
        key=str(one.customer_id),
        url=reverse("customers:customer", args=[one.customer_id]),
        cells=[cells[column.key] for column in columns],
    )


def _chart(page: SegmentPage) -> Chart | None:
    """Members by day, where two days at least are known."""
    if len(page.days) < 2:
        return None
    first, last = page.days[0], page.days[-1]
    said = {"first": formatting.format_units(first.members_count), "last": formatting.format_units(last.members_count)}
    return Chart(
        id="members",
        title=_("{first} members on {one}, {last} on {other}").format(
            **said, one=day(first.date), other=day(last.date)
        ),
        labels=[day(one.date) for one in page.days],
        series=[
            Series(name=_("members"), values=[one.members_count for one in page.days]),
            Series(name=_("joined"), values=[one.came_count for one in page.days], kind="bar", colour="info"),
            Series(name=_("left"), values=[one.left_count for one in page.days], kind="bar", colour="soon"),
        ],
        axis_name=_("day"),
    )


def _list_state(found: Sequence[ListedSegment]) -> str:
    waiting = sum(1 for one in found if one.row.counted_at is None and not one.row.fault)
    said = ngettext("{count} segment", "{count} segments", len(found)).format(count=len(found))
    if not waiting:
        return _("{facts}.").format(facts=said)
    being = ngettext("{count} is being counted", "{count} are being counted", waiting).format(count=waiting)
    return _("{facts}.").format(facts=_("; ").join([said, being]))


def _state(row: SegmentRow) -> str:
    if row.fault:
        return row.fault
    return _("{facts}.").format(facts=_("; ").join([_count(row.members_count), _counted(row)]))


def _count(count: int) -> str:
    return ngettext("{count} member", "{count} members", count).format(count=formatting.format_units(count))


def _counted(row: SegmentRow) -> str:
    if row.is_list:
        return _("kept by hand")
    if row.counted_at is None:
        return _("being counted")
    return _("counted {moment}").format(moment=said_moment(row.counted_at))


def _kind(row: SegmentRow) -> str:
    return _("List") if row.is_list else _("Rules")


def _signed(number: int | None) -> str:
    if number is None:
        return "–"
    said = formatting.format_units(abs(number))
    return f"+{said}" if number > 0 else f"−{said}" if number else "0"


def _today() -> Any:
    return current_date(time_zone=settings.REORDER.time_zone)
