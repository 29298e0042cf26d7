"""SIGKILL of the web processes and of PostgreSQL under writes: nothing acknowledged is lost, nothing is doubled.

The clients do what a client should: they send the same request under the same key until it is answered.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from threading import Event
from time import sleep
from typing import Any

import httpx
import pytest

from tests.factories.installation import Installation, installation
from tests.factories.waiting import wait_until
from tests.factories.web import Web, children_of, role_of, serving

HANDS = 4
KILLS = 12 if os.environ.get("REORDER_TEST_FULL") else 2
_MAKE_TOKEN = """
import django; django.setup()
from reorder.domain.inventory.operations import ensure_place
from tests.factories.api import make_secret
ensure_place(code="KEELUNG", name="Keelung warehouse")
print(make_secret(requests_per_minute=1_000_000))
"""
# A server that was killed says nothing, or that its database is away.
_AGAIN = {409, 429, 500, 502, 503}


@pytest.fixture
def shop() -> Iterator[Installation]:
    with installation() as made:
        yield made


def make_token(shop: Installation) -> str:
    environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(Path.cwd()))
    done = subprocess.run(
        [sys.executable, "-c", _MAKE_TOKEN], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()[-1]


@dataclass
class Hand:
    """One client that writes until it is told to stop, each request as often as it takes."""

    number: int
    web: Web
    token: str
    is_over: Event
    acknowledged: list[str] = field(default_factory=list)
    replayed: int = 0

    def work(self) -> None:
        with httpx.Client(base_url=f"{self.web.url}/api/v1", timeout=10) as client:
            ordinal = 0
            while not self.is_over.is_set():
                key = f"{self.number}-{ordinal}"
                self._insist(client, "/orders", key=f"order-{key}", body=_order(key))
                self._insist(client, "/stock/adjustments", key=f"found-{key}", body=_FOUND)
                self.acknowledged.append(key)
                ordinal += 1

    def _insist(self, client: httpx.Client, path: str, *, key: str, body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        while True:
            try:
                answer = client.post(path, json=body, headers=headers)
            except httpx.HTTPError:
                sleep(0.1)
                continue
            if answer.status_code not in _AGAIN:
                assert answer.status_code in {200, 201}, answer.text
                self.replayed += answer.headers.get("Idempotency-Replayed") == "true"
                return
            sleep(0.1)


_FOUND = {"reason": "found", "lines": [{"sku": "OOLONG-150", "place": "KEELUNG", "change_units": 1}]}


def _order(key: str) -> dict[str, Any]:
    return {
        "external_id": key,
        "ordered_at": "2026-11-20T09:30:00+08:00",
        "currency": "TWD",
        "fulfilment": "elsewhere",
        "customer": {"key": f"reader-{key}", "email": f"reader-{key}@example.org", "accepts_marketing": True},
        "lines": [{"sku": "OOLONG-150", "units": 1, "unit_price": 450}],
    }


def kill_pages(web: Web) -> None:
    for pid in children_of(web.process.pid):
        if role_of(pid) == "pages":
            os.kill(pid, signal.SIGKILL)


def kill_database(web: Web) -> None:
    pid = web.shop.database.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def wait_for_progress(hands: list[Hand]) -> None:
    """Some writes have got through since the last death, and others are on their way."""
    before = sum(len(hand.acknowledged) for hand in hands)
    wait_until(lambda: sum(len(hand.acknowledged) for hand in hands) >= before + 2 * HANDS, what="more answers")
    sleep(0.05)


def test_nothing_acknowledged_is_lost_or_doubled(shop: Installation) -> None:
    shop.say("doctor")
    token = make_token(shop)
    is_over = Event()
    with serving(shop) as web, ThreadPoolExecutor(HANDS) as pool:
        made = httpx.put(
            f"{web.url}/api/v1/products/OOLONG-150",
            json={"currency": "TWD"},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "product"},
        )
        assert made.status_code == 201, made.text
        hands = [Hand(number=number, web=web, token=token, is_over=is_over) for number in range(HANDS)]
        working = [pool.submit(hand.work) for hand in hands]
        try:
            for victim, _ in zip(cycle((kill_pages, kill_database)), range(KILLS), strict=False):
                wait_for_progress(hands)
                victim(web)
            wait_for_progress(hands)
        finally:
            is_over.set()
        for one in working:
            one.result(timeout=120)

    shop.database.ensure_started()
    acknowledged = sorted(key for hand in hands for key in hand.acknowledged)
    assert len(acknowledged) > HANDS * KILLS
    assert sorted(key for (key,) in shop.ask("SELECT external_id FROM orders_order")) == acknowledged
    audited = shop.ask("SELECT count(*) FROM staff_auditentry WHERE action IN ('orders.take', 'inventory.adjust')")
    assert audited == [(2 * len(acknowledged),)]
    found = shop.ask("SELECT sum(on_hand_units)::int, (SELECT count(*) FROM inventory_move) FROM inventory_level")
    assert found == [(len(acknowledged), len(acknowledged))]
    assert shop.ask("SELECT count(*) FROM staff_storedanswer") == [(2 * len(acknowledged) + 1,)]
    assert shop.ask("SELECT count(*) FROM messaging_consententry") == [(len(acknowledged),)]
    assert shop.ask("SELECT count(*) FROM planning_dirtymark WHERE kind = 'customer'") == [(len(acknowledged),)]
