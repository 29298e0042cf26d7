"""Withdrawing reminders that have nothing left to say, because the customer bought or the prediction is gone."""

from collections.abc import Sequence
from typing import Any

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.customers import queries as customers
from reorder.domain.messaging import operations, queries
from reorder.domain.messaging.queries import ItemRow, MessageRow
from reorder.domain.orders import queries as orders
from reorder.domain.planning import queries as planning
from reorder.flows.repeat_cycle.wording import ReminderItem, write_reminder

_BOUGHT = "outbox.stopped.bought_since"
_NOT_DUE = "outbox.stopped.no_longer_due"


def withdraw_outdated(*, customer_ids: Sequence[int]) -> int:
    """Stop waiting reminders about products bought since their last known purchase, or no longer due at all.

    A message about several products keeps the others and is worded anew. A message that is being sent is left alone.
    May run inside the caller's transaction; returns how many messages changed.
    """
    if not customer_ids:
        return 0
    items = queries.frame_open_reminders(customer_ids=customer_ids)
    if items.is_empty():
        return 0
    outdated = _find_outdated(items)
    codes: dict[int, dict[int, str]] = {}
    for message_id, item_id, code in outdated.select("message_id", "item_id", "code").iter_rows():
        codes.setdefault(message_id, {})[item_id] = code
    with transaction.atomic():
        messages = queries.list_messages_by_id(ids=list(codes))
        return sum(_withdraw(message=message, outdated=codes[message.row.id]) for message in messages)


def _find_outdated(items: pl.DataFrame) -> pl.DataFrame:
    """Those of the waiting items with nothing left to say: message_id, item_id, code."""
    ids = items["customer_id"].unique().to_list()
    first = items.select(pl.col("last_bought_date").min()).item()
    bought = orders.frame_purchases_since(customer_ids=ids, from_date=first, time_zone=settings.REORDER.time_zone)
    due = planning.frame_due_pairs(customer_ids=ids).with_columns(pl.lit(value=True).alias("is_due"))
    pair = ["customer_id", "subject_key"]
    known = items.join(bought.rename({"sku": "subject_key"}), on=pair, how="left").join(
        due.rename({"sku": "subject_key"}), on=pair, how="left"
    )
    return known.with_columns(
        pl.when(pl.col("bought_date") > pl.col("last_bought_date"))
        .then(pl.lit(_BOUGHT))
        .when(pl.col("is_due").is_null())
        .then(pl.lit(_NOT_DUE))
        .alias("code")
    ).filter(pl.col("code").is_not_null())


def _withdraw(*, message: MessageRow, outdated: dict[int, str]) -> bool:
    kept = [item for item in message.items if item.id not in outdated]
    if kept:
        return _rewrite(message=message, kept=kept, removed_item_ids=list(outdated))
    code = _BOUGHT if _BOUGHT in outdated.values() else _NOT_DUE
    return operations.stop_reminder(message_id=message.row.id, outcome_code=code)


def _rewrite(*, message: MessageRow, kept: Sequence[ItemRow], removed_item_ids: Sequence[int]) -> bool:
    customer_id = message.row.customer_id or 0
    subjects = {item.subject_key for item in kept}
    told: dict[str, Any] = message.row.reason_parameters
    values = [one for one in told["items"] if one["subject"] in subjects]
    words = write_reminder(
        items=[ReminderItem.from_json(values=one) for one in values],
        customer_name=customers.list_customer_names(ids=[customer_id])[customer_id].name,
        language=told["language"],
        shop_name=settings.REORDER.shop_name,
        unsubscribe_mark=operations.unsubscribe_token(customer_id=customer_id),
        unsubscribe_url=operations.unsubscribe_url(customer_id=customer_id),
    )
    first = {
        name: values[0][name] for name in ("product", "gap_days", "last_bought_date", "remind_date", "hit_percent")
    }
    return operations.rewrite_reminder(
        message_id=message.row.id,
        removed_item_ids=removed_item_ids,
        subject=words.subject,
        body_text=words.body_text,
        body_html=words.body_html,
        reason_parameters=told | first | {"items": values},
    )
