"""Filling one carton by its largest empty spaces (Lai and Chan 1997; Gonçalves and Resende 2013).

The empty part of a carton is kept as all boxes in it that cannot grow, overlapping each other. A piece is put into the
corner of one of them, and every space it cuts is replaced by what is left of it on each side.
"""

from collections.abc import Callable, Sequence

from reorder.engine.packing.values import Piece, Placed, Size

# Two opposite corners.
Space = tuple[int, int, int, int, int, int]
# How good a place is: the least is taken. Gets the space, the size, and the size of the carton.
Rule = Callable[[Space, Size, Size], tuple[int, ...]]


def lowest(space: Space, size: Size, carton: Size) -> tuple[int, ...]:
    """Deep down first, then at the back and left; of sizes the one that stays lowest."""
    return (space[2], space[1], space[0], size[2], size[1])


def farthest(space: Space, size: Size, carton: Size) -> tuple[int, ...]:
    """Its far corner as far from the opposite corner of the carton as can be."""
    x, y, z = space[0] + size[0], space[1] + size[1], space[2] + size[2]
    return (-((carton[0] - x) ** 2 + (carton[1] - y) ** 2 + (carton[2] - z) ** 2),)


def snug(space: Space, size: Size, carton: Size) -> tuple[int, ...]:
    """With the least room left along its tightest side, then along the next."""
    left = sorted((space[3] - space[0] - size[0], space[4] - space[1] - size[1], space[5] - space[2] - size[2]))
    return (left[0], left[1], space[2])


RULES: tuple[Rule, ...] = (lowest, farthest, snug)


def fill(*, pieces: Sequence[Piece], carton: Size, rule: Rule) -> list[Placed] | None:
    """The pieces put into a carton one by one, or None if one has no place; nothing comes above fragile ones.

    For few pieces; many tries at once are the business of `many`.
    """
    spaces: list[Space] = [(0, 0, 0, *carton)]
    placed: list[Placed] = []
    least = _least_sides(pieces)
    for index, piece in enumerate(pieces):
        choice = _choose(spaces=spaces, piece=piece, carton=carton, rule=rule)
        if choice is None:
            return None
        corner, size = choice
        placed.append((piece.number, corner, size))
        if index + 1 < len(pieces):
            top = carton[2] if piece.item.fragile else corner[2] + size[2]
            box = (*corner, corner[0] + size[0], corner[1] + size[1], top)
            spaces = _cut(spaces=spaces, box=box, least=least[index + 1])
    return placed


def _choose(*, spaces: Sequence[Space], piece: Piece, carton: Size, rule: Rule) -> tuple[Size, Size] | None:
    """The corner and the way of turning that the rule likes best."""
    best: tuple[tuple[int, ...], Size, Size] | None = None
    for space in spaces:
        if piece.item.fragile and space[5] != carton[2]:
            continue
        wide, deep, high = space[3] - space[0], space[4] - space[1], space[5] - space[2]
        for size in piece.sizes:
            if size[0] <= wide and size[1] <= deep and size[2] <= high:
                score = rule(space, size, carton)
                if best is None or score < best[0]:
                    best = (score, space[:3], size)
    return None if best is None else best[1:]


def _least_sides(pieces: Sequence[Piece]) -> list[int]:
    """The shortest side of any piece from each position on: thinner spaces hold none of them."""
    least = [0] * (len(pieces) + 1)
    shortest = 1 << 60
    for index in range(len(pieces) - 1, -1, -1):
        shortest = min(shortest, *pieces[index].sizes[0])
        least[index] = shortest
    return least


def _cut(*, spaces: Sequence[Space], box: Space, least: int) -> list[Space]:
    """What is left of the spaces when a box is put into them."""
    kept: list[Space] = []
    fresh: list[Space] = []
    for space in spaces:
        if all(box[axis] < space[axis + 3] and space[axis] < box[axis + 3] for axis in range(3)):
            fresh += _parts(space=space, box=box, least=least)
        else:
            kept.append(space)
    fresh = list(dict.fromkeys(fresh))
    for index, one in enumerate(fresh):
        others = fresh[:index] + fresh[index + 1 :]
        if not any(_holds(other, one) for other in kept) and not any(_holds(other, one) for other in others):
            kept.append(one)
    return kept


def _parts(*, space: Space, box: Space, least: int) -> list[Space]:
    """The space on each of the six sides of a box in it, where anything is left that is thick enough."""
    x1, y1, z1, x2, y2, z2 = space
    parts: list[tuple[int, Space]] = [
        (box[0] - x1, (x1, y1, z1, box[0], y2, z2)),
        (x2 - box[3], (box[3], y1, z1, x2, y2, z2)),
        (box[1] - y1, (x1, y1, z1, x2, box[1], z2)),
        (y2 - box[4], (x1, box[4], z1, x2, y2, z2)),
        (box[2] - z1, (x1, y1, z1, x2, y2, box[2])),
        (z2 - box[5], (x1, y1, box[5], x2, y2, z2)),
    ]
    return [part for thickness, part in parts if thickness >= least]


def _holds(outer: Space, inner: Space) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and outer[2] <= inner[2]
        and outer[3] >= inner[3]
        and outer[4] >= inner[4]
        and outer[5] >= inner[5]
    )
