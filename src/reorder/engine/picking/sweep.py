"""The sweep itself: least ways so far for every state, aisle by aisle, and back along the choices that led there."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from reorder.engine.picking.states import (
    FROM_LOWER,
    FROM_UPPER,
    PASS_BY,
    THROUGH,
    TO_GAP,
    TWICE,
    Steps,
    Tables,
    tables_for,
)

_NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Aisle:
    """An aisle with something in it: for each stretch between two cross-aisles the points in it, rising."""

    number: int
    stretches: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Swept:
    """How each stretch of each aisle is served, and how often each cross-aisle is walked to the next aisle."""

    length: float
    ways: tuple[tuple[int, ...], ...]
    across: tuple[tuple[int, ...], ...]


@dataclass(slots=True)
class _Step:
    steps: Steps
    before: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.float64]


def sweep(*, aisles: Sequence[Aisle], cross_aisles: Sequence[float], aisle_pitch: float) -> Swept:
    """The least closed walk through all points of these aisles, which stand in rising order."""
    tables = tables_for(cross_aisles_count=len(cross_aisles))
    costs = np.full(len(tables.states), _NEVER)
    costs[tables.begin] = 0.0
    done: list[_Step] = []
    for position, aisle in enumerate(aisles):
        for stretch, steps in enumerate(tables.stretches):
            lengths = stretch_lengths(
                points=aisle.stretches[stretch], lower=cross_aisles[stretch], upper=cross_aisles[stretch + 1]
            )
            costs = _take(done=done, steps=steps, before=costs, lengths=lengths[steps.kinds])
        if position + 1 < len(aisles):
            apart = (aisles[position + 1].number - aisle.number) * aisle_pitch
            costs = _take(
                done=done,
                steps=tables.across,
                before=costs,
                lengths=np.multiply(tables.across.kinds, apart, dtype=np.float64),
            )
    end = int(tables.ends[np.argmin(costs[tables.ends])])
    return _back(done=done, end=end, tables=tables, aisles_count=len(aisles), length=float(costs[end]))


def stretch_lengths(*, points: Sequence[float], lower: float, upper: float) -> npt.NDArray[np.float64]:
    """What each way of serving a stretch costs; infinite where it serves not all of it."""
    whole = upper - lower
    lengths = np.full(6, _NEVER)
    lengths[THROUGH], lengths[TWICE] = whole, 2 * whole
    if not points:
        lengths[PASS_BY] = 0.0
        return lengths
    lengths[FROM_UPPER] = 2 * (upper - points[0])
    lengths[FROM_LOWER] = 2 * (points[-1] - lower)
    if len(points) > 1:
        gap = max(high - low for low, high in pairwise(points))
        lengths[TO_GAP] = 2 * (whole - gap)
    return lengths


def _take(
    *, done: list[_Step], steps: Steps, before: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    done.append(_Step(steps, before, lengths))
    after = np.full(len(before), _NEVER)
    after[steps.into] = np.minimum.reduceat(before[steps.sources] + lengths, steps.starts)
    return after


def _back(*, done: list[_Step], end: int, tables: Tables, aisles_count: int, length: float) -> Swept:
    stretches_count = len(tables.stretches)
    ways: list[tuple[int, ...]] = []
    across: list[tuple[int, ...]] = []
    state = end
    steps = iter(reversed(done))
    for position in range(aisles_count):
        if position:
            state, chosen = _source(step=next(steps), state=state)
            across.append(tables.across.details[chosen])
        mine: list[int] = []
        for _ in range(stretches_count):
            step = next(steps)
            state, chosen = _source(step=step, state=state)
            mine.append(int(step.steps.kinds[chosen]))
        ways.append(tuple(reversed(mine)))
    return Swept(length=length, ways=tuple(reversed(ways)), across=tuple(reversed(across)))


def _source(*, step: _Step, state: int) -> tuple[int, int]:
    """The state before, and the number of the step that was taken."""
    steps = step.steps
    place = int(np.searchsorted(steps.into, state))
    begin = int(steps.starts[place])
    end = int(steps.starts[place + 1]) if place + 1 < len(steps.starts) else len(steps.sources)
    taken = step.before[steps.sources[begin:end]] + step.lengths[begin:end]
    chosen = begin + int(np.argmin(taken))
    return int(steps.sources[chosen]), chosen
