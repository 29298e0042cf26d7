"""Filling many cartons side by side: the empty-space filling of `spaces`, one NumPy operation for all tries at once.

A try is an order of the pieces, a carton and a rule; they share nothing but the arithmetic. Pieces that find no place
are left out and the others go on, so that a search knows how near a failed try came. An empty space is six numbers
(its corner, and its opposite corner below zero, so that a space lies in another when none of its numbers is less); a
try holds at most `_MOST_SPACES` of them and forgets the smallest ones beyond. Tries are the
last axis of every array, so that the arithmetic runs along memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reorder.engine.packing.values import Piece, Placed

_MOST_SPACES: Final = 32
# A size that fits nowhere stands for a way of turning that a piece does not have.
_NOWHERE: Final = 16_001
# All six numbers of a space that is none: nothing fits it, and no space lies in it.
_NOT_REAL: Final = 16_000
Whole = npt.NDArray[np.int16]
Numbers = npt.NDArray[np.intp]
# Axis priorities of the lowest-first rule: which coordinate is kept small first, then second, then third.
AXES: Final = ((2, 1, 0), (2, 0, 1), (1, 2, 0), (1, 0, 2), (0, 1, 2), (0, 2, 1))
FARTHEST: Final = len(AXES)
RULE_COUNT: Final = len(AXES) + 1


@dataclass(frozen=True, slots=True)
class Shapes:
    """All pieces as arrays: `sizes` (axis, way of turning, piece), `volumes`, `is_fragile`."""

    sizes: Whole
    volumes: npt.NDArray[np.int64]
    is_fragile: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> "Shapes":
        """Pieces in their order."""
        ways = max(len(piece.sizes) for piece in pieces)
        sizes = np.full((3, ways, len(pieces)), _NOWHERE, dtype=np.int16)
        for index, piece in enumerate(pieces):
            sizes[:, : len(piece.sizes), index] = np.minimum(piece.sizes, _NOWHERE).T
        return cls(
            sizes=sizes,
            volumes=np.array([piece.volume for piece in pieces], dtype=np.int64),
            is_fragile=np.array([piece.item.fragile for piece in pieces], dtype=bool),
        )


@dataclass(frozen=True, slots=True)
class Filled:
    """What every try came to: corner and size by (axis, piece, try), which pieces are in, and their volume."""

    corners: Whole
    sizes: Whole
    is_in: npt.NDArray[np.bool_]
    volume: npt.NDArray[np.int64]

    def placed(self, *, number: int, pieces: Sequence[Piece]) -> list[Placed]:
        """How everything lies in one try."""
        return [
            (piece.number, _triple(self.corners[:, index, number]), _triple(self.sizes[:, index, number]))
            for index, piece in enumerate(pieces)
            if self.is_in[index, number]
        ]


def fill_many(*, shapes: Shapes, orders: Numbers, cartons: Whole, rules: Numbers) -> Filled:
    """Fill `cartons` (axis, try) in `orders` (position, try) by `rules` (try): an axis order, or `FARTHEST`."""
    pieces, tries = orders.shape
    spaces = np.zeros((6, 1, tries), dtype=np.int16)
    spaces[3:] = -cartons[:, None, :]
    corners = np.zeros((3, pieces, tries), dtype=np.int16)
    sizes = np.zeros((3, pieces, tries), dtype=np.int16)
    is_in = np.zeros((pieces, tries), dtype=bool)
    column = np.arange(tries)
    least = _least_sides(shapes=shapes, orders=orders)
    liking = _Liking.of(cartons=cartons, rules=rules)
    for position in range(pieces):
        piece = orders[position]
        fragile = shapes.is_fragile[piece]
        ways = shapes.sizes[:, :, piece]
        space, way, fits = liking.choose(spaces=spaces, ways=ways, fragile=fragile)
        size = ways[:, way, column] * fits
        corner = spaces[:3, space, column]
        corners[:, piece, column], sizes[:, piece, column], is_in[piece, column] = corner, size, fits
        if position + 1 < pieces:
            end = corner + size
            end[2] = np.where(fragile & fits, cartons[2], end[2])
            spaces = _cut(spaces=spaces, corner=corner, end=end, least=least[position + 1])
    return Filled(corners=corners, sizes=sizes, is_in=is_in, volume=shapes.volumes @ is_in)


def _triple(one: Whole) -> tuple[int, int, int]:
    x, y, z = one.tolist()
    return (x, y, z)


def _least_sides(*, shapes: Shapes, orders: Numbers) -> Whole:
    """The shortest side of any piece from each position on: thinner spaces hold none of them."""
    shortest = shapes.sizes.min(axis=(0, 1))[orders]
    return np.minimum.accumulate(shortest[::-1], axis=0)[::-1]


@dataclass(frozen=True, slots=True)
class _Liking:
    """The rules of all tries: what a millimetre of each axis costs, and which tries seek the farthest corner."""

    cartons: Whole
    weights: npt.NDArray[np.float64]
    far: Numbers
    scale: float

    @classmethod
    def of(cls, *, cartons: Whole, rules: Numbers) -> "_Liking":
        axes = np.array([*AXES, AXES[0]]).T[:, rules]
        scale = float(cartons.max()) + 1
        weights = np.empty((3, len(rules)))
        np.put_along_axis(weights, axes, np.array([[scale**2], [scale], [1.0]]), axis=0)
        return cls(cartons=cartons, weights=weights, far=np.flatnonzero(rules == FARTHEST), scale=scale)

    def choose(
        self, *, spaces: Whole, ways: Whole, fragile: npt.NDArray[np.bool_]
    ) -> tuple[Numbers, Numbers, npt.NDArray[np.bool_]]:
        """For every try the space and the way of turning that its rule likes best, and whether there is one."""
        low = spaces[:3]
        room = -(low + spaces[3:])
        fits = (ways[:, None, :, :] <= room[:, :, None, :]).all(axis=0)
        if fragile.any():
            fits &= (~fragile | (spaces[5] == -self.cartons[2]))[:, None, :]
        # The corner decides; the way of turning settles equal corners.
        corner_cost = (low * self.weights[:, None, :]).sum(axis=0)
        turned_cost = (ways * self.weights[:, None, :]).sum(axis=0) / self.scale**3
        cost = corner_cost[:, None, :] + turned_cost[None, :, :]
        if len(self.far):
            cost[:, :, self.far] = self._farness(low=low[:, :, self.far], ways=ways[:, :, self.far])
        cost[~fits] = np.inf
        flat = cost.reshape(-1, cost.shape[2])
        best = flat.argmin(axis=0)
        space, way = np.divmod(best, ways.shape[1])
        return space, way, np.isfinite(flat[best, np.arange(len(best))])

    def _farness(self, *, low: Whole, ways: Whole) -> npt.NDArray[np.float64]:
        """Less, the farther the piece's far corner stays from that of the carton (Gonçalves and Resende 2013)."""
        left = (self.cartons[:, None, self.far] - low)[:, :, None, :] - ways[:, None, :, :].astype(np.float64)
        cost: npt.NDArray[np.float64] = -(left * left).sum(axis=0)
        return cost


def _cut(*, spaces: Whole, corner: Whole, end: Whole, least: Whole) -> Whole:
    """What is left of all spaces when a box is put into each try.

    Spaces that the box does not meet stay as they are, and stay maximal; only what is cut from others may lie in one.
    """
    tries = spaces.shape[2]
    box = np.concatenate((-end, corner))
    # The box begins before a space ends, and ends after it begins, along every axis.
    meets = (box[3:, None, :] < -spaces[3:]).all(axis=0) & (box[:3, None, :] < -spaces[:3]).all(axis=0)
    places = np.flatnonzero(meets)
    flat = spaces.reshape(6, -1)
    columns = places % tries
    parts, which = _parts(met=flat[:, places], box=box[:, columns], least=least[columns])
    flat[:, places] = _NOT_REAL
    fresh = _in_columns(parts=parts, columns=columns[which], tries=tries)
    is_inner = (fresh[:, None, :, :] >= spaces[:, :, None, :]).all(axis=0).any(axis=0)
    holds: npt.NDArray[np.bool_] = np.all(fresh[:, None, :, :] >= fresh[:, :, None, :], axis=0)
    # Of two equal ones the later goes.
    earlier = np.tri(len(holds), k=-1, dtype=np.bool_).T[:, :, None]
    is_inner |= (holds & (~holds.transpose(1, 0, 2) | earlier)).any(axis=0)
    fresh[:, is_inner] = _NOT_REAL
    return _moved_up(np.concatenate((spaces, fresh), axis=1))


def _parts(*, met: Whole, box: Whole, least: Whole) -> tuple[Whole, Numbers]:
    """What a box leaves of the spaces that it meets, on its six sides, and which space each part is of."""
    # Where the part ends or begins instead, by the row of a space that it changes.
    edges = -np.concatenate((box[:3], box[3:]))
    room_before, room_after = edges[3:] * -1 - met[:3], -met[3:] - edges[:3]
    axis, which = np.nonzero(np.concatenate((room_after, room_before)) >= least)
    parts = met[:, which]
    parts[axis, np.arange(len(axis))] = edges[axis, which]
    return parts, which


def _in_columns(*, parts: Whole, columns: Numbers, tries: int) -> Whole:
    """Parts laid into the column of their try, one below the other."""
    order = np.argsort(columns, kind="stable")
    counts = np.bincount(columns, minlength=tries)
    ordered = columns[order]
    rows = np.arange(len(order)) - (np.cumsum(counts) - counts)[ordered]
    laid = np.full((6, max(int(counts.max()), 1), tries), _NOT_REAL, dtype=parts.dtype)
    laid.reshape(6, -1)[:, rows * tries + ordered] = parts[:, order]
    return laid


def _moved_up(spaces: Whole) -> Whole:
    """The real spaces of each try from the first place on, the largest where they are too many."""
    kept = spaces[0] != _NOT_REAL
    height = max(int(kept.sum(axis=0).max()), 1)
    if height > _MOST_SPACES:
        kept = _largest(spaces=spaces, kept=kept)
        height = _MOST_SPACES
    tries = spaces.shape[2]
    places = np.flatnonzero(kept)
    rows = (np.cumsum(kept, axis=0) - 1).reshape(-1)[places]
    moved = np.full((6, height, tries), _NOT_REAL, dtype=spaces.dtype)
    moved.reshape(6, -1)[:, rows * tries + places % tries] = spaces.reshape(6, -1)[:, places]
    return moved


def _largest(*, spaces: Whole, kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    volume = np.where(kept, -(spaces[3:] + spaces[:3]).astype(np.float64).prod(axis=0), -1.0)
    bound = -np.partition(-volume, _MOST_SPACES - 1, axis=0)[_MOST_SPACES - 1]
    large: npt.NDArray[np.bool_] = kept & (volume > bound)
    return large
