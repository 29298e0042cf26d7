"""What a supplier's answer to an order means, line by line; pure.

Units that the supplier does not accept will not come, unless they are backordered: those come later.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Protocol

from reorder.domain.purchasing.errors import BadAnswer, UnknownOrderLine
from reorder.domain.purchasing.rules import is_quantity

ANSWERS: Final = ("accepted", "changed", "backordered", "refused")
_LATEST_DAYS: Final = 730
_MOST_MINOR: Final = 10**13


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnswer:
    """What a supplier says to one line; None: as ordered (all that is still to come, the price, no day said).

    With `is_backordered` the units that are not accepted now come later and stay expected.
    """

    sku: str
    accepted_units: Decimal | None = None
    unit_cost_minor: int | None = None
    promised_date: dt.date | None = None
    is_backordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAcknowledgement:
    """A supplier's answer; `lines` empty: everything is accepted as it was ordered."""

    idempotency_key: str
    acknowledged_at: dt.datetime
    source: str
    supplier_reference: str = ""
    note: str = ""
    recorded_by: str = ""
    lines: tuple[NewAnswer, ...] = field(default=())


class AnsweredLine(Protocol):
    """The part of a purchase order line that an answer needs."""

    @property
    def id(self) -> int: ...
    @property
    def sku(self) -> str: ...
    @property
    def missing_units(self) -> Decimal: ...
    @property
    def unit_cost_minor(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAnswer:
    """One answered line: of `asked_units` still to come, `accepted_units` come and `released_units` never will."""

    line_id: int
    sku: str
    answer: str
    asked_units: Decimal
    accepted_units: Decimal
    released_units: Decimal
    unit_cost_minor: int | None
    promised_date: dt.date | None


def judge_answer(
    *, number: str, placed_date: dt.date, lines: Sequence[AnsweredLine], answers: Sequence[NewAnswer]
) -> list[JudgedAnswer]:
    """Each answered line; without answers every line that is still to come is accepted as ordered.

    Raises UnknownOrderLine, BadAnswer.
    """
    by_sku = {line.sku: line for line in lines}
    given = {one.sku: one for one in answers}
    if len(given) < len(answers):
        twice = next(one.sku for one in answers if sum(other.sku == one.sku for other in answers) > 1)
        raise BadAnswer(sku=twice, number=number, reason="it is answered twice")
    for sku in given:
        if sku not in by_sku:
            raise UnknownOrderLine(number=number, sku=sku, skus=", ".join(sorted(by_sku)))
    wanted = given or {line.sku: NewAnswer(sku=line.sku) for line in lines if line.missing_units > 0}
    return [
        _judge(number=number, placed_date=placed_date, line=by_sku[sku], answer=answer)
        for sku, answer in sorted(wanted.items())
    ]


def expected_after(*, asked_date: dt.date, promised: Mapping[int, dt.date | None], open_ids: Sequence[int]) -> dt.date:
    """The day by which all that is still to come should be there: promised days, else the day that was asked for."""
    return max((promised.get(line_id) or asked_date for line_id in open_ids), default=asked_date)


def _judge(*, number: str, placed_date: dt.date, line: AnsweredLine, answer: NewAnswer) -> JudgedAnswer:
    asked = line.missing_units
    accepted = asked if answer.accepted_units is None else answer.accepted_units
    _refuse_bad(number=number, placed_date=placed_date, asked=asked, accepted=accepted, answer=answer)
    released = Decimal(0) if answer.is_backordered else asked - accepted
    is_new_price = answer.unit_cost_minor is not None and answer.unit_cost_minor != line.unit_cost_minor
    if answer.is_backordered:
        kind = "backordered"
    elif accepted == 0 and asked > 0:
        kind = "refused"
    else:
        kind = "changed" if released > 0 or is_new_price else "accepted"
    return JudgedAnswer(
        line_id=line.id,
        sku=line.sku,
        answer=kind,
        asked_units=asked,
        accepted_units=accepted,
        released_units=released,
        unit_cost_minor=answer.unit_cost_minor,
        promised_date=answer.promised_date,
    )


def _refuse_bad(*, number: str, placed_date: dt.date, asked: Decimal, accepted: Decimal, answer: NewAnswer) -> None:
    faults = {
        "accepted units must be zero or more, with at most three decimals": not is_quantity(accepted) or accepted < 0,
        "more units are accepted than are still to come": is_quantity(accepted) and accepted > asked,
        "the price must not be negative": answer.unit_cost_minor is not None and answer.unit_cost_minor < 0,
        "the price is too large": answer.unit_cost_minor is not None and answer.unit_cost_minor > _MOST_MINOR,
        "the promised day lies before the order": answer.promised_date is not None
        and answer.promised_date < placed_date,
        "the promised day lies more than two years ahead": answer.promised_date is not None
        and (answer.promised_date - placed_date).days > _LATEST_DAYS,
    }
    for reason, holds in faults.items():
        if holds:
            raise BadAnswer(sku=answer.sku, number=number, reason=reason)
