"""Pure rules of messages: what a draft is, its Message-ID, and when a failed attempt is repeated."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from reorder.kernel.ids import idempotency_key

# Letters to our own staff; customers and suppliers have purposes of their own (models.Purpose).
STAFF_PURPOSE = "staff"
# What the address of a contact point is, by channel.
ADDRESS_MEANINGS = {
    "email": "mailbox",
    "web_push": "endpoint of a browser's subscription",
    "app_push": "registration token of an app",
    "line": "LINE user id",
    "sms": "number in E.164 form",
    "chat": "chat id at the account's service",
    "webhook": "the person's key at the receiver",
}
# Attempts that surely delivered nothing are repeated after these waits; the last one is the last try.
RETRY_WAITS = tuple(dt.timedelta(minutes=minutes) for minutes in (5, 30, 120, 360, 720))
# One conversation with a mail server is over long before this, by its timeouts.
SENDING_LEASE = dt.timedelta(minutes=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftItem:
    """A product that a message is about; `cycle_key` names the purchase cycle that may be reminded once."""

    product_id: int
    due_date: dt.date | None = None
    last_bought_date: dt.date | None = None
    subject_key: str = ""
    cycle_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAttachment:
    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDraft:
    """A message to be planned; equal idempotency keys are one message, however often it is planned.

    `planned_at`: when it was decided about, by the shop's clock; None: now, by the database's.
    """

    idempotency_key: str
    purpose: str
    address: str
    subject: str
    body_text: str
    reason_code: str
    send_after: dt.datetime
    reason_parameters: Mapping[str, object] = field(default_factory=dict)
    body_html: str = ""
    customer_id: int | None = None
    run_key: int | None = None
    expires_at: dt.datetime | None = None
    channel: str = "email"
    state: str = "planned"
    items: tuple[DraftItem, ...] = ()
    attachments: tuple[DraftAttachment, ...] = ()
    source_kind: str = ""
    source_key: str = ""
    step_key: str = ""
    variant: str = ""
    language: str = ""
    template_version_id: int | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    holdout: str = ""
    value_minor: float = 0.0
    planned_at: dt.datetime | None = None


def message_id_of(*, key: str, sender: str) -> str:
    """The RFC 5322 Message-ID of a message, the same on every attempt."""
    local = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else idempotency_key(key)
    _, _, domain = sender.rpartition("@")
    return f"<{local}@{domain or 'localhost'}>"


def retry_at(*, attempts_count: int, moment: dt.datetime) -> dt.datetime | None:
    """When to try again after `attempts_count` attempts that delivered nothing; None when it was the last one."""
    if attempts_count > len(RETRY_WAITS):
        return None
    return moment + RETRY_WAITS[attempts_count - 1]
