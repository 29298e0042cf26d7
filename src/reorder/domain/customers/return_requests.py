"""What customers want to send back, in their own words."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reorder.domain.customers.portal_models import ReturnRequest
from reorder.kernel.quantity import plain_decimal


@dataclass(frozen=True, slots=True)
class ReturnRequestRow:
    """One wish: units by line of the order; whether there is a picture of the goods."""

    id: int
    order_id: int
    customer_id: int
    reason: str
    lines: Mapping[str, Decimal]
    note: str
    has_photo: bool
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as the customer sent it."""

    media_type: str
    content: bytes


def add_return_request(
    *,
    customer_id: int,
    order_id: int,
    reason: str,
    lines: Mapping[str, Decimal],
    note: str,
    photo: Photo | None,
    moment: dt.datetime,
) -> int:
    """Keep a wish; part of the caller's transaction, which holds the order."""
    return ReturnRequest.objects.create(
        customer_id=customer_id,
        order_id=order_id,
        reason=reason,
        lines={key: plain_decimal(number=units) for key, units in lines.items()},
        note=note,
        photo=photo.content if photo else None,
        photo_type=photo.media_type if photo else "",
        created_at=moment,
    ).pk


def list_return_requests(*, order_id: int) -> list[ReturnRequestRow]:
    """Everything that was asked for about one order, the first first."""
    names = ("id", "order_id", "customer_id", "reason", "lines", "note", "photo_type", "created_at")
    found = ReturnRequest.objects.filter(order_id=order_id).order_by("pk").values_list(*names)
    return [
        ReturnRequestRow(
            id=pk,
            order_id=order,
            customer_id=customer,
            reason=reason,
            lines={key: Decimal(units) for key, units in lines.items()},
            note=note,
            has_photo=bool(kind),
            created_at=created,
        )
        for pk, order, customer, reason, lines, note, kind, created in found
    ]


def find_photo(*, request_id: int, order_id: int) -> Photo | None:
    """The picture of a wish about an order."""
    row = (
        ReturnRequest.objects.filter(pk=request_id, order_id=order_id)
        .exclude(photo_type="")
        .only("photo", "photo_type")
        .first()
    )
    return Photo(media_type=row.photo_type, content=bytes(row.photo or b"")) if row else None
