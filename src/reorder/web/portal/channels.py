"""How a customer is reached besides mail: notifications in this browser, and the tie to their LINE account."""

import json
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles.finders import find
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from reorder.flows import channel_setup
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.portal.gate import Visit, shop, show

# The words that people agree to; changed words are another version.
BROWSER_TEXT_VERSION: Final = "browser-2026-11"
_LONGEST_BODY: Final = 10_000
_LONGEST_TOKEN: Final = 200


@shop("GET")
def worker(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The service worker of the shop's pages; its place makes it one of /shop/ alone."""
    script = Path(str(find("reorder/push-worker.js"))).read_text()
    answer = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@shop("POST", for_customers=True)
def subscribe(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Keep this browser's subscription."""
    try:
        channel_setup.subscribe_browser(
            customer_id=visit.me,
            subscription=_body(request),
            text_version=BROWSER_TEXT_VERSION,
            moment=visit.moment,
        )
    except BadInput as fault:
        return JsonResponse({"error": explain_error(error=fault, translate=_)}, status=422)
    return JsonResponse({"kept": True})


@shop("POST", for_customers=True)
def unsubscribe(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Forget this browser."""
    endpoint = str(_body(request).get("endpoint") or "")
    gone = channel_setup.unsubscribe_browser(customer_id=visit.me, endpoint=endpoint, moment=visit.moment)
    return JsonResponse({"forgotten": gone})


@shop("GET", "POST", for_customers=True)
def line(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Tie the LINE account that a follower comes from; the way on is a link, for the word in it is good once."""
    token = (request.POST if request.method == "POST" else request.GET).get("linkToken", "")[:_LONGEST_TOKEN]
    onward = ""
    if request.method == "POST" and token:
        onward = channel_setup.line_link(
            customer_id=visit.me, link_token=token, wants_news="news" in request.POST, moment=visit.moment
        )
    return show(request, visit, "portal/line.html", {"token": token, "onward": onward})


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body[:_LONGEST_BODY])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
