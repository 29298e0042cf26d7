"""Buying for people: what is proposed and why, what changed overnight, what is on its way; at the actor's places."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reorder.domain.purchasing import queries
from reorder.domain.purchasing.queries import RunsOut
from reorder.domain.staff.rules import Ability, Actor

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
    cost: defaultdict[str, int] = defaultdict(int)
    risk: defaultdict[str, int] = defaultdict(int)
    for group in groups:
        cost[group.currency] += group.cost_minor
        risk[group.risk_currency] += group.risk_minor
    soon, soon_count = queries.list_running_out(today=as_of, days=SOON_DAYS, limit=10, place_codes=places)
    orders = queries.count_open_orders(today=as_of, place_codes=places)
    return BuyingSummary(
        proposals_count=sum(group.count for group in groups),
        cost_minor=dict(cost),
        risk_minor=dict(risk),
        due_today_count=sum(group.due_count for group in groups),
        runs_out_soon=soon,
        runs_out_count=soon_count,
        open_orders_count=orders.open_count,
        late_orders_count=orders.late_count,
    )
