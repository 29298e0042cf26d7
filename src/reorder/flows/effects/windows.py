"""How long after a decision purchases count, by the rhythm of the goods; pure."""

import math
from collections.abc import Mapping
from typing import Final

LEAST_DAYS: Final = 14
MOST_DAYS: Final = 56
USUAL_DAYS: Final = 28


def choose_windows(
    *, rhythms: Mapping[tuple[str, str], float], shop_rhythm: float | None
) -> tuple[dict[tuple[str, str], int], int]:
    """Days that purchases count, by source, and of all other sources.

    One usual gap of the goods: a message that only pulled an order forward by some days has earned nothing by then.
    Whole weeks, so that each window holds every weekday as often; from LEAST_DAYS to MOST_DAYS.

    Args:
        rhythms: median days between purchases of what a source's messages are about.
        shop_rhythm: that of the whole shop; None before anything was predicted.
    """
    usual = window_of(gap_days=shop_rhythm) if shop_rhythm else USUAL_DAYS
    return {source: window_of(gap_days=days) for source, days in rhythms.items()}, usual


def window_of(*, gap_days: float) -> int:
    """Whole weeks that hold a usual gap."""
    return min(max(math.ceil(gap_days / 7) * 7, LEAST_DAYS), MOST_DAYS)
