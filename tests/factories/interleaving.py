"""Two transactions in a chosen order at one edge: the second starts while the first holds what it has not committed."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Generic, TypeVar

from django.db import connection

from reorder.domain.storage import widened_transaction
from tests.factories.waiting import wait_until

First = TypeVar("First")
Second = TypeVar("Second")
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Interleaved(Generic[First, Second]):
    """What both answered, and whether the second had to wait for the first."""

    first: First
    second: Second
    waited: bool


class _TakenBackError(Exception):
    """Undoes the first transaction."""


def meet(
    *, first: Callable[[], First], second: Callable[[], Second], first_is_undone: bool = False
) -> Interleaved[First, Second]:
    """Run `first` in a transaction that stays open until `second` waits for it or is through; then end it.

    Each has a connection of its own. Needs a transactional test.
    """
    done, go_on, pids = Event(), Event(), list[int]()

    def run_first() -> First:
        answers: list[First] = []
        try:
            with widened_transaction():
                answers.append(first())
                done.set()
                go_on.wait(_SECONDS)
                if first_is_undone:
                    raise _TakenBackError
        except _TakenBackError:
            pass
        finally:
            done.set()
            connection.close()
        return answers[0]

    def run_second() -> Second:
        try:
            connection.ensure_connection()
            pids.append(connection.connection.info.backend_pid)
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(run_first)
        try:
            assert done.wait(_SECONDS)
            two = pool.submit(run_second)
            wait_until(
                lambda: two.done() or _is_waiting(pids), what="the second transaction's turn", timeout_seconds=60
            )
            waited = not two.done()
        finally:
            go_on.set()
        return Interleaved(_answer(one), _answer(two), waited)


def queue(*, holder: Callable[[], object], works: Sequence[Callable[[], Second]]) -> list[Second]:
    """Let `works` wait one behind the other for what `holder` holds, then let go; their answers in their order.

    Each has a connection of its own. Needs a transactional test.
    """
    held, go_on = Event(), Event()
    pids: dict[int, int] = {}

    def hold() -> None:
        try:
            with widened_transaction():
                holder()
                held.set()
                go_on.wait(_SECONDS)
        finally:
            held.set()
            connection.close()

    def run(turn: int) -> Second:
        try:
            connection.ensure_connection()
            pids[turn] = connection.connection.info.backend_pid
            return works[turn]()
        finally:
            connection.close()

    with ThreadPoolExecutor(1 + len(works)) as pool:
        one = pool.submit(hold)
        try:
            assert held.wait(_SECONDS)
            futures = []
            for turn in range(len(works)):
                futures.append(pool.submit(run, turn))
                wait_until(lambda turn=turn: turn in pids and _is_waiting([pids[turn]]), what=f"the turn of {turn}")
        finally:
            go_on.set()
        _answer(one)
        return [_answer(future) for future in futures]


def _answer(future: "Future[First]") -> First:
    return future.result(_SECONDS)


def _is_waiting(pids: list[int]) -> bool:
    if not pids:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", pids[:1])
        found = cursor.fetchone()
    return bool(found and found[0])
