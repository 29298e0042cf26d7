"""What the benchmarks of desks share: a SYNTHETIC shop in an embedded database of their own, and pages timed singly."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROUNDS = 15
Ask = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timed:
    name: str
    median_ms: float
    p95_ms: float
    first_ms: float


@contextmanager
def own_database() -> Iterator[None]:
    """A home folder and an embedded database that are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="reorder-bench-") as folder:
        os.environ["REORDER_HOME"] = f"{folder}/home"
        Path(folder).chmod(0o755)
        from reorder.cli.start import start_application

        start_application()
        from reorder.config import settings

        try:
            yield
        finally:
            settings.EMBEDDED.stop()


def make_rows(*, statements: Sequence[str], parameters: Mapping[str, Any]) -> None:
    """Fill the tables, and say how many seconds each takes."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in (*statements, "VACUUM ANALYZE"):
            started = time.perf_counter()
            cursor.execute(statement, dict(parameters))
            name = " ".join(statement.split("(")[0].split()).removeprefix("INSERT INTO ")
            print(f"made {name:32s} {time.perf_counter() - started:7.1f} s", flush=True)


def signed_in() -> Callable[[str, Mapping[str, str]], Ask]:
    """Makes what asks for a page as an owner: session, queries and template together."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from reorder.domain.staff import operations

    operations.create_user(username="bench", role="owner", created_by="benchmarks")
    client = Client(headers={"host": "localhost"})
    person = get_user_model().objects.get(username="bench")
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    def get(path: str, query: Mapping[str, str]) -> Ask:
        def ask() -> object:
            answer = client.get(path, dict(query))
            if answer.status_code != 200:
                raise SystemExit(f"{path} {query} answered {answer.status_code}")
            return answer

        return ask

    return get


def time_pages(*, asked: Mapping[str, Ask], rounds: int = ROUNDS) -> list[Timed]:
    """Each page once cold and `rounds` times warm."""
    return [_timed(name=name, ask=ask, rounds=rounds) for name, ask in asked.items()]


def report(*, shop: str, found: Sequence[Timed]) -> None:
    """One line a page, and the slowest."""
    print(f"{shop}, milliseconds   median      p95    first")
    for one in found:
        print(f"{one.name:44s} {one.median_ms:8.1f} {one.p95_ms:8.1f} {one.first_ms:8.1f}")
    print(f"slowest p95: {max(one.p95_ms for one in found):.0f} ms (target 200)")


def _timed(*, name: str, ask: Ask, rounds: int) -> Timed:
    spent = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - started) * 1000)
    first, *warm = spent
    return Timed(name, statistics.median(warm), sorted(warm)[round(0.95 * (len(warm) - 1))], first)
