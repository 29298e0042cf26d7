"""What an answer means, and when to try again: pure.

A delivery is attempted twelve times over three days. An endpoint that does not answer at all, or is busy, is left alone
for a while as a whole, so that ten thousand waiting messages cost one call and not ten thousand.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from reorder.kernel.retry_after import read_retry_after

Outcome = Literal["ok", "refused", "down", "gone"]

# Seconds from one failed attempt to the next; after the last one the delivery has failed. Documented in
# docs/reference/webhooks.md (tested).
WAITS_SECONDS: Final = (5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 50_400, 64_800, 86_400)
JITTER_SHARE: Final = 0.2
# How long an endpoint that does not answer is left alone: doubled with each failure in a row.
_QUIET_SECONDS: Final = 5
_LONGEST_QUIET_SECONDS: Final = 300
# A receiver that refuses one message after the other is not well either.
_REFUSALS_OF_A_SICK_ONE: Final = 5
# Before this many failures in a row no endpoint is disabled, however long they took: a shop of few orders.
FEWEST_FAILURES: Final = 5
_GONE: Final = 410
_BUSY: Final = frozenset({408, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: a status with headers and the beginning of the body, or the error instead of them."""

    status: int | None
    headers: Mapping[str, str]
    excerpt: str
    error_code: str = ""
    error_parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """What follows from an answer; no `next_attempt_at`: the delivery is over."""

    outcome: Outcome
    state: str
    next_attempt_at: dt.datetime | None
    retry_after: dt.timedelta | None


def judge(*, answer: Answer, attempt: int, jitter: float, moment: dt.datetime) -> Attempted:
    """What to do after the `attempt`-th attempt of a round; `jitter` is a random number from −1 to 1."""
    outcome = outcome_of(status=answer.status)
    if outcome == "ok":
        return Attempted(outcome="ok", state="delivered", next_attempt_at=None, retry_after=None)
    retry_after = read_retry_after(text=answer.headers.get("retry-after", ""), moment=moment)
    if outcome == "gone":
        return Attempted(outcome="gone", state="given_up", next_attempt_at=None, retry_after=None)
    if attempt > len(WAITS_SECONDS):
        return Attempted(outcome=outcome, state="failed", next_attempt_at=None, retry_after=retry_after)
    wait = dt.timedelta(seconds=WAITS_SECONDS[attempt - 1] * (1 + JITTER_SHARE * jitter))
    return Attempted(
        outcome=outcome,
        state="waiting",
        next_attempt_at=moment + max(wait, retry_after or wait),
        retry_after=retry_after,
    )


def outcome_of(*, status: int | None) -> Outcome:
    """2xx: it has it; 410: it wants no more; no answer or a busy one: it is down; else it refused this one."""
    if status is None or status in _BUSY:
        return "down"
    if status == _GONE:
        return "gone"
    return "ok" if 200 <= status < 300 else "refused"


def quiet_until(
    *, outcome: Outcome, failures_in_row: int, retry_after: dt.timedelta | None, moment: dt.datetime
) -> dt.datetime | None:
    """Until when to leave the endpoint alone after a failure; None: its other messages go on."""
    if outcome != "down" and failures_in_row < _REFUSALS_OF_A_SICK_ONE:
        return None
    seconds = min(_QUIET_SECONDS * 2 ** min(failures_in_row - 1, 20), _LONGEST_QUIET_SECONDS)
    wait = dt.timedelta(seconds=seconds)
    return moment + max(wait, retry_after or wait)


def is_hopeless(*, failing_since: dt.datetime | None, failures_in_row: int, days: int, moment: dt.datetime) -> bool:
    """Whether an endpoint has failed for so long that it is to be disabled."""
    if failing_since is None or failures_in_row < FEWEST_FAILURES:
        return False
    return moment - failing_since >= dt.timedelta(days=days)
