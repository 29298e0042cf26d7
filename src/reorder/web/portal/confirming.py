"""Confirming: where it goes, how it is sent and paid, the whole price; then the order, once."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.customers.carts import find_cart_by_code
from reorder.domain.customers.saved_addresses import SavedRow, list_saved_addresses
from reorder.domain.orders.price_errors import PriceRuleUsedUp
from reorder.domain.payments.credit import get_balance
from reorder.flows import portal
from reorder.flows.fulfil.errors import GoodsShort
from reorder.flows.portal import Look
from reorder.flows.portal.errors import CartChanged, NotPayable
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.portal.forms import AddressForm
from reorder.web.portal.gate import Visit, shop, show
from reorder.web.portal.words import WAY_TEMPLATES, WAY_TOLD_TEMPLATES

_NEW = "new"


class _Asked:
    """What stands in the form, and the addresses to choose from."""

    def __init__(self, given: QueryDict | None, *, saved: list[SavedRow], name: str) -> None:
        told = given or QueryDict()
        self.saved = saved
        self.chosen = told.get("saved") or (str(saved[0].id) if saved else _NEW)
        known = {str(one.id): one.address for one in saved}
        if self.chosen not in known:
            self.chosen = _NEW
        self.form = AddressForm(given if given and self.chosen == _NEW else None, initial={"name": name})
        self._known = known.get(self.chosen)
        self.method = told.get("ship_method", "")[:60]
        self.way = told.get("way", "")
        self.uses_credit = given is None or "credit" in given

    @property
    def address(self) -> ShippingAddress | None:
        """Where it goes; None while the form has faults or nothing in it."""
        if self._known is not None:
            return self._known
        return self.form.address if self.form.is_bound and self.form.is_valid() else None


@shop("GET", "POST", for_customers=True)
def confirm(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The last look before the order; the button that orders says the sum."""
    code = request.POST.get("cart", "")
    bought = find_cart_by_code(code=code.replace("\x00", "")) if code else None
    if bought is not None and bought.customer_id == visit.me and bought.order_id is not None:
        # The same form a second time: a double click, or the way back.
        return _to_order(bought.order_id)
    if visit.cart is None or not visit.cart.lines:
        return redirect("shop:cart")
    given = request.POST if request.method == "POST" else None
    saved = list_saved_addresses(customer_id=visit.me)
    asked = _Asked(given, saved=saved, name=visit.session.name if visit.session else "")
    look = _look(visit, asked)
    if given is None or given.get("do") != "order":
        return _page(request, visit, asked, look)
    if asked.address is None:
        return _page(request, visit, asked, look, status=422)
    try:
        order = portal.confirm_cart(
            customer_id=visit.me,
            cart_code=code,
            seen=given.get("seen", ""),
            ship_to=asked.address,
            ship_method=look.ship_method,
            way_of_paying=asked.way,
            uses_credit=asked.uses_credit,
            moment=visit.moment,
        )
    except (CartChanged, GoodsShort, PriceRuleUsedUp, NotPayable) as fault:
        status = 422 if isinstance(fault, NotPayable) else 409
        return _page(request, visit, asked, _look(visit, asked), fault=fault, status=status)
    return _to_order(order.order_id)


def _to_order(order_id: int) -> HttpResponse:
    return redirect(reverse("shop:order", args=[order_id]) + "?said=ordered")


def _look(visit: Visit, asked: _Asked) -> Look:
    where = asked.address
    cart = visit.cart
    if cart is None:
        raise RuntimeError("a cart that is confirmed is not there")
    return portal.look_at_cart(
        cart=cart,
        customer_id=visit.me,
        moment=visit.moment,
        ship_method=asked.method,
        country=where.country if where else "",
        postcode=where.postcode if where else "",
    )


def _page(
    request: HttpRequest,
    visit: Visit,
    asked: _Asked,
    look: Look,
    *,
    fault: BadInput | None = None,
    status: int = 200,
) -> HttpResponse:
    if look.priced is None:
        return redirect("shop:cart")
    balance = get_balance(customer_id=visit.me, currency=look.priced.currency)
    credit = min(balance, look.priced.total_minor)
    ways = portal.list_ways()
    chosen = asked.way if asked.way in ways else (ways[0] if len(ways) == 1 else "")
    context: dict[str, Any] = {
        "asked": asked,
        "look": look,
        "credit_minor": credit,
        "due_minor": look.priced.total_minor - (credit if asked.uses_credit else 0),
        "ways": [
            {"code": code, "name": _(WAY_TEMPLATES[code]), "told": _(WAY_TOLD_TEMPLATES[code]), "on": code == chosen}
            for code in ways
        ],
        "fault": explain_error(error=fault, translate=_) if fault else "",
        "is_short": isinstance(fault, GoodsShort) or not look.is_all_there,
    }
    return show(request, visit, "portal/confirm.html", context, status=status)
