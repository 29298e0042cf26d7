"""What a night would have concluded about a few teas, written by the night's own functions."""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from reorder.domain.catalog.models import Product
from reorder.domain.planning import operations
from reorder.domain.planning.models import Run
from reorder.flows.demand_plan.parts import compose_plan
from reorder.flows.demand_plan.standing import stand
from reorder.flows.demand_plan.weeks import plan_by_week
from tests.factories.purchasing import MONDAY, MONDAY_MORNING

Series = tuple[str, str]
DAYS = 28
_LEVELS = {
    "p10_units": 0.5,
    "p25_units": 0.75,
    "p50_units": 1.0,
    "p75_units": 1.25,
    "p90_units": 1.5,
    "p95_units": 1.75,
}


def make_night(
    *,
    daily: Mapping[Series, float],
    sold: Mapping[Series, float] | None = None,
    expected: Mapping[str, float] | None = None,
    targets: Mapping[Series, float] | None = None,
    before: pl.DataFrame | None = None,
    as_of: dt.date = MONDAY,
) -> Run:
    """A night that forecast `daily` units of each (subject, place), and set reorder points where `targets` names them.

    `sold`: units a day in the 84 days before; `expected`: units a week that known customers will buy of a subject.
    """
    run = Run.objects.create(kind="night", as_of_date=as_of, started_at=MONDAY_MORNING, state="running")
    operations.close_run(run_id=run.pk, moment=MONDAY_MORNING)
    forecast, categories = _forecast(daily=daily, as_of=as_of), _categories(daily)
    plan = compose_plan(forecast=forecast, expected=_expected(expected or {}), commitments=_commitments())
    operations.save_forecast(run_id=run.pk, daily=forecast, choices=_choices(daily), scores=_scores(daily))
    forecast_weeks = _weeks(daily=daily, categories=categories)
    operations.save_forecast_weeks(run_id=run.pk, weeks=forecast_weeks)
    operations.save_demand_plan(run_id=run.pk, plan=plan)
    weeks = plan_by_week(
        plan=plan,
        forecast_weeks=forecast_weeks,
        history=_history(sold=sold or {}, as_of=as_of),
        categories=categories,
        before=before if before is not None else plan.clear(),
        as_of=as_of,
    )
    operations.save_demand_weeks(run_id=run.pk, weeks=weeks)
    aims = _targets(daily=daily, targets=targets or {})
    operations.save_targets(run_id=run.pk, targets=aims)
    operations.save_standings(run_id=run.pk, standings=_standings(sold=sold or {}, plan=plan, aims=aims, daily=daily))
    return run


def _forecast(*, daily: Mapping[Series, float], as_of: dt.date) -> pl.DataFrame:
    rows = [
        {"sku": sku, "place": place, "date": as_of + dt.timedelta(days=day), "mean_units": units}
        | {name: units * factor for name, factor in _LEVELS.items()}
        | {"p99_units": units * 2}
        for (sku, place), units in daily.items()
        for day in range(DAYS)
    ]
    names = ("mean_units", *_LEVELS, "p99_units")
    return pl.DataFrame(
        rows, schema={"sku": pl.String, "place": pl.String, "date": pl.Date, **dict.fromkeys(names, pl.Float64)}
    )


def _categories(daily: Mapping[Series, float]) -> pl.DataFrame:
    known = {
        sku: code or ""
        for sku, code in Product.objects.values_list("sku", "category__code")
        if any(sku == subject for subject, _place in daily)
    }
    for subject, _place in daily:
        known.setdefault(subject, subject.removeprefix("category:"))
    return pl.DataFrame(
        {"sku": list(known), "category_code": list(known.values())},
        schema={"sku": pl.String, "category_code": pl.String},
    )


def _weeks(*, daily: Mapping[Series, float], categories: pl.DataFrame) -> pl.DataFrame:
    codes = dict(categories.iter_rows())
    sums: dict[tuple[str, str, str], float] = {}
    for (sku, place), units in daily.items():
        for scope, key in (("subject", sku), ("category", codes[sku]), ("shop", "")):
            for code in (place, "*"):
                if scope != "category" or key:
                    sums[scope, key, code] = sums.get((scope, key, code), 0.0) + units * 7
    rows = [
        {"scope": scope, "key": key, "place": place, "week": week, "mean_units": units}
        | {name: units * factor for name, factor in _LEVELS.items() if name != "p95_units"}
        for (scope, key, place), units in sums.items()
        for week in range(DAYS // 7)
    ]
    return pl.DataFrame(rows, schema_overrides={"week": pl.Int64})


def _history(*, sold: Mapping[Series, float], as_of: dt.date) -> pl.DataFrame:
    rows = [
        {"sku": sku, "place": place, "date": as_of - dt.timedelta(days=back), "units": units}
        for (sku, place), units in sold.items()
        for back in range(1, 85)
    ]
    return pl.DataFrame(rows, schema={"sku": pl.String, "place": pl.String, "date": pl.Date, "units": pl.Float64})


def _expected(expected: Mapping[str, float]) -> pl.DataFrame:
    rows = [
        {"sku": sku, "units_7": units, "units_14": 2 * units, "units_30": units * 30 / 7}
        for sku, units in expected.items()
    ]
    return pl.DataFrame(
        rows, schema={"sku": pl.String, "units_7": pl.Float64, "units_14": pl.Float64, "units_30": pl.Float64}
    )


def _commitments() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "sku": pl.String,
            "place": pl.String,
            "date": pl.Date,
            "committed_units": pl.Float64,
            "adjustment_units": pl.Float64,
        }
    )


def _choices(daily: Mapping[Series, float]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "sku": sku,
                "place": place,
                "demand_class": "smooth",
                "methods": ["theta", "croston"],
                "backtest_rmsse": 0.8,
                "reason_code": "demand.best_by_backtest",
                "reason_parameters": '{"demand_class": "smooth", "methods": "croston, theta", "pool": 3, "windows": 2}',
                "is_override": False,
                "is_kept": False,
            }
            for sku, place in daily
        ],
        schema_overrides={"methods": pl.List(pl.String)},
    )


def _scores(daily: Mapping[Series, float]) -> pl.DataFrame:
    errors = {"theta": (0.75, 0.85), "croston": (0.8, 0.9), "tsb": (1.1, 1.3)}
    return pl.DataFrame(
        [
            {"sku": sku, "place": place, "method": method, "window": window + 1, "rmsse": error, "bias": 0.25}
            for sku, place in daily
            for method, windows in errors.items()
            for window, error in enumerate(windows)
        ]
    )


def _targets(*, daily: Mapping[Series, float], targets: Mapping[Series, float]) -> pl.DataFrame:
    rows = [
        {
            "sku": sku,
            "place": place,
            "service_level": 0.95,
            "safety_stock_units": point - daily[sku, place] * 6,
            "reorder_point_units": point,
            "order_up_to_units": point + 20.0,
            "daily_units": daily[sku, place],
            "expected_units": daily[sku, place] * 6,
            "committed_units": 0.0,
            "lead_days": 5.0,
            "lost_unit_cost": 250.0,
            "method": "quantile",
            "reason_code": "stocking.target.quantile",
            "reason_parameters": (
                f'{{"service_percent": "95", "span_days": "6", "receipts": "4", "reorder_point": "{point:.0f}",'
                f' "expected": "{daily[sku, place] * 6:.0f}", "order_up_to": "{point + 20:.0f}",'
                ' "observed_days": "90"}'
            ),
        }
        for (sku, place), point in targets.items()
    ]
    texts = dict.fromkeys(("sku", "place", "method", "reason_code", "reason_parameters"), pl.String)
    numbers = dict.fromkeys(("service_level", "safety_stock_units", "reorder_point_units", "order_up_to_units", "daily_units", "expected_units", "committed_units", "lead_days", "lost_unit_cost"), pl.Float64)  # fmt: skip
    return pl.DataFrame(rows, schema=texts | numbers)


def _standings(
    *, sold: Mapping[Series, float], plan: pl.DataFrame, aims: pl.DataFrame, daily: Mapping[Series, float]
) -> pl.DataFrame:
    products = pl.DataFrame(
        list(Product.objects.values_list("id", "sku", "planned_by")),
        schema={"product_id": pl.Int64, "sku": pl.String, "planned_by": pl.String},
        orient="row",
    )
    ids: dict[str, int] = dict(products.select("sku", "product_id").iter_rows())
    sales: Sequence[tuple[int, str, float]] = [
        (ids[sku], place, units * 28) for (sku, place), units in sold.items() if sku in ids
    ]
    return stand(
        products=products,
        sold=pl.DataFrame(
            sales, schema={"product_id": pl.Int64, "place": pl.String, "units": pl.Float64}, orient="row"
        ),
        plan=plan,
        targets=aims,
        choices=_choices(daily),
    )
