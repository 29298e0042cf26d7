"""A server that answers as message providers do, in a thread: what it was asked is kept, what it answers is set."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.factories.http_peer import QuietHandler, http_peer


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Provider:
    """`answers` by the end of a path, each used up but the last: (status, body) or (status, body, headers).

    The status 0 closes the connection without an answer.
    """

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, end: str, *answers: tuple[Any, ...]) -> None:
        """Forget what was asked and answered before, and answer only this."""
        self.answers = {end: list(answers)}
        self.asked.clear()

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def take(self, asked: Asked) -> tuple[Any, ...]:
        with self.guard:
            self.asked.append(asked)
            path = asked.path.partition("?")[0]
            for end, given in self.answers.items():
                if path.endswith(end):
                    return given.pop(0) if len(given) > 1 else given[0]
        return 404, {"message": "no such address"}


@contextmanager
def provider() -> Iterator[Provider]:
    """The server until the block ends."""
    known = Provider()

    class Handler(QuietHandler):
        def _serve(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said, *rest = known.take(Asked(self.command, self.path, headers, self.read_body()))
            if not status:
                self.close_connection = True
                self.connection.close()
                return
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.say(status=status, body=body, headers=rest[0] if rest else None)

        do_GET = do_POST = _serve  # noqa: N815 - names of http.server

    with http_peer(Handler) as port:
        known.port = port
        yield known
