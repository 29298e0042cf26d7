"""Where carriers tell us of parcels: the address is secret, the signature is judged by the account's adapter.

Nothing of what is refused is kept, and one place that is refused often is not listened to for a while.
"""

import logging
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from reorder.api.callback_answers import body_of, is_refused_often, note_refused, say
from reorder.domain.shipping.carriers.faults import BadCallback
from reorder.domain.shipping.tracking_errors import UnknownCarrierAddress
from reorder.flows import tracking
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError

log = logging.getLogger(__name__)
LARGEST_BODY: Final = 256_000
_KIND: Final = "carrier_callback"


@csrf_exempt
def take(request: HttpRequest, key: str) -> HttpResponse:
    """A carrier's message: 200 with what the carrier wants to hear, or why it was not taken."""
    if request.method != "POST":
        return say("This address takes what carriers post.", status=405, allow="POST")
    moment = clock.current_moment()
    if is_refused_often(request, kind=_KIND, moment=moment):
        return say("Too many messages from here were refused. Wait a while.", status=429)
    try:
        body = body_of(request, largest=LARGEST_BODY)
    except RequestDataTooBig:
        return say("The message is larger than 256 kB.", status=413)
    except UnreadablePostError:
        return say("The message did not come whole.", status=400)
    try:
        taken = tracking.take_callback(account_key=key, body=body, headers={**request.headers}, moment=moment)
    except UnknownCarrierAddress:
        note_refused(request, kind=_KIND, moment=moment)
        return say("There is nothing at this address.", status=404)
    except BadCallback as fault:
        note_refused(request, kind=_KIND, moment=moment)
        log.warning("a message to a carrier account was refused: %s", fault)
        return say("This message is not taken: its signature is wrong, or it is none.", status=403)
    except ReorderError as fault:
        # The account cannot be opened as it stands: the carrier sends the same again later.
        log.warning("a carrier's message could not be taken: %s", fault)
        return say("Not now. Send it again later.", status=503)
    return say(taken.reply, status=200)


urlpatterns = [
    path("carriers/<str:key>/callback", take, name="carrier-callback"),
    path("carriers/<str:key>/callback/", take),
]
