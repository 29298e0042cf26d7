"""What keeps a due pair from being reminded tonight, whatever the budget; pure.

Checks run in the order of `_first_failed`; the first that fails names the reason.
"""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

# In a small shop the model cannot yet know that nobody buys again the next day; a message that soon after a purchase
# only tells the customer that we do not look.
EARLIEST_SHARE_OF_GAP = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderFacts:
    """What the decision needs to know.

    candidates: customer_id Int64, subject_key, product_id?, sku?, product? (name), last_bought_date, elapsed_days
        (since then), usual_gap_days, due_date, remind_date, remind_hit_share, evidence, cycle_key (see
        with_cycle_keys), and the chosen moment (see contacting.choose_moments): contact_date, contact_hour,
        window_share, expected_extra_orders, gross_extra_margin_minor?, …
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


def check_reminders(*, facts: ReminderFacts, messages_per_week: int) -> pl.DataFrame:
    """The candidates with everything known about them and `reason_code` of the first check that fails, else null."""
    joined = (
        facts.candidates.join(facts.contacts, on="customer_id", how="left")
        .join(facts.bought, on=["customer_id", "subject_key"], how="left")
        .join(facts.stock, on="sku", how="left")
        .join(facts.recent, on="customer_id", how="left")
        .with_columns(
            pl.col("cycle_key").is_in(list(facts.reminded)).alias("is_reminded"),
            pl.col("messages_count").fill_null(0),
        )
    )
    return joined.with_columns(_first_failed(messages_per_week=messages_per_week).alias("reason_code"))


def _first_failed(*, messages_per_week: int) -> pl.Expr:
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
        # A lift that is learned to be negative, or a product sold below its cost.
        (pl.coalesce("gross_extra_margin_minor", "expected_extra_orders") <= 0, "reminder.not_worth_its_cost"),
    )
    # Built from the last check to the first: a check that cannot be answered (null) has not failed.
    chain = pl.lit(None, dtype=pl.String)
    for failed, code in reversed(checks):
        chain = pl.when(failed.fill_null(value=False)).then(pl.lit(code)).otherwise(chain)
    return chain
