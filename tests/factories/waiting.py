"""Waiting for another process to get somewhere."""

from collections.abc import Callable
from time import monotonic, sleep


def wait_until(
    is_so: Callable[[], bool], *, what: str, timeout_seconds: float = 120, pause_seconds: float = 0.02
) -> None:
    """Return as soon as it is so; fail loudly when it never is."""
    end = monotonic() + timeout_seconds
    while not is_so():
        if monotonic() > end:
            raise AssertionError(f"{what} did not come within {timeout_seconds} s")
        sleep(pause_seconds)
