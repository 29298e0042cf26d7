"""karrio loaded without its habits: its requests go out by our guarded way, once each, and TLS stays checked.

On import karrio turns off the checking of certificates for the whole process; that is put back. Its own way out calls
twice when a request fails under a tracing library, which for labels would mean two: it is replaced as a whole.
"""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from functools import cache
from io import BytesIO
from types import ModuleType
from typing import Any, Final
from urllib.error import HTTPError

from reorder.domain.shipping.carriers.faults import CarrierExtraMissing, CarrierFault, CarrierUnreached
from reorder.kernel.http_calls import HttpAnswer, HttpSend

_COMMAND: Final = "uv sync --extra karrio"
_ERROR_FROM: Final = 400
# karrio keeps its way out in a module: one conversation at a time uses it.
_TALKING: Final = threading.Lock()
_OPEN: list["Talk"] = []


@dataclass
class Talk:
    """One conversation: how requests go out, and what became of the last one."""

    send: HttpSend
    answers: list[HttpAnswer] = field(default_factory=list)
    fault: CarrierFault | None = None

    @property
    def last_status(self) -> int:
        return self.answers[-1].status if self.answers else 0


class _Reply:
    """What karrio reads of an answer."""

    def __init__(self, answer: HttpAnswer, *, url: str) -> None:
        self._body = answer.body
        self.status = answer.status
        self.headers = _headers(answer.headers)
        self.url = url

    def read(self) -> bytes:
        return self._body

    def __enter__(self) -> "_Reply":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""


@contextmanager
def talking(*, send: HttpSend) -> Iterator[Talk]:
    """A conversation in which karrio's requests go out by `send`; others wait. Raises CarrierExtraMissing."""
    load_karrio()
    with _TALKING:
        talk = Talk(send=send)
        _OPEN[:] = [talk]
        try:
            yield talk
        finally:
            _OPEN.clear()


@cache
def load_karrio() -> ModuleType:
    """The library, tamed; raises CarrierExtraMissing with the command that installs it."""
    before = ssl._create_default_https_context  # noqa: SLF001 - what karrio overwrites
    try:
        import jinja2  # noqa: F401 - without it karrio finds no carrier and only a log line says so
        from karrio import sdk
        from karrio.core.utils import helpers
    except ImportError as fault:
        raise CarrierExtraMissing(
            carrier="karrio", adapter="karrio", missing=fault.name or str(fault), command=_COMMAND
        ) from fault
    finally:
        ssl._create_default_https_context = before  # noqa: SLF001
    helpers._urlopen_with_span = _go_out  # noqa: SLF001 - the only way out of karrio
    helpers.urlopen = _go_out
    loaded: ModuleType = sdk
    return loaded


def _go_out(request: Any, timeout: float | None = None, **_options: Any) -> _Reply:
    """In place of urlopen: refused outside a conversation."""
    if not _OPEN:
        raise CarrierUnreached(carrier="karrio", cause="it could not be reached")
    talk = _OPEN[0]
    try:
        answer = talk.send(
            url=request.full_url,
            method=request.get_method(),
            headers={name.lower(): str(value) for name, value in request.header_items()},
            body=request.data or b"",
        )
    except CarrierFault as fault:
        talk.fault = fault
        raise
    talk.answers.append(answer)
    if answer.status >= _ERROR_FROM:
        raise HTTPError(request.full_url, answer.status, "refused", _headers(answer.headers), BytesIO(answer.body))
    return _Reply(answer, url=request.full_url)


def _headers(given: Mapping[str, str]) -> Message:
    headers = Message()
    for name, value in given.items():
        headers[name] = value
    return headers
