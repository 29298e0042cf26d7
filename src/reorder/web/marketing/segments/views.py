"""The pages of segments: the list, one segment, its members as a file, and those that come ready made."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reorder.domain.marketing.segment_rules import judge_rules
from reorder.domain.staff.rules import Ability
from reorder.flows import segmenting
from reorder.flows.segmenting.ready_made import READY_MADE
from reorder.insights import segment_pages
from reorder.web.access import desk, get_actor
from reorder.web.exports import table_response
from reorder.web.lists import PAGE_SIZE, Column, ListSpec, Tab, make_page, read_last_id, read_state
from reorder.web.marketing.segments import words
from reorder.web.marketing.segments.ready_words import READY, say_purpose, say_segment
from reorder.web.marketing.segments.sentences import lines_of
from reorder.web.marketing.segments.showing import (
    count_words,
    import_view,
    kind_of,
    list_row,
    list_state,
    member_row,
    members_chart,
    state_of,
    today,
)
from reorder.web.templatetags.reorder import word

_LIST: Final = ListSpec(
    page="segments",
    columns=(
        Column("name", gettext_lazy("Segment")),
        Column("members", gettext_lazy("Members"), "number"),
        Column("change", gettext_lazy("Change in 7 days"), "number"),
        Column("kind", gettext_lazy("Kind")),
        Column("tag", gettext_lazy("Tag of its members")),
        Column("counted", gettext_lazy("Counted at"), "date"),
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
    found = segment_pages.list_segments(actor=get_actor(request), today=today())
    state = read_state(request=request, spec=_LIST)
    shown = [
        one
        for one in found
        if state.tab in {"all", one.row.kind}
        and state.search.lower()
        in f"{one.row.name} {say_segment(code=one.row.code, name=one.row.name)} {one.row.code}".lower()
    ]
    page = make_page(
        request=request,
        spec=_LIST,
        state=state,
        rows=[list_row(one, columns=state.columns) for one in shown],
        next_after=None,
        total=ngettext("{count} segment", "{count} segments", len(shown)).format(count=len(shown)),
        export_url=reverse("segments:export_list"),
    )
    context = {
        "tab": "segments",
        "list": page,
        "state": list_state(found),
        "is_empty": not found,
        "may_edit": get_actor(request).may(Ability.EDIT_MARKETING),
    }
    return render(request, "marketing/segments/index.html", context)


@desk(Ability.VIEW_MARKETING)
def export_list(request: HttpRequest) -> HttpResponseBase:
    """All segments as a file."""
    found = segment_pages.list_segments(actor=get_actor(request), today=today())
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
            _("Counted at"),
        ],
        rows=(
            [
                one.row.code,
                say_segment(code=one.row.code, name=one.row.name),
                kind_of(one.row),
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
        actor=actor, code=code, after_id=read_last_id(state=state) or 0, limit=PAGE_SIZE, today=today()
    )
    context: dict[str, Any] = {
        "tab": "segments",
        "segment": page.row,
        "name": say_segment(code=code, name=page.row.name),
        "description": say_purpose(code=code, text=page.row.description),
        "kind": kind_of(page.row),
        "state": state_of(page.row),
        "lines": [] if page.row.is_list else lines_of(root=judge_rules(rules=page.row.rules).root),
        "chart": members_chart(page),
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
            rows=[member_row(one, columns=state.columns) for one in page.members],
            next_after=None if page.after_id is None else (page.after_id,),
            total=count_words(page.row.members_count),
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
    known = {one.row.code for one in segment_pages.list_segments(actor=get_actor(request), today=today())}
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
