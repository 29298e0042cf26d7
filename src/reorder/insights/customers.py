"""Customers as a list: by segment, by the day they are due, by what somebody typed; every answer from an index."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reorder.domain.customers import queries as customers
from reorder.domain.customers.rules import SearchWords, read_words
from reorder.domain.messaging import of_customer as messaging
from reorder.domain.orders import of_customer as orders
from reorder.domain.orders.of_customer import OrdersCount
from reorder.domain.planning import customer_list
from reorder.domain.planning.customer_list import SEGMENTS, CustomerFilter, CustomerLine, Order
from reorder.domain.staff.rules import Ability, Actor

ALL, WEEK, FORTNIGHT, PAUSED = "all", "week", "fortnight", "paused"
# Of more matches than this the list is walked in its own order until a page is full: every fiftieth customer is one.
_MANY = 20_000
# Exact up to here; nobody reads more than "10,000+".
COUNT_LIMIT = 10_001

Place = tuple[float | dt.date | dt.datetime, int]


@dataclass(frozen=True, slots=True)
class ListedCustomer:
    """One row: what the night concluded, and the orders of this moment."""

    line: CustomerLine
    orders: OrdersCount | None


@dataclass(frozen=True, slots=True)
class CustomersPage:
    """Rows of one page; `after` begins the next one, None when this is the last."""

    rows: Sequence[ListedCustomer]
    after: Place | None


@dataclass(frozen=True, slots=True)
class CustomerCounts:
    """How many customers each list holds; those up to COUNT_LIMIT − 1 are exact, None is unknown before a night."""

    as_of_date: dt.date | None
    segments: Mapping[str, int]
    week_count: int
    fortnight_count: int
    paused_count: int

    @property
    def valued_count(self) -> int:
        """Customers whom the last night valued: everybody who had ordered by then."""
        return sum(self.segments.values())


def order_of_tab(*, tab: str) -> Order:
    """By what a list is sorted, and with it what its cursor holds."""
    if tab in {WEEK, FORTNIGHT}:
        return "due"
    return "paused" if tab == PAUSED else "value"


def list_customers(
    *, actor: Actor, tab: str, search: str, after: Place | None, limit: int, today: dt.date
) -> CustomersPage:
    """One page of a list; `tab` is one of the constants above, or a segment. Raises NotAllowed."""
    actor.require(Ability.VIEW_CUSTOMERS)
    found_ids, words = _search(search)
    chosen = _filter(tab=tab, today=today, found_ids=found_ids, words=words)
    return _page(chosen=chosen, after=after, limit=limit)


def iterate_customers(*, actor: Actor, tab: str, search: str, today: dt.date) -> Iterator[ListedCustomer]:
    """The rows of a whole list, read a thousand at a time. Raises NotAllowed at once."""
    actor.require(Ability.VIEW_CUSTOMERS)
    found_ids, words = _search(search)
    return _rows(_filter(tab=tab, today=today, found_ids=found_ids, words=words))


def count_customers(*, today: dt.date) -> CustomerCounts:
    """What the tabs say: counts of the last night, and of the short lists of this moment."""
    last = customer_list.find_last_valued()
    week, fortnight, paused = customer_list.count_waiting(today=today, limit=COUNT_LIMIT)
    return CustomerCounts(
        as_of_date=last.as_of_date if last else None,
        segments=last.segments if last else {},
        week_count=week,
        fortnight_count=fortnight,
        paused_count=paused,
    )


def _filter(*, tab: str, today: dt.date, found_ids: Sequence[int] | None, words: SearchWords | None) -> CustomerFilter:
    days = {WEEK: 7, FORTNIGHT: 14}.get(tab)
    return CustomerFilter(
        order=order_of_tab(tab=tab),
        today=today,
        segment=tab if tab in SEGMENTS else None,
        until=today + dt.timedelta(days=days) if days else None,
        found_ids=found_ids,
        words=words,
    )


def _search(text: str) -> tuple[list[int] | None, SearchWords | None]:
    """The customers that match, or, when they are too many to be fetched, the words to walk the list with."""
    if not text:
        return None, None
    words = read_words(text=text)
    if words is None:
        return [], None
    found = customers.find_customers_by_words(text=text, limit=_MANY + 1)
    if len(found) > _MANY:
        return None, words
    by_address = [] if words.is_short else messaging.find_customers_by_address(start=words.start, limit=_MANY)
    return sorted({*found, *by_address}), None


def _page(*, chosen: CustomerFilter, after: Place | None, limit: int) -> CustomersPage:
    lines = customer_list.list_customers(chosen=chosen, after=after, limit=limit + 1)
    shown = lines[:limit]
    counted = orders.count_orders(customer_ids=[line.id for line in shown]) if shown else {}
    return CustomersPage(
        rows=[ListedCustomer(line=line, orders=counted.get(line.id)) for line in shown],
        after=(shown[-1].place, shown[-1].id) if len(lines) > limit else None,
    )


def _rows(chosen: CustomerFilter) -> Iterator[ListedCustomer]:
    after: Place | None = None
    while True:
        page = _page(chosen=chosen, after=after, limit=1_000)
        yield from page.rows
        if page.after is None:
            return
        after = page.after
