"""The rule builder's page, what its buttons do, the live count beside it, and saving."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.marketing.segment_editing import NewSegment
from reorder.domain.marketing.segment_errors import BadRule
from reorder.domain.marketing.segments import SegmentRow
from reorder.domain.staff.rules import Ability
from reorder.flows import segmenting
from reorder.flows.segmenting.ready_made import READY_MADE, add_ready_made
from reorder.insights import segment_pages
from reorder.kernel import formatting
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, ReorderError
from reorder.kernel.ids import idempotency_key
from reorder.web.access import desk, get_actor
from reorder.web.marketing.segments import building, words
from reorder.web.marketing.segments.building import Node
from reorder.web.marketing.segments.offering import builder_context
from reorder.web.marketing.segments.ready_words import READY, say_purpose, say_segment
from reorder.web.marketing.segments.sentences import seen_words
from reorder.web.marketing.segments.showing import explain_fault


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form says, saved or not."""

    is_new: bool
    kind: str
    code: str
    name: str
    description: str
    member_tag: str
    rules: Node

    @property
    def is_list(self) -> bool:
        """Whether it is kept by hand."""
        return self.kind == "list"


@desk(Ability.EDIT_MARKETING)
def new(request: HttpRequest) -> HttpResponse:
    """A form for a new segment, of rules or kept by hand."""
    kind = "list" if request.GET.get("kind") == "list" else "rules"
    draft = Draft(is_new=True, kind=kind, code="", name="", description="", member_tag="", rules=building.empty_rules())
    return _page(request, draft)


@desk(Ability.EDIT_MARKETING)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The form of a segment."""
    row = segment_pages.get_segment(actor=get_actor(request), code=code, ability=Ability.EDIT_MARKETING)
    return _page(request, _draft_of(row))


@desk(Ability.EDIT_MARKETING, method="POST")
def build(request: HttpRequest) -> HttpResponse:
    """A button of the builder: the rules with one thing changed, saved nowhere."""
    draft = _read(request.POST)
    building.act(rules=draft.rules, do=request.POST.get("do", ""))
    if not getattr(request, "htmx", None):
        return _page(request, draft)
    answer = render(request, "marketing/segments/builder.html", _builder(draft))
    answer["HX-Trigger-After-Swap"] = "rules-changed"
    return answer


@desk(Ability.EDIT_MARKETING, method="POST")
def preview(request: HttpRequest) -> HttpResponse:
    """How many customers the rules of the form find now, some of them, and why each."""
    return render(request, "marketing/segments/preview.html", _preview(_read(request.POST)))


@desk(Ability.EDIT_MARKETING, method="POST")
def save(request: HttpRequest) -> HttpResponse:
    """Save what the form says."""
    draft = _read(request.POST)
    segment = NewSegment(
        code=draft.code or _code_of(draft.name),
        name=draft.name,
        kind=draft.kind,
        rules={} if draft.is_list else draft.rules,
        description=draft.description,
        member_tag=draft.member_tag,
    )
    act = segmenting.create_segment if draft.is_new else segmenting.save_segment
    try:
        saved = act(segment=segment, decided_by=get_actor(request).name, moment=current_moment())
    except BadInput as error:
        return _page(request, draft, faults=[] if isinstance(error, BadRule) else [explain_fault(error)], status=422)
    messages.success(request, _("Saved.") if saved.counted_at else _("Saved; its members are being counted."))
    return redirect("segments:show", saved.code)


@desk(Ability.EDIT_MARKETING, method="POST")
def delete(request: HttpRequest, code: str) -> HttpResponse:
    """Remove a segment that nothing asks for."""
    try:
        segmenting.delete_segment(code=code, decided_by=get_actor(request).name)
    except ReorderError as error:
        messages.error(request, explain_fault(error))
        return redirect("segments:show", code)
    messages.success(request, _("The segment was removed, with its members and its history."))
    return redirect("segments:index")


@desk(Ability.EDIT_MARKETING, method="POST")
def add_ready(request: HttpRequest) -> HttpResponse:
    """Add the ready-made segments that were ticked."""
    known = {one.code for one in READY_MADE}
    added = add_ready_made(
        codes=[code for code in request.POST.getlist("code") if code in known],
        words={code: (str(name), str(purpose)) for code, (name, purpose) in READY.items()},
        decided_by=get_actor(request).name,
        moment=current_moment(),
    )
    if not added:
        messages.warning(request, _("Choose segments that are not there yet."))
        return redirect("segments:ready")
    said = ngettext(
        "{count} segment was added; its members are being counted.",
        "{count} segments were added; their members are being counted.",
        len(added),
    )
    messages.success(request, said.format(count=len(added)))
    return redirect("segments:index")


def _page(request: HttpRequest, draft: Draft, *, faults: list[str] | None = None, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"tab": "segments", "draft": draft, "faults": faults or [], "title": _title(draft)}
    if not draft.is_list:
        context |= _builder(draft)
        if request.method == "POST":
            context |= _preview(draft)
    return render(request, "marketing/segments/edit.html", context, status=status)


def _title(draft: Draft) -> str:
    if not draft.is_new:
        return draft.name
    return _("New list") if draft.is_list else _("New segment")


def _draft_of(row: SegmentRow) -> Draft:
    return Draft(
        is_new=False,
        kind=row.kind,
        code=row.code,
        name=say_segment(code=row.code, name=row.name),
        description=say_purpose(code=row.code, text=row.description),
        member_tag=row.member_tag,
        rules=dict(row.rules),
    )


def _read(form: QueryDict) -> Draft:
    code = form.get("code", "").strip()[:80]
    return Draft(
        # A form that names no segment is about none that there is.
        is_new=form.get("is_new") == "1" or not code,
        kind="list" if form.get("kind") == "list" else "rules",
        code=code,
        name=form.get("name", "").strip()[:300],
        description=form.get("description", "")[:2000],
        member_tag=form.get("member_tag", "").strip()[:100],
        rules=building.read_form(form=form),
    )


def _builder(draft: Draft) -> dict[str, Any]:
    return builder_context(
        rules=draft.rules, build_url=reverse("segments:build"), code=draft.code, member_tag=draft.member_tag
    )


def _preview(draft: Draft) -> dict[str, Any]:
    faults = segmenting.find_faults(code=draft.code, rules=draft.rules, member_tag=draft.member_tag)
    if faults:
        return {"preview_fault": explain_fault(faults[0])}
    found = segmenting.preview_rules(rules=draft.rules, moment=current_moment())
    return {
        "preview_count": _count_words(found.count, is_exact=found.is_exact),
        "sample": [
            {
                "id": row.customer_id,
                "name": row.name or row.key,
                "why": [
                    {"label": words.KINDS[why.condition.kind], "seen": seen_words(why=why)}
                    for why in row.why
                    if why.holds != why.condition.is_not
                ],
            }
            for row in found.sample
        ],
    }


def _count_words(count: int | None, *, is_exact: bool) -> str:
    if count is None:
        return _("Counting everybody takes longer than a page may; save to have it counted.")
    said = formatting.format_units(count)
    if not is_exact:
        return _("about {count} customers now").format(count=said)
    return ngettext("{count} customer now", "{count} customers now", count).format(count=said)


def _code_of(name: str) -> str:
    """A code out of a name; of a name without Latin letters, some letters that stand for it."""
    return slugify(name)[:64].strip("-") or f"segment-{idempotency_key(name)[:8]}"
