"""The budget of a night, "the best 5 % of pairs", and what each budget would bring; pure.

Best means likeliest: bought within three days of its remind date. The curve is drawn by the very function that
decides, once a step, so that what is promised is what the night does.
"""

import math
from dataclasses import replace
from typing import Final

import polars as pl

from reorder.flows.repeat_cycle.deciding import settle_reminders
from reorder.flows.repeat_cycle.rules import Budget, Rules
from reorder.insights.reminder_plan import STEPS, Curve, CurveStep

_NO_CONSENT: Final = (
    "reminder.no_address",
    "reminder.no_consent",
    "reminder.consent_withdrawn",
    "reminder.paused",
    "reminder.paused_until",
)
_NO_STOCK: Final = ("reminder.held_for_stock", "reminder.held_for_delivery")


def size_budget(*, share: float, hit_shares: pl.DataFrame) -> Budget:
    """How many pairs the best `share` are, and how likely the last of them is.

    Args:
        share: 0 to 1; of a few pairs at least one, except for 0.
        hit_shares: least_share, pairs_count, hits of every step, the likeliest first; see planning.frame_hit_shares.
    """
    pairs_count = int(hit_shares["pairs_count"].sum())
    wanted = min(math.ceil(pairs_count * share - 1e-9), pairs_count)
    if not wanted:
        return Budget(share=share, pairs_count=0, least_share=1.0)
    reached = hit_shares.filter(pl.col("pairs_count").cum_sum() >= wanted)
    return Budget(share=share, pairs_count=wanted, least_share=float(reached["least_share"][0]))


def draw_curve(*, checked: pl.DataFrame | None, rules: Rules, hit_shares: pl.DataFrame, floor_share: float) -> Curve:
    """What every step would bring tonight.

    Args:
        checked: as check_reminders gives it; None when nothing is due.
        rules: those of the night, whose own budget does not matter.
        hit_shares: all pairs, see size_budget.
        floor_share: less likely pairs are not among the checked ones.
    """
    above = hit_shares.filter(pl.col("least_share") >= floor_share)
    steps = []
    for share in STEPS:
        budget = size_budget(share=share, hit_shares=hit_shares)
        settled = None
        if checked is not None and budget.pairs_count:
            settled = settle_reminders(checked=checked, rules=replace(rules, budget=budget))
        hits = _hits(hit_shares=hit_shares, pairs_count=budget.pairs_count)
        steps.append(_count_step(settled=settled, budget=budget, hits=hits, cost_minor=rules.message_cost_minor))
    return Curve(
        pairs_count=int(hit_shares["pairs_count"].sum()),
        floor_share=floor_share,
        floor_pairs_count=int(above["pairs_count"].sum()),
        currency=rules.currency,
        message_cost_minor=rules.message_cost_minor,
        steps=steps,
    )


def _count_step(*, settled: pl.DataFrame | None, budget: Budget, hits: float, cost_minor: float) -> CurveStep:
    step = CurveStep(share=budget.share, pairs_count=budget.pairs_count, least_share=budget.least_share, hits=hits)
    if settled is None:
        return step
    due = settled.filter(
        pl.col("remind_hit_share") >= budget.least_share, pl.col("reason_code") != "reminder.beyond_budget"
    )
    named = due.filter(pl.col("reason_code") == "reminder.planned")
    held_out = due.filter(pl.col("reason_code") == "reminder.held_out")
    messages_count = named["customer_id"].n_unique()
    margin = named["gross_extra_margin_minor"]
    return replace(
        step,
        due_count=due.height,
        no_consent_count=int(due["reason_code"].is_in(_NO_CONSENT).sum()),
        no_stock_count=int(due["reason_code"].is_in(_NO_STOCK).sum()),
        messages_count=messages_count,
        named_count=named.height,
        held_out_count=held_out["customer_id"].n_unique(),
        named_hits=float(named["remind_hit_share"].sum()),
        extra_orders=float(named["expected_extra_orders"].sum()),
        extra_margin_minor=None if margin.null_count() else float(margin.sum()) - messages_count * cost_minor,
    )


def _hits(*, hit_shares: pl.DataFrame, pairs_count: int) -> float:
    """Purchases expected of the likeliest pairs; the last step is taken in part."""
    counts = hit_shares["pairs_count"].cast(pl.Float64)
    before = counts.cum_sum() - counts
    part = ((pairs_count - before) / counts).clip(0.0, 1.0)
    return float((hit_shares["hits"] * part).sum())
