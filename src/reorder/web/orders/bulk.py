"""One action on many orders: each stands for itself, what could not be done is named with its reason, and undo."""

from collections.abc import Callable, Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.staff.rules import Ability
from reorder.flows import order_desk
from reorder.insights.order_page import find_visible_ids
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import ReorderError
from reorder.web.access import desk, get_actor
from reorder.web.lists import BadFilter
from reorder.web.orders.done import Done, Refusal, find_done, forget, remember
from reorder.web.orders.printing import printed
from reorder.web.orders.telling import said_error
from reorder.web.returning import way_back

_MOST: Final = 500
_PRINTS: Final = {"print_pick": "pick", "print_slip": "slip", "print_receipt": "receipt"}


@desk(Ability.MANAGE_ORDERS, Ability.FULFIL_ORDERS, method="POST")
def act(request: HttpRequest) -> HttpResponseBase:
    """What is ticked is released, held, noted, cancelled or printed."""
    actor, action = get_actor(request), request.POST.get("action", "")
    asked = [int(one) for one in request.POST.getlist("id") if one.isdecimal() and len(one) < 19][:_MOST]
    if not asked:
        messages.warning(request, _("Tick orders first: nothing was changed."))
        return redirect(_back(request))
    if action in _PRINTS:
        ids = find_visible_ids(actor=actor, order_ids=asked, ability=Ability.VIEW_ORDERS)
        return printed(request=request, order_ids=ids, kind=_PRINTS[action])
    ids = find_visible_ids(actor=actor, order_ids=asked, ability=Ability.MANAGE_ORDERS)
    match action:
        case "release":
            _release(request, ids)
        case "hold":
            reason = request.POST.get("hold_reason", "manual")
            _each(
                request,
                ids,
                lambda order_id: order_desk.hold(
                    order_id=order_id, reason=reason, actor=actor, moment=current_moment()
                ),
                said=_held,
                undo="unhold:" + reason,
            )
        case "note":
            note = request.POST.get("note", "").replace("\x00", "")
            _each(
                request,
                ids,
                lambda order_id: order_desk.note(order_id=order_id, note=note, actor=actor, moment=current_moment()),
                said=_noted,
            )
        case "cancel":
            _cancel(request, ids)
        case _:
            raise BadFilter(value=action[:40], name="action", reason=_("ask for release, hold, note or cancel"))
    return redirect(_back(request))


@desk(Ability.MANAGE_ORDERS, method="POST")
def undo(request: HttpRequest) -> HttpResponse:
    """Take the last bulk action back, as far as it can be."""
    actor, done = get_actor(request), find_done(request)
    if done is None or not done.undo:
        messages.warning(request, _("There is nothing to take back any more."))
        return redirect(_back(request))
    ids = find_visible_ids(actor=actor, order_ids=done.ids, ability=Ability.MANAGE_ORDERS)
    kind, _colon, reason = done.undo.partition(":")
    forget(request)
    if kind == "unrelease":
        _each(
            request,
            ids,
            lambda order_id: order_desk.unrelease(order_id=order_id, actor=actor, moment=current_moment()),
            said=_taken_back,
        )
    else:
        _each(
            request,
            ids,
            lambda order_id: order_desk.unhold(order_id=order_id, reason=reason, actor=actor, moment=current_moment()),
            said=_taken_back,
        )
    return redirect(_back(request))


def _release(request: HttpRequest, ids: Sequence[int]) -> None:
    actor = get_actor(request)
    result = order_desk.release(order_ids=ids, actor=actor, moment=current_moment())
    count = len(result.order_ids)
    refused = [
        Refusal(id=one.order_id, number=result.numbers.get(one.order_id, str(one.order_id)), why=said_error(one.fault))
        for one in result.left
    ]
    said = ngettext("{count} order was released.", "{count} orders were released.", count).format(count=count)
    _remember(request, said=said, done_ids=list(result.order_ids), refused=refused, undo="unrelease")


def _cancel(request: HttpRequest, ids: Sequence[int]) -> None:
    actor, why = get_actor(request), request.POST.get("cancel_reason", "").replace("\x00", "").strip()[:500]
    if not why:
        messages.warning(request, _("Write down why the orders are cancelled: nothing was changed."))
        return
    _each(
        request,
        ids,
        lambda order_id: order_desk.cancel(
            order_id=order_id, line_keys=(), reason=why, actor=actor, moment=current_moment()
        ),
        said=_cancelled,
    )


def _each(
    request: HttpRequest,
    ids: Sequence[int],
    act_on: Callable[[int], object],
    *,
    said: Callable[[int], str],
    undo: str = "",
) -> None:
    """Act on each in its own transaction; refusals are kept with their reasons."""
    done, faults = [], {}
    for order_id in sorted(set(ids)):
        try:
            act_on(order_id)
        except ReorderError as fault:
            faults[order_id] = fault
        else:
            done.append(order_id)
    numbers = order_desk.numbers_of(order_ids=list(faults))
    refused = [
        Refusal(id=order_id, number=numbers.get(order_id, str(order_id)), why=said_error(fault))
        for order_id, fault in faults.items()
    ]
    _remember(request, said=said(len(done)), done_ids=done, refused=refused, undo=undo)


def _remember(request: HttpRequest, *, said: str, done_ids: list[int], refused: list[Refusal], undo: str) -> None:
    count = len(refused)
    if count:
        could_not = ngettext("{count} could not be.", "{count} could not be.", count).format(count=count)
        said = f"{said} {could_not}"
    remember(request, done=Done(said, refused=refused, undo=undo if done_ids else "", ids=done_ids))


def _held(count: int) -> str:
    return ngettext("{count} order was put on hold.", "{count} orders were put on hold.", count).format(count=count)


def _noted(count: int) -> str:
    return ngettext("The note stands at {count} order.", "The note stands at {count} orders.", count).format(
        count=count
    )


def _cancelled(count: int) -> str:
    return ngettext("{count} order was cancelled.", "{count} orders were cancelled.", count).format(count=count)


def _taken_back(count: int) -> str:
    return ngettext("Taken back for {count} order.", "Taken back for {count} orders.", count).format(count=count)


def _back(request: HttpRequest) -> str:
    return way_back(request=request, usual=reverse("orders:index"))
