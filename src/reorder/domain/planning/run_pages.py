"""Reads of runs for lists and pages."""

from collections.abc import Sequence

from reorder.domain.planning.errors import UnknownRun
from reorder.domain.planning.models import Run
from reorder.domain.planning.queries import RunRow


def get_run(*, run_id: int) -> RunRow:
    """One run; raises UnknownRun."""
    run = Run.objects.filter(pk=run_id).first() if 0 < run_id < 2**63 else None
    if run is None:
        raise UnknownRun(run_id=run_id)
    return _row(run)


def list_run_page(*, before_id: int | None, states: Sequence[str] = (), limit: int = 50) -> list[RunRow]:
    """The newest runs, those before `before_id` when given, of these states when named."""
    runs = Run.objects.order_by("-pk")
    runs = runs.filter(state__in=list(states)) if states else runs
    runs = runs.filter(pk__lt=before_id) if before_id is not None else runs
    return [_row(run) for run in runs[:limit]]


def find_run_before(*, run: RunRow) -> RunRow | None:
    """The last run of the same kind before this one that succeeded."""
    found = Run.objects.filter(kind=run.kind, pk__lt=run.id, state=Run.State.SUCCEEDED).order_by("-pk").first()
    return _row(found) if found else None


def _row(run: Run) -> RunRow:
    return RunRow(run.pk, run.kind, run.as_of_date, run.state, run.started_at, run.finished_at, run.error)
