"""What people do with one order; each acts by one flow and goes back to the page, or says there why it cannot be."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.staff.rules import Ability
from reorder.flows import order_desk
from reorder.flows.fulfil.holding import hold_order, note_order, unhold_order
from reorder.flows.fulfil.moving import release_order
from reorder.flows.fulfil.rerouting import reroute_order
from reorder.insights.order_page import get_order_facts
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, Conflict, NotFound, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.orders.forms import CancelForm, HoldForm, NoteForm, PayForm
from reorder.web.orders.page import show_order
from reorder.web.orders.telling import said_error
from reorder.web.returning import way_back


@desk(Ability.MANAGE_ORDERS, method="POST")
def release(request: HttpRequest, order_id: int) -> HttpResponse:
    """Give it to the warehouse."""
    actor = get_actor(request)
    return _do(
        request,
        order_id,
        lambda: release_order(order_id=order_id, actor=actor, moment=current_moment()),
        said=_("Released: the warehouse has it now."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def hold(request: HttpRequest, order_id: int) -> HttpResponse:
    """Let it wait until somebody lets it go."""
    form = HoldForm(request.POST, prefix="hold")
    actor = get_actor(request)
    return act_with_form(
        request,
        order_id,
        form=form,
        name="hold_form",
        act=lambda: hold_order(
            order_id=order_id,
            reason=form.cleaned_data["reason"],
            note=form.cleaned_data["note"],
            actor=actor,
            moment=current_moment(),
        ),
        said=_("Put on hold."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def unhold(request: HttpRequest, order_id: int) -> HttpResponse:
    """Let it go: the reasons that people judge, or the one that the form names."""
    actor = get_actor(request)
    reasons = [one for one in request.POST.getlist("reason") if one] or None
    return _do(
        request,
        order_id,
        lambda: unhold_order(order_id=order_id, reasons=reasons, actor=actor, moment=current_moment()),
        said=_("Let go."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def release_anyway(request: HttpRequest, order_id: int) -> HttpResponse:
    """Take away what people judge, and give it to the warehouse at once."""
    actor = get_actor(request)
    return _do(
        request,
        order_id,
        lambda: order_desk.release_anyway(order_id=order_id, actor=actor, moment=current_moment()),
        said=_("Released: the warehouse has it now."),
    )


@desk(Ability.MANAGE_ORDERS, Ability.FULFIL_ORDERS, method="POST")
def note(request: HttpRequest, order_id: int) -> HttpResponse:
    """Write a note down at it."""
    form = NoteForm(request.POST, prefix="note")
    actor = get_actor(request)
    return act_with_form(
        request,
        order_id,
        form=form,
        name="note_form",
        ability=None,
        act=lambda: note_order(order_id=order_id, note=form.cleaned_data["text"], actor=actor, moment=current_moment()),
        said=_("Noted."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def pay(request: HttpRequest, order_id: int) -> HttpResponse:
    """Write down that what it owes has come."""
    form = PayForm(request.POST, prefix="pay")
    actor = get_actor(request)
    return act_with_form(
        request,
        order_id,
        form=form,
        name="pay_form",
        act=lambda: order_desk.record_payment(
            order_id=order_id,
            note=form.cleaned_data["reference"],
            key=request.POST.get("attempt", "")[:40] or f"{order_id}-{current_moment().isoformat()}",
            actor=actor,
            moment=current_moment(),
        ),
        said=_("The payment is written down."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def cancel(request: HttpRequest, order_id: int) -> HttpResponse:
    """Cancel it whole, or the lines that are ticked."""
    form = CancelForm(request.POST, prefix="cancel")
    actor = get_actor(request)
    facts = get_order_facts(actor=actor, order_id=order_id, ability=Ability.MANAGE_ORDERS)
    ticked = _line_keys(request)
    return act_with_form(
        request,
        order_id,
        form=form,
        name="cancel_form",
        act=lambda: order_desk.cancel(
            order_id=facts.id,
            line_keys=ticked,
            reason=form.cleaned_data["reason"],
            actor=actor,
            moment=current_moment(),
        ),
        said=_("Cancelled; its goods are free again."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def merge(request: HttpRequest, order_id: int) -> HttpResponse:
    """Make ticked orders a part of this one."""
    actor = get_actor(request)
    others = [int(one) for one in request.POST.getlist("order") if one.isdecimal() and len(one) < 19]
    if not others:
        messages.warning(request, _("Tick the orders that shall become part of this one."))
        return redirect(reverse("orders:order", args=[order_id]) + "#acts")
    return _do(
        request,
        order_id,
        lambda: order_desk.merge_into(order_id=order_id, other_ids=others, actor=actor, moment=current_moment()),
        said=ngettext(
            "{count} order was merged into this one.", "{count} orders were merged into this one.", len(others)
        ).format(count=len(others)),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def split(request: HttpRequest, order_id: int) -> HttpResponse:
    """Make ticked lines an order of their own, which goes ahead."""
    actor, keys = get_actor(request), _line_keys(request)
    if not keys:
        messages.warning(request, _("Tick the lines that shall go ahead."))
        return redirect(reverse("orders:order", args=[order_id]) + "#acts")
    return _do(
        request,
        order_id,
        lambda: order_desk.split_off(order_id=order_id, line_keys=keys, actor=actor, moment=current_moment()),
        said=_("The ticked lines are an order of their own now."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def ahead(request: HttpRequest, order_id: int) -> HttpResponse:
    """Send what is there; what is missing becomes an order that waits."""
    actor = get_actor(request)
    return _do(
        request,
        order_id,
        lambda: order_desk.ship_what_is_there(order_id=order_id, actor=actor, moment=current_moment()),
        said=_("What is there goes ahead as an order of its own; the rest waits."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def reroute(request: HttpRequest, order_id: int) -> HttpResponse:
    """Choose the places that send it again, from the stock as it is now."""
    actor = get_actor(request)
    return _do(
        request,
        order_id,
        lambda: reroute_order(order_id=order_id, cause="manual", actor=actor, moment=current_moment()),
        said=_("Places were chosen again."),
    )


def _line_keys(request: HttpRequest) -> list[str]:
    return [one.replace("\x00", "") for one in request.POST.getlist("line")][:1000]


def _do(
    request: HttpRequest,
    order_id: int,
    act: Callable[[], object],
    *,
    said: str,
    ability: Ability | None = Ability.MANAGE_ORDERS,
) -> HttpResponse:
    """Act on an order that this person may act on; what cannot be done is said on its page."""
    get_order_facts(actor=get_actor(request), order_id=order_id, ability=ability or Ability.VIEW_ORDERS)
    try:
        act()
    except (BadInput, Conflict, NotFound) as error:
        return show_order(request, order_id, fault=said_error(error), status=status_of(error))
    messages.success(request, said)
    return redirect(way_back(request=request, usual=reverse("orders:order", args=[order_id])))


def act_with_form(
    request: HttpRequest,
    order_id: int,
    *,
    form: forms.Form,
    name: str,
    act: Callable[[], object],
    said: str,
    ability: Ability | None = Ability.MANAGE_ORDERS,
) -> HttpResponse:
    """The same with a form: what it lacks, or what the flow refuses of it, is said beside its fields."""
    get_order_facts(actor=get_actor(request), order_id=order_id, ability=ability or Ability.VIEW_ORDERS)
    shown: dict[str, Any] = {name: form}
    if not form.is_valid():
        return show_order(request, order_id, forms=shown, status=422)
    try:
        act()
    except NotFound:
        raise
    except Conflict as error:
        return show_order(request, order_id, forms=shown, fault=said_error(error), status=409)
    except BadInput as error:
        form.add_error(None, explain_error(error=error, translate=_))
        return show_order(request, order_id, forms=shown, status=422)
    messages.success(request, said)
    return redirect(way_back(request=request, usual=reverse("orders:order", args=[order_id])))
