"""Returns as pages, handhelds and the API read them: the list by what happens next, one with all it has, what waits."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.orders.life import EventLine, list_events
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.warehouse.return_errors import UnknownReturn
from reorder.domain.warehouse.return_rules import GIVEN_UP
from reorder.domain.warehouse.returns import HeldReturn, SoldGoods, get_held_return, list_sold_goods
from reorder.insights.reading import read_rows

# What each tab of the list holds; decisions first.
TABS: Final[Mapping[str, tuple[str, ...]]] = {
    "decide": ("requested", "inspected"),
    "grade": ("received",),
    "awaited": ("accepted", "sent", "under_way"),
    "closed": ("closed",),
    "given_up": GIVEN_UP,
    "all": (),
}
_LISTED: Final = 200
_LIST: Final = """
SELECT of_return.id, of_return.number, of_return.state, of_return.opened_by, of_return.reason, of_return.wants,
       of_return.opened_at, of_return.refund_minor, of_return.resolution, of_return.tracking_number,
       o.id AS order_id, o.external_id AS order_number, o.currency, who.id AS customer_id, who.name AS customer_name,
       who.key AS customer_key, who.erased_at IS NOT NULL AS is_erased, place.code AS place_code,
       (SELECT coalesce(sum(line.units), 0) FROM warehouse_returnline AS line WHERE line.of_return_id = of_return.id)
           AS units,
       (SELECT string_agg(DISTINCT product.name, ', ') FROM warehouse_returnline AS line
        JOIN orders_orderline AS sold ON sold.id = line.order_line_id
        JOIN catalog_product AS product ON product.id = sold.product_id
        WHERE line.of_return_id = of_return.id) AS goods
FROM warehouse_return AS of_return
JOIN orders_order AS o ON o.id = of_return.order_id
JOIN customers_customer AS who ON who.id = o.customer_id
JOIN inventory_place AS place ON place.id = of_return.place_id
WHERE {where} ORDER BY of_return.opened_at DESC, of_return.id DESC LIMIT %(limit)s
"""
_COUNTS: Final = """
SELECT of_return.state, count(*) AS count FROM warehouse_return AS of_return
JOIN inventory_place AS place ON place.id = of_return.place_id
WHERE of_return.state NOT IN ('closed', 'declined', 'cancelled', 'expired') {where} GROUP BY 1
"""
_AWAITED: Final = """
FROM warehouse_return AS of_return JOIN inventory_place AS place ON place.id = of_return.place_id
JOIN orders_order AS o ON o.id = of_return.order_id
WHERE place.code = %(place)s AND (of_return.state IN ('accepted', 'sent', 'under_way', 'received'))
"""
_PHOTOS: Final = """
SELECT id, taken_by, taken_at FROM warehouse_returnphoto WHERE of_return_id = %(id)s ORDER BY id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnListRow:
    """One return in a list; amounts in minor units of its order's currency."""

    id: int
    number: str
    state: str
    opened_by: str
    reason: str
    wants: str
    opened_at: dt.datetime
    refund_minor: int
    resolution: str
    tracking_number: str
    order_id: int
    order_number: str
    currency: str
    customer_id: int
    customer_name: str
    customer_key: str
    is_erased: bool
    place_code: str
    units: Decimal
    goods: str | None


@dataclass(frozen=True, slots=True)
class ReturnsPage:
    """A page of the list, and where the next begins."""

    rows: Sequence[ReturnListRow]
    next_after: tuple[dt.datetime, int] | None


@dataclass(frozen=True, slots=True)
class AwaitedReturn:
    """A return that the dock waits for."""

    id: int
    number: str
    order_number: str
    tracking_number: str
    state: str
    units: Decimal


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A picture of the goods."""

    id: int
    taken_by: str
    taken_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPage:
    """Everything on the page of one return; `events` are those of its order that tell of it."""

    row: ReturnListRow
    held: HeldReturn
    sold: Mapping[int, SoldGoods]
    events: Sequence[EventLine]
    photos: Sequence[PhotoRow]


def list_returns(
    *,
    actor: Actor,
    tab: str = "all",
    search: str = "",
    after: tuple[dt.datetime, int] | None = None,
    limit: int = 50,
    order_id: int | None = None,
) -> ReturnsPage:
    """Returns at the actor's places, the latest first. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    parts, given = ["true"], dict[str, object](limit=limit + 1)
    states = TABS.get(tab, ())
    if states:
        parts.append("of_return.state = ANY(%(states)s::text[])")
        given["states"] = list(states)
    if search:
        parts.append(
            "(of_return.number = upper(%(search)s) OR o.external_id = %(search)s OR of_return.tracking_number = "
            "%(search)s OR who.name ILIKE %(like)s)"
        )
        given["search"] = search
        given["like"] = "%" + search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    if after:
        parts.append("(of_return.opened_at, of_return.id) < (%(moment)s::timestamptz, %(id)s::bigint)")
        given |= {"moment": after[0], "id": after[1]}
    if order_id is not None:
        parts.append("of_return.order_id = %(order_id)s::bigint")
        given["order_id"] = order_id
    if actor.place_codes:
        parts.append("place.code = ANY(%(places)s::text[])")
        given["places"] = sorted(actor.place_codes)
    rows = [
        ReturnListRow(**row) for row in read_rows(statement=_LIST.format(where=" AND ".join(parts)), parameters=given)
    ]
    shown = rows[:limit]
    more = len(rows) > limit
    return ReturnsPage(rows=shown, next_after=(shown[-1].opened_at, shown[-1].id) if more else None)


def count_returns(*, actor: Actor) -> dict[str, int]:
    """How many returns are in each open tab."""
    actor.require(Ability.VIEW_ORDERS)
    where = "AND place.code = ANY(%(places)s::text[])" if actor.place_codes else ""
    rows = read_rows(statement=_COUNTS.format(where=where), parameters={"places": sorted(actor.place_codes)})
    by_state = {row["state"]: int(row["count"]) for row in rows}
    return {tab: sum(by_state.get(state, 0) for state in states) for tab, states in TABS.items() if states}


def get_return_row(*, actor: Actor, return_id: int) -> ReturnListRow:
    """One return that this actor may see, as lists say it. Raises NotAllowed, UnknownReturn."""
    actor.require(Ability.VIEW_ORDERS)
    if not 0 < return_id < 2**63:
        raise UnknownReturn(number=return_id)
    rows = read_rows(statement=_LIST.format(where="of_return.id = %(id)s"), parameters={"id": return_id, "limit": 1})
    if not rows or not actor.may_at(rows[0]["place_code"]):
        raise UnknownReturn(number=return_id)
    return ReturnListRow(**rows[0])


def get_return_page(*, actor: Actor, return_id: int) -> ReturnPage:
    """One return that this actor may see, with all that its page shows. Raises NotAllowed, UnknownReturn."""
    row = get_return_row(actor=actor, return_id=return_id)
    events = [one for one in list_events(order_id=row.order_id) if one.details.get("return") == return_id]
    return ReturnPage(
        row=row,
        held=get_held_return(return_id=return_id),
        sold={one.order_line_id: one for one in list_sold_goods(order_id=row.order_id)},
        events=events,
        photos=[PhotoRow(**one) for one in read_rows(statement=_PHOTOS, parameters={"id": return_id})],
    )


def count_awaited_returns(*, place_code: str) -> int:
    """Returns whose goods a place waits for, or has to look at."""
    rows = read_rows(statement=f"SELECT count(*) AS count {_AWAITED}", parameters={"place": place_code})
    return int(rows[0]["count"])


def list_awaited_returns(*, place_code: str) -> list[AwaitedReturn]:
    """Returns whose goods a place waits for, or has to look at: those that are here first."""
    statement = f"""
        SELECT of_return.id, of_return.number, o.external_id AS order_number, of_return.tracking_number,
               of_return.state,
               (SELECT coalesce(sum(line.units), 0) FROM warehouse_returnline AS line
                WHERE line.of_return_id = of_return.id) AS units
        {_AWAITED} ORDER BY of_return.state <> 'received', of_return.id LIMIT {_LISTED}"""  # noqa: S608 - constants of ours
    return [AwaitedReturn(**row) for row in read_rows(statement=statement, parameters={"place": place_code})]
