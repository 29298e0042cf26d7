"""The smallest carton that holds everything: quick tries in all that may, then the time for those that seemed full.

What is left to try are hopes: cartons smaller than the best one found that nothing speaks against. Tries are bred: an
order that left out little is changed a little, what was left out comes earlier (Burke and others 2004, squeaky wheel).
A constraint solver settles small orders for good.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from reorder.engine.packing.bounds import may_hold
from reorder.engine.packing.many import FARTHEST, RULE_COUNT, Filled, Shapes, fill_many
from reorder.engine.packing.spaces import RULES, fill
from reorder.engine.packing.values import Carton, Piece, Placed

# What the solver needs to answer for n pieces is about so many seconds times n squared.
_SOLVER_SECONDS: Final = 0.0001
_ASKED_AT_MOST: Final = 2
# A plan that has hopes left may go on for so long after its budget: rounds and questions are sized to end by then.
GRACE_SECONDS: Final = 0.03
_MOST_FOR_SOLVER: Final = 24
# The solver is no better than tries for hopes that it does not settle in this share of the time that is left.
_SOLVER_SHARE: Final = 0.6
# A round of tries takes about so many seconds times n, and for each try so many times n squared.
_ROUND_SECONDS: Final = 0.00024
_TRY_SECONDS: Final = 0.00000055
_MOST_TRIES: Final = 256
_FEWEST_TRIES: Final = 4
# Below this many pieces single tries in plain Python are quicker than a round.
_FEW_PIECES: Final = 13
_HOPES_AT_ONCE: Final = 4
_KEPT: Final = 16
# Where goods would fill a carton so far, the chance that it holds them: by what random orders needed.
_BEST_AT_FILL: Final = ((0.8, 0.86, 0.92, 1.0), (0.95, 0.5, 0.1, 0.02))
# How often which rule, start order and spread are tried: by what succeeded on random orders.
_RULE_ODDS: Final = np.array([0.1, 0.04, 0.05, 0.1, 0.13, 0.2, 0.38])
_START_ODDS: Final = np.array([0.5, 0.2, 0.2, 0.1])
_SPREADS: Final = (0.05, 0.1, 0.2, 0.35)
# Start orders with their rules that are tried first, as they are.
_FIRST: Final = np.array([(0, FARTHEST), (0, 5), (1, FARTHEST), (2, FARTHEST), (0, 4), (0, 0)])
# With fewer tries than this there is no second round: all the time goes into the first.
_TRIES_OF_TWO_ROUNDS: Final = 60
Keys = npt.NDArray[np.float64]


@dataclass(slots=True)
class Stopwatch:
    """The seconds that a plan takes, as far as they count."""

    _uncounted: float = 0.0

    def now(self) -> float:
        """Seconds since some moment in the past."""
        return time.monotonic() - self._uncounted

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """What is done within does not count."""
        started = time.monotonic()
        yield
        self._uncounted += time.monotonic() - started


@dataclass(frozen=True, slots=True)
class Packed:
    """A carton and how everything lies in it."""

    carton: Carton
    placed: tuple[Placed, ...]


@dataclass(slots=True)
class _Hope:
    """A carton that may still hold everything, and the orders of pieces that came nearest: keys by (piece, parent)."""

    carton: Carton
    keys: Keys | None = None
    rules: npt.NDArray[np.intp] | None = None
    volumes: npt.NDArray[np.int64] | None = None
    missed: npt.NDArray[np.bool_] | None = None
    asked: int = 0


@dataclass(slots=True)
class Search:
    """One search for a carton for these pieces; `cartons` from the best to the worst, `until` as `watch` counts."""

    pieces: Sequence[Piece]
    cartons: Sequence[Carton]
    watch: Stopwatch
    until: float
    seed: int
    grace_seconds: float = GRACE_SECONDS
    _hopes: list[_Hope] = field(default_factory=list)
    _best: Packed | None = None
    _slowness: float = 1.0

    def run(self) -> Packed | None:
        """The best carton found in time; None when none holds everything, or none was found."""
        able = [carton for carton in self.cartons if may_hold(pieces=self.pieces, carton=carton)]
        shapes, rng = Shapes.of(self.pieces), np.random.default_rng(self.seed)
        starts = _starts(self.pieces)
        if len(self.pieces) < _FEW_PIECES:
            self._first(able)
        else:
            self._first_rounds(able, shapes=shapes, rng=rng, starts=starts)
        while self._hopes:
            if self._solve():
                continue
            tries = self._affordable(share=1.0)
            if tries < _FEWEST_TRIES:
                break
            self._breed(hopes=self._likely(), shapes=shapes, rng=rng, starts=starts, tries=tries)
        return self._best

    def _first(self, cartons: Sequence[Carton]) -> None:
        """A quick try or two in each carton, until one holds everything; those before it are hopes."""
        ordered = sorted(self.pieces, key=lambda piece: (piece.item.fragile, -piece.volume))
        for carton in cartons:
            for rule in RULES:
                placed = fill(pieces=ordered, carton=carton.size, rule=rule)
                if placed is not None:
                    self._best = Packed(carton, tuple(placed))
                    return
            self._hopes.append(_Hope(carton))

    def _first_rounds(
        self, cartons: Sequence[Carton], *, shapes: Shapes, rng: np.random.Generator, starts: Keys
    ) -> None:
        """A round of tries in a few cartons at once from the smallest on, until one of them holds everything."""
        for at in range(0, len(cartons), _HOPES_AT_ONCE):
            hopes = [_Hope(carton) for carton in cartons[at : at + _HOPES_AT_ONCE]]
            self._hopes += hopes
            tries = self._affordable(share=0.9)
            if tries > _TRIES_OF_TWO_ROUNDS:
                tries = min(self._affordable(share=0.4), 96)
            self._breed(hopes=hopes, shapes=shapes, rng=rng, starts=starts, tries=max(tries, 2 * len(hopes)))
            if self._best is not None:
                return

    def _found(self, *, hope: _Hope, placed: Sequence[Placed]) -> None:
        """A better carton: only those before it are hopes now."""
        self._best = Packed(hope.carton, tuple(placed))
        self._hopes = self._hopes[: self._hopes.index(hope)]

    def _solve(self) -> bool:
        """Ask the solver about the likeliest hope that it has not given up; whether there was one and time for it.

        At first in the quick way, which settles most questions; what is left open is asked once more, thoroughly.
        """
        needed = _SOLVER_SECONDS * len(self.pieces) ** 2
        left = self.until + self.grace_seconds - self.watch.now()
        waiting = [hope for hope in self._hopes if hope.asked < _ASKED_AT_MOST]
        if len(self.pieces) > _MOST_FOR_SOLVER or not waiting:
            return False
        chances = dict(zip(map(id, self._hopes), _chances(hopes=self._hopes, whole=_volume(self.pieces)), strict=True))
        hope = min(waiting, key=lambda one: (one.asked, -chances[id(one)]))
        if left < needed * (1 + hope.asked):
            return False
        hope.asked += 1
        thoroughly = hope.asked == _ASKED_AT_MOST
        # To load OR-Tools takes longer than a budget and much memory: the first hard order of a process pays for it.
        with self.watch.stopped():
            from reorder.engine.packing.exact import Answer, solve_exactly

        answer, placed = solve_exactly(
            pieces=self.pieces,
            carton=hope.carton.size,
            seconds=left * _SOLVER_SHARE / len(waiting) if thoroughly else min(3 * needed, left),
            seed=self.seed,
            prepares=thoroughly,
        )
        if placed is not None:
            self._found(hope=hope, placed=placed)
        elif answer is Answer.IMPOSSIBLE:
            self._hopes.remove(hope)
        return True

    def _affordable(self, *, share: float) -> int:
        """How many tries a share of the time that is left pays for."""
        count = len(self.pieces)
        left = (self.until + self.grace_seconds - self.watch.now()) * share / self._slowness
        return int(min((left - _ROUND_SECONDS * count) / (_TRY_SECONDS * count**2), _MOST_TRIES))

    def _breed(
        self, *, hopes: Sequence[_Hope], shapes: Shapes, rng: np.random.Generator, starts: Keys, tries: int
    ) -> None:
        """A round of tries in some hopes, more of them in those that are nearer to success."""
        started = time.monotonic()
        counts = _shares(hopes=hopes, tries=tries, whole=_volume(self.pieces))
        bred = [_children(hope=hope, starts=starts, count=count, rng=rng) for hope, count in counts]
        keys = np.concatenate([mine for mine, _ in bred], axis=1)
        rules = np.concatenate([mine for _, mine in bred])
        sizes = np.array([hope.carton.size for hope, _ in counts], dtype=np.int16).T
        filled = fill_many(
            shapes=shapes,
            orders=np.argsort(keys, axis=0, kind="stable"),
            cartons=np.repeat(sizes, [count for _, count in counts], axis=1),
            rules=rules,
        )
        self._take(likely=counts, filled=filled, keys=keys, rules=rules)
        count = len(self.pieces)
        expected = _ROUND_SECONDS * count + _TRY_SECONDS * count**2 * keys.shape[1]
        self._slowness = max((time.monotonic() - started) / expected, 0.2)

    def _likely(self) -> list[_Hope]:
        """The hopes that get tries: the largest, or the smallest while no carton is known to hold everything."""
        return self._hopes[-_HOPES_AT_ONCE:] if self._best is not None else self._hopes[:_HOPES_AT_ONCE]

    def _take(
        self, *, likely: Sequence[tuple[_Hope, int]], filled: Filled, keys: Keys, rules: npt.NDArray[np.intp]
    ) -> None:
        """Keep what came nearest, and the smallest carton that took everything."""
        at = 0
        successes: list[tuple[_Hope, int]] = []
        for hope, count in likely:
            mine = slice(at, at + count)
            whole = np.flatnonzero(filled.is_in[:, mine].all(axis=0))
            if len(whole):
                successes.append((hope, at + int(whole[0])))
            _remember(hope=hope, keys=keys[:, mine], rules=rules[mine], filled=filled, mine=mine)
            at += count
        if successes:
            hope, number = successes[0]
            self._found(hope=hope, placed=filled.placed(number=number, pieces=self.pieces))


def _shares(*, hopes: Sequence[_Hope], tries: int, whole: int) -> list[tuple[_Hope, int]]:
    """How many tries each hope gets, by its chance; each gets one at least."""
    chances = np.array(_chances(hopes=hopes, whole=whole))
    counts = np.maximum(tries * chances / chances.sum(), 1).astype(int)
    return list(zip(hopes, counts.tolist(), strict=True))


def _chances(*, hopes: Sequence[_Hope], whole: int) -> list[float]:
    """The chance of each hope to be the best carton, the smallest first.

    The bounds leave few cartons that hold nothing: the smallest is mostly the best, unless the goods would fill it to
    the brim. A best try that left out much lowers the chance, by half for every 3 % of the volume.
    """
    chances, unclaimed = [], 1.0
    for hope in hopes:
        chance = unclaimed * float(np.interp(whole / hope.carton.volume, *_BEST_AT_FILL))
        unclaimed -= chance
        missed = 0.0 if hope.volumes is None else 1 - hope.volumes[0] / whole
        chances.append(chance * 2 ** (-missed / 0.03))
    return chances


def _volume(pieces: Sequence[Piece]) -> int:
    return sum(piece.volume for piece in pieces)


def _starts(pieces: Sequence[Piece]) -> Keys:
    """Keys of the orders to begin with (piece, order): large volume, long side, large face, tall first."""
    sides = np.sort(np.array([piece.sizes[0] for piece in pieces], dtype=np.float64), axis=1)
    fragile = np.array([piece.item.fragile for piece in pieces])
    volume = sides.prod(axis=1)
    measures = (volume, sides[:, 2] * 1e6 + volume / 1e3, sides[:, 2] * sides[:, 1], sides[:, 0] * 1e6 + volume / 1e3)
    ranks = [np.argsort(np.lexsort((-measure, fragile))) for measure in measures]
    return np.array(ranks, dtype=np.float64).T


def _children(*, hope: _Hope, starts: Keys, count: int, rng: np.random.Generator) -> tuple[Keys, npt.NDArray[np.intp]]:
    """New orders and rules for a hope: at first from the start orders, later mostly from its best."""
    pieces = len(starts)
    fresh = rng.choice(starts.shape[1], size=count, p=_START_ODDS)
    rules = rng.choice(RULE_COUNT, size=count, p=_RULE_ODDS)
    spread = rng.choice(_SPREADS, size=count) * pieces
    if hope.keys is None:
        known = min(len(_FIRST), count)
        fresh[:known], rules[:known], spread[:known] = _FIRST[:known, 0], _FIRST[:known, 1], 0.0
    keys = starts[:, fresh] + rng.uniform(-1, 1, size=(pieces, count)) * spread
    if hope.keys is None or hope.rules is None or hope.missed is None:
        return keys, rules
    bred = np.flatnonzero(rng.random(count) < 0.7)
    parent = (rng.random(len(bred)) ** 2 * hope.keys.shape[1]).astype(np.intp)
    mine = hope.keys[:, parent].copy()
    moved = rng.random((pieces, len(bred))) < rng.choice((1.0, 2.0, 4.0), size=len(bred)) / pieces
    mine = np.where(moved, rng.uniform(-1, pieces, size=moved.shape), mine)
    earlier = hope.missed[:, parent] & (rng.random(moved.shape) < 0.7)
    mine -= np.where(earlier, rng.random(moved.shape) * pieces, 0.0)
    keys[:, bred] = np.argsort(np.argsort(mine, axis=0), axis=0)
    rules[bred] = np.where(rng.random(len(bred)) < 0.8, hope.rules[parent], rules[bred])
    return keys, rules


def _remember(*, hope: _Hope, keys: Keys, rules: npt.NDArray[np.intp], filled: Filled, mine: slice) -> None:
    volumes, missed = filled.volume[mine], ~filled.is_in[:, mine]
    if hope.keys is not None and hope.rules is not None and hope.volumes is not None and hope.missed is not None:
        keys, rules = np.concatenate((hope.keys, keys), axis=1), np.concatenate((hope.rules, rules))
        volumes, missed = np.concatenate((hope.volumes, volumes)), np.concatenate((hope.missed, missed), axis=1)
    best = np.argsort(-volumes, kind="stable")[:_KEPT]
    hope.keys, hope.rules, hope.volumes, hope.missed = keys[:, best], rules[best], volumes[best], missed[:, best]
