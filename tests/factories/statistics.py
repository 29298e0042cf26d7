"""A few orders that change in every way in which facts change, and the statistics read in comparable form."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from django.conf import settings
from django.db import connection

from reorder.domain.catalog.models import Product
from reorder.domain.customers.models import Customer
from reorder.domain.orders.models import Order
from reorder.domain.orders.queries import frame_order_lines
from reorder.domain.planning import counted
from reorder.domain.staff.rules import Actor
from reorder.engine import repurchase
from reorder.engine.repurchase import Statistics
from reorder.flows import order_intake
from reorder.flows.customer_care import merge_customers
from reorder.flows.nightly.steps import STEPS
from reorder.flows.order_intake import Buyer, NewLine, NewOrder

TODAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)  # noon in Taipei
SKUS = ("OOLONG-150", "MATCHA-30", "PUERH-357", "SENCHA-80", "CUP-1")
SHOP = Actor(name="shop", abilities=frozenset())
# Of a night what customers are about: files, counts, values and due dates.
CUSTOMER_STEPS = STEPS[:4]
TABLES = {
    "pairs": """SELECT customer_id, subject, purchases_count, first_date, last_date, previous_date, earlier_date,
                gap_square_days, units, last_units, first_visit_number, last_visit_number
                FROM planning_pairstatistic ORDER BY 1, 2""",
    "customers": """SELECT customer_id, visits_count, purchases_count, first_date, last_date, previous_date,
                    gap_square_days, recent_visit_dates::text, round(monetary::numeric, 6), valued_orders,
                    later_orders, round(later_value::numeric, 6) FROM planning_customerstatistic ORDER BY 1""",
    "products": """SELECT subject, category_code, pairs_count, purchases_count, first_date, last_date, units
                   FROM planning_productstatistic ORDER BY 1""",
    "product days": "SELECT subject, date, purchases_count, units FROM planning_productday ORDER BY 1, 2",
    "days": "SELECT date, visits_count, purchases_count FROM planning_shopday ORDER BY 1",
}


def read_tables() -> dict[str, list[tuple[object, ...]]]:
    """Every counted table, row by row."""
    found = {}
    with connection.cursor() as cursor:
        for name, query in TABLES.items():
            cursor.execute(query)
            found[name] = list(cursor.fetchall())
    return found


def count_in_engine() -> Statistics:
    """What the engine counts from the order lines up to and with today."""
    lines = frame_order_lines(before_date=TODAY + dt.timedelta(days=1), time_zone=settings.REORDER.time_zone)
    return repurchase.count_statistics(order_lines=lines, as_of=TODAY)


def read_from_tables() -> Statistics:
    return counted.frame_statistics(as_of=TODAY)


@dataclass
class Shop:
    """Takes random actions; the same seed takes the same ones."""

    dice: np.random.Generator
    numbers: list[int] = field(default_factory=list)

    def act(self) -> None:
        """One change of facts."""
        kinds = (self.order, self.order, self.order, self.send_again, self.cancel, self.merge, self.replan)
        kinds[self.dice.integers(len(kinds))]()

    def order(self) -> None:
        """A new batch of orders, some of them late, some on one day."""
        orders = [self._make(number=len(self.numbers) + one) for one in range(int(self.dice.integers(1, 6)))]
        self.numbers += [int(one.external_id) for one in orders]
        self._take(orders)

    def send_again(self) -> None:
        """Known orders with another day, other lines or another buyer."""
        if self.numbers:
            self._take([self._make(number=int(self.dice.choice(self.numbers)))])

    def cancel(self) -> None:
        orders = list(Order.objects.filter(state="placed").order_by("pk"))
        if orders:
            order_intake.cancel_order(order_id=orders[self.dice.integers(len(orders))].pk, actor=SHOP)

    def merge(self) -> None:
        people = list(Customer.objects.filter(merged_into=None).order_by("pk"))
        if len(people) > 3:
            keep, absorb = self.dice.choice(len(people), size=2, replace=False)
            merge_customers(keep_id=people[keep].pk, absorb_id=people[absorb].pk, decided_by="ann", moment=NOW)

    def replan(self) -> None:
        """A product moves into its category's plan or out of it."""
        sku = SKUS[self.dice.integers(len(SKUS))]
        planned_by = "category" if self.dice.random() < 0.5 else "product"
        Product.objects.filter(sku=sku).update(planned_by=planned_by)

    def _make(self, *, number: int) -> NewOrder:
        dice = self.dice
        # Half an hour after midnight in Taipei is the day before in UTC.
        at = NOW - dt.timedelta(days=int(dice.integers(0, 150)), minutes=int(dice.choice([0, 690])))
        lines = tuple(
            NewLine(
                sku=str(dice.choice(SKUS)),
                units=Decimal(int(dice.integers(1, 9_000))) / 1000,
                unit_price=None if dice.random() < 0.2 else Decimal(int(dice.integers(0, 900))),
            )
            for _ in range(int(dice.integers(1, 4)))
        )
        return NewOrder(
            external_id=str(number),
            ordered_at=at,
            currency="TWD",
            buyer=Buyer(key=f"buyer-{dice.integers(6)}"),
            lines=lines,
        )

    def _take(self, orders: list[NewOrder]) -> None:
        outcomes = order_intake.take_orders(orders=orders, channel="shop", actor=SHOP, moment=NOW)
        assert [one.fault for one in outcomes] == [None] * len(orders)
