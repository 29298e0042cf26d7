"""How the parts of the plan add up; pure, so that every number on screen can be recomputed by hand."""

from statistics import NormalDist

import polars as pl

from reorder.domain.planning.rules import COMMITTED_KINDS

_KEY = ["sku", "place", "date"]
_LEVELS = {f"p{level}_units": level / 100 for level in (10, 25, 50, 75, 90, 95, 99)}
# Days from the plan's first day up to which each column of the expected reorders counts.
_REACH = ((7, "units_7"), (14, "units_14"), (30, "units_30"))
# A gate never moves a span of days further than this, whatever bottom-up says.
LARGEST_FACTOR = 4.0
KIND_COLUMNS = tuple(f"{kind}_units" for kind in COMMITTED_KINDS)
PLAN_COLUMNS = (
    *_KEY,
    "baseline_units",
    "known_customers_units",
    "event_units",
    "correction_units",
    "committed_units",
    "committed_deviation_units",
    *KIND_COLUMNS,
    "adjustment_units",
    "mean_units",
    *_LEVELS,
)


def sum_commitments(*, rows: pl.DataFrame) -> pl.DataFrame:
    """Commitments by subject, place and day, as `compose_plan` takes them.

    Args:
        rows: kind, key, sku, place, date, units, deviation_units; one row a commitment and day.

    Returns:
        sku, place, date, committed_units, adjustment_units, a column a kind, committed_deviation_units. Commitments
        are independent of each other, so their variances add up.
    """
    is_adjustment = pl.col("kind") == "adjustment"
    return (
        rows.group_by(_KEY)
        .agg(
            pl.col("units").filter(~is_adjustment).sum().alias("committed_units"),
            pl.col("units").filter(is_adjustment).sum().alias("adjustment_units"),
            *(pl.col("units").filter(pl.col("kind") == kind).sum().alias(f"{kind}_units") for kind in COMMITTED_KINDS),
            (pl.col("deviation_units") ** 2).sum().sqrt().alias("committed_deviation_units"),
        )
        .sort(_KEY)
    )


def compose_plan(
    *, forecast: pl.DataFrame, expected: pl.DataFrame, commitments: pl.DataFrame, gates: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Mean = baseline + committed + adjustment, never below zero; quantiles move with what is certain, and widen.

    Args:
        forecast: sku, place, date, mean_units and quantiles: the top-down baseline, selling units a day; `event_units`,
            where it is there, is the part of the mean that events and promotions add or take.
        expected: sku, units_7, units_14, units_30: units that known customers are expected to buy within 7, 14 and
            30 days, all places together. It explains a part of the baseline and adds nothing to it, except for
            subjects with a gate.
        commitments: as `sum_commitments` returns it: what we cause or already hold. Columns beyond committed_units and
            adjustment_units may be left out.
        gates: sku, weight_share, scale: subjects whose own looks back say that bottom-up makes them better, and how
            much of it. Without a row: none of it.

    Returns:
        PLAN_COLUMNS: one row for each day of the forecast or of a commitment. Baseline is top-down + correction.

    Each quantile of the sum is that of the baseline, moved by what is added, with its distance from the median and that
    of the uncertain commitments joined as the legs of a right angle (`join_spread`).
    """
    days = pl.concat([forecast.select(_KEY), commitments.select(_KEY)]).unique().sort(_KEY)
    plan = days.join(forecast, on=_KEY, how="left").join(commitments, on=_KEY, how="left")
    plan = _with_missing(plan).with_columns(pl.exclude(_KEY).fill_null(0.0))
    plan = _with_expected(plan=plan.rename({"mean_units": "baseline_units"}), expected=expected, gates=gates)
    added = pl.col("committed_units") + pl.col("adjustment_units")
    moved = added + pl.col("correction_units")
    return plan.with_columns(
        (pl.col("baseline_units") + added).clip(0.0).alias("mean_units"),
        *(join_spread(name=name, level=level, moved=moved) for name, level in _LEVELS.items()),
    ).select(PLAN_COLUMNS)


def join_spread(*, name: str, level: float, moved: pl.Expr) -> pl.Expr:
    """The quantile `name` of baseline + commitments, never below zero.

    Distances from the median add as variances do: √(d² + (z σ)²). It is exact where both are normal, leaves the
    baseline's own skew as it is, and is a mere shift where everything added is certain (σ = 0).
    """
    own = pl.col(name) - pl.col("p50_units")
    other = NormalDist().inv_cdf(level) * pl.col("committed_deviation_units")
    far = (own**2 + other**2).sqrt()
    far = far if level >= 0.5 else -far
    # Quantiles that crossed the median (rounding to whole units) stay where they are when nothing is uncertain.
    distance = pl.when(pl.col("committed_deviation_units") > 0).then(far).otherwise(own)
    return (pl.col("p50_units") + distance + moved).clip(0.0).alias(name)


def _with_missing(plan: pl.DataFrame) -> pl.DataFrame:
    """Columns that a simpler forecast or list of commitments does not have are zero."""
    names = ("event_units", "committed_deviation_units", *KIND_COLUMNS)
    return plan.with_columns(pl.lit(0.0).alias(name) for name in names if name not in plan.columns)


def _with_expected(*, plan: pl.DataFrame, expected: pl.DataFrame, gates: pl.DataFrame | None) -> pl.DataFrame:
    """Split the baseline, and move it where a gate is open: within each span of days customers explain at most all.

    The expected units of a span are spread over its days and places as the baseline is; of days that lie beyond all
    spans nothing is said.
    """
    first = plan["date"].min() if plan.height else None
    day = (pl.col("date") - pl.lit(first, pl.Date)).dt.total_days()
    span = pl.when(day < 7).then(7).when(day < 14).then(14).when(day < 30).then(30).alias("span")
    plan = plan.with_columns(span)
    totals = plan.group_by("sku", "span").agg(pl.col("baseline_units").sum().alias("total"), pl.col("date").n_unique())
    totals = totals.join(_units_by_span(expected), on=["sku", "span"], how="left")
    known = pl.col("units").fill_null(0.0) * (pl.col("date") / pl.col("days").fill_null(1)).clip(0, 1)
    totals = totals.with_columns(known.alias("known"))
    totals = totals.join(_gates(gates), on="sku", how="left").with_columns(
        (1 - pl.col("weight_share").fill_null(0.0) * pl.col("units").is_not_null()).alias("kept")
    )
    wanted = pl.col("kept") * pl.col("total") + (1 - pl.col("kept")) * pl.col("scale").fill_null(1.0) * pl.col("known")
    factor = (wanted / pl.col("total")).clip(1 / LARGEST_FACTOR, LARGEST_FACTOR)
    share = totals.with_columns(pl.when(pl.col("total") > 0).then(factor).otherwise(1.0).alias("factor")).select(
        "sku",
        "span",
        "factor",
        pl.when(pl.col("total") > 0)
        .then(pl.col("known") / (pl.col("total") * pl.col("factor")))
        .otherwise(0.0)
        .clip(0.0, 1.0)
        .alias("share"),
    )
    plan = plan.join(share, on=["sku", "span"], how="left")
    correction = (pl.col("baseline_units") * (pl.col("factor").fill_null(1.0) - 1)).alias("correction_units")
    plan = plan.with_columns(correction).with_columns(pl.col("baseline_units") + pl.col("correction_units"))
    return plan.with_columns((pl.col("baseline_units") * pl.col("share").fill_null(0.0)).alias("known_customers_units"))


def _gates(gates: pl.DataFrame | None) -> pl.DataFrame:
    schema = {"sku": pl.String, "weight_share": pl.Float64, "scale": pl.Float64}
    return pl.DataFrame(schema=schema) if gates is None else gates.select(list(schema))


def _units_by_span(expected: pl.DataFrame) -> pl.DataFrame:
    """Units expected between one reach and the next: sku, span, days (length of the span), units."""
    parts, before, start = [], pl.lit(0.0), 0
    for reach, name in _REACH:
        units = (pl.col(name) - before).clip(0.0).alias("units")
        parts.append(
            expected.select("sku", pl.lit(reach, pl.Int32).alias("span"), pl.lit(reach - start).alias("days"), units)
        )
        before, start = pl.col(name), reach
    return pl.concat(parts)
