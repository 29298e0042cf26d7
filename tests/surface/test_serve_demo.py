"""`reorder demo` from nothing to a whole shop, killed in between, and its second start. Minutes: `REORDER_TEST_FULL=1`."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import httpx
import pytest

from tests.factories.installation import Installation, installation
from tests.factories.waiting import wait_until
from tests.factories.web import Web, children_of, free_port, is_alive

pytestmark = pytest.mark.skipif(not os.environ.get("REORDER_TEST_FULL"), reason="takes minutes: make test-full")


@pytest.fixture(scope="module")
def shop() -> Iterator[Installation]:
    with installation(is_fresh=True) as made:
        yield made


def log_of(shop: Installation) -> str:
    return (shop.home / "background.log").read_text()


def start(shop: Installation, *, port: int) -> Web:
    (shop.home / "background.log").unlink(missing_ok=True)
    process = shop.start("demo", REORDER_BIND=f"127.0.0.1:{port}")
    wait_until(lambda: "/sign-in/" in log_of(shop) or process.poll() is not None, what="the link")
    assert process.poll() is None, log_of(shop)
    return Web(shop=shop, port=port, process=process)


@contextmanager
def signed_in(shop: Installation, web: Web) -> Iterator[httpx.Client]:
    secret = re.findall(r"/sign-in/([\w-]+)", log_of(shop))[0]
    with httpx.Client(base_url=web.url, timeout=30) as client:
        client.get(f"/sign-in/{secret}")
        fields = {"csrfmiddlewaretoken": client.cookies["reorder_csrf"]}
        assert client.post(f"/sign-in/{secret}", data=fields).status_code == 302
        yield client


def test_the_demonstration_comes_to_life_before_ones_eyes(shop: Installation) -> None:
    port = free_port()
    web = start(shop, port=port)
    wait_until(lambda: "about two minutes" in log_of(shop), what="the token")
    token = re.findall(r"^\s+(reorder_\S+)$", log_of(shop), re.MULTILINE)[0]
    with signed_in(shop, web) as owner:
        wait_until(lambda: "The demonstration is being prepared" in owner.get("/").text, what="the progress")
        sleep(15)
        below = children_of(web.process.pid)
        web.process.kill()
        web.process.wait()
        wait_until(lambda: not any(is_alive(pid) for pid in below), what="the end of the orphans")

    web = start(shop, port=port)
    assert "reorder_" not in log_of(shop).replace("reorder_csrf", ""), "the token is shown once"
    with signed_in(shop, web) as owner:
        wait_until(lambda: "everything is there" in log_of(shop), what="the end of the night", timeout_seconds=400)
        page = owner.get("/").text
        assert "purchases to decide" in page
        assert "SYNTHETIC" in page
        assert "84.51°" in page
        wait_until(lambda: "not running" not in owner.get("/").text, what="the worker")
    answer = httpx.get(f"{web.url}/api/v1/products", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    assert answer.status_code == 200
    states = shop.ask("SELECT kind, state FROM planning_run ORDER BY id")
    assert states == [("demo", "succeeded"), ("night", "succeeded")]
    assert shop.ask("SELECT count(*) FROM orders_orderline")[0][0] > 1_000_000
    assert web.stop() == 0
    assert not shop.database.is_running()


def test_a_second_start_goes_straight_to_the_page(shop: Installation) -> None:
    web = start(shop, port=free_port())

    with signed_in(shop, web) as owner:
        assert "purchases to decide" in owner.get("/").text
    assert "about two minutes" not in log_of(shop)
    assert web.stop() == 0


def test_a_shop_of_somebody_is_never_mixed_with_it(tmp_path: Path) -> None:
    with installation() as own:
        file = tmp_path / "orders.csv"
        file.write_text("order_id,ordered_at,sku,quantity,customer_id\nA-1,2026-11-01 10:00,TEA,1,mei\n")
        own.say("import", file)

        done = own.run("demo", REORDER_BIND=f"127.0.0.1:{free_port()}")

        assert done.returncode == 2
        assert "not the demonstration's" in done.stderr.replace("\n", " ")
        assert own.ask("SELECT count(*) FROM staff_user") == [(0,)]
