"""Writing once, over real connections to a started server: sixteen hands with one key, and what each of them is told."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest

from tests.factories.installation import Installation, installation
from tests.factories.web import serving

HANDS = 16
UNITS = 10
_STOCK_UP = f"""
import django; django.setup()
from tests.factories.api import make_secret
from tests.factories.placing import stock_up
stock_up(units={UNITS})
print(make_secret(requests_per_minute=1_000_000))
"""


@pytest.fixture
def shop() -> Iterator[Installation]:
    with installation() as made:
        yield made


def stock_up(shop: Installation) -> str:
    """Ten of Oolong in Keelung; the secret of a token."""
    environment = shop.environment(DJANGO_SETTINGS_MODULE="reorder.config.settings", PYTHONPATH=str(Path.cwd()))
    done = subprocess.run(
        [sys.executable, "-c", _STOCK_UP], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()[-1]


def order(*, external_id: str, units: int = 1) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "ordered_at": "2026-11-22T10:00:00+08:00",
        "currency": "TWD",
        "customer": {"key": external_id},
        "lines": [{"sku": "OOLONG-150", "units": units, "unit_price": 450}],
    }


def at_once(send: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """Each hand lets go at the same moment."""
    gate = Barrier(HANDS)

    def act(hand: int) -> httpx.Response:
        gate.wait()
        return send(hand)

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(act, range(HANDS)))


def test_sixteen_connections_send_one_order_and_it_is_promised_once(shop: Installation) -> None:
    shop.say("doctor")
    token = stock_up(shop)
    with serving(shop) as web:

        def post(body: dict[str, Any], key: str) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
            return httpx.post(f"{web.url}/api/v1/orders", json=body, headers=headers, timeout=60)

        one = order(external_id="one", units=2)
        answers = at_once(lambda _hand: post(one, "one"))
        done = [answer for answer in answers if answer.status_code == 201]
        waiting = [answer for answer in answers if answer.status_code == 409]
        assert {answer.status_code for answer in answers} <= {201, 409}, [answer.text for answer in answers]
        assert sum("Idempotency-Replayed" not in answer.headers for answer in done) == 1
        assert {(answer.json()["code"], answer.headers["Retry-After"]) for answer in waiting} <= {
            ("api.still_running", "2")
        }
        again = post(one, "one")
        assert (again.status_code, again.content) == (201, done[0].content)
        assert again.headers["Location"] == done[0].headers["Location"]

        other = post(order(external_id="other"), "one")
        assert (other.status_code, other.json()["code"]) == (409, "api.idempotency_key_reused")

        wrong = post(one | {"external_id": "wrong", "lines": []}, "wrong")
        mended = post(order(external_id="wrong"), "wrong")
        assert (wrong.status_code, mended.status_code) == (422, 201)

        # Seven units are left, and sixteen strangers want one each.
        orders = [order(external_id=f"hand-{hand}") for hand in range(HANDS)]
        last = at_once(lambda hand: post(orders[hand], f"hand-{hand}"))
        assert sorted(answer.status_code for answer in last) == [201] * 7 + [409] * 9
        assert {answer.json().get("code") for answer in last if answer.status_code == 409} == {"fulfil.goods_short"}

        # A refusal is not stored: the same key takes it once there is stock again.
        refused = next(hand for hand, answer in enumerate(last) if answer.status_code == 409)
        found = httpx.post(
            f"{web.url}/api/v1/stock/counts",
            json={"lines": [{"sku": "OOLONG-150", "place": "KEELUNG", "units": UNITS + 1}]},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "count"},
        )
        assert found.status_code == 200, found.text
        assert post(orders[refused], f"hand-{refused}").status_code == 201

    shop.database.ensure_started()
    assert shop.ask("SELECT count(*)::int, sum(total_minor)::int FROM orders_order") == [(10, 11 * 45_000)]
    assert shop.ask("SELECT on_hand_units::int, allocated_units::int FROM inventory_level WHERE on_hand_units > 0") == [
        (11, 11)
    ]
