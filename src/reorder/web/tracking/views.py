"""The page behind the link of a letter: how far the parcels of an order are, and nothing about whose order it is."""

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from reorder.domain.shipping.public_links import read_token
from reorder.domain.shipping.tracking_errors import PublicLinkUseless
from reorder.domain.storage import count_up
from reorder.kernel import clock
from reorder.kernel.errors import explain_error
from reorder.web.middleware import LANGUAGES, address_of
from reorder.web.tracking.showing import shown_parcels

# Looks from one place in a quarter of an hour, and of those that found nothing.
_MOST_LOOKS: Final = 300
_MOST_USELESS: Final = 40
_SPAN: Final = dt.timedelta(minutes=15)


def follow(request: HttpRequest, token: str) -> HttpResponse:
    """How far the parcels behind a token are; the language may be said in the address."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    chosen = LANGUAGES.get(request.GET.get("language", ""), "")
    with translation.override(chosen or translation.get_language()):
        return _answer(request, token=token)


def _answer(request: HttpRequest, *, token: str) -> HttpResponse:
    moment = clock.current_moment()
    if _count(request, "looks", moment=moment) > _MOST_LOOKS:
        return _show(request, {"fault": _("Too many looks from here. Wait a while, then try again.")}, status=429)
    try:
        order_id = read_token(token=token, moment=moment)
    except PublicLinkUseless as error:
        if _count(request, "useless", moment=moment) > _MOST_USELESS:
            return _show(request, {"fault": _("Too many looks from here. Wait a while, then try again.")}, status=429)
        return _show(request, {"fault": explain_error(error=error, translate=_)}, status=404)
    return _show(request, {"parcels": shown_parcels(order_id=order_id), "token": token})


def _show(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    language = "zh-hant" if (translation.get_language() or "").startswith("zh") else "en"
    around = {"language": language, "shop": settings.REORDER.shop_name}
    answer = render(request, "tracking/follow.html", around | context, status=status)
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Content-Language"] = language
    return answer


def _count(request: HttpRequest, what: str, *, moment: dt.datetime) -> int:
    quarter = int(moment.timestamp() // _SPAN.total_seconds())
    return count_up(key=f"follow:{what}:{address_of(request)}:{quarter}", expires_at=moment + _SPAN)
