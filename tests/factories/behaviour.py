"""What people do in a shop besides buying, as its events leave it."""

import datetime as dt

from reorder.domain.behaviour.models import TrackedEvent
from reorder.domain.behaviour.months import open_months
from reorder.domain.catalog.models import Product
from reorder.domain.customers.models import Customer


def did(
    customer: Customer,
    kind: str,
    *,
    at: dt.datetime,
    product: Product | None = None,
    words: str = "",
    seconds: float | None = None,
    path: str = "",
) -> None:
    """One thing that a known customer did."""
    open_months(first_at=at, last_at=at)
    TrackedEvent.objects.create(
        message_id=f"{customer.key}-{kind}-{at.isoformat()}",
        customer=customer,
        kind=kind,
        product=product,
        happened_at=at,
        search_text=words,
        engaged_ms=None if seconds is None else round(seconds * 1000),
        page_path=path,
    )
