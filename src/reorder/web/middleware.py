"""What every request passes: its reference and origin, its language, who may keep the answer, and errors of ours."""

import secrets
from collections.abc import Callable
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from reorder.kernel.errors import ReorderError
from reorder.kernel.origin import Origin, coming_from
from reorder.web import errors

Answer = Callable[[HttpRequest], HttpResponse]
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")
LANGUAGES = {"en": "en", "zh-hant": "zh-hant"}


class OriginMiddleware:
    """Gives a request its reference, believes forwarded headers of trusted proxies only, and names the door."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.proxies = [ip_network(network) for network in settings.REORDER.trusted_proxies]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._is_proxy(request.META.get("REMOTE_ADDR", "")):
            for name in _FORWARDED:
                request.META.pop(name, None)
        reference = secrets.token_hex(5)
        request.reference = reference  # type: ignore[attr-defined]
        request.client_address = self._client(request)  # type: ignore[attr-defined]
        via = "api" if request.path.startswith("/api/") else "web"
        with coming_from(origin=Origin(via=via, request_id=reference, address=address_of(request))):
            response = self.get_response(request)
        response["X-Request-Id"] = reference
        return response

    def _is_proxy(self, address: str) -> bool:
        if not self.proxies or not address:
            return False
        try:
            return any(ip_address(address) in network for network in self.proxies)
        except ValueError:
            return False

    def _client(self, request: HttpRequest) -> str:
        """The address nearest to us that is not a proxy of ours: what a client writes further left is not believed."""
        chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        for address in reversed(chain):
            if not self._is_proxy(address):
                return str(address)
        return str(request.META.get("REMOTE_ADDR", ""))


def address_of(request: HttpRequest) -> str:
    """The client's address as far as trusted proxies vouch for it."""
    return str(getattr(request, "client_address", "") or request.META.get("REMOTE_ADDR", ""))


class LanguageMiddleware:
    """A person's own language; else the one chosen by cookie, else the browser's, else the shop's."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = self._language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        response.headers.setdefault("Content-Language", language)
        return response

    def _language(self, request: HttpRequest) -> str:
        if request.path.startswith("/api/"):
            asked = translation.get_language_from_request(request)
            return LANGUAGES.get(asked, "en")
        if request.user.is_authenticated:
            return LANGUAGES.get(request.user.language, str(settings.LANGUAGE_CODE))
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if chosen in LANGUAGES:
            return chosen
        if request.headers.get("Accept-Language"):
            return LANGUAGES.get(translation.get_language_from_request(request), settings.LANGUAGE_CODE)
        return str(settings.LANGUAGE_CODE)


class NoStoreMiddleware:
    """Nobody keeps an answer that does not say otherwise: after signing out, Back shows no customer on a shared screen.

    Files of `/static/` do not come by here.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ErrorMiddleware:
    """An error of ours becomes a page, or a fragment, that says what, where and how to mend it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, ReorderError):
            return errors.explain(request=request, error=error)
        return None
