"""Parcels that somebody should look at, each with what to do next; and what carriers said that nobody could use."""

import datetime as dt
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.shipping.strays import count_open_strays, list_open_strays
from reorder.domain.staff.rules import Ability
from reorder.flows.shop_day import shop_date
from reorder.flows.tracking.noting import retry_stray, settle_stray
from reorder.insights.shipping_desk import Trouble, count_trouble, list_trouble
from reorder.kernel import clock
from reorder.kernel.cursors import UnreadableCursor, decode_cursor, encode_cursor
from reorder.web.access import desk, get_actor
from reorder.web.lists import BadCursor
from reorder.web.shipping.words import KIND_TEMPLATES, NEXT_BY_REASON_TEMPLATES, NEXT_TEMPLATES, STRAY_TEMPLATES
from reorder.web.tracking.showing import said_reason
from reorder.web.tracking.words import LATE_REASON_TEMPLATES

_PAGE: Final = 30
STRAYS: Final = "strays"


@desk(Ability.VIEW_ORDERS)
def index(request: HttpRequest) -> HttpResponse:
    """Troubles, the oldest first; `?kind=` one kind, or the messages of carriers."""
    actor, moment = get_actor(request), clock.current_moment()
    today = shop_date(moment=moment)
    kind = request.GET.get("kind", "")
    kind = kind if kind in KIND_TEMPLATES or kind == STRAYS else ""
    counts = count_trouble(actor=actor, today=today, moment=moment)
    context: dict[str, Any] = {
        "tab": "trouble",
        "kind": kind,
        "tabs": _tabs(counts=counts, kind=kind),
        "may_fulfil": actor.may(Ability.FULFIL_ORDERS),
    }
    if kind == STRAYS:
        context["strays"] = [(one, _(STRAY_TEMPLATES.get(one.reason_code, ""))) for one in list_open_strays()]
    else:
        found = list_trouble(actor=actor, kind=kind, today=today, moment=moment, after=_after(request), limit=_PAGE + 1)
        context["rows"] = [_row(one) for one in found[:_PAGE]]
        if len(found) > _PAGE:
            last = found[_PAGE - 1]
            after = encode_cursor(values=[last.since, last.parcel.id])
            context["next_url"] = f"{reverse('shipping:trouble')}?kind={kind}&after={after}"
    return render(request, "shipping/trouble.html", context)


@desk(Ability.FULFIL_ORDERS, method="POST")
def settle(request: HttpRequest, stray_id: int) -> HttpResponse:
    """Look once more for the parcel of a message, or put the message aside."""
    actor, moment = get_actor(request), clock.current_moment()
    if request.POST.get("do") == "again":
        if retry_stray(stray_id=stray_id, actor=actor, moment=moment):
            messages.success(request, _("It found its parcel."))
        else:
            messages.warning(request, _("It still belongs to no parcel."))
    else:
        settle_stray(stray_id=stray_id, actor=actor, moment=moment)
        messages.success(request, _("Put aside."))
    return redirect(f"{reverse('shipping:trouble')}?kind={STRAYS}")


def _tabs(*, counts: dict[str, int], kind: str) -> list[tuple[str, str, int, bool]]:
    url = reverse("shipping:trouble")
    tabs = [(_("All"), url, sum(counts.values()), not kind)]
    tabs += [
        (_(name), f"{url}?kind={key}", counts.get(key, 0), kind == key)
        for key, name in KIND_TEMPLATES.items()
        if counts.get(key) or kind == key
    ]
    strays = count_open_strays()
    if strays or kind == STRAYS:
        tabs.append((_("Messages nobody could use"), f"{url}?kind={STRAYS}", strays, kind == STRAYS))
    return tabs


def _row(one: Trouble) -> dict[str, Any]:
    why = [said_reason(one.incident)]
    if one.parcel.late_reason:
        why.append(_(LATE_REASON_TEMPLATES[one.parcel.late_reason]))
    if one.kind == "unasked":
        why.append(one.parcel.poll_fault)
    return {
        "parcel": one.parcel,
        "kind": _(KIND_TEMPLATES[one.kind]),
        "is_bad": one.kind in {"delivery_failed", "return_to_sender", "late"},
        "since": one.since,
        "why": [said for said in why if said],
        "next": _(NEXT_BY_REASON_TEMPLATES.get(one.incident) or NEXT_TEMPLATES[one.kind]),
    }


def _after(request: HttpRequest) -> tuple[dt.datetime, int] | None:
    text = request.GET.get("after", "")
    if not text:
        return None
    try:
        since, parcel_id = decode_cursor(text=text)
        read = dt.datetime.fromisoformat(str(since))
    except (UnreadableCursor, ValueError) as cause:
        raise BadCursor from cause
    if read.tzinfo is None or not isinstance(parcel_id, int):
        raise BadCursor
    return read, parcel_id
