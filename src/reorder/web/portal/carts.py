"""The cart: goods, coupons, what it costs and why, and how long the goods are held."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.customers.saved_addresses import list_saved_addresses
from reorder.flows import portal
from reorder.flows.portal.errors import BadCoupon, BadUnits
from reorder.insights.shop_goods import list_names
from reorder.kernel.errors import ReorderError, explain_error
from reorder.web.portal.gate import Visit, shop, show


@shop("GET")
def cart(request: HttpRequest, visit: Visit) -> HttpResponse:
    return _page(request, visit)


@shop("POST")
def change(request: HttpRequest, visit: Visit) -> HttpResponse:
    """So many units of a product in the cart; the buttons beside the field say their own number."""
    units = request.POST.get("to", request.POST.get("units", ""))[:20]
    try:
        portal.set_units(session=visit.begin(), sku=request.POST.get("sku", "")[:200], units=units, moment=visit.moment)
    except BadUnits as fault:
        return _page(request, visit, fault=fault)
    return redirect("shop:cart")


@shop("POST")
def add(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Units of a product beside what lies in the cart."""
    sku, units = request.POST.get("sku", "")[:200], request.POST.get("units", "1")[:20]
    try:
        portal.add_goods(session=visit.begin(), units_by_sku={sku: units}, moment=visit.moment)
    except BadUnits as fault:
        return _page(request, visit, fault=fault)
    return redirect(reverse("shop:cart") + "?said=added")


@shop("POST")
def coupon(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Name a coupon, or take one out again."""
    session = visit.begin()
    try:
        if "drop" in request.POST:
            portal.drop_coupon(session=session, code=request.POST["drop"][:60], moment=visit.moment)
        else:
            portal.add_coupon(session=session, code=request.POST.get("code", "")[:60], moment=visit.moment)
    except BadCoupon as fault:
        return _page(request, visit, fault=fault)
    return redirect("shop:cart")


@shop("POST")
def hold(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Hold the goods for some more minutes."""
    if visit.cart is not None:
        portal.hold_goods(cart=visit.cart, moment=visit.moment)
    return redirect("shop:cart")


@shop("GET", "POST")
def again(request: HttpRequest, visit: Visit, mark: str) -> HttpResponse:
    """The link of a mail that proposes goods: it shows them, and the button puts them into the cart."""
    offer = portal.read_cart_link(mark=mark, moment=visit.moment)
    names = list_names(skus=list(offer.lines))
    if request.method != "POST":
        goods = [(names.get(sku, sku), units) for sku, units in offer.lines.items()]
        return show(request, visit, "portal/again.html", {"goods": goods, "has_coupon": bool(offer.coupon_code)})
    put = portal.take_offer(session=visit.begin(), offer=offer, names=names, moment=visit.moment)
    said = "none" if not put.put_count else "part" if put.gone else "added"
    return redirect(f"{reverse('shop:cart')}?said={said}")


def last_address(visit: Visit) -> ShippingAddress | None:
    """Where the customer's last parcel went."""
    saved = list_saved_addresses(customer_id=visit.customer_id) if visit.customer_id is not None else []
    return saved[0].address if saved else None


def _page(request: HttpRequest, visit: Visit, *, fault: ReorderError | None = None) -> HttpResponse:
    where = last_address(visit)
    look = (
        portal.look_at_cart(
            cart=visit.cart,
            customer_id=visit.customer_id,
            moment=visit.moment,
            country=where.country if where else "",
            postcode=where.postcode if where else "",
        )
        if visit.cart
        else None
    )
    held = visit.cart.held_until if visit.cart else None
    context = {
        "look": look,
        "held_until": held if held and held > visit.moment else None,
        "fault": explain_error(error=fault, translate=_) if fault else "",
    }
    return show(request, visit, "portal/cart.html", context, status=422 if fault else 200)
