"""Whole steps of money: rounding to them, and splitting a sum by weights without losing one."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal


def round_to_step(*, exact_minor: Decimal | int, step_minor: int) -> int:
    """An exact amount in minor units as a whole number of steps, half up."""
    steps = (Decimal(exact_minor) / step_minor).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return int(steps) * step_minor


def floor_to_step(*, exact_minor: Decimal | int, step_minor: int) -> int:
    """An exact amount in minor units as the whole steps that fit into it."""
    steps = (Decimal(exact_minor) / step_minor).quantize(Decimal(1), rounding=ROUND_DOWN)
    return int(steps) * step_minor


def spread(*, total_minor: int, weights: Sequence[int], step_minor: int) -> list[int]:
    """Split a sum of whole steps by weights, whole steps each: largest remainder (Hamilton), ties to the first.

    The shares sum to the total exactly. When weights are whole steps too and the total is not above their sum, no share
    is above its weight. Without any weight everything goes to the first.
    """
    if not weights:
        return []
    steps, whole = total_minor // step_minor, sum(weights)
    if not whole:
        return [total_minor, *[0] * (len(weights) - 1)]
    parts = [divmod(steps * weight, whole) for weight in weights]
    left = steps - sum(part for part, _ in parts)
    largest = sorted(range(len(parts)), key=lambda index: (-parts[index][1], index))[:left]
    raised = set(largest)
    return [(part + (index in raised)) * step_minor for index, (part, _) in enumerate(parts)]
