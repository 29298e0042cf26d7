"""A return for a customer on the phone: which goods, how many, and why; the rules are told, a person decides."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.domain.warehouse.returns import list_sold_goods
from reorder.flows import returns
from reorder.insights.order_page import get_order_facts
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.returns.forms import OpenForm
from reorder.web.returns.page import read_units
from reorder.web.returns.telling import said_error


@desk(Ability.MANAGE_ORDERS)
def new(request: HttpRequest, order_id: int) -> HttpResponse:
    return _draw(request, order_id, OpenForm())


@desk(Ability.MANAGE_ORDERS, method="POST")
def open_one(request: HttpRequest, order_id: int) -> HttpResponse:
    """Open it; it still waits for an answer, so that the customer gets a word."""
    form, actor = OpenForm(request.POST), get_actor(request)
    get_order_facts(actor=actor, order_id=order_id, ability=Ability.MANAGE_ORDERS)
    if not form.is_valid():
        return _draw(request, order_id, form, status=422)
    wanted = {}
    for one in list_sold_goods(order_id=order_id):
        units = read_units(request.POST.get(f"units-{one.order_line_id}", ""))
        if units is not None:
            wanted[one.line_key] = units
    wish = returns.ReturnWish(
        reason=form.cleaned_data["reason"],
        units_by_line=wanted,
        note=form.cleaned_data["note"],
        wants=form.cleaned_data["wants"],
    )
    try:
        opened = returns.open_return(order_id=order_id, wish=wish, actor=actor, moment=current_moment())
    except BadInput as error:
        form.add_error(None, said_error(error))
        return _draw(request, order_id, form, status=422)
    messages.success(request, _("Return {number} is open. Answer it now.").format(number=opened.number))
    return redirect("returns:detail", opened.return_id)


def _draw(request: HttpRequest, order_id: int, form: OpenForm, *, status: int = 200) -> HttpResponse:
    facts = get_order_facts(actor=get_actor(request), order_id=order_id, ability=Ability.MANAGE_ORDERS)
    lines = [
        (one, request.POST.get(f"units-{one.order_line_id}", ""))
        for one in (list_sold_goods(order_id=facts.id) if facts.is_ours else ())
        if one.left_units > 0
    ]
    return render(request, "returns/new.html", {"facts": facts, "lines": lines, "form": form}, status=status)
