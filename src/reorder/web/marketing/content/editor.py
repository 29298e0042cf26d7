"""One version: written, looked at as a customer would see it, tried on oneself, let go."""

from dataclasses import replace
from typing import Any

from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from reorder.domain.marketing import content
from reorder.domain.marketing.content import NewVersion, VersionRow
from reorder.domain.marketing.content_forms import FIELDS, clean_content
from reorder.domain.marketing.content_judging import Finding
from reorder.domain.marketing.content_variables import variables_of
from reorder.domain.staff.rules import Ability
from reorder.flows.content.checking import look_over, try_links
from reorder.flows.content.previewing import (
    Preview,
    find_customer_of_preview,
    preview_version,
    send_trial,
)
from reorder.flows.content.ready_made.blocks import BLOCK_TEMPLATES, block_of
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.marketing.content.words import (
    LANGUAGE_WORDS,
    channel_word,
    kind_word,
    say_faults,
    say_finding,
    shown_fields,
)
from reorder.web.marketing.template_names import say_template

_see, _edit, _decide = Ability.VIEW_MARKETING, Ability.EDIT_MARKETING, Ability.DECIDE_MARKETING_MESSAGES
# A mail brings styles of its own and pictures of anywhere; it runs nothing and asks nothing.
_AS_MAIL = {
    "default-src": ["'none'"],
    "img-src": ["https:", "http:", "data:"],
    "style-src": ["'unsafe-inline'"],
    "script-src": ["'none'"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": ["allow-popups"],
}


@desk(_see)
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # the library's types know no arguments of addresses
def show(request: HttpRequest, template_code: str, version_number: int) -> HttpResponse:
    return _show(request, content.get_version_by_number(template_code=template_code, number=version_number))


@desk(_edit, method="POST")
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # the library's types know no arguments of addresses
def save(request: HttpRequest, template_code: str, version_number: int) -> HttpResponse:
    """Keep what was typed; a version that was let go is copied into a draft."""
    known = content.get_version_by_number(template_code=template_code, number=version_number)
    wanted = _typed(request, known)
    try:
        saved = content.save_draft(
            template_code=template_code,
            version=NewVersion(
                channel=wanted.channel,
                language=wanted.language,
                content=wanted.content,
                segment_code=wanted.segment_code,
                variant=wanted.variant,
                weight=wanted.weight,
            ),
            number=version_number if known.state in ("draft", "waiting") else None,
            saved_by=get_actor(request).name,
            moment=clock.current_moment(),
        )
    except BadInput as fault:
        return _show(request, wanted, fault=fault)
    messages.success(request, _("Saved as a draft."))
    return _to(saved, request)


@desk(_edit, method="POST")
def submit(request: HttpRequest, template_code: str, version_number: int) -> HttpResponse:
    """Ask another person to let it go."""
    try:
        content.submit_version(
            template_code=template_code,
            number=version_number,
            submitted_by=get_actor(request).name,
            moment=clock.current_moment(),
        )
    except BadInput as fault:
        messages.error(request, explain_error(error=fault, translate=_))
    else:
        messages.success(request, _("It waits for another person."))
    return redirect("content:version", template_code, version_number)


@desk(_decide, method="POST")
def let_go(request: HttpRequest, template_code: str, version_number: int) -> HttpResponse:
    """Messages say it from now on."""
    try:
        content.let_go(
            template_code=template_code,
            number=version_number,
            approved_by=get_actor(request).name,
            moment=clock.current_moment(),
            is_another_needed=settings.REORDER.message_approval,
        )
    except BadInput as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return redirect("content:version", template_code, version_number)
    messages.success(request, _("Messages say it from now on."))
    return redirect("content:template", template_code)


@desk(_see, method="POST")
@xframe_options_sameorigin
@csp_replace(_AS_MAIL)  # type: ignore[arg-type]  # the library's types know no arguments of addresses
def preview(request: HttpRequest, template_code: str, version_number: int) -> HttpResponse:
    """What stands in the form now, as mail or as the text of a message; the frame of the editor shows it."""
    known = content.get_version_by_number(template_code=template_code, number=version_number)
    asked = request.POST.get("customer", "").strip()[:254]
    customer_id = _customer(request)
    if asked and customer_id is None:
        said = _("Nobody, or more than one, is meant by “{text}”: give a key, a number or a whole name.").format(
            text=asked
        )
        return render(request, "marketing/content/as_text.html", {"made": None, "refusal": said})
    made = preview_version(version=_typed(request, known), customer_id=customer_id, moment=clock.current_moment())
    if made.rendered is not None and made.rendered.html:
        return HttpResponse(made.rendered.html)
    return render(request, "marketing/content/as_text.html", {"made": made, "refusal": _refusal(made)})


@desk(_edit, method="POST")
def trial(request: HttpRequest, template_code: str, version_number: int) -> HttpResponse:
    """Send the saved version to oneself."""
    version = content.get_version_by_number(template_code=template_code, number=version_number)
    address = request.POST.get("address", "").strip()[:254]
    try:
        if "@" not in address:
            messages.error(request, _("Say to which address."))
            return _to(version, request)
        made = send_trial(
            version=version,
            customer_id=_customer(request),
            address=address,
            sent_by=get_actor(request).name,
            moment=clock.current_moment(),
        )
    except ReorderError as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return _to(version, request)
    if made.is_delivered:
        messages.success(request, _("A trial is on its way to {address}.").format(address=address))
    else:
        messages.error(request, _("The mail server said: {error}").format(error=made.error))
    return _to(version, request)


@desk(_edit, method="POST")
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # the library's types know no arguments of addresses
def check(request: HttpRequest, template_code: str, version_number: int) -> HttpResponse:
    """Ask the links of the saved version whether they lead anywhere."""
    version = content.get_version_by_number(template_code=template_code, number=version_number)
    made = preview_version(version=version, customer_id=_customer(request), moment=clock.current_moment())
    dead = try_links(rendered=made.rendered) if made.rendered else []
    return _show(request, version, links=dead)


def _typed(request: HttpRequest, known: VersionRow) -> VersionRow:
    """The version with what was typed; its channel stays."""
    post = request.POST
    language, weight = post.get("language", known.language), post.get("weight", "")
    return replace(
        known,
        content=clean_content(
            channel=known.channel, content={name: post.get(name, "") for name in FIELDS.get(known.channel, {})}
        ),
        language=language if language in LANGUAGE_WORDS else known.language,
        segment_code=post.get("segment_code", known.segment_code)[:64],
        variant=post.get("variant", known.variant)[:40],
        weight=int(weight) if weight.isdecimal() and len(weight) < 6 else known.weight,
    )


def _customer(request: HttpRequest) -> int | None:
    return find_customer_of_preview(text=(request.POST or request.GET).get("customer", "")[:254])


def _refusal(made: Preview) -> str:
    return explain_error(error=made.refusal, translate=_) if made.refusal else ""


def _to(version: VersionRow, request: HttpRequest) -> HttpResponse:
    address = reverse("content:version", args=[version.template_code, version.number])
    customer = request.POST.get("customer", "").strip()[:254]
    answer = redirect(address)
    if customer:
        request.session["content_customer"] = customer
    return answer


def _show(
    request: HttpRequest,
    version: VersionRow,
    *,
    fault: BadInput | None = None,
    links: list[Finding] | None = None,
) -> HttpResponse:
    customer = request.POST.get("customer", "") or request.session.get("content_customer", "")
    made = preview_version(
        version=version, customer_id=find_customer_of_preview(text=customer), moment=clock.current_moment()
    )
    found = look_over(rendered=made.rendered, channel=version.channel, purpose=version.purpose) if made.rendered else []
    is_mail = version.channel == "email"
    name = say_template(code=version.template_code, name=content.get_template(code=version.template_code).name)
    actor = get_actor(request)
    context: dict[str, Any] = {
        "tab": "content",
        "row": version,
        "name": name,
        "kind": kind_word(version.kind),
        "channel": channel_word(version.channel),
        "language": LANGUAGE_WORDS.get(version.language, version.language),
        "fields": shown_fields(fields=FIELDS.get(version.channel, {}), content=version.content, faults=made.faults),
        "faults": say_faults(made.faults)[:12],
        "findings": [say_finding(one) for one in found],
        "links": None if links is None else [say_finding(one) for one in links],
        "refusal": explain_error(error=fault, translate=_) if fault else _refusal(made),
        "made": made.rendered,
        "blocks": [
            (name, _(word), block_of(name=name, language=version.language)) for name, word in BLOCK_TEMPLATES.items()
        ]
        if is_mail
        else [],
        "variables": variables_of(kind=version.kind),
        "languages": list(LANGUAGE_WORDS.items()),
        "customer": customer,
        "address": request.user.email if request.user.is_authenticated else "",
        "is_mail": is_mail,
        "needs_another": settings.REORDER.message_approval,
        "may_edit": actor.may(_edit),
        "may_decide": actor.may(_decide)
        and not (settings.REORDER.message_approval and version.created_by == actor.name),
    }
    return render(request, "marketing/content/version.html", context, status=status_of(fault) if fault else 200)
