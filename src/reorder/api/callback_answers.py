"""What addresses for messages of other systems share: bounded bodies, plain answers, patience with few faults."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from reorder.domain.storage import count_up, read_count
from reorder.kernel.errors import ReorderError

log = logging.getLogger(__name__)

# Refused messages of one place in a quarter of an hour; others that are well set up have none.
_MOST_REFUSED: Final = 60
_SPAN: Final = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """An address that takes what other systems post: who that is, how much at most, and what means that it is not."""

    kind: str
    largest: int
    unknown: type[ReorderError]
    forged: type[ReorderError]


def take_posted(
    request: HttpRequest, *, door: Door, take: Callable[[bytes, dt.datetime], HttpResponse], moment: dt.datetime
) -> HttpResponse:
    """The answer to what was posted: that of `take`, or why it was not taken."""
    counter = _counter(request, door.kind, moment)
    if read_count(key=counter) >= _MOST_REFUSED:
        return say("Too many messages from here were refused. Wait a while.", status=429)
    try:
        body = _body_of(request, largest=door.largest)
    except RequestDataTooBig:
        return say(f"The message is larger than {door.largest // 1000} kB.", status=413)
    except UnreadablePostError:
        return say("The message did not come whole.", status=400)
    try:
        return take(body, moment)
    except door.unknown:
        count_up(key=counter, expires_at=moment + _SPAN)
        return say("There is nothing at this address.", status=404)
    except door.forged as fault:
        count_up(key=counter, expires_at=moment + _SPAN)
        log.warning("a %s was refused: %s", door.kind, fault)
        return say("This message is not taken: its signature is wrong, or it is none.", status=403)
    except ReorderError as fault:
        # The account cannot be opened as it stands: the other side sends the same again later.
        log.warning("a %s could not be taken: %s", door.kind, fault)
        return say("Not now. Send it again later.", status=503)


def _body_of(request: HttpRequest, *, largest: int) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > largest:
        raise RequestDataTooBig
    body = request.body
    if len(body) > largest:
        raise RequestDataTooBig
    return body


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
