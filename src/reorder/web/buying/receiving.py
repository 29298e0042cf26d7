"""Taking a delivery in: counted units a line, at the person's own places; a form counts once, however often sent."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _

from reorder.domain.purchasing.errors import NothingReceived, PurchaseOrderClosed, ReceiptKeyReused
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.domain.staff.rules import Ability
from reorder.flows import restock
from reorder.flows.restock import Received
from reorder.flows.restock.letters import FAULT_WORD_TEMPLATES
from reorder.insights import access
from reorder.insights.buying_orders import OPEN_STATES
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.buying.forms import FAULT_CHOICES, ReceiveForm
from reorder.web.buying.reading import new_key, today
from reorder.web.buying.words import exact_units
from reorder.web.errors import status_of
from reorder.web.templatetags.reorder import in_a_row, listed

_SAID_LINES = 4


@desk(Ability.RECEIVE_GOODS)
def show(request: HttpRequest, number: str) -> HttpResponse:
    order = _get_order(request, number)
    return _draw(request, order=order, form=ReceiveForm(initial={"key": new_key()}, lines=order.lines))


@desk(Ability.RECEIVE_GOODS, method="POST")
def receive(request: HttpRequest, number: str) -> HttpResponse:
    """Take what was counted into stock; more than was ordered is asked about once."""
    order = _get_order(request, number)
    form = ReceiveForm(request.POST, lines=order.lines)
    if not form.is_valid():
        return _draw(request, order=order, form=form, status=422)
    try:
        if _must_ask(order, form):
            return _draw(request, order=order, form=form, asks_extra=True, status=422)
        received = restock.receive(
            number=number,
            lines=form.counted,
            lot=form.cleaned_data["lot"],
            expires_date=form.cleaned_data["expires"],
            received_at=clock.current_moment(),
            idempotency_key=form.cleaned_data["key"],
            received_by=get_actor(request).name,
            faults=form.delivery_faults,
        )
    except ReceiptKeyReused:
        return _draw_used(request, order=order)
    except (NothingReceived, PurchaseOrderClosed, BadInput) as error:
        return _draw(request, order=_get_order(request, number), form=form, error=error, status=status_of(error))
    _say(request, received)
    return redirect("buying:order", number)


def _get_order(request: HttpRequest, number: str) -> PurchaseOrderRow:
    return access.get_purchase_order(actor=get_actor(request), number=number, ability=Ability.RECEIVE_GOODS)


def _must_ask(order: PurchaseOrderRow, form: ReceiveForm) -> bool:
    """Whether more came than is missing and nobody has said that this is right; a form sent again is no question."""
    if order.state not in OPEN_STATES or not form.extra or form.cleaned_data["confirm_extra"]:
        return False
    return not restock.is_received(number=order.number, idempotency_key=form.cleaned_data["key"])


def _draw_used(request: HttpRequest, *, order: PurchaseOrderRow) -> HttpResponse:
    """The form was sent before with other counts: they stay, under a new key, for a person to decide."""
    typed = request.POST.copy()
    typed["key"] = new_key()
    fault = _(
        "This form has recorded a delivery already, with other counts. If this is another delivery, compare it with "
        "what is missing now and send it again; if you wanted to correct the first count, do not."
    )
    return _draw(request, order=order, form=ReceiveForm(typed, lines=order.lines), fault=fault, status=409)


def _draw(
    request: HttpRequest,
    *,
    order: PurchaseOrderRow,
    form: ReceiveForm,
    fault: str = "",
    error: ReorderError | None = None,
    asks_extra: bool = False,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "order": order,
        "form": form,
        "rows": [
            (line, field, exact_units(line.ordered_units), exact_units(line.missing_units), wrong)
            for line, field, wrong in form.rows
        ],
        "fault_choices": FAULT_CHOICES,
        "fault": fault or (explain_error(error=error, translate=_) if error else ""),
        "extra": [(line, exact_units(units)) for line, units in form.extra] if asks_extra else [],
        "is_open": order.state in OPEN_STATES,
        "is_late": order.expected_date < today(),
    }
    return render(request, "buying/receive.html", context, status=status)


def _say(request: HttpRequest, received: Received) -> None:
    if not received.is_new:
        messages.info(request, _("This delivery was recorded before. Nothing changed."))
        return
    units = exact_units(sum((part.units for part in received.counted), Decimal(0)))
    parts = [_("{units} units are in stock now.").format(units=units)]
    if received.extra:
        parts.append(_("More than ordered, taken as counted: {list}.").format(list=_listed(received.extra)))
    if received.faults:
        said = listed(
            f"{fault.sku} {exact_units(fault.units)} {gettext(FAULT_WORD_TEMPLATES[fault.kind])}"
            for fault in received.faults[:_SAID_LINES]
        )
        parts.append(_("Not taken, on the list of claims: {list}.").format(list=said))
    if received.missing:
        count = len(received.missing)
        said = ngettext("{count} line is still to come: {list}.", "{count} lines are still to come: {list}.", count)
        parts.append(said.format(count=count, list=_listed(received.missing)))
    else:
        parts.append(_("The order is complete."))
    messages.success(request, in_a_row(*parts))


def _listed(units: Mapping[str, Decimal]) -> str:
    said = [f"{sku} {exact_units(count)}" for sku, count in list(units.items())[:_SAID_LINES]]
    return listed(said) + (" …" if len(units) > _SAID_LINES else "")
