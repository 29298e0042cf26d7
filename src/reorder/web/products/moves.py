"""Moves of the stock ledger as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reorder.insights.product_supply import MoveLine

# Kinds and causes of moves, and the world outside the places.
WORD_TEMPLATES = (
    "adjust",
    "adjustment",
    "allocate",
    "counter move",
    "count",
    "customer",
    "import",
    "on order",
    "order",
    "pick",
    "opening",
    "purchase order",
    "receipt",
    "release",
    "return",
    "ship",
    "short pick",
    "supplier",
    "transfer",
)


@dataclass(frozen=True, slots=True)
class SaidMove:
    """One move with the names of its two ends."""

    line: MoveLine
    source: str
    target: str


def say_moves(*, lines: Sequence[MoveLine]) -> list[SaidMove]:
    """Goods in a place go by the place's code, goods on order for it say so, the rest is the world outside."""
    return [SaidMove(line, say_location(line.source), say_location(line.target)) for line in lines]


def say_location(code: str) -> str:
    """A location as people call it: a place by its code, its promised goods and those on order with a word more."""
    kind, _separator, place = code.partition(":")
    if kind == "stock" and place:
        return place
    if kind == "incoming" and place:
        return _("{place}, on order").format(place=place)
    if kind == "allocated" and place:
        return _("{place}, promised").format(place=place)
    if kind == "picked" and place:
        return _("{place}, picked").format(place=place)
    return _(code)
