"""Exact routing of orders of one length: over subsets of the lines or of the places, whichever are fewer.

Both find the least of: shipments of the places used + lines at their places + lines that wait. Arrays hold many orders
of one length at once: `fixed` [orders, places], `cost` [orders, places, lines] (inf: impossible).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Beyond these the tables no longer fit a moment: 3^10 pairs of subsets of lines, 2^12 subsets of places.
MOST_LINES, MOST_PLACES = 10, 12
# And an order of thousands of lines has so many cells at most: 16 MB.
MOST_CELLS = 2_000_000
WAITS = -1


@dataclass(frozen=True, slots=True)
class LineSubsets:
    """Subsets of so many lines as bits: `members` [subsets, lines]; every (rest, part) of each, side by side."""

    members: Floats
    sizes: Whole
    rest: Whole
    part: Whole
    starts: Whole


@lru_cache(maxsize=MOST_LINES + 1)
def line_subsets(*, lines: int) -> LineSubsets:
    """The tables for orders of so many lines; 3^lines pairs."""
    masks = np.arange(1 << lines)
    members = ((masks[:, None] >> np.arange(lines)) & 1).astype(float)
    # Split every mask into (rest, part) digit by digit: a line is outside, in the rest, or in the part.
    rest, part = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for line in range(lines):
        bit = 1 << line
        rest, part = np.concatenate((rest, rest | bit, rest)), np.concatenate((part, part, part | bit))
    order = np.argsort(rest | part, kind="stable")
    whole = (rest | part)[order]
    return LineSubsets(
        members=members,
        sizes=members.sum(axis=1).astype(np.int64),
        rest=rest[order],
        part=part[order],
        starts=np.searchsorted(whole, masks),
    )


@lru_cache(maxsize=MOST_PLACES + 1)
def place_subsets(*, places: int) -> tuple[Flags, Whole]:
    """Members [subsets, places] and sizes of the subsets of so many places."""
    members = ((np.arange(1 << places)[:, None] >> np.arange(places)) & 1).astype(bool)
    return members, members.sum(axis=1)


def cheaper_by_places(*, places: int, lines: int) -> bool:
    """Whether the subsets of places are the smaller table."""
    if places > MOST_PLACES:
        return False
    return lines > MOST_LINES or (1 << places) * lines <= places * 3**lines


def route_by_places(*, fixed: Floats, cost: Floats, waiting: float, penalty: float, most: int) -> Whole:
    """The place of each line [orders, lines] (WAITS: none), found by trying every set of at most `most` places."""
    orders, places, lines = cost.shape
    members, sizes = place_subsets(places=places)
    best = np.empty((orders, 1 << places, lines))
    best[:, 0] = waiting
    opening = np.zeros((orders, 1 << places))
    for place in range(places):
        half = 1 << place
        np.minimum(best[:, :half], cost[:, place, None, :], out=best[:, half : 2 * half])
        opening[:, half : 2 * half] = opening[:, :half] + fixed[:, place, None]
    total = best.sum(axis=2) + opening + penalty * np.maximum(sizes - 1, 0)
    total[:, sizes > most] = np.inf
    chosen = members[total.argmin(axis=1)]
    offered = np.where(chosen[:, :, None], cost, np.inf)
    place_of = offered.argmin(axis=1)
    return np.where(offered.min(axis=1) < waiting, place_of, WAITS)


def route_by_lines(
    *, fixed: Floats, cost: Floats, waiting: float, penalty: float, most: int, allowed: Flags | None = None
) -> Whole:
    """The same by a dynamic programme: place after place takes a subset of the lines that are still without one.

    `allowed` [places, subsets of lines]: what a place may ship when it is not the only one.
    """
    orders, places, lines = cost.shape
    tables = line_subsets(lines=lines)
    price = _prices(fixed=fixed + penalty, cost=cost, members=tables.members)
    if allowed is not None:
        price = np.where(allowed[None], price, np.inf)
    is_limited = most < min(places, lines)
    # [orders, parcels so far (only when limited), lines served so far]
    layers = most + 1 if is_limited else 1
    reached = np.full((orders, layers, 1 << lines), np.inf)
    reached[:, 0, 0] = 0.0
    history = [reached]
    for place in range(places):
        served = reached[:, :, tables.rest] + price[:, place][:, None, tables.part]
        after = np.minimum.reduceat(served, tables.starts, axis=2)
        reached = reached.copy()
        if is_limited:
            np.minimum(reached[:, 1:], after[:, :-1], out=reached[:, 1:])
        else:
            np.minimum(reached, after, out=reached)
        history.append(reached)
    ends = (reached + waiting * (lines - tables.sizes)).reshape(orders, -1)
    ends[:, 1:] -= penalty  # the first parcel pays no penalty; state 0 has no parcel
    end = ends.argmin(axis=1)
    return _trace(history=history, price=price, end=end, lines=lines, step=int(is_limited))


def _prices(*, fixed: Floats, cost: Floats, members: Floats) -> Floats:
    """What each place asks for each subset of lines [orders, places, subsets]; the empty one is nothing to ask for."""
    impossible = np.isinf(cost)
    price: Floats = np.where(impossible, 0.0, cost) @ members.T + fixed[:, :, None]
    price[(impossible @ members.T) > 0] = np.inf
    price[:, :, 0] = np.inf
    return price


def _trace(*, history: list[Floats], price: Floats, end: Whole, lines: int, step: int) -> Whole:
    """Walk back from the end states to the place of every line."""
    subsets = 1 << lines
    layer, mask = end // subsets, end % subsets
    place_of = np.full((len(end), lines), WAITS)
    parts, digits = np.arange(subsets), np.arange(lines)
    for place in range(price.shape[1] - 1, -1, -1):
        every = np.arange(len(end))
        rows = np.flatnonzero(history[place + 1][every, layer, mask] < history[place][every, layer, mask])
        if not rows.size:
            continue
        rest = mask[rows, None] & ~parts
        before = history[place][rows[:, None], (layer[rows] - step)[:, None], rest] + price[rows, place]
        part = np.where(parts & ~mask[rows, None], np.inf, before).argmin(axis=1)
        took = ((part[:, None] >> digits) & 1).astype(bool)
        place_of[rows] = np.where(took, place, place_of[rows])
        mask[rows] ^= part
        layer[rows] -= step
    return place_of
