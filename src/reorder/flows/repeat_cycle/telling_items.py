"""What a message about due goods keeps with it: its items, and why it goes when it does."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from reorder.flows.repeat_cycle.wording import ReminderItem
from reorder.kernel.ids import is_category_subject


def item_of(row: Mapping[str, Any]) -> ReminderItem:
    """A decided pair as its message names it."""
    return ReminderItem(
        sku=row["sku"],
        product=row["product"],
        gap_days=round(row["usual_gap_days"]),
        last_bought_date=row["last_bought_date"],
        is_own_rhythm=row["evidence"] == "pair" and not is_category_subject(subject=row["subject_key"]),
    )


def contact_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """Why the message goes out when it does."""
    first = rows[0]
    return {
        "code": first["contact_code"],
        "hour": first["contact_hour"],
        "delivery_days": settings.REORDER.delivery_days,
        "extra_orders": round(sum(row["expected_extra_orders"] for row in rows), 4),
        "extra_margin_minor": None
        if first["gross_extra_margin_minor"] is None
        else round(sum(row["gross_extra_margin_minor"] for row in rows)),
        "currency": settings.REORDER.currency,
    }


def kept_with_message(*, row: Mapping[str, Any]) -> dict[str, object]:
    """What is needed to explain and word the message again when another product is taken out of it."""
    return {
        **item_of(row).as_json(),
        **json.loads(row["reason_parameters"]),
        "subject": row["subject_key"],
        "evidence": row["evidence"],
        "segment": row["segment"],
        "contact_date": row["contact_date"],
        "until_date": row["window_until_date"],
        "window_percent": round(row["window_share"] * 100),
        "lift_percent": round(row["lift_share"] * 100, 1),
    }
