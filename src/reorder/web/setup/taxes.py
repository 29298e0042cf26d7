"""Tax rates by country and class of goods, and categories that are taxed otherwise."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.orders import price_tables
from reorder.domain.staff.rules import Ability
from reorder.engine.pricing import STANDARD_TAX
from reorder.kernel.errors import BadInput
from reorder.kernel.quantity import plain_decimal
from reorder.web.access import desk, get_actor
from reorder.web.setup.price_forms import CategoryTaxForm, TaxRateForm

_manage = Ability.MANAGE_PRICES


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    return _draw(request)


@desk(_manage, method="POST")
def put(request: HttpRequest) -> HttpResponse:
    form = TaxRateForm(request.POST)
    if not form.is_valid():
        return _draw(request, rate_form=form)
    given = form.cleaned_data
    try:
        price_tables.put_tax_rate(
            country=given["country"],
            tax_class=given["tax_class"],
            share=given["percent"] / 100,
            name=given["name"],
            decided_by=get_actor(request).name,
        )
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, rate_form=form)
    messages.success(request, _("The rate is saved. Orders that come in from now on follow."))
    return redirect("setup:taxes")


@desk(_manage, method="POST")
def switch(request: HttpRequest, rate_id: int) -> HttpResponse:
    """Off, or on again: whichever the button asked for."""
    is_active = request.POST.get("is_active") == "yes"
    price_tables.switch_tax_rate(rate_id=rate_id, is_active=is_active, decided_by=get_actor(request).name)
    messages.success(request, _("The rate is on again.") if is_active else _("The rate is off."))
    return redirect("setup:taxes")


@desk(_manage, method="POST")
def put_category(request: HttpRequest) -> HttpResponse:
    form = CategoryTaxForm(request.POST).offer(_classes())
    if not form.is_valid():
        return _draw(request, category_form=form)
    given = form.cleaned_data
    try:
        price_tables.put_category_tax_class(
            category_code=given["category"],
            tax_class=given["category_class"],
            decided_by=get_actor(request).name,
        )
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, category_form=form)
    messages.success(request, _("Saved. Orders that come in from now on follow."))
    return redirect("setup:taxes")


def _classes() -> list[str]:
    known = {row.tax_class for row in price_tables.list_tax_rates() if row.is_active}
    return [STANDARD_TAX, *sorted(known - {STANDARD_TAX})]


def _draw(
    request: HttpRequest, *, rate_form: TaxRateForm | None = None, category_form: CategoryTaxForm | None = None
) -> HttpResponse:
    rates = price_tables.list_tax_rates()
    # A Taiwanese shop without any rate is offered the one that it needs, filled in but not decided for it.
    usual = {"country": "TW", "percent": 5, "name": _("Business tax")} if settings.REORDER.country == "TW" else {}
    form = rate_form or TaxRateForm(initial={"tax_class": STANDARD_TAX, **({} if rates else usual)})
    context = {
        "rates": [(row, plain_decimal(number=row.share * 100)) for row in rates],
        "categories": price_tables.list_category_tax_classes(),
        "rate_form": form,
        "category_form": category_form or CategoryTaxForm().offer(_classes()),
        "prices_include_tax": settings.REORDER.prices_include_tax,
    }
    status = 422 if rate_form or category_form else 200
    return render(request, "setup/taxes.html", context, status=status)
