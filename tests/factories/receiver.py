"""A receiver of webhooks: a real server in a thread that remembers what it was told and answers as it was bidden."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What it answers; `raw` replaces the whole answer, `hang_seconds` come before it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw: bytes | None = None
    hang_seconds: float = 0


@dataclass
class Receiver:
    """Where it listens, what it heard, and how it answers: `replies` one after the other, then `usual`."""

    port: int = 0
    heard: list[Received] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    usual: Reply = field(default_factory=Reply)
    choose: Callable[[Received], Reply] | None = None
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def reply_to(self, request: Received) -> Reply:
        if self.choose is not None:
            return self.choose(request)
        return self.replies.pop(0) if self.replies else self.usual


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Who hangs up on us is part of the test."""


@contextmanager
def receiving(*replies: Reply, usual: Reply | None = None) -> Iterator[Receiver]:
    """A receiver until the block ends."""
    receiver = Receiver(replies=list(replies), usual=usual or Reply())
    guard = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(path=self.path, headers=headers, body=body)
            with guard:
                receiver.heard.append(request)
                reply = receiver.reply_to(request)
            if reply.hang_seconds:
                receiver.closing.wait(reply.hang_seconds)
            if reply.raw is not None:
                self.wfile.write(reply.raw)
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            try:
                self.wfile.write(reply.body)
            except OSError:
                return

        do_GET = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    receiver.port = int(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        sleep(0.01)
        server.shutdown()
        server.server_close()
        thread.join()
