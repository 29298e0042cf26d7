"""Manifests: open cages, what drivers took along, the list to sign; and carriers that are asked to come."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows import tracking
from reorder.flows.tracking.manifest_sheet import print_manifest
from reorder.flows.tracking.picking_up import ask_pick_up, list_pick_up_accounts, settle_pick_up
from reorder.insights.manifests import (
    get_manifest,
    list_closed_manifests,
    list_manifest_lines,
    list_open_manifests,
    list_waiting,
)
from reorder.insights.shipping_desk import list_pick_ups
from reorder.kernel import clock
from reorder.kernel.cursors import UnreadableCursor, decode_cursor, encode_cursor
from reorder.kernel.errors import BadInput, NotFound, ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.lists import BadCursor
from reorder.web.shipping.forms import PickUpForm
from reorder.web.shipping.words import PICK_UP_TEMPLATES
from reorder.web.tracking.words import MARK_TEMPLATES
from reorder.web.warehouse.place import list_own_places

_PAGE: Final = 30


@desk(Ability.VIEW_ORDERS)
def index(request: HttpRequest) -> HttpResponse:
    """Open cages first, then what was handed over."""
    return _index(request, form=None)


@desk(Ability.VIEW_ORDERS)
def show(request: HttpRequest, number: str) -> HttpResponse:
    """One manifest with its parcels, and what stands beside it unscanned."""
    return _show(request, number)


@desk(Ability.FULFIL_ORDERS, method="POST")
def close(request: HttpRequest, number: str) -> HttpResponse:
    """The driver has it."""
    try:
        closed = tracking.close_manifest(
            number=number,
            actor=get_actor(request),
            moment=clock.current_moment(),
            carrier_reference=request.POST.get("reference", "").replace("\x00", ""),
        )
    except BadInput as error:
        return _show(request, number, fault=explain_error(error=error, translate=_), status=status_of(error))
    messages.success(request, _("Closed with {count} parcels.").format(count=closed.parcels_count))
    _tell(request, number)
    return redirect("shipping:manifest", number)


@desk(Ability.FULFIL_ORDERS, method="POST")
def tell(request: HttpRequest, number: str) -> HttpResponse:
    """Tell the carrier of a closed manifest, once more where that came to nothing."""
    _tell(request, number)
    return redirect("shipping:manifest", number)


@desk(Ability.VIEW_ORDERS)
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The list as PDF, `?language=en` or `zh-hant`; the reader's language else."""
    manifest = get_manifest(number=number, actor=get_actor(request))
    language = request.GET.get("language") or get_language() or "en"
    content = print_manifest(manifest=manifest, language=language, moment=clock.current_moment())
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=f"{number}.pdf".replace("/", "-")) or "attachment"
    )
    return answer


@desk(Ability.FULFIL_ORDERS, method="POST")
def ask(request: HttpRequest) -> HttpResponse:
    """Ask a carrier to come."""
    form = _pick_up_form(request, request.POST)
    if not form.is_valid():
        return _index(request, form=form, status=422)
    given = form.cleaned_data
    try:
        number = ask_pick_up(
            account_id=given["account"],
            place_code=given["place"],
            wanted_date=given["day"],
            from_time=given["from_time"],
            until_time=given["until_time"],
            actor=get_actor(request),
            moment=clock.current_moment(),
        )
    except ReorderError as error:
        form.refuse(error)
        return _index(request, form=form, status=422)
    messages.success(request, _("The carrier comes. Its number for it: {number}").format(number=number or "–"))
    return redirect("shipping:manifests")


@desk(Ability.FULFIL_ORDERS, method="POST")
def settle(request: HttpRequest, pick_up_id: int) -> HttpResponse:
    """What a person heard of the carrier about a wish that nobody is sure of."""
    if settle_pick_up(pick_up_id=pick_up_id, is_agreed=request.POST.get("comes") == "yes", actor=get_actor(request)):
        messages.success(request, _("Saved."))
    return redirect("shipping:manifests")


def _tell(request: HttpRequest, number: str) -> None:
    """The manifest is closed whatever the carrier says; a fault is shown, and the page offers to try again."""
    try:
        reference = tracking.tell_carrier(number=number, actor=get_actor(request), moment=clock.current_moment())
    except ReorderError as error:
        if isinstance(error, NotFound):
            raise
        said = explain_error(error=error, translate=_)
        messages.warning(request, _("The carrier was not told of the manifest. {fault}").format(fault=said))
        return
    if reference:
        messages.success(request, _("The carrier was told. Its number for it: {number}").format(number=reference))


def _index(request: HttpRequest, *, form: PickUpForm | None, status: int = 200) -> HttpResponse:
    actor = get_actor(request)
    closed = list_closed_manifests(actor=actor, before_id=_before(request), limit=_PAGE + 1)
    after = encode_cursor(values=[closed[_PAGE - 1].id]) if len(closed) > _PAGE else ""
    today = clock.current_moment().date()
    may_fulfil = actor.may(Ability.FULFIL_ORDERS)
    context: dict[str, Any] = {
        "tab": "manifests",
        "open": list_open_manifests(own_places=sorted(actor.place_codes)),
        "closed": closed[:_PAGE],
        "next_url": f"{reverse('shipping:manifests')}?after={after}" if after else "",
        "pick_ups": [(row, _(PICK_UP_TEMPLATES[row.state])) for row in list_pick_ups(actor=actor, from_date=today)],
        "may_fulfil": may_fulfil,
    }
    if may_fulfil:
        context["form"] = form or _pick_up_form(request, None)
        context["can_ask"] = bool(context["form"].fields["account"].choices)
    return render(request, "shipping/manifests.html", context, status=status)


def _show(request: HttpRequest, number: str, *, fault: str = "", status: int = 200) -> HttpResponse:
    actor = get_actor(request)
    manifest = get_manifest(number=number, actor=actor)
    left = (
        [
            one
            for one in list_waiting(place_code=manifest.place_code)
            if (one.carrier, one.service_code) == (manifest.carrier, manifest.service_code)
        ]
        if manifest.closed_at is None
        else []
    )
    context = {
        "tab": "manifests",
        "manifest": manifest,
        "lines": [(line, _(MARK_TEMPLATES[line.state])) for line in list_manifest_lines(manifest_id=manifest.id)],
        "left": left,
        "may_fulfil": actor.may(Ability.FULFIL_ORDERS),
        "is_to_be_told": tracking.is_to_be_told(manifest=manifest),
        "fault": fault,
    }
    return render(request, "shipping/manifest.html", context, status=status)


def _pick_up_form(request: HttpRequest, data: Any) -> PickUpForm:
    places = [(one.code, one.name) for one in list_own_places(actor=get_actor(request))]
    accounts = [(row.id, row.name) for row in list_pick_up_accounts()]
    return PickUpForm(data, accounts=accounts, places=places)


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("after", "")
    if not text:
        return None
    try:
        (value,) = decode_cursor(text=text)
    except (UnreadableCursor, ValueError) as cause:
        raise BadCursor from cause
    if not isinstance(value, int):
        raise BadCursor
    return value
