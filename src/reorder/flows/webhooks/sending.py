"""One pass over what waits: many conversations at a time, each claimed before it begins; a crash loses nothing.

Only the thread of the pass speaks with the database; the others speak HTTP. While one receiver hangs, the pass goes on
looking for what others are to be told.
"""

import datetime as dt
import ssl
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from django.conf import settings
from django.db import transaction

from reorder.connectors.base import outgoing
from reorder.connectors.base.outgoing import OutgoingLimits, OutgoingTooLarge
from reorder.domain.channels import webhook_deliveries as deliveries
from reorder.domain.channels import webhook_endpoints as endpoints
from reorder.domain.channels.errors import SecretUnreadable, UnknownEndpoint
from reorder.domain.channels.webhook_deliveries import AttemptResult, Claimed
from reorder.flows.webhooks.alarming import disable_for
from reorder.flows.webhooks.deciding import Answer, Attempted, is_hopeless, judge, quiet_until
from reorder.kernel.errors import ReorderError
from reorder.kernel.standard_webhooks import sign

_CONVERSATIONS: Final = 32
_CONVERSATIONS_EACH: Final = 6
_POLL_SECONDS: Final = 0.5
# A pass that always finds more ends all the same: the worker has other jobs, and must be able to stop.
_PASS_SECONDS: Final = 20.0
_CLAIM_MARGIN: Final = dt.timedelta(seconds=30)
_ANSWER_BYTES: Final = 65_536
_EXCERPT_BYTES: Final = 1_024
Clock = Callable[[], dt.datetime]


@dataclass(slots=True)
class SendCounts:
    """What a pass did: attempts by what became of the delivery, and endpoints that were disabled."""

    delivered_count: int = 0
    put_off_count: int = 0
    failed_count: int = 0
    disabled_count: int = 0


@dataclass(frozen=True, slots=True)
class _Talk:
    """One conversation with what it needs, prepared by the pass; `timestamp` is signed."""

    claimed: Claimed
    started_at: dt.datetime
    signature: str


@dataclass(slots=True)
class _Pass:
    """One pass: its threads, and who is being spoken with."""

    now: Clock
    pool: ThreadPoolExecutor
    tls: ssl.SSLContext
    dice: np.random.Generator
    counts: SendCounts = field(default_factory=SendCounts)
    talks: dict[Future[tuple[Answer, int]], _Talk] = field(default_factory=dict)

    def busy(self) -> Counter[int]:
        return Counter(talk.claimed.endpoint_id for talk in self.talks.values())

    def subjects(self, endpoint_id: int) -> set[str]:
        return {t.claimed.subject_key for t in self.talks.values() if t.claimed.endpoint_id == endpoint_id}


def send_due_webhooks(*, moment: dt.datetime, seconds: float = _PASS_SECONDS) -> SendCounts:
    """Deliver what is due until nothing is, or for about `seconds`; safe to run several times at once.

    Args:
        moment: now, UTC; moments recorded during the pass are this one plus the time that has gone by.
        seconds: after these no new conversation begins; those under way end by their own limit.
    """
    started = time.monotonic()

    def now() -> dt.datetime:
        return moment + dt.timedelta(seconds=time.monotonic() - started)

    # What is due is looked up first: most passes find nothing, and need neither threads nor certificates.
    if not deliveries.list_open_endpoints(moment=moment):
        return SendCounts()
    with ThreadPoolExecutor(_CONVERSATIONS, thread_name_prefix="webhook") as pool:
        tour = _Pass(now=now, pool=pool, tls=ssl.create_default_context(), dice=np.random.default_rng())
        while True:
            if time.monotonic() - started < seconds:
                _begin_talks(tour)
            if not tour.talks:
                return tour.counts
            done, _ = wait(tour.talks, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                answer, milliseconds = future.result()
                _finish(tour=tour, talk=tour.talks.pop(future), answer=answer, milliseconds=milliseconds)


def _begin_talks(tour: _Pass) -> None:
    """Claim and start as many conversations as there are free threads, every endpoint its share."""
    moment = tour.now()
    busy = tour.busy()
    for endpoint_id, is_well in deliveries.list_open_endpoints(moment=moment):
        free = min((_CONVERSATIONS_EACH if is_well else 1) - busy[endpoint_id], _CONVERSATIONS - len(tour.talks))
        if free <= 0:
            continue
        secrets = _secrets_of(tour=tour, endpoint_id=endpoint_id, moment=moment)
        if not secrets:
            continue
        claimed = deliveries.claim_due(
            endpoint_id=endpoint_id,
            busy_subjects=tour.subjects(endpoint_id),
            limit=free,
            moment=moment,
            claimed_until=moment + dt.timedelta(seconds=settings.REORDER.webhook_seconds) + _CLAIM_MARGIN,
        )
        for one in claimed:
            talk = _prepare(claimed=one, secrets=secrets, moment=tour.now())
            tour.talks[tour.pool.submit(_speak, talk, tour.tls)] = talk


def _secrets_of(*, tour: _Pass, endpoint_id: int, moment: dt.datetime) -> list[str]:
    """Its secrets; none when they were sealed with another key: it is disabled then, and somebody told.

    None either when the endpoint was removed since it was listed.
    """
    try:
        return endpoints.read_secrets(endpoint_id=endpoint_id, moment=moment)
    except UnknownEndpoint:
        return []
    except SecretUnreadable:
        tour.counts.disabled_count += disable_for(endpoint_id=endpoint_id, reason="unreadable", moment=moment)
        return []


def _prepare(*, claimed: Claimed, secrets: list[str], moment: dt.datetime) -> _Talk:
    signature = sign(
        secrets=secrets, message_id=claimed.key, timestamp=int(moment.timestamp()), body=claimed.body.encode()
    )
    return _Talk(claimed=claimed, started_at=moment, signature=signature)


def request_headers(*, message_id: str, timestamp: int, signature: str) -> dict[str, str]:
    """The headers of an attempt."""
    return {
        "content-type": "application/json",
        "user-agent": "Reorder-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature,
    }


def _speak(talk: _Talk, tls: ssl.SSLContext) -> tuple[Answer, int]:
    """The conversation, in a thread of its own, without the database; every fault of the other side is an answer."""
    claimed, started = talk.claimed, time.monotonic()
    options = settings.REORDER
    try:
        answer = outgoing.fetch(
            url=claimed.url,
            allowed_networks=options.outgoing_networks,
            method="POST",
            headers=request_headers(
                message_id=claimed.key, timestamp=int(talk.started_at.timestamp()), signature=talk.signature
            ),
            body=claimed.body.encode(),
            limits=OutgoingLimits(
                seconds=float(options.webhook_seconds),
                connect_seconds=min(5.0, float(options.webhook_seconds)),
                maximum_bytes=_ANSWER_BYTES,
                redirects=0,
            ),
            tls=tls,
        )
        found = Answer(status=answer.status, headers=answer.headers, excerpt=_excerpt(answer.body), error_parameters={})
    except OutgoingTooLarge as fault:
        # It has answered, and with what; that it talks on and on is its own affair.
        found = _failed(fault, status=int(str(fault.parameters["status"])))
    except ReorderError as fault:
        found = _failed(fault)
    except Exception as fault:  # noqa: BLE001 - one receiver's oddity must not end the pass of all others
        odd = outgoing.OutgoingFailed(url=claimed.url, cause=f"{type(fault).__name__}: {fault}"[:200])
        found = _failed(odd)
    return found, round((time.monotonic() - started) * 1000)


def _failed(fault: ReorderError, *, status: int | None = None) -> Answer:
    said = {name: str(value)[:500] for name, value in fault.parameters.items()}
    return Answer(status=status, headers={}, excerpt="", error_code=fault.code, error_parameters=said)


def _excerpt(body: bytes) -> str:
    """The beginning of an answer as text that can be stored and shown."""
    return body[:_EXCERPT_BYTES].decode("utf-8", errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _finish(*, tour: _Pass, talk: _Talk, answer: Answer, milliseconds: int) -> None:
    """Record an attempt and what it means for its endpoint, in one transaction."""
    moment = tour.now()
    claimed = talk.claimed
    decided = judge(answer=answer, attempt=claimed.round, jitter=float(tour.dice.uniform(-1, 1)), moment=moment)
    with transaction.atomic():
        # The endpoint before its deliveries, as everybody locks them.
        endpoints.hold_endpoint(endpoint_id=claimed.endpoint_id)
        deliveries.record_attempt(
            claimed=claimed,
            result=AttemptResult(
                state=decided.state,
                outcome=decided.outcome,
                status=answer.status,
                error_code=answer.error_code,
                error_parameters=answer.error_parameters,
                excerpt=answer.excerpt,
                next_attempt_at=decided.next_attempt_at,
                started_at=talk.started_at,
                milliseconds=milliseconds,
                signature=talk.signature,
            ),
            moment=moment,
        )
        if decided.outcome == "ok":
            if endpoints.note_success(endpoint_id=claimed.endpoint_id):
                deliveries.hurry_waiting(endpoint_id=claimed.endpoint_id, moment=moment)
        else:
            _note_failure(tour=tour, claimed=claimed, decided=decided, moment=moment)
    _count(tour.counts, decided)


def _note_failure(*, tour: _Pass, claimed: Claimed, decided: Attempted, moment: dt.datetime) -> None:
    found = endpoints.note_failure(endpoint_id=claimed.endpoint_id, moment=moment)
    days = settings.REORDER.webhook_failing_days
    if decided.outcome == "gone":
        tour.counts.disabled_count += disable_for(endpoint_id=found.id, reason="gone", moment=moment)
    elif is_hopeless(
        failing_since=found.failing_since, failures_in_row=found.failures_in_row, days=days, moment=moment
    ):
        tour.counts.disabled_count += disable_for(endpoint_id=found.id, reason="failing", moment=moment)
    else:
        until = quiet_until(
            outcome=decided.outcome,
            failures_in_row=found.failures_in_row,
            retry_after=decided.retry_after,
            moment=moment,
        )
        if until is not None:
            endpoints.quieten_endpoint(endpoint_id=found.id, until=until)


def _count(counts: SendCounts, decided: Attempted) -> None:
    match decided.state:
        case "delivered":
            counts.delivered_count += 1
        case "waiting":
            counts.put_off_count += 1
        case _:
            counts.failed_count += 1
