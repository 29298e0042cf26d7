"""Which conditions of stock call for somebody: pure, from frames of `insights.alert_facts` to rows of alerts."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from reorder.domain.planning.alerting import FOUND
from reorder.engine.reasons import reason_columns
from reorder.flows.alerting.odds import shortage_odds
from reorder.kernel.money import minor_digits

INFO: Final = 1
WARNING: Final = 2
CRITICAL: Final = 3
# From this probability on somebody must act now.
CRITICAL_SHARE: Final = 0.75
# A late order or a lot that expires so soon is more than a note.
SOON_DAYS: Final = 30
_KEY: Final = pl.concat_str([pl.col("sku"), pl.lit("|"), pl.col("place")])


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a condition becomes an alert, as the settings say; see docs/reference/settings.md."""

    run_out_share: float
    excess_days: int
    dead_days: int
    expiry_days: int
    confirm_days: int
    currency: str


def judge_shortage(*, positions: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Below the safety stock, and likely to run out before more can come; columns FOUND.

    The deviation of demand over lead time and review is taken to grow with the square root of days. Money at stake is
    the margin of the units that are expected to be wanted and not there.
    """
    wanted = positions.filter(
        pl.col("state") == "active",
        pl.col("safety_stock_units").is_not_null(),
        (pl.col("daily_units") > 0) | (pl.col("planned_units") > 0),
    )
    judged = _with_odds(wanted)
    digits = 10 ** minor_digits(currency=thresholds.currency)
    judged = judged.with_columns(
        (pl.col("short_units") * pl.col("lost_unit_cost") * digits).round().cast(pl.Int64).alias("stake_minor"),
        pl.lit(thresholds.currency).alias("currency"),
    )
    return pl.concat([_below_safety(judged), _running_out(judged, thresholds=thresholds)])


def _with_odds(wanted: pl.DataFrame) -> pl.DataFrame:
    beyond = (pl.col("until_days") - pl.col("planned_days")).clip(0)
    expected = pl.col("planned_units") + beyond * pl.col("daily_units")
    # Where no deviation is known demand is as uneven as customers who come by chance.
    span = pl.col("span_days").clip(lower_bound=1.0)
    variance = pl.col("deviation_units").fill_null(0.0) ** 2 * pl.col("until_days") / span
    table = wanted.with_columns(expected.alias("until_units"), variance.sqrt().alias("until_deviation"))
    odds = shortage_odds(
        free_units=table["free_units"].to_numpy(),
        mean_units=table["until_units"].to_numpy(),
        deviation_units=table["until_deviation"].to_numpy(),
    )
    return table.with_columns(
        pl.Series("probability", odds.short_share, dtype=pl.Float64),
        pl.Series("short_units", odds.short_units, dtype=pl.Float64),
    )


def _below_safety(judged: pl.DataFrame) -> pl.DataFrame:
    low = judged.filter(pl.col("free_units") < pl.col("safety_stock_units")).with_columns(
        pl.when(pl.col("free_units") <= 0).then(CRITICAL).otherwise(WARNING).cast(pl.Int64).alias("severity")
    )
    facts = {
        "free": said_units("free_units"),
        "safety": said_units("safety_stock_units"),
        "daily": said_units("daily_units"),
        **_receipt(),
    }
    return _split_by_receipt(low, kind="below_safety_stock", facts=facts)


def _running_out(judged: pl.DataFrame, *, thresholds: Thresholds) -> pl.DataFrame:
    likely = judged.filter(pl.col("probability") >= thresholds.run_out_share).with_columns(
        pl.when(pl.col("probability") >= CRITICAL_SHARE)
        .then(CRITICAL)
        .otherwise(WARNING)
        .cast(pl.Int64)
        .alias("severity")
    )
    facts = {
        "percent": (pl.col("probability") * 100).round().cast(pl.Int64).cast(pl.String),
        "free": said_units("free_units"),
        "expected": said_units("until_units"),
        "until_date": pl.col("until_date").cast(pl.String),
        **_receipt(),
    }
    return _split_by_receipt(likely, kind="runs_out", facts=facts)


def _receipt() -> dict[str, pl.Expr]:
    return {
        "receipt_units": said_units("receipt_units"),
        "receipt_date": pl.col("receipt_date").cast(pl.String),
        "order": pl.col("order_number"),
    }


def _split_by_receipt(table: pl.DataFrame, *, kind: str, facts: Mapping[str, pl.Expr]) -> pl.DataFrame:
    is_coming = pl.col("order_number").is_not_null()
    named = {
        True: ("receipt_units", "receipt_date", "order"),
        False: ("until_date", "daily"),
    }
    parts = []
    for has_receipt, code in ((True, f"alert.{kind}.coming"), (False, f"alert.{kind}.none")):
        left_out = named[not has_receipt]
        said = {name: fact for name, fact in facts.items() if name not in left_out}
        rows = table.filter(is_coming if has_receipt else ~is_coming)
        parts.append(found(rows, kind=kind, code=code, facts=said, key=_KEY))
    return pl.concat(parts)


def judge_surplus(
    *, positions: pl.DataFrame, last_sales: pl.DataFrame, as_of: dt.date, thresholds: Thresholds
) -> pl.DataFrame:
    """Dead stock, and stock far beyond what sells; what is dead is not called excess too. Columns FOUND.

    `last_sales` (sku, last_sold_date, first_stock_date) is needed of products without a sale in 28 days.
    """
    stocked = positions.filter(pl.col("on_hand_units") > 0).join(last_sales, on="sku", how="left")
    before = as_of - dt.timedelta(days=thresholds.dead_days)
    is_dead = (pl.col("sold_28") <= 0) & (
        pl.coalesce("last_sold_date", "first_stock_date").fill_null(as_of) <= pl.lit(before)
    )
    value = (pl.col("on_hand_units") * pl.col("unit_cost_minor").fill_null(0)).round().cast(pl.Int64)
    dead = stocked.filter(is_dead).with_columns(value.alias("stake_minor"), graded(INFO))
    return pl.concat([_dead(dead), _excess(stocked.filter(~is_dead), thresholds=thresholds)])


def _dead(dead: pl.DataFrame) -> pl.DataFrame:
    sold, never = dead.filter(pl.col("last_sold_date").is_not_null()), dead.filter(pl.col("last_sold_date").is_null())
    units = said_units("on_hand_units")
    return pl.concat(
        [
            found(
                sold,
                kind="dead_stock",
                code="alert.dead_stock",
                facts={"units": units, "last_sold_date": pl.col("last_sold_date").cast(pl.String)},
                key=_KEY,
            ),
            found(
                never,
                kind="dead_stock",
                code="alert.dead_stock.never",
                facts={"units": units, "first_stock_date": pl.col("first_stock_date").cast(pl.String)},
                key=_KEY,
            ),
        ]
    )


def _excess(stocked: pl.DataFrame, *, thresholds: Thresholds) -> pl.DataFrame:
    """Only what a night has looked at: without a plan every unit would be too many."""
    kept = pl.col("order_up_to_units").fill_null(0.0) + pl.col("daily_units") * thresholds.excess_days
    surplus = stocked.filter(pl.col("is_planned"), pl.col("daily_units") > 0).with_columns(
        (pl.col("on_hand_units") - kept).floor().alias("excess_units")
    )
    rows = surplus.filter(pl.col("excess_units") >= 1).with_columns(
        (pl.col("excess_units") * pl.col("unit_cost_minor").fill_null(0)).round().cast(pl.Int64).alias("stake_minor"),
        graded(INFO),
    )
    facts = {
        "excess": said_units("excess_units"),
        "units": said_units("on_hand_units"),
        "days": pl.lit(str(thresholds.excess_days)),
        "daily": said_units("daily_units"),
        "cover_days": (pl.col("on_hand_units") / pl.col("daily_units")).round().cast(pl.Int64).cast(pl.String),
    }
    return found(rows, kind="excess", code="alert.excess", facts=facts, key=_KEY)


def judge_expiry(*, lots: pl.DataFrame, positions: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Lots of which units will not be sold in time at the planned rate, the first to expire sold first. Columns FOUND.

    What is sold until a lot's day is the planned rate times the days before it, less what earlier lots take.
    """
    rates = positions.select("sku", "place", "daily_units", "unit_cost_minor", "currency")
    table = lots.join(rates, on=["sku", "place"], how="inner").sort("sku", "place", "expires_date", "lot")
    days = (pl.col("expires_date") - pl.lit(as_of)).dt.total_days().clip(0)
    table = table.with_columns((days * pl.col("daily_units")).alias("wanted_units"), days.alias("days"))
    wasted = _unsold(
        keys=list(zip(table["sku"], table["place"], strict=True)),
        units=table["units"].to_list(),
        wanted_units=table["wanted_units"].to_list(),
    )
    table = table.with_columns(pl.Series("wasted_units", wasted, dtype=pl.Float64))
    is_over = pl.col("expires_date") <= pl.lit(as_of)
    table = table.filter(is_over | (pl.col("wasted_units") >= 1)).with_columns(
        (pl.col("wasted_units") * pl.col("unit_cost_minor").fill_null(0)).round().cast(pl.Int64).alias("stake_minor"),
        pl.when(is_over)
        .then(CRITICAL)
        .when(pl.col("days") <= SOON_DAYS)
        .then(WARNING)
        .otherwise(INFO)
        .cast(pl.Int64)
        .alias("severity"),
    )
    key = pl.concat_str([_KEY, pl.lit("|"), pl.col("lot")])
    facts = {
        "lot": pl.when(pl.col("lot") == "").then(pl.lit("–")).otherwise(pl.col("lot")),
        "units": said_units("units"),
        "expires_date": pl.col("expires_date").cast(pl.String),
    }
    more = facts | {"wasted": said_units("wasted_units"), "daily": said_units("daily_units")}
    return pl.concat(
        [
            found(table.filter(is_over), kind="expiring", code="alert.expired", facts=facts, key=key),
            found(table.filter(~is_over), kind="expiring", code="alert.expiring", facts=more, key=key),
        ]
    )


def _unsold(*, keys: Sequence[tuple[str, str]], units: Sequence[float], wanted_units: Sequence[float]) -> list[float]:
    """Units of each lot that are left on its day; rows of one key follow each other by that day."""
    left, sold, last = [], 0.0, None
    for key, lot_units, wanted in zip(keys, units, wanted_units, strict=True):
        if key != last:
            sold, last = 0.0, key
        taken = min(lot_units, max(wanted - sold, 0.0))
        sold += taken
        left.append(lot_units - taken)
    return left


def found(rows: pl.DataFrame, *, kind: str, code: str, facts: Mapping[str, pl.Expr], key: pl.Expr) -> pl.DataFrame:
    """`rows` as FOUND: columns of it where they are there, the sentence from `facts`."""
    if rows.is_empty():
        return pl.DataFrame(schema=FOUND)
    names, empty = rows.columns, pl.lit("")

    def either(name: str, otherwise: pl.Expr) -> pl.Expr:
        return (pl.col(name) if name in names else otherwise).alias(name)

    return rows.select(
        pl.lit(kind).alias("kind"),
        key.alias("key"),
        either("sku", empty).alias("subject"),
        either("place", empty).alias("place_code"),
        either("supplier_code", empty),
        (pl.col("order_number") if "order_number" in names else empty).fill_null("").alias("order_number"),
        pl.col("severity").cast(pl.Int64),
        either("stake_minor", pl.lit(0)).cast(pl.Int64),
        pl.col("currency"),
        either("probability", pl.lit(None)).cast(pl.Float64),
        *reason_columns(code=code, parameters=facts)[1:],
    )


def graded(number: int) -> pl.Expr:
    """The same severity for all rows."""
    return pl.lit(number, pl.Int64).alias("severity")


def said_units(name: str) -> pl.Expr:
    """Units as people read them: whole from ten on, one decimal below, two below a tenth."""
    value = pl.col(name)
    rounded = pl.when(value.abs() >= 0.1).then(value.round(1)).otherwise(value.round(2))
    short = rounded.cast(pl.String).str.replace(r"\.0$", "")
    return pl.when(value.abs() >= 10).then(value.round().cast(pl.Int64, strict=False).cast(pl.String)).otherwise(short)
