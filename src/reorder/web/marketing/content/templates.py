"""Templates listed, added, changed; their versions begun, weighed and taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.marketing import content
from reorder.domain.marketing.content import NewVersion
from reorder.domain.marketing.content_errors import BadContent
from reorder.domain.marketing.content_forms import FIELDS
from reorder.domain.marketing.content_variables import variables_of
from reorder.domain.marketing.segments import list_segments
from reorder.domain.staff.rules import Ability
from reorder.flows.content.importing import MOST_BYTES, read_import
from reorder.flows.content.ready_made import lay_down, ready_made_codes
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.marketing.content.words import CHANNEL_WORDS, LANGUAGE_WORDS, channel_word, kind_choices, kind_word
from reorder.web.marketing.segments.ready_words import say_segments
from reorder.web.marketing.template_names import say_template, say_templates

_see, _edit = Ability.VIEW_MARKETING, Ability.EDIT_MARKETING


@desk(_see)
def index(request: HttpRequest) -> HttpResponse:
    """All templates, and what waits for another person."""
    is_archived = request.GET.get("tab") == "archived"
    rows = content.list_templates(
        kind=request.GET.get("kind", "")[:24], search=request.GET.get("q", "")[:80], is_archived=is_archived
    )
    forms = content.list_live_forms(template_codes=[row.code for row in rows])
    names = dict(say_templates(choices=[(row.code, row.name) for row in rows]))
    known = {row.code for row in rows} if not request.GET else None
    context = {
        "tab": "content",
        "part": "templates",
        "rows": [
            {
                "row": row,
                "name": say_template(code=row.code, name=row.name),
                "kind": kind_word(row.kind),
                "channels": sorted({channel_word(channel) for channel, _language in forms.get(row.code, ())}),
                "languages": [
                    word
                    for code, word in LANGUAGE_WORDS.items()
                    if any(language == code for _channel, language in forms.get(row.code, ()))
                ],
            }
            for row in rows
        ],
        "kinds": kind_choices(),
        "waiting": [(one, names.get(one.template_code, one.template_code)) for one in content.list_waiting_versions()],
        "is_archived": is_archived,
        "missing_count": len(set(ready_made_codes()) - known) if known is not None else 0,
        "may_edit": get_actor(request).may(_edit),
    }
    return render(request, "marketing/content/index.html", context)


@desk(_edit)
def add(request: HttpRequest) -> HttpResponse:
    return render(request, "marketing/content/new.html", {"tab": "content", "kinds": kind_choices(), "given": {}})


@desk(_edit, method="POST")
def create(request: HttpRequest) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in ("code", "name", "kind", "purpose")}
    try:
        made = content.create_template(
            code=given["code"],
            name=given["name"],
            kind=given["kind"],
            purpose=given["purpose"],
            created_by=get_actor(request).name,
        )
    except BadInput as fault:
        context = {"tab": "content", "kinds": kind_choices(), "given": given}
        context["refusal"] = explain_error(error=fault, translate=_)
        return render(request, "marketing/content/new.html", context, status=status_of(fault))
    return redirect("content:template", made.code)


@desk(_edit, method="POST")
def lay_ready_made(request: HttpRequest) -> HttpResponse:
    """Make the ready-made templates that are not there yet."""
    made = lay_down(laid_by=get_actor(request).name, moment=clock.current_moment())
    said = ngettext("{count} template was made.", "{count} templates were made.", len(made))
    messages.success(request, said.format(count=len(made)))
    return redirect("content:index")


@desk(_see)
def show(request: HttpRequest, template_code: str) -> HttpResponse:
    return _show(request, template_code)


@desk(_edit, method="POST")
def change(request: HttpRequest, template_code: str) -> HttpResponse:
    """Another name, own marks in links, categories for rules about age."""
    utm = {name: request.POST.get(f"utm_{name}", "") for name in ("source", "medium", "campaign")}
    codes = [code.strip() for code in request.POST.get("category_codes", "").split(",") if code.strip()]
    try:
        content.change_template(
            code=template_code,
            name=request.POST.get("name", ""),
            utm=utm,
            category_codes=codes,
            changed_by=get_actor(request).name,
        )
    except BadInput as fault:
        return _show(request, template_code, fault=fault)
    messages.success(request, _("Saved."))
    return redirect("content:template", template_code)


@desk(_edit, method="POST")
def archive(request: HttpRequest, template_code: str) -> HttpResponse:
    """Put a template away, or take it out again."""
    moment = None if request.POST.get("out") else clock.current_moment()
    content.archive_template(code=template_code, moment=moment, changed_by=get_actor(request).name)
    said = _("It was put away. Messages that are planned keep its words.") if moment else _("It is back.")
    messages.success(request, said)
    return redirect("content:template", template_code)


@desk(_edit, method="POST")
def begin(request: HttpRequest, template_code: str) -> HttpResponse:
    """A draft: empty, a copy of a version, or what another tool made."""
    post = request.POST
    try:
        text = _begun_with(request, template_code)
        made = content.save_draft(
            template_code=template_code,
            version=NewVersion(
                channel=post.get("channel", ""),
                language=post.get("language", ""),
                content=text,
                segment_code=post.get("segment_code", "")[:64],
                variant=post.get("variant", ""),
            ),
            number=None,
            saved_by=get_actor(request).name,
            moment=clock.current_moment(),
        )
    except BadInput as fault:
        return _show(request, template_code, fault=fault)
    return redirect("content:version", template_code, made.number)


@desk(_edit, method="POST")
def weigh(request: HttpRequest, template_code: str, version_number: int) -> HttpResponse:
    """How many of those who get a variant get this one."""
    text = request.POST.get("weight", "")
    try:
        content.set_weight(
            template_code=template_code,
            number=version_number,
            weight=int(text) if text.isdecimal() and len(text) < 6 else -1,
            changed_by=get_actor(request).name,
        )
    except BadInput as fault:
        return _show(request, template_code, fault=fault)
    messages.success(request, _("Saved."))
    return redirect("content:template", template_code)


@desk(_edit, method="POST")
def retire(request: HttpRequest, template_code: str, version_number: int) -> HttpResponse:
    """Messages say it no more."""
    content.retire_version(
        template_code=template_code,
        number=version_number,
        retired_by=get_actor(request).name,
        moment=clock.current_moment(),
    )
    messages.success(request, _("Messages say it no more; those that are planned still do."))
    return redirect("content:template", template_code)


def _begun_with(request: HttpRequest, template_code: str) -> dict[str, str]:
    given = request.FILES.get("file")
    if given is not None:
        if (given.size or 0) > MOST_BYTES:
            raise BadContent(what="the file", reason="it has more than 2 MB", value="")
        found = read_import(name=given.name or "", content=given.read())
        if found.pictures_count:
            said = _("{count} pictures of the file were left out: put them on your site, and their addresses here.")
            messages.warning(request, said.format(count=found.pictures_count))
        return {found.field: found.text}
    copied = request.POST.get("copy_of", "")
    if copied.isdecimal() and len(copied) < 10:
        return dict(content.get_version_by_number(template_code=template_code, number=int(copied)).content)
    return {}


def _show(request: HttpRequest, template_code: str, *, fault: BadInput | None = None) -> HttpResponse:
    row = content.get_template(code=template_code)
    states = ("live", "draft", "waiting", "retired") if request.GET.get("all") else ("live", "draft", "waiting")
    versions = content.list_versions(template_code=template_code, states=states)
    context: dict[str, Any] = {
        "tab": "content",
        "part": "templates",
        "row": row,
        "name": say_template(code=row.code, name=row.name),
        "kind": kind_word(row.kind),
        "versions": [
            {
                "row": one,
                "channel": channel_word(one.channel),
                "language": LANGUAGE_WORDS.get(one.language, one.language),
            }
            for one in versions
        ],
        "channels": [(code, str(word)) for code, word in CHANNEL_WORDS.items() if code in FIELDS],
        "languages": list(LANGUAGE_WORDS.items()),
        "segments": say_segments(choices=[(one.code, one.name) for one in list_segments()]),
        "variables": variables_of(kind=row.kind),
        "category_codes": ", ".join(row.category_codes),
        "is_all": bool(request.GET.get("all")),
        "may_edit": get_actor(request).may(_edit),
        "refusal": explain_error(error=fault, translate=_) if fault else "",
    }
    return render(request, "marketing/content/template.html", context, status=status_of(fault) if fault else 200)
