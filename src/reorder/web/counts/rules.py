"""The rules of counting of a place: how often, and which differences a person must see."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.staff.rules import Ability
from reorder.domain.warehouse.count_policies import get_limits, save_limits
from reorder.domain.warehouse.count_rules import CountLimits
from reorder.kernel.errors import BadInput
from reorder.kernel.money import BadAmount, minor_digits, parse_money
from reorder.kernel.quantity import plain_decimal
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import AmountField, SetupForm
from reorder.web.warehouse.place import ChosenPlace, choose_place, require_place

_UNPROCESSABLE = 422
_CENT = Decimal(100)


class RulesForm(SetupForm):
    """How a place counts; shares are typed in per cent, money in major units."""

    a_days = forms.IntegerField(label=gettext_lazy("Days between counts of class A"), min_value=1, max_value=3650)
    b_days = forms.IntegerField(label=gettext_lazy("Days between counts of class B"), min_value=1, max_value=3650)
    c_days = forms.IntegerField(label=gettext_lazy("Days between counts of class C"), min_value=1, max_value=3650)
    a_percent = forms.DecimalField(
        label=gettext_lazy("A: the goods that make this part of what moves (%)"),
        min_value=Decimal(1), max_value=_CENT, decimal_places=1,
    )  # fmt: skip
    b_percent = forms.DecimalField(
        label=gettext_lazy("A and B together (%)"), min_value=Decimal(1), max_value=_CENT, decimal_places=1
    )
    book_units = forms.DecimalField(
        label=gettext_lazy("Book by itself: up to units"), min_value=Decimal(0), max_digits=12, decimal_places=3
    )
    book_percent = forms.DecimalField(
        label=gettext_lazy("Book by itself: up to % of what was expected"),
        min_value=Decimal(0), max_value=_CENT, decimal_places=1,
    )  # fmt: skip
    book_money = AmountField(label=gettext_lazy("Book by itself: up to money at cost"))
    recount_units = forms.DecimalField(
        label=gettext_lazy("Count again above units"), min_value=Decimal(0), max_digits=12, decimal_places=3
    )
    recount_percent = forms.DecimalField(
        label=gettext_lazy("Count again above % of what was expected"),
        min_value=Decimal(0), max_value=_CENT, decimal_places=1,
    )  # fmt: skip
    recount_money = AmountField(label=gettext_lazy("Count again above money at cost"))
    counts_empty_bins = forms.BooleanField(
        label=gettext_lazy("Look at empty bins, too"),
        required=False,
        help_text=gettext_lazy("A bin that should be empty is looked at as often as class C."),
    )

    def limits(self) -> CountLimits:
        """The rules that were typed; raises BadAmount."""
        given, currency = self.cleaned_data, settings.REORDER.currency
        return CountLimits(
            a_days=given["a_days"],
            b_days=given["b_days"],
            c_days=given["c_days"],
            a_value_share=given["a_percent"] / _CENT,
            b_value_share=given["b_percent"] / _CENT,
            book_units=given["book_units"],
            book_share=given["book_percent"] / _CENT,
            book_minor=parse_money(text=given["book_money"], currency=currency).minor,
            recount_units=given["recount_units"],
            recount_share=given["recount_percent"] / _CENT,
            recount_minor=parse_money(text=given["recount_money"], currency=currency).minor,
            counts_empty_bins=given["counts_empty_bins"],
        )


@desk(Ability.EDIT_STOCK, Ability.MANAGE_PLACES)
def show(request: HttpRequest) -> HttpResponse:
    """How a place counts."""
    chosen = choose_place(request)
    if chosen is None:
        return render(request, "counts/rules.html", {"chosen": None, "tab": "counts"})
    return _draw(request, chosen=chosen, form=RulesForm(initial=_initial(get_limits(place_code=chosen.place.code))))


@desk(Ability.EDIT_STOCK, Ability.MANAGE_PLACES, method="POST")
def save(request: HttpRequest) -> HttpResponse:
    """Change how a place counts."""
    chosen, form = require_place(request), RulesForm(request.POST)
    if not form.is_valid():
        return _draw(request, chosen=chosen, form=form, status=_UNPROCESSABLE)
    try:
        save_limits(place_code=chosen.place.code, limits=form.limits(), decided_by=get_actor(request).name)
    except (BadAmount, BadInput) as fault:
        form.refuse(fault)
        return _draw(request, chosen=chosen, form=form, status=_UNPROCESSABLE)
    messages.success(request, _("Saved. Counts that are judged from now on follow."))
    return redirect(f"/warehouse/counts/rules/?{chosen.query}")


def _draw(request: HttpRequest, *, chosen: ChosenPlace, form: RulesForm, status: int = 200) -> HttpResponse:
    context = {"chosen": chosen, "tab": "counts", "form": form, "currency": settings.REORDER.currency}
    return render(request, "counts/rules.html", context, status=status)


def _initial(limits: CountLimits) -> dict[str, Any]:
    def major(minor: int) -> str:
        digits = minor_digits(currency=settings.REORDER.currency)
        return f"{Decimal(minor) / 10**digits:.{digits}f}"

    return {
        "a_days": limits.a_days,
        "b_days": limits.b_days,
        "c_days": limits.c_days,
        "a_percent": plain_decimal(number=limits.a_value_share * _CENT),
        "b_percent": plain_decimal(number=limits.b_value_share * _CENT),
        "book_units": plain_decimal(number=limits.book_units),
        "book_percent": plain_decimal(number=limits.book_share * _CENT),
        "book_money": major(limits.book_minor),
        "recount_units": plain_decimal(number=limits.recount_units),
        "recount_percent": plain_decimal(number=limits.recount_share * _CENT),
        "recount_money": major(limits.recount_minor),
        "counts_empty_bins": limits.counts_empty_bins,
    }
