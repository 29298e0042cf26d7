"""How long goods must still keep when they are promised: rules of categories and of all goods, by channel."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.catalog.errors import UnknownCategory
from reorder.domain.catalog.queries import list_categories
from reorder.domain.inventory.promise_terms import FreshRow, list_fresh_rules
from reorder.domain.staff.rules import Ability
from reorder.flows import promising
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.products.promises import FreshForm
from reorder.web.setup.forms import SetupForm

_TEXT = {"autocomplete": "off"}


class GeneralFreshForm(SetupForm, FreshForm):
    """Days that goods of a category, or all goods, must still keep."""

    field_order = ("category", "channel", "minimum_days")
    category = forms.CharField(
        label=gettext_lazy("Category (code)"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"list": "known-categories", **_TEXT}),
        help_text=gettext_lazy("With the categories below it. Empty: all goods."),
    )


@desk(Ability.EDIT_PRODUCTS)
def index(request: HttpRequest) -> HttpResponse:
    """The rules, with the form filled by one of them where the address names it."""
    rules, asked = list_fresh_rules(product_id=None), request.GET.get("rule", "")
    chosen = next((one for one in rules if str(one.id) == asked), None)
    return _draw(request, rules, form=GeneralFreshForm(initial=_initial(chosen)), chosen=chosen)


@desk(Ability.EDIT_PRODUCTS, method="POST")
def put(request: HttpRequest) -> HttpResponse:
    """Lay a rule down; one for the same goods and channel takes the place of the one that stands there."""
    form, rules = GeneralFreshForm(request.POST), list_fresh_rules(product_id=None)
    chosen = next((one for one in rules if str(one.id) == request.POST.get("rule", "")), None)
    if not form.is_valid():
        return _draw(request, rules, form=form, chosen=chosen)
    given = form.cleaned_data
    try:
        promising.set_general_fresh_days(
            category_code=given["category"],
            channel=given["channel"],
            minimum_days=given["minimum_days"],
            actor=get_actor(request),
            moment=current_moment(),
            instead_of_id=chosen.id if chosen else None,
        )
    except UnknownCategory as fault:
        form.add_error("category", explain_error(error=fault, translate=_))
    except BadInput as fault:
        form.refuse(fault)
    else:
        messages.success(request, _("The rule is laid down. Orders that come in from now on follow."))
        return redirect("setup:freshness")
    return _draw(request, rules, form=form, chosen=chosen)


@desk(Ability.EDIT_PRODUCTS, method="POST")
def remove(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Take a rule back."""
    promising.drop_general_fresh_days(rule_id=min(rule_id, 2**63 - 1), actor=get_actor(request))
    messages.success(request, _("The rule is taken back."))
    return redirect("setup:freshness")


def _draw(
    request: HttpRequest, rules: list[FreshRow], *, form: GeneralFreshForm, chosen: FreshRow | None = None
) -> HttpResponse:
    context = {"rules": rules, "form": form, "chosen": chosen, "categories": list_categories()}
    return render(request, "setup/freshness.html", context, status=422 if form.is_bound else 200)


def _initial(rule: FreshRow | None) -> dict[str, Any]:
    if rule is None:
        return {}
    return {"category": rule.category_code or "", "channel": rule.channel, "minimum_days": rule.minimum_days}
