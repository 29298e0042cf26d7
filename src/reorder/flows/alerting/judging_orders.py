"""Which open purchase orders call for somebody, and what a night found wrong with its data; pure."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from reorder.domain.planning.alerting import FOUND
from reorder.flows.alerting.judging import CRITICAL, INFO, WARNING, Thresholds, found, graded, said_units

# Late by so many days an order is no longer on its way, as far as anybody can tell.
LOST_DAYS = 7
# Begins the keys of alerts about webhooks: their own job looks at them.
WEBHOOK_KEY = "webhook|"
# The kind of the one alert about parcels that should have left.
LATE_PARCELS = "late_parcels"
PRIVACY_REQUESTS = "privacy_requests"
# The key of its alert about those that carriers are late with.
UNDER_WAY_KEY = "under_way"


def judge_orders(*, orders: pl.DataFrame, as_of: dt.date, thresholds: Thresholds) -> pl.DataFrame:
    """Orders whose day is over, and orders that the supplier has not confirmed in time; columns FOUND.

    At stake is the cost of what is missing, in the order's currency. What is late is not called unconfirmed too.
    """
    today = pl.lit(as_of)
    table = orders.with_columns(
        (today - pl.col("late_date")).dt.total_days().alias("late_days"),
        (today - pl.col("placed_date")).dt.total_days().alias("open_days"),
        pl.col("missing_minor").alias("stake_minor"),
        pl.col("number").alias("order_number"),
    )
    late = table.filter(pl.col("late_days") > 0).with_columns(
        pl.when(pl.col("late_days") >= LOST_DAYS).then(CRITICAL).otherwise(WARNING).cast(pl.Int64).alias("severity")
    )
    is_open_long = (pl.col("open_days") >= thresholds.confirm_days) & (thresholds.confirm_days > 0)
    silent = table.filter(~pl.col("is_confirmed"), is_open_long, pl.col("late_days") <= 0)
    facts = {"supplier": pl.col("supplier"), "units": said_units("missing_units")}
    return pl.concat(
        [
            found(
                late,
                kind="late_order",
                code="alert.late_order",
                facts=facts
                | {"expected_date": pl.col("late_date").cast(pl.String), "days": pl.col("late_days").cast(pl.String)},
                key=pl.col("number"),
            ),
            found(
                silent.with_columns(graded(WARNING)),
                kind="unconfirmed_order",
                code="alert.unconfirmed_order",
                facts=facts
                | {
                    "placed_date": pl.col("placed_date").cast(pl.String),
                    "expected_date": pl.col("late_date").cast(pl.String),
                    "days": pl.col("open_days").cast(pl.String),
                },
                key=pl.col("number"),
            ),
        ]
    )


def judge_ledger(*, differences: Sequence[object], promises: Sequence[object] = (), currency: str) -> pl.DataFrame:
    """Levels that are not what their moves sum to, else promises that are not as their orders say; columns FOUND."""
    wrong = differences or promises
    if not wrong:
        return pl.DataFrame(schema=FOUND)
    return _fault(
        key="ledger",
        code="alert.bad_data.ledger" if differences else "alert.bad_data.promises",
        severity=CRITICAL,
        currency=currency,
        facts={"count": str(len(wrong)), "first": _named(wrong[0])},
    )


def judge_webhooks(*, disabled: Sequence[tuple[int, str, str]], currency: str) -> pl.DataFrame:
    """Endpoints that we had to disable, as (number, host, reason); columns FOUND."""
    faults = [
        _fault(
            key=f"{WEBHOOK_KEY}{number}",
            code=f"alert.bad_data.webhook_{reason}",
            severity=WARNING,
            currency=currency,
            facts={"host": host},
        )
        for number, host, reason in disabled
    ]
    return pl.concat([pl.DataFrame(schema=FOUND), *faults])


def judge_late_parcels(*, count: int, first: str, currency: str) -> pl.DataFrame:
    """Parcels that should have left by now, together; `first` is the order of the most overdue. Columns FOUND."""
    if not count:
        return pl.DataFrame(schema=FOUND)
    return _fault(
        kind=LATE_PARCELS,
        key="shop",
        code="alert.late_parcels",
        severity=WARNING,
        currency=currency,
        facts={"count": f"{count:,}", "first": first},
    )


def judge_under_way(*, count: int, first: str, currency: str) -> pl.DataFrame:
    """Parcels that are late with their carriers, together; `first` is the order of the one late the longest."""
    if not count:
        return pl.DataFrame(schema=FOUND)
    return _fault(
        kind=LATE_PARCELS,
        key=UNDER_WAY_KEY,
        code="alert.late_under_way",
        severity=WARNING,
        currency=currency,
        facts={"count": f"{count:,}", "first": first},
    )


def judge_privacy(
    *, overdue: tuple[int, dt.date | None], soon: tuple[int, dt.date | None], currency: str
) -> pl.DataFrame:
    """Requests about personal data that are over their day, and those that nearly are: how many, and the first day."""
    faults = [
        _fault(
            kind=PRIVACY_REQUESTS,
            key=key,
            code=f"alert.privacy.{key}",
            severity=severity,
            currency=currency,
            facts={"count": f"{count:,}", "first": str(first)},
        )
        for key, (count, first), severity in (("overdue", overdue, CRITICAL), ("soon", soon, WARNING))
        if count
    ]
    return pl.concat([pl.DataFrame(schema=FOUND), *faults])


def judge_data(
    *, failed_series: pl.DataFrame, missing_rates: pl.DataFrame, refused_rows: int, refused_files: str, currency: str
) -> pl.DataFrame:
    """What a night found wrong: series that fell back, currencies without a rate, rows of files that were refused."""
    faults = []
    count, first = failed_series.row(0) if failed_series.height else (0, None)
    if count:
        facts = {"count": f"{count:,}", "first": str(first)}
        faults.append(_fault(key="series", code="alert.bad_data.series", severity=INFO, currency=currency, facts=facts))
    for code, suppliers in missing_rates.iter_rows():
        facts = {"currency": code, "count": str(suppliers)}
        faults.append(
            _fault(key=f"rate|{code}", code="alert.bad_data.rates", severity=WARNING, currency=currency, facts=facts)
        )
    if refused_rows:
        facts = {"count": f"{refused_rows:,}", "files": refused_files}
        faults.append(_fault(key="rows", code="alert.bad_data.rows", severity=WARNING, currency=currency, facts=facts))
    return pl.concat([pl.DataFrame(schema=FOUND), *faults])


def _fault(
    *, key: str, code: str, severity: int, currency: str, facts: dict[str, str], kind: str = "bad_data"
) -> pl.DataFrame:
    row = pl.DataFrame({"severity": [severity], "currency": [currency]})
    said = {name: pl.lit(value) for name, value in facts.items()}
    return found(row, kind=kind, code=code, facts=said, key=pl.lit(key))


def _named(difference: object) -> str:
    """Product and location of a difference."""
    return f"{getattr(difference, 'sku', '')} {getattr(difference, 'location', '')}".strip()
