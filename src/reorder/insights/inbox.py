"""The inbox of alerts for an actor: what may be seen, the names behind the keys, and the desk that mends each."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.planning import alert_list
from reorder.domain.planning.alert_list import AlertCount, AlertRow, AlertTab, Asked
from reorder.domain.planning.errors import UnknownAlert
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.reading import read_rows

DRIFT: Final = frozenset({"forecast_drift"})
_NAMES: Final = """
SELECT product.sku, product.id AS product_id, product.name,
       (SELECT max(proposal.id) FROM purchasing_proposal AS proposal
        JOIN inventory_place AS place ON place.id = proposal.place_id
        WHERE proposal.product_id = product.id AND proposal.state = 'open' AND place.code = wanted.place
       ) AS proposal_id, wanted.place
FROM unnest(%(skus)s::text[], %(places)s::text[]) AS wanted(sku, place)
JOIN catalog_product AS product ON product.sku = wanted.sku
"""
_CATEGORIES: Final = "SELECT code, name FROM catalog_category WHERE code = ANY(%(codes)s)"
_CATEGORY: Final = "category:"


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One alert with the names that people know it by; `proposal_id` is what Buying proposes against it."""

    row: AlertRow
    name: str
    product_id: int | None
    proposal_id: int | None

    @property
    def is_category(self) -> bool:
        """Whether it is about a category that is planned as a whole."""
        return self.row.subject.startswith(_CATEGORY)


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page; `next_after` goes on behind it when more follow."""

    lines: Sequence[InboxLine]
    next_after: tuple[int | dt.datetime, int] | None


@dataclass(frozen=True, slots=True)
class InboxSummary:
    """What waits for this actor: numbers by kind and severity, and money at stake by currency."""

    counts: Sequence[AlertCount]

    @property
    def open_count(self) -> int:
        """Everything open that nobody has put off."""
        return sum(one.count for one in self.counts)

    @property
    def critical_count(self) -> int:
        """What somebody must act on now."""
        return sum(one.count for one in self.counts if one.severity == "critical")

    @property
    def stake_minor(self) -> dict[str, int]:
        """Money at stake by currency."""
        sums: dict[str, int] = {}
        for one in self.counts:
            sums[one.currency] = sums.get(one.currency, 0) + one.stake_minor
        return {currency: minor for currency, minor in sums.items() if minor}

    def count_of(self, *, kind: str) -> int:
        """Open alerts of one kind."""
        return sum(one.count for one in self.counts if one.kind == kind)


def kinds_of(*, actor: Actor) -> frozenset[str]:
    """The kinds of alerts that this actor may see; none for those who see neither buying nor demand."""
    if actor.may(Ability.VIEW_BUYING):
        return frozenset(alert_list.KINDS)
    return DRIFT if actor.may(Ability.VIEW_DEMAND) else frozenset()


def ask(
    *, actor: Actor, tab: AlertTab = "open", kind: str = "", place: str = "", severity: str = "", text: str = ""
) -> Asked | None:
    """What the actor asks for within what they may see; None when that is nothing."""
    kinds = kinds_of(actor=actor)
    kinds = kinds & {kind} if kind else kinds
    if not kinds or (place and not actor.may_at(place)):
        return None
    return Asked(
        tab=tab,
        kinds=frozenset() if len(kinds) == len(alert_list.KINDS) else kinds,
        places=frozenset({place}) if place else actor.place_codes,
        severity=severity,
        text=text,
        is_each=bool(kind),
    )


def list_inbox(
    *,
    asked: Asked | None,
    moment: dt.datetime,
    after: tuple[int | dt.datetime, int] | None = None,
    limit: int = 50,
) -> InboxPage:
    """One page of the inbox, the most money first."""
    if asked is None:
        return InboxPage((), None)
    rows = alert_list.list_alert_page(asked=asked, moment=moment, after=after, limit=limit + 1)
    shown = rows[:limit]
    next_after = None
    if len(rows) > limit:
        last = shown[-1]
        resolved = last.resolved_at if asked.tab == "resolved" else None
        next_after = (resolved or last.stake_minor, last.id)
    return InboxPage(name_lines(rows=shown), next_after)


def get_line(*, actor: Actor, alert_id: int) -> InboxLine:
    """One alert of the actor's kinds and places, open or not; raises UnknownAlert."""
    row = alert_list.get_alert(alert_id=alert_id)
    if not _may_see(actor=actor, row=row):
        raise UnknownAlert(alert_id=alert_id)
    return name_lines(rows=[row])[0]


def list_decidable_ids(*, actor: Actor, ids: Sequence[int]) -> list[int]:
    """Those of these alerts that are open and that this actor may put off."""
    rows = alert_list.list_alerts_by_id(ids=ids)
    return [
        row.id for row in rows if row.resolved_at is None and _may_see(actor=actor, row=row) and may_snooze(actor=actor)
    ]


def may_snooze(*, actor: Actor) -> bool:
    """Whether this actor decides about buying or demand, and so may put alerts off."""
    return actor.may(Ability.DECIDE_PROPOSALS) or actor.may(Ability.ADJUST_DEMAND)


def summarise_inbox(*, actor: Actor, counts: Iterable[AlertCount]) -> InboxSummary:
    """The part of all counts that this actor may see."""
    kinds = kinds_of(actor=actor)
    return InboxSummary(
        [
            one
            for one in counts
            if one.kind in kinds and (not actor.place_codes or (one.place_code and actor.may_at(one.place_code)))
        ]
    )


def name_lines(*, rows: Sequence[AlertRow]) -> list[InboxLine]:
    """Rows with the names of their products and categories, and their open proposals."""
    products = [row for row in rows if row.subject and not row.subject.startswith(_CATEGORY)]
    known: dict[tuple[str, str], dict[str, Any]] = {}
    if products:
        given = {"skus": [row.subject for row in products], "places": [row.place_code for row in products]}
        known = {(one["sku"], one["place"]): one for one in read_rows(statement=_NAMES, parameters=given)}
    codes = [row.subject.removeprefix(_CATEGORY) for row in rows if row.subject.startswith(_CATEGORY)]
    categories: dict[str, str] = {}
    if codes:
        found = read_rows(statement=_CATEGORIES, parameters={"codes": codes})
        categories = {one["code"]: one["name"] for one in found}
    return [_line(row, known=known.get((row.subject, row.place_code)), categories=categories) for row in rows]


def _line(row: AlertRow, *, known: dict[str, Any] | None, categories: dict[str, str]) -> InboxLine:
    if known is not None:
        return InboxLine(row, known["name"], known["product_id"], known["proposal_id"])
    code = row.subject.removeprefix(_CATEGORY)
    return InboxLine(row, categories.get(code, code) or row.order_number, None, None)


def _may_see(*, actor: Actor, row: AlertRow) -> bool:
    if row.kind not in kinds_of(actor=actor):
        return False
    return not actor.place_codes or (bool(row.place_code) and actor.may_at(row.place_code))
