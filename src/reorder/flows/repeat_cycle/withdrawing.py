"""Withdrawing reminders that have nothing left to say, because the customer bought or the prediction is gone."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

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
    with transaction.atomic():
        messages = queries.list_open_reminders(customer_ids=customer_ids)
        if not messages:
            return 0
        bought, due = _load(messages)
        return sum(_withdraw(message=message, bought=bought, due=due) for message in messages)


def _load(messages: Sequence[MessageRow]) -> tuple[dict[tuple[int, str], dt.date], set[tuple[int, str]]]:
    """Latest purchase of each (customer, subject), and the pairs that still have a due date."""
    ids = sorted({message.row.customer_id for message in messages if message.row.customer_id})
    last_dates = [item.last_bought_date for message in messages for item in message.items if item.last_bought_date]
    bought = orders.frame_purchases_since(
        customer_ids=ids, from_date=min(last_dates), time_zone=settings.REORDER.time_zone
    )
    return (
        {(customer, subject): day for customer, subject, day in bought.iter_rows()},
        planning.list_due_pairs(customer_ids=ids),
    )


def _withdraw(*, message: MessageRow, bought: dict[tuple[int, str], dt.date], due: set[tuple[int, str]]) -> bool:
    customer_id = message.row.customer_id or 0
    outdated: dict[int, str] = {}
    for item in message.items:
        pair = (customer_id, item.subject_key)
        if item.last_bought_date and bought.get(pair, item.last_bought_date) > item.last_bought_date:
            outdated[item.id] = _BOUGHT
        elif pair not in due:
            outdated[item.id] = _NOT_DUE
    if not outdated:
        return False
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
