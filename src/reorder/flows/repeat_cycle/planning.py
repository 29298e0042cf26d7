"""Tonight's reminders: due pairs out of the database, one decision each, messages and decisions back in."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.catalog import queries as catalog
from reorder.domain.customers import queries as customers
from reorder.domain.customers.queries import CustomerRow
from reorder.domain.inventory import queries as inventory
from reorder.domain.marketing.journeys.due import find_due_state, list_handed_cycles
from reorder.domain.marketing.proof import GLOBAL_KIND, load_holdouts, salt_of
from reorder.domain.messaging import operations as messaging_operations
from reorder.domain.messaging import queries as messaging
from reorder.domain.messaging.rules import DraftItem, MessageDraft
from reorder.domain.orders import queries as orders
from reorder.domain.planning import learned as store
from reorder.domain.planning import queries as planning
from reorder.domain.planning import reminders
from reorder.domain.purchasing import queries as purchasing
from reorder.domain.storage import holding_advisory_lock
from reorder.engine.repurchase import Uplift
from reorder.flows.repeat_cycle.budgeting import draw_curve, size_budget
from reorder.flows.repeat_cycle.checking import ReminderFacts, check_reminders
from reorder.flows.repeat_cycle.committing import commit_reminders
from reorder.flows.repeat_cycle.contacting import choose_moments
from reorder.flows.repeat_cycle.deciding import decide_reminders, with_cycle_keys
from reorder.flows.repeat_cycle.handing import hand_over
from reorder.flows.repeat_cycle.learning import learn_reminder_uplift
from reorder.flows.repeat_cycle.rules import CAP_DAYS, JOIN_DAYS, Rules
from reorder.flows.repeat_cycle.telling_items import contact_of, item_of, kept_with_message
from reorder.flows.repeat_cycle.timing import expires_at, send_after
from reorder.flows.repeat_cycle.withdrawing import withdraw_outdated
from reorder.flows.repeat_cycle.wording import language_of, write_reminder
from reorder.insights.reminder_plan import CURVE_KIND, STEPS, has_curve
from reorder.insights.reminder_plan import VERSION as CURVE_VERSION
from reorder.kernel.ids import idempotency_key
from reorder.kernel.money import minor_digits

# A remind day that passed while no night ran is still worth acting on for this long.
LATE_DAYS = 3
# The remind date is the middle of the most probable seven days; a message helps only before the purchase, so it goes
# out when those days begin, or sooner where parcels take longer.
AHEAD_DAYS = 3
# Support asks why somebody got no message weeks later, hardly seasons later.
DECISIONS_KEPT_DAYS = 180
# Held while reminders are planned, and by whoever must not change a customer meanwhile.
PLANNING_LOCK = "repeat_cycle.plan"
_ALL_ROWS = 2**31 - 1
# What these messages name as their source.
_KIND, _KEY = "reminder", "due"


@dataclass(frozen=True, slots=True)
class PlannedReminders:
    """Due pairs looked at, messages written (held-out ones included), and pairs by reason code."""

    rows_read: int
    rows_written: int
    details: dict[str, int]


def plan_reminders(*, run_id: int, as_of: dt.date, moment: dt.datetime) -> PlannedReminders:
    """Decide about every pair whose most probable days have begun, and put one message a customer into the outbox.

    Where a journey writes about due goods, it gets one fact a customer instead of a message. Every pair gets a recorded
    decision with its reason. Safe to run twice: a purchase cycle is reminded once. Only one process plans at a time,
    because the weekly cap is shared; raises AlreadyRunning. What every budget would have brought is kept for whoever
    chooses the next one.

    Args:
        run_id: the planning run that decides.
        as_of: the shop's day; pairs with a remind day from LATE_DAYS before it until their days come near are due.
        moment: now, UTC.
    """
    with holding_advisory_lock(name=PLANNING_LOCK, what="planning of reminders"):
        withdraw_outdated(customer_ids=messaging.list_customers_with_reminders())
        uplift = learn_reminder_uplift(as_of=as_of)
        due = _load_due(as_of=as_of)
        hit_shares = reminders.frame_hit_shares()
        # Where a journey writes about due goods, its own comparison decides who is held out.
        by_journey = find_due_state()
        rules = _load_rules(as_of=as_of, hit_shares=hit_shares, is_by_journey=bool(by_journey))
        if due.is_empty():
            _keep_curve(checked=None, rules=rules, hit_shares=hit_shares)
            return PlannedReminders(0, 0, {})
        checked = check_reminders(
            facts=_load_facts(due=due, uplift=uplift, as_of=as_of, moment=moment),
            messages_per_week=settings.REORDER.messages_per_week,
        )
        decided = decide_reminders(checked=checked, rules=rules)
        with transaction.atomic():
            if by_journey:
                # Of a journey that is paused the next nights decide again.
                new_count = hand_over(decided=decided, moment=moment) if by_journey == "live" else 0
            else:
                drafts = _draft_messages(decided=decided, run_id=run_id, moment=moment)
                new_count = messaging_operations.plan_messages(drafts=drafts).new_count
            messaging_operations.record_decisions(run_key=run_id, decisions=decided)
            messaging_operations.forget_decisions(decided_before=moment - dt.timedelta(days=DECISIONS_KEPT_DAYS))
            # A night that is repeated finds everybody reminded already, and has nothing to tell of budgets.
            if new_count:
                commit_reminders(decided=decided, uplift=uplift, as_of=as_of, moment=moment)
            if new_count or not has_curve(as_of=as_of):
                _keep_curve(checked=checked, rules=rules, hit_shares=hit_shares)
    counts = decided.group_by("reason_code").len().sort("reason_code")
    return PlannedReminders(due.height, new_count, dict(counts.iter_rows()))


def _keep_curve(*, checked: pl.DataFrame | None, rules: Rules, hit_shares: pl.DataFrame) -> None:
    floor_share = settings.REORDER.reminder_minimum_share
    curve = draw_curve(checked=checked, rules=rules, hit_shares=hit_shares, floor_share=floor_share)
    store.save_learned(
        kind=CURVE_KIND,
        version=CURVE_VERSION,
        as_of=rules.as_of,
        content=json.dumps(curve.as_json()).encode(),
        summary=f"{curve.pairs_count} pairs",
        seconds=0.0,
    )


def _load_due(*, as_of: dt.date) -> pl.DataFrame:
    return planning.frame_due(
        from_date=as_of - dt.timedelta(days=LATE_DAYS),
        until_date=as_of + dt.timedelta(days=max(AHEAD_DAYS, settings.REORDER.delivery_days) + JOIN_DAYS),
        minimum_share=settings.REORDER.reminder_minimum_share,
        limit=_ALL_ROWS,
    )


def _load_rules(*, as_of: dt.date, hit_shares: pl.DataFrame, is_by_journey: bool) -> Rules:
    options = settings.REORDER
    policy = reminders.find_policy()
    holdouts = load_holdouts()
    return Rules(
        as_of=as_of,
        messages_per_week=options.messages_per_week,
        holdout_share=0.0 if is_by_journey else holdouts.share_of(source_kind=_KIND, source_key=_KEY),
        global_holdout_share=0.0 if is_by_journey else holdouts.global_share,
        salt=salt_of(source_kind=_KIND, source_key=_KEY),
        global_salt=salt_of(source_kind=GLOBAL_KIND, source_key=""),
        budget=size_budget(share=policy.budget_share if policy else STEPS[-1], hit_shares=hit_shares),
        message_cost_minor=float(options.message_cost) * 10 ** minor_digits(currency=options.currency),
        currency=options.currency,
    )


def _load_facts(*, due: pl.DataFrame, uplift: Uplift, as_of: dt.date, moment: dt.datetime) -> ReminderFacts:
    pairs = with_cycle_keys(
        pairs=due.with_columns(
            pl.col("customer_id").cast(pl.Int64),
            (pl.lit(as_of) - pl.col("last_bought_date")).dt.total_days().alias("elapsed_days"),
        ).rename({"sku": "subject_key"})
    )
    customer_ids, cycle_keys = pairs["customer_id"].unique().sort().to_list(), pairs["cycle_key"].to_list()
    candidates = _with_products(pairs=pairs, customer_ids=customer_ids)
    bought = orders.frame_purchases_since(
        customer_ids=customer_ids,
        from_date=as_of - dt.timedelta(days=LATE_DAYS),
        time_zone=settings.REORDER.time_zone,
    )
    return ReminderFacts(
        candidates=choose_moments(candidates=candidates, uplift=uplift, as_of=as_of, moment=moment),
        contacts=messaging.frame_reachable(customer_ids=customer_ids, day=as_of),
        bought=bought.rename({"sku": "subject_key"}),
        reminded=messaging.list_reminded_cycles(cycle_keys=cycle_keys) | list_handed_cycles(cycle_keys=cycle_keys),
        stock=_load_stock(),
        recent=messaging.frame_recent_marketing(since=moment - dt.timedelta(days=CAP_DAYS)),
    )


def _with_products(*, pairs: pl.DataFrame, customer_ids: Sequence[int]) -> pl.DataFrame:
    """The product that each pair is about: the subject's own, or of a category the one this customer buys most."""
    products = catalog.frame_products().filter(pl.col("state") == "active")
    favourites = orders.frame_favourite_products(customer_ids=customer_ids).rename({"sku": "subject_key"})
    own = products.filter(pl.col("planned_by") == "product").select(
        pl.col("subject").alias("subject_key"), pl.col("product_id").alias("own_product_id")
    )
    described = products.select(
        "product_id",
        "sku",
        pl.col("name").alias("product"),
        "price_minor",
        "unit_cost_minor",
        "currency",
    )
    return (
        pairs.join(own, on="subject_key", how="left")
        .join(favourites, on=["customer_id", "subject_key"], how="left")
        .with_columns(pl.coalesce("own_product_id", "product_id").alias("product_id"))
        .join(described, on="product_id", how="left")
        .with_columns(pl.when(pl.col("sku").is_not_null()).then("product_id").alias("product_id"))
    )


def _load_stock() -> pl.DataFrame:
    expected = purchasing.frame_expected_receipts()
    return (
        inventory.frame_position()
        .group_by("sku")
        .agg(
            (pl.col("on_hand") - pl.col("allocated") - pl.col("held")).sum().alias("free_units"),
            pl.col("incoming").sum().alias("incoming_units"),
        )
        .join(expected, on="sku", how="left")
    )


def _draft_messages(*, decided: pl.DataFrame, run_id: int, moment: dt.datetime) -> list[MessageDraft]:
    chosen = decided.filter(pl.col("outcome").is_in(["planned", "held_out"])).sort("customer_id", "position")
    people = customers.list_customer_names(ids=chosen["customer_id"].unique().to_list())
    return [
        _draft(person=people[customer_id], rows=list(rows), run_id=run_id, moment=moment)
        for customer_id, rows in groupby(chosen.iter_rows(named=True), key=itemgetter("customer_id"))
    ]


def _draft(*, person: CustomerRow, rows: Sequence[Mapping[str, Any]], run_id: int, moment: dt.datetime) -> MessageDraft:
    options = settings.REORDER
    language = language_of(customer_language=person.language, shop_language=options.language)
    items = [item_of(row) for row in rows]
    words = write_reminder(
        items=items,
        customer_name=person.name,
        language=language,
        shop_name=options.shop_name,
        unsubscribe_mark=messaging_operations.unsubscribe_token(customer_id=person.id),
        unsubscribe_url=messaging_operations.unsubscribe_url(customer_id=person.id),
    )
    sent_after = send_after(
        as_of=min(row["contact_date"] for row in rows),
        hour=rows[0]["contact_hour"],
        time_zone=person.time_zone,
        shop_time_zone=options.time_zone,
        moment=moment,
    )
    return MessageDraft(
        idempotency_key=idempotency_key("reminder", *sorted(row["cycle_key"] for row in rows)),
        customer_id=person.id,
        purpose="marketing",
        address=rows[0]["address"],
        subject=words.subject,
        body_text=words.body_text,
        body_html=words.body_html,
        state=rows[0]["outcome"],
        reason_code=rows[0]["reason_code"],
        reason_parameters={
            **json.loads(rows[0]["reason_parameters"]),
            "items": [kept_with_message(row=row) for row in rows],
            "language": language,
            "contact": contact_of(rows),
        },
        run_key=run_id,
        send_after=sent_after,
        expires_at=expires_at(sent_after=sent_after),
        items=tuple(_draft_item(row) for row in rows),
        source_kind=_KIND,
        source_key=_KEY,
        holdout=rows[0]["holdout"] if rows[0]["outcome"] == "held_out" else "",
        value_minor=max(float(sum(row["gross_extra_margin_minor"] or 0 for row in rows)), 0.0),
    )


def _draft_item(row: Mapping[str, Any]) -> DraftItem:
    return DraftItem(
        product_id=row["product_id"],
        subject_key=row["subject_key"],
        due_date=row["due_date"],
        last_bought_date=row["last_bought_date"],
        cycle_key=row["cycle_key"],
    )
