"""SIGKILL in the middle of a scan and right after it: the replay does it once, whatever the dead process had done."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories.installation import Installation, installation
from tests.factories.killing import wait_until_somebody_stands, writers_held
from tests.factories.waiting import wait_until

_DELIVERY = """
import django; django.setup()
from tests.factories.floor import make_delivery
print(make_delivery(oolong=12, matcha=8).number)
"""
_SCAN = """
import json, sys, time
import django; django.setup()
from tests.factories.floor import OOLONG_GTIN, scanned
done = scanned(task=sys.argv[1], code=OOLONG_GTIN, units=5, key="killed-scan-1")
print(json.dumps([done.answer.outcome, done.is_replay, done.answer.message.format(**done.answer.values)]), flush=True)
time.sleep(float(sys.argv[2]))
"""
# Where a scan writes: the receipt, the moves of stock, the audit trail, and last the log of scans itself.
STATIONS = ("purchasing_receipt", "inventory_move", "staff_auditentry", "warehouse_floorscan")


@pytest.fixture(scope="module")
def shop() -> Iterator[Installation]:
    with installation() as made:
        made.database.ensure_started()
        made.say("user", "add", "mei", "--role", "warehouse")
        yield made


def python(shop: Installation, script: str, *words: str) -> subprocess.Popen[str]:
    environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(Path.cwd()))
    return subprocess.Popen(
        [sys.executable, "-c", script, *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer_of(shop: Installation, order: str) -> Any:
    said, faults = python(shop, _SCAN, order, "0").communicate(timeout=60)
    assert said, faults
    return json.loads(said)


def books(shop: Installation) -> tuple[int, int, int, int]:
    """Units of oolong in stock and incoming, receipts, and logged scans."""
    return tuple(  # type: ignore[return-value]
        shop.ask(
            """SELECT coalesce(sum(level.on_hand_units) FILTER (WHERE location.kind = 'stock'), 0)::int,
                      coalesce(sum(level.on_hand_units) FILTER (WHERE location.kind = 'incoming'), 0)::int,
                      (SELECT count(*) FROM purchasing_receipt), (SELECT count(*) FROM warehouse_floorscan)
               FROM inventory_level AS level JOIN inventory_location AS location ON location.id = level.location_id
               JOIN catalog_product AS product ON product.id = level.product_id WHERE product.sku = 'OOLONG-150'"""
        )[0]
    )


def test_a_scan_killed_anywhere_is_done_once_by_its_replay(shop: Installation) -> None:
    said, faults = python(shop, _DELIVERY).communicate(timeout=120)
    assert said, faults
    order = said.split()[-1]
    for table in STATIONS:
        with writers_held(shop=shop, table=table):
            victim = python(shop, _SCAN, order, "60")
            wait_until_somebody_stands(shop=shop, table=table)
            victim.kill()
            victim.communicate()
        wait_until(
            lambda: shop.ask("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'") == [], what="the end of its session"
        )
        assert books(shop) == (0, 12, 0, 0), table

    # Killed after the commit, before anybody was told.
    late = python(shop, _SCAN, order, "60")
    assert late.stdout is not None
    assert json.loads(late.stdout.readline())[:2] == ["right", False]
    late.kill()
    late.communicate()

    for _ in range(2):
        assert answer_of(shop, order) == ["right", True, "5 × Oolong 150 g taken in. 7 still to come."]
    assert books(shop) == (5, 7, 1, 1)
