"""What a stock move is, and the names of the locations between which goods move; pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from reorder.domain.inventory.errors import BadMove, MoveKeyReused

MoveKind = Literal["opening", "on_order", "receipt", "ship", "return", "adjust", "count", "transfer"]
# Moves of promised goods, written by `allocating` only: a promise belongs to a demand.
PROMISE_KINDS: Final = ("allocate", "release", "pick")
PlaceKind = Literal["warehouse", "store", "supplier"]

# The world outside our places: goods come from and go to these without a level being kept.
SUPPLIER: Final = "supplier"
CUSTOMER: Final = "customer"
ADJUSTMENT: Final = "adjustment"
OUTSIDE: Final = (SUPPLIER, CUSTOMER, ADJUSTMENT)
OWN_GOODS: Final = "self"
_STEP = Decimal("0.001")


def stock_of(*, place_code: str) -> str:
    """The location code of goods that stand in a place."""
    return f"stock:{place_code}"


def incoming_of(*, place_code: str) -> str:
    """The location code of goods that are ordered for a place and not yet received."""
    return f"incoming:{place_code}"


def allocated_of(*, place_code: str) -> str:
    """The location code of goods of a place that are promised to orders and still on their shelf."""
    return f"allocated:{place_code}"


def picked_of(*, place_code: str) -> str:
    """The location code of goods of a place that were picked for an order and have not left."""
    return f"picked:{place_code}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMove:
    """`units` (selling units, > 0) of a product from location `source` to location `target`.

    `key` makes the fact happen once. A lot is known from the receipt on: levels of an incoming location carry none.
    """

    key: str
    kind: MoveKind
    product_id: int
    units: Decimal
    source: str
    target: str
    cause_kind: str
    cause_key: str
    happened_at: dt.datetime
    owner: str = OWN_GOODS
    lot: str = ""
    expires_date: dt.date | None = None

    def content(self) -> tuple[object, ...]:
        """What two moves of one key must agree on; the moment is left out, because a repeat comes later."""
        return (
            self.kind,
            self.product_id,
            self.units,
            self.source,
            self.target,
            self.cause_kind,
            self.cause_key,
            self.owner,
            self.lot,
            self.expires_date,
        )


@dataclass(frozen=True, slots=True)
class RecordedMoves:
    """How many moves were written, and how many were there before with the same key and content."""

    recorded_count: int
    unchanged_count: int


def distinct_moves(*, moves: Iterable[NewMove]) -> list[NewMove]:
    """The moves in key order, each key once; raises BadMove and MoveKeyReused."""
    by_key: dict[str, NewMove] = {}
    for move in moves:
        _refuse_bad(move)
        earlier = by_key.setdefault(move.key, move)
        if earlier.content() != move.content():
            raise MoveKeyReused(key=move.key, cause_kind=move.cause_kind, cause_key=move.cause_key)
    return [by_key[key] for key in sorted(by_key)]


def refuse_bad_units(*, units: Sequence[Decimal]) -> None:
    """Raises BadMove for units that are not above zero or have more than three decimals: they cannot be promised."""
    for one in units:
        if not one.is_finite() or one <= 0:
            raise BadMove(key="", reason=f"{one} units cannot be promised; give more than zero")
        if one != one.quantize(_STEP):
            raise BadMove(key="", reason=f"{one} units have more than three decimals")


def _refuse_bad(move: NewMove) -> None:
    if not move.key or len(move.key) > 64:
        raise BadMove(key=move.key, reason="the key must have 1 to 64 characters")
    if not move.units.is_finite() or move.units <= 0:
        raise BadMove(key=move.key, reason=f"{move.units} units do not move; give more than zero")
    if move.units != move.units.quantize(_STEP):
        raise BadMove(key=move.key, reason=f"{move.units} units have more than three decimals")
    if move.source == move.target:
        raise BadMove(key=move.key, reason=f"source and target are both {move.source}")
    if any(name.startswith(("allocated:", "picked:")) for name in (move.source, move.target)):
        raise BadMove(key=move.key, reason="promised goods move with their promise only")
    if move.happened_at.tzinfo is None:
        raise BadMove(key=move.key, reason="the moment has no time zone")
