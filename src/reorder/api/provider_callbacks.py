"""Where providers tell us of messages: the address is secret, the signature is judged by the account's adapter.

Nothing of what is refused is kept, and one place that is refused often is not listened to for a while.
"""

import datetime as dt
import logging
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from reorder.api.callback_answers import body_of, is_refused_often, note_refused, say
from reorder.domain.messaging.channels.base import BadCallback
from reorder.domain.messaging.errors import UnknownChannelAddress
from reorder.flows import channel_setup
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError

log = logging.getLogger(__name__)
LARGEST_BODY: Final = 1_000_000
_KIND: Final = "channel_callback"


@csrf_exempt
def take(request: HttpRequest, key: str) -> HttpResponse:
    """A provider's message: 200 with what the provider wants to hear, or why it was not taken."""
    if request.method == "GET":
        # Some providers look whether the address answers before they take it.
        return say("This address takes what message providers post.", status=200)
    if request.method != "POST":
        return say("This address takes what message providers post.", status=405, allow="GET, POST")
    moment = clock.current_moment()
    if is_refused_often(request, kind=_KIND, moment=moment):
        return say("Too many messages from here were refused. Wait a while.", status=429)
    try:
        body = body_of(request, largest=LARGEST_BODY)
    except RequestDataTooBig:
        return say("The message is larger than 1 MB.", status=413)
    except UnreadablePostError:
        return say("The message did not come whole.", status=400)
    return _take(request, key=key, body=body, moment=moment)


def _take(request: HttpRequest, *, key: str, body: bytes, moment: dt.datetime) -> HttpResponse:
    try:
        taken = channel_setup.take_callback(
            account_key=key,
            body=body,
            headers={**request.headers},
            url=channel_setup.callback_address(callback_key=key, query=request.META.get("QUERY_STRING", "")),
            content_type=request.META.get("CONTENT_TYPE", ""),
            moment=moment,
        )
    except UnknownChannelAddress:
        note_refused(request, kind=_KIND, moment=moment)
        return say("There is nothing at this address.", status=404)
    except BadCallback as fault:
        note_refused(request, kind=_KIND, moment=moment)
        log.warning("a message to a channel account was refused: %s", fault)
        return say("This message is not taken: its signature is wrong, or it is none.", status=403)
    except ReorderError as fault:
        # The account cannot be opened as it stands: the provider sends the same again later.
        log.warning("a provider's message could not be taken: %s", fault)
        return say("Not now. Send it again later.", status=503)
    answer = say(taken.reply, status=200)
    answer["Content-Type"] = taken.reply_type
    return answer


urlpatterns = [
    path("channels/<str:key>/callback", take, name="channel-callback"),
    path("channels/<str:key>/callback/", take),
]
