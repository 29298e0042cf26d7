"""Two buyers at once, and a buyer whose process dies: one order or none, never half of one."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import monotonic, sleep

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from reorder.domain.inventory.models import Move
from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.purchasing.errors import ProposalDecided
from reorder.domain.purchasing.models import Proposal, PurchaseOrder
from reorder.domain.storage.reading import _uri
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.inventory import incoming_at, make_place, stock_at
from tests.factories.purchasing import BUYER, MONDAY_MORNING, make_offer, make_supplier, propose

pytestmark = pytest.mark.django_db(transaction=True)

_CHILD = """
import datetime as dt, os
os.environ["DJANGO_SETTINGS_MODULE"] = "reorder.config.settings"
import django
django.setup()
from reorder.flows import restock
restock.approve_all(decided_by="mei", moment=dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC))
"""


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def oolong_proposed() -> list[int]:
    make_place()
    make_supplier()
    make_product()
    make_offer()
    return propose(("OOLONG-150", 12))


def both_at_once(work: Callable[[str], str]) -> list[str]:
    start = Barrier(2)

    def run(name: str) -> str:
        try:
            start.wait()
            return work(name)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(run, ["mei", "kai"]))


def test_two_buyers_approve_the_same_proposal_and_one_order_is_placed() -> None:
    ids = oolong_proposed()

    def approve(name: str) -> str:
        try:
            restock.approve(proposal_ids=ids, decided_by=name, moment=MONDAY_MORNING)
        except ProposalDecided:
            return "came second"
        return "ordered"

    assert both_at_once(approve) == ["came second", "ordered"]
    assert PurchaseOrder.objects.count() == 1
    assert incoming_at(sku="OOLONG-150") == 12
    assert OutboxMessage.objects.count() == 1


def test_two_pickers_receive_the_same_delivery_and_it_counts_once() -> None:
    oolong_proposed()
    (order,) = restock.approve_all(decided_by=BUYER, moment=MONDAY_MORNING)

    def receive(name: str) -> str:
        received = restock.receive(
            number=order.number, received_at=MONDAY_MORNING, idempotency_key="note-1", received_by=name
        )
        return "counted" if received.is_new else "known"

    assert both_at_once(receive) == ["counted", "known"]
    assert stock_at(sku="OOLONG-150") == 12
    assert compare_ledger_with_levels() == []


def test_a_buyer_killed_in_mid_approval_leaves_nothing_and_the_next_one_orders_once(tmp_path: Path) -> None:
    oolong_proposed()
    environment = os.environ | {"REORDER_DATABASE_URL": _uri(), "REORDER_HOME": str(tmp_path)}
    with transaction.atomic(), connection.cursor() as cursor:
        # The approval writes order and moves, then stops at this table: there it is killed.
        cursor.execute("LOCK TABLE planning_dirtymark IN ACCESS EXCLUSIVE MODE")
        child = subprocess.Popen([sys.executable, "-c", _CHILD], env=environment)
        try:
            wait_until_blocked(table="planning_dirtymark")
        finally:
            child.kill()
            child.wait()

    assert PurchaseOrder.objects.count() == 0
    assert Move.objects.count() == 0
    assert OutboxMessage.objects.count() == 0
    assert Proposal.objects.get().state == "open"

    (order,) = restock.approve_all(decided_by=BUYER, moment=MONDAY_MORNING)
    assert incoming_at(sku="OOLONG-150") == 12
    assert OutboxMessage.objects.get().subject == f"Purchase order {order.number} from My shop"


def wait_until_blocked(*, table: str) -> None:
    end = monotonic() + 60
    while monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
            if cursor.fetchone()[0]:
                return
        sleep(0.05)
    raise AssertionError(f"nobody came to {table}")
