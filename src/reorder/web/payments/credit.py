"""A customer's store credit: the balance, what made it, and giving or taking some."""

import uuid
from typing import Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.customers.queries import CustomerFacts, get_customer
from reorder.domain.payments import credit
from reorder.domain.staff.rules import Ability
from reorder.flows import paying
from reorder.kernel import clock
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import format_money
from reorder.web import lists
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import AmountField, SetupForm, read_amount

_manage = Ability.MANAGE_ORDERS
_SPEC: Final = lists.ListSpec(page="payments.credit", columns=(), tabs=(), has_search=False, has_export=False)


class CreditForm(SetupForm):
    """An amount that is given or taken, and why."""

    amount = AmountField(label=gettext_lazy("Amount"))
    way = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[("give", gettext_lazy("give it")), ("take", gettext_lazy("take it back"))],
        widget=forms.RadioSelect,
        initial="give",
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=200, help_text=gettext_lazy("Staff read it here; no personal facts.")
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)


@desk(_manage)
def index(request: HttpRequest, customer_id: int) -> HttpResponse:
    return _draw(request, get_customer(customer_id=customer_id), None)


@desk(_manage, method="POST")
def move(request: HttpRequest, customer_id: int) -> HttpResponse:
    customer, form = get_customer(customer_id=customer_id), CreditForm(request.POST)
    currency = settings.REORDER.currency
    if form.is_valid():
        read_amount(form=form, name="amount", currency=currency, empty=None)
    if not form.is_valid():
        return _draw(request, customer, form)
    act = paying.give_store_credit if form.cleaned_data["way"] == "give" else paying.take_store_credit
    try:
        balance = act(
            customer_id=customer_id,
            amount_minor=form.cleaned_data["amount"],
            currency=currency,
            reason=form.cleaned_data["reason"],
            key=f"page:{form.cleaned_data['key']}",
            actor=get_actor(request).name,
            moment=clock.current_moment(),
        )
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, customer, form)
    messages.success(request, _("The balance is {amount} now.").format(amount=format_money(balance, currency=currency)))
    return redirect("payments:credit", customer_id)


def _draw(request: HttpRequest, customer: CustomerFacts, form: CreditForm | None) -> HttpResponse:
    state = lists.read_state(request=request, spec=_SPEC)
    found = credit.list_credit_moves(
        customer_id=customer.id, before=lists.read_last_id(state=state), limit=lists.PAGE_SIZE + 1
    )
    page = found[: lists.PAGE_SIZE]
    balances = credit.list_balances(customer_id=customer.id)
    context = {
        "customer": customer,
        "name": customer.name or customer.key,
        "balances": [format_money(minor, currency=currency) for currency, minor in balances],
        "moves": [
            (one, one.kind.replace("_", " "), format_money(one.amount_minor, currency=one.currency)) for one in page
        ],
        "next_url": state.address(after=lists.encode_cursor((page[-1].id,))) if len(found) > len(page) else "",
        "form": form or CreditForm(initial={"key": uuid.uuid4().hex}),
    }
    return render(request, "payments/credit.html", context, status=422 if form else 200)
