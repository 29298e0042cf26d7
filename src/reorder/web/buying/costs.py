"""What an order's goods cost once they are here: freight, duty and other costs, and each delivery with them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from reorder.domain.purchasing import queries
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.insights import access
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, ReorderError, explain_error
from reorder.kernel.formatting import format_money, format_share
from reorder.web.access import desk, get_actor
from reorder.web.buying.following_forms import ChargeForm
from reorder.web.buying.following_words import BASIS_TEMPLATES, CHARGE_TEMPLATES, shop_money
from reorder.web.buying.reading import new_key
from reorder.web.buying.words import day_words, exact_units
from reorder.web.errors import status_of


@desk(Ability.VIEW_BUYING)
def show(request: HttpRequest, number: str) -> HttpResponse:
    return _draw(request, order=access.get_purchase_order(actor=get_actor(request), number=number), form=None)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def add(request: HttpRequest, number: str) -> HttpResponse:
    """One cost more; the same form again adds nothing."""
    actor = get_actor(request)
    order = access.get_purchase_order(actor=actor, number=number, ability=Ability.DECIDE_PROPOSALS)
    form = _form(order, request.POST)
    if not form.is_valid():
        return _draw(request, order=order, form=form, status=422)
    try:
        is_new = restock.add_charge(
            number=number, charge=form.charge(), idempotency_key=form.cleaned_data["key"], decided_by=actor.name
        )
    except BadInput as error:
        return _draw(request, order=order, form=form, error=error, status=status_of(error))
    if is_new:
        messages.success(request, _("The cost is spread over the goods of {number}.").format(number=number))
    else:
        messages.info(request, _("This cost was entered before. Nothing changed."))
    return redirect("buying:costs", number)


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def withdraw(request: HttpRequest, number: str, charge_id: int) -> HttpResponse:
    """Take a cost back that was a mistake."""
    actor = get_actor(request)
    access.get_purchase_order(actor=actor, number=number, ability=Ability.DECIDE_PROPOSALS)
    try:
        restock.withdraw_charge(
            number=number, charge_id=charge_id, decided_by=actor.name, moment=clock.current_moment()
        )
    except BadInput as error:
        messages.warning(request, explain_error(error=error, translate=_))
    else:
        messages.success(request, _("The cost counts no longer."))
    return redirect("buying:costs", number)


def _form(order: PurchaseOrderRow, given: Any) -> ChargeForm:
    receipts = queries.list_receipts_of_order(order_id=order.id)
    said = [day_words(restock.shop_date(moment=one.received_at)) for one in receipts]
    initial = {"key": new_key(), "currency": order.currency}
    return ChargeForm(given, initial=initial, order=order, receipts=receipts, moments=said)


def _draw(
    request: HttpRequest,
    *,
    order: PurchaseOrderRow,
    form: ChargeForm | None,
    error: ReorderError | None = None,
    status: int = 200,
) -> HttpResponse:
    charges = queries.list_charges(order_id=order.id)
    lines = queries.list_landed_lines(order_id=order.id)
    goods = sum(line.goods_cost_minor or 0 for line in lines)
    landed = sum(line.landed_cost_minor or 0 for line in lines)
    context = {
        "order": order,
        "form": form or _form(order, None),
        "may_change": get_actor(request).may(Ability.DECIDE_PROPOSALS),
        "fault": explain_error(error=error, translate=_) if error else "",
        "charges": [
            (
                one,
                gettext(CHARGE_TEMPLATES[one.kind]),
                gettext(BASIS_TEMPLATES[one.basis]),
                format_money(one.amount_minor, currency=one.currency),
            )
            for one in charges
        ],
        "lines": [
            (
                one,
                exact_units(one.units),
                shop_money(one.goods_cost_minor),
                shop_money(one.landed_cost_minor),
                shop_money(one.unit_cost_minor),
            )
            for one in lines
        ],
        "goods": shop_money(goods),
        "landed": shop_money(landed),
        "share": format_share(landed / goods) if goods else "",
        "is_unknown": any(line.goods_cost_minor is None for line in lines),
    }
    return render(request, "buying/costs.html", context, status=status)
