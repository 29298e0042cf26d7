"""Figures in Prometheus' text format: those of the database, and what this process has answered since its start.

Every web process counts for itself and says so in the label `process`: a scrape meets one of them, and sums over the
label are right, because each count only ever grows.
"""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse

from reorder.insights.api_metrics import Gauges

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_NIGHT_STATES: Final = ("running", "succeeded", "failed")
Answer = Callable[[HttpRequest], HttpResponse]
_Labels = tuple[tuple[str, str], ...]


class Answered:
    """Counts and times of answers by route, method and class of status; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: defaultdict[_Labels, list[int]] = defaultdict(lambda: [0] * (len(_BOUNDS) + 1))
        self._seconds: defaultdict[_Labels, float] = defaultdict(float)

    def note(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """One more answer."""
        labels = (("route", route), ("method", method), ("status", f"{status // 100}xx"))
        place = sum(seconds > bound for bound in _BOUNDS)
        with self._lock:
            self._buckets[labels][place] += 1
            self._seconds[labels] += seconds

    def lines(self) -> Iterable[str]:
        """The histogram as text."""
        with self._lock:
            buckets = {labels: list(counts) for labels, counts in self._buckets.items()}
            seconds = dict(self._seconds)
        name = "reorder_http_request_seconds"
        yield f"# HELP {name} Time to answer, by route, of this process since its start."
        yield f"# TYPE {name} histogram"
        for labels, counts in sorted(buckets.items()):
            own = (("process", str(os.getpid())), *labels)
            reached = 0
            for bound, count in zip((*map(str, _BOUNDS), "+Inf"), counts, strict=True):
                reached += count
                yield _line(f"{name}_bucket", reached, (*own, ("le", bound)))
            yield _line(f"{name}_sum", round(seconds[labels], 6), own)
            yield _line(f"{name}_count", reached, own)


answered: Final = Answered()


class MeasuringMiddleware:
    """Notes how long every answer took, and for which route."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        answered.note(
            route=route_of(request=request),
            method=request.method if request.method in {"GET", "HEAD", "POST", "PUT"} else "other",
            status=response.status_code,
            seconds=time.perf_counter() - start,
        )
        return response


def route_of(*, request: HttpRequest) -> str:
    """A name for the kind of address: few, whatever people type."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path.startswith("/static/") else "none"
    if match.route.startswith("api/v1/"):
        return f"/{match.route}"
    return match.namespace or match.url_name or "page"


def write_metrics(*, gauges: Gauges) -> str:
    """All figures as one text."""
    night = {state: int(state == gauges.night_state) for state in _NIGHT_STATES}
    plain: dict[str, tuple[str, float | None]] = {
        "reorder_job_late_seconds": ("How late the oldest waiting job is.", gauges.late_job_seconds),
        "reorder_workers": ("Lanes of workers that were heard of lately: two a worker.", gauges.workers),
        "reorder_night_age_seconds": ("Since the last night that succeeded began.", gauges.night_age_seconds),
        "reorder_dirty_marks": ("Customers and positions whose conclusions must be drawn again.", gauges.dirty_marks),
        "reorder_open_proposals": ("Proposals that nobody has decided.", gauges.open_proposals),
        "reorder_stored_answers": ("Answers kept for repeated writes of the API.", gauges.stored_answers),
        "reorder_ledger_differences": (
            "Levels that differ from the ledger, at the last look.",
            gauges.ledger_differences,
        ),
        "reorder_ledger_checked_timestamp_seconds": ("When that look was.", gauges.ledger_checked_at),
        "reorder_database_bytes": ("Size of the database.", gauges.database_bytes),
    }
    lines = [
        *_family("reorder_jobs", "Jobs in the queue, by status.", "status", gauges.jobs),
        *_family("reorder_night_state", "1 for the state of the latest night.", "state", night),
        *_family("reorder_outbox_messages", "Messages that are not finished, by state.", "state", gauges.outbox),
    ]
    for name, (words, value) in plain.items():
        if value is not None:
            lines += [f"# HELP {name} {words}", f"# TYPE {name} gauge", _line(name, value)]
    return "\n".join([*lines, *answered.lines(), ""])


def _family(name: str, words: str, label: str, values: Mapping[str, float]) -> Iterable[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} gauge"
    for key, value in sorted(values.items()):
        yield _line(name, value, ((label, key),))


def _line(name: str, value: float, labels: _Labels = ()) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
    return f"{name}{{{inside}}} {value}" if labels else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
