"""Buying for people: what is proposed and why, what changed overnight, what is on its way; at the actor's places."""

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from reorder.domain.planning import queries as planning
from reorder.domain.planning import stock_rules
from reorder.domain.planning.stock_rules import StockRuleRow
from reorder.domain.purchasing import queries
from reorder.domain.purchasing.causes import Cause
from reorder.domain.purchasing.queries import (
    ChangedProposal,
    ComparedNights,
    ProposalGroup,
    ProposalRow,
    RunsOut,
    Service,
    WaitingOrder,
    WeighingBasis,
)
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights import access

K = TypeVar("K", bound=Hashable)
SOON_DAYS = 5


@dataclass(frozen=True, slots=True)
class BuyingSummary:
    """Buying in figures; money in minor units by currency.

    `runs_out_soon` are proposed products whose free stock ends within five days, the first ten to end of
    `runs_out_count`; `due_today_count` are proposals whose day to order is today or past.
    """

    proposals_count: int
    cost_minor: Mapping[str, int]
    risk_minor: Mapping[str, int]
    due_today_count: int
    runs_out_soon: Sequence[RunsOut]
    runs_out_count: int
    open_orders_count: int
    late_orders_count: int


def summarise_buying(*, actor: Actor, as_of: dt.date) -> BuyingSummary:
    """What buying needs of this actor; raises NotAllowed without the ability to view buying."""
    actor.require(Ability.VIEW_BUYING)
    places = actor.place_codes
    groups = queries.list_groups(today=as_of, place_codes=places)
    soon, soon_count = queries.list_running_out(today=as_of, days=SOON_DAYS, limit=10, place_codes=places)
    orders = queries.count_open_orders(today=as_of, place_codes=places)
    return BuyingSummary(
        proposals_count=sum(group.count for group in groups),
        cost_minor=_sums((group.currency, group.cost_minor) for group in groups),
        risk_minor=_sums((group.risk_currency, group.risk_minor) for group in groups),
        due_today_count=sum(group.due_count for group in groups),
        runs_out_soon=soon,
        runs_out_count=soon_count,
        open_orders_count=orders.open_count,
        late_orders_count=orders.late_count,
    )


@dataclass(frozen=True, slots=True)
class SupplierGroup:
    """Open proposals of one supplier; `places` are its parts, each of which becomes a purchase order."""

    supplier_id: int
    supplier_code: str
    supplier_name: str
    places: tuple[ProposalGroup, ...]

    @property
    def count(self) -> int:
        return sum(one.count for one in self.places)

    @property
    def due_count(self) -> int:
        return sum(one.due_count for one in self.places)

    @property
    def edited_count(self) -> int:
        return sum(one.edited_count for one in self.places)

    @property
    def order_by_date(self) -> dt.date:
        return min(one.order_by_date for one in self.places)

    @property
    def cost_minor(self) -> dict[str, int]:
        """By currency."""
        return _sums((one.currency, one.cost_minor) for one in self.places)

    @property
    def risk_minor(self) -> dict[str, int]:
        """By currency."""
        return _sums((one.risk_currency, one.risk_minor) for one in self.places)

    @property
    def minimums(self) -> list["MinimumProgress"]:
        """For each order that this would make: what the supplier's minimum still lacks."""
        if not any(one.minimum_value_minor for one in self.places):
            return []
        costs = _sums(((one.place_code, one.place_name, one.currency), one.cost_minor) for one in self.places)
        return [
            MinimumProgress(place_name=name, currency=currency, cost_minor=cost, minimum_minor=self._minimum)
            for (_, name, currency), cost in costs.items()
        ]

    @property
    def _minimum(self) -> int:
        return self.places[0].minimum_value_minor


@dataclass(frozen=True, slots=True)
class MinimumProgress:
    """How far the order of one place is from the supplier's minimum."""

    place_name: str
    currency: str
    cost_minor: int
    minimum_minor: int

    @property
    def missing_minor(self) -> int:
        return max(self.minimum_minor - self.cost_minor, 0)


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the list of the night before, by kind; None where there is no earlier night to compare with."""

    nights: ComparedNights
    earlier_date: dt.date
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """One proposal as the list shows it, and what the night before said: `changed` is a kind of change or empty."""

    row: ProposalRow
    changed: str = ""
    units_before: Decimal | None = None
    service: Service | None = None
    rule: StockRuleRow | None = None


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some proposals of a supplier; `next_after` (risk, id) is where the rest begins, None when this is the rest."""

    lines: Sequence[ProposalLine]
    next_after: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """One proposal with everything that a decision needs; `successor` is the open one that replaced it."""

    row: ProposalRow
    state: str
    successor: ProposalRow | None
    basis: WeighingBasis
    change: ProposalLine
    causes: Sequence[Cause] = ()


def list_supplier_groups(*, actor: Actor, as_of: dt.date, supplier_code: str = "") -> list[SupplierGroup]:
    """Open proposals by supplier, the most money at risk first; raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    rows = queries.list_groups(today=as_of, place_codes=actor.place_codes, supplier_code=supplier_code)
    by_code: dict[str, list[ProposalGroup]] = {}
    for row in rows:
        by_code.setdefault(row.supplier_code, []).append(row)
    groups = [
        SupplierGroup(
            supplier_id=own[0].supplier_id,
            supplier_code=code,
            supplier_name=own[0].supplier_name,
            places=tuple(own),
        )
        for code, own in by_code.items()
    ]
    return sorted(groups, key=lambda one: (-sum(one.risk_minor.values()), one.supplier_code))


def list_lines(*, actor: Actor, supplier_code: str, size: int, after: tuple[int, int] | None = None) -> LinePage:
    """`size` open proposals of a supplier after a place in the list, the most money at risk first; NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    rows = queries.list_open_page(
        supplier_code=supplier_code, place_codes=actor.place_codes, after=after, size=size + 1
    )
    shown = rows[:size]
    last = shown[-1] if len(rows) > size else None
    return LinePage(lines=_marked(shown), next_after=(last.risk_minor, last.id) if last else None)


def list_waiting(*, actor: Actor) -> list[WaitingOrder]:
    """Orders above the limit that wait for a second person at the actor's places; raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    return queries.list_waiting_orders(place_codes=actor.place_codes)


def list_open_rows(*, actor: Actor, supplier_code: str = "") -> list[ProposalRow]:
    """Every open proposal of the actor's places, of one supplier when named: for an export. NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    return queries.list_open_proposals(supplier_code=supplier_code or None, place_codes=actor.place_codes)


def find_changes(*, actor: Actor) -> Changes | None:
    """What the last night changed on the list; None where no earlier night stands to compare with. NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    found = _find_nights()
    if found is None:
        return None
    nights, earlier_date = found
    return Changes(
        nights=nights,
        earlier_date=earlier_date,
        counts=queries.count_changes(nights=nights, place_codes=actor.place_codes),
    )


def list_changed(*, actor: Actor, changes: Changes, kind: str, limit: int = 100) -> list[ChangedProposal]:
    """Changes of one kind, the most money at risk first; raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    return queries.list_changes(nights=changes.nights, kind=kind, limit=limit, place_codes=actor.place_codes)


def find_causes(
    *, actor: Actor, changes: Changes, rows: Sequence[ChangedProposal], today: dt.date
) -> dict[tuple[str, str], list[Cause]]:
    """Why these differ from the night before, by SKU and place; raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    if not rows:
        return {}
    keys = [(row.sku, row.place_code) for row in rows]
    return queries.causes_of(nights=changes.nights, keys=keys, today=today)


def get_proposal_page(*, actor: Actor, proposal_id: int, review_days: int, today: dt.date) -> ProposalPage:
    """One proposal with the terms of all who offer the product, and its outlook; NotAllowed, UnknownProposal."""
    row, state = access.get_proposal(actor=actor, proposal_id=proposal_id)
    successor = None
    if state != "open":
        successor = queries.find_open_proposal(product_id=row.product_id, place_id=row.place_id)
    basis = queries.get_weighing_basis(
        product_id=row.product_id,
        place_id=row.place_id,
        place_code=row.place_code,
        planned_supplier_code=row.planned_supplier_code or row.supplier_code,
        position_units=row.position_units,
        reorder_point_units=row.reorder_point_units,
        daily_units=row.daily_units,
        review_days=review_days,
        today=today,
    )
    found = _find_nights()
    key = (row.sku, row.place_code)
    marks = queries.mark_changes(nights=found[0], ids=[row.id]) if found else {}
    change = ProposalLine(row, *marks.get(row.id, ("", None)), rule=stock_rules.rules_of(keys={key}).get(key))
    causes: Sequence[Cause] = ()
    if found and change.changed:
        causes = queries.causes_of(nights=found[0], keys=[key], today=today).get(key, ())
    return ProposalPage(row=row, state=state, successor=successor, basis=basis, change=change, causes=causes)


def _marked(rows: Sequence[ProposalRow]) -> list[ProposalLine]:
    found = _find_nights() if rows else None
    marks = queries.mark_changes(nights=found[0], ids=[row.id for row in rows]) if found else {}
    services = queries.service_of(rows=rows) if rows else {}
    rules = stock_rules.rules_of(keys={(row.sku, row.place_code) for row in rows}) if rows else {}
    return [
        ProposalLine(
            row,
            *marks.get(row.id, ("", None)),
            service=services.get(row.id),
            rule=rules.get((row.sku, row.place_code)),
        )
        for row in rows
    ]


def _find_nights() -> tuple[ComparedNights, dt.date] | None:
    """The night that the list is of, and the last one of an earlier day."""
    nights = planning.list_finished_nights(limit=10)
    if not nights:
        return None
    current = nights[0]
    earlier = next((night for night in nights if night.as_of_date < current.as_of_date), None)
    if earlier is None or earlier.finished_at is None:
        return None
    first = next(night for night in reversed(nights) if night.as_of_date == current.as_of_date)
    return ComparedNights(current=first.id, earlier=earlier.id, finished_at=earlier.finished_at), earlier.as_of_date


def _sums(parts: Iterable[tuple[K, int]]) -> dict[K, int]:
    sums: defaultdict[K, int] = defaultdict(int)
    for key, amount in parts:
        sums[key] += amount
    return dict(sums)
