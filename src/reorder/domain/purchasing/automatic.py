"""Whether a supplier's proposals may be ordered without a person: what is ordered, what is left, and why; pure.

Off unless a supplier has a limit. The whole of what is proposed must stay within it, on an order day before the
cut-off. A line that is out of the ordinary is left to a person, and the rest is ordered if it still meets the minimum.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from reorder.domain.purchasing.calendar import SupplierCalendar, next_order_day
from reorder.domain.purchasing.rules import needs_second_person
from reorder.kernel.money import Money
from reorder.kernel.quantity import plain_decimal


class ProposedLine(Protocol):
    """The part of a proposal that judging needs."""

    @property
    def id(self) -> int: ...
    @property
    def sku(self) -> str: ...
    @property
    def place_code(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def units(self) -> Decimal: ...
    @property
    def cost_minor(self) -> int: ...
    @property
    def order_by_date(self) -> dt.date: ...


@dataclass(frozen=True, slots=True)
class Said:
    """A reason code with its parameters."""

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticTerms:
    """What a supplier, the shop and the calendar allow at one moment; the time is the shop's.

    `automatic_limit_minor` and the minimum are in the supplier's currency, `second_limit_minor` in the shop's; `rate`
    is what one unit of the supplier's currency is worth in the shop's.
    """

    calendar: SupplierCalendar
    today: dt.date
    time: dt.time
    automatic_limit_minor: int
    minimum_value_minor: int
    usual_ratio: float
    second_limit_minor: int | None
    shop_currency: str
    rate: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSigns:
    """What is known of each line by proposal id: what is usually ordered at once, and the kind of an alert against it.

    `usual_units` lacks lines that were never ordered before.
    """

    usual_units: Mapping[int, float]
    alerts: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class AutomaticPlan:
    """`ordered` proposal ids, `left` ones with their reasons, and what became of the supplier as a whole."""

    outcome: Said
    ordered: tuple[int, ...] = ()
    left: Mapping[int, Said] = field(default_factory=dict)


def plan_automatic(*, lines: Sequence[ProposedLine], terms: AutomaticTerms, signs: LineSigns) -> AutomaticPlan:
    """What to order now of one supplier's open proposals, at least one."""
    against = _against_all(lines=lines, terms=terms)
    if against is not None:
        return AutomaticPlan(against, left=dict.fromkeys((line.id for line in lines), against))
    left = {line.id: said for line in lines if (said := _against_line(line=line, terms=terms, signs=signs)) is not None}
    for place in sorted({line.place_code for line in lines}):
        own = [line for line in lines if line.place_code == place and line.id not in left]
        said = _against_order(lines=own, terms=terms) if own else None
        if said is not None:
            left |= dict.fromkeys((line.id for line in own), said)
    ordered = tuple(line.id for line in lines if line.id not in left)
    counts = {"ordered": str(len(ordered)), "left": str(len(left))}
    if not ordered:
        return AutomaticPlan(Said("automatic.nothing", counts), left=left)
    return AutomaticPlan(Said("automatic.ordered_part" if left else "automatic.ordered", counts), ordered, left)


def _against_all(*, lines: Sequence[ProposedLine], terms: AutomaticTerms) -> Said | None:
    calendar = terms.calendar
    if not calendar.takes_orders(terms.today):
        opens = next_order_day(calendar=calendar, day=terms.today)
        return Said("automatic.no_order_day", {"date": opens.date.isoformat()})
    if calendar.cut_off is not None and terms.time >= calendar.cut_off:
        return Said("automatic.past_cut_off", {"time": f"{calendar.cut_off:%H:%M}"})
    total = sum(line.cost_minor for line in lines)
    if total > terms.automatic_limit_minor:
        currency = lines[0].currency
        return Said(
            "automatic.above_limit",
            {"total": _money(total, currency), "limit": _money(terms.automatic_limit_minor, currency)},
        )
    return None


def _against_line(*, line: ProposedLine, terms: AutomaticTerms, signs: LineSigns) -> Said | None:
    if line.order_by_date > terms.today:
        return Said("automatic.later", {"date": line.order_by_date.isoformat()})
    if line.id in signs.alerts:
        return Said(f"automatic.alert_{signs.alerts[line.id]}")
    usual = signs.usual_units.get(line.id)
    if usual is None:
        return Said("automatic.never_ordered")
    if float(line.units) > usual * terms.usual_ratio:
        numbers = {
            "units": line.units,
            "usual": Decimal(str(round(usual, 3))),
            "ratio": Decimal(str(terms.usual_ratio)),
        }
        return Said("automatic.unusual", {name: plain_decimal(number=value) for name, value in numbers.items()})
    return None


def _against_order(*, lines: Sequence[ProposedLine], terms: AutomaticTerms) -> Said | None:
    cost, currency = sum(line.cost_minor for line in lines), lines[0].currency
    if cost < terms.minimum_value_minor:
        return Said(
            "automatic.below_minimum",
            {"total": _money(cost, currency), "minimum": _money(terms.minimum_value_minor, currency)},
        )
    if needs_second_person(
        cost_minor=cost,
        currency=currency,
        rate=terms.rate,
        limit_minor=terms.second_limit_minor,
        shop_currency=terms.shop_currency,
    ):
        return Said("automatic.second_person", {"total": _money(cost, currency)})
    return None


def _money(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).major:,f} {currency}"
