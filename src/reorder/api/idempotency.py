"""A write happens once for each (token, Idempotency-Key): its answer is stored in the transaction of what it did.

Killed before the commit, neither exists and the same request does it; killed after, the same request gets the answer.
Two at once are told apart by a lock that PostgreSQL drops with the transaction. Answers to bad input are not stored:
the client mends the body and may keep its key.
"""

import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from reorder.domain.staff import bearers as answers
from reorder.domain.staff import operations as staff
from reorder.domain.staff.queries import AnswerRow
from reorder.domain.storage import try_transaction_lock, widened_transaction
from reorder.kernel import clock
from reorder.kernel.errors import Busy, Conflict

_KEPT_HEADERS = ("Location",)


class KeyReused(Conflict):
    """The same key came with another request."""

    code = "api.idempotency_key_reused"
    template = "This Idempotency-Key was used for another request. Use a new key for a new request."


class StillRunning(Busy):
    """The first request with this key has not been answered yet."""

    code = "api.still_running"
    template = "The first request with this Idempotency-Key is still at work; ask again in a moment."


def remember(
    *, request: HttpRequest, token_id: int, key: str, digest: bytes, act: Callable[[], HttpResponse]
) -> HttpResponse:
    """The answer of `act`, or the stored one of the request that was the first with this key.

    Raises KeyReused, StillRunning, and whatever `act` raises; then nothing is done and nothing stored.
    """
    fingerprint = _fingerprint(request=request, digest=digest)
    with widened_transaction():
        if not try_transaction_lock(name=f"api:{token_id}:{key}"):
            raise StillRunning
        known = answers.find_answer(token_id=token_id, key=key)
        if known is not None:
            return _repeated(known=known, fingerprint=fingerprint)
        answer = act()
        staff.store_answer(
            token_id=token_id,
            key=key,
            answer=AnswerRow(
                request_hash=fingerprint,
                status=answer.status_code,
                body=answer.content,
                content_type=answer["Content-Type"],
                headers={name: answer[name] for name in _KEPT_HEADERS if name in answer},
            ),
            moment=clock.current_moment(),
        )
    return answer


def _fingerprint(*, request: HttpRequest, digest: bytes) -> str:
    parts = (str(request.method), request.get_full_path(), hashlib.sha256(digest).hexdigest())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _repeated(*, known: AnswerRow, fingerprint: str) -> HttpResponse:
    if known.request_hash != fingerprint:
        raise KeyReused
    answer = HttpResponse(known.body, status=known.status, content_type=known.content_type)
    for name, value in known.headers.items():
        answer[name] = value
    answer["Cache-Control"] = "no-store"
    answer["Idempotency-Replayed"] = "true"
    return answer
