"""The decision of a night about every due pair; pure, so that it can be replayed and argued with.

Checks run in the order of `_ROW_CHECKS`; the first that fails names the reason. What passes competes for the places in
the one message that a customer gets.
"""

import datetime as dt
import hashlib
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from reorder.kernel.ids import idempotency_key

ITEMS_IN_A_MESSAGE = 5
CAP_DAYS = 7
# In a small shop the model cannot yet know that nobody buys again the next day; a message that soon after a purchase
# only tells the customer that we do not look.
EARLIEST_SHARE_OF_GAP = 0.5
# Constant, so that a customer stays on one side of the comparison from night to night.
_HOLDOUT_SALT = "reminders"
_SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderFacts:
    """What the decision needs to know.

    candidates: customer_id Int64, subject_key, product_id?, sku?, product? (name), margin_minor?, last_bought_date,
        elapsed_days (since then), usual_gap_days, due_date, remind_date, remind_hit_share, cycle_key (see
        with_cycle_keys).
    contacts: customer_id, address?, is_granted? (null: never declared), is_paused, resumes_date? (null: open).
    bought: customer_id, subject_key, bought_date (latest purchase).
    reminded: cycle keys that a message is or was about.
    stock: sku, free_units, incoming_units, expected_date?; a SKU without a row is not kept in stock by us.
    recent: customer_id, messages_count, oldest_at: marketing mail of the last seven days.
    """

    candidates: pl.DataFrame
    contacts: pl.DataFrame
    bought: pl.DataFrame
    reminded: Collection[str]
    stock: pl.DataFrame
    recent: pl.DataFrame


def cycle_key(*, customer_id: int, subject_key: str, last_bought_date: dt.date) -> str:
    """The name of one purchase cycle: it ends with the next purchase, and is reminded at most once."""
    return idempotency_key("reminder", customer_id, subject_key, last_bought_date.isoformat())


def with_cycle_keys(*, pairs: pl.DataFrame) -> pl.DataFrame:
    """`pairs` (customer_id Int64, subject_key, last_bought_date) with their `cycle_key`."""
    keys = [
        cycle_key(customer_id=customer, subject_key=subject, last_bought_date=day)
        for customer, subject, day in pairs.select("customer_id", "subject_key", "last_bought_date").iter_rows()
    ]
    return pairs.with_columns(pl.Series("cycle_key", keys, dtype=pl.String))


def is_held_out(*, customer_id: int, holdout_share: float) -> bool:
    """Whether this customer gets no reminders, to measure what they earn; the same answer every night."""
    digest = hashlib.sha256(f"{_HOLDOUT_SALT}:{customer_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < holdout_share


def decide_reminders(*, facts: ReminderFacts, messages_per_week: int, holdout_share: float) -> pl.DataFrame:
    """One row a candidate: outcome, reason_code, reason_parameters (JSON), and `position` in the message from 1.

    Args:
        facts: see ReminderFacts.
        messages_per_week: marketing messages one customer gets in seven days at most.
        holdout_share: share of customers who get none.

    Returns:
        The candidates' columns, address, cycle_key and the decision; outcome is `planned`, `held_out`,
        `held_for_stock`, `rescheduled` or `suppressed`. Position counts only among planned and held-out rows, the
        likeliest margin first.
    """
    joined = _join(facts)
    checked = joined.with_columns(_first_failed(messages_per_week=messages_per_week).alias("reason_code"))
    ranked = _rank(checked)
    held_out = _held_out_customers(ranked, holdout_share=holdout_share)
    code = (
        pl.when(pl.col("reason_code").is_not_null())
        .then(pl.col("reason_code"))
        .when(pl.col("position") > ITEMS_IN_A_MESSAGE)
        .then(pl.lit("reminder.message_full"))
        .when(pl.col("customer_id").is_in(held_out))
        .then(pl.lit("reminder.held_out"))
        .otherwise(pl.lit("reminder.planned"))
    )
    decided = ranked.with_columns(code.alias("reason_code"))
    return decided.with_columns(
        pl.col("reason_code")
        .replace_strict(
            {
                "reminder.planned": "planned",
                "reminder.held_out": "held_out",
                "reminder.held_for_stock": "held_for_stock",
                "reminder.held_for_delivery": "held_for_stock",
                "reminder.weekly_cap": "rescheduled",
                "reminder.message_full": "rescheduled",
            },
            default=_SUPPRESSED,
            return_dtype=pl.String,
        )
        .alias("outcome"),
        _parameters(messages_per_week=messages_per_week).alias("reason_parameters"),
    )


def _join(facts: ReminderFacts) -> pl.DataFrame:
    return (
        facts.candidates.join(facts.contacts, on="customer_id", how="left")
        .join(facts.bought, on=["customer_id", "subject_key"], how="left")
        .join(facts.stock, on="sku", how="left")
        .join(facts.recent, on="customer_id", how="left")
        .with_columns(
            pl.col("cycle_key").is_in(list(facts.reminded)).alias("is_reminded"),
            pl.col("messages_count").fill_null(0),
        )
    )


def _first_failed(*, messages_per_week: int) -> pl.Expr:
    """The reason code of the first check that fails, null when none does."""
    is_empty = pl.col("free_units") <= 0
    checks = (
        (pl.col("address").is_null(), "reminder.no_address"),
        (pl.col("is_granted").is_null(), "reminder.no_consent"),
        (~pl.col("is_granted"), "reminder.consent_withdrawn"),
        (pl.col("is_paused") & pl.col("resumes_date").is_null(), "reminder.paused"),
        (pl.col("is_paused"), "reminder.paused_until"),
        (pl.col("bought_date") > pl.col("last_bought_date"), "reminder.bought_since"),
        (pl.col("is_reminded"), "reminder.already_reminded"),
        (pl.col("elapsed_days") < pl.col("usual_gap_days") * EARLIEST_SHARE_OF_GAP, "reminder.too_soon"),
        (pl.col("product_id").is_null(), "reminder.no_product"),
        (is_empty & (pl.col("incoming_units") > 0), "reminder.held_for_delivery"),
        (is_empty, "reminder.held_for_stock"),
        (pl.col("messages_count") >= messages_per_week, "reminder.weekly_cap"),
    )
    # Built from the last check to the first: a check that cannot be answered (null) has not failed.
    chain = pl.lit(None, dtype=pl.String)
    for failed, code in reversed(checks):
        chain = pl.when(failed.fill_null(value=False)).then(pl.lit(code)).otherwise(chain)
    return chain


def _rank(checked: pl.DataFrame) -> pl.DataFrame:
    """`position` of each passing row within its customer, by probability × margin; an unknown margin is average."""
    usual = checked["margin_minor"].mean()
    margin = pl.col("margin_minor").cast(pl.Float64).fill_null(usual if isinstance(usual, float) else 1.0)
    has_passed = pl.col("reason_code").is_null()
    scored = checked.with_columns((pl.col("remind_hit_share") * margin).alias("score")).sort(
        "customer_id", has_passed, "score", "subject_key", descending=[False, True, True, False]
    )
    return scored.with_columns(
        pl.when(has_passed).then(has_passed.cum_sum().over("customer_id")).cast(pl.Int64).alias("position")
    )


def _held_out_customers(ranked: pl.DataFrame, *, holdout_share: float) -> list[int]:
    customers = ranked.filter(pl.col("position").is_not_null())["customer_id"].unique()
    return [one for one in customers if is_held_out(customer_id=one, holdout_share=holdout_share)]


def _parameters(*, messages_per_week: int) -> pl.Expr:
    """The parameters of each row's sentence as JSON text."""
    reminded = pl.struct(
        "product",
        pl.col("usual_gap_days").round().cast(pl.Int64).alias("gap_days"),
        pl.col("last_bought_date").dt.to_string("iso"),
        pl.col("remind_date").dt.to_string("iso"),
        (pl.col("remind_hit_share") * 100).round().cast(pl.Int64).alias("hit_percent"),
    )
    # A limit of no messages at all is reached without one.
    again_date = (pl.col("oldest_at") + pl.duration(days=CAP_DAYS)).dt.date().dt.to_string("iso").fill_null("?")
    again = again_date.alias("again_date")
    incoming = pl.col("incoming_units").round().cast(pl.Int64)
    parameters: dict[str, pl.Expr] = {
        "reminder.planned": reminded,
        "reminder.held_out": reminded,
        "reminder.paused_until": pl.struct(pl.col("resumes_date").dt.to_string("iso")),
        "reminder.bought_since": pl.struct(pl.col("bought_date").dt.to_string("iso")),
        "reminder.too_soon": pl.struct(
            "elapsed_days", pl.col("usual_gap_days").round().clip(1).cast(pl.Int64).alias("gap_days")
        ),
        "reminder.already_reminded": pl.struct(pl.col("last_bought_date").dt.to_string("iso")),
        "reminder.no_product": pl.struct(pl.col("subject_key").alias("subject")),
        "reminder.held_for_stock": pl.struct("product"),
        "reminder.held_for_delivery": pl.struct(
            "product", incoming, pl.col("expected_date").dt.to_string("iso").fill_null("?")
        ),
        "reminder.weekly_cap": pl.struct("messages_count", pl.lit(messages_per_week).alias("limit"), again),
        "reminder.message_full": pl.struct("product", pl.lit(ITEMS_IN_A_MESSAGE).alias("limit")),
    }
    chain = pl.lit("{}")
    for code, fields in parameters.items():
        chain = pl.when(pl.col("reason_code") == code).then(fields.struct.json_encode()).otherwise(chain)
    return chain
