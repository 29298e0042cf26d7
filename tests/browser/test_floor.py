"""A handheld in a real browser: a delivery by wedge scans, questions, a Wi-Fi gap and its replay, seen and heard by all."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site, Visitor
from tests.browser.test_pages import faults_of
from tests.factories.floor import OOLONG_CASE, OOLONG_GTIN, STRANGE_GTIN
from tests.factories.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
GS1_MATCHA = "]C10100036000291452" + "17280831" + "10L-7"
_DELIVERY = """
from reorder.cli.start import start_application
start_application()
from tests.factories.floor import make_more
print(make_more(oolong=12, matcha=8))
"""


@pytest.fixture
def order(site: Site) -> str:
    """A fresh purchase order of 12 oolong (cases of 6) and 8 matcha, which goes off; its number."""
    made = subprocess.run(
        [sys.executable, "-c", _DELIVERY],
        env=site.shop.environment(PYTHONPATH=str(ROOT)) | {"PYTHONPATH": str(ROOT)},
        cwd=site.shop.home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.split()[-1]


def wedge(page: Page, text: str, *, end: str | None = "Enter") -> None:
    """What a scanner that is a keyboard types: fast, then its end key; separators as Ctrl+]."""
    for character in text:
        if character == "\x1d":
            page.keyboard.press("Control+BracketRight")
        else:
            page.keyboard.type(character)
    if end:
        page.keyboard.press(end)


def open_task(visitor: Visitor, order: str) -> Page:
    page = visitor.page
    visitor.open("/floor/?places")
    page.locator("button[name=place][value=KEELUNG]").click()
    page.wait_for_url(re.compile(r"/floor/$"))
    visitor.open("/floor/receive/")
    wedge(page, order)
    page.wait_for_url(re.compile(f"/floor/receive/{order}/$"))
    expect(page.locator("#prompt")).not_to_be_empty()
    return page


def stock(site: Site, order: str) -> dict[str, int]:
    """What deliveries of this order brought into stock."""
    rows = site.shop.ask(
        f"""SELECT product.sku, sum(move.units)::int FROM inventory_move AS move
            JOIN catalog_product AS product ON product.id = move.product_id
            WHERE move.kind = 'receipt' AND move.cause_key = '{order}' GROUP BY 1"""
    )
    return {str(sku): int(units) for sku, units in rows}


def wait_for_empty_queue(page: Page) -> None:
    # Asked again and again: `wait_for_function` takes the promise itself for a yes.
    count = "async () => (await Floor.store.waiting()).length"
    wait_until(lambda: page.evaluate(count) == 0, what="an empty queue", timeout_seconds=30, pause_seconds=0.1)


def test_a_delivery_by_scans_with_a_wrong_code_and_too_much(
    site: Site, visit: Callable[..., Visitor], order: str
) -> None:
    visitor = visit(role="warehouse", size=PHONE)
    page = open_task(visitor, order)
    assert faults_of(visitor) == []

    wedge(page, STRANGE_GTIN)
    expect(page.locator("#said.is-wrong")).to_contain_text("Nothing here has the code 09521234543213")
    wedge(page, OOLONG_CASE)
    expect(page.locator("#units")).to_have_value("6")
    wedge(page, OOLONG_CASE)
    expect(page.locator("#units")).to_have_value("12")
    wedge(page, "15")
    expect(page.locator("#said.is-ask")).to_contain_text("3 more than ordered")
    assert faults_of(visitor) == []
    page.get_by_role("button", name="Take all 15 in").click()
    expect(page.locator("#said.is-right")).to_contain_text("15 × Oolong 150 g taken in, 3 more than ordered.")

    wedge(page, GS1_MATCHA, end="Tab")
    expect(page.locator("#lot")).to_have_value("L-7")
    expect(page.locator("#expires")).to_have_value("2028-08-31")
    page.locator("[data-digit='5']").click()
    page.locator("#entry-ok").click()
    expect(page.locator("#said.is-right")).to_contain_text("5 × Matcha 30 g taken in. 3 still to come.")
    page.get_by_role("button", name="Delivery done").click()
    expect(page.locator("#said.is-done")).to_contain_text("Still to come: MATCHA-30 3.")
    expect(page.locator("#onward")).to_be_visible()
    assert faults_of(visitor) == []
    assert stock(site, order) == {"MATCHA-30": 5, "OOLONG-150": 15}
    assert visitor.faults == []


def test_scans_of_a_wifi_gap_wait_survive_a_reload_and_count_once(
    site: Site, visit: Callable[..., Visitor], order: str
) -> None:
    visitor = visit(role="warehouse", size=PHONE)
    page = open_task(visitor, order)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.reload(wait_until="networkidle")

    page.context.set_offline(True)
    wedge(page, OOLONG_GTIN)
    wedge(page, "4")
    wedge(page, GS1_MATCHA)
    wedge(page, "8")
    expect(page.locator("#badge")).to_have_text("2 waiting")
    wedge(page, STRANGE_GTIN)
    expect(page.locator("#said.is-wrong")).to_contain_text("no Wi-Fi to ask")

    page.reload(wait_until="domcontentloaded")
    expect(page.locator("#badge")).to_have_text("2 waiting")
    expect(page.locator("#line")).to_contain_text("No Wi-Fi")
    expect(page.locator("#progress")).to_have_text("1 of 2 done")
    wedge(page, OOLONG_GTIN)
    wedge(page, "8")
    assert stock(site, order) == {}

    page.context.set_offline(False)
    wait_for_empty_queue(page)
    expect(page.locator("#badge")).to_be_hidden()
    expect(page.locator("#progress")).to_have_text("2 of 2 done")
    assert stock(site, order) == {"MATCHA-30": 8, "OOLONG-150": 12}


def test_an_answer_that_was_lost_on_the_way_is_asked_for_again_and_books_nothing_twice(
    site: Site, visit: Callable[..., Visitor], order: str
) -> None:
    visitor = visit(role="warehouse", size=PHONE)
    page = open_task(visitor, order)
    lost: list[str] = []

    def lose_first(route: object, request: object) -> None:
        if not lost:
            lost.append(route.fetch().text())  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    # The worker fetches no scans, so the page's own requests are seen here.
    page.route("**/floor/scans", lose_first)
    wedge(page, OOLONG_GTIN)
    wedge(page, "7")

    expect(page.locator("#said")).to_contain_text("7 × Oolong 150 g taken in. 5 still to come.")
    wait_for_empty_queue(page)
    assert '"is_replay": false' in lost[0]
    assert stock(site, order) == {"OOLONG-150": 7}


def test_what_was_wrong_after_a_gap_stands_on_its_own_page_with_what_to_do(
    site: Site, visit: Callable[..., Visitor], order: str
) -> None:
    visitor = visit(role="warehouse", size=PHONE)
    page = open_task(visitor, order)
    page.context.set_offline(True)
    wedge(page, OOLONG_GTIN)
    wedge(page, "14")
    expect(page.locator("#badge")).to_have_text("1 waiting")
    page.evaluate(
        """async () => { const [scan] = await Floor.store.waiting(); await Floor.store.drop(scan.id);
           delete scan.id; scan.scanned_at = "2026-11-20T00:00:00Z"; await Floor.store.add(scan); }"""
    )
    page.context.set_offline(False)
    wait_for_empty_queue(page)
    expect(page.locator("#badge")).to_have_text("1 to look at")

    visitor.faults.clear()  # the browser writes down that there was no network
    visitor.open("/floor/queue/")
    expect(page.locator("#conflicts")).to_contain_text("2 more than ordered")
    assert faults_of(visitor) == []
    page.get_by_role("button", name="Take 12, give 2 back").click()
    expect(page.locator("#conflicts")).to_contain_text("Nothing needs you here.")
    wait_for_empty_queue(page)
    assert stock(site, order) == {"OOLONG-150": 12}


def test_the_last_scan_that_has_not_left_is_undone(site: Site, visit: Callable[..., Visitor], order: str) -> None:
    visitor = visit(role="warehouse", size=PHONE)
    page = open_task(visitor, order)
    page.context.set_offline(True)
    wedge(page, OOLONG_GTIN)
    wedge(page, "12")
    expect(page.locator("#progress")).to_have_text("1 of 2 done")

    page.locator("#undo").click()

    expect(page.locator("#said")).to_contain_text("Undone: Oolong 150 g × 12.")
    expect(page.locator("#progress")).to_have_text("0 of 2 done")
    expect(page.locator("#badge")).to_be_hidden()
    page.context.set_offline(False)
    wait_for_empty_queue(page)
    assert stock(site, order) == {}


def test_two_tabs_send_each_scan_once(site: Site, visit: Callable[..., Visitor], order: str) -> None:
    visitor = visit(role="warehouse", size=PHONE)
    page = open_task(visitor, order)
    other = page.context.new_page()
    other.goto(page.url, wait_until="networkidle")
    sent: list[str] = []
    for tab in (page, other):
        tab.on(
            "request", lambda request: sent.append(request.post_data or "") if "/floor/scans" in request.url else None
        )
    page.context.set_offline(True)
    for tab, units in ((page, "3"), (other, "4"), (page, "5")):
        wedge(tab, OOLONG_GTIN)
        wedge(tab, units)
        tab.wait_for_timeout(100)
    page.context.set_offline(False)

    wait_for_empty_queue(page)
    expect(page.locator("#badge")).to_be_hidden()
    assert stock(site, order) == {"OOLONG-150": 12}


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_the_pages_of_a_handheld_are_usable_by_everybody(
    visit: Callable[..., Visitor], order: str, language: str
) -> None:
    visitor = visit(role="warehouse", size=PHONE, language=language, dark=language == "zh-hant")
    page = open_task(visitor, order)
    for path in (
        "/floor/",
        "/floor/?places",
        "/floor/receive/",
        f"/floor/receive/{order}/",
        "/floor/move/",
        "/floor/queue/",
    ):
        visitor.open(path)
        page.wait_for_timeout(200)
        assert faults_of(visitor) == [], path
        small = page.evaluate(
            """() => [...document.querySelectorAll("main button, main a, header button, header a.floor-tool, main input")]
                .filter((one) => one.offsetParent !== null)
                .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 80)])
                .filter(([box]) => box.width < 47.5 || box.height < 47.5).map(([, html]) => html)"""
        )
        assert small == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert visitor.faults == []


def test_the_app_can_be_installed(site: Site, visit: Callable[..., Visitor]) -> None:
    visitor = visit(role="warehouse", size=PHONE)
    visitor.open("/floor/")
    page = visitor.page

    manifest = page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then((one) => one.json())")

    assert (manifest["display"], manifest["scope"], manifest["start_url"]) == ("standalone", "/floor/", "/floor/")
    for icon in manifest["icons"]:
        size = page.evaluate(
            "(src) => new Promise((r) => { const i = new Image(); i.onload = () => r(`${i.width}x${i.height}`); i.src = src; })",
            icon["src"],
        )
        assert size == icon["sizes"]
