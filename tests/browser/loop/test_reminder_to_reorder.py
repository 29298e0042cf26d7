"""The whole loop in one go: a journey is switched on, a night runs, a mail arrives, its cart is ordered, the report counts.

The mails go to a real SMTP server, the pages to a real browser; every step is taken by the door that people use.
"""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE, free_port
from tests.browser.shopping import fill_address
from tests.factories.installation import Installation, installation
from tests.factories.shop import write_shop
from tests.factories.smtp import SmtpPeer, smtp_peer
from tests.factories.waiting import wait_until
from tests.factories.web import Web, serving

# The shop's Monday in Taipei: the night's hour, and the evening, when everybody's hour has come.
NIGHT = "2026-11-22T19:00:00+00:00"
EVENING = "2026-11-23T11:00:00+00:00"
NEXT_NIGHT = "2026-11-23T19:00:00+00:00"
NEXT_EVENING = "2026-11-24T11:00:00+00:00"


def test_a_reminder_becomes_an_order_that_the_report_counts(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    with smtp_peer() as post, _shop(post=post, folder=tmp_path, port=port) as shop:
        with serving(shop, port=port, REORDER_CLOCK=NIGHT) as web:
            desk = _sign_in(browser, shop, web, clock=NIGHT)
            _switch_on_replenishment(desk, web)
            _preview_for_somebody(desk, web)
        _run_night(shop, clock=NIGHT, port=port)
        assert _planned(shop)

        with serving(shop, port=port, REORDER_CLOCK=EVENING) as web, _working(shop, clock=EVENING, port=port):
            wait_until(lambda: bool(_reminders(post)), what="a reminder in the mailbox", timeout_seconds=50)
            wait_until(lambda: not _waiting(shop, clock=EVENING), what="the end of sending")
            mail = _reminders(post)[0]
            reader = str(mail["To"]).partition("@")[0]
            assert _ways_of(shop, reader) == [("active", "")]
            number = _order_by_one_tap(browser, post, mail)
            wait_until(lambda: _ways_of(shop, reader)[0][0] != "active", what="the journey's end")
            assert _ways_of(shop, reader) == [("left", "fact")]
            assert _orders(shop, reader) == [(number,)]

            for _ in range(2):  # Twice is once.
                assert _refuse_by_one_click(mail) == 200
        _run_night(shop, clock=NEXT_NIGHT, port=port)
        assert _counted(shop, reader) == [("treated", 1, True)]
        before = len(post.arrived)

        with serving(shop, port=port, REORDER_CLOCK=NEXT_EVENING) as web, _working(shop, clock=NEXT_EVENING, port=port):
            desk = _sign_in(browser, shop, web, clock=NEXT_EVENING)
            desk.goto(f"{web.url}/marketing/results/journey/replenishment/")
            expect(desk.locator("main")).to_contain_text("20% of the customers are held out now")
            treated, held = _arms(shop)
            expect(desk.locator("main")).to_contain_text(f"Customers so far: {treated} treated, {held} held out.")
            expect(desk.locator("main")).to_contain_text(f"Windows still open: {treated + held} of {treated + held}")
            ordered = desk.get_by_role("row").filter(has_text="People who ordered").get_by_role("cell")
            expect(ordered.first).to_contain_text(f"(1 of {treated})")
            wait_until(lambda: not _waiting(shop, clock=NEXT_EVENING), what="the end of sending")
        assert [str(one["To"]) for one in post.arrived[before:]].count(str(mail["To"])) == 0


@contextmanager
def _shop(*, post: SmtpPeer, folder: Path, port: int) -> Iterator[Installation]:
    with installation(
        REORDER_MAIL_URL=post.url,
        REORDER_PUBLIC_URL=f"http://127.0.0.1:{port}",
        REORDER_PORTAL="on",
        REORDER_SHOP_NAME="Keelung Tea",
        REORDER_TRANSFER_ACCOUNT="E.SUN 808-0912",
        REORDER_MESSAGE_APPROVAL="off",
        REORDER_HOLDOUT_SHARE="0.2",
        REORDER_WEB_WORKERS="1",
    ) as shop:
        shop.say("import", *write_shop(folder=folder / "files", customers=40, days=150))
        shop.say("learn")
        shop.say("user", "add", "owner", "--role", "owner")
        yield shop


@contextmanager
def _working(shop: Installation, *, clock: str, port: int) -> Iterator[None]:
    """The worker at one moment: the night at its hour, journeys, the outbox.

    Its mails name a safe address, as that of a proxy before the pages: only such mails can be refused by one click.
    """
    worker = shop.start("work", REORDER_CLOCK=clock, REORDER_PUBLIC_URL=f"https://127.0.0.1:{port}")
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(timeout=60)


def _run_night(shop: Installation, *, clock: str, port: int) -> None:
    """By its command, because the worker looks at the hour every five minutes of the real clock; it runs the journeys."""
    shop.say("plan", REORDER_CLOCK=clock)
    with _working(shop, clock=clock, port=port):
        wait_until(lambda: not _steps_to_take(shop, clock=clock), what="the journeys of the night")


def _steps_to_take(shop: Installation, *, clock: str) -> list[tuple[object, ...]]:
    """Facts that no journey has taken yet, and ways whose next step has come."""
    return shop.ask(f"""SELECT id FROM marketing_fact UNION ALL
        SELECT id FROM marketing_enrolment WHERE state = 'active' AND due_at <= '{clock}'""")


def _sign_in(browser: Browser, shop: Installation, web: Web, *, clock: str) -> Page:
    page = browser.new_context(viewport=DESK, locale="en", reduced_motion="reduce").new_page()  # type: ignore[arg-type]
    page.goto(shop.say("user", "link", "owner", REORDER_CLOCK=clock).split()[-1])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{web.url}/")
    return page


def _switch_on_replenishment(desk: Page, web: Web) -> None:
    desk.goto(f"{web.url}/marketing/journeys/ready/")
    desk.locator("input[name=on-replenishment]").check()
    desk.get_by_role("button", name="Switch on what is chosen").click()
    desk.goto(f"{web.url}/marketing/journeys/replenishment/")
    expect(desk.locator("main")).to_contain_text("on; version 1")


def _preview_for_somebody(desk: Page, web: Web) -> None:
    """A walk says what one household would get, in its words."""
    desk.goto(f"{web.url}/marketing/journeys/replenishment/walk/?customer=reader-004")
    expect(desk.locator(".walk-stops")).to_contain_text("message planned")
    expect(desk.locator(".walk-stops")).to_contain_text("Running low on")


def _reminders(post: SmtpPeer) -> list[EmailMessage]:
    return [mail for mail in post.arrived if mail["List-Unsubscribe"]]


def _planned(shop: Installation) -> list[tuple[object, ...]]:
    return shop.ask("SELECT state, source_kind, send_after FROM messaging_outboxmessage WHERE source_kind = 'journey'")


def _waiting(shop: Installation, *, clock: str) -> list[tuple[object, ...]]:
    return shop.ask(f"""SELECT id FROM messaging_outboxmessage
        WHERE state IN ('planned', 'sending') AND send_after <= '{clock}'""")


def _ways_of(shop: Installation, reader: str) -> list[tuple[object, ...]]:
    return shop.ask(f"""SELECT way.state, way.ended_code FROM marketing_enrolment AS way
        JOIN customers_customer AS customer ON customer.id = way.customer_id WHERE customer.key = '{reader}'""")


def _orders(shop: Installation, reader: str) -> list[tuple[object, ...]]:
    return shop.ask(f"""SELECT external_id FROM orders_order
        JOIN customers_customer AS customer ON customer.id = orders_order.customer_id
        WHERE customer.key = '{reader}' AND channel = 'portal'""")


def _counted(shop: Installation, reader: str) -> list[tuple[object, ...]]:
    """How the report has counted a customer of the journey: in which arm, their orders, whether they refused."""
    return shop.ask(f"""SELECT arm, orders_count, is_unsubscribed FROM marketing_exposure AS exposure
        JOIN customers_customer AS customer ON customer.id = exposure.customer_id
        WHERE source_kind = 'journey' AND source_key = 'replenishment' AND step_key = '' AND key = '{reader}'""")


def _arms(shop: Installation) -> tuple[int, int]:
    """Customers that the journey decided about, treated and held out."""
    ((treated, held),) = shop.ask("""SELECT count(*) FILTER (WHERE arm = 'treated'),
        count(*) FILTER (WHERE arm = 'held_out') FROM marketing_exposure
        WHERE source_kind = 'journey' AND source_key = 'replenishment' AND step_key = ''""")
    return treated, held


def _order_by_one_tap(browser: Browser, post: SmtpPeer, mail: EmailMessage) -> str:
    """The first link of the mail fills the cart; the order takes an address and a button. Returns its number."""
    body = mail.get_body(("html",))
    assert body is not None
    links = re.findall(r'href="([^"]+)"', body.get_content())
    page = browser.new_context(viewport=PHONE, locale="en", reduced_motion="reduce").new_page()  # type: ignore[arg-type]
    page.goto(_behind_proxy(html.unescape(links[0])))
    page.get_by_role("button", name="Add to cart").click()
    page.wait_for_url(re.compile("/shop/cart/"))
    page.get_by_role("link", name="Sign in to order").click()
    # The link of a mail that may have been forwarded fills a cart, but signs nobody in.
    page.fill("#address", str(mail["To"]))
    page.get_by_role("button", name="Send me a link").click()
    wait_until(lambda: bool(_ways_in(post, to=str(mail["To"]))), what="the mail that signs in")
    page.goto(_behind_proxy(_ways_in(post, to=str(mail["To"]))[-1]))
    page.locator("main form button").click()
    page.wait_for_url(re.compile("/shop/"))
    page.goto(f"{page.url.partition('/shop/')[0]}/shop/cart/")
    page.locator("a.btn-primary").click()
    fill_address(page)
    page.locator("input[name=way][value=cash_on_delivery]").check()
    page.locator("button[value=order]").click()
    page.wait_for_url(re.compile(r"/shop/orders/\d+/"))
    (number,) = re.findall(r"W-[A-Z0-9]{8}", page.locator("h1").inner_text())
    return str(number)


def _ways_in(post: SmtpPeer, *, to: str) -> list[str]:
    bodies = [mail.get_body(("plain",)) for mail in post.arrived if mail["To"] == to]
    return [link for body in bodies if body for link in re.findall(r"http\S+/shop/enter/\S+", body.get_content())]


def _behind_proxy(link: str) -> str:
    return link.replace("https://", "http://", 1)


def _refuse_by_one_click(mail: EmailMessage) -> int:
    """As a mail service does it (RFC 8058): a POST with one field, without cookies."""
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (link,) = re.findall(r"<(http[^>]+)>", str(mail["List-Unsubscribe"]))
    return httpx.post(_behind_proxy(link), data={"List-Unsubscribe": "One-Click"}).status_code
