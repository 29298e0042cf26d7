"""Who was given which task of the floor, of the works that keep no such thing themselves."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from reorder.domain.storage import fetch_prepared, run_sql

_END: Final = """
UPDATE warehouse_floorassignment AS known SET ended_at = %(moment)s
FROM inventory_place AS place
WHERE place.id = known.place_id AND place.code = %(place_code)s AND known.work = %(work)s AND known.task = %(task)s
  AND known.ended_at IS NULL AND known.assigned_to <> %(to)s
"""
_GIVE: Final = """
INSERT INTO warehouse_floorassignment (place_id, work, task, assigned_to, assigned_by, assigned_at)
SELECT place.id, %(work)s, %(task)s, %(to)s, %(by)s, %(moment)s FROM inventory_place AS place
WHERE place.code = %(place_code)s
ON CONFLICT (place_id, work, task) WHERE ended_at IS NULL DO NOTHING
"""
_LIST: Final = """
SELECT known.work, known.task, known.assigned_to FROM warehouse_floorassignment AS known
JOIN inventory_place AS place ON place.id = known.place_id
WHERE place.code = %(place_code)s::text AND known.work = ANY(%(works)s::text[]) AND known.ended_at IS NULL
"""


def give_task(*, place_code: str, work: str, task: str, to: str, by: str, moment: dt.datetime) -> None:
    """Give a task to somebody, or with an empty `to` to nobody; the one who had it has it no longer.

    Part of the caller's transaction. Two at once: the first one's word stands until the second's ends it.
    """
    given = {"place_code": place_code, "work": work, "task": task, "to": to, "by": by, "moment": moment}
    run_sql(statement=_END, parameters=given)
    if to:
        run_sql(statement=_GIVE, parameters=given)


def list_assigned(*, place_code: str, works: Sequence[str]) -> dict[tuple[str, str], str]:
    """Who has which task of these works at a place, by (work, task)."""
    rows = fetch_prepared(statement=_LIST, parameters={"place_code": place_code, "works": list(works)})
    return {(work, task): to for work, task, to in rows}
