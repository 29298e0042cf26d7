"""Payments that wait, money that came confirmed by its reference, and refunds to send."""

import uuid
from typing import Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.payments.queries import get_payment
from reorder.domain.staff.rules import Ability
from reorder.flows import paying
from reorder.flows.paying import PaymentConfirmed
from reorder.insights.payments import (
    OpenPayment,
    OwedRefund,
    find_payment_id,
    list_open_payments,
    list_owed_refunds,
)
from reorder.kernel import clock
from reorder.kernel.errors import BadInput
from reorder.kernel.formatting import format_money
from reorder.web import lists
from reorder.web.access import desk, get_actor
from reorder.web.payments.words import way_word
from reorder.web.setup.forms import AmountField, SetupForm, read_amount
from reorder.web.templatetags.reorder import in_a_row, state_mark
from reorder.web.templatetags.reorder import moment as said_moment

_manage = Ability.MANAGE_ORDERS
_COLUMNS: Final = (
    lists.Column("order", gettext_lazy("Order number")),
    lists.Column("customer", gettext_lazy("Customer")),
    lists.Column("way", gettext_lazy("Way of paying")),
    lists.Column("reference", gettext_lazy("Reference")),
    lists.Column("asked", gettext_lazy("Asked for"), "number"),
    lists.Column("received", gettext_lazy("Received"), "number"),
    lists.Column("state", gettext_lazy("State"), "state"),
    lists.Column("expires", gettext_lazy("Waits until"), "date"),
    lists.Column("since", gettext_lazy("Since"), "date", is_default=False),
)
_SPEC: Final = lists.ListSpec(
    page="payments",
    columns=_COLUMNS,
    tabs=(
        lists.Tab("transfers", gettext_lazy("To come in")),
        lists.Tab("door", gettext_lazy("At the door")),
        lists.Tab("refunds", gettext_lazy("To send back")),
    ),
    has_search=False,
    has_export=False,
)


class ReceiptForm(SetupForm):
    """Money that came in, by the reference that the customer named."""

    named = forms.CharField(
        label=gettext_lazy("Reference or order number"),
        max_length=200,
        help_text=gettext_lazy("As the customer named it with the transfer."),
    )
    amount = AmountField(label=gettext_lazy("Amount that came in"))
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For example the last five digits of the account it came from."),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    return _draw(request, None)


@desk(_manage, method="POST")
def confirm(request: HttpRequest) -> HttpResponse:
    """Write down what came in; the page says what it comes to."""
    form, actor = ReceiptForm(request.POST), get_actor(request)
    if not form.is_valid():
        return _draw(request, form)
    payment_id = find_payment_id(actor=actor, text=form.cleaned_data["named"])
    if payment_id is None:
        form.add_error("named", _("No payment has this reference, and no order with this number is asked for one."))
        return _draw(request, form)
    read_amount(form=form, name="amount", currency=get_payment(payment_id=payment_id).currency, empty=None)
    if not form.is_valid():
        return _draw(request, form)
    try:
        confirmed = paying.confirm_payment(
            payment_id=payment_id,
            received_minor=form.cleaned_data["amount"],
            key=f"page:{form.cleaned_data['key']}",
            actor=actor.name,
            moment=clock.current_moment(),
            note=form.cleaned_data["note"],
        )
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, form)
    _say(request, confirmed)
    return redirect("payments:index")


@desk(_manage, method="POST")
def refund_sent(request: HttpRequest, refund_id: int) -> HttpResponse:
    refund = paying.confirm_refund_sent(
        refund_id=refund_id, actor=get_actor(request).name, moment=clock.current_moment()
    )
    amount = format_money(refund.amount_minor, currency=refund.currency)
    messages.success(request, _("{amount} was sent back.").format(amount=amount))
    return redirect(f"{reverse('payments:index')}?tab=refunds")


def _say(request: HttpRequest, confirmed: PaymentConfirmed) -> None:
    currency = confirmed.payment.currency
    if confirmed.is_order_cancelled:
        said = _("The order is cancelled: give {amount} back.")
        messages.warning(request, said.format(amount=format_money(confirmed.excess_minor, currency=currency)))
    elif confirmed.missing_minor:
        said = _("Written down. {amount} is still missing, so the order waits.")
        messages.warning(request, said.format(amount=format_money(confirmed.missing_minor, currency=currency)))
    elif confirmed.excess_minor:
        said = _("The order is paid. {amount} came beyond that: give it back, or as store credit.")
        messages.warning(request, said.format(amount=format_money(confirmed.excess_minor, currency=currency)))
    else:
        messages.success(request, _("The order is paid."))


def _draw(request: HttpRequest, form: ReceiptForm | None) -> HttpResponse:
    actor = get_actor(request)
    state = lists.read_state(request=request, spec=_SPEC)
    last_id = lists.read_last_id(state=state)
    context = {
        "form": form or ReceiptForm(initial={"key": uuid.uuid4().hex}),
        "account": settings.REORDER.transfer_account,
        "days": settings.REORDER.transfer_days,
    }
    if state.tab == "refunds":
        found = list_owed_refunds(actor=actor, after=last_id or 0, limit=lists.PAGE_SIZE + 1)
        refunds = found[: lists.PAGE_SIZE]
        context["refunds"] = [_told_refund(one) for one in refunds]
        rows, last = [], refunds[-1].id if len(found) > lists.PAGE_SIZE else None
    else:
        waiting = list_open_payments(actor=actor, tab=state.tab, before=last_id, limit=lists.PAGE_SIZE + 1)
        page = waiting[: lists.PAGE_SIZE]
        rows, last = [_row(one, state) for one in page], page[-1].id if len(waiting) > lists.PAGE_SIZE else None
    context["tab"] = state.tab
    context["list"] = lists.make_page(
        request=request, spec=_SPEC, state=state, rows=rows, next_after=(last,) if last is not None else None
    )
    return render(request, "payments/index.html", context, status=422 if form else 200)


def _row(one: OpenPayment, state: lists.ListState) -> lists.Row:
    cells = {
        "order": lists.Cell(one.order_number),
        "customer": lists.Cell(one.customer_name or "–"),
        "way": lists.Cell(way_word(one.provider)),
        "reference": lists.Cell(one.reference),
        "asked": lists.Cell(format_money(one.amount_minor, currency=one.currency), "number"),
        "received": lists.Cell(format_money(one.received_minor, currency=one.currency), "number"),
        "state": lists.Cell(state_mark(one.state)),
        "expires": lists.Cell(said_moment(one.expires_at) if one.expires_at else "–", "date"),
        "since": lists.Cell(said_moment(one.asked_at), "date"),
    }
    url = f"/orders/{one.order_id}/"
    return lists.Row(key=str(one.id), url=url, cells=[cells[column.key] for column in state.columns])


def _told_refund(one: OwedRefund) -> dict[str, object]:
    return {
        "id": one.id,
        "order_url": f"/orders/{one.order_id}/",
        "order": one.order_number,
        "customer": one.customer_name or "–",
        "amount": format_money(one.amount_minor, currency=one.currency),
        "way": way_word(one.provider),
        "why": in_a_row(*(text for text in (one.reason, one.asked_by) if text)),
        "at": one.asked_at,
    }
