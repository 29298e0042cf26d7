"""How far a share may be from the truth, seen in so many cases."""

from math import sqrt
from typing import Final

_Z95: Final = 1.959964


def wilson_interval(*, successes: float, trials: float) -> tuple[float, float]:
    """The 95 % score interval of a share; (0, 1) without trials (Wilson 1927, J. Am. Stat. Assoc. 22, 209–212)."""
    if trials <= 0:
        return 0.0, 1.0
    share = min(successes / trials, 1.0)
    square = _Z95**2 / trials
    middle = (share + square / 2) / (1 + square)
    half = _Z95 / (1 + square) * sqrt(share * (1 - share) / trials + square / (4 * trials))
    return max(middle - half, 0.0), min(middle + half, 1.0)
