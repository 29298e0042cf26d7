"""Many hands at one thing: threads that start together, each with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


def at_once(work: Callable[[int], Answer], *, hands: int) -> list[Answer]:
    """Run `work` with the numbers below `hands`; answers in the order of the numbers. Needs a transactional test."""
    start = Barrier(hands)

    def run(hand: int) -> Answer:
        try:
            start.wait()
            return work(hand)
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(run, range(hands)))
