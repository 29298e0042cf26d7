"""What an order that is there already may take anew: beside who waits, what is kept, and lots too short-dated for it.

It does not queue behind itself, and what it gave back is its own before it is anybody's: of all else it takes no more
than a new order would. Rerouting and promising again both ask here.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from reorder.domain.inventory.promise_rules import PromiseRules
from reorder.domain.inventory.promise_terms import rules_for
from reorder.domain.inventory.queries import list_free_units
from reorder.domain.planning.of_customer import find_segments
from reorder.flows.fulfil.following import HeldOrder

# By (place code, product id).
GoodsUnits = Mapping[tuple[str, int], Decimal]
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockBeside:
    """Free stock as orders that are there already see it, before anything of them is given back.

    `free` are units by channel, of lots that keep long enough for it; `own` is what the orders are promised now.
    """

    rules: Mapping[str, PromiseRules]
    free: Mapping[str, GoodsUnits]
    segments: Mapping[int, str]
    own: GoodsUnits

    @classmethod
    def read(
        cls, *, held: Sequence[HeldOrder], product_ids: Sequence[int], own: GoodsUnits, moment: dt.datetime
    ) -> "StockBeside":
        """A look, true for as long as the caller holds the levels."""
        channels = sorted({one.order.channel for one in held})
        rules = {each: rules_for(channel=each, product_ids=product_ids, moment=moment) for each in channels}
        customers = sorted({one.order.customer_id for one in held})
        return cls(
            rules=rules,
            free={
                channel: fresh_units(product_ids=product_ids, rules=each, moment=moment)
                for channel, each in rules.items()
            },
            segments=find_segments(customer_ids=customers) if any(each.reserves for each in rules.values()) else {},
            own=own,
        )

    def rules_of(self, *, held: HeldOrder) -> PromiseRules:
        """What the order must heed when it is promised stock, after what is `own` was given back."""
        channel = held.order.channel
        free = self.free[channel]
        return rules_beside(
            rules=self.rules[channel],
            waiting=waiting_units(held=held),
            free=dict(free) | {key: free.get(key, _NOTHING) + units for key, units in self.own.items()},
            own=self.own,
            segment=self.segment_of(held=held),
        )

    def segment_of(self, *, held: HeldOrder) -> str:
        """Its customer's, as far as anything is kept for segments."""
        return self.segments.get(held.order.customer_id, "")

    def takeable_units(self, *, held: HeldOrder) -> dict[tuple[str, int], Decimal]:
        """What the order may take of what is free, without what is `own`."""
        return self.rules_of(held=held).takeable_units(
            free=self.free[held.order.channel], segment=self.segment_of(held=held)
        )

    def units_for(self, *, held: Sequence[HeldOrder]) -> dict[tuple[str, int], Decimal]:
        """What every one of the orders may take of the products it has, and all that is `own`."""
        places: dict[int, set[str]] = defaultdict(set)
        for place_code, product_id in (key for free in self.free.values() for key in free):
            places[product_id].add(place_code)
        known: dict[tuple[str, str], dict[tuple[str, int], Decimal]] = {}
        units: dict[tuple[str, int], Decimal] = {}
        for one in held:
            kind = (one.order.channel, self.segment_of(held=one))
            mine = self.takeable_units(held=one) if waiting_units(held=one) else known.get(kind)
            if mine is None:
                mine = known[kind] = self.takeable_units(held=one)
            for product_id in {goods.product_id for each in one.fulfilments for goods in each.lines}:
                for key in ((place_code, product_id) for place_code in places[product_id]):
                    # Where nothing keeps long enough for its channel, nothing is there.
                    many = mine.get(key, _NOTHING)
                    units[key] = min(units.get(key, many), many)
        for key, many in self.own.items():
            units[key] = units.get(key, _NOTHING) + many
        return units


def rules_beside(
    *, rules: PromiseRules, waiting: GoodsUnits, free: GoodsUnits, own: GoodsUnits, segment: str
) -> PromiseRules:
    """The rules for an order of a customer of `segment` that waits for `waiting` and has given `own` back.

    `free` counts what was given back: of that, nothing is kept for others.
    """
    others = dict(rules.waiting_units)
    for key, units in waiting.items():
        others[key] = max(others.get(key, _NOTHING) - units, _NOTHING)
    spare = {key: max(free.get(key, _NOTHING) - units, _NOTHING) for key, units in own.items()}
    reserves = [
        replace(row, units=min(row.units, spare.get((row.place_code, row.product_id), row.units)))
        for row in rules.reserves
    ]
    beside = replace(rules, reserves=reserves)
    for (place_code, product_id), units in spare.items():
        kept = beside.reserved_units(place_code=place_code, product_id=product_id, segment=segment)
        key = (place_code, product_id)
        others[key] = min(others.get(key, _NOTHING), max(units - kept, _NOTHING))
    waits: dict[int, Decimal] = defaultdict(Decimal)
    for (_place_code, product_id), units in waiting.items():
        waits[product_id] += units
    return replace(
        beside,
        waiting_units={key: units for key, units in others.items() if units},
        own_waiting_units=dict(waits),
    )


def waiting_units(*, held: HeldOrder) -> dict[tuple[str, int], Decimal]:
    """What an order itself waits for."""
    waiting: dict[tuple[str, int], Decimal] = {}
    for one in held.fulfilments:
        for goods in one.lines if one.state == "waiting" else ():
            key = (one.place_code, goods.product_id)
            waiting[key] = waiting.get(key, _NOTHING) + goods.units
    return waiting


def fresh_units(
    *, product_ids: Sequence[int], rules: PromiseRules, moment: dt.datetime
) -> dict[tuple[str, int], Decimal]:
    """Free units of lots that keep as long as the rules ask; a look, not a promise."""
    by_day: dict[dt.date, list[int]] = defaultdict(list)
    for product_id in product_ids:
        by_day[rules.expires_from(product_id=product_id)].append(product_id)
    units: dict[tuple[str, int], Decimal] = {}
    for day, products in by_day.items():
        units |= list_free_units(product_ids=products, moment=moment, today=day)
    return units
