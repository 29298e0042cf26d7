"""The only way from a request to a customer: the switch, the method, the session of the portal, the language, headers.

This session has a cookie of its own and nothing to do with staff: whoever is signed in as staff is a stranger here.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from reorder.domain.behaviour.sources import find_source_of_origin
from reorder.domain.behaviour.visitors import sign_session
from reorder.domain.customers.carts import CartRow, find_cart
from reorder.domain.customers.portal import SESSION_LASTS, SessionRow
from reorder.flows import portal
from reorder.flows.portal.errors import TooManyTries
from reorder.flows.shop_links import shop_address
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError, explain_error
from reorder.web import errors
from reorder.web.middleware import LANGUAGES, address_of
from reorder.web.portal.words import SAID_TEMPLATES

COOKIE = "reorder_shop"
P = ParamSpec("P")
_TOO_MANY = 429
_LONGEST_ONWARD = 400


@dataclass(slots=True)
class Visit:
    """One request of somebody: who it is, when, and what the browser is to keep afterwards."""

    session: SessionRow | None
    moment: dt.datetime
    client: str
    language: str
    new_secret: str = ""
    forgets: bool = False
    _cart: list[CartRow | None] = field(default_factory=list)

    @property
    def customer_id(self) -> int | None:
        """The customer, None for a stranger."""
        return self.session.customer_id if self.session else None

    @property
    def me(self) -> int:
        """The customer of a page that only customers reach."""
        if self.customer_id is None:
            raise RuntimeError("a stranger came to a page of customers")
        return self.customer_id

    @property
    def cart(self) -> CartRow | None:
        """What lies in the cart; asked once a request."""
        if not self._cart:
            session_id = self.session.id if self.session else None
            self._cart.append(find_cart(customer_id=self.customer_id, session_id=session_id))
        return self._cart[0]

    def begin(self) -> SessionRow:
        """The session, opened for a stranger who puts something into a cart."""
        if self.session is None:
            self.session, self.new_secret = portal.open_visit(moment=self.moment)
        return self.session


View = Callable[Concatenate[HttpRequest, Visit, P], HttpResponse]


def shop(
    *methods: str, for_customers: bool = False
) -> Callable[[Callable[Concatenate[HttpRequest, Visit, P], HttpResponse]], Callable[..., HttpResponse]]:
    """A page of the portal, by these methods (GET includes HEAD and changes nothing).

    A stranger who asks for a page of customers is led to where one signs in.
    """
    allowed = [*methods, "HEAD"] if "GET" in methods else list(methods)

    def wrap(view: Callable[Concatenate[HttpRequest, Visit, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not settings.REORDER.portal:
                raise Http404
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            visit = _visit(request)
            with translation.override(visit.language):
                request.LANGUAGE_CODE = visit.language
                answer = _answer(
                    request, visit, lambda: view(request, visit, *args, **kwargs), for_customers=for_customers
                )
            return _finish(answer, visit)

        return guarded

    return wrap


def show(
    request: HttpRequest, visit: Visit, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page in the frame of the portal."""
    cart = visit.cart
    source = find_source_of_origin(origin=shop_address())
    around = {
        "tracker": source,
        "signed_visit": sign_session(customer_id=visit.me, moment=visit.moment) if source and visit.customer_id else "",
        "visit": visit,
        "language": visit.language,
        "shop": settings.REORDER.shop_name,
        "cart_count": len(cart.lines) if cart else 0,
        "terms_url": settings.REORDER.terms_url,
        "privacy_url": settings.REORDER.privacy_url,
        "said": _(SAID_TEMPLATES[request.GET["said"]]) if request.GET.get("said", "") in SAID_TEMPLATES else "",
        "currency": settings.REORDER.currency,
    }
    return render(request, template, around | context, status=status)


def _visit(request: HttpRequest) -> Visit:
    moment = clock.current_moment()
    secret = request.COOKIES.get(COOKIE, "")
    session = portal.find_visit(secret=secret, moment=moment)
    own = session.language.lower().replace("_", "-") if session else ""
    language = "zh-hant" if own.startswith("zh") else "en" if own.startswith("en") else _stranger_language(request)
    return Visit(
        session=session,
        moment=moment,
        client=address_of(request),
        language=language,
        new_secret=session.new_secret if session else "",
        forgets=bool(secret) and session is None,
    )


def _stranger_language(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in LANGUAGES:
        return chosen
    if request.headers.get("Accept-Language"):
        return LANGUAGES.get(translation.get_language_from_request(request), str(settings.LANGUAGE_CODE))
    return str(settings.LANGUAGE_CODE)


def _answer(
    request: HttpRequest, visit: Visit, view: Callable[[], HttpResponse], *, for_customers: bool
) -> HttpResponse:
    if for_customers and visit.customer_id is None:
        return redirect(reverse("shop:enter") + _way_back(request))
    try:
        return view()
    except ReorderError as error:
        status = _TOO_MANY if isinstance(error, TooManyTries) else errors.status_of(error)
        if status >= 500:
            raise
        context = {"sentence": explain_error(error=error, translate=_), "status": status}
        return show(request, visit, "portal/error.html", context, status=status)


def _way_back(request: HttpRequest) -> str:
    """The page that was asked for, so that signing in leads there; what a form sent is not sent again."""
    wanted = safe_onward(given=request.get_full_path()) if request.method == "GET" else ""
    return "?" + urlencode({"to": wanted}) if wanted else ""


def safe_onward(*, given: str) -> str:
    """A page of the portal that somebody may be led to, as it stands in an address; empty for anything else."""
    if len(given) > _LONGEST_ONWARD or not given.startswith("/shop/") or "\x00" in given or "\\" in given:
        return ""
    return given if url_has_allowed_host_and_scheme(given, allowed_hosts=None) else ""


def _finish(answer: HttpResponse, visit: Visit) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex, nofollow"
    # Not no-referrer: browsers then send forms with the origin "null", and the check against forged ones refuses them.
    answer["Referrer-Policy"] = "same-origin"
    answer["Content-Language"] = visit.language
    if visit.new_secret:
        answer.set_cookie(
            COOKIE,
            visit.new_secret,
            max_age=int(SESSION_LASTS.total_seconds()),
            path="/shop/",
            httponly=True,
            samesite="Lax",
            secure=settings.IS_TLS,
        )
    elif visit.forgets:
        answer.delete_cookie(COOKIE, path="/shop/", samesite="Lax")
    return answer
