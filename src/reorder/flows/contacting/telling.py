"""Why somebody got a message, or none: every decision about a customer with its checks, for support."""

from reorder.domain.marketing.telling import CustomerTold, tell_customer


def explain_customer(*, customer_id: int, limit: int = 100) -> CustomerTold:
    """What waits, what was sent or planned, and why of each, the latest first."""
    return tell_customer(customer_id=customer_id, limit=limit)
