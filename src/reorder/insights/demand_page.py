"""The demand plan for people: of the shop, a category or one subject, by weeks, with its parts, and who changed it.

Rows come from the sums of the night, so a page costs the same for three products and thirty thousand.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from django.conf import settings

from reorder.domain.catalog.rules import BUNDLE_LEAVES_SQL
from reorder.domain.planning.rules import ALL_PLACES, COMMITTED_KINDS
from reorder.insights.reading import read_rows
from reorder.kernel.ids import category_code_of, is_category_subject
from reorder.kernel.patterns import like_literal

PLAN_WEEKS: Final = 4
PAST_WEEKS: Final = 12
_WEEKS: Final = """
SELECT place_code, week, date, sold_units, baseline_units, known_customers_units, event_units, correction_units,
       committed_units, recurring_order_units, pre_order_units, campaign_units, reminder_units, price_change_units,
       adjustment_units, mean_units, p10_units, p25_units, p75_units, p90_units, previous_units
FROM planning_demandweek WHERE scope = %(scope)s AND key = %(key)s AND place_code = ANY(%(places)s)
ORDER BY week, place_code
"""
_SOLD: Final = f"""{BUNDLE_LEAVES_SQL}, own AS (
    SELECT id FROM catalog_product WHERE sku = %(sku)s
    UNION ALL
    SELECT product.id FROM catalog_product AS product
    JOIN catalog_category AS category ON category.id = product.category_id
    WHERE category.code = %(category)s AND product.planned_by = 'category'
), taken(product_id, units) AS (
    SELECT own.id, 1 FROM own WHERE NOT EXISTS (SELECT FROM leaf WHERE leaf.product_id = own.id)
    UNION ALL
    SELECT leaf.product_id, sum(leaf.units) FROM leaf WHERE leaf.component_id IN (SELECT id FROM own) GROUP BY 1
)
SELECT (%(as_of)s::date - (o.ordered_at AT TIME ZONE %(time_zone)s)::date - 1) / 7 AS weeks_ago,
       sum(line.units * taken.units)::float8 AS units
FROM taken JOIN orders_orderline AS line ON line.product_id = taken.product_id
JOIN orders_order AS o ON o.id = line.order_id
WHERE o.state = 'placed'
  AND o.ordered_at >= ((%(as_of)s::date - %(days)s)::timestamp AT TIME ZONE %(time_zone)s)
  AND o.ordered_at < (%(as_of)s::date::timestamp AT TIME ZONE %(time_zone)s)
  AND (%(is_everywhere)s OR line.demand_place_code = ANY(%(places)s))
GROUP BY 1
"""  # noqa: S608 - a constant of ours
_ADJUSTMENTS: Final = """
SELECT adjusted.key, adjusted.subject, min(adjusted.author) AS author, min(adjusted.reason) AS reason,
       min(adjusted.date) AS from_date, max(adjusted.date) AS until_date, sum(adjusted.units) AS units,
       array_agg(DISTINCT adjusted.place_code ORDER BY adjusted.place_code) AS places,
       min(adjusted.recorded_at) AS recorded_at, min(coalesce(product.name, '')) AS product_name
FROM planning_commitment AS adjusted LEFT JOIN catalog_product AS product ON product.sku = adjusted.subject
WHERE adjusted.kind = 'adjustment' AND adjusted.withdrawn_at IS NULL AND adjusted.date >= %(from_date)s
  AND (%(is_everywhere)s OR adjusted.place_code = ANY(%(places)s))
  AND (%(scope)s = 'shop' OR %(scope)s = 'subject' AND adjusted.subject = %(key)s
       OR %(scope)s = 'category' AND adjusted.subject IN (
           SELECT key FROM planning_demandweek WHERE scope = 'subject' AND week = 0 AND category_code = %(key)s))
GROUP BY adjusted.key, adjusted.subject ORDER BY min(adjusted.recorded_at) DESC LIMIT 50
"""
_ORDERS: Final[Mapping[str, str]] = {
    "largest": "-horizon",
    "changes": "-abs(change)",
    "adjusted": "-abs(adjusted)",
}
_KEPT: Final[Mapping[str, str]] = {
    "largest": "TRUE",
    "changes": "abs(change) >= 0.5",
    "adjusted": "adjusted <> 0 OR committed <> 0",
}
TABS: Final = tuple(_ORDERS)
_SUBJECTS: Final = """
WITH summed AS (
    SELECT key, max(category_code) AS category, sum(mean_units) AS horizon,
           sum(change_units) FILTER (WHERE week = 0) AS change, sum(committed_units) AS committed,
           sum(adjustment_units) AS adjusted, sum(known_customers_units) AS known, sum(baseline_units) AS baseline,
           bool_or(previous_units IS NOT NULL) AS is_compared,
           sum(mean_units) FILTER (WHERE week = 0) AS week_0, sum(mean_units) FILTER (WHERE week = 1) AS week_1,
           sum(mean_units) FILTER (WHERE week = 2) AS week_2, sum(mean_units) FILTER (WHERE week = 3) AS week_3
    FROM planning_demandweek
    WHERE scope = 'subject' AND week >= 0 AND place_code = ANY(%(places)s)
      AND (%(category)s = '' OR category_code = %(category)s)
    GROUP BY key
), named AS (
    SELECT summed.*, {order} AS first, product.id AS product_id,
           coalesce(product.name, category.name, nullif(summed.category, ''), summed.key) AS name
    FROM summed LEFT JOIN catalog_product AS product ON product.sku = summed.key
    LEFT JOIN catalog_category AS category ON product.id IS NULL AND category.code = summed.category
    WHERE ({kept}) AND (%(search)s = '' OR summed.key ILIKE %(contains)s OR product.name ILIKE %(contains)s
                        OR category.name ILIKE %(contains)s)
)
SELECT * FROM named WHERE %(is_first)s OR (first, key) > (%(first)s, %(after)s) ORDER BY first, key LIMIT %(limit)s
"""
_SCORES: Final = """
SELECT part, error_share, bias_share, origins_count, subjects_count FROM planning_partscore
WHERE scope = CASE %(scope)s WHEN 'shop' THEN 'shop' ELSE 'category' END AND horizon_days = 14
  AND key = CASE %(scope)s WHEN 'shop' THEN '' ELSE %(category)s END
"""
_GATE: Final = """
SELECT weight_share, origins_count, top_down_error_share, gated_error_share, chance_share,
       (SELECT count(*) FROM planning_demandgate WHERE weight_share > 0) AS open_count,
       (SELECT count(*) FROM planning_demandgate) AS judged_count
FROM (SELECT 1) AS one LEFT JOIN planning_demandgate ON subject = %(key)s
"""
_NAME: Final = """
SELECT (SELECT max(as_of_date) FROM planning_run WHERE kind = 'night' AND state = 'succeeded') AS as_of_date,
       (SELECT name FROM catalog_product WHERE sku = %(key)s AND %(scope)s = 'subject') AS product_name,
       (SELECT id FROM catalog_product WHERE sku = %(key)s AND %(scope)s = 'subject') AS product_id,
       (SELECT name FROM catalog_category WHERE code = %(category)s) AS category_name
"""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of the plan is looked at; `places` are the actor's (empty: all), `place` one of them or empty."""

    scope: Literal["shop", "category", "subject"] = "shop"
    key: str = ""
    place: str = ""
    places: frozenset[str] = frozenset()

    @property
    def row_places(self) -> list[str]:
        """Place codes of the rows that make up the selection."""
        return [self.place] if self.place else sorted(self.places) or [ALL_PLACES]

    @property
    def parameters(self) -> dict[str, Any]:
        fact_places = [self.place] if self.place else sorted(self.places)
        return {
            "scope": self.scope,
            "key": self.key,
            "places": fact_places,
            "is_everywhere": not fact_places,
        }


@dataclass(frozen=True, slots=True)
class Named:
    """What the selection is called, and of which night its plan is."""

    name: str
    as_of: dt.date | None
    product_id: int | None


@dataclass(frozen=True, slots=True)
class Week:
    """One week over the places of the selection; past weeks have `sold_units`, planned ones the rest."""

    number: int
    date: dt.date
    sold_units: float | None
    baseline_units: float
    known_customers_units: float
    committed_units: float
    adjustment_units: float
    mean_units: float
    half: tuple[float, float] | None
    wide: tuple[float, float] | None
    previous_units: float | None
    by_place: Mapping[str, float] = field(default_factory=dict)
    event_units: float = 0.0
    correction_units: float = 0.0
    by_kind: Mapping[str, float] = field(default_factory=dict)

    @property
    def others_units(self) -> float:
        """Baseline that no known customer explains."""
        return self.baseline_units - self.known_customers_units

    @property
    def plain_units(self) -> float:
        """What past sales alone say, without events and without the bottom-up correction."""
        return self.baseline_units - self.event_units - self.correction_units


@dataclass(frozen=True, slots=True)
class GateFact:
    """How one subject's own looks back judged bottom-up."""

    weight_share: float
    origins_count: int
    top_down_error_share: float
    gated_error_share: float


@dataclass(frozen=True, slots=True)
class PartAccuracy:
    """Error and bias of each part within two weeks, and what the gate made of bottom-up."""

    scores: Mapping[str, tuple[float, float]]
    origins_count: int
    gate: GateFact | None
    open_count: int
    judged_count: int


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One planned subject in the list; `product_id` is None for a category planned as a whole."""

    key: str
    name: str
    category: str
    product_id: int | None
    horizon_units: float
    change_units: float | None
    committed_units: float
    adjustment_units: float
    known_share: float
    weeks: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class AdjustmentLine:
    """An adjustment that stands: who, why, which days, how many units in all."""

    key: str
    subject: str
    author: str
    reason: str
    from_date: dt.date
    until_date: dt.date
    units: float
    places: Sequence[str]
    recorded_at: dt.datetime
    product_name: str


def name_selection(*, selection: Selection) -> Named:
    """Its name, and the night it is from."""
    category = selection.key if selection.scope == "category" else ""
    if is_category_subject(subject=selection.key):
        category = category_code_of(subject=selection.key)
    (row,) = read_rows(statement=_NAME, parameters=selection.parameters | {"category": category})
    name = row["product_name"] or row["category_name"] or selection.key
    return Named(name=name, as_of=row["as_of_date"], product_id=row["product_id"])


def list_weeks(*, selection: Selection) -> list[Week]:
    """Twelve past weeks and the planned ones, oldest first; empty when nothing is planned there."""
    rows = read_rows(statement=_WEEKS, parameters=selection.parameters | {"places": selection.row_places})
    by_week: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_week.setdefault(row["week"], []).append(row)
    weeks = [_week(number, parts) for number, parts in sorted(by_week.items())]
    if selection.scope == "subject" and weeks:
        return _sold_weeks(selection=selection, as_of=weeks[0].date) + weeks
    return weeks


def find_accuracy(*, selection: Selection) -> PartAccuracy:
    """What each part did to the error within two weeks, over all looks back: of the shop, or of the category."""
    given = selection.parameters | {"category": _category_of(selection)}
    (gate,) = read_rows(statement=_GATE, parameters=given)
    rows = read_rows(statement=_SCORES, parameters=given)
    if not rows and selection.scope == "subject":
        rows = read_rows(statement=_SCORES, parameters=given | {"scope": "shop", "category": ""})
    return PartAccuracy(
        scores={row["part"]: (row["error_share"], row["bias_share"]) for row in rows},
        origins_count=max((row["origins_count"] for row in rows), default=0),
        gate=None
        if gate["weight_share"] is None or selection.scope != "subject"
        else GateFact(
            weight_share=gate["weight_share"],
            origins_count=gate["origins_count"],
            top_down_error_share=gate["top_down_error_share"],
            gated_error_share=gate["gated_error_share"],
        ),
        open_count=gate["open_count"],
        judged_count=gate["judged_count"],
    )


def _category_of(selection: Selection) -> str:
    if selection.scope == "category":
        return selection.key
    return category_code_of(subject=selection.key) if is_category_subject(subject=selection.key) else ""


def list_adjustments(*, selection: Selection, from_date: dt.date) -> list[AdjustmentLine]:
    """Adjustments that reach beyond `from_date`, the newest first; at most fifty."""
    rows = read_rows(statement=_ADJUSTMENTS, parameters=selection.parameters | {"from_date": from_date})
    return [AdjustmentLine(**row) for row in rows]


def list_subjects(
    *,
    selection: Selection,
    tab: str = "largest",
    search: str = "",
    after: tuple[object, ...] | None = None,
    limit: int = 50,
) -> tuple[list[SubjectLine], tuple[object, ...] | None]:
    """A page of planned subjects, and where the next begins; a cursor that is none of ours starts from the front."""
    first, key = _read_cursor(after)
    given = {
        "places": selection.row_places,
        "category": selection.key if selection.scope == "category" else "",
        "search": search,
        "contains": f"%{like_literal(text=search)}%",
        "is_first": key is None,
        "first": first,
        "after": key or "",
        "limit": limit + 1,
    }
    rows = read_rows(statement=_SUBJECTS.format(order=_ORDERS[tab], kept=_KEPT[tab]), parameters=given)
    shown = rows[:limit]
    more = len(rows) > limit
    return [_line(row) for row in shown], (shown[-1]["first"], shown[-1]["key"]) if more else None


def _read_cursor(after: tuple[object, ...] | None) -> tuple[float, str | None]:
    match after:
        case (int() | float() as first, str() as key):
            return float(first), key.replace("\x00", "")
        case _:
            return 0.0, None


def _line(row: Mapping[str, Any]) -> SubjectLine:
    baseline = row["baseline"] or 0.0
    return SubjectLine(
        key=row["key"],
        name=row["name"],
        category=row["category"],
        product_id=row["product_id"],
        horizon_units=row["horizon"],
        change_units=row["change"] if row["is_compared"] else None,
        committed_units=row["committed"],
        adjustment_units=row["adjusted"],
        known_share=row["known"] / baseline if baseline > 0 else 0.0,
        weeks=(row["week_0"] or 0.0, row["week_1"] or 0.0, row["week_2"] or 0.0, row["week_3"] or 0.0),
    )


def _week(number: int, parts: Sequence[Mapping[str, Any]]) -> Week:
    """Places together; they are taken to rise and fall together, so that quantiles add up as means do."""

    def total(name: str) -> float:
        return float(sum(part[name] or 0.0 for part in parts))

    previous = [part["previous_units"] for part in parts]
    return Week(
        number=number,
        date=parts[0]["date"],
        sold_units=total("sold_units") if number < 0 else None,
        baseline_units=total("baseline_units"),
        known_customers_units=total("known_customers_units"),
        committed_units=total("committed_units"),
        adjustment_units=total("adjustment_units"),
        mean_units=total("mean_units"),
        half=_around(parts, "p25_units", "p75_units"),
        wide=_around(parts, "p10_units", "p90_units"),
        previous_units=None if any(value is None for value in previous) else float(sum(previous)),
        by_place={part["place_code"]: part["mean_units"] for part in parts},
        event_units=total("event_units"),
        correction_units=total("correction_units"),
        by_kind={kind: total(f"{kind}_units") for kind in COMMITTED_KINDS},
    )


def _around(parts: Sequence[Mapping[str, Any]], low: str, high: str) -> tuple[float, float] | None:
    if any(part[low] is None or part[high] is None for part in parts):
        return None
    return sum(part[low] for part in parts), sum(part[high] for part in parts)


def _sold_weeks(*, selection: Selection, as_of: dt.date) -> list[Week]:
    is_category = is_category_subject(subject=selection.key)
    given = selection.parameters | {
        "sku": "" if is_category else selection.key,
        "category": category_code_of(subject=selection.key) if is_category else "",
        "as_of": as_of,
        "days": PAST_WEEKS * 7,
        "time_zone": settings.REORDER.time_zone,
    }
    sold = {row["weeks_ago"]: row["units"] for row in read_rows(statement=_SOLD, parameters=given)}
    return [
        Week(
            number=-back,
            date=as_of - dt.timedelta(days=7 * back),
            sold_units=sold.get(back - 1, 0.0),
            baseline_units=0.0,
            known_customers_units=0.0,
            committed_units=0.0,
            adjustment_units=0.0,
            mean_units=0.0,
            half=None,
            wide=None,
            previous_units=None,
        )
        for back in range(PAST_WEEKS, 0, -1)
    ]
