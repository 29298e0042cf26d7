"""Where carriers tell us of parcels: the address is secret, the signature is judged by the account's adapter.

Nothing of what is refused is kept, and one place that is refused often is not listened to for a while.
"""

import datetime as dt
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from reorder.api.callback_answers import Door, say, take_posted
from reorder.domain.shipping.carriers.faults import BadCallback
from reorder.domain.shipping.tracking_errors import UnknownCarrierAddress
from reorder.flows import tracking
from reorder.kernel import clock

LARGEST_BODY: Final = 256_000
_DOOR: Final = Door(kind="carrier_callback", largest=LARGEST_BODY, unknown=UnknownCarrierAddress, forged=BadCallback)


@csrf_exempt
def take(request: HttpRequest, key: str) -> HttpResponse:
    """A carrier's message: 200 with what the carrier wants to hear, or why it was not taken."""
    if request.method != "POST":
        return say("This address takes what carriers post.", status=405, allow="POST")

    def taken(body: bytes, moment: dt.datetime) -> HttpResponse:
        found = tracking.take_callback(account_key=key, body=body, headers={**request.headers}, moment=moment)
        return say(found.reply, status=200)

    return take_posted(request, door=_DOOR, take=taken, moment=clock.current_moment())


urlpatterns = [
    path("carriers/<str:key>/callback", take, name="carrier-callback"),
    path("carriers/<str:key>/callback/", take),
]
