"""What people tell us about being written to."""

import datetime as dt

from django.db import transaction

from reorder.domain.customers import queries as customers
from reorder.domain.customers.operations import hold_merges_off
from reorder.domain.messaging import operations, queries
from reorder.domain.messaging.errors import BadUnsubscribeToken
from reorder.domain.messaging.operations import NewConsent
from reorder.kernel.ids import idempotency_key


def unsubscribe_customer(*, mark_or_key: str, moment: dt.datetime) -> str:
    """Record that a person wants no more marketing mail; waiting messages are stopped when their moment comes.

    Args:
        mark_or_key: the signed mark from the mail's foot, or the shop's id of the customer, or the e-mail address; it
            stands for every customer who has it.
        moment: when the person said so, UTC.

    Returns:
        The customer's key, or keys. Raises BadUnsubscribeToken.
    """
    customer_ids = find_customers(key_or_address=mark_or_key)
    if not customer_ids:
        customer_ids = [operations.read_unsubscribe_token(token=mark_or_key)]
    with transaction.atomic():
        hold_merges_off()
        # A mail may have gone out before its customer's record was merged into another.
        found = customers.list_customer_names(ids=list(customers.find_kept_ids(ids=customer_ids).values()))
        if not found:
            raise BadUnsubscribeToken(token=mark_or_key)
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
                for customer_id in found
            ]
        )
    return ", ".join(sorted(person.key for person in found.values()))


def find_customers(*, key_or_address: str) -> list[int]:
    """Customers by the shop's id, or by an e-mail address that several may share; empty when nobody is known by it."""
    known = customers.find_customer_by_key(key=key_or_address.strip())
    return [known.id] if known else queries.list_customers_by_address(address=key_or_address)
