"""Orders that need a human: what is wrong with each, the most money at risk first.

What stops an order is read from its hold reasons, its age and the moment by which it should leave; the open orders of a
shop are few, so all of them are looked at.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reorder.domain.customers.addresses import ShippingAddress
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.reading import read_rows
from reorder.kernel.stored_json import read_json

# What can be wrong, the worst first.
KINDS: Final = ("fraud", "address", "duplicate", "out_of_stock", "late", "returned", "unpaid", "unallocated")
# So long an order may wait for its payment before somebody looks at it.
UNPAID_AFTER: Final = dt.timedelta(days=3)
_COLUMNS: Final = """
o.id, o.state, o.hold_reasons, o.ordered_at, o.currency, o.external_id, o.channel, o.customer_id, o.payment_state,
o.ship_to_id, coalesce(o.total_minor, 0) - o.refunded_minor AS risk_minor"""
# Returns that nobody has answered yet: found in the index of open ones alone.
_PROBLEMS: Final = f"""
WITH asked AS (
    SELECT event.order_id FROM warehouse_return AS event
    WHERE event.state = 'requested' AND event.opened_by <> 'dock' {{of_order}} GROUP BY event.order_id
), open AS (
    SELECT {_COLUMNS}, false AS is_returned,
           (SELECT min(part.ship_by_at) FROM warehouse_fulfilmentorder AS part WHERE part.order_id = o.id
            AND part.state NOT IN ('shipped', 'delivered', 'cancelled')) AS ship_by_at
    FROM orders_order AS o
    WHERE o.fulfilment = 'reorder' AND o.state IN ('placed', 'allocated', 'released', 'picked', 'packed') {{where}}
    UNION ALL
    SELECT {_COLUMNS}, true, NULL FROM asked JOIN orders_order AS o ON o.id = asked.order_id
    WHERE o.fulfilment = 'reorder' AND o.state = 'delivered' {{where}}
), judged AS (
    SELECT open.*, array_remove(ARRAY[
        CASE WHEN is_returned THEN 'returned' END,
        CASE WHEN 'fraud' = ANY (hold_reasons) THEN 'fraud' END,
        CASE WHEN 'address' = ANY (hold_reasons) THEN 'address' END,
        CASE WHEN 'duplicate' = ANY (hold_reasons) THEN 'duplicate' END,
        CASE WHEN 'out_of_stock' = ANY (hold_reasons) THEN 'out_of_stock' END,
        CASE WHEN ship_by_at < %(moment)s THEN 'late' END,
        CASE WHEN 'awaiting_payment' = ANY (hold_reasons) AND ordered_at < %(unpaid_before)s THEN 'unpaid' END,
        CASE WHEN state = 'placed' AND hold_reasons = '{{{{}}}}' THEN 'unallocated' END], NULL) AS problems
    FROM open
)
"""  # noqa: S608 - made of constants only
_LIST: Final = (
    _PROBLEMS  # noqa: S608 - made of constants only
    + """
SELECT judged.*, (SELECT max(event.happened_at) FROM orders_orderevent AS event
                  WHERE event.order_id = judged.id AND event.kind = 'return_requested') AS return_asked_at,
       who.name AS customer_name, who.key AS customer_key, who.erased_at IS NOT NULL AS is_erased,
       (SELECT jsonb_object_agg(reason, jsonb_build_object('details', details, 'at', happened_at))
        FROM (SELECT DISTINCT ON (event.reason) event.reason, event.details, event.happened_at
              FROM orders_orderevent AS event
              WHERE event.order_id = judged.id AND event.reason = ANY (judged.hold_reasons)
              ORDER BY event.reason, event.id DESC) AS latest) AS told,
       (SELECT min(waits.promised_date) FROM inventory_backorder AS waits
        JOIN orders_orderline AS line ON waits.demand_key = 'order_line:' || line.id
        WHERE line.order_id = judged.id) AS promised_date,
       (SELECT array_agg(DISTINCT product.sku) FROM inventory_backorder AS waits
        JOIN orders_orderline AS line ON waits.demand_key = 'order_line:' || line.id
        JOIN catalog_product AS product ON product.id = waits.product_id
        WHERE line.order_id = judged.id) AS waiting_skus,
       EXISTS (SELECT FROM warehouse_fulfilmentorder AS part
               WHERE part.order_id = judged.id AND part.state = 'allocated') AS can_part
FROM judged JOIN customers_customer AS who ON who.id = judged.customer_id
WHERE cardinality(problems) > 0 {kind} {after}
ORDER BY risk_minor DESC, judged.id DESC LIMIT %(limit)s
"""
)
_COUNT: Final = (
    _PROBLEMS
    + """
SELECT kind, currency, count(*) AS orders_count, sum(risk_minor)::bigint AS risk_minor
FROM judged, unnest(problems || CASE WHEN cardinality(problems) > 0 THEN ARRAY['any'] ELSE '{{}}'::text[] END) AS kind
GROUP BY kind, currency
"""
)
_TODAY: Final = (
    _COUNT
    + """
UNION ALL
SELECT 'new', '', count(*), 0
FROM (SELECT FROM orders_order AS o WHERE o.fulfilment = 'reorder' AND o.ordered_at >= %(since)s
      AND o.state NOT IN ('draft', 'cancelled') {where} LIMIT %(limit)s) AS fresh
"""
)
_ADDRESSES: Final = """
SELECT id, name, phone, company, country, postcode, region, city, line1, line2, store_code, note
FROM customers_address WHERE id = ANY (%(ids)s::bigint[])
"""
_AT_PLACES: Final = """AND EXISTS (SELECT FROM warehouse_fulfilmentorder AS part JOIN inventory_place AS place
    ON place.id = part.place_id WHERE part.order_id = o.id AND place.code = ANY (%(own_places)s))"""


@dataclass(frozen=True, slots=True)
class ProblemOrder:
    """One order and what is wrong with it; `told` are the details of the event behind each hold reason.

    `risk_minor`: what is lost if the order is, in minor units of its currency.
    """

    id: int
    state: str
    hold_reasons: Sequence[str]
    ordered_at: dt.datetime
    currency: str
    external_id: str
    channel: str
    customer_id: int
    payment_state: str
    ship_to_id: int | None
    risk_minor: int
    ship_by_at: dt.datetime | None
    problems: Sequence[str]
    is_returned: bool
    return_asked_at: dt.datetime | None
    customer_name: str
    customer_key: str
    is_erased: bool
    told: Mapping[str, Any]
    promised_date: dt.date | None
    waiting_skus: Sequence[str]
    can_part: bool


@dataclass(frozen=True, slots=True)
class ProblemsPage:
    """One page; `next_after` goes on behind it when more follow."""

    rows: Sequence[ProblemOrder]
    next_after: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class ProblemCount:
    """Orders with one kind of problem (`any`: with at least one) in one currency, and the money at risk."""

    kind: str
    currency: str
    orders_count: int
    risk_minor: int


@dataclass(frozen=True, slots=True)
class OrdersToday:
    """Orders of ours that came in today, counted up to a limit, those that need a human, and of these the late ones.

    `risk_minor`: the money of those that need a human, by currency.
    """

    new_count: int
    needing_count: int
    late_count: int
    risk_minor: Mapping[str, int]


def list_problems(
    *, actor: Actor, moment: dt.datetime, kind: str = "", after: tuple[int, int] | None = None, limit: int = 30
) -> ProblemsPage:
    """Orders that need a human, the most money at risk first; of one kind when asked. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    parameters = _parameters(actor=actor, moment=moment) | {"limit": limit + 1, "kind": kind}
    if after is not None:
        parameters["after_risk"], parameters["after_id"] = after
    statement = _LIST.format(
        where=_AT_PLACES if actor.place_codes else "",
        of_order="",
        kind="AND %(kind)s = ANY (problems)" if kind else "",
        after="AND (risk_minor, judged.id) < (%(after_risk)s, %(after_id)s)" if after else "",
    )
    rows = [_row(row) for row in read_rows(statement=statement, parameters=parameters)]
    shown = rows[:limit]
    return ProblemsPage(rows=shown, next_after=(shown[-1].risk_minor, shown[-1].id) if len(rows) > limit else None)


def find_problem(*, actor: Actor, order_id: int, moment: dt.datetime) -> ProblemOrder | None:
    """What is wrong with one order; None when nothing needs anybody. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    parameters = _parameters(actor=actor, moment=moment) | {"limit": 1, "order_id": order_id}
    statement = _LIST.format(
        where="AND o.id = %(order_id)s", of_order="AND event.order_id = %(order_id)s", kind="", after=""
    )
    rows = read_rows(statement=statement, parameters=parameters)
    return _row(rows[0]) if rows else None


def count_problems(*, actor: Actor, moment: dt.datetime) -> list[ProblemCount]:
    """How many orders need a human, by kind and currency. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    return _count(where=_AT_PLACES if actor.place_codes else "", parameters=_parameters(actor=actor, moment=moment))


def summarise_today(*, actor: Actor, moment: dt.datetime, since: dt.datetime, limit: int) -> OrdersToday:
    """What is new since the beginning of today, and what needs a human; one statement. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    statement = _TODAY.format(where=_AT_PLACES if actor.place_codes else "", of_order="")
    parameters = _parameters(actor=actor, moment=moment) | {"since": since, "limit": limit}
    counts = [ProblemCount(**row) for row in read_rows(statement=statement, parameters=parameters)]
    sums = {kind: sum(one.orders_count for one in counts if one.kind == kind) for kind in ("new", "any", "late")}
    return OrdersToday(
        new_count=sums["new"],
        needing_count=sums["any"],
        late_count=sums["late"],
        risk_minor={one.currency: one.risk_minor for one in counts if one.kind == "any"},
    )


def count_needing_orders(*, moment: dt.datetime) -> int:
    """Orders of the whole shop that need a human: the number beside the desk."""
    parameters = {"moment": moment, "unpaid_before": moment - UNPAID_AFTER}
    return sum(one.orders_count for one in _count(where="", parameters=parameters) if one.kind == "any")


def list_addresses(*, ids: Sequence[int]) -> dict[int, ShippingAddress]:
    """Addresses by number, for correcting them where they stand."""
    rows = read_rows(statement=_ADDRESSES, parameters={"ids": list(ids)})
    return {row.pop("id"): ShippingAddress(**row) for row in rows}


def _count(*, where: str, parameters: Mapping[str, Any]) -> list[ProblemCount]:
    return [
        ProblemCount(**row)
        for row in read_rows(statement=_COUNT.format(where=where, of_order=""), parameters=parameters)
    ]


def _parameters(*, actor: Actor, moment: dt.datetime) -> dict[str, Any]:
    return {"moment": moment, "unpaid_before": moment - UNPAID_AFTER, "own_places": sorted(actor.place_codes)}


def _row(row: Mapping[str, Any]) -> ProblemOrder:
    told = read_json(row["told"]) or {}
    return ProblemOrder(**{**row, "told": told, "waiting_skus": row["waiting_skus"] or ()})
