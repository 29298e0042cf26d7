"""A person says whether opens and clicks may be counted: by the link of a message, at any time, either way."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from reorder.domain.customers.operations import hold_merges_off
from reorder.domain.customers.queries import find_kept_ids, get_customer
from reorder.domain.messaging.analytics import list_followed
from reorder.domain.messaging.errors import BadUnsubscribeToken
from reorder.domain.messaging.operations import NewConsent, read_mark, record_consents
from reorder.domain.storage import one_transaction
from reorder.flows.order_mail import letter_language
from reorder.kernel.ids import idempotency_key

# What the page says, under this version; a changed text is a new one.
TEXT_VERSION: Final = "follow-1"


@dataclass(frozen=True, slots=True)
class FollowChoice:
    """What a person chose so far, and the language to say it in."""

    customer_id: int
    language: str
    is_followed: bool


def look_at_choice(*, mark: str) -> FollowChoice:
    """What the person of a link chose so far; raises BadUnsubscribeToken."""
    customer_id = find_kept_ids(ids=[asked := read_mark(token=mark).customer_id]).get(asked)
    if customer_id is None:
        raise BadUnsubscribeToken(token=mark)
    person = get_customer(customer_id=customer_id)
    if person.erased_at is not None:
        raise BadUnsubscribeToken(token=mark)
    return FollowChoice(
        customer_id=customer_id,
        language=letter_language(customer_language=person.language, shop_language=settings.REORDER.language),
        is_followed=customer_id in list_followed(customer_ids=[customer_id]),
    )


def choose(*, mark: str, is_followed: bool, moment: dt.datetime) -> FollowChoice:
    """Let opens and clicks be counted from now on, or no more. Raises BadUnsubscribeToken."""
    with one_transaction():
        hold_merges_off()
        known = look_at_choice(mark=mark)
        if known.is_followed is not is_followed:
            key = idempotency_key("follow", known.customer_id, is_followed, moment.isoformat())
            consent = NewConsent(
                customer_id=known.customer_id,
                purpose="analytics",
                is_granted=is_followed,
                source="link in a mail",
                text_version=TEXT_VERSION,
                declared_at=moment,
                idempotency_key=key,
            )
            record_consents(consents=[consent])
    return look_at_choice(mark=mark)
