"""`reorder serve` as processes of its own: pages, their end, deaths of any part, and what it refuses."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from time import sleep

import httpx
import pytest

from tests.factories.installation import Installation, installation
from tests.factories.waiting import wait_until
from tests.factories.web import children_of, free_port, is_alive, role_of, serving


@pytest.fixture(scope="module")
def shop() -> Iterator[Installation]:
    with installation() as made:
        yield made


def log_of(shop: Installation) -> str:
    return (shop.home / "background.log").read_text()


def test_pages_are_served_and_everything_ends_with_the_command(shop: Installation) -> None:
    with serving(shop, "serve", "--with-worker") as web:
        page = httpx.get(f"{web.url}/account/login/")
        wait_until(lambda: "Worker started" in log_of(shop) or len(children_of(web.process.pid)) >= 4, what="the crew")
        # The first page process answers before all of them do, and only then is the address said.
        wait_until(lambda: "There is no user yet" in log_of(shop), what="the greeting")
        below = children_of(web.process.pid)

        assert page.status_code == 200
        assert page.headers["x-frame-options"] == "DENY"
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "strict-transport-security" not in page.headers
        assert f"Reorder is at {web.url}" in log_of(shop)
        assert "There is no user yet" in log_of(shop)
        assert {role_of(pid) for pid in below} >= {"pages", "worker"}

        assert web.stop() == 0

    wait_until(lambda: not any(is_alive(pid) for pid in below), what="the end of all children")
    assert not shop.database.is_running()


def test_styles_are_collected_compressed_and_kept_for_a_year(shop: Installation) -> None:
    with serving(shop) as web:
        page = httpx.get(f"{web.url}/account/login/").text
        address = page.split('href="/static/reorder/theme.css')[1].split('"')[0]
        style = httpx.get(f"{web.url}/static/reorder/theme.css{address}", headers={"Accept-Encoding": "gzip"})

    assert style.status_code == 200
    assert style.headers["content-encoding"] == "gzip"
    assert "max-age=31536000" in style.headers["cache-control"]
    assert list((shop.home / "static").glob("*/reorder/theme.css.gz")) != []


def test_an_address_in_use_is_named_before_anything_starts(shop: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = f"127.0.0.1:{other.getsockname()[1]}"

        done = shop.run("serve", REORDER_BIND=taken)

    assert done.returncode == 2
    assert f"{taken} is in use by another program" in done.stderr
    assert not shop.database.is_running()


def test_a_second_server_does_not_share_the_address_of_the_first(shop: Installation) -> None:
    with serving(shop) as web:
        done = shop.run("serve", REORDER_BIND=f"127.0.0.1:{web.port}")

        assert done.returncode == 2
        assert "in use" in done.stderr
        assert web.answers()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"REORDER_BIND": "0.0.0.0:{port}"}, "can be reached from other machines"),
        ({"REORDER_BIND": "203.0.113.7:{port}", "REORDER_TRUSTED_PROXIES": "127.0.0.1"}, "cannot listen on"),
        ({"REORDER_TLS_CERT": "/etc/hostname", "REORDER_TLS_KEY": "/etc/hostname"}, "cannot be used"),
    ],
)
def test_what_cannot_or_must_not_be_served_is_refused(shop: Installation, settings: dict[str, str], words: str) -> None:
    port = str(free_port())
    given = {"REORDER_BIND": f"127.0.0.1:{port}"} | {name: text.format(port=port) for name, text in settings.items()}

    done = shop.run("serve", **given)

    assert done.returncode == 2
    assert words in done.stderr.replace("\n", " ")


def test_a_killed_command_takes_its_children_along(shop: Installation) -> None:
    with serving(shop, "serve", "--with-worker") as web:
        below = children_of(web.process.pid)
        web.process.kill()
        web.process.wait()

        wait_until(lambda: not any(is_alive(pid) for pid in below), what="the end of the orphans", timeout_seconds=40)
    shop.database.stop()


def test_a_dead_page_process_is_replaced(shop: Installation) -> None:
    with serving(shop) as web:
        pages = [pid for pid in children_of(web.process.pid) if role_of(pid) == "pages"]
        os.kill(pages[-1], signal.SIGKILL)
        wait_until(web.answers, what="pages after a death", timeout_seconds=30)

        main = next(pid for pid in children_of(web.process.pid) if role_of(pid) == "pages")
        os.kill(main, signal.SIGKILL)
        wait_until(lambda: "starts again" in log_of(shop), what="word of the death", timeout_seconds=30)
        wait_until(web.answers, what="pages after the death of all", timeout_seconds=60)


def test_a_dead_database_comes_back_by_itself_and_pages_say_so_meanwhile(shop: Installation) -> None:
    with (
        serving(shop) as web,
        httpx.Client(base_url=web.url, cookies={"reorder_session": "x" * 32}, timeout=20) as person,
    ):
        pid = shop.database.status().pid
        assert pid is not None
        assert person.get("/").status_code == 302
        os.kill(pid, signal.SIGKILL)
        answers = [person.get("/") for _ in range(5)]
        wait_until(lambda: person.get("/").status_code == 302, what="pages with the database back", timeout_seconds=60)

        away = [answer for answer in answers if answer.status_code == 503]
        assert {answer.status_code for answer in answers} <= {302, 503}
        assert away
        assert away[0].headers["retry-after"] == "2"
        assert "Traceback" not in away[0].text
        assert shop.database.status().pid != pid
    assert "The database had died; it is back." in log_of(shop)
    assert not shop.database.is_running()


def test_a_database_that_somebody_stopped_stays_down(shop: Installation) -> None:
    with serving(shop):
        shop.say("stop")
        sleep(1.5)  # several looks of the watch

        assert not shop.database.is_running()


def test_the_last_user_stops_the_database_that_one_of_them_started(shop: Installation) -> None:
    with serving(shop) as first:
        with serving(shop) as second:
            assert first.stop() == 0
            assert shop.database.is_running()
            assert second.answers()
        assert not shop.database.is_running()


def test_a_database_that_another_command_started_stays(shop: Installation) -> None:
    shop.database.ensure_started()
    with serving(shop):
        pass
    assert shop.database.is_running()
    shop.database.stop()


def test_the_web_process_loads_no_forecasting_library(shop: Installation) -> None:
    probe = """
import sys
import reorder.config.wsgi
heavy = {"lightgbm", "statsforecast", "sklearn", "scipy.optimize", "scipy.sparse", "mlforecast", "pandas", "numba"}
print(sorted(heavy & set(sys.modules)))
"""
    shop.database.ensure_started()
    done = subprocess.run(
        [sys.executable, "-c", probe], env=shop.environment(), capture_output=True, text=True, check=False, timeout=120
    )
    shop.database.stop()

    assert done.stdout.strip() == "[]", done.stderr[-2000:]
