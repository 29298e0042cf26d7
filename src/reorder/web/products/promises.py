"""How far one product is promised: beyond its stock, its last units kept for some, and how fresh it must be."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.inventory.promise_rules import SellingTerms
from reorder.domain.inventory.promise_terms import list_fresh_rules, list_reserves, rules_for
from reorder.domain.inventory.queries import list_places
from reorder.domain.planning.customer_list import SEGMENTS
from reorder.domain.staff.rules import Ability, Actor
from reorder.flows import promising
from reorder.insights import product_page
from reorder.insights.product_page import ProductFacts
from reorder.kernel.clock import current_moment, midnight
from reorder.kernel.errors import BadInput, explain_error
from reorder.kernel.quantity import plain_decimal
from reorder.web.access import desk, get_actor
from reorder.web.templatetags.reorder import word

_TEXT = {"class": "form-control", "autocomplete": "off"}


def _units_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        max_digits=12,
        decimal_places=3,
        widget=forms.TextInput(attrs=_TEXT | {"inputmode": "decimal"}),
        help_text=help_text,
    )


def _day_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(attrs=_TEXT | {"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


class TermsForm(forms.Form):
    """Backorders and pre-orders."""

    allows_backorder = forms.BooleanField(
        label=gettext_lazy("Take backorders when it is out of stock"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    backorder_limit_units = _units_field(
        gettext_lazy("At most so many units may wait"), gettext_lazy("Empty: as many as are ordered.")
    )
    backorder_until_date = _day_field(gettext_lazy("Last day for backorders"), gettext_lazy("Empty: no last day."))
    wait_days = forms.IntegerField(
        label=gettext_lazy("Days to wait that customers are told"),
        min_value=0,
        max_value=3650,
        widget=forms.TextInput(attrs=_TEXT | {"inputmode": "numeric"}),
        help_text=gettext_lazy("Only where no goods are on order; else the day on which they are expected is told."),
    )
    release_date = _day_field(
        gettext_lazy("Release date"), gettext_lazy("Before this day nothing of it leaves, though it may be there.")
    )
    preorder_from_date = _day_field(gettext_lazy("Pre-orders from"))
    preorder_until_date = _day_field(gettext_lazy("Pre-orders until"), gettext_lazy("Empty: until the release."))
    preorder_limit_units = _units_field(
        gettext_lazy("At most so many pre-ordered units"), gettext_lazy("Empty: as many as are ordered.")
    )


class ReserveForm(forms.Form):
    """The last units at a place for some customers."""

    place = forms.ChoiceField(label=gettext_lazy("Place"), widget=forms.Select(attrs={"class": "form-select"}))
    units = _units_field(gettext_lazy("Keep the last units"), required=True)
    segments = forms.MultipleChoiceField(
        label=gettext_lazy("For customers of"),
        widget=forms.SelectMultiple(attrs={"class": "form-select", "size": 5}),
        help_text=gettext_lazy("Only they may take the last units. A customer's segment is that of the last night."),
    )
    until = _day_field(gettext_lazy("Until the end of"), required=True)

    def clean_until(self) -> dt.date:
        """Of years after which a day can follow."""
        until: dt.date = self.cleaned_data["until"]
        if until.year > 2200:
            raise forms.ValidationError(_("This day is too far away."))
        return until

    def __init__(self, *args: Any, places: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["segments"].choices = [(one, word(one)) for one in SEGMENTS]  # type: ignore[attr-defined]


class FreshForm(forms.Form):
    """Days that goods must still keep."""

    channel = forms.CharField(
        label=gettext_lazy("Channel"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs=_TEXT),
        help_text=gettext_lazy("As orders name it. Empty: every channel without a rule of its own."),
    )
    minimum_days = forms.IntegerField(
        label=gettext_lazy("Days it must still keep"),
        min_value=0,
        max_value=3650,
        widget=forms.TextInput(attrs=_TEXT | {"inputmode": "numeric"}),
        help_text=gettext_lazy("Lots that go off earlier are not promised."),
    )


@desk(Ability.EDIT_PRODUCTS)
def show(request: HttpRequest, product_id: int) -> HttpResponse:
    return _draw(request, product_page.get_product(product_id=product_id))


@desk(Ability.EDIT_PRODUCTS, method="POST")
def save_terms(request: HttpRequest, product_id: int) -> HttpResponse:
    """Lay down how it is sold beyond its stock."""
    product, form = product_page.get_product(product_id=product_id), TermsForm(request.POST)
    if not form.is_valid():
        return _draw(request, product, terms=form, status=422)
    terms = SellingTerms(product_id=product_id, **form.cleaned_data)

    def save() -> None:
        promising.set_selling_terms(sku=product.sku, terms=terms, actor=get_actor(request), moment=current_moment())

    return _done(request, product, form=form, name="terms", act=save, said=_("The terms are laid down."))


@desk(Ability.EDIT_PRODUCTS, method="POST")
def save_reserve(request: HttpRequest, product_id: int) -> HttpResponse:
    """Keep the last units at a place for some customers."""
    product, actor = product_page.get_product(product_id=product_id), get_actor(request)
    form = ReserveForm(request.POST, places=_places(actor))
    if not form.is_valid():
        return _draw(request, product, reserve=form, status=422)
    given = form.cleaned_data
    ends_at = midnight(date=given["until"] + dt.timedelta(days=1), time_zone=settings.REORDER.time_zone)

    def save() -> None:
        promising.keep_units(
            product_id=product_id,
            sku=product.sku,
            place_code=given["place"],
            units=given["units"],
            segments=given["segments"],
            ends_at=ends_at,
            actor=actor,
            moment=current_moment(),
        )

    return _done(request, product, form=form, name="reserve", act=save, said=_("The last units are kept."))


@desk(Ability.EDIT_PRODUCTS, method="POST")
def drop_reserve(request: HttpRequest, product_id: int) -> HttpResponse:
    """Everybody may have them again."""
    product = product_page.get_product(product_id=product_id)
    promising.keep_no_longer(
        product_id=product_id, sku=product.sku, place_code=request.POST.get("place", ""), actor=get_actor(request)
    )
    messages.success(request, _("Everybody may have the last units again."))
    return redirect("products:promises", product_id)


@desk(Ability.EDIT_PRODUCTS, method="POST")
def save_fresh(request: HttpRequest, product_id: int) -> HttpResponse:
    """Lay down how long goods must keep."""
    product, form = product_page.get_product(product_id=product_id), FreshForm(request.POST)
    if not form.is_valid():
        return _draw(request, product, fresh=form, status=422)

    def save() -> None:
        promising.set_fresh_days(
            product_id=product_id,
            sku=product.sku,
            channel=form.cleaned_data["channel"].replace("\x00", ""),
            minimum_days=form.cleaned_data["minimum_days"],
            actor=get_actor(request),
            moment=current_moment(),
        )

    return _done(request, product, form=form, name="fresh", act=save, said=_("The rule is laid down."))


@desk(Ability.EDIT_PRODUCTS, method="POST")
def drop_fresh(request: HttpRequest, product_id: int) -> HttpResponse:
    """Take a rule of freshness back."""
    product, rule = product_page.get_product(product_id=product_id), request.POST.get("rule", "")
    if rule.isdecimal() and len(rule) < 19:
        promising.drop_fresh_days(product_id=product_id, sku=product.sku, rule_id=int(rule), actor=get_actor(request))
    messages.success(request, _("The rule is taken back."))
    return redirect("products:promises", product_id)


def _done(
    request: HttpRequest, product: ProductFacts, *, form: forms.Form, name: str, act: Callable[[], None], said: str
) -> HttpResponse:
    try:
        act()
    except BadInput as fault:
        form.add_error(None, explain_error(error=fault, translate=_))
        return _draw(request, product, status=422, **{name: form})
    messages.success(request, said)
    return redirect("products:promises", product.id)


def _draw(request: HttpRequest, product: ProductFacts, *, status: int = 200, **given: forms.Form) -> HttpResponse:
    actor, moment = get_actor(request), current_moment()
    places = _places(actor)
    rules = rules_for(channel="", product_ids=[product.id], moment=moment)
    stand = rules.terms.get(product.id) or SellingTerms(product_id=product.id)
    names = dict(places)
    context = {
        "product": product,
        "tab": "promises",
        "terms": given.get("terms") or TermsForm(initial=_initial(stand)),
        "reserve": given.get("reserve") or ReserveForm(places=places),
        "fresh": given.get("fresh") or FreshForm(),
        "backordered": stand.backordered_units,
        "preordered": stand.preordered_units,
        "reserves": [
            (one, names[one.place_code], ", ".join(word(segment) for segment in one.segments), one.ends_at <= moment)
            for one in list_reserves(product_id=product.id)
            if one.place_code in names
        ],
        "fresh_rules": list_fresh_rules(product_id=product.id),
    }
    return render(request, "products/promises.html", context, status=status)


def _initial(terms: SellingTerms) -> dict[str, Any]:
    values = {name: getattr(terms, name) for name in TermsForm.base_fields}
    return {name: plain_decimal(number=one) if isinstance(one, Decimal) else one for name, one in values.items()}


def _places(actor: Actor) -> list[tuple[str, str]]:
    return [(place.code, f"{place.name} ({place.code})") for place in list_places() if actor.may_at(place.code)]
