"""What addresses for messages of other systems share: bounded bodies, plain answers, patience with few faults."""

import datetime as dt
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from reorder.domain.storage import count_up, read_count

# Refused messages of one place in a quarter of an hour; others that are well set up have none.
_MOST_REFUSED: Final = 60
_SPAN: Final = dt.timedelta(minutes=15)


def body_of(request: HttpRequest, *, largest: int) -> bytes:
    """The body as it came. Raises RequestDataTooBig, UnreadablePostError."""
    if int(request.headers.get("Content-Length") or 0) > largest:
        raise RequestDataTooBig
    body = request.body
    if len(body) > largest:
        raise RequestDataTooBig
    return body


def is_refused_often(request: HttpRequest, *, kind: str, moment: dt.datetime) -> bool:
    """Whether so much from this place was refused that it is not listened to for a while."""
    return read_count(key=_counter(request, kind, moment)) >= _MOST_REFUSED


def note_refused(request: HttpRequest, *, kind: str, moment: dt.datetime) -> None:
    """Count a refused message of this place."""
    count_up(key=_counter(request, kind, moment), expires_at=moment + _SPAN)


def say(text: str, *, status: int, allow: str = "") -> HttpResponse:
    """A plain answer that nobody keeps or lists."""
    answer = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    if allow:
        answer["Allow"] = allow
    return answer


def _counter(request: HttpRequest, kind: str, moment: dt.datetime) -> str:
    address = getattr(request, "client_address", "") or request.META.get("REMOTE_ADDR", "")
    return f"{kind}:{address}:{int(moment.timestamp() // _SPAN.total_seconds())}"
