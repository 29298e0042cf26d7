"""Short rounds on a table of distances: exact for a few points, else nearest neighbour, 2-opt, Or-opt and kicks.

Distances need not be the same in both directions.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# Up to so many points every order is tried (Held and Karp).
MOST_EXACT = 9
_LONGEST_SEGMENT = 3
_LEAST_GAIN = 1e-9
KICKS = 60


def shortest_round(*, lengths: Floats, kicks: int = KICKS, seed: int = 0) -> tuple[list[int], float]:
    """A short round from point 0 through all others and back: their order, without point 0, and its length.

    `lengths[i, j]` is the way from i to j. Proven shortest for up to nine points beside point 0.
    """
    count = len(lengths) - 1
    if count <= 0:
        return [], 0.0
    if count <= MOST_EXACT:
        return _every_order(lengths)
    best = _improved(lengths, _nearest_neighbours(lengths))
    best_length = round_length(lengths=lengths, order=best)
    rng = np.random.default_rng(seed)
    for _ in range(kicks):
        found = _improved(lengths, _kicked(best, rng=rng))
        length = round_length(lengths=lengths, order=found)
        if length < best_length - _LEAST_GAIN:
            best, best_length = found, length
    return best.tolist(), best_length


def round_length(*, lengths: Floats, order: npt.NDArray[np.intp]) -> float:
    """The length of the round from point 0 through these points and back."""
    whole = np.concatenate(([0], order, [0]))
    return float(lengths[whole[:-1], whole[1:]].sum())


def _every_order(lengths: Floats) -> tuple[list[int], float]:
    count = len(lengths) - 1
    inner = lengths[1:, 1:]
    costs = np.full((1 << count, count), np.inf)
    before = np.zeros((1 << count, count), dtype=np.intp)
    costs[1 << np.arange(count), np.arange(count)] = lengths[0, 1:]
    for visited in range(1, 1 << count):
        last = [index for index in range(count) if visited >> index & 1]
        for index in range(count):
            if visited >> index & 1:
                continue
            ways = costs[visited, last] + inner[last, index]
            chosen = int(np.argmin(ways))
            after = visited | 1 << index
            if ways[chosen] < costs[after, index]:
                costs[after, index] = ways[chosen]
                before[after, index] = last[chosen]
    visited = (1 << count) - 1
    here = int(np.argmin(costs[visited] + lengths[1:, 0]))
    length = float(costs[visited, here] + lengths[here + 1, 0])
    order = []
    while visited:
        order.append(here + 1)
        visited, here = visited & ~(1 << here), int(before[visited, here])
    return order[::-1], length


def _nearest_neighbours(lengths: Floats) -> npt.NDArray[np.intp]:
    left = np.ones(len(lengths), dtype=bool)
    left[0] = False
    here, order = 0, []
    while left.any():
        here = int(np.where(left, lengths[here], np.inf).argmin())
        left[here] = False
        order.append(here)
    return np.array(order, dtype=np.intp)


def _kicked(order: npt.NDArray[np.intp], *, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Two neighbouring parts change places (double bridge): what 2-opt and Or-opt do not undo."""
    one, two, three = np.sort(rng.choice(np.arange(1, len(order)), size=3, replace=False))
    return np.concatenate((order[:one], order[two:three], order[one:two], order[three:]))


def _improved(lengths: Floats, order: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """The best of all reversals and moves, again and again, until none makes the round shorter."""
    while True:
        gain, changed = _best_reversal(lengths, order)
        for segment in range(1, min(_LONGEST_SEGMENT, len(order) - 1) + 1):
            other_gain, other = _best_move(lengths, order, segment)
            if other_gain > gain:
                gain, changed = other_gain, other
        if gain <= _LEAST_GAIN:
            return order
        order = changed


def _best_reversal(lengths: Floats, order: npt.NDArray[np.intp]) -> tuple[float, npt.NDArray[np.intp]]:
    whole = np.concatenate(([0], order, [0]))
    forward = np.concatenate(([0.0], np.cumsum(lengths[whole[:-1], whole[1:]])))
    backward = np.concatenate(([0.0], np.cumsum(lengths[whole[1:], whole[:-1]])))
    inner = np.arange(1, len(whole) - 1)
    first, last = inner[:, None], inner[None, :]
    now = forward[last + 1] - forward[first - 1]
    then = (
        lengths[whole[first - 1], whole[last]]
        + (backward[last] - backward[first])
        + lengths[whole[first], whole[last + 1]]
    )
    gains = np.where(first < last, now - then, -np.inf)
    low, high = np.unravel_index(int(gains.argmax()), gains.shape)
    changed = order.copy()
    changed[low : high + 1] = changed[low : high + 1][::-1]
    return float(gains[low, high]), changed


def _best_move(lengths: Floats, order: npt.NDArray[np.intp], segment: int) -> tuple[float, npt.NDArray[np.intp]]:
    """Some points in a row somewhere else, as they are or turned round."""
    whole = np.concatenate(([0], order, [0]))
    starts = np.arange(1, len(whole) - segment)
    ends = starts + segment - 1
    saved = (
        lengths[whole[starts - 1], whole[starts]]
        + lengths[whole[ends], whole[ends + 1]]
        - lengths[whole[starts - 1], whole[ends + 1]]
    )
    gaps = np.arange(len(whole) - 1)
    from_, to = whole[gaps][None, :], whole[gaps + 1][None, :]
    first, last = whole[starts][:, None], whole[ends][:, None]
    straight = lengths[from_, first] + lengths[last, to] - lengths[from_, to]
    inside = np.zeros(len(starts))
    for step in range(segment - 1):
        one, other = whole[starts + step], whole[starts + step + 1]
        inside += lengths[other, one] - lengths[one, other]
    turned = lengths[from_, last] + lengths[first, to] - lengths[from_, to] + inside[:, None]
    apart = (gaps[None, :] < starts[:, None] - 1) | (gaps[None, :] > ends[:, None])
    gains = np.where(apart, saved[:, None] - np.minimum(straight, turned), -np.inf)
    start, gap = np.unravel_index(int(gains.argmax()), gains.shape)
    part = order[starts[start] - 1 : ends[start]]
    if turned[start, gap] < straight[start, gap]:
        part = part[::-1]
    rest = np.delete(order, np.arange(starts[start] - 1, ends[start]))
    place = int(gap) if gap < starts[start] else int(gap) - segment
    return float(gains[start, gap]), np.insert(rest, place, part)
