"""Which cartons cannot hold everything, known without trying: by weight, sides, pairs, and volume of rounded sides.

All are lower bounds: a carton that is refused here holds the pieces in no way at all.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np

from reorder.engine.packing.values import Carton, Piece, Size

# More different pieces than this are not paired with each other: their volume decides.
_MOST_PAIRED: Final = 40
# Thresholds a side are tried with, as shares of the carton's side.
_THRESHOLDS: Final = (0.0, 1 / 6, 1 / 4, 1 / 3, 0.4, 0.4999)


def may_hold(*, pieces: Sequence[Piece], carton: Carton) -> bool:
    """Whether nothing speaks against this carton for all these pieces together."""
    if sum(piece.volume for piece in pieces) > carton.volume:
        return False
    if carton.max_grams is not None and sum(piece.item.grams for piece in pieces) > carton.max_grams:
        return False
    kinds = list({piece.sizes: piece for piece in pieces}.values())
    ways = {piece.sizes: [size for size in piece.sizes if _fits(size, carton.size)] for piece in kinds}
    if not all(ways.values()):
        return False
    if not _pairs_fit(pieces=pieces, ways=ways, carton=carton.size):
        return False
    return _rounded_volume(pieces=pieces, ways=ways, carton=carton.size) <= carton.volume


def _fits(size: Size, carton: Size) -> bool:
    return size[0] <= carton[0] and size[1] <= carton[1] and size[2] <= carton[2]


def _pairs_fit(*, pieces: Sequence[Piece], ways: dict[tuple[Size, ...], list[Size]], carton: Size) -> bool:
    """Whether any two pieces can lie beside or on each other."""
    if len(ways) > _MOST_PAIRED:
        return True
    counts: dict[tuple[Size, ...], int] = {}
    for piece in pieces:
        counts[piece.sizes] = counts.get(piece.sizes, 0) + 1
    pairs = [*combinations(ways, 2), *((kind, kind) for kind, count in counts.items() if count > 1)]
    # Along an axis only the thinnest way of each counts.
    thinnest = {kind: tuple(min(size[axis] for size in sizes) for axis in range(3)) for kind, sizes in ways.items()}
    return all(
        any(thinnest[one][axis] + thinnest[other][axis] <= carton[axis] for axis in range(3)) for one, other in pairs
    )


def _rounded_volume(*, pieces: Sequence[Piece], ways: dict[tuple[Size, ...], list[Size]], carton: Size) -> float:
    """The most volume that the pieces need when thick sides are rounded up to the carton's and thin ones down to none.

    Fekete and Schepers 2004, their function u of a threshold; each piece counts in its thinnest way.
    """
    most = max(len(sizes) for sizes in ways.values())
    # A piece with fewer ways of turning than another repeats one of its own.
    padded = {kind: (sizes * most)[:most] for kind, sizes in ways.items()}
    inner = np.array(carton, dtype=np.float64)
    sides = np.array([padded[piece.sizes] for piece in pieces], dtype=np.float64)[:, :, None, :]
    thresholds = np.array(_THRESHOLDS)[:, None] * inner
    rounded = np.where(sides > inner - thresholds, inner, np.where(sides < thresholds, 0.0, sides))
    volumes = rounded[:, :, :, None, None, 0] * rounded[:, :, None, :, None, 1] * rounded[:, :, None, None, :, 2]
    return float(volumes.min(axis=1).sum(axis=0).max())
