"""A customer's evening at the shop: the mail, the link, the cart, a coupon, the order, and its end, on a phone."""

import email
import re
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, Site
from tests.browser.shopping import fill_address

_COUPON = """
INSERT INTO orders_pricerule (code, name, is_coupon, kind, currency, share, created_by)
VALUES ('TEA10', 'Tea days', true, 'percent', 'TWD', 0.1, 'Lin') ON CONFLICT DO NOTHING RETURNING id
"""


def mails_to(site: Site, address: str) -> list[str]:
    """Texts of the mails that have left for this mailbox."""
    found = []
    for file in sorted((site.shop.home / "mail").rglob("*.eml"), key=lambda one: one.stat().st_mtime_ns):
        mail = email.message_from_bytes(Path(file).read_bytes(), policy=default)
        body = mail.get_body(("plain",))
        if mail["To"] == address and body is not None:
            found.append(str(body.get_content()))
    return found


def links_in(site: Site, address: str, part: str) -> list[str]:
    return [link for text in mails_to(site, address) for link in re.findall(rf"(/shop/{part}/\S+)", text)]


def complaints(page: Page) -> list[str]:
    """What axe and the width of the page complain about."""
    found = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the screen")
    return [f"{page.url} {one}" for one in found]


@pytest.mark.parametrize(("language", "reader"), [("en", "reader-004"), ("zh-TW", "reader-007")])
def test_an_order_on_a_phone_from_the_mail_to_cancelling_it(
    site: Site, browser: Browser, language: str, reader: str
) -> None:
    address = f"{reader}@example.org"
    site.shop.ask(_COUPON)
    context = browser.new_context(viewport=PHONE, locale=language, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)

    page.goto(f"{site.base}/shop/")
    assert page.locator("html").get_attribute("lang") == {"en": "en", "zh-TW": "zh-Hant-TW"}[language]
    faults += complaints(page)
    page.fill("#address", address)
    page.locator("main form button").click()
    site.shop.say("send")
    page.goto(site.base + links_in(site, address, "enter")[-1])
    page.locator("main form button").click()
    page.wait_for_url(f"{site.base}/shop/")
    faults += complaints(page)

    page.locator(".offer-buy button:not([disabled])").first.click()
    page.wait_for_url(re.compile("/shop/cart/"))
    expect(page.locator("p.hold")).to_be_visible()
    before = page.locator(".sums tfoot td").first.inner_text()
    page.fill("#coupon", "tea10")
    page.locator("form.coupon button", has=page.locator("xpath=self::button[not(@name)]")).click()
    page.wait_for_load_state("networkidle")
    assert page.locator(".sums tfoot td").first.inner_text() != before
    faults += complaints(page)
    page.locator("a.btn-primary").click()

    faults += complaints(page)
    fill_address(page)
    page.locator("input[name=way][value=cash_on_delivery]").check()
    page.locator("button[value=order]").dblclick()
    page.wait_for_url(re.compile(r"/shop/orders/\d+/"))
    number = re.findall(r"W-[A-Z0-9]{8}", page.locator("h1").inner_text())[0]
    expect(page.get_by_text("E.SUN")).to_have_count(0)
    faults += complaints(page)

    site.shop.say("send")
    assert number in mails_to(site, address)[-1]
    stranger = browser.new_context(viewport=PHONE, locale=language)  # type: ignore[arg-type]
    other = stranger.new_page()
    other.goto(site.base + links_in(site, address, "see")[-1])
    expect(other.locator("h1")).to_contain_text(number)
    assert "和平東路" not in other.content()
    faults += complaints(other)

    page.locator("details.ask summary").click()
    page.locator("details.ask form button").click()
    page.wait_for_load_state("networkidle")
    rows: list[tuple[Any, ...]] = site.shop.ask(
        f"SELECT state, count(*) OVER () FROM orders_order WHERE channel = 'portal' AND external_id = '{number}'"
    )
    assert rows == [("cancelled", 1)]
    stranger.close()
    context.close()
    assert faults == []


def test_the_whole_way_works_without_scripts(site: Site, browser: Browser) -> None:
    address = "reader-010@example.org"
    context = browser.new_context(viewport=PHONE, locale="en", java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site.base}/shop/")
    page.fill("#address", address)
    page.locator("main form button").click()
    site.shop.say("send")
    page.goto(site.base + links_in(site, address, "enter")[-1])
    page.locator("main form button").click()
    page.locator(".offer-buy button:not([disabled])").first.click()
    page.locator("a.btn-primary").click()
    fill_address(page)
    page.locator("input[name=way][value=bank_transfer]").check()
    page.locator("button[value=order]").click()
    expect(page.get_by_text("E.SUN 808-0912")).to_be_visible()
    context.close()
