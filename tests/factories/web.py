"""A real web server of an installation, the processes below it, and a browser-like client of it."""

import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

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
def serving(shop: Installation, *words: str, port: int = 0, **settings: str) -> Iterator[Web]:
    """`reorder serve` (or other words) until the block ends; on a free port unless one is given."""
    port = port or free_port()
    process = shop.start(*(words or ("serve",)), REORDER_BIND=f"127.0.0.1:{port}", **settings)
    web = Web(shop=shop, port=port, process=process)
    try:
        wait_until(lambda: web.answers() or process.poll() is not None, what="the first page", pause_seconds=0.1)
        assert process.poll() is None, (shop.home / "background.log").read_text()
        yield web
    finally:
        if process.poll() is None:
            web.stop()


def children_of(pid: int) -> list[int]:
    """Processes below this one, however deep."""
    listed = subprocess.run(["/bin/ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    below: dict[int, list[int]] = {}
    for line in listed.splitlines():
        child, parent = map(int, line.split())
        below.setdefault(parent, []).append(child)
    found, todo = [], [pid]
    while todo:
        for child in below.get(todo.pop(), []):
            found.append(child)
            todo.append(child)
    return found


def role_of(pid: int) -> str:
    """What a process below `reorder serve` does: pages, worker, demo."""
    try:
        return " ".join(Path(f"/proc/{pid}/cmdline").read_text().split("\0")[3:4])
    except OSError:
        return ""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class _Form(HTMLParser):
    """What a browser would send of the form with this action, untouched."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self._action = action
        self._is_inside = False
        self._select = ""
        self.fields: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = given.get("action") == self._action
        if not self._is_inside:
            return
        if tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and "selected" in given:
            self.fields.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "input" and given.get("name"):
            is_box = given.get("type") in {"checkbox", "radio"}
            if not is_box or "checked" in given:
                self.fields.setdefault(given["name"], []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False


def form_of(page: str, *, action: str) -> dict[str, list[str]]:
    """The fields of a form as they stand in the page."""
    reader = _Form(action)
    reader.feed(page)
    return reader.fields


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
        return self.client.post(path, data={**(fields or {}), "csrfmiddlewaretoken": token})
