"""What people tell us about being written to."""

import datetime as dt

from django.db import transaction

from reorder.domain.customers import queries as customers
from reorder.domain.messaging import operations
from reorder.domain.messaging.errors import BadUnsubscribeToken
from reorder.domain.messaging.operations import NewConsent
from reorder.kernel.ids import idempotency_key


def unsubscribe_customer(*, mark_or_key: str, moment: dt.datetime) -> str:
    """Record that a person wants no more marketing mail; waiting messages are stopped when their moment comes.

    Args:
        mark_or_key: the signed mark from the mail's foot, or the customer's key (the shop's id or e-mail address).
        moment: when the person said so, UTC.

    Returns:
        The customer's key. Raises BadUnsubscribeToken.
    """
    known = customers.find_customer_by_key(key=mark_or_key.strip())
    customer_id = known.id if known else operations.read_unsubscribe_token(token=mark_or_key)
    found = customers.list_customer_names(ids=[customer_id]).get(customer_id)
    if found is None:
        raise BadUnsubscribeToken(token=mark_or_key)
    with transaction.atomic():
        operations.record_consents(
            consents=[
                NewConsent(
                    customer_id=customer_id,
                    is_granted=False,
                    source="reply to a mail",
                    declared_at=moment,
                    idempotency_key=idempotency_key("unsubscribe", customer_id, moment.isoformat()),
                    proof=mark_or_key.strip(),
                )
            ]
        )
    return found.key
