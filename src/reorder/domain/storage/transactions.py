"""One durable transaction for one business action, which an edge may widen to hold its own answer too."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

_WIDENED: ContextVar[bool] = ContextVar("reorder_transaction_widened", default=False)


@contextmanager
def one_transaction() -> Iterator[None]:
    """Commit all of the block or nothing, and have it committed when the block ends.

    Inside `widened_transaction` the commit is the wider one's, and the block a savepoint of it. Nested in any other
    transaction it raises RuntimeError: a flow that believes to have committed must have.
    """
    with transaction.atomic(durable=not _WIDENED.get()):
        yield


@contextmanager
def widened_transaction() -> Iterator[None]:
    """A durable transaction that takes in the `one_transaction` of the flows called within it.

    For the API, whose stored answer and its fact must commit together. Within another one it is a savepoint of that.
    """
    if _WIDENED.get():
        with transaction.atomic():
            yield
        return
    with transaction.atomic(durable=True):
        token = _WIDENED.set(True)
        try:
            yield
        finally:
            _WIDENED.reset(token)
