"""Counting what strangers try from one place, in spans of time; what too many means is the caller's."""

import datetime as dt
import threading
from dataclasses import dataclass
from typing import Final

from reorder.domain.storage import count_up, read_count

# A process tells the others of what it counted once a second, or once it is a hundredth of what may be.
_TOLD_AFTER: Final = dt.timedelta(seconds=1)
_TOLD_SHARE: Final = 100
_MOST_METERS: Final = 10_000


def is_spent(*, key: str, moment: dt.datetime, most: int, span: dt.timedelta) -> bool:
    """Whether `key` was tried `most` times in this span already; counts nothing."""
    return read_count(key=_key(key, moment=moment, span=span)) >= most


def count_try(*, key: str, moment: dt.datetime, span: dt.timedelta) -> int:
    """One more try of `key`; how many there were in this span."""
    return count_up(key=_key(key, moment=moment, span=span), expires_at=moment + span)


def count_tries(*, key: str, moment: dt.datetime, span: dt.timedelta) -> int:
    """How often `key` was tried in this span, as far as all processes have told."""
    return read_count(key=_key(key, moment=moment, span=span))


@dataclass(slots=True)
class _Meter:
    """What this process counted of a key in a span and has not told yet, and what all had told when it last did."""

    span_key: str
    told_at: dt.datetime
    untold: int = 0
    all_told: int = 0


_meters: dict[str, _Meter] = {}
_meters_lock = threading.Lock()


def count_roughly(*, key: str, times: int, moment: dt.datetime, most: int, span: dt.timedelta) -> int:
    """`times` more tries of `key`; about how many there were in this span, over all processes.

    For what happens thousands of times a second: a counter that each request wrote would make them wait for each
    other, so processes count by themselves and tell each other now and then. What is not told yet is left out.
    """
    span_key = _key(key, moment=moment, span=span)
    with _meters_lock:
        if len(_meters) > _MOST_METERS:
            _meters.clear()
        meter = _meters.get(key)
        if meter is None or meter.span_key != span_key:
            meter = _meters[key] = _Meter(span_key, told_at=moment - _TOLD_AFTER)
        meter.untold += times
        due = meter.untold if _is_due(meter, moment=moment, most=most) else 0
        if due:
            meter.untold, meter.told_at = 0, moment
            meter.all_told += due
        so_far = meter.all_told + meter.untold
    if not due:
        return so_far
    told = count_up(key=span_key, expires_at=moment + span, times=due)
    with _meters_lock:
        meter.all_told = max(meter.all_told, told)
        return meter.all_told + meter.untold


def seconds_left(*, moment: dt.datetime, span: dt.timedelta) -> int:
    """How long until the span of `moment` ends, at least a second: what is said after "wait"."""
    length = int(span.total_seconds())
    return max(1, length - int(moment.timestamp()) % length)


def _is_due(meter: _Meter, *, moment: dt.datetime, most: int) -> bool:
    return meter.untold * _TOLD_SHARE >= most or moment - meter.told_at >= _TOLD_AFTER


def _key(key: str, *, moment: dt.datetime, span: dt.timedelta) -> str:
    return f"{key}:{int(moment.timestamp() // span.total_seconds())}"
