"""Orders as the desk lists them: tabs by what happens next, filters, search by anything, pages by keyset.

Each branch of a search reads by its own index and no more rows than a page has, so a million orders cost no more than
a hundred. Orders of ours go by number, history by its moment.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reorder.domain.catalog.searching import search_products
from reorder.domain.customers import queries as customers
from reorder.domain.messaging import queries as messaging
from reorder.domain.orders.of_customer import NumberedOrder
from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.reading import read_rows

ALL: Final = "all"
HISTORY: Final = "history"
# A count beyond this is said as "10,000+".
COUNT_LIMIT: Final = 10_001
_OURS: Final = "o.fulfilment = 'reorder'"
_STOPPED: Final = "o.hold_reasons && '{address,duplicate,fraud,manual,requested_date}'::text[]"
# Which states a tab reads, each by its index, and what else it asks.
_TABS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "release": (("allocated",), "o.hold_reasons = '{}'::text[]"),
    "goods": (("placed",), ""),
    "payment": (("placed", "allocated"), "'awaiting_payment' = ANY (o.hold_reasons)"),
    "hold": (("placed", "allocated"), _STOPPED),
    "warehouse": (("released", "picked", "packed"), ""),
    "shipped": (("shipped",), ""),
    "delivered": (("delivered",), ""),
    "cancelled": (("cancelled",), ""),
}
TABS: Final = (*_TABS, ALL, HISTORY)
_FILTERS: Final = {
    "channel": "o.channel = %(channel)s",
    "place": """EXISTS (SELECT FROM warehouse_fulfilmentorder AS part JOIN inventory_place AS place
                        ON place.id = part.place_id
                        WHERE part.order_id = o.id AND place.code = %(place)s AND part.state <> 'cancelled')""",
    "payment": "o.payment_state = %(payment)s",
    "hold": "%(hold)s = ANY (o.hold_reasons)",
    "from_at": "o.ordered_at >= %(from_at)s",
    "until_at": "o.ordered_at < %(until_at)s",
    "least_minor": "o.total_minor >= %(least_minor)s",
    "most_minor": "o.total_minor <= %(most_minor)s",
}
_AT_PLACES: Final = """EXISTS (SELECT FROM warehouse_fulfilmentorder AS part JOIN inventory_place AS place
    ON place.id = part.place_id WHERE part.order_id = o.id AND place.code = ANY (%(own_places)s))"""
# An order's number is unique within its channel only: the few channels there are are met by leaping over the index.
_CHANNELS: Final = """WITH RECURSIVE known(channel) AS (
    SELECT min(channel) FROM orders_order
    UNION ALL
    SELECT (SELECT min(channel) FROM orders_order WHERE channel > known.channel) FROM known WHERE channel IS NOT NULL
)"""
_BY_NUMBER: Final = """known JOIN orders_order AS o
    ON o.channel = known.channel AND o.external_id = ANY (%(numbers)s::text[])"""
_BY_TRACKING: Final = """warehouse_fulfilmentorder AS sent JOIN orders_order AS o ON o.id = sent.order_id
    AND sent.tracking_number = %(tracking)s AND sent.tracking_number <> ''"""
_BY_PHONE: Final = """customers_address AS home JOIN orders_order AS o ON o.customer_id = home.customer_id
    AND o.ship_to_id = home.id AND regexp_replace(home.phone, '\\D', '', 'g') = ANY (%(phones)s::text[])
    AND home.phone <> ''"""
_BY_PARCEL: Final = f"""
SELECT o.id, o.external_id AS number, o.channel, o.customer_id, who.name AS customer_name, who.key AS customer_key,
       o.ordered_at, o.state
FROM (SELECT o.id FROM {_BY_TRACKING} UNION SELECT o.id FROM {_BY_PHONE}) AS found
JOIN orders_order AS o ON o.id = found.id JOIN customers_customer AS who ON who.id = o.customer_id
ORDER BY o.ordered_at DESC, o.id DESC LIMIT %(limit)s
"""  # noqa: S608 - made of constants only
_ROWS: Final = """
SELECT o.id, o.channel, o.external_id, o.ordered_at, o.currency, o.state, o.fulfilment, o.payment_state,
       o.hold_reasons, o.ship_postcode, o.total_minor, o.paid_minor, o.refunded_minor,
       o.customer_id, who.name AS customer_name, who.key AS customer_key, who.erased_at IS NOT NULL AS is_erased,
       bought.lines_count, bought.amount_minor, bought.names, sent.places, sent.ship_by_at, sent.tracking_numbers
FROM orders_order AS o
JOIN customers_customer AS who ON who.id = o.customer_id
CROSS JOIN LATERAL (
    SELECT count(*) AS lines_count, round(sum(line.units * line.unit_price_minor))::bigint AS amount_minor,
           (array_agg(product.name ORDER BY line.id))[1:2] AS names
    FROM orders_orderline AS line JOIN catalog_product AS product ON product.id = line.product_id
    WHERE line.order_id = o.id
) AS bought
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT place.code), '{}') AS places,
           min(part.ship_by_at) FILTER (WHERE part.state NOT IN ('shipped', 'delivered')) AS ship_by_at,
           coalesce(array_agg(part.tracking_number) FILTER (WHERE part.tracking_number <> ''), '{}')
               AS tracking_numbers
    FROM warehouse_fulfilmentorder AS part JOIN inventory_place AS place ON place.id = part.place_id
    WHERE part.order_id = o.id AND part.state <> 'cancelled'
) AS sent
WHERE o.id = ANY (%(ids)s::bigint[])
"""
_COUNTS: Final = """
WITH open AS MATERIALIZED (
    SELECT o.state, o.hold_reasons, o.total_minor, o.currency FROM orders_order AS o
    WHERE o.fulfilment = 'reorder' AND o.state IN ('placed', 'allocated', 'released', 'picked', 'packed') {where}
    LIMIT %(limit)s
), told AS (
    SELECT CASE WHEN o.state IN ('released', 'picked', 'packed') THEN ARRAY['warehouse'] ELSE array_remove(ARRAY[
               CASE WHEN o.state = 'allocated' AND o.hold_reasons = '{{}}' THEN 'release' END,
               CASE WHEN o.state = 'placed' THEN 'goods' END,
               CASE WHEN 'awaiting_payment' = ANY (o.hold_reasons) THEN 'payment' END,
               CASE WHEN {stopped} THEN 'hold' END], NULL) END AS tabs,
           o.currency, o.total_minor
    FROM open AS o
)
SELECT tab, currency, count(*) AS orders_count, coalesce(sum(total_minor), 0)::bigint AS total_minor
FROM told, unnest(told.tabs) AS tab GROUP BY tab, currency
UNION ALL
SELECT 'shipped', currency, count(*), coalesce(sum(total_minor), 0)::bigint
FROM (SELECT o.currency, o.total_minor FROM orders_order AS o
      WHERE o.fulfilment = 'reorder' AND o.state = 'shipped' {where} LIMIT %(limit)s) AS gone
GROUP BY currency
"""
_CHOICES: Final = f"""{_CHANNELS}
SELECT 'channel' AS kind, channel AS code, channel AS name FROM known WHERE channel IS NOT NULL
UNION ALL SELECT 'place', code, name FROM inventory_place WHERE is_active AND kind <> 'supplier'
ORDER BY 1, 2
"""  # noqa: S608 - made of constants only
_FOUND_PEOPLE: Final = 200
_FOUND_PRODUCTS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for; filters by name of the conditions there are, empty values ask nothing."""

    tab: str
    search: str = ""
    filters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderListRow:
    """One order of the list; amounts in minor units of its currency, places those that send something of it."""

    id: int
    channel: str
    external_id: str
    ordered_at: dt.datetime
    currency: str
    state: str
    fulfilment: str
    payment_state: str
    hold_reasons: Sequence[str]
    ship_postcode: str
    total_minor: int | None
    paid_minor: int
    refunded_minor: int
    customer_id: int
    customer_name: str
    customer_key: str
    is_erased: bool
    lines_count: int
    amount_minor: int | None
    names: Sequence[str] | None
    places: Sequence[str]
    ship_by_at: dt.datetime | None
    tracking_numbers: Sequence[str]

    @property
    def worth_minor(self) -> int | None:
        """The total, or the sum of the lines where nobody told a total."""
        return self.amount_minor if self.total_minor is None else self.total_minor


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """One page; `next_after` begins the next, None on the last."""

    rows: Sequence[OrderListRow]
    next_after: tuple[object, ...] | None


@dataclass(frozen=True, slots=True)
class TabCount:
    """Orders of a tab in one currency and what they come to."""

    tab: str
    currency: str
    orders_count: int
    total_minor: int


def list_orders(*, actor: Actor, asked: Asked, after: tuple[object, ...] | None, limit: int) -> OrdersPage:
    """A page of orders that this actor may see, the newest first. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    is_history = asked.tab == HISTORY
    parameters: dict[str, Any] = {**asked.filters, "own_places": sorted(actor.place_codes), "limit": limit + 1}
    place = _keyset(is_history=is_history, after=after, parameters=parameters)
    order = "o.ordered_at DESC, o.id DESC" if is_history else "o.id DESC"
    wanted = _wanted(actor=actor, asked=asked, place=place)
    sources = ["orders_order AS o"]
    if asked.search:
        sources = _sources(search=asked.search, parameters=parameters, is_history=is_history)
    states, extra = _TABS.get(asked.tab, ((), ""))
    base = [*wanted, *([extra] if extra else [])]
    branches = [
        f"(SELECT o.id, o.ordered_at FROM {source} WHERE {' AND '.join([*base, condition])}"  # noqa: S608 - constants
        f" ORDER BY {order} LIMIT %(limit)s)"
        for source in sources
        for condition in ([f"o.state = '{state}'" for state in states] or ["o.state <> 'draft'"])
    ]
    together = " UNION ".join(branches)
    statement = f"{_CHANNELS} SELECT o.id FROM ({together}) AS o ORDER BY {order} LIMIT %(limit)s"  # noqa: S608 - constants
    ids = [row["id"] for row in read_rows(statement=statement, parameters=parameters)]
    found = {row["id"]: OrderListRow(**row) for row in read_rows(statement=_ROWS, parameters={"ids": ids[:limit]})}
    rows = [found[one] for one in ids[:limit] if one in found]
    if len(ids) <= limit or not rows:
        return OrdersPage(rows=rows, next_after=None)
    last = rows[-1]
    return OrdersPage(rows=rows, next_after=(last.ordered_at.isoformat(), last.id) if is_history else (last.id,))


def iterate_orders(*, actor: Actor, asked: Asked, size: int = 500) -> Iterator[OrderListRow]:
    """Every order that is asked for, page by page. Raises NotAllowed."""
    after: tuple[object, ...] | None = None
    while True:
        page = list_orders(actor=actor, asked=asked, after=after, limit=size)
        yield from page.rows
        if page.next_after is None:
            return
        after = page.next_after


def count_open(*, actor: Actor) -> list[TabCount]:
    """Orders under way by tab and currency, counted up to COUNT_LIMIT. Raises NotAllowed."""
    actor.require(Ability.VIEW_ORDERS)
    where = f"AND {_AT_PLACES}" if actor.place_codes else ""
    statement = _COUNTS.format(where=where, stopped=_STOPPED)
    rows = read_rows(statement=statement, parameters={"limit": COUNT_LIMIT, "own_places": sorted(actor.place_codes)})
    return [TabCount(**row) for row in rows]


def list_choices() -> dict[str, list[tuple[str, str]]]:
    """Channels and places that orders can be filtered by: code and name."""
    found: dict[str, list[tuple[str, str]]] = {"channel": [], "place": []}
    for row in read_rows(statement=_CHOICES, parameters={}):
        found[row["kind"]].append((row["code"], row["name"]))
    return found


def list_orders_by_parcel(*, text: str, limit: int) -> list[NumberedOrder]:
    """Orders of ours with this tracking number, or for somebody with this phone; the latest first."""
    digits = "".join(char for char in text if char.isdigit())
    given = {"tracking": text.strip(), "phones": _phones(digits), "limit": limit}
    return [NumberedOrder(**row) for row in read_rows(statement=_BY_PARCEL, parameters=given)]


def _wanted(*, actor: Actor, asked: Asked, place: str) -> list[str]:
    fulfilment = "o.fulfilment = 'elsewhere'" if asked.tab == HISTORY else _OURS
    given = [condition for name, condition in _FILTERS.items() if asked.filters.get(name) not in {None, ""}]
    own = [_AT_PLACES] if actor.place_codes else []
    return [fulfilment, *([place] if place else []), *given, *own]


def _keyset(*, is_history: bool, after: tuple[object, ...] | None, parameters: dict[str, Any]) -> str:
    if after is None:
        return ""
    if is_history:
        parameters["after_at"], parameters["after_id"] = after
        return "(o.ordered_at, o.id) < (%(after_at)s::timestamptz, %(after_id)s::bigint)"
    parameters["after_id"] = after[0]
    return "o.id < %(after_id)s::bigint"


def _sources(*, search: str, parameters: dict[str, Any], is_history: bool) -> list[str]:
    """Where an order could be found by what was typed; each reads by an index."""
    bare = search.strip().lstrip("#")
    digits = "".join(char for char in bare if char.isdigit())
    people = customers.find_customers_by_words(text=search, limit=_FOUND_PEOPLE)
    people += messaging.list_customers_by_address(address=search) if "@" in search else []
    products = [one.id for one in search_products(text=search, limit=_FOUND_PRODUCTS)]
    parameters |= {"numbers": [bare, f"#{bare}"], "tracking": search, "postcode": search.upper()}
    parameters |= {"people": people, "products": products, "phones": _phones(digits)}
    sources = [_BY_NUMBER, _BY_TRACKING]
    if people:
        sources.append("orders_order AS o JOIN unnest(%(people)s::bigint[]) AS one ON one = o.customer_id")
    if products:
        sources.append(
            "(SELECT DISTINCT order_id FROM orders_orderline WHERE product_id = ANY (%(products)s::bigint[])) AS line"
            " JOIN orders_order AS o ON o.id = line.order_id"
        )
    if len(digits) >= 8:
        sources.append(_BY_PHONE)
    if digits and len(search) <= 10 and not is_history:
        sources.append("(SELECT * FROM orders_order WHERE ship_postcode = %(postcode)s) AS o")
    return sources


def _phones(digits: str) -> list[str]:
    """The same number as people write it at home and from abroad (Taiwan's 886)."""
    if digits.startswith("886"):
        return [digits, f"0{digits[3:]}"]
    return [digits, f"886{digits[1:]}"] if digits.startswith("0") else [digits]
