"""Orders as their customer sees them, and what can be done with them."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reorder.domain.payments.queries import PaymentRow, find_open_payment
from reorder.domain.warehouse.return_errors import UnknownReturn
from reorder.flows import portal
from reorder.flows.portal.errors import BadReturn
from reorder.flows.returns.slip import print_slip
from reorder.insights.order_returns import list_order_returns
from reorder.insights.shop_orders import ShopOrder, get_shop_order, list_shop_orders
from reorder.kernel.cursors import UnreadableCursor, decode_cursor, encode_cursor
from reorder.kernel.errors import BadInput, Conflict, NotFound, explain_error
from reorder.web.portal.forms import ReturnForm
from reorder.web.portal.gate import Visit, shop, show
from reorder.web.portal.words import (
    PARCEL_TEMPLATES,
    RETURN_STATE_TEMPLATES,
    STATE_NAME_TEMPLATES,
    STATE_TEMPLATES,
    WAY_TEMPLATES,
)
from reorder.web.tracking.showing import shown_parcels

_PAGE = 10
_GONE = {"shipped", "delivered"}
_BOXED = {"packed", *_GONE}
_STEPS = ("placed", "allocated", "packed", "shipped", "delivered")


def state_of(order: ShopOrder) -> str:
    """How far an order is, as its customer is told."""
    if not order.is_ours and order.state != "cancelled":
        return "elsewhere"
    gone = [parcel for parcel in order.parcels if parcel.state in _GONE]
    if gone and len(gone) < len(order.parcels) and order.state not in {"cancelled", *_GONE}:
        return "part_shipped"
    if order.state in {"placed", "allocated"} and order.due_minor and order.payment_state == "unpaid":
        return "unpaid"
    if order.state == "placed" and any(parcel.state == "waiting" for parcel in order.parcels):
        return "waiting"
    return order.state


@shop("GET", for_customers=True)
def orders(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The customer's orders, the latest first, ten a page."""
    found = list_shop_orders(customer_id=visit.me, before=_before(request), limit=_PAGE + 1)
    shown = found[:_PAGE]
    after = encode_cursor(values=[shown[-1].ordered_at, shown[-1].id]) if len(found) > _PAGE else ""
    rows = [(order, _(STATE_NAME_TEMPLATES[state_of(order)])) for order in shown]
    return show(request, visit, "portal/orders.html", {"rows": rows, "after": after})


@shop("GET", for_customers=True)
def order(request: HttpRequest, visit: Visit, order_id: int) -> HttpResponse:
    return show(request, visit, "portal/order.html", _told(visit, order_id))


@shop("GET", for_customers=True)
def receipt(request: HttpRequest, visit: Visit, order_id: int) -> HttpResponse:
    """What was bought and paid, to be printed."""
    return show(request, visit, "portal/receipt.html", _told(visit, order_id))


@shop("GET")
def see(request: HttpRequest, visit: Visit, mark: str) -> HttpResponse:
    """The link of a mail: how far an order is, without goods, address or payment; its customer sees the whole order."""
    order_id = portal.read_order_link(mark=mark, moment=visit.moment)
    known = get_shop_order(order_id=order_id, customer_id=None)
    if known.customer_id == visit.customer_id:
        return redirect("shop:order", order_id=order_id)
    state = state_of(known)
    context = {
        "number": known.number,
        "ordered_at": known.ordered_at,
        "state": _(STATE_TEMPLATES[state]),
        "steps": _steps(known),
        "parcels": [_(PARCEL_TEMPLATES[parcel.state]) for parcel in known.parcels] if len(known.parcels) > 1 else [],
    }
    return show(request, visit, "portal/see.html", context)


@shop("POST", for_customers=True)
def cancel(request: HttpRequest, visit: Visit, order_id: int) -> HttpResponse:
    portal.cancel_own_order(customer_id=visit.me, order_id=order_id, moment=visit.moment)
    return redirect(reverse("shop:order", args=[order_id]) + "?said=cancelled")


@shop("POST", for_customers=True)
def buy_again(request: HttpRequest, visit: Visit, order_id: int) -> HttpResponse:
    put = portal.buy_again(session=visit.begin(), order_id=order_id, moment=visit.moment)
    said = "none" if not put.put_count else "part" if put.gone else "added"
    return redirect(f"{reverse('shop:cart')}?said={said}")


@shop("GET", "POST", for_customers=True)
def send_back(request: HttpRequest, visit: Visit, order_id: int) -> HttpResponse:
    """Ask to send goods back; staff answer it."""
    known = get_shop_order(order_id=order_id, customer_id=visit.me)
    left = portal.returnable_units(order=known)
    form = ReturnForm(request.POST or None, request.FILES or None)
    fault = ""
    if request.method == "POST" and form.is_valid():
        picture = form.cleaned_data["photo"]
        try:
            portal.request_return(
                customer_id=visit.me,
                order_id=order_id,
                reason=form.cleaned_data["reason"],
                units_by_line=_wanted_back(request, known),
                note=form.cleaned_data["note"],
                photo=picture.read(_MOST_READ) if picture else b"",
                more_photos=[one.read(_MOST_READ) for one in request.FILES.getlist("more")],
                wants=form.cleaned_data["wants"] or "refund",
                moment=visit.moment,
            )
        except (Conflict, NotFound):
            raise
        except BadInput as error:
            fault = explain_error(error=error, translate=_)
        else:
            return redirect(reverse("shop:order", args=[order_id]) + "?said=returned")
    lines = [
        (line, left[line.line_key], request.POST.get(f"units-{line.id}", ""))
        for line in known.lines
        if line.line_key in left
    ]
    context = {"order": known, "lines": lines, "form": form, "fault": fault}
    return show(request, visit, "portal/send_back.html", context, status=422 if fault or form.errors else 200)


@shop("POST", for_customers=True)
def return_sent(request: HttpRequest, visit: Visit, order_id: int, return_id: int) -> HttpResponse:
    """The customer has handed the parcel in."""
    portal.say_sent(
        customer_id=visit.me,
        order_id=order_id,
        return_id=min(return_id, _LARGEST),
        carrier=request.POST.get("carrier", "")[:80],
        tracking_number=request.POST.get("tracking_number", "")[:80],
        moment=visit.moment,
    )
    return redirect(reverse("shop:order", args=[order_id]) + "#returns")


@shop("POST", for_customers=True)
def return_off(request: HttpRequest, visit: Visit, order_id: int, return_id: int) -> HttpResponse:
    """The customer keeps the goods after all."""
    portal.call_return_off(
        customer_id=visit.me, order_id=order_id, return_id=min(return_id, _LARGEST), moment=visit.moment
    )
    return redirect(reverse("shop:order", args=[order_id]) + "#returns")


@shop("GET", for_customers=True)
def return_slip(request: HttpRequest, visit: Visit, order_id: int, return_id: int) -> HttpResponse:
    """The slip for the parcel, in the reader's language; only of a return that was accepted."""
    known = get_shop_order(order_id=order_id, customer_id=visit.me)
    found = [one for one in list_order_returns(order_id=known.id) if one.return_id == return_id]
    if not found or found[0].state not in _SLIP_STATES:
        raise UnknownReturn(number=return_id)
    content = print_slip(return_id=return_id, language=get_language() or "en", moment=visit.moment)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found[0].number}.pdf"'
    return answer


_SLIP_STATES = {"accepted", "sent", "under_way"}
_LARGEST = 2**63 - 1
# One byte more than a picture may have tells that it is too large.
_MOST_READ = 4_000_001


def _wanted_back(request: HttpRequest, known: ShopOrder) -> dict[str, Decimal]:
    wanted = {}
    for line in known.lines:
        text = request.POST.get(f"units-{line.id}", "").strip()[:20]
        if not text:
            continue
        try:
            units = Decimal(text)
        except InvalidOperation:
            units = Decimal("NaN")
        if not units.is_finite() or units < 0 or (units % 1 and not line.units % 1):
            raise BadReturn(reason="say how many of which goods")
        wanted[line.line_key] = units
    return wanted


def _told(visit: Visit, order_id: int) -> dict[str, Any]:
    known = get_shop_order(order_id=order_id, customer_id=visit.me)
    state = state_of(known)
    payment = find_open_payment(order_id=order_id) if known.due_minor else None
    return {
        "order": known,
        "state": _(STATE_TEMPLATES[state]),
        "state_name": _(STATE_NAME_TEMPLATES[state]),
        "steps": _steps(known),
        "parcels": [(parcel, _(PARCEL_TEMPLATES[parcel.state])) for parcel in known.parcels],
        "boxes": shown_parcels(order_id=order_id) if any(one.state in _BOXED for one in known.parcels) else [],
        "returns": _returns(known),
        "may_cancel": portal.may_cancel(order=known),
        "may_return": bool(portal.returnable_units(order=known)) if known.state == "delivered" else False,
        "payment": payment,
        "paid_by": _way(payment, known),
        "account": settings.REORDER.transfer_account if payment and payment.provider == "bank_transfer" else "",
        "net_paid_minor": known.paid_minor - known.refunded_minor,
    }


def _returns(known: ShopOrder) -> list[dict[str, Any]]:
    """What this customer asked to send back, and what the shop answered."""
    if not known.is_ours or known.state != "delivered":
        return []
    names = {line.line_key: line.name for line in known.lines}
    return [
        {
            "row": one,
            "state": _(RETURN_STATE_TEMPLATES[one.state]),
            "may_send": one.state in {"accepted", "sent", "under_way"},
            "may_call_off": one.state in {"requested", "accepted", "sent"},
            "refund": one.refund_minor if one.state == "closed" else 0,
            "goods": [(names.get(key, key), units) for key, units in one.lines.items()],
        }
        for one in list_order_returns(order_id=known.id)
    ]


def _way(payment: PaymentRow | None, known: ShopOrder) -> str:
    code = payment.provider if payment else ("cash_on_delivery" if known.payment_state == "cash_on_delivery" else "")
    return _(WAY_TEMPLATES[code]) if code in WAY_TEMPLATES else ""


def _steps(known: ShopOrder) -> list[tuple[str, bool]]:
    """The way of an order, and how far it has come; nothing for one that was cancelled, or bought elsewhere."""
    if not known.is_ours or known.state == "cancelled":
        return []
    reached = {"released": "allocated", "picked": "allocated"}.get(known.state, known.state)
    at = _STEPS.index(reached) if reached in _STEPS else 0
    return [(_(STATE_NAME_TEMPLATES[step]), place <= at) for place, step in enumerate(_STEPS)]


def _before(request: HttpRequest) -> tuple[dt.datetime, int] | None:
    text = request.GET.get("after", "")
    if not text:
        return None
    try:
        moment, order_id = decode_cursor(text=text)
        read = dt.datetime.fromisoformat(str(moment))
        return (read, int(order_id)) if read.tzinfo and isinstance(order_id, int) else None
    except (UnreadableCursor, ValueError, TypeError):
        return None
