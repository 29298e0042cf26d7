"""Annealing of batches: chains side by side move or swap orders, and every walk is measured exactly."""

import time
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from reorder.engine.picking.measuring import Measure

# Chains share what a call costs; more of them take fewer steps each.
_CHAINS = 48
# Of the mean length of a walk: how much worse a step may be at first, and at last.
_HOT_SHARE, _COLD_SHARE = 0.06, 0.001
# Sets are noted every so many steps; more would be walks seen before.
_NOTED_EVERY = 4
_MOST_SETS = 60_000
_SWAP_SHARE = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Annealed:
    """The best batches found, and every set of orders that was some chain's batch, with the length of its walk."""

    best: list[list[int]]
    best_cost: float
    sets: list[tuple[int, ...]]
    costs: list[float]


@dataclass(slots=True, eq=False)
class _Chains:
    """Of each chain: the batch of each order, and of each batch its bins, load and length."""

    batch_of: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int16]
    load: npt.NDArray[np.float64]
    length: npt.NDArray[np.float64]
    names: npt.NDArray[np.uint64]
    best: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    best_cost: float = float("inf")


def anneal(
    *, grid: Measure, loads: list[float], capacity: float, first: list[list[int]], until: float, seed: int
) -> Annealed:
    """Improve batches until the running clock says so."""
    rng = np.random.default_rng(seed)
    load = np.array(loads)
    names = rng.integers(1, 2**63, size=len(loads), dtype=np.uint64)
    chains = _begin(grid=grid, load=load, names=names, first=first)
    notes = _Notes()
    notes.take(chains)
    started = time.monotonic()
    mean = float(chains.length[0].sum()) / max(len(first), 1)
    step = 0
    while (now := time.monotonic()) < until:
        share = (now - started) / max(until - started, 1e-9)
        heat = mean * _HOT_SHARE * (_COLD_SHARE / _HOT_SHARE) ** share
        _step(grid=grid, chains=chains, load=load, names=names, capacity=capacity, heat=heat, rng=rng)
        step += 1
        if step % _NOTED_EVERY == 0:
            notes.take(chains)
    groups: dict[int, list[int]] = {}
    for order, batch in enumerate(chains.best.tolist()):
        groups.setdefault(batch, []).append(order)
    return Annealed(
        best=list(groups.values()), best_cost=chains.best_cost, sets=list(notes.sets.values()), costs=list(notes.costs)
    )


def _begin(
    *, grid: Measure, load: npt.NDArray[np.float64], names: npt.NDArray[np.uint64], first: list[list[int]]
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
        best=batch_of.copy(),
        best_cost=float(length.sum()),
    )


def _step(
    *,
    grid: Measure,
    chains: _Chains,
    load: npt.NDArray[np.float64],
    names: npt.NDArray[np.uint64],
    capacity: float,
    heat: float,
    rng: np.random.Generator,
) -> None:
    """Each chain moves an order to another batch, or swaps two, where a cart holds it and chance lets it."""
    rows = np.arange(_CHAINS)
    orders = len(load)
    one = rng.integers(orders, size=_CHAINS)
    other = rng.integers(orders, size=_CHAINS)
    here = chains.batch_of[rows, one]
    swaps = rng.random(_CHAINS) < _SWAP_SHARE
    there = np.where(swaps, chains.batch_of[rows, other], rng.integers(chains.load.shape[1], size=_CHAINS))
    back = np.where(swaps, load[other], 0.0)
    fits = (
        (here != there)
        & (chains.load[rows, there] + load[one] - back <= capacity)
        & (chains.load[rows, here] - load[one] + back <= capacity)
    )
    rows = rows[fits]
    if not len(rows):
        return
    one, other, here, there, swaps = one[fits], other[fits], here[fits], there[fits], swaps[fits]
    moved = grid.counts[one] - np.where(swaps[:, None, None, None], grid.counts[other], 0).astype(np.int16)
    counts = np.concatenate((chains.counts[rows, here] - moved, chains.counts[rows, there] + moved))
    length = grid.measure(counts=counts)
    half = len(rows)
    worse = length[:half] + length[half:] - chains.length[rows, here] - chains.length[rows, there]
    takes = worse <= -heat * np.log(np.maximum(rng.random(half), 1e-300))
    rows, one, other, here, there = rows[takes], one[takes], other[takes], here[takes], there[takes]
    swaps, both = swaps[takes], np.concatenate((takes, takes))
    counts, length = counts[both], length[both]
    half = len(rows)
    delta = load[one] - np.where(swaps, load[other], 0.0)
    key = names[one] ^ np.where(swaps, names[other], np.uint64(0))
    for batch, part, sign in ((here, slice(0, half), -1.0), (there, slice(half, None), 1.0)):
        chains.counts[rows, batch] = counts[part]
        chains.length[rows, batch] = length[part]
        chains.load[rows, batch] += sign * delta
        chains.names[rows, batch] ^= key
    chains.batch_of[rows, one] = there
    chains.batch_of[rows[swaps], other[swaps]] = here[swaps]
    totals = chains.length.sum(axis=1)
    least = int(np.argmin(totals))
    if totals[least] < chains.best_cost - 1e-9:
        chains.best_cost = float(totals[least])
        chains.best = chains.batch_of[least].copy()


@dataclass(slots=True)
class _Notes:
    sets: dict[int, tuple[int, ...]] = field(default_factory=dict)
    costs: list[float] = field(default_factory=list)

    def take(self, chains: _Chains) -> None:
        """Note the batches of all chains that were not seen before."""
        if len(self.sets) >= _MOST_SETS:
            return
        keys, where = np.unique(chains.names, return_index=True)
        for key, place in zip(keys.tolist(), where.tolist(), strict=True):
            if key and key not in self.sets:
                chain, batch = divmod(place, chains.names.shape[1])
                self.sets[key] = tuple(np.flatnonzero(chains.batch_of[chain] == batch).tolist())
                self.costs.append(float(chains.length[chain, batch]))
