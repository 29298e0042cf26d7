"""What people do with one return; each acts by one flow and goes back to the page, or says there why it cannot be."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.domain.warehouse.return_rule_book import list_grades
from reorder.flows import returns
from reorder.flows.return_labels import buy_label_back
from reorder.insights.returns import get_return_page, get_return_row
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, Conflict, NotFound, ReorderError
from reorder.web.access import desk, get_actor
from reorder.web.returns.forms import GradeForm, RedisposeForm, SendForm, SettleForm, TrackingForm, WordForm
from reorder.web.returns.page import read_units, show_return
from reorder.web.returns.telling import said_error
from reorder.web.setup.forms import read_optional_amount

_FLOOR: Final = (Ability.FULFIL_ORDERS, Ability.EDIT_STOCK)


@desk(Ability.MANAGE_ORDERS, method="POST")
def answer(request: HttpRequest, return_id: int) -> HttpResponse:
    """Accept it or decline it: whichever button was pressed, with the word."""
    form, actor = WordForm(request.POST, prefix="answer"), get_actor(request)
    is_accepted = request.POST.get("answer") == "accept"
    act = returns.accept if is_accepted else returns.decline
    return _act(
        request,
        return_id,
        form=form,
        shown={"word_form": form},
        act=lambda: act(return_id=return_id, word=form.cleaned_data["word"], actor=actor, moment=current_moment()),
        said=_("Accepted; the customer is told.") if is_accepted else _("Declined; the customer is told."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def send(request: HttpRequest, return_id: int) -> HttpResponse:
    """The slip, a label or a store number went to the customer."""
    form, actor = SendForm(request.POST, prefix="send"), get_actor(request)
    return _act(
        request,
        return_id,
        form=form,
        shown={"send_form": form},
        act=lambda: returns.send_instructions(
            return_id=return_id,
            way_back=form.cleaned_data["way_back"],
            carrier=form.cleaned_data["carrier"],
            tracking_number=form.cleaned_data["tracking_number"],
            actor=actor,
            moment=current_moment(),
        ),
        said=_("Written down: the goods are awaited."),
    )


@desk(Ability.FULFIL_ORDERS, method="POST")
def label(request: HttpRequest, return_id: int) -> HttpResponse:
    """Buy the label for the way back at a carrier account."""
    actor = get_actor(request)
    get_return_row(actor=actor, return_id=return_id)
    try:
        bought = buy_label_back(return_id=return_id, actor=actor, moment=current_moment())
    except NotFound:
        raise
    except ReorderError as error:
        return _refuse(request, return_id, error)
    if bought.state == "bought":
        messages.success(request, _("The label is bought: {number}.").format(number=bought.tracking_number))
    else:
        messages.warning(request, _("The carrier gave no label yet. Look at its page, or write a number down by hand."))
    return redirect("returns:detail", return_id)


@desk(Ability.MANAGE_ORDERS, *_FLOOR, method="POST")
def under_way(request: HttpRequest, return_id: int) -> HttpResponse:
    """The parcel was handed in."""
    form, actor = TrackingForm(request.POST, prefix="track"), get_actor(request)
    return _act(
        request,
        return_id,
        form=form,
        shown={"tracking_form": form},
        act=lambda: returns.mark_under_way(
            return_id=return_id,
            carrier=form.cleaned_data["carrier"],
            tracking_number=form.cleaned_data["tracking_number"],
            actor=actor,
            moment=current_moment(),
        ),
        said=_("Written down: it is under way."),
    )


@desk(*_FLOOR, method="POST")
def receive(request: HttpRequest, return_id: int) -> HttpResponse:
    """Goods that somebody counted without a scanner."""
    actor = get_actor(request)
    page = get_return_page(actor=actor, return_id=return_id)
    units = {one.id: read_units(request.POST.get(f"units-{one.id}", "")) for one in page.held.lines}
    wanted = {key: count for key, count in units.items() if count is not None and count != 0}
    return _act(
        request,
        return_id,
        act=lambda: returns.receive_at_desk(
            return_id=return_id,
            units_by_line=wanted,
            attempt=request.POST.get("attempt", "")[:40],
            actor=actor,
            moment=current_moment(),
        ),
        said=_("Received: the goods are kept apart until they are graded."),
    )


@desk(*_FLOOR, method="POST")
def grade(request: HttpRequest, return_id: int) -> HttpResponse:
    """Say how goods are."""
    form, actor = GradeForm(request.POST, prefix="grade", grades=list_grades()), get_actor(request)
    return _act(
        request,
        return_id,
        form=form,
        shown={"grade_form": form, "grade_piece": _piece_id(request, "grade")},
        act=lambda: returns.grade_goods(
            return_id=return_id,
            grading=returns.Grading(
                piece_id=form.cleaned_data["piece"],
                seen_units=form.cleaned_data["seen"],
                units=form.cleaned_data["units"],
                grade=form.cleaned_data["grade"],
                disposition=form.cleaned_data["disposition"],
                reason=form.cleaned_data["reason"],
            ),
            actor=actor,
            moment=current_moment(),
        ),
        said=_("Graded; the stock follows."),
    )


@desk(Ability.EDIT_STOCK, method="POST")
def redispose(request: HttpRequest, return_id: int) -> HttpResponse:
    """Something else becomes of goods that are kept apart."""
    form, actor = RedisposeForm(request.POST, prefix="again"), get_actor(request)
    return _act(
        request,
        return_id,
        form=form,
        shown={"redispose_form": form, "grade_piece": _piece_id(request, "again")},
        act=lambda: returns.redispose_goods(
            return_id=return_id,
            piece_id=form.cleaned_data["piece"],
            seen_units=form.cleaned_data["seen"],
            units=form.cleaned_data["units"],
            disposition=form.cleaned_data["disposition"],
            reason=form.cleaned_data["reason"],
            actor=actor,
            moment=current_moment(),
        ),
        said=_("Changed; the stock follows."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def settle(request: HttpRequest, return_id: int) -> HttpResponse:
    """Give money back, credit, other goods or nothing; the return is closed."""
    form, actor = SettleForm(request.POST, prefix="settle"), get_actor(request)
    row = get_return_row(actor=actor, return_id=return_id)
    if form.is_valid():
        read_optional_amount(form=form, name="amount", currency=row.currency)
    goods = form.exchange_goods() if form.is_valid() else []
    return _act(
        request,
        return_id,
        form=form,
        shown={"settle_form": form},
        act=lambda: returns.settle_return(
            return_id=return_id,
            settlement=returns.Settlement(
                resolution=form.cleaned_data["resolution"],
                amount_minor=form.cleaned_data["amount"],
                exchange_goods=goods,
                word=form.cleaned_data["word"],
            ),
            actor=actor,
            moment=current_moment(),
        ),
        said=_("Settled; the customer is told."),
    )


@desk(Ability.MANAGE_ORDERS, method="POST")
def cancel(request: HttpRequest, return_id: int) -> HttpResponse:
    """Nobody sends these goods back any more."""
    actor = get_actor(request)
    return _act(
        request,
        return_id,
        act=lambda: returns.cancel(return_id=return_id, word="", actor=actor, moment=current_moment()),
        said=_("Called off; the goods can be asked for again."),
    )


def _act(
    request: HttpRequest,
    return_id: int,
    *,
    act: Callable[[], object],
    said: str,
    form: forms.Form | None = None,
    shown: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Do it and go back to the page; what a form lacks or the flow refuses is said on it, and nothing was changed."""
    get_return_row(actor=get_actor(request), return_id=return_id)
    if form is not None and not form.is_valid():
        return show_return(request, return_id, forms=shown, status=422)
    try:
        act()
    except NotFound:
        raise
    except (Conflict, BadInput) as error:
        return _refuse(request, return_id, error, shown=shown)
    messages.success(request, said)
    return redirect("returns:detail", return_id)


def _refuse(
    request: HttpRequest, return_id: int, error: ReorderError, *, shown: Mapping[str, Any] | None = None
) -> HttpResponse:
    status = 409 if isinstance(error, Conflict) else 422
    return show_return(request, return_id, forms=shown, fault=said_error(error), status=status)


def _piece_id(request: HttpRequest, prefix: str) -> int | None:
    text = request.POST.get(f"{prefix}-piece", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
