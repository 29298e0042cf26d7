"""What customers asked to send back of an order, and what they were answered."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reorder.domain.customers.return_requests import ReturnRequestRow, list_return_requests
from reorder.domain.orders.life import EventLine, list_return_answers


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReturn:
    """One wish with its answer: `accepted`, `declined`, or empty while nobody has answered it."""

    id: int
    reason: str
    lines: Mapping[str, Decimal]
    note: str
    has_photo: bool
    asked_at: dt.datetime
    answer: str = ""
    word: str = ""
    answered_at: dt.datetime | None = None
    answered_by: str = ""


def list_order_returns(*, order_id: int) -> list[OrderReturn]:
    """The wishes about one order, the first first."""
    answers = {event.details.get("request"): event for event in list_return_answers(order_id=order_id)}
    return [_return(row, answers.get(row.id)) for row in list_return_requests(order_id=order_id)]


def _return(row: ReturnRequestRow, answer: EventLine | None) -> OrderReturn:
    return OrderReturn(
        id=row.id,
        reason=row.reason,
        lines=row.lines,
        note=row.note,
        has_photo=row.has_photo,
        asked_at=row.created_at,
        answer=answer.kind.removeprefix("return_") if answer else "",
        word=str(answer.details.get("note", "")) if answer else "",
        answered_at=answer.happened_at if answer else None,
        answered_by=answer.actor if answer else "",
    )
