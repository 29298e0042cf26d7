"""Annealing of batches: chains side by side move or swap orders, and every walk is measured exactly.

Where carts are nearly full hardly an order fits anywhere else. So half of the chains may overload a cart a little on
their way, at a price (oscillation around the border of what is allowed; Glover 1995); an overloaded cart is no answer.
"""

import time
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reorder.engine.picking.measuring import Measure
from reorder.engine.picking.partition import ROUNDING, Found

# Chains share what a call costs; more of them take fewer steps each.
_CHAINS = 48
# Of the mean length of a walk: how much worse a step may be at first, and at last.
_HOT_SHARE, _COLD_SHARE = 0.06, 0.001
# Sets are noted every so many steps; more would be walks seen before.
_NOTED_EVERY = 4
_MOST_SETS = 60_000
_SWAP_SHARE = 0.6
# Of the chains: those that may overload carts, by how much of a cart a step may add, and how many mean walks a whole
# cart of overload costs.
_LOOSE_SHARE, _MOST_ADDED_SHARE, _OVERLOAD_WALKS = 1 / 2, 0.1, 4.0


@dataclass(slots=True, eq=False)
class _Chains:
    """Of each chain: the batch of each order, and of each batch its bins, load and length."""

    batch_of: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int16]
    load: npt.NDArray[np.float64]
    length: npt.NDArray[np.float64]
    names: npt.NDArray[np.uint64]
    # What a step may add of overload, in units.
    slack: npt.NDArray[np.float64]
    best: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    best_cost: float = float("inf")


@dataclass(frozen=True, slots=True)
class _Cart:
    """What a cart holds, and what a unit above that costs a chain that loads it all the same (metres)."""

    capacity: float
    unit_price: float

    def overload(self, load: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Units above what it holds."""
        return np.maximum(load - self.capacity, 0.0)


def anneal(
    *, grid: Measure, loads: list[float], capacity: float, first: list[list[int]], until: float, seed: int
) -> Found:
    """Improve batches until the running clock says so; the sets are those that some chain came by."""
    rng = np.random.default_rng(seed)
    load = np.array(loads)
    names = rng.integers(1, 2**63, size=len(loads), dtype=np.uint64)
    chains = _begin(grid=grid, load=load, names=names, first=first, capacity=capacity)
    notes = _Notes(capacity=capacity)
    notes.take(chains)
    started = time.monotonic()
    mean = float(chains.length[0].sum()) / max(len(first), 1)
    cart = _Cart(capacity=capacity, unit_price=mean * _OVERLOAD_WALKS / max(capacity, ROUNDING))
    step = 0
    while (now := time.monotonic()) < until:
        share = (now - started) / max(until - started, 1e-9)
        heat = mean * _HOT_SHARE * (_COLD_SHARE / _HOT_SHARE) ** share
        _step(grid=grid, chains=chains, load=load, names=names, cart=cart, heat=heat, rng=rng)
        step += 1
        if step % _NOTED_EVERY == 0:
            notes.take(chains)
    groups: dict[int, list[int]] = {}
    for order, batch in enumerate(chains.best.tolist()):
        groups.setdefault(batch, []).append(order)
    return Found(
        best=list(groups.values()), best_cost=chains.best_cost, sets=list(notes.sets.values()), costs=list(notes.costs)
    )


def _begin(
    *,
    grid: Measure,
    load: npt.NDArray[np.float64],
    names: npt.NDArray[np.uint64],
    first: list[list[int]],
    capacity: float,
) -> _Chains:
    batches = len(first) + 1
    shape = grid.counts.shape[1:]
    batch_of = np.zeros(len(load), dtype=np.int64)
    counts = np.zeros((batches, *shape), dtype=np.int16)
    loads, keys = np.zeros(batches), np.zeros(batches, dtype=np.uint64)
    for batch, group in enumerate(first):
        batch_of[group] = batch
        counts[batch] = grid.counts[group].sum(axis=0)
        loads[batch] = load[group].sum()
        keys[batch] = np.bitwise_xor.reduce(names[group])
    length = grid.measure(counts=counts)
    return _Chains(
        batch_of=np.repeat(batch_of[np.newaxis], _CHAINS, axis=0),
        counts=np.repeat(counts[np.newaxis], _CHAINS, axis=0),
        load=np.repeat(loads[np.newaxis], _CHAINS, axis=0),
        length=np.repeat(length[np.newaxis], _CHAINS, axis=0),
        names=np.repeat(keys[np.newaxis], _CHAINS, axis=0),
        slack=np.where(np.arange(_CHAINS) < _CHAINS * _LOOSE_SHARE, capacity * _MOST_ADDED_SHARE, ROUNDING),
        best=batch_of.copy(),
        best_cost=float(length.sum()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Moves:
    """A move of one order, or a swap of two, for each of some chains; `added` is the overload that it brings."""

    rows: npt.NDArray[np.int64]
    one: npt.NDArray[np.int64]
    other: npt.NDArray[np.int64]
    here: npt.NDArray[np.int64]
    there: npt.NDArray[np.int64]
    swaps: npt.NDArray[np.bool_]
    added: npt.NDArray[np.float64]

    def only(self, which: npt.NDArray[np.bool_]) -> "_Moves":
        """Those that are marked."""
        return _Moves(*(getattr(self, name)[which] for name in self.__slots__))


def _step(
    *,
    grid: Measure,
    chains: _Chains,
    load: npt.NDArray[np.float64],
    names: npt.NDArray[np.uint64],
    cart: _Cart,
    heat: float,
    rng: np.random.Generator,
) -> None:
    """Each chain moves an order to another batch, or swaps two, where its cart may take it and chance lets it."""
    moves = _draw(chains=chains, load=load, cart=cart, rng=rng)
    if not len(moves.rows):
        return
    rows, here, there = moves.rows, moves.here, moves.there
    moved = grid.counts[moves.one] - np.where(moves.swaps[:, None, None, None], grid.counts[moves.other], 0).astype(
        np.int16
    )
    counts = np.concatenate((chains.counts[rows, here] - moved, chains.counts[rows, there] + moved))
    length = grid.measure(counts=counts)
    half = len(rows)
    worse = length[:half] + length[half:] - chains.length[rows, here] - chains.length[rows, there]
    worse += moves.added * cart.unit_price
    takes = worse <= -heat * np.log(np.maximum(rng.random(half), 1e-300))
    both = np.concatenate((takes, takes))
    _take(chains=chains, moves=moves.only(takes), counts=counts[both], length=length[both], load=load, names=names)
    is_loaded_well = (chains.load <= cart.capacity + ROUNDING).all(axis=1)
    totals = np.where(is_loaded_well, chains.length.sum(axis=1), np.inf)
    least = int(np.argmin(totals))
    if totals[least] < chains.best_cost - 1e-9:
        chains.best_cost = float(totals[least])
        chains.best = chains.batch_of[least].copy()


def _draw(*, chains: _Chains, load: npt.NDArray[np.float64], cart: _Cart, rng: np.random.Generator) -> _Moves:
    """A move or swap by chance for each chain whose cart may take it."""
    rows = np.arange(_CHAINS)
    one = rng.integers(len(load), size=_CHAINS)
    other = rng.integers(len(load), size=_CHAINS)
    here = chains.batch_of[rows, one]
    swaps = rng.random(_CHAINS) < _SWAP_SHARE
    there = np.where(swaps, chains.batch_of[rows, other], rng.integers(chains.load.shape[1], size=_CHAINS))
    given = load[one] - np.where(swaps, load[other], 0.0)
    from_load, to_load = chains.load[rows, here], chains.load[rows, there]
    added = cart.overload(from_load - given) + cart.overload(to_load + given)
    added -= cart.overload(from_load) + cart.overload(to_load)
    return _Moves(rows, one, other, here, there, swaps, added).only((here != there) & (added <= chains.slack))


def _take(
    *,
    chains: _Chains,
    moves: _Moves,
    counts: npt.NDArray[np.int16],
    length: npt.NDArray[np.float64],
    load: npt.NDArray[np.float64],
    names: npt.NDArray[np.uint64],
) -> None:
    """Do these moves; `counts` and `length` are those of the batches they leave, then of those they go to."""
    rows, one, other, swaps = moves.rows, moves.one, moves.other, moves.swaps
    half = len(rows)
    delta = load[one] - np.where(swaps, load[other], 0.0)
    key = names[one] ^ np.where(swaps, names[other], np.uint64(0))
    for batch, part, sign in ((moves.here, slice(0, half), -1.0), (moves.there, slice(half, None), 1.0)):
        chains.counts[rows, batch] = counts[part]
        chains.length[rows, batch] = length[part]
        chains.load[rows, batch] += sign * delta
        chains.names[rows, batch] ^= key
    chains.batch_of[rows, one] = moves.there
    chains.batch_of[rows[swaps], other[swaps]] = moves.here[swaps]


@dataclass(slots=True)
class _Notes:
    capacity: float
    sets: dict[int, tuple[int, ...]] = field(default_factory=dict)
    costs: list[float] = field(default_factory=list)

    def take(self, chains: _Chains) -> None:
        """Note the batches of all chains that were not seen before and that a cart holds."""
        if len(self.sets) >= _MOST_SETS:
            return
        keys, where = np.unique(chains.names, return_index=True)
        for key, place in zip(keys.tolist(), where.tolist(), strict=True):
            if key and key not in self.sets:
                chain, batch = divmod(place, chains.names.shape[1])
                if chains.load[chain, batch] > self.capacity + ROUNDING:
                    continue
                self.sets[key] = tuple(np.flatnonzero(chains.batch_of[chain] == batch).tolist())
                self.costs.append(float(chains.length[chain, batch]))
