"""Where message providers tell us of messages: a secret address, signatures judged by the adapter of the account."""

import datetime as dt
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from reorder.api.callback_answers import Door, say, take_posted
from reorder.domain.messaging.channels.base import BadCallback
from reorder.domain.messaging.errors import UnknownChannelAddress
from reorder.flows import channel_setup
from reorder.kernel import clock

_DOOR: Final = Door(kind="channel_callback", largest=1_000_000, unknown=UnknownChannelAddress, forged=BadCallback)
_WORDS: Final = "This address takes what message providers post."


@csrf_exempt
def take(request: HttpRequest, key: str) -> HttpResponse:
    """A provider's message: 200 with what the provider wants to hear, or why it was not taken."""
    if request.method == "GET":
        # Some providers look whether the address answers before they take it.
        return say(_WORDS, status=200)
    if request.method != "POST":
        return say(_WORDS, status=405, allow="GET, POST")

    def taken(body: bytes, moment: dt.datetime) -> HttpResponse:
        found = channel_setup.take_callback(
            account_key=key,
            body=body,
            headers={**request.headers},
            url=channel_setup.callback_address(callback_key=key, query=request.META.get("QUERY_STRING", "")),
            content_type=request.META.get("CONTENT_TYPE", ""),
            moment=moment,
        )
        answer = say(found.reply, status=200)
        answer["Content-Type"] = found.reply_type
        return answer

    return take_posted(request, door=_DOOR, take=taken, moment=clock.current_moment())


urlpatterns = [
    path("channels/<str:key>/callback", take, name="channel-callback"),
    path("channels/<str:key>/callback/", take),
]
