"""The page behind followed links: it counts and leads on, and leads nowhere else than a message of ours pointed."""

import base64
import datetime as dt
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from reorder.domain.marketing.content_errors import BadTrackedLink
from reorder.domain.messaging.errors import BadUnsubscribeToken
from reorder.domain.storage import count_up
from reorder.flows.content.agreeing import choose, look_at_choice
from reorder.flows.content.following import follow_link, note_opening
from reorder.kernel import clock
from reorder.kernel.errors import explain_error
from reorder.web import errors
from reorder.web.middleware import address_of

app_name = "links"
# The smallest picture there is.
_PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
# From one place in a quarter of an hour; beyond them links lead on and count no more.
_MOST: Final = 300
_SPAN: Final = dt.timedelta(minutes=15)


@never_cache
def follow(request: HttpRequest, mark: str) -> HttpResponse:
    """Count the click and lead on."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    moment = clock.current_moment()
    try:
        url = follow_link(
            mark=mark,
            user_agent=request.headers.get("User-Agent", "")[:500],
            moment=moment,
            is_look=request.method == "HEAD" or _is_too_many(request, moment),
        )
    except BadTrackedLink as error:
        sentence = explain_error(error=error, translate=_)
        return _quiet(errors.say(request=request, status=404, sentence=sentence, code=error.code))
    # Not HttpResponseRedirect: its list of schemes says nothing about addresses that we signed ourselves.
    return _quiet(HttpResponse(status=302, headers={"Location": url}))


@never_cache
def opened(request: HttpRequest, mark: str) -> HttpResponse:
    """A picture that nobody sees; whatever is wrong with its mark, it is a picture."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    moment = clock.current_moment()
    if request.method == "GET" and not _is_too_many(request, moment):
        try:
            note_opening(mark=mark, user_agent=request.headers.get("User-Agent", "")[:500], moment=moment)
        except BadTrackedLink:
            return _quiet(HttpResponse(_PIXEL, content_type="image/gif", status=404))
    return _quiet(HttpResponse(_PIXEL, content_type="image/gif"))


# The mark in the address is the proof, as it is for refusing.
@csrf_exempt
@never_cache
def choice(request: HttpRequest, mark: str) -> HttpResponse:
    """Show whether opens and clicks are counted, or do what a button says; names neither person nor address."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    try:
        if request.method == "POST":
            made = choose(mark=mark, is_followed=request.POST.get("do") == "yes", moment=clock.current_moment())
        else:
            made = look_at_choice(mark=mark)
    except BadUnsubscribeToken:
        sentence = explain_error(error=BadTrackedLink(), translate=_)
        return _quiet(errors.say(request=request, status=404, sentence=sentence, code=BadTrackedLink.code))
    with translation.override(made.language):
        context = {"made": made, "language": made.language, "shop": settings.REORDER.shop_name, "mark": mark}
        context["is_done"] = request.method == "POST"
        return _quiet(render(request, "portal/follow_choice.html", context))


def _is_too_many(request: HttpRequest, moment: dt.datetime) -> bool:
    quarter = int(moment.timestamp() // _SPAN.total_seconds())
    return count_up(key=f"followed:{address_of(request)}:{quarter}", expires_at=moment + _SPAN) > _MOST


def _quiet(answer: HttpResponse) -> HttpResponse:
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


urlpatterns = [
    path("choice/<str:mark>", choice, name="choice"),
    path("<str:mark>.gif", opened, name="opened"),
    path("<str:mark>", follow, name="follow"),
]
