"""Shipping fees: what customers pay for a way of shipping to a region, and from which value on nothing."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.orders import price_tables
from reorder.domain.staff.rules import Ability
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.setup.price_forms import ShippingFeeForm

_manage = Ability.MANAGE_PRICES


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    return _draw(request, None)


@desk(_manage, method="POST")
def put(request: HttpRequest) -> HttpResponse:
    form = ShippingFeeForm(request.POST, currency=settings.REORDER.currency)
    if not form.is_valid():
        return _draw(request, form)
    given = form.cleaned_data
    try:
        price_tables.put_shipping_fee(
            method=given["method"],
            name=given["name"],
            country=given["country"],
            postcode_start=given["postcode_start"],
            currency=settings.REORDER.currency,
            fee_minor=given["fee"],
            free_from_minor=given["free_from"],
            decided_by=get_actor(request).name,
        )
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, form)
    messages.success(request, _("The fee is saved. Orders that come in from now on follow."))
    return redirect("setup:fees")


@desk(_manage, method="POST")
def switch(request: HttpRequest, fee_id: int) -> HttpResponse:
    """Off, or on again: whichever the button asked for."""
    is_active = request.POST.get("is_active") == "yes"
    price_tables.switch_shipping_fee(fee_id=fee_id, is_active=is_active, decided_by=get_actor(request).name)
    messages.success(request, _("The fee is asked again.") if is_active else _("The fee is not asked any more."))
    return redirect("setup:fees")


def _draw(request: HttpRequest, form: ShippingFeeForm | None) -> HttpResponse:
    context = {
        "fees": price_tables.list_shipping_fees(),
        "form": form or ShippingFeeForm(currency=settings.REORDER.currency),
    }
    return render(request, "setup/fees.html", context, status=422 if form else 200)
