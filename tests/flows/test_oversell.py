"""Many clients want more than there is while processes die: exactly the stock is sold. `python -m benchmarks.oversell`
is the long version."""

import os
import signal
from contextlib import suppress
from time import sleep

from tests.factories.installation import installation
from tests.factories.sale import Sale, Told, faults_of, hold_sale, prepare, read_books
from tests.factories.web import Web, children_of, role_of, serving

SALE = Sale(attempts=2_000, clients=24, skus=20, units=10, places=2)


def test_exactly_the_stock_is_sold_while_pages_and_database_are_killed() -> None:
    with installation(REORDER_CLOCK="", REORDER_API_REQUESTS_PER_MINUTE="1000000") as shop:
        shop.say("doctor")
        token = prepare(shop=shop, sale=SALE)
        with serving(shop) as web:
            told = hold_sale(web=web, token=token, sale=SALE, disturb=lambda told: kill_two(web=web, told=told))
            books = read_books(shop=shop)

        assert faults_of(told=told, books=books, sale=SALE) == []
        assert sum(books.units_by_sku.values()) == SALE.stock_units == 400
        assert told.repeats > 0, "nobody noticed the deaths"


def kill_two(*, web: Web, told: Told) -> None:
    """A page process and PostgreSQL, each while orders are being taken."""
    wait_for(told, answered=60)
    for pid in children_of(web.process.pid):
        if role_of(pid) == "pages":
            os.kill(pid, signal.SIGKILL)
    wait_for(told, answered=200)
    pid = web.shop.database.status().pid
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_for(told: Told, *, answered: int) -> None:
    while told.answered < answered and not told.faults:
        sleep(0.02)
