"""The states of the sweep and how a step leads from one to another; made once for a number of cross-aisles.

A sweep goes over the aisles from left to right. All that matters of the part behind it is, for each crossing of the
aisle it stands in: how many ways end there (none, an odd or an even number), and which crossings are joined by what
lies behind (Ratliff and Rosenthal 1983; Roodbergen and de Koster 2001 for more than two cross-aisles).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

# Ways to serve the part of an aisle between two cross-aisles: not at all, straight through, through and back, from the
# upper or the lower end and back, from both ends to the largest gap.
PASS_BY, THROUGH, TWICE, FROM_UPPER, FROM_LOWER, TO_GAP = range(6)
_WAYS: Final = 6
_NONE, _ODD, _EVEN = range(3)
# Of each crossing: its ways, and the number of its component (0: none).
State = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Possible steps, ordered by the state they lead to; `starts` are where each of the states `into` begins.

    `kind` is the way of a stretch, or how many ways are walked along the cross-aisles to the next aisle.
    """

    sources: npt.NDArray[np.intp]
    kinds: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    into: npt.NDArray[np.intp]
    details: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """All states, where a sweep begins and may end, and the steps of each stretch and across."""

    states: tuple[State, ...]
    begin: int
    ends: npt.NDArray[np.intp]
    stretches: tuple[Steps, ...]
    across: Steps


@lru_cache(maxsize=8)
def tables_for(*, cross_aisles_count: int) -> Tables:
    """Every state that can be reached with so many cross-aisles; about 6, 24, 110, 570 and 3,000 for 2 to 6."""
    empty: State = ((_NONE, 0),) * cross_aisles_count
    numbers, queue = {empty: 0}, [empty]
    stretch_steps: list[list[tuple[int, int, int]]] = [[] for _ in range(cross_aisles_count - 1)]
    across_steps: list[tuple[int, int, int, tuple[int, ...]]] = []

    def number_of(state: State) -> int:
        if state not in numbers:
            numbers[state] = len(numbers)
            queue.append(state)
        return numbers[state]

    while queue:
        state = queue.pop()
        mine = numbers[state]
        for stretch, steps in enumerate(stretch_steps):
            steps += [(mine, way, number_of(_walked(state, stretch, way))) for way in range(_WAYS)]
        across_steps += [(mine, sum(ways), number_of(after), ways) for ways, after in _crossed(state)]
    ends = [number for state, number in numbers.items() if _is_end(state)]
    return Tables(
        states=tuple(numbers),
        begin=0,
        ends=np.array(ends, dtype=np.intp),
        stretches=tuple(_ordered([(*step, ()) for step in steps]) for steps in stretch_steps),
        across=_ordered(across_steps),
    )


def _ordered(steps: list[tuple[int, int, int, tuple[int, ...]]]) -> Steps:
    steps = sorted(steps, key=lambda step: step[2])
    into, starts = np.unique(np.array([step[2] for step in steps], dtype=np.intp), return_index=True)
    return Steps(
        sources=np.array([step[0] for step in steps], dtype=np.intp),
        kinds=np.array([step[1] for step in steps], dtype=np.intp),
        starts=starts.astype(np.intp),
        into=into,
        details=tuple(step[3] for step in steps),
    )


def _walked(state: State, stretch: int, way: int) -> State:
    """After the stretch above crossing number `stretch` was served in one way."""
    lower, upper = stretch, stretch + 1
    touched = {
        PASS_BY: (),
        THROUGH: (lower, upper),
        TWICE: (lower, upper),
        FROM_UPPER: (upper,),
        FROM_LOWER: (lower,),
        TO_GAP: (lower, upper),
    }[way]
    crossings = list(state)
    fresh = len(state)
    for each in touched:
        ways, part = crossings[each]
        if ways == _NONE:
            fresh += 1
            part = fresh
        if way == THROUGH:
            ways = _ODD if ways in (_NONE, _EVEN) else _EVEN
        elif ways == _NONE:
            ways = _EVEN
        crossings[each] = (ways, part)
    if way in (THROUGH, TWICE):
        kept, gone = crossings[lower][1], crossings[upper][1]
        crossings = [(ways, kept if part == gone else part) for ways, part in crossings]
    return _named(crossings)


def _crossed(state: State) -> Iterator[tuple[tuple[int, ...], State]]:
    """Ways along each cross-aisle to the next aisle, and the state there; no part may be left behind."""
    choices = [{_NONE: (0,), _ODD: (1,), _EVEN: (0, 2)}[ways] for ways, _ in state]
    parts = {part for _, part in state if part}
    for ways in product(*choices):
        going = {part for (_, part), many in zip(state, ways, strict=True) if many}
        if parts and going == parts:
            after = [
                ((_NONE, _ODD, _EVEN)[many], part if many else 0) for (_, part), many in zip(state, ways, strict=True)
            ]
            yield ways, _named(after)


def _is_end(state: State) -> bool:
    return all(ways != _ODD for ways, _ in state) and len({part for _, part in state if part}) == 1


def _named(crossings: list[tuple[int, int]]) -> State:
    """Components numbered in the order in which they appear, so that equal states are equal."""
    names: dict[int, int] = {0: 0}
    return tuple((ways, names.setdefault(part, len(names))) for ways, part in crossings)
