"""One product as its page shows it: facts, stock by place, plan and sales by day, methods and their scores.

Everything that belongs to a place is limited to the places that the asker may see (empty: all).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from reorder.domain.catalog.rules import SUBJECT_SQL
from reorder.insights.products import UnknownProduct
from reorder.insights.reading import read_rows

SALES_DAYS: Final = 26 * 7
_FACTS: Final = f"""
SELECT product.id, product.sku, product.name, product.brand, coalesce(category.code, '') AS category_code,
       coalesce(category.name, '') AS category_name, product.currency, product.price_minor, product.unit_cost_minor,
       product.state, product.planned_by, {SUBJECT_SQL} AS subject, product.shelf_life_days, product.weight_grams,
       product.length_mm, product.width_mm, product.height_mm, product.temperature_class, product.hazard_class,
       product.is_upright, product.is_fragile, product.keep_apart,
       ARRAY(SELECT code FROM catalog_barcode WHERE product_id = product.id ORDER BY code) AS barcodes,
       run.as_of_date, run.finished_at, coalesce(liked.sku, '') AS like_sku
FROM catalog_product AS product LEFT JOIN catalog_category AS category ON category.id = product.category_id
LEFT JOIN catalog_product AS liked ON liked.id = product.like_product_id
LEFT JOIN LATERAL (SELECT as_of_date, finished_at FROM planning_run WHERE kind = 'night' AND state = 'succeeded'
                   ORDER BY id DESC LIMIT 1) AS run ON TRUE
WHERE product.id = %(product_id)s
"""  # noqa: S608 - SUBJECT_SQL is a constant of ours
_SPOTS: Final = """
WITH level AS (
    SELECT place.code AS place_code, location.kind, level.lot, level.on_hand_units, level.allocated_units,
           level.held_units
    FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id
    JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active
    WHERE level.product_id = %(product_id)s AND level.owner = 'self'
), stock AS (
    SELECT place_code,
           coalesce(sum(on_hand_units) FILTER (WHERE kind = 'stock'), 0)::float8 AS on_hand,
           coalesce(sum(allocated_units) FILTER (WHERE kind = 'stock'), 0)::float8 AS allocated,
           coalesce(sum(held_units) FILTER (WHERE kind = 'stock'), 0)::float8 AS held,
           coalesce(sum(on_hand_units) FILTER (WHERE kind = 'incoming'), 0)::float8 AS incoming,
           json_agg(json_build_object('lot', lot, 'units', on_hand_units, 'expires', (
               SELECT max(move.expires_date) FROM inventory_move AS move
               WHERE move.product_id = %(product_id)s AND move.lot = level.lot)) ORDER BY lot)
               FILTER (WHERE kind = 'stock' AND lot <> '' AND on_hand_units > 0) AS lots
    FROM level GROUP BY place_code
), target AS (
    SELECT * FROM planning_target WHERE subject = %(subject)s AND %(is_own)s
)
SELECT coalesce(stock.place_code, standing.place_code) AS place_code, place.name AS place_name,
       stock.on_hand, stock.allocated, stock.held, stock.incoming, stock.lots, standing.sold_28_units,
       standing.planned_28_units, standing.daily_units, standing.demand_class, target.safety_stock_units,
       target.reorder_point_units, target.order_up_to_units, target.expected_units, target.committed_units,
       target.lead_days, target.service_level, target.lost_unit_cost, target.method, target.reason_code,
       target.reason_parameters::text AS reason_parameters
FROM stock
FULL JOIN (SELECT * FROM planning_standing WHERE product_id = %(product_id)s) AS standing USING (place_code)
LEFT JOIN target USING (place_code) LEFT JOIN inventory_place AS place ON place.code = place_code
WHERE %(is_everywhere)s OR place_code = ANY(%(places)s)
ORDER BY place_code
"""
_DAYS: Final = """
SELECT place_code, date, baseline_units, mean_units, p10_units, p25_units, p50_units, p75_units, p90_units, p95_units,
       p99_units, committed_units, adjustment_units
FROM planning_demandplanday
WHERE subject = %(subject)s AND (%(is_everywhere)s OR place_code = ANY(%(places)s)) ORDER BY place_code, date
"""
_WEEKS: Final = """
SELECT place_code, week, date, mean_units, p10_units, p25_units, p50_units, p75_units, p90_units
FROM planning_demandweek WHERE scope = 'subject' AND key = %(subject)s AND week >= 0
  AND (%(is_everywhere)s OR place_code = ANY(%(places)s)) ORDER BY place_code, week
"""
_SALES: Final = """
SELECT line.demand_place_code AS place_code, (o.ordered_at AT TIME ZONE %(time_zone)s)::date AS date,
       sum(line.units)::float8 AS units
FROM orders_orderline AS line JOIN orders_order AS o ON o.id = line.order_id
WHERE line.product_id = %(product_id)s AND o.state = 'placed'
  AND o.ordered_at >= (%(from_date)s::date::timestamp AT TIME ZONE %(time_zone)s)
  AND o.ordered_at < (%(before_date)s::date::timestamp AT TIME ZONE %(time_zone)s)
  AND (%(is_everywhere)s OR line.demand_place_code = ANY(%(places)s))
GROUP BY 1, 2
"""
_EVENTS: Final = """
SELECT 'receipt' AS kind, place.code AS place_code, bought.expected_date AS date,
       sum(line.ordered_units - line.given_up_units - line.received_units)::float8 AS units, bought.number AS key
FROM purchasing_purchaseorder AS bought
JOIN purchasing_purchaseorderline AS line ON line.order_id = bought.id
JOIN inventory_place AS place ON place.id = bought.place_id
WHERE line.product_id = %(product_id)s AND bought.state IN ('placed', 'partly_received')
  AND line.received_units < line.ordered_units - line.given_up_units
  AND (%(is_everywhere)s OR place.code = ANY(%(places)s))
GROUP BY place.code, bought.expected_date, bought.number
UNION ALL
SELECT kind, place_code, date, sum(units), min(reason) FROM planning_commitment
WHERE subject = %(subject)s AND withdrawn_at IS NULL AND date >= %(from_date)s
  AND (%(is_everywhere)s OR place_code = ANY(%(places)s))
GROUP BY kind, place_code, date ORDER BY date LIMIT 200
"""
_METHODS: Final = """
SELECT choice.place_code, choice.demand_class, choice.methods, choice.backtest_rmsse, choice.reason_code,
       choice.reason_parameters::text AS reason_parameters, override.methods AS override_methods,
       override.note AS override_note, override.author AS override_author, override.recorded_at AS override_at,
       (SELECT json_agg(json_build_object('method', score.method, 'window', score."window", 'rmsse', score.rmsse,
                                          'bias', score.bias) ORDER BY score.method, score."window")
        FROM planning_methodscore AS score
        WHERE score.subject = choice.subject AND score.place_code = choice.place_code) AS scores
FROM planning_forecastchoice AS choice
LEFT JOIN planning_methodoverride AS override ON override.subject = choice.subject
     AND override.place_code = choice.place_code AND override.withdrawn_at IS NULL
WHERE choice.subject = %(subject)s AND (%(is_everywhere)s OR choice.place_code = ANY(%(places)s))
ORDER BY choice.place_code
"""


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What the catalogue says of one product, and from which night its conclusions are."""

    id: int
    sku: str
    name: str
    brand: str
    category_code: str
    category_name: str
    currency: str
    price_minor: int | None
    unit_cost_minor: int | None
    state: str
    planned_by: str
    subject: str
    shelf_life_days: int | None
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    temperature_class: str
    hazard_class: str
    is_upright: bool
    is_fragile: bool
    keep_apart: str
    barcodes: list[str]
    as_of_date: dt.date | None
    finished_at: dt.datetime | None
    like_sku: str = ""

    @property
    def is_planned_alone(self) -> bool:
        """Whether it is planned by itself, not as a part of its category."""
        return self.subject == self.sku


@dataclass(frozen=True, slots=True)
class Lot:
    lot: str
    units: float
    expires_date: dt.date | None


@dataclass(frozen=True, slots=True)
class Spot:
    """One product at one place: stock (None where the place does not stock it), and its target where there is one."""

    place_code: str
    place_name: str
    on_hand: float | None
    allocated: float
    held: float
    incoming: float
    lots: tuple[Lot, ...]
    sold_28_units: float
    planned_28_units: float | None
    daily_units: float
    demand_class: str
    safety_stock_units: float | None
    reorder_point_units: float | None
    order_up_to_units: float | None
    expected_units: float | None
    committed_units: float
    lead_days: float | None
    service_level: float | None
    method: str
    reason_code: str
    reason_parameters: str

    @property
    def free_units(self) -> float:
        """Available to promise: on hand, and neither allocated nor held."""
        return (self.on_hand or 0.0) - self.allocated - self.held

    @property
    def cover_days(self) -> float | None:
        """Days that free stock lasts at the planned demand."""
        if self.on_hand is None or self.daily_units <= 0:
            return None
        return max(self.free_units, 0.0) / self.daily_units


@dataclass(frozen=True, slots=True)
class PlanPoint:
    """A day or a week of the plan at a place; quantiles are None where the night did not keep them."""

    place_code: str
    date: dt.date
    mean_units: float
    p10_units: float | None
    p25_units: float | None
    p75_units: float | None
    p90_units: float | None
    deviation_units: float = 0.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something known to come: an expected receipt, or a commitment of some kind."""

    kind: str
    place_code: str
    date: dt.date
    units: float
    key: str


@dataclass(frozen=True, slots=True)
class MethodScore:
    """One method's error in each backtest window, oldest first; None where it was not judged."""

    method: str
    rmsse: tuple[float | None, ...]
    bias: tuple[float | None, ...]
    is_chosen: bool

    @property
    def mean_rmsse(self) -> float | None:
        """Mean over the windows that were judged."""
        known = [value for value in self.rmsse if value is not None]
        return sum(known) / len(known) if known else None


@dataclass(frozen=True, slots=True)
class Choice:
    """How one series is forecast: its class, the methods averaged, their errors, and why these."""

    place_code: str
    demand_class: str
    backtest_rmsse: float | None
    reason_code: str
    reason_parameters: str
    scores: tuple[MethodScore, ...]
    override: "ChosenByPerson | None" = None


@dataclass(frozen=True, slots=True)
class ChosenByPerson:
    """Methods that a person chose; they count from the next night on."""

    methods: tuple[str, ...]
    note: str
    author: str
    recorded_at: dt.datetime


def get_product(*, product_id: int) -> ProductFacts:
    """One product by its number; raises UnknownProduct."""
    rows = read_rows(statement=_FACTS, parameters={"product_id": product_id}) if product_id < 2**62 else []
    if not rows:
        raise UnknownProduct(sku=product_id)
    return ProductFacts(**rows[0])


def list_spots(*, product: ProductFacts, places: frozenset[str]) -> list[Spot]:
    """The product at every place that stocks, sold or plans it."""
    rows = read_rows(
        statement=_SPOTS, parameters=keys(product=product, places=places) | {"is_own": product.subject == product.sku}
    )
    return [_spot(row) for row in rows]


def list_plan_days(*, subject: str, places: frozenset[str]) -> list[PlanPoint]:
    """The plan by place and day, with the standard deviation read off its quantiles."""
    return [_point(row) for row in read_rows(statement=_DAYS, parameters=_subject_keys(subject=subject, places=places))]


def list_plan_weeks(*, subject: str, places: frozenset[str]) -> list[PlanPoint]:
    """The plan by place (`*` for all of them, for who may see all) and week."""
    return [
        _point(row) for row in read_rows(statement=_WEEKS, parameters=_subject_keys(subject=subject, places=places))
    ]


def list_sales(
    *, product: ProductFacts, places: frozenset[str], before_date: dt.date, days: int = SALES_DAYS
) -> dict[tuple[str, dt.date], float]:
    """Units sold by place and day of the shop's calendar; days without a sale are left out."""
    given = keys(product=product, places=places) | {
        "time_zone": settings.REORDER.time_zone,
        "from_date": before_date - dt.timedelta(days=days),
        "before_date": before_date,
    }
    return {(row["place_code"], row["date"]): row["units"] for row in read_rows(statement=_SALES, parameters=given)}


def list_events(*, product: ProductFacts, places: frozenset[str], from_date: dt.date) -> list[Event]:
    """Expected receipts, and what is committed from `from_date` on, by day."""
    rows = read_rows(statement=_EVENTS, parameters=keys(product=product, places=places) | {"from_date": from_date})
    return [Event(**row) for row in rows]


def list_choices(*, subject: str, places: frozenset[str]) -> list[Choice]:
    """How the subject is forecast at each place."""
    rows = read_rows(statement=_METHODS, parameters=_subject_keys(subject=subject, places=places))
    return [_choice(row) for row in rows]


def keys(*, product: ProductFacts, places: frozenset[str]) -> dict[str, Any]:
    """Parameters that most queries of this page take."""
    return _subject_keys(subject=product.subject, places=places) | {"product_id": product.id}


def _subject_keys(*, subject: str, places: frozenset[str]) -> dict[str, Any]:
    return {"subject": subject, "is_everywhere": not places, "places": sorted(places)}


def _spot(row: Mapping[str, Any]) -> Spot:
    lots = tuple(
        Lot(one["lot"], float(one["units"]), dt.date.fromisoformat(one["expires"]) if one["expires"] else None)
        for one in row["lots"] or ()
    )
    given: dict[str, Any] = {name: row[name] for name in _KEPT}
    given |= {name: row[name] or 0.0 for name in _ZERO}
    given |= {name: row[name] or "" for name in _TEXT}
    return Spot(place_name=row["place_name"] or row["place_code"], lots=lots, **given)


_KEPT: Final = (
    "place_code", "on_hand", "planned_28_units", "safety_stock_units", "reorder_point_units", "order_up_to_units",
    "expected_units", "lead_days", "service_level",
)  # fmt: skip
_ZERO: Final = ("allocated", "held", "incoming", "sold_28_units", "daily_units", "committed_units")
_TEXT: Final = ("method", "reason_code", "reason_parameters", "demand_class")
_NORMAL: Final = (("p90_units", 1.2816), ("p95_units", 1.6449), ("p99_units", 2.3263))


def _point(row: Mapping[str, Any]) -> PlanPoint:
    """The deviation is that of a normal day whose quantile lies furthest above the mean."""
    mean = row["mean_units"]
    above = [(row[name] - mean) / z for name, z in _NORMAL if row.get(name) is not None]
    return PlanPoint(
        place_code=row["place_code"],
        date=row["date"],
        mean_units=mean,
        p10_units=row["p10_units"],
        p25_units=row["p25_units"],
        p75_units=row["p75_units"],
        p90_units=row["p90_units"],
        deviation_units=max([0.0, *above]),
    )


def _choice(row: Mapping[str, Any]) -> Choice:
    scores: dict[str, dict[int, Mapping[str, Any]]] = {}
    for one in row["scores"] or ():
        scores.setdefault(one["method"], {})[one["window"]] = one
    windows = sorted({window for by_window in scores.values() for window in by_window})
    made = [
        MethodScore(
            method=method,
            rmsse=_of(by_window, windows, "rmsse"),
            bias=_of(by_window, windows, "bias"),
            is_chosen=method in row["methods"],
        )
        for method, by_window in scores.items()
    ]
    made.sort(key=lambda score: (not score.is_chosen, score.mean_rmsse is None, score.mean_rmsse, score.method))
    return Choice(
        place_code=row["place_code"],
        demand_class=row["demand_class"],
        backtest_rmsse=row["backtest_rmsse"],
        reason_code=row["reason_code"],
        reason_parameters=row["reason_parameters"],
        scores=tuple(made),
        override=ChosenByPerson(
            methods=tuple(row["override_methods"]),
            note=row["override_note"],
            author=row["override_author"],
            recorded_at=row["override_at"],
        )
        if row["override_methods"]
        else None,
    )


def _of(by_window: Mapping[int, Mapping[str, Any]], windows: Sequence[int], name: str) -> tuple[float | None, ...]:
    return tuple(by_window[window][name] if window in by_window else None for window in windows)
