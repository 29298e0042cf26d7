"""How the shop buys: above which value two people decide, and what is ordered without one; with what that came to."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.operations import NewBuyingPolicy
from reorder.domain.purchasing.queries import AutomaticCheckRow, BuyingPolicyRow
from reorder.domain.staff.rules import Ability
from reorder.kernel.errors import BadInput, Conflict, ReorderError, explain_error
from reorder.kernel.formatting import format_money
from reorder.kernel.money import BadAmount, Money, parse_money
from reorder.kernel.quantity import plain_decimal
from reorder.web.access import desk, get_actor
from reorder.web.buying.reading import clean
from reorder.web.errors import status_of
from reorder.web.templatetags.reorder import reason

_CHECKS_SHOWN = 30
_LINES_SHOWN = 20


class RulesForm(forms.Form):
    """The limit of two people and what counts as unusual; amounts in the shop's currency."""

    approval_limit = forms.CharField(
        label=gettext_lazy("Two people above"),
        required=False,
        max_length=24,
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal", "autocomplete": "off"}),
    )
    usual_ratio = forms.FloatField(
        label=gettext_lazy("Unusual: times the usual order"),
        min_value=1,
        max_value=100,
        widget=forms.NumberInput(attrs={"class": "form-control", "step": "0.5"}),
        help_text=gettext_lazy("A line of more than so many times what is usually ordered is left to a person."),
    )
    note = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["approval_limit"].help_text = _(
            "An order above it waits until a second, different person agrees. In whole units of {currency}; empty: no "
            "limit."
        ).format(currency=settings.REORDER.currency)

    def clean_approval_limit(self) -> int | None:
        text = clean(str(self.cleaned_data["approval_limit"])).strip()
        if not text:
            return None
        try:
            minor = parse_money(text=text, currency=settings.REORDER.currency).minor
        except BadAmount as fault:
            raise forms.ValidationError(explain_error(error=fault, translate=_)) from None
        if minor < 0:
            raise forms.ValidationError(_("An amount below zero makes no sense here."))
        return minor


@dataclass(frozen=True, slots=True)
class Check:
    """What a night came to for a supplier, said."""

    row: AutomaticCheckRow
    outcome: str
    left: list[tuple[str, str, str]]
    more_count: int


@desk(Ability.VIEW_BUYING)
def show(request: HttpRequest) -> HttpResponse:
    return _draw(request, form=None)


@desk(Ability.MANAGE_USERS, method="POST")
def save(request: HttpRequest) -> HttpResponse:
    """Only who decides what others may do sets the limit: a buyer could lift an own one."""
    form = RulesForm(request.POST)
    if not form.is_valid():
        return _draw(request, form=form, status=422)
    now = queries.get_buying_policy()
    policy = NewBuyingPolicy(
        approval_limit_minor=form.cleaned_data["approval_limit"],
        is_automatic_stopped=now.is_automatic_stopped,
        usual_ratio=form.cleaned_data["usual_ratio"],
        note=clean(form.cleaned_data["note"]),
    )
    try:
        operations.set_buying_policy(policy=policy, seen=form.cleaned_data["seen"], decided_by=get_actor(request).name)
    except Conflict as fault:
        return _draw(request, form=None, fault=fault)
    except BadInput as fault:
        form.add_error(None, explain_error(error=fault, translate=_))
        return _draw(request, form=form, status=422)
    messages.success(request, _("The rules of buying are saved."))
    return redirect("buying:rules")


@desk(Ability.DECIDE_PROPOSALS, method="POST")
def switch(request: HttpRequest) -> HttpResponse:
    """The kill switch: stop=1 stops automatic ordering at once, anything else lets it go on."""
    is_stopped = request.POST.get("stop") == "1"
    operations.switch_automatic(is_stopped=is_stopped, decided_by=get_actor(request).name)
    said = _("Nothing is ordered without a person any more.") if is_stopped else _("Automatic ordering goes on.")
    messages.success(request, said)
    return redirect("buying:rules")


def _draw(
    request: HttpRequest, *, form: RulesForm | None, fault: ReorderError | None = None, status: int = 200
) -> HttpResponse:
    policy, actor = queries.get_buying_policy(), get_actor(request)
    suppliers = queries.list_automatic_suppliers()
    context = {
        "policy": policy,
        "limit": ""
        if policy.approval_limit_minor is None
        else format_money(policy.approval_limit_minor, currency=settings.REORDER.currency),
        "form": form or RulesForm(initial=_values(policy)),
        "suppliers": [(one, format_money(one.limit_minor, currency=one.currency)) for one in suppliers],
        "checks": [_check(row) for row in queries.list_automatic_checks(limit=_CHECKS_SHOWN)],
        "may_set": actor.may(Ability.MANAGE_USERS),
        "may_decide": actor.may(Ability.DECIDE_PROPOSALS),
        "may_manage": actor.may(Ability.MANAGE_SUPPLIERS),
        "fault": explain_error(error=fault, translate=_) if fault else "",
    }
    return render(request, "buying/rules.html", context, status=status_of(fault) if fault else status)


def _values(policy: BuyingPolicyRow) -> dict[str, Any]:
    limit = policy.approval_limit_minor
    major = "" if limit is None else plain_decimal(number=Money(limit, settings.REORDER.currency).major)
    return {"approval_limit": major, "usual_ratio": f"{policy.usual_ratio:g}", "seen": policy.fingerprint}


def _check(row: AutomaticCheckRow) -> Check:
    left = [(one["sku"], one["place"], reason(one["code"], one["parameters"])) for one in row.left[:_LINES_SHOWN]]
    if left and all(one["code"] == row.outcome_code for one in row.left):
        left = []  # The outcome says it of all of them already.
    return Check(
        row=row,
        outcome=reason(row.outcome_code, row.outcome_parameters),
        left=left,
        more_count=max(len(row.left) - _LINES_SHOWN, 0) if left else 0,
    )
