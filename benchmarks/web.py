"""Median and 95th percentile of every main page with 20 requests in flight, and what each page costs the processor.

Starts a real `reorder serve` on a home folder that holds the demonstration (`REORDER_BENCH_HOME`, or one that is loaded
first, about two minutes), signs in, and asks page by page, then all pages mixed. Queries and processor time are counted
in this process, by the same views. Run with `python -m benchmarks.web`; `--requests 60` a page.
"""

import argparse
import http.client
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

IN_FLIGHT = 20
TARGET_MILLISECONDS = 400.0
REORDER = Path(sys.executable).with_name("reorder")
PAGES = (
    "/",
    "/customers/",
    "/customers/?tab=week",
    "/products/",
    "/demand/",
    "/buying/",
    "/buying/orders/",
    "/messages/",
    "/runs/",
    "/imports/",
    "/setup/",
    "/search?q=tea",
)
# The first link of a list leads to a page of one thing.
DETAILS = (
    ("/customers/", r'href="(/customers/\d+/?)"'),
    ("/products/", r'href="(/products/[^"/?]+/)"'),
    ("/buying/", r'href="(/buying/proposals/\d+/)"'),
    ("/messages/", r'href="(/messages/\d+/)"'),
    ("/runs/", r'href="(/runs/\d+/)"'),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One page under load, and alone."""

    path: str
    milliseconds: list[float]
    queries: int
    processor_milliseconds: float
    database_milliseconds: float
    kilobytes: float

    @property
    def median(self) -> float:
        return float(np.median(self.milliseconds))

    @property
    def p95(self) -> float:
        return float(np.quantile(self.milliseconds, 0.95))


@dataclass(frozen=True, slots=True)
class Door:
    """Where the server answers, and the cookie of who is signed in."""

    port: int
    cookie: str

    def ask(self, connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
        headers = {"Cookie": self.cookie, "Accept-Encoding": "identity", "Host": f"127.0.0.1:{self.port}"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)


@contextmanager
def loaded_home() -> Iterator[Path]:
    """A home folder with the demonstration: the given one, or one made for this run."""
    given = os.environ.get("REORDER_BENCH_HOME")
    with nullcontext(given) if given else tempfile.TemporaryDirectory(prefix="reorder-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        os.environ["REORDER_HOME"] = str(home)
        if not given:
            subprocess.run([REORDER, "demo", "--once"], check=True, stdout=subprocess.DEVNULL)
        try:
            yield home
        finally:
            if not given:
                subprocess.run([REORDER, "stop"], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def serving(*, port: int) -> Iterator[int]:
    """The process number of the running command."""
    process = subprocess.Popen([REORDER, "serve"], env={**os.environ, "REORDER_BIND": f"127.0.0.1:{port}"})
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def sign_in() -> str:
    """The cookie of an owner's session, made straight in the database."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    from reorder.domain.staff import operations, queries

    if "bench" not in {user.username for user in queries.list_users()}:
        operations.create_user(username="bench", role="owner", created_by="benchmarks")
    client = Client()
    client.force_login(
        get_user_model().objects.get(username="bench"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def find_pages(*, door: Door) -> list[str]:
    """The main pages that answer, and one page of a single thing each."""
    connection = door.connect()
    found = []
    for path in PAGES:
        status, _body = door.ask(connection, path)
        if status == 200:
            found.append(path)
        else:
            print(f"{path} answers {status}: left out")
    for path, pattern in DETAILS:
        _status, body = door.ask(connection, path)
        link = re.search(pattern, body.decode())
        if link:
            found.append(link[1])
    connection.close()
    return found


def ask_at_once(*, door: Door, paths: Sequence[str]) -> list[float]:
    """Ask all paths with 20 in flight; milliseconds of each."""
    left = list(reversed(paths))
    took: list[float] = []
    turn = threading.Lock()

    def work() -> None:
        connection = door.connect()
        while True:
            with turn:
                if not left:
                    break
                path = left.pop()
            begun = time.perf_counter()
            status, _body = door.ask(connection, path)
            milliseconds = (time.perf_counter() - begun) * 1000
            if status != 200:
                raise RuntimeError(f"{path} answered {status}")
            with turn:
                took.append(milliseconds)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def cost_of(*, path: str, cookie: str, times: int = 7) -> tuple[int, float, float, float]:
    """Queries, milliseconds of the processor, of the database, and kilobytes of one page, without load."""
    from django.db import connection
    from django.test import Client

    name, _, value = cookie.partition("=")
    client = Client()
    client.cookies[name] = value
    counted: list[float] = []

    def count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            counted.append((time.perf_counter() - begun) * 1000)

    client.get(path, headers={"host": "localhost"})
    spent = []
    with connection.execute_wrapper(count):
        for _ in range(times):
            counted.clear()
            begun = time.process_time()
            answer = client.get(path, headers={"host": "localhost"})
            spent.append((time.process_time() - begun) * 1000)
    return len(counted), float(np.median(spent)), sum(counted), len(answer.content) / 1024


def processor_seconds(*, pids: Sequence[int]) -> float:
    """What these processes and all below them have used."""
    ticks: dict[int, tuple[int, int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks[int(entry.name)] = (int(fields[1]), int(fields[11]) + int(fields[12]))
    total, todo = 0, list(pids)
    while todo:
        pid = todo.pop()
        total += ticks.get(pid, (0, 0))[1]
        todo += [child for child, (parent, _used) in ticks.items() if parent == pid]
    return total / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Mixed:
    """All pages mixed: milliseconds of each, pages a second, and processor milliseconds a page on both sides."""

    milliseconds: list[float]
    pages_a_second: float
    web_milliseconds: float
    database_milliseconds: float


def ask_mixed(*, door: Door, paths: Sequence[str], serve_pid: int) -> Mixed:
    from django.conf import settings

    servers = {"web": [serve_pid], "database": [settings.EMBEDDED.status().pid or 0]}
    before = {name: processor_seconds(pids=pids) for name, pids in servers.items()}
    begun = time.perf_counter()
    took = ask_at_once(door=door, paths=paths)
    seconds = time.perf_counter() - begun
    used = {name: (processor_seconds(pids=pids) - before[name]) * 1000 / len(took) for name, pids in servers.items()}
    return Mixed(took, len(took) / seconds, used["web"], used["database"])


def measure(*, requests: int) -> tuple[list[Measured], Mixed]:
    """Every page, and all pages mixed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    cookie = sign_in()
    with serving(port=port) as pid:
        door = Door(port=port, cookie=cookie)
        pages = find_pages(door=door)
        ask_at_once(door=door, paths=pages * 3)
        loads = {path: ask_at_once(door=door, paths=[path] * requests) for path in pages}
        mixed = ask_mixed(door=door, paths=pages * (requests // 2), serve_pid=pid)
    return [Measured(path, loads[path], *cost_of(path=path, cookie=cookie)) for path in pages], mixed


def report_lines(*, found: Sequence[Measured], mixed: Mixed) -> list[str]:
    lines = ["page                                    median ms   p95 ms  queries   cpu ms    db ms       kB"]
    lines += [
        f"{m.path[:38]:<38} {m.median:>10.0f} {m.p95:>8.0f} {m.queries:>8} {m.processor_milliseconds:>8.1f}"
        f" {m.database_milliseconds:>8.1f} {m.kilobytes:>8.1f}"
        for m in sorted(found, key=lambda one: -one.p95)
    ]
    p95 = float(np.quantile(mixed.milliseconds, 0.95))
    lines.append(
        f"all pages mixed, {IN_FLIGHT} in flight: median {np.median(mixed.milliseconds):.0f} ms, p95 {p95:.0f} ms,"
        f" {mixed.pages_a_second:.0f} pages/s; p95 against the target of {TARGET_MILLISECONDS:.0f} ms:"
        f" ratio {p95 / TARGET_MILLISECONDS:.2f}"
    )
    lines.append(
        f"processor a page: {mixed.web_milliseconds:.1f} ms in the web, {mixed.database_milliseconds:.1f} ms in the"
        f" database; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [*lines, f"peak memory of the largest process: {peak:.0f} MB"]


def main(argv: Sequence[str] | None = None) -> list[Measured]:
    """Measure and print; returns what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=60)
    requests = parser.parse_args(argv).requests
    with loaded_home():
        from reorder.cli.start import start_application

        start_application()
        found, mixed = measure(requests=requests)
    print("\n".join(report_lines(found=found, mixed=mixed)))
    return found


if __name__ == "__main__":
    main()
