"""Coming in by a link of a mail, and going out: GET shows, POST acts, because mail scanners open links."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.customers.errors import PortalLinkUseless
from reorder.flows import portal
from reorder.flows.portal.errors import BadMailAddress
from reorder.kernel.errors import explain_error
from reorder.web.middleware import LANGUAGES
from reorder.web.portal.gate import Visit, safe_onward, shop, show

_YEAR_SECONDS = 365 * 86_400


@shop("GET", "POST")
def enter(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Where one asks for a link; the answer is the same whoever asks, and whatever is written."""
    if request.method != "POST":
        if visit.customer_id is not None:
            return redirect("shop:home")
        onward = safe_onward(given=request.GET.get("to", ""))
        return show(request, visit, "portal/enter.html", {"address": "", "onward": onward})
    onward = safe_onward(given=request.POST.get("to", ""))
    address = request.POST.get("address", "").replace("\x00", "")[:260]
    cart = visit.cart
    try:
        portal.ask_for_link(
            address=address,
            cart_code=cart.code if cart and visit.customer_id is None else "",
            language=visit.language,
            client=visit.client,
            moment=visit.moment,
            onward=onward,
        )
    except BadMailAddress as fault:
        context = {"address": address, "onward": onward, "fault": explain_error(error=fault, translate=_)}
        return show(request, visit, "portal/enter.html", context, status=422)
    return show(request, visit, "portal/sent.html", {"address": address.strip()})


@shop("GET", "POST")
def come_in(request: HttpRequest, visit: Visit, secret: str) -> HttpResponse:
    """The link of the mail; it is used up by the button, not by being opened."""
    if request.method != "POST":
        return show(request, visit, "portal/come_in.html", {})
    try:
        signed_in = portal.sign_in(secret=secret, client=visit.client, moment=visit.moment, old_session=visit.session)
    except PortalLinkUseless as fault:
        context = {"address": "", "fault": explain_error(error=fault, translate=_)}
        return show(request, visit, "portal/enter.html", context, status=422)
    # A session that somebody else began in this browser ends here, and so does its token against forged forms.
    rotate_token(request)
    visit.new_secret = signed_in.session_secret
    if signed_in.onward:
        return redirect(signed_in.onward)
    return redirect("shop:cart" if signed_in.has_cart else "shop:home")


@shop("POST")
def go_out(request: HttpRequest, visit: Visit) -> HttpResponse:
    if visit.session is not None:
        portal.sign_out(session=visit.session, moment=visit.moment)
    visit.new_secret, visit.forgets = "", True
    return redirect(reverse("shop:enter") + "?said=out")


@shop("POST", for_customers=True)
def go_out_everywhere(request: HttpRequest, visit: Visit) -> HttpResponse:
    portal.sign_out_everywhere(customer_id=visit.me, moment=visit.moment)
    visit.new_secret, visit.forgets = "", True
    return redirect(reverse("shop:enter") + "?said=everywhere")


@shop("POST")
def choose_language(request: HttpRequest, visit: Visit) -> HttpResponse:
    """For this browser, and for the customer's mails too."""
    language = LANGUAGES.get(request.POST.get("language", ""), "en")
    if visit.session is not None and visit.customer_id is not None:
        portal.change_own_facts(customer_id=visit.me, name=visit.session.name, language=language)
    answer = redirect("shop:home")
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=_YEAR_SECONDS, samesite="Lax", secure=settings.IS_TLS
    )
    return answer
