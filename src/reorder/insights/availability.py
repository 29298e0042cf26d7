"""What can be promised by which day: stock, goods on the way, what others were promised, in three statements."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from reorder.domain.inventory.promise_rules import PromiseRules
from reorder.domain.inventory.promise_terms import rules_for
from reorder.insights.promise_dates import (
    Supply,
    bundle_units,
    earliest_day,
    promisable_units,
    total_units,
)
from reorder.insights.reading import read_rows

# A transfer that was sent has no day of its own: so many days after it left it is expected.
TRANSFER_DAYS: Final = 3
MOST_SKUS: Final = 500
_PRODUCTS: Final = """
WITH RECURSIVE asked AS (
    SELECT id, sku FROM catalog_product WHERE sku = ANY(%(skus)s)
), part (product_id, component_id, units) AS (
    SELECT bundle_id, component_id, units::numeric FROM catalog_bundlecomponent
    WHERE bundle_id IN (SELECT id FROM asked)
    UNION ALL
    SELECT part.product_id, deeper.component_id, part.units * deeper.units
    FROM part JOIN catalog_bundlecomponent AS deeper ON deeper.bundle_id = part.component_id
), leaf AS (
    SELECT product_id, component_id, sum(units) AS units FROM part
    WHERE NOT EXISTS (SELECT FROM catalog_bundlecomponent AS more WHERE more.bundle_id = part.component_id)
    GROUP BY product_id, component_id
)
SELECT asked.sku, asked.id AS product_id, coalesce(leaf.component_id, asked.id) AS component_id,
       coalesce(leaf.units, 1) AS units, leaf.product_id IS NOT NULL AS is_bundle
FROM asked LEFT JOIN leaf ON leaf.product_id = asked.id ORDER BY asked.sku, component_id
"""
_FACTS: Final = """
SELECT 'level' AS tag, place.code AS place, level.product_id, level.expires_date AS day,
       sum(level.on_hand_units - level.allocated_units - level.held_units + coalesce(ended.units, 0)) AS units,
       sum(level.on_hand_units) AS on_hand, sum(level.allocated_units) AS allocated,
       sum(level.held_units - coalesce(ended.units, 0)) AS held,
       coalesce(min(terms.stock_confidence_share), CASE place.kind WHEN 'supplier' THEN 0 ELSE 1 END) AS confidence
FROM inventory_level AS level
JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active
LEFT JOIN inventory_placeterms AS terms ON terms.place_id = place.id
LEFT JOIN LATERAL (
    SELECT sum(hold.units) AS units FROM inventory_hold AS hold
    WHERE hold.level_id = level.id AND (hold.expires_at <= %(now)s OR hold.hold_key = %(hold_key)s)
) AS ended ON level.held_units > 0
WHERE level.product_id = ANY(%(products)s) AND level.owner = 'self'
  AND (%(place)s::text IS NULL OR place.code = %(place)s)
GROUP BY place.code, place.kind, level.product_id, level.expires_date
UNION ALL
SELECT 'incoming', place.code, line.product_id, coalesce(line.promised_date, bought.expected_date),
       sum(line.ordered_units - line.given_up_units - line.received_units), 0, 0, 0, 1
FROM purchasing_purchaseorder AS bought
JOIN purchasing_purchaseorderline AS line ON line.order_id = bought.id
JOIN inventory_place AS place ON place.id = bought.place_id AND place.is_active
WHERE bought.state IN ('placed', 'partly_received') AND line.product_id = ANY(%(products)s)
  AND line.received_units < line.ordered_units - line.given_up_units
  AND (%(place)s::text IS NULL OR place.code = %(place)s)
GROUP BY place.code, line.product_id, 4
UNION ALL
SELECT 'incoming', place.code, moved.product_id,
       (moved.decided_at AT TIME ZONE %(time_zone)s)::date + %(transfer_days)s, sum(moved.units), 0, 0, 0, 1
FROM purchasing_transfer AS moved JOIN inventory_place AS place ON place.id = moved.destination_id AND place.is_active
WHERE moved.state = 'in_transit' AND moved.product_id = ANY(%(products)s)
  AND (%(place)s::text IS NULL OR place.code = %(place)s)
GROUP BY place.code, moved.product_id, 4
UNION ALL
SELECT 'waiting', place.code, waiting.product_id, waiting.promised_date, sum(waiting.units), 0, 0, 0, 1
FROM inventory_backorder AS waiting JOIN inventory_place AS place ON place.id = waiting.place_id
WHERE waiting.product_id = ANY(%(products)s) AND (%(place)s::text IS NULL OR place.code = %(place)s)
GROUP BY place.code, waiting.product_id, waiting.promised_date
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAvailability:
    """Units of a product at a place; figures of a bundle are only what can be made of its components there."""

    place_code: str
    available_units: Decimal
    on_hand_units: Decimal | None = None
    allocated_units: Decimal | None = None
    held_units: Decimal | None = None
    incoming_units: Decimal | None = None
    overdue_units: Decimal | None = None
    waiting_units: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What can be promised of a SKU for a day.

    `available_units` over all places asked (a bundle's components may come from several); `earliest_date`: when the
    units asked for can be promised, from the asked day on. Where none or not enough are there, `way` says whether an
    order may wait (backorder, preorder; empty: no), `told_date` until when, and `waiting_left_units` how many more may
    (None: no limit).
    """

    sku: str
    product_id: int
    date: dt.date
    available_units: Decimal
    is_bundle: bool
    places: tuple[PlaceAvailability, ...]
    earliest_date: dt.date | None
    way: str = ""
    told_date: dt.date | None = None
    waiting_left_units: Decimal | None = None
    release_date: dt.date | None = None


@dataclass(slots=True)
class _Figures:
    """What was read of a product at a place."""

    free: list[tuple[dt.date | None, Decimal]] = field(default_factory=list)
    incoming: list[tuple[dt.date, Decimal]] = field(default_factory=list)
    waiting: list[tuple[dt.date | None, Decimal]] = field(default_factory=list)
    on_hand: Decimal = Decimal(0)
    allocated: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    confidence: Decimal = Decimal(1)

    def add(self, *, row: Mapping[str, Any]) -> None:
        """One row of the statement."""
        if row["tag"] == "level":
            self.free.append((row["day"], row["units"]))
            self.on_hand += row["on_hand"]
            self.allocated += row["allocated"]
            self.held += row["held"]
            self.confidence = row["confidence"]
        else:
            (self.incoming if row["tag"] == "incoming" else self.waiting).append((row["day"], row["units"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of availability: for a day, of one place or all, by a channel, for a customer of a segment."""

    day: dt.date
    moment: dt.datetime
    time_zone: str
    place_code: str | None = None
    channel: str = ""
    segment: str = ""
    units: Decimal = Decimal(1)
    hold_key: str = ""


def list_availability(*, skus: Sequence[str], asked: Asked) -> list[Availability]:
    """What can be promised of these SKUs, in their order; unknown ones are left out.

    A day before today counts as today. `hold_key`: what this cart holds counts as free for it.
    """
    products = read_rows(statement=_PRODUCTS, parameters={"skus": list(skus)})
    parts: dict[str, list[tuple[int, Decimal]]] = {}
    for row in products:
        parts.setdefault(row["sku"], []).append((row["component_id"], row["units"]))
    of_sku = {row["sku"]: row for row in products}
    components = sorted({row["component_id"] for row in products})
    rules = rules_for(
        channel=asked.channel,
        product_ids=sorted({*components, *(row["product_id"] for row in products)}),
        moment=asked.moment,
    )
    figures = _read_figures(components=components, asked=asked)
    supplies = _supplies(figures=figures, rules=rules, asked=asked)
    day = max(asked.day, rules.today)
    return [
        _answer(
            row=of_sku[sku], parts=parts[sku], figures=figures, supplies=supplies, rules=rules, asked=asked, day=day
        )
        for sku in skus
        if sku in of_sku
    ]


def told_dates(
    *, units: Mapping[tuple[int, str], Decimal], rules: PromiseRules, moment: dt.datetime, time_zone: str
) -> dict[int, dt.date]:
    """The day that a customer is told who waits for so many units of a product at a place, by product id.

    When goods on the way cover it beside all that was promised, else what the product's terms say; a product that
    neither says anything of has no day.
    """
    asked = Asked(day=rules.today, moment=moment, time_zone=time_zone)
    figures = _read_figures(components=sorted({product for product, _place in units}), asked=asked)
    supplies = _supplies(figures=figures, rules=rules, asked=asked)
    told: dict[int, dt.date] = {}
    for (product_id, place), wanted in units.items():
        found = supplies.get((place, product_id))
        expected = earliest_day(
            supplies={product_id: [found] if found else []},
            parts=[(product_id, Decimal(1))],
            units=wanted,
            from_day=rules.today,
            today=rules.today,
        )
        terms = rules.terms.get(product_id)
        day = terms.told_date(day=rules.today, expected_date=expected) if terms else expected
        if day is not None:
            told[product_id] = day
    return told


def _read_figures(*, components: Sequence[int], asked: Asked) -> dict[tuple[str, int], _Figures]:
    given = {
        "products": list(components),
        "place": asked.place_code,
        "now": asked.moment,
        "hold_key": asked.hold_key,
        "time_zone": asked.time_zone,
        "transfer_days": TRANSFER_DAYS,
    }
    figures: dict[tuple[str, int], _Figures] = {}
    for row in read_rows(statement=_FACTS, parameters=given):
        figures.setdefault((row["place"], row["product_id"]), _Figures()).add(row=row)
    return figures


def _supplies(
    *, figures: Mapping[tuple[str, int], _Figures], rules: PromiseRules, asked: Asked
) -> dict[tuple[str, int], Supply]:
    return {
        (place, product_id): Supply(
            free=read.free,
            incoming=read.incoming,
            waiting=read.waiting,
            kept=[
                # Kept to the moment: on the day on which it ends, later orders get it, earlier ones do not.
                (one.ends_at.astimezone(ZoneInfo(asked.time_zone)).date() + dt.timedelta(days=1), one.units)
                for one in rules.reserves
                if (one.place_code, one.product_id) == (place, product_id) and asked.segment not in one.segments
            ],
            released_from=rules.terms[product_id].release_date if product_id in rules.terms else None,
            fresh_days=rules.fresh_days.get(product_id, 0),
            confidence_share=read.confidence,
        )
        for (place, product_id), read in figures.items()
    }


def _answer(
    *,
    row: Mapping[str, Any],
    parts: Sequence[tuple[int, Decimal]],
    figures: Mapping[tuple[str, int], _Figures],
    supplies: Mapping[tuple[str, int], Supply],
    rules: PromiseRules,
    asked: Asked,
    day: dt.date,
) -> Availability:
    by_component = {
        component: [supply for (_place, product), supply in supplies.items() if product == component]
        for component, _each in parts
    }
    today = rules.today
    totals = {one: total_units(supplies=found, day=day, today=today) for one, found in by_component.items()}
    earliest = earliest_day(supplies=by_component, parts=parts, units=asked.units, from_day=day, today=today)
    available = _of_parts(units=totals, parts=parts, is_bundle=row["is_bundle"])
    waits = _waiting(parts=parts, rules=rules, earliest=earliest) if available < asked.units else {}
    return Availability(
        sku=row["sku"],
        product_id=row["product_id"],
        date=day,
        available_units=available,
        is_bundle=row["is_bundle"],
        places=_places(
            parts=parts, figures=figures, supplies=supplies, day=day, today=today, is_bundle=row["is_bundle"]
        ),
        earliest_date=earliest,
        **waits,
    )


def _of_parts(*, units: Mapping[int, Decimal], parts: Sequence[tuple[int, Decimal]], is_bundle: bool) -> Decimal:
    return bundle_units(units_by_component=units, parts=parts) if is_bundle else units[parts[0][0]]


def _waiting(*, parts: Sequence[tuple[int, Decimal]], rules: PromiseRules, earliest: dt.date | None) -> dict[str, Any]:
    """How an order that is not covered may wait; every component that has no stock must allow it."""
    terms = [rules.terms.get(component) for component, _each in parts]
    known = [one for one in terms if one is not None]
    ways = [one.way_on(day=rules.today) for one in known]
    if len(known) < len(parts) or not all(ways):
        releases = [one.release_date for one in known if not one.is_released(day=rules.today) and one.release_date]
        return {"release_date": max(releases)} if releases else {}
    lefts = [
        left // each
        for one, (_component, each) in zip(known, parts, strict=True)
        if (left := one.left_units(day=rules.today)) is not None
    ]
    return {
        "way": "preorder" if "preorder" in ways else "backorder",
        "told_date": max(one.told_date(day=rules.today, expected_date=earliest) for one in known),
        "waiting_left_units": min(lefts) if lefts else None,
        "release_date": max((one.release_date for one in known if one.release_date), default=None),
    }


def _places(
    *,
    parts: Sequence[tuple[int, Decimal]],
    figures: Mapping[tuple[str, int], _Figures],
    supplies: Mapping[tuple[str, int], Supply],
    day: dt.date,
    today: dt.date,
    is_bundle: bool,
) -> tuple[PlaceAvailability, ...]:
    codes = sorted({place for place, product in figures if any(product == component for component, _each in parts)})
    answered = []
    for code in codes:
        units = {
            component: promisable_units(supply=supplies[code, component], day=day, today=today)
            for component, _each in parts
            if (code, component) in supplies
        }
        available = bundle_units(units_by_component=units, parts=parts) if is_bundle else units[parts[0][0]]
        known = {} if is_bundle else _figures_of(read=figures[code, parts[0][0]], day=day, today=today)
        answered.append(PlaceAvailability(place_code=code, available_units=available, **known))
    return tuple(answered)


def _figures_of(*, read: _Figures, day: dt.date, today: dt.date) -> dict[str, Decimal]:
    zero = Decimal(0)
    return {
        "on_hand_units": read.on_hand,
        "allocated_units": read.allocated,
        "held_units": read.held,
        "incoming_units": sum((units for when, units in read.incoming if today <= when <= day), zero),
        "overdue_units": sum((units for when, units in read.incoming if when < today), zero),
        "waiting_units": sum((units for when, units in read.waiting if when is None or when <= day), zero),
    }
