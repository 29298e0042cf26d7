"""What the report pages show: stock, classes, service and forecast accuracy, limited to the asker's places."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.planning.reports import ReportDayRow, list_report_days
from reorder.domain.staff.rules import Actor
from reorder.insights.reading import read_rows
from reorder.kernel.patterns import like_literal

TREND_DAYS: Final = 180
STOCK_TABS: Final[Mapping[str, str]] = {
    "value": "figure.value_minor IS NOT NULL",
    "slow": "figure.value_minor > 0 AND (figure.cover_days IS NULL OR figure.cover_days > 180)",
    "old": "figure.value_minor IS NOT NULL AND figure.old_minor > 0",
    "costless": "figure.value_minor IS NULL AND figure.on_hand_units > 0",
}
_WITHIN: Final = "(%(is_everywhere)s OR {table}.place_code = ANY(%(places)s))"
_MATCHES: Final = """(%(search)s = '' OR product.sku ILIKE %(begins)s OR product.name ILIKE ALL(%(contains)s))"""
_STOCK: Final = f"""
SELECT figure.id, product.id AS product_id, product.sku, product.name, figure.place_code,
       coalesce(place.name, figure.place_code) AS place, figure.on_hand_units, figure.value_minor,
       figure.sold_90_units, figure.mean_on_hand_units, figure.mean_days, figure.turns, figure.cover_days, figure.abc,
       figure.xyz, figure.oldest_days, figure.young_minor, figure.middle_minor, figure.aged_minor, figure.old_minor
FROM planning_stockfigure AS figure
JOIN catalog_product AS product ON product.id = figure.product_id
LEFT JOIN inventory_place AS place ON place.code = figure.place_code
WHERE {{tab}} AND {_WITHIN.format(table="figure")} AND (%(class)s = '' OR figure.abc || figure.xyz = %(class)s)
  AND {_MATCHES}
  AND (%(is_first)s OR (-coalesce(figure.value_minor, 0), figure.id) > (%(first)s, %(id)s))
ORDER BY -coalesce(figure.value_minor, 0), figure.id LIMIT %(limit)s
"""  # noqa: S608 - made of constants of ours
_SERVICE: Final = f"""
SELECT figure.id, product.id AS product_id, figure.subject, coalesce(product.name, figure.subject) AS name,
       coalesce(place.name, figure.place_code) AS place, figure.checks_count, figure.held_count,
       figure.promised_share, figure.short_units, figure.risk_minor
FROM planning_servicefigure AS figure
LEFT JOIN catalog_product AS product ON product.sku = figure.subject
LEFT JOIN inventory_place AS place ON place.code = figure.place_code
WHERE {{tab}} AND {_WITHIN.format(table="figure")}
  AND (%(search)s = '' OR figure.subject ILIKE %(begins)s OR product.name ILIKE ALL(%(contains)s))
  AND (%(is_first)s OR (-figure.risk_minor, figure.id) > (%(first)s, %(id)s))
ORDER BY -figure.risk_minor, figure.id LIMIT %(limit)s
"""  # noqa: S608 - made of constants of ours
# Fewer checks than these cannot tell a broken promise from bad luck.
FEW_CHECKS: Final = 8
SERVICE_TABS: Final[Mapping[str, str]] = {
    "risk": "TRUE",
    "below": f"checks_count >= {FEW_CHECKS} AND held_count::float8 / checks_count < promised_share - 0.05",
    "above": f"checks_count >= {FEW_CHECKS} AND held_count::float8 / checks_count > promised_share + 0.05",
}
_SERVICE_SUMS: Final = f"""
SELECT count(*) AS series, coalesce(sum(checks_count), 0)::bigint AS checks,
       coalesce(sum(held_count), 0)::bigint AS held, coalesce(sum(promised_share * checks_count), 0) AS promised,
       coalesce(sum(risk_minor), 0)::bigint AS risk_minor,
       count(*) FILTER (WHERE {SERVICE_TABS["below"]}) AS below,
       count(*) FILTER (WHERE {SERVICE_TABS["above"]}) AS above,
       count(*) FILTER (WHERE checks_count >= {FEW_CHECKS}) AS judged
FROM planning_servicefigure AS figure WHERE {_WITHIN.format(table="figure")}
"""  # noqa: S608 - made of constants of ours
_SERVICE_WEEKS: Final = f"""
SELECT origin_date, sum(series_count)::bigint AS series, sum(held_count)::bigint AS held,
       sum(promised_sum) AS promised, sum(risk_minor)::bigint AS risk_minor
FROM planning_serviceweek AS week WHERE {_WITHIN.format(table="week")}
GROUP BY origin_date ORDER BY origin_date
"""  # noqa: S608 - made of constants of ours


@dataclass(frozen=True, slots=True)
class StockSum:
    """Sums over products at places; money in minor units of the shop's currency."""

    key: tuple[str, ...]
    products: int
    units: float
    value_minor: int
    without_cost: int
    sold_90_minor: int
    mean_minor: int
    mean_days: float
    young_minor: int
    middle_minor: int
    aged_minor: int
    old_minor: int

    @property
    def turns(self) -> float | None:
        """Goods sold a year, at cost, over the mean value of stock."""
        return self.sold_90_minor * 365 / 90 / self.mean_minor if self.mean_minor > 0 else None

    @property
    def cover_days(self) -> float | None:
        """Days the stock would last at the sales of the last 90 days, both at cost."""
        return self.value_minor * 90 / self.sold_90_minor if self.sold_90_minor > 0 else None

    def __add__(self, other: "StockSum") -> "StockSum":
        """Both together, under the key of the first."""
        products = self.products + other.products
        days = (self.mean_days * self.products + other.mean_days * other.products) / products if products else 0.0
        return StockSum(
            key=self.key,
            products=products,
            units=self.units + other.units,
            value_minor=self.value_minor + other.value_minor,
            without_cost=self.without_cost + other.without_cost,
            sold_90_minor=self.sold_90_minor + other.sold_90_minor,
            mean_minor=self.mean_minor + other.mean_minor,
            mean_days=days,
            young_minor=self.young_minor + other.young_minor,
            middle_minor=self.middle_minor + other.middle_minor,
            aged_minor=self.aged_minor + other.aged_minor,
            old_minor=self.old_minor + other.old_minor,
        )


@dataclass(frozen=True, slots=True)
class StockReport:
    """The latest day; `categories` and `classes` only for those who see every place."""

    as_of_date: dt.date
    whole: StockSum | None
    places: Sequence[StockSum]
    categories: Sequence[StockSum]
    classes: Sequence[StockSum]
    accuracy: Sequence[Mapping[str, Any]]
    chosen: Sequence[Mapping[str, Any]]
    trend: Sequence[tuple[dt.date, int]]


@dataclass(frozen=True, slots=True)
class ServiceSum:
    """All checks that the asker may see."""

    series: int
    checks: int
    held: int
    promised: float
    risk_minor: int
    below: int
    above: int
    judged: int

    @property
    def held_share(self) -> float | None:
        """Share of checks in which the target held."""
        return self.held / self.checks if self.checks else None

    @property
    def promised_share(self) -> float | None:
        """What the targets aimed at."""
        return self.promised / self.checks if self.checks else None


def find_stock_report(*, actor: Actor) -> StockReport | None:
    """The sums of the last night; None before the first one that made reports."""
    days = list_report_days(limit=TREND_DAYS)
    if not days:
        return None
    latest = days[0]
    places = [_sum(row, "place") for row in latest.content["places"] if actor.may_at(row["place"])]
    sees_all = not actor.place_codes
    return StockReport(
        as_of_date=latest.as_of_date,
        whole=_together(places),
        places=places,
        categories=[_sum(row, "category_code") for row in latest.content["categories"]] if sees_all else [],
        classes=[_sum(row, "abc", "xyz") for row in latest.content["classes"]] if sees_all else [],
        accuracy=latest.content["accuracy"],
        chosen=latest.content["chosen"],
        trend=[(day.as_of_date, _value(day=day, actor=actor)) for day in reversed(days)],
    )


def list_stock_figures(
    *, actor: Actor, tab: str, search: str = "", klass: str = "", after: tuple[object, ...] | None, size: int
) -> tuple[list[dict[str, Any]], tuple[float, int] | None]:
    """`size` products at places, the most valuable first, and the sort values to go on from."""
    query = _STOCK.format(tab=STOCK_TABS[tab])
    rows = read_rows(statement=query, parameters=_asked(actor, search, after, size) | {"class": klass})
    return _page(rows=rows, size=size, value="value_minor")


def list_service_figures(
    *, actor: Actor, tab: str, search: str = "", after: tuple[object, ...] | None, size: int
) -> tuple[list[dict[str, Any]], tuple[float, int] | None]:
    """`size` products at places, the most money lost by broken promises first, and the sort values to go on from."""
    query = _SERVICE.format(tab=SERVICE_TABS[tab])
    rows = read_rows(statement=query, parameters=_asked(actor, search, after, size))
    return _page(rows=rows, size=size, value="risk_minor")


def sum_service(*, actor: Actor) -> ServiceSum:
    """All checks together."""
    (row,) = read_rows(statement=_SERVICE_SUMS, parameters=_places(actor))
    return ServiceSum(**row)


def list_service_weeks(*, actor: Actor) -> list[dict[str, Any]]:
    """Checks by week, the earliest first: origin_date, series, held, promised, risk_minor."""
    return read_rows(statement=_SERVICE_WEEKS, parameters=_places(actor))


def _asked(actor: Actor, search: str, after: tuple[object, ...] | None, size: int) -> dict[str, object]:
    first, last_id = after if after is not None and len(after) == 2 else (0, 0)
    return _places(actor) | {
        "search": search,
        "begins": f"{like_literal(text=search)}%",
        "contains": [f"%{like_literal(text=part)}%" for part in search.split()],
        "is_first": after is None,
        "first": first,
        "id": last_id,
        "limit": size + 1,
    }


def _places(actor: Actor) -> dict[str, object]:
    return {"is_everywhere": not actor.place_codes, "places": sorted(actor.place_codes)}


def _page(
    *, rows: list[dict[str, Any]], size: int, value: str
) -> tuple[list[dict[str, Any]], tuple[float, int] | None]:
    if len(rows) <= size:
        return rows, None
    last = rows[size - 1]
    return rows[:size], (-(last[value] or 0), last["id"])


def _sum(row: Mapping[str, Any], *key: str) -> StockSum:
    return StockSum(
        key=tuple(str(row[name]) for name in key),
        products=row["products"],
        units=row["units"],
        value_minor=row["value_minor"],
        without_cost=row["without_cost"],
        sold_90_minor=row["sold_90_minor"],
        mean_minor=row["mean_minor"],
        mean_days=row["mean_days"],
        young_minor=row["young_minor"],
        middle_minor=row["middle_minor"],
        aged_minor=row["aged_minor"],
        old_minor=row["old_minor"],
    )


def _together(sums: Sequence[StockSum]) -> StockSum | None:
    whole: StockSum | None = None
    for one in sums:
        whole = one if whole is None else whole + one
    return whole


def _value(*, day: ReportDayRow, actor: Actor) -> int:
    return sum(row["value_minor"] for row in day.content["places"] if actor.may_at(row["place"]))
