"""The parameters of each decision's sentence: what a person needs to see that it is right."""

import polars as pl

from reorder.flows.repeat_cycle.rules import CAP_DAYS, ITEMS_IN_A_MESSAGE, Rules
from reorder.kernel.formatting import format_money

_HIT_PERCENT = (pl.col("remind_hit_share") * 100).round().cast(pl.Int64).alias("hit_percent")
_REMIND_DATE = pl.col("remind_date").dt.to_string("iso")


def tell_reasons(*, settled: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """`settled` with `reason_parameters`: the parameters of each row's sentence as JSON text."""
    chain = pl.lit("{}")
    for code, fields in (_of_checks(rules) | _of_choices(rules)).items():
        chain = pl.when(pl.col("reason_code") == code).then(fields.struct.json_encode()).otherwise(chain)
    priced = settled.with_columns(_won(settled, currency=rules.currency))
    return priced.with_columns(chain.alias("reason_parameters")).drop("extra_margin")


def _of_checks(rules: Rules) -> dict[str, pl.Expr]:
    """Why a pair is kept back whatever is wanted."""
    # A limit of no messages at all is reached without one.
    again_date = (pl.col("oldest_at") + pl.duration(days=CAP_DAYS)).dt.date().dt.to_string("iso").fill_null("?")
    gap = pl.col("usual_gap_days").round().clip(1).cast(pl.Int64).alias("gap_days")
    limit = pl.lit(rules.messages_per_week).alias("limit")
    return {
        "reminder.paused_until": pl.struct(pl.col("resumes_date").dt.to_string("iso")),
        "reminder.bought_since": pl.struct(pl.col("bought_date").dt.to_string("iso")),
        "reminder.too_soon": pl.struct("elapsed_days", gap),
        "reminder.already_reminded": pl.struct(pl.col("last_bought_date").dt.to_string("iso")),
        "reminder.no_product": pl.struct(pl.col("subject_key").alias("subject")),
        "reminder.held_for_stock": pl.struct("product"),
        "reminder.held_for_delivery": pl.struct(
            "product",
            pl.col("incoming_units").round().cast(pl.Int64),
            pl.col("expected_date").dt.to_string("iso").fill_null("?"),
        ),
        "reminder.weekly_cap": pl.struct("messages_count", limit, again_date.alias("again_date")),
    }


def _of_choices(rules: Rules) -> dict[str, pl.Expr]:
    """Why one pair is preferred to another."""
    reminded = pl.struct(
        "product",
        pl.col("usual_gap_days").round().cast(pl.Int64).alias("gap_days"),
        pl.col("last_bought_date").dt.to_string("iso"),
        _REMIND_DATE,
        _HIT_PERCENT,
    )
    budget = rules.budget
    cost = format_money(round(rules.message_cost_minor), currency=rules.currency)
    return {
        "reminder.planned": reminded,
        "reminder.held_out": reminded,
        "reminder.message_full": pl.struct("product", pl.lit(ITEMS_IN_A_MESSAGE).alias("limit")),
        "reminder.better_day": pl.struct("product", pl.col("contact_date").dt.to_string("iso")),
        "reminder.beyond_budget": pl.struct(
            "product",
            _REMIND_DATE,
            _HIT_PERCENT,
            pl.lit(f"{budget.share * 100:g}").alias("budget_percent"),
            pl.lit(round(budget.least_share * 100)).alias("least_percent"),
        ),
        "reminder.not_worth_its_cost": pl.struct("product", "extra_margin", pl.lit(cost).alias("cost")),
    }


def _won(settled: pl.DataFrame, *, currency: str) -> pl.Series:
    """What those who are not worth a message would have won, as people write money."""
    rows = settled.select("reason_code", pl.col("won_minor").fill_null(0)).iter_rows()
    words = [
        format_money(round(minor), currency=currency) if code == "reminder.not_worth_its_cost" else ""
        for code, minor in rows
    ]
    return pl.Series("extra_margin", words, dtype=pl.String)
