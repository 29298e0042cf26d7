"""Segments of customers: how large they are, what they are worth, and who moved from where to where.

A night leaves the sums that the page needs beside its step, so that a shop of a million customers opens it as fast as a
small one; without them they are counted on the spot.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reorder.domain.planning import customer_list, segmenting
from reorder.domain.planning.customer_list import SEGMENTS
from reorder.domain.planning.segmenting import CountedMoves, MovedCustomer, MoveRow, SegmentCell
from reorder.domain.staff.rules import Ability, Actor

WINDOWS_DAYS: Final = segmenting.WINDOWS_DAYS
# Customers who are slipping away stand behind those who need no winning back.
_RANKS: Final = {name: rank for rank, name in enumerate(SEGMENTS)}

MovedPlace = tuple[float, int]


@dataclass(frozen=True, slots=True)
class SegmentSize:
    """One segment after the last night, and how many came and went in the days asked for; money in major units."""

    segment: str
    count: int
    share: float
    expected_value: float
    value_share: float
    expected_value_90: float
    churn_share: float
    came_count: int
    left_count: int


@dataclass(frozen=True, slots=True)
class RfmCell:
    """Customers with the same scores of recency and frequency."""

    r_score: int
    f_score: int
    count: int
    share: float
    value_share: float


@dataclass(frozen=True)
class SegmentsPage:
    """Everything that the page of segments shows; `as_of_date` is None before the first night."""

    as_of_date: dt.date | None
    days: int
    cells: Sequence[SegmentCell]
    moves: Sequence[CountedMoves]

    @cached_property
    def total_count(self) -> int:
        """Customers valued."""
        return sum(cell.count for cell in self.cells)

    @cached_property
    def first_seen_count(self) -> int:
        """Customers seen for the first time in these days."""
        return sum(move.count for move in self.moves if not move.from_segment)

    @cached_property
    def flows(self) -> Mapping[tuple[str, str], int]:
        """Customers by the segment they left and the one they are in now."""
        return {(move.from_segment, move.to_segment): move.count for move in self.moves if move.from_segment}

    @cached_property
    def sizes(self) -> Sequence[SegmentSize]:
        """Segments that have customers or lost their last ones, the best first."""
        found = [self._size(segment) for segment in _names(self)]
        return [size for size in found if size.count or size.left_count]

    @cached_property
    def greatest_slide(self) -> CountedMoves | None:
        """The worst news: most customers times steps down; None when nobody slid."""
        return max(self._directed(worse=True), key=_weight, default=None)

    @cached_property
    def greatest_rise(self) -> CountedMoves | None:
        """The best news: most customers times steps up; None when nobody rose."""
        return max(self._directed(worse=False), key=_weight, default=None)

    @cached_property
    def grid(self) -> Sequence[Sequence[RfmCell]]:
        """Cells by recency (the latest first) and by frequency (the rarest first)."""
        top = max((max(cell.r_score, cell.f_score) for cell in self.cells), default=0)
        value = self._sum("expected_value")
        by_scores: dict[tuple[int, int], list[SegmentCell]] = {}
        for cell in self.cells:
            by_scores.setdefault((cell.r_score, cell.f_score), []).append(cell)
        return [
            [
                _rfm_cell(r=r, f=f, cells=by_scores.get((r, f), ()), count=self.total_count, value=value)
                for f in range(1, top + 1)
            ]
            for r in range(top, 0, -1)
        ]

    def _directed(self, *, worse: bool) -> Iterator[CountedMoves]:
        last = len(_RANKS)
        for (one, other), count in self.flows.items():
            if (_RANKS.get(other, last) > _RANKS.get(one, last)) is worse:
                yield CountedMoves(one, other, count)

    def _size(self, segment: str) -> SegmentSize:
        cells = [cell for cell in self.cells if cell.segment == segment]
        count, value = sum(cell.count for cell in cells), sum(cell.expected_value for cell in cells)
        return SegmentSize(
            segment=segment,
            count=count,
            share=_share(count, self.total_count),
            expected_value=value,
            value_share=_share(value, self._sum("expected_value")),
            expected_value_90=sum(cell.expected_value_90 for cell in cells),
            churn_share=_share(sum(cell.churn_sum for cell in cells), count),
            came_count=sum(move.count for move in self.moves if move.to_segment == segment),
            left_count=sum(move.count for move in self.moves if move.from_segment == segment),
        )

    def _sum(self, name: str) -> float:
        return float(sum(getattr(cell, name) for cell in self.cells))


@dataclass(frozen=True, slots=True)
class MovedPage:
    """Customers who moved, those worth most first; `after` begins the next page, None on the last."""

    rows: Sequence[MovedCustomer]
    after: MovedPlace | None


def get_segments(*, actor: Actor, days: int) -> SegmentsPage:
    """Segments after the last night and the moves of the last `days` (one of WINDOWS_DAYS). Raises NotAllowed."""
    actor.require(Ability.VIEW_CUSTOMERS)
    return get_sizes(days=days)


def get_sizes(*, days: int = WINDOWS_DAYS[0]) -> SegmentsPage:
    """As `get_segments`, for programs, whose right to read is checked by the API."""
    last = customer_list.find_last_valued()
    if last is None:
        return SegmentsPage(as_of_date=None, days=days, cells=(), moves=())
    kept = segmenting.read_overview(details=last.details)
    moves = kept.moves.get(days) if kept else segmenting.count_moves(since=last.as_of_date - dt.timedelta(days=days))
    cells = kept.cells if kept else segmenting.count_segments()
    return SegmentsPage(as_of_date=last.as_of_date, days=days, cells=cells, moves=moves or ())


def list_moved(
    *, actor: Actor, days: int, from_segment: str | None, to_segment: str | None, after: MovedPlace | None, limit: int
) -> MovedPage:
    """Customers who stand elsewhere than `days` before the last night, narrowed to one cell of the matrix or less.

    An empty `from_segment` asks for customers seen first in these days, None for all. Raises NotAllowed.
    """
    actor.require(Ability.VIEW_CUSTOMERS)
    last = customer_list.find_last_valued()
    if last is None:
        return MovedPage(rows=(), after=None)
    rows = segmenting.list_moved(
        since=last.as_of_date - dt.timedelta(days=days),
        from_segment=from_segment,
        to_segment=to_segment,
        after=after,
        limit=limit + 1,
    )
    shown = rows[:limit]
    place = (shown[-1].expected_value, shown[-1].customer_id) if len(rows) > limit else None
    return MovedPage(rows=shown, after=place)


def iterate_moved(
    *, actor: Actor, days: int, from_segment: str | None, to_segment: str | None
) -> Iterator[MovedCustomer]:
    """All of `list_moved`, read a thousand at a time. Raises NotAllowed at once."""
    actor.require(Ability.VIEW_CUSTOMERS)
    return _walk(actor=actor, days=days, from_segment=from_segment, to_segment=to_segment)


def list_moves(*, since: dt.date, after: tuple[dt.date, int] | None, limit: int) -> Sequence[MoveRow]:
    """Every recorded move from the day `since` on, for programs that keep a copy."""
    return segmenting.list_moves(since=since, after=after, limit=limit)


def _walk(*, actor: Actor, days: int, from_segment: str | None, to_segment: str | None) -> Iterator[MovedCustomer]:
    after: MovedPlace | None = None
    while True:
        page = list_moved(
            actor=actor, days=days, from_segment=from_segment, to_segment=to_segment, after=after, limit=1_000
        )
        yield from page.rows
        if page.after is None:
            return
        after = page.after


def _names(page: SegmentsPage) -> list[str]:
    """Segments from the best to the worst; behind them those that this version no longer knows."""
    seen = {cell.segment for cell in page.cells} | {move.from_segment for move in page.moves if move.from_segment}
    return [*SEGMENTS, *sorted(seen - set(SEGMENTS))]


def _weight(move: CountedMoves) -> int:
    last = len(_RANKS)
    return move.count * abs(_RANKS.get(move.to_segment, last) - _RANKS.get(move.from_segment, last))


def _rfm_cell(*, r: int, f: int, cells: Sequence[SegmentCell], count: int, value: float) -> RfmCell:
    held = sum(cell.count for cell in cells)
    return RfmCell(
        r_score=r,
        f_score=f,
        count=held,
        share=_share(held, count),
        value_share=_share(sum(cell.expected_value for cell in cells), value),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
