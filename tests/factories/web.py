"""A real web server of an installation, and a browser-like client of it."""

import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tests.factories.installation import Installation
from tests.factories.waiting import wait_until


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Web:
    """One running `reorder serve` and where it answers."""

    shop: Installation
    port: int
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/account/login/", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@contextmanager
def serving(shop: Installation, *words: str, **settings: str) -> Iterator[Web]:
    """`reorder serve` (or other words) until the block ends."""
    port = free_port()
    process = shop.start(*(words or ("serve",)), REORDER_BIND=f"127.0.0.1:{port}", **settings)
    web = Web(shop=shop, port=port, process=process)
    try:
        wait_until(lambda: web.answers() or process.poll() is not None, what="the first page", pause_seconds=0.1)
        assert process.poll() is None, (shop.home / "background.log").read_text()
        yield web
    finally:
        if process.poll() is None:
            web.stop()


class Person:
    """Somebody signed in by a link; sends forms as a browser does."""

    def __init__(self, *, web: Web, name: str) -> None:
        said = web.shop.say("user", "link", name)
        secret = re.findall(r"/sign-in/([\w-]+)", said)[0]
        self.client = httpx.Client(base_url=web.url, timeout=20, follow_redirects=False)
        self.client.get(f"/sign-in/{secret}")
        answer = self.post(f"/sign-in/{secret}")
        assert answer.status_code == 302, answer.text

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, path: str, fields: Mapping[str, str | list[str]] | None = None) -> httpx.Response:
        """A form with the token that protects it."""
        token = self.client.cookies.get("reorder_csrf") or ""
        return self.client.post(path, data={"csrfmiddlewaretoken": token, **(fields or {})})
