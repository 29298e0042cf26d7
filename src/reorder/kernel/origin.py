"""Where a change comes from: set once at the edge (web, API, terminal, worker), read by the audit trail and the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The door a change came through: `via` is cli, web, api or worker; `request_id` is the reference people quote."""

    via: str = "cli"
    request_id: str = ""
    address: str = ""


_TERMINAL = Origin()
_ORIGIN: ContextVar[Origin] = ContextVar("reorder_origin", default=_TERMINAL)


def current_origin() -> Origin:
    """The origin of the work at hand; the terminal where no edge said otherwise."""
    return _ORIGIN.get()


@contextmanager
def coming_from(*, origin: Origin) -> Iterator[None]:
    """Everything in the block is done on behalf of this origin."""
    token = _ORIGIN.set(origin)
    try:
        yield
    finally:
        _ORIGIN.reset(token)
