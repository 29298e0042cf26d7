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
from reorder.domain.messaging import operations as messaging_operations
from reorder.domain.messaging import queries as messaging
from reorder.domain.messaging.rules import DraftItem, MessageDraft
from reorder.domain.orders import queries as orders
from reorder.domain.planning import queries as planning
from reorder.domain.purchasing import queries as purchasing
from reorder.domain.storage import holding_advisory_lock
from reorder.flows.repeat_cycle.deciding import CAP_DAYS, ReminderFacts, decide_reminders, with_cycle_keys
from reorder.flows.repeat_cycle.timing import expires_at, send_after
from reorder.flows.repeat_cycle.withdrawing import withdraw_outdated
from reorder.flows.repeat_cycle.wording import ReminderItem, language_of, write_reminder
from reorder.kernel.ids import idempotency_key, is_category_subject

# A remind day that passed while no night ran is still worth acting on for this long.
LATE_DAYS = 3
# The remind date is the middle of the most probable seven days; a message helps only before the purchase, so it goes
# out when those days begin.
AHEAD_DAYS = 3
# Support asks why somebody got no message weeks later, hardly seasons later.
DECISIONS_KEPT_DAYS = 180
# Held while reminders are planned, and by whoever must not change a customer meanwhile.
PLANNING_LOCK = "repeat_cycle.plan"
_ALL_ROWS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class PlannedReminders:
    """Due pairs looked at, messages written (held-out ones included), and pairs by reason code."""

    rows_read: int
    rows_written: int
    details: dict[str, int]


def plan_reminders(*, run_id: int, as_of: dt.date, moment: dt.datetime) -> PlannedReminders:
    """Decide about every pair whose most probable days have begun, and put one message a customer into the outbox.

    Every pair gets a recorded decision with its reason. Safe to run twice: a purchase cycle is reminded once. Only one
    process plans at a time, because the weekly cap is shared; raises AlreadyRunning.

    Args:
        run_id: the planning run that decides.
        as_of: the shop's day; pairs with a remind day from LATE_DAYS before it to AHEAD_DAYS after it are due.
        moment: now, UTC.
    """
    with holding_advisory_lock(name=PLANNING_LOCK, what="planning of reminders"):
        withdraw_outdated(customer_ids=messaging.list_customers_with_reminders())
        due = planning.frame_due(
            from_date=as_of - dt.timedelta(days=LATE_DAYS),
            until_date=as_of + dt.timedelta(days=AHEAD_DAYS),
            minimum_share=settings.REORDER.reminder_minimum_share,
            limit=_ALL_ROWS,
        )
        if due.is_empty():
            return PlannedReminders(0, 0, {})
        decided = decide_reminders(
            facts=_load_facts(due=due, as_of=as_of, moment=moment),
            messages_per_week=settings.REORDER.messages_per_week,
            holdout_share=settings.REORDER.holdout_share,
        )
        drafts = _draft_messages(decided=decided, run_id=run_id, as_of=as_of, moment=moment)
        with transaction.atomic():
            planned = messaging_operations.plan_messages(drafts=drafts)
            messaging_operations.record_decisions(run_key=run_id, decisions=decided)
            messaging_operations.forget_decisions(decided_before=moment - dt.timedelta(days=DECISIONS_KEPT_DAYS))
    counts = decided.group_by("reason_code").len().sort("reason_code")
    return PlannedReminders(due.height, planned.new_count, dict(counts.iter_rows()))


def _load_facts(*, due: pl.DataFrame, as_of: dt.date, moment: dt.datetime) -> ReminderFacts:
    pairs = with_cycle_keys(
        pairs=due.with_columns(
            pl.col("customer_id").cast(pl.Int64),
            (pl.lit(as_of) - pl.col("last_bought_date")).dt.total_days().alias("elapsed_days"),
        ).rename({"sku": "subject_key"})
    )
    customer_ids = pairs["customer_id"].unique().sort().to_list()
    candidates = _with_products(pairs=pairs, customer_ids=customer_ids)
    bought = orders.frame_purchases_since(
        customer_ids=customer_ids,
        from_date=as_of - dt.timedelta(days=LATE_DAYS),
        time_zone=settings.REORDER.time_zone,
    )
    return ReminderFacts(
        candidates=candidates,
        contacts=messaging.frame_reachable(customer_ids=customer_ids, day=as_of),
        bought=bought.rename({"sku": "subject_key"}),
        reminded=messaging.list_reminded_cycles(cycle_keys=pairs["cycle_key"].to_list()),
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
        (pl.col("price_minor") - pl.col("unit_cost_minor")).alias("margin_minor"),
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


def _draft_messages(*, decided: pl.DataFrame, run_id: int, as_of: dt.date, moment: dt.datetime) -> list[MessageDraft]:
    chosen = decided.filter(pl.col("outcome").is_in(["planned", "held_out"])).sort("customer_id", "position")
    people = customers.list_customer_names(ids=chosen["customer_id"].unique().to_list())
    return [
        _draft(person=people[customer_id], rows=list(rows), run_id=run_id, as_of=as_of, moment=moment)
        for customer_id, rows in groupby(chosen.iter_rows(named=True), key=itemgetter("customer_id"))
    ]


def _draft(
    *, person: CustomerRow, rows: Sequence[Mapping[str, Any]], run_id: int, as_of: dt.date, moment: dt.datetime
) -> MessageDraft:
    options = settings.REORDER
    language = language_of(customer_language=person.language, shop_language=options.language)
    items = [_item(row) for row in rows]
    words = write_reminder(
        items=items,
        customer_name=person.name,
        language=language,
        shop_name=options.shop_name,
        unsubscribe_mark=messaging_operations.unsubscribe_token(customer_id=person.id),
        unsubscribe_url=messaging_operations.unsubscribe_url(customer_id=person.id),
    )
    sent_after = send_after(
        as_of=as_of,
        hour=options.send_hour,
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
            "items": [_kept_with_message(item=item, row=row) for item, row in zip(items, rows, strict=True)],
            "language": language,
        },
        run_key=run_id,
        send_after=sent_after,
        expires_at=expires_at(sent_after=sent_after),
        items=tuple(_draft_item(row) for row in rows),
    )


def _item(row: Mapping[str, Any]) -> ReminderItem:
    return ReminderItem(
        sku=row["sku"],
        product=row["product"],
        gap_days=round(row["usual_gap_days"]),
        last_bought_date=row["last_bought_date"],
        is_own_rhythm=row["evidence"] == "pair" and not is_category_subject(subject=row["subject_key"]),
    )


def _kept_with_message(*, item: ReminderItem, row: Mapping[str, Any]) -> dict[str, object]:
    """What is needed to explain and word the message again when another product is taken out of it."""
    return {**item.as_json(), **json.loads(row["reason_parameters"]), "subject": row["subject_key"]}


def _draft_item(row: Mapping[str, Any]) -> DraftItem:
    return DraftItem(
        product_id=row["product_id"],
        subject_key=row["subject_key"],
        due_date=row["due_date"],
        last_bought_date=row["last_bought_date"],
        cycle_key=row["cycle_key"],
    )
