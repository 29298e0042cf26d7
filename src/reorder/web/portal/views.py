"""Unsubscribing by the link of a mail: GET shows (scanners open links), POST acts, also when a mail program posts.

The page names neither person nor address: whoever a mail is forwarded to learns nothing from it.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from reorder.domain.messaging.errors import BadUnsubscribeToken
from reorder.flows import outbox
from reorder.flows.repeat_cycle.wording import language_of
from reorder.kernel import clock

_ONE_CLICK = "one click in the mail program"
_LINK = "link in a mail"


# A mail program posts by itself, without cookie and token (RFC 8058); the mark in the address is the proof.
@csrf_exempt
@never_cache
def unsubscribe(request: HttpRequest, mark: str) -> HttpResponse:
    """Show what a click will do, or do it."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    try:
        page = outbox.open_unsubscribe_link(mark=mark)
        if request.method == "POST":
            is_one_click = request.POST.get("List-Unsubscribe") == "One-Click"
            outbox.unsubscribe_by_link(
                mark=mark, source=_ONE_CLICK if is_one_click else _LINK, moment=clock.current_moment()
            )
    except BadUnsubscribeToken:
        return _answer(request, step="bad", language=settings.REORDER.language, status=404)
    language = language_of(customer_language=page.language, shop_language=settings.REORDER.language)
    return _answer(request, step="done" if request.method == "POST" else "ask", language=language)


def _answer(request: HttpRequest, *, step: str, language: str, status: int = 200) -> HttpResponse:
    with translation.override(language):
        context = {"step": step, "language": language, "shop": settings.REORDER.shop_name}
        answer = render(request, "portal/unsubscribe.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
