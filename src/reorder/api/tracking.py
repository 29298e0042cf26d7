"""Where browsers, apps and servers send what people do: Segment's addresses, and GA4's Measurement Protocol.

Open to any page that the source names, so nothing here reads a cookie or acts for anybody who is signed in.
"""

import base64
import binascii
import logging
import zlib
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from reorder.api.access import Bearer
from reorder.api.problems import TooManyRequests
from reorder.domain.behaviour import errors
from reorder.domain.behaviour.sources import is_known_origin
from reorder.domain.staff.rules import Ability
from reorder.flows import event_intake
from reorder.flows.event_intake import LARGEST_BODY, Knock, Taken
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, ReorderError, explain_error

log = logging.getLogger(__name__)
_DAY_SECONDS: Final = "86400"
_KEY_PREFIX: Final = "wk_"
_STATUSES: Final[dict[type[ReorderError], int]] = {
    errors.UnknownWriteKey: 401,
    errors.OriginNotAllowed: 403,
    errors.CallTooLarge: 413,
    errors.TooManyEvents: 413,
    errors.TrackingTooFast: 429,
    TooManyRequests: 429,
}
View = Callable[..., HttpResponse]


def _sends(view: View) -> View:
    """An address that takes POST from pages of other origins, and says why where it does not take something."""

    @csrf_exempt
    @wraps(view)
    def taking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            return _with_cors(request, HttpResponse(status=204), is_preflight=True)
        if request.method != "POST":
            answer = _refuse(_("This address takes what is posted to it."), status=405)
            answer["Allow"] = "POST, OPTIONS"
            return answer
        try:
            answer = view(request, _body_of(request), *args, **kwargs)
        except RequestDataTooBig:
            answer = _refuse(_("The body is too large."), status=413)
        except (UnreadablePostError, zlib.error):
            answer = _refuse(_("The body did not come whole."), status=400)
        except ReorderError as fault:
            answer = _explain(fault)
        return _with_cors(request, answer, is_preflight=False)

    return taking


@_sends
def take_segment(request: HttpRequest, body: bytes, kind: str) -> HttpResponse:
    """One call, or a batch of them: `{"success": true}`, with what was refused beside it."""
    taken = event_intake.take_calls(body=body, kind=kind, knock=_knock(request), moment=clock.current_moment())
    return JsonResponse({"success": True, **_refusals(taken)})


@_sends
def take_ga4(request: HttpRequest, body: bytes) -> HttpResponse:
    """As Google's own address: nothing is said, whatever became of it."""
    event_intake.take_ga4(body=body, knock=_ga4_knock(request), moment=clock.current_moment())
    return HttpResponse(status=204)


@_sends
def check_ga4(request: HttpRequest, body: bytes) -> HttpResponse:
    """As Google's debug address: takes it, and says what was refused."""
    taken = event_intake.take_ga4(body=body, knock=_ga4_knock(request), moment=clock.current_moment())
    told = [
        {"fieldPath": f"events[{one.entry}]", "description": explain_error(error=one.fault, translate=_)}
        for one in taken.refusals
    ]
    return JsonResponse({"validationMessages": told})


def _knock(request: HttpRequest) -> Knock:
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    key, token = "", ""
    if scheme.lower() == "basic":
        name = _basic_name(given)
        key, token = (name, "") if name.startswith(_KEY_PREFIX) else ("", name)
    elif scheme.lower() == "bearer":
        token = given.strip()
    return _of(request, write_key=key, token=token)


def _ga4_knock(request: HttpRequest) -> Knock:
    """The measurement id is the write key; who holds the secret of a token is a server."""
    key = request.GET.get("measurement_id") or request.GET.get("firebase_app_id") or ""
    token = request.GET.get("api_secret", "")
    if not token:
        raise errors.UnknownWriteKey
    return _of(request, write_key=key, token=token)


def _of(request: HttpRequest, *, write_key: str, token: str) -> Knock:
    if token and Bearer(ability=Ability.WRITE_EVENTS).authenticate(request, token) is None:
        raise errors.UnknownWriteKey
    origin = request.headers.get("Origin", "")
    return Knock(
        write_key=write_key,
        is_trusted=bool(token),
        origin=origin,
        # Of an app or a server it is the name of a library, which says nothing of the person.
        user_agent=request.headers.get("User-Agent", "") if origin else "",
        asks_for_privacy=request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1",
    )


def _basic_name(given: str) -> str:
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _body_of(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        raise RequestDataTooBig
    body = request.body
    if request.headers.get("Content-Encoding", "") == "gzip":
        opened = zlib.decompressobj(wbits=31)
        body = opened.decompress(body, LARGEST_BODY)
        if opened.unconsumed_tail:
            raise RequestDataTooBig
    return body


def _with_cors(request: HttpRequest, answer: HttpResponse, *, is_preflight: bool) -> HttpResponse:
    """Pages of a source may read the answer. Before they send no key is seen: any source's pages are let through."""
    origin = request.headers.get("Origin", "")
    answer["Vary"] = "Origin"
    answer["Cache-Control"] = "no-store"
    if origin and answer.status_code != _STATUSES[errors.OriginNotAllowed] and is_known_origin(origin=origin[:300]):
        answer["Access-Control-Allow-Origin"] = origin
        if is_preflight:
            answer["Access-Control-Allow-Methods"] = "POST"
            answer["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            answer["Access-Control-Max-Age"] = _DAY_SECONDS
        elif answer.status_code == 429:
            # A page's script may read how long to wait.
            answer["Access-Control-Expose-Headers"] = "Retry-After"
    return answer


def _refusals(taken: Taken) -> dict[str, Any]:
    if not taken.refusals:
        return {}
    return {
        "refused": [
            {
                "entry": one.entry,
                "messageId": one.message_id,
                "code": one.fault.code,
                "detail": explain_error(error=one.fault, translate=_),
            }
            for one in taken.refusals
        ]
    }


def _explain(fault: ReorderError) -> HttpResponse:
    status = _STATUSES.get(type(fault), 400 if isinstance(fault, BadInput) else 503)
    if status == 503:
        log.warning("a tracking call could not be taken: %s", fault)
    answer = _refuse(explain_error(error=fault, translate=_), status=status, code=fault.code)
    if isinstance(fault, TooManyRequests | errors.TrackingTooFast):
        answer["Retry-After"] = str(fault.parameters["seconds"])
    return answer


def _refuse(sentence: str, *, status: int, code: str = "tracking.refused") -> HttpResponse:
    return JsonResponse({"success": False, "code": code, "detail": sentence}, status=status)


def show_script(request: HttpRequest) -> HttpResponse:
    """The script of pages, under an address that never changes; a browser asks once an hour whether it is still so."""
    if request.method not in {"GET", "HEAD"}:
        return _refuse(_("This address only shows a script."), status=405)
    answer = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=3600"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@cache
def _script() -> str:
    """As it is in our files, without indentation and comments: five kilobytes are all that a page should wait for."""
    found = finders.find("reorder/track.js")
    if not isinstance(found, str):
        raise RuntimeError("reorder/track.js is not among the static files")
    lines = (line.strip() for line in Path(found).read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


_LONG: Final = ("track", "identify", "page", "screen", "group", "alias", "batch")
_SHORT: Final = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": "batch"}
urlpatterns = [
    *(path(f"v1/{kind}", take_segment, {"kind": kind}, name="tracking") for kind in _LONG),
    # Names that blockers of advertisements do not look for.
    *(path(f"v1/{short}", take_segment, {"kind": kind}, name="tracking") for short, kind in _SHORT.items()),
    path("v1/track.js", show_script, name="tracking_script"),
    path("mp/collect", take_ga4, name="tracking"),
    path("debug/mp/collect", check_ga4, name="tracking"),
]
