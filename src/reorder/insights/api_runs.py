"""Runs for the API: what the nights did."""

from typing import Any, Final

from reorder.domain.planning import queries as planning
from reorder.domain.planning.errors import UnknownRun
from reorder.domain.planning.queries import RunRow, StepRow
from reorder.insights.reading import conditions, read_rows

_RUNS: Final = """
SELECT id, kind, as_of_date, state, started_at, finished_at, error FROM planning_run AS run
{where} ORDER BY id DESC LIMIT %(limit)s
"""


def list_runs(*, limit: int, before: int | None = None, kind: str | None = None) -> list[RunRow]:
    """Runs, the newest first; those before one id when given."""
    given = {"run.id < %(before)s": before, "run.kind = %(kind)s": kind}
    return _read(where=conditions(given=given), parameters={"before": before, "kind": kind, "limit": limit})


def get_run(*, run_id: int) -> tuple[RunRow, list[StepRow]]:
    """One run with its steps; raises UnknownRun."""
    found = _read(where="WHERE run.id = %(id)s", parameters={"id": run_id, "limit": 1})
    if not found:
        raise UnknownRun(run_id=run_id)
    return found[0], planning.list_steps(run_id=run_id)


def _read(*, where: str, parameters: dict[str, Any]) -> list[RunRow]:
    rows = read_rows(statement=_RUNS.format(where=where), parameters=parameters)
    return [RunRow(**row) for row in rows]
