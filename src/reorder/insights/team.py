"""The team's day on one board: what is begun and done, how waves stand against their cut-off, rates of the team.

Measures without surveillance (ADR 0038): no seconds between scans, no ranking; figures of one person are read by that
person and by the owner only. Everything comes from the log of scans and from picked lines, which exist anyway.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.insights.reading import read_rows

# Below so many picks a rate says nothing.
LEAST_PICKS: Final = 10
LEAST_SCANS: Final = 20
_HOUR: Final = dt.timedelta(hours=1)
# A series of moves has no end of its own: it is never shown as begun.
_ENDLESS: Final = ("move",)
_TASKS: Final = """
SELECT work, task, bool_or(outcome = 'done') AS is_done, array_agg(DISTINCT actor ORDER BY actor) AS actors
FROM warehouse_floorscan WHERE place_code = %(place)s AND recorded_at >= %(since)s AND outcome IN ('right', 'done')
GROUP BY work, task
"""
_SCANS: Final = """
SELECT actor, count(*) AS scans_count, count(*) FILTER (WHERE outcome = 'wrong') AS wrong_count
FROM warehouse_floorscan WHERE place_code = %(place)s AND recorded_at >= %(since)s GROUP BY actor
"""
_PICKS: Final = """
SELECT line.picked_by AS actor, count(*) AS picks_count,
       count(DISTINCT date_trunc('hour', line.picked_at)) AS hours_count,
       count(*) FILTER (WHERE line.picked_at >= %(hour_ago)s) AS last_hour_count
FROM warehouse_pickline AS line JOIN warehouse_pickbatch AS batch ON batch.id = line.batch_id
JOIN warehouse_wave AS wave ON wave.id = batch.wave_id JOIN inventory_place AS place ON place.id = wave.place_id
WHERE place.code = %(place)s AND line.state = 'picked' AND line.picked_at >= %(since)s
GROUP BY line.picked_by
"""
_WAVES: Final = """
SELECT wave.id, wave.cut_off_at, wave.is_express, wave.temperature_class,
       count(line.id) FILTER (WHERE line.state IN ('open', 'picked')) AS lines_count,
       count(line.id) FILTER (WHERE line.state = 'picked') AS done_count
FROM warehouse_wave AS wave JOIN inventory_place AS place ON place.id = wave.place_id
JOIN warehouse_pickbatch AS batch ON batch.wave_id = wave.id AND batch.state <> 'cancelled'
JOIN warehouse_pickline AS line ON line.batch_id = batch.id
WHERE place.code = %(place)s AND wave.state IN ('released', 'picking')
GROUP BY wave.id ORDER BY wave.cut_off_at NULLS LAST, wave.id LIMIT 20
"""


@dataclass(frozen=True, slots=True)
class WorkToday:
    """A kind of work today: tasks begun and not finished with who is on them, and how many are done by how many."""

    work: str
    begun: tuple[tuple[str, ...], ...]
    done_count: int
    doers: tuple[str, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody on an unfinished task, once each."""
        return tuple(sorted({name for names in self.begun for name in names}))


@dataclass(frozen=True, slots=True)
class WaveToday:
    """A wave on the floor: lines picked of all, its cut-off, and when it will be done at the pace of the last hour."""

    id: int
    cut_off_at: dt.datetime | None
    is_express: bool
    temperature_class: str
    lines_count: int
    done_count: int
    ends_at: dt.datetime | None

    @property
    def is_late(self) -> bool:
        """Whether it is expected to end after its cut-off."""
        return bool(self.cut_off_at and self.ends_at and self.ends_at > self.cut_off_at)


@dataclass(frozen=True, slots=True)
class Pace:
    """Picks, in how many hours of the clock with a pick, and scans with how many wrong ones."""

    picks_count: int = 0
    hours_count: int = 0
    scans_count: int = 0
    wrong_count: int = 0

    @property
    def picks_an_hour(self) -> float | None:
        """Picks in an hour in which somebody picked; None while that says nothing."""
        return self.picks_count / self.hours_count if self.picks_count >= LEAST_PICKS else None

    @property
    def right_share(self) -> float | None:
        """Share of scans that were right; None while that says nothing."""
        return 1 - self.wrong_count / self.scans_count if self.scans_count >= LEAST_SCANS else None


@dataclass(frozen=True, slots=True)
class Board:
    """The day of a place; `people` are the figures that the reader may see: all for the owner, else one's own."""

    works: tuple[WorkToday, ...]
    waves: tuple[WaveToday, ...]
    team: Pace
    people: Mapping[str, Pace]


def read_board(*, place_code: str, since: dt.datetime, moment: dt.datetime, seen_people: Sequence[str] | None) -> Board:
    """The board of a place since the day began. `seen_people` None: figures of everybody (for owners only)."""
    given: dict[str, Any] = {"place": place_code, "since": since, "hour_ago": moment - _HOUR}
    scans = {row.pop("actor"): row for row in read_rows(statement=_SCANS, parameters=given)}
    picks = {row.pop("actor"): row for row in read_rows(statement=_PICKS, parameters=given)}
    last_hour = sum(row.pop("last_hour_count") for row in picks.values())
    everybody = {name: Pace(**picks.get(name, {}), **scans.get(name, {})) for name in sorted({*scans, *picks})}
    return Board(
        works=_works(read_rows(statement=_TASKS, parameters=given)),
        waves=tuple(
            WaveToday(**row, ends_at=_ends_at(row, last_hour=last_hour, moment=moment))
            for row in read_rows(statement=_WAVES, parameters=given)
        ),
        team=Pace(
            picks_count=sum(one.picks_count for one in everybody.values()),
            hours_count=sum(one.hours_count for one in everybody.values()),
            scans_count=sum(one.scans_count for one in everybody.values()),
            wrong_count=sum(one.wrong_count for one in everybody.values()),
        ),
        people={name: one for name, one in everybody.items() if seen_people is None or name in seen_people},
    )


def _works(rows: Sequence[dict[str, Any]]) -> tuple[WorkToday, ...]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["work"], []).append(row)
    return tuple(
        WorkToday(
            work=work,
            begun=tuple(tuple(one["actors"]) for one in tasks if not one["is_done"] and work not in _ENDLESS),
            done_count=sum(one["is_done"] for one in tasks),
            doers=tuple(sorted({name for one in tasks if one["is_done"] for name in one["actors"]})),
        )
        for work, tasks in found.items()
    )


def _ends_at(row: Mapping[str, Any], *, last_hour: int, moment: dt.datetime) -> dt.datetime | None:
    """At the pace of the whole place in the last hour; waves before this one are not taken into account."""
    left = int(row["lines_count"]) - int(row["done_count"])
    if not left or last_hour < LEAST_PICKS:
        return None
    return moment + left / last_hour * _HOUR
