"""What a promise of stock must heed beyond the stock itself; pure.

Fresh goods for a channel, the last units kept for some customers, who waits already, and what is sold before it is
there.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

WaitingKind = Literal["backorder", "preorder"]
NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SellingTerms:
    """How far a product is sold beyond what is there; `waiting_units` are those that wait now, of each kind."""

    product_id: int
    allows_backorder: bool = False
    backorder_limit_units: Decimal | None = None
    backorder_until_date: dt.date | None = None
    wait_days: int = 14
    preorder_from_date: dt.date | None = None
    preorder_until_date: dt.date | None = None
    release_date: dt.date | None = None
    preorder_limit_units: Decimal | None = None
    backordered_units: Decimal = NOTHING
    preordered_units: Decimal = NOTHING

    def is_released(self, *, day: dt.date) -> bool:
        """Whether goods may leave on this day; a product without a release date always may."""
        return self.release_date is None or day >= self.release_date

    def way_on(self, *, day: dt.date) -> WaitingKind | None:
        """How an order of this day may wait for goods that are not there; None: it may not."""
        if not self.is_released(day=day):
            begun = self.preorder_from_date is not None and self.preorder_from_date <= day
            ended = self.preorder_until_date is not None and day > self.preorder_until_date
            return "preorder" if begun and not ended else None
        ended = self.backorder_until_date is not None and day > self.backorder_until_date
        return "backorder" if self.allows_backorder and not ended else None

    def left_units(self, *, day: dt.date) -> Decimal | None:
        """How many more units may wait; None: no limit. Zero where none may."""
        way = self.way_on(day=day)
        if way is None:
            return NOTHING
        limit, waiting = (
            (self.preorder_limit_units, self.preordered_units)
            if way == "preorder"
            else (self.backorder_limit_units, self.backordered_units)
        )
        return None if limit is None else max(limit - waiting, NOTHING)

    def told_date(self, *, day: dt.date, expected_date: dt.date | None) -> dt.date:
        """The day that a customer who waits is told; `expected_date`: when goods on order cover it."""
        if self.way_on(day=day) == "preorder" and self.release_date is not None:
            return max(self.release_date, expected_date or self.release_date)
        return expected_date or day + dt.timedelta(days=self.wait_days)


@dataclass(frozen=True, slots=True)
class ReserveRow:
    """The last units of a product at a place, kept for customers of some segments until a moment."""

    place_code: str
    product_id: int
    units: Decimal
    segments: tuple[str, ...]
    ends_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRules:
    """What holds for orders of a channel on a day; a shop that decided nothing has empty rules."""

    today: dt.date
    fresh_days: Mapping[int, int] = field(default_factory=dict)
    reserves: Sequence[ReserveRow] = ()
    terms: Mapping[int, SellingTerms] = field(default_factory=dict)
    waiting_units: Mapping[tuple[str, int], Decimal] = field(default_factory=dict)
    # What an order that is promised anew waits for already, by product: so much it may go on waiting for.
    own_waiting_units: Mapping[int, Decimal] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """Whether free stock is simply free for everybody."""
        return not (self.reserves or self.terms or self.waiting_units)

    @property
    def has_limits(self) -> bool:
        """Whether only so many units of some product may wait."""
        return any(
            one.backorder_limit_units is not None or one.preorder_limit_units is not None for one in self.terms.values()
        )

    def expires_from(self, *, product_id: int) -> dt.date:
        """The first day of expiry that serves: a lot that goes off today is still good today."""
        return self.today + dt.timedelta(days=self.fresh_days.get(product_id, 0))

    def reserved_units(self, *, place_code: str, product_id: int, segment: str = "") -> Decimal:
        """The last free units at a place that are kept for customers of other segments."""
        return sum(
            (
                one.units
                for one in self.reserves
                if (one.place_code, one.product_id) == (place_code, product_id) and segment not in one.segments
            ),
            NOTHING,
        )

    def keep_units(self, *, place_code: str, product_id: int, segment: str = "") -> Decimal:
        """Free units that are not for a new order: of those who wait already, and kept for other segments."""
        reserved = self.reserved_units(place_code=place_code, product_id=product_id, segment=segment)
        return reserved + self.waiting_units.get((place_code, product_id), NOTHING)

    def is_released(self, *, product_id: int) -> bool:
        """Whether the product may be promised from stock today; before its release it is pre-ordered only."""
        terms = self.terms.get(product_id)
        return terms is None or terms.is_released(day=self.today)

    def may_wait(self, *, product_id: int, units: Decimal) -> bool:
        """Whether an order of today may wait for so many units of a product that is not there."""
        more = units - self.own_waiting_units.get(product_id, NOTHING)
        if more <= 0:
            return True
        terms = self.terms.get(product_id)
        if terms is None or terms.way_on(day=self.today) is None:
            return False
        left = terms.left_units(day=self.today)
        return left is None or more <= left

    def waiting_kind(self, *, product_id: int) -> WaitingKind:
        """What waiting for a product is called today."""
        terms = self.terms.get(product_id)
        return (terms.way_on(day=self.today) if terms else None) or "backorder"

    def takeable_units(
        self, *, free: Mapping[tuple[str, int], Decimal], segment: str = ""
    ) -> dict[tuple[str, int], Decimal]:
        """Of free units by (place code, product id), what an order of this segment may take."""
        if self.is_plain:
            return dict(free)
        return {
            (place_code, product_id): max(
                units - self.keep_units(place_code=place_code, product_id=product_id, segment=segment), NOTHING
            )
            if self.is_released(product_id=product_id)
            else NOTHING
            for (place_code, product_id), units in free.items()
        }


@dataclass(frozen=True, slots=True)
class FreshDays:
    """One rule of freshness that fits a product; `depth`: 0 of the product, then its category and those above."""

    product_id: int
    is_of_channel: bool
    depth: int
    minimum_days: int


def pick_fresh_days(*, fitting: Sequence[FreshDays]) -> dict[int, int]:
    """The rule that holds for each product: the nearest subject wins, and for one subject the channel's own."""
    best: dict[int, FreshDays] = {}
    for one in fitting:
        known = best.get(one.product_id)
        if known is None or (one.depth, not one.is_of_channel) < (known.depth, not known.is_of_channel):
            best[one.product_id] = one
    return {product_id: one.minimum_days for product_id, one in best.items()}
