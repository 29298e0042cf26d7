"""Where things lie in a box, in words: what the picture shows, for who cannot see it. Pure.

The origin of a box is its back left corner at the bottom; the length runs to the right, the width to the front.
"""

from typing import Final

from reorder.flows.packing.planning import Lying, PlannedParcel

# Words of places, for who translates them.
WHERE_TEMPLATES: Final = ("at the bottom", "in the middle", "on top", "left", "right", "at the back", "in front")


def words_of_place(*, parcel: PlannedParcel, content: int) -> list[str]:
    """Height, side and depth at which the things of a content lie; empty where nobody knows the box."""
    mine = [one for one in parcel.lying if one.content == content]
    if not mine or parcel.inner_mm is None:
        return []
    return words_of_spot(lying=mine, inner_mm=parcel.inner_mm)


def words_of_spot(*, lying: list[Lying], inner_mm: tuple[int, int, int]) -> list[str]:
    """The same of some things; what reaches from side to side has no side."""
    words = []
    low = min(one.z_mm for one in lying)
    high = max(one.z_mm + one.height_mm for one in lying)
    words.append("at the bottom" if low == 0 else "on top" if high > inner_mm[2] * 2 / 3 else "in the middle")
    left, right = min(one.x_mm for one in lying), max(one.x_mm + one.length_mm for one in lying)
    back, front = min(one.y_mm for one in lying), max(one.y_mm + one.width_mm for one in lying)
    words += _side(left, right, inner_mm[0], ("left", "right"))
    words += _side(back, front, inner_mm[1], ("at the back", "in front"))
    return words


def _side(low: int, high: int, inner: int, words: tuple[str, str]) -> list[str]:
    """The first word, the second, or none when it lies across most of it or in its middle."""
    if high - low > inner * 0.7:
        return []
    middle = (low + high) / 2 / inner
    if middle < 0.45:
        return [words[0]]
    return [words[1]] if middle > 0.55 else []
