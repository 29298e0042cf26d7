"""SIGKILL of page processes, the whole command, the worker and PostgreSQL, under clicks and API writes.

Three clients act over real HTTP and repeat what was not answered, as browsers and shops do: what was acknowledged is
there once, and nothing else. `REORDER_TEST_FULL=1` kills many times more.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from time import sleep
from typing import Any

import httpx
import numpy as np
import pytest

from reorder.kernel.ids import idempotency_key
from tests.factories.installation import Installation, installation
from tests.factories.shop import write_shop
from tests.factories.waiting import wait_until
from tests.factories.web import Person, Web, children_of, form_of, free_port, is_alive, role_of

VICTIMS = ("a page process", "all pages", "the worker", "PostgreSQL", "the command")
ROUNDS = 25 if os.environ.get("REORDER_TEST_FULL") else 5
SETTINGS = {"REORDER_API_REQUESTS_PER_MINUTE": "1000000", "REORDER_WORKER_TIMEOUT_SECONDS": "5"}
_MAKE_TOKEN = """
from reorder.cli.start import start_application
start_application()
from reorder.domain.staff import operations
from reorder.kernel import clock
print(operations.make_token(name="shop", scopes=["orders:write"], created_by="tests", moment=clock.current_moment()))
"""


@pytest.fixture(scope="module")
def shop() -> Iterator[Installation]:
    with installation(**SETTINGS) as made:
        made.say("import", *write_shop(folder=made.home / "files", customers=15, days=100))
        made.say("plan")
        made.say("user", "add", "mei", "--role", "buyer")
        yield made


@dataclass
class Acknowledged:
    """What a client was told is done."""

    orders: list[str] = field(default_factory=list)
    edits: dict[int, str] = field(default_factory=dict)
    approvals: dict[int, str] = field(default_factory=dict)  # proposal → key of the form
    receipts: dict[str, str] = field(default_factory=dict)  # key of the form → purchase order


class Client(threading.Thread):
    """Acts again and again until told to stop; its last act is finished first."""

    def __init__(self, act: Callable[[int], bool]) -> None:
        super().__init__(daemon=True)
        self._act = act
        self._stop_asked = threading.Event()
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            for number in count():
                if self._stop_asked.is_set() or not self._act(number):
                    return
        except BaseException as fault:  # noqa: BLE001 - told to the test
            self.fault = fault

    def finish(self) -> None:
        self._stop_asked.set()
        self.join(timeout=120)
        assert not self.is_alive(), "a client never got its answer"
        if self.fault is not None:
            raise self.fault


def insist(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Ask until there is an answer that is no excuse."""
    for _ in range(400):
        with suppress(httpx.HTTPError):
            answer = ask()
            if answer.status_code < 500 and not (answer.status_code == 409 and "retry-after" in answer.headers):
                return answer
        sleep(0.15)
    raise AssertionError("no answer for a minute")


def api_client(*, shop_door: httpx.Client, sku: str, done: Acknowledged) -> Client:
    def act(number: int) -> bool:
        order = {
            "external_id": f"K-{number}",
            "ordered_at": "2026-11-22T10:00:00+08:00",
            "currency": "TWD",
            "fulfilment": "elsewhere",
            "customer": {"key": f"customer-{number % 7}"},
            "lines": [{"sku": sku, "units": "2", "unit_price": "450"}],
        }
        key = {"Idempotency-Key": f"order-{number}"}
        answer = insist(lambda: shop_door.post("/api/v1/orders", json=order, headers=key))
        assert answer.status_code == 201, answer.text
        assert answer.json()["outcome"] == "added", "the repetition gets the first answer"
        done.orders.append(f"K-{number}")
        return True

    return Client(act)


def buyer(*, person: Person, shop_proposals: list[int], done: Acknowledged) -> Client:
    """Edits every second proposal, then orders it; one after the other."""

    def act(number: int) -> bool:
        if number >= len(shop_proposals):
            return False
        proposal_id = shop_proposals[number]
        address = f"/buying/proposals/{proposal_id}/"
        page = insist(lambda: person.get(address))
        form = form_of(page.text, action=f"{address}edit/")
        if not form:
            return True  # replaced by the worker meanwhile
        if number % 2:
            wanted = str(int(float(form["units"][0])) + 6)
            edited = insist(lambda: person.post(f"{address}edit/", {**form, "units": wanted}))
            form = form_of(insist(lambda: person.get(address)).text, action=f"{address}edit/")
            if edited.status_code == 302:
                done.edits[proposal_id] = wanted
                assert not form or form["units"] == [wanted]
            if not form:
                return True
        key = f"attempt-{proposal_id}"
        line = f"{proposal_id}.{form['seen'][0]}.x"
        answer = insist(lambda: person.post("/buying/approve/", {"attempt": key, "line": line}))
        if answer.status_code == 302:
            done.approvals[proposal_id] = key
        return True

    return Client(act)


def receiver(*, person: Person, shop: Installation, done: Acknowledged) -> Client:
    """Receives one unit less than is missing of every order it finds, then the rest."""

    def act(number: int) -> bool:
        listed: list[tuple[Any, ...]] = []
        with suppress(Exception):  # the database may be the victim just now
            listed = shop.ask("SELECT number FROM purchasing_purchaseorder WHERE state <> 'received' ORDER BY id")
        if not listed:
            sleep(0.2)
            return True
        order = listed[number % len(listed)][0]
        address = f"/buying/orders/{order}/receive/"
        form = form_of(insist(lambda: person.get(address)).text, action=f"{address}now/")
        if not form:
            return True
        for name, values in form.items():
            if name.startswith("units-") and number % 2 == 0 and float(values[0] or 0) > 1:
                form[name] = [str(int(float(values[0])) - 1)]
        answer = insist(lambda: person.post(f"{address}now/", form))
        if answer.status_code == 302:
            done.receipts[form["key"][0]] = order
        return True

    return Client(act)


@contextmanager
def commanded(shop: Installation) -> Iterator[list[Web]]:
    """`reorder serve --with-worker`; the list holds the one that runs now."""
    running = [start(shop, port=free_port())]
    try:
        yield running
    finally:
        running[0].stop()


def start(shop: Installation, *, port: int) -> Web:
    process = shop.start("serve", "--with-worker", REORDER_BIND=f"127.0.0.1:{port}")
    web = Web(shop=shop, port=port, process=process)
    wait_until(lambda: web.answers() or process.poll() is not None, what="the first page", pause_seconds=0.1)
    assert process.poll() is None, (shop.home / "background.log").read_text()[-3000:]
    return web


def kill(victim: str, *, shop: Installation, running: list[Web]) -> None:
    web = running[0]
    below = children_of(web.process.pid)
    pages = [pid for pid in below if role_of(pid) == "pages"]
    if victim == "PostgreSQL":
        pid = shop.database.status().pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
    elif victim == "the command":
        web.process.kill()
        web.process.wait()
        wait_until(lambda: not any(is_alive(pid) for pid in below), what="the end of the orphans")
        running[0] = start(shop, port=web.port)
    else:
        workers = [pid for pid in below if role_of(pid) == "worker"]
        chosen = {"a page process": pages[-1:], "all pages": pages, "the worker": workers}[victim]
        for pid in chosen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def is_whole(*, shop: Installation, web: Web) -> bool:
    with suppress(Exception):
        return web.answers() and shop.ask("SELECT 1") == [(1,)]
    return False


def _goes_on(clients: list[Client], done: Acknowledged, before: int) -> bool:
    for client in clients:
        if client.fault is not None:
            raise client.fault
    return len(done.orders) > before + 2


def test_nothing_acknowledged_is_lost_or_doubled_whatever_is_killed(shop: Installation) -> None:
    dice = np.random.default_rng(20261126)
    done = Acknowledged()
    with commanded(shop) as running, ExitStack() as stack:
        web = running[0]
        token = subprocess.run(
            [sys.executable, "-c", _MAKE_TOKEN], env=shop.environment(), capture_output=True, text=True, check=True
        ).stdout.strip()
        shop_door = stack.enter_context(
            httpx.Client(base_url=web.url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        )
        people = [Person(web=web, name="mei") for _ in range(2)]
        for person in people:
            stack.callback(person.client.close)
        sku = shop.ask("SELECT min(sku) FROM catalog_product")[0][0]
        proposals = [row[0] for row in shop.ask("SELECT id FROM purchasing_proposal WHERE state = 'open' ORDER BY id")]
        clients = [
            api_client(shop_door=shop_door, sku=sku, done=done),
            buyer(person=people[0], shop_proposals=proposals, done=done),
            receiver(person=people[1], shop=shop, done=done),
        ]
        for client in clients:
            client.start()
        for number in range(ROUNDS):
            before = len(done.orders)
            sleep(dice.uniform(0.3, 1.5))
            kill(VICTIMS[number % len(VICTIMS)], shop=shop, running=running)
            wait_until(lambda: is_whole(shop=shop, web=running[0]), what="the shop after a death")
            wait_until(lambda: _goes_on(clients, done, before), what="acts after a death")  # noqa: B023
        for client in clients:
            client.finish()

        assert len(done.orders) >= 3 * ROUNDS
        assert done.approvals
        assert done.receipts
        books_hold(shop=shop, done=done)
        shop.say("doctor")


def books_hold(*, shop: Installation, done: Acknowledged) -> None:
    taken = shop.ask(
        """SELECT o.external_id, count(l.id), sum(l.units)::int FROM orders_order o
           JOIN orders_orderline l ON l.order_id = o.id WHERE o.channel = 'api' GROUP BY o.id ORDER BY o.id"""
    )
    assert sorted(taken) == sorted((name, 1, 2) for name in done.orders)
    audited = shop.ask("SELECT count(*) FROM staff_auditentry WHERE action = 'orders.take'")
    assert audited == [(len(done.orders),)]

    decided = dict(shop.ask("SELECT id, purchase_order_id FROM purchasing_proposal WHERE state = 'approved'"))
    assert set(done.approvals) <= set(decided)
    assert all(decided.values())
    lines = shop.ask(
        """SELECT (SELECT count(*) FROM purchasing_purchaseorderline),
                  (SELECT count(DISTINCT (purchase_order_id, product_id)) FROM purchasing_proposal
                   WHERE state = 'approved'),
                  (SELECT count(*) FROM (SELECT approval_key FROM purchasing_purchaseorder
                   GROUP BY approval_key, supplier_id, place_id HAVING count(*) > 1) AS doubled)"""
    )
    assert lines[0][0] == lines[0][1]
    assert lines[0][2] == 0
    for proposal_id, units in done.edits.items():
        kept = shop.ask(f"SELECT edits_count, units::int FROM purchasing_proposal WHERE id = {proposal_id}")
        assert kept == [(1, int(units))]

    counted = dict(shop.ask("SELECT idempotency_key, id FROM purchasing_receipt"))
    assert {idempotency_key("receipt", order, key) for key, order in done.receipts.items()} <= set(counted)
    received = shop.ask(
        """SELECT coalesce(sum(received_units), 0), (SELECT coalesce(sum(units), 0) FROM purchasing_receiptline),
                  (SELECT coalesce(sum(units), 0) FROM inventory_move WHERE kind = 'receipt')
           FROM purchasing_purchaseorderline"""
    )[0]
    assert received[0] == received[1] == received[2]
