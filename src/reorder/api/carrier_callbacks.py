"""Where carriers tell us of parcels: the address is secret, the signature is judged by the account's adapter.

Nothing of what is refused is kept, and one place that is refused often is not listened to for a while.
"""

import datetime as dt
import logging
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from reorder.domain.shipping.carriers.faults import BadCallback
from reorder.domain.shipping.tracking_errors import UnknownCarrierAddress
from reorder.domain.storage import count_up, read_count
from reorder.flows import tracking
from reorder.kernel import clock
from reorder.kernel.errors import ReorderError

log = logging.getLogger(__name__)
LARGEST_BODY: Final = 256_000
# Refused messages of one place in a quarter of an hour; carriers that are well set up have none.
_MOST_REFUSED: Final = 60
_SPAN: Final = dt.timedelta(minutes=15)


@csrf_exempt
def take(request: HttpRequest, key: str) -> HttpResponse:
    """A carrier's message: 200 with what the carrier wants to hear, or why it was not taken."""
    if request.method != "POST":
        return _say("This address takes what carriers post.", status=405, allow="POST")
    moment = clock.current_moment()
    counter = _counter(request, moment)
    if read_count(key=counter) >= _MOST_REFUSED:
        return _say("Too many messages from here were refused. Wait a while.", status=429)
    try:
        body = _body_of(request)
    except RequestDataTooBig:
        return _say("The message is larger than 256 kB.", status=413)
    except UnreadablePostError:
        return _say("The message did not come whole.", status=400)
    try:
        taken = tracking.take_callback(account_key=key, body=body, headers={**request.headers}, moment=moment)
    except UnknownCarrierAddress:
        count_up(key=counter, expires_at=moment + _SPAN)
        return _say("There is nothing at this address.", status=404)
    except BadCallback as fault:
        count_up(key=counter, expires_at=moment + _SPAN)
        log.warning("a message to a carrier account was refused: %s", fault)
        return _say("This message is not taken: its signature is wrong, or it is none.", status=403)
    except ReorderError as fault:
        # The account cannot be opened as it stands: the carrier sends the same again later.
        log.warning("a carrier's message could not be taken: %s", fault)
        return _say("Not now. Send it again later.", status=503)
    return _say(taken.reply, status=200)


def _body_of(request: HttpRequest) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise RequestDataTooBig
    body = request.body
    if len(body) > LARGEST_BODY:
        raise RequestDataTooBig
    return body


def _counter(request: HttpRequest, moment: dt.datetime) -> str:
    address = getattr(request, "client_address", "") or request.META.get("REMOTE_ADDR", "")
    return f"carrier_callback:{address}:{int(moment.timestamp() // _SPAN.total_seconds())}"


def _say(text: str, *, status: int, allow: str = "") -> HttpResponse:
    answer = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    if allow:
        answer["Allow"] = allow
    return answer


urlpatterns = [
    path("carriers/<str:key>/callback", take, name="carrier-callback"),
    path("carriers/<str:key>/callback/", take),
]
