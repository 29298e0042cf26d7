"""The decision of a night about every due pair; pure, so that it can be replayed and argued with.

What passes its checks and is among the best share that is wanted competes for the places in the one message that a
customer gets, and a message goes out only when it is expected to win more than it costs.
"""

import datetime as dt

import polars as pl

from reorder.engine.contact import is_held_out
from reorder.flows.repeat_cycle.rules import ITEMS_IN_A_MESSAGE, JOIN_DAYS, Budget, Rules
from reorder.flows.repeat_cycle.telling import tell_reasons
from reorder.kernel.ids import idempotency_key

_OUTCOMES = {
    "reminder.planned": "planned",
    "reminder.held_out": "held_out",
    "reminder.held_for_stock": "held_for_stock",
    "reminder.held_for_delivery": "held_for_stock",
    "reminder.weekly_cap": "rescheduled",
    "reminder.message_full": "rescheduled",
    "reminder.better_day": "rescheduled",
}


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


def holdout_of(*, customer_id: int, rules: Rules) -> str:
    """Whose comparison keeps this customer's reminders back: `global`, `source`, or empty; the same every night."""
    if is_held_out(salt=rules.global_salt, customer_id=customer_id, share=rules.global_holdout_share):
        return "global"
    return "source" if is_held_out(salt=rules.salt, customer_id=customer_id, share=rules.holdout_share) else ""


def decide_reminders(*, checked: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """One row a candidate: outcome, reason_code, reason_parameters (JSON), and `position` in the message from 1.

    Args:
        checked: see check_reminders.
        rules: what the shop wants.

    Returns:
        The columns of `checked` and the decision; outcome is `planned`, `held_out`, `held_for_stock`, `rescheduled` or
        `suppressed`. Position counts only among rows that pass, the most expected extra margin first.
    """
    settled = settle_reminders(checked=checked, rules=rules)
    outcome = pl.col("reason_code").replace_strict(_OUTCOMES, default="suppressed", return_dtype=pl.String)
    return tell_reasons(settled=settled, rules=rules).with_columns(outcome.alias("outcome"))


def settle_reminders(*, checked: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """As decide_reminders, without the outcome and the parameters of the reason."""
    wanted = _within_budget(checked, budget=rules.budget)
    timely = _today_or_soon(wanted, as_of=rules.as_of)
    ranked = _rank(_pay_for_messages(_rank(timely), cost_minor=rules.message_cost_minor))
    ranked = _with_holdout(ranked, rules=rules)
    code = (
        pl.when(pl.col("reason_code").is_not_null())
        .then(pl.col("reason_code"))
        .when(pl.col("position") > ITEMS_IN_A_MESSAGE)
        .then(pl.lit("reminder.message_full"))
        .when(pl.col("holdout") != "")
        .then(pl.lit("reminder.held_out"))
        .otherwise(pl.lit("reminder.planned"))
    )
    return ranked.with_columns(code.alias("reason_code"))


def _within_budget(checked: pl.DataFrame, *, budget: Budget) -> pl.DataFrame:
    """The likeliest pairs stay, as many as are wanted at most."""
    order = checked.select("remind_hit_share", "customer_id", "subject_key").with_row_index("row")
    best = order.filter(pl.col("remind_hit_share") >= budget.least_share).sort(
        "remind_hit_share", "customer_id", "subject_key", descending=[True, False, False]
    )["row"][: budget.pairs_count]
    is_best = pl.int_range(pl.len()).is_in(best.implode())
    return checked.with_columns(
        pl.when(pl.col("reason_code").is_null() & ~is_best)
        .then(pl.lit("reminder.beyond_budget"))
        .otherwise(pl.col("reason_code"))
        .alias("reason_code")
    )


def _today_or_soon(wanted: pl.DataFrame, *, as_of: dt.date) -> pl.DataFrame:
    """Pairs whose best day is still to come wait for it, unless the customer is written to today anyway."""
    has_passed = pl.col("reason_code").is_null()
    is_today = pl.col("contact_date") <= as_of
    is_soon = pl.col("contact_date") <= as_of + dt.timedelta(days=JOIN_DAYS)
    joins = is_soon & (has_passed & is_today).any().over("customer_id")
    return wanted.with_columns(
        pl.when(has_passed & ~is_today & ~joins)
        .then(pl.lit("reminder.better_day"))
        .otherwise(pl.col("reason_code"))
        .alias("reason_code")
    )


def _rank(checked: pl.DataFrame) -> pl.DataFrame:
    """`position` of each passing row within its customer, by expected extra margin (orders where none is known)."""
    has_passed = pl.col("reason_code").is_null()
    scored = checked.with_columns(pl.coalesce("gross_extra_margin_minor", "expected_extra_orders").alias("score")).sort(
        "customer_id", has_passed, "score", "subject_key", descending=[False, True, True, False]
    )
    return scored.with_columns(
        pl.when(has_passed).then(has_passed.cum_sum().over("customer_id")).cast(pl.Int64).alias("position")
    )


def _pay_for_messages(ranked: pl.DataFrame, *, cost_minor: float) -> pl.DataFrame:
    """A message costs once, whatever it names: what its products win together must exceed that.

    Where no margin at all is known there is nothing to compare, and the message passes.
    """
    in_message = pl.col("position") <= ITEMS_IN_A_MESSAGE
    won = pl.when(in_message).then(pl.col("gross_extra_margin_minor")).sum().over("customer_id")
    fails = (won <= cost_minor) & pl.col("gross_extra_margin_minor").is_not_null() & (cost_minor > 0)
    is_too_dear = pl.col("reason_code").is_null() & fails
    return ranked.with_columns(
        pl.when(is_too_dear).then(won).otherwise(pl.col("gross_extra_margin_minor")).alias("won_minor"),
        pl.when(is_too_dear)
        .then(pl.lit("reminder.not_worth_its_cost"))
        .otherwise(pl.col("reason_code"))
        .alias("reason_code"),
    )


def _with_holdout(ranked: pl.DataFrame, *, rules: Rules) -> pl.DataFrame:
    """`holdout` of each row: whose comparison keeps the customer back, empty where none does."""
    customers = ranked.select("customer_id").unique()
    held = [holdout_of(customer_id=one, rules=rules) for one in customers["customer_id"]]
    return ranked.join(
        customers.with_columns(pl.Series("holdout", held, dtype=pl.String)), on="customer_id", maintain_order="left"
    )
