"""A real browser on a real installation: the tea shop with a night behind it, served by `reorder serve`.

Debian's Chromium is driven by Playwright; where there is none, these tests are skipped and say so.
"""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.factories.installation import Installation, installation
from tests.factories.shop import write_shop
from tests.factories.waiting import wait_until

CHROMIUM = Path("/usr/bin/chromium")
ROLES = ("owner", "marketer", "buyer", "warehouse", "support", "viewer")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 860}


@dataclass(frozen=True, slots=True)
class Site:
    """The served shop and where it is."""

    shop: Installation
    base: str

    def link_for(self, *, role: str) -> str:
        """A fresh one-time link of the person with this role."""
        return self.shop.say("user", "link", role).split()[-1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    port = free_port()
    bind = f"127.0.0.1:{port}"
    with installation(
        REORDER_BIND=bind,
        REORDER_WEB_WORKERS="1",
        REORDER_SHOP_NAME="Keelung Tea",
        REORDER_PORTAL="on",
        REORDER_TRANSFER_ACCOUNT="E.SUN 808-0912",
    ) as shop:
        files = write_shop(folder=tmp_path_factory.mktemp("files"), customers=40, days=150)
        shop.say("import", *files)
        shop.say("plan")
        for role in ROLES:
            shop.say("user", "add", role, "--role", role)
        served = shop.start("serve")
        try:
            wait_until(lambda: _answers(f"http://{bind}/healthz"), what="the first page", timeout_seconds=90)
            yield Site(shop=shop, base=f"http://{bind}")
        finally:
            served.terminate()
            served.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for the whole session, whatever shops there are: Playwright allows no second one in a process."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium: apt-get install chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield opened
        opened.close()


@dataclass(slots=True)
class Visitor:
    """A signed-in person at a screen; `faults` are what the browser complained about."""

    page: Page
    site: Site
    faults: list[str]

    def open(self, path: str) -> None:
        answer = self.page.goto(self.site.base + path, wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"


@pytest.fixture(scope="session")
def states(site: Site, browser: Browser) -> Callable[[str], Any]:
    """The cookies of each role, signed in once by a one-time link."""
    known: dict[str, Any] = {}

    def state_of(role: str) -> Any:
        if role not in known:
            context = browser.new_context()
            page = context.new_page()
            page.goto(site.link_for(role=role))
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(f"{site.base}/")
            known[role] = context.storage_state()
            context.close()
        return known[role]

    return state_of


@pytest.fixture
def visit(site: Site, browser: Browser, states: Callable[[str], Any]) -> Iterator[Callable[..., Visitor]]:
    """Opens a screen for a role: `visit(role="buyer", size=PHONE, dark=True, language="zh-hant")`."""
    contexts: list[BrowserContext] = []

    def opened(
        *, role: str = "owner", size: dict[str, int] | None = None, dark: bool = False, language: str = "en"
    ) -> Visitor:
        context = browser.new_context(
            storage_state=states(role),
            viewport=size or DESK,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        visitor = Visitor(page=page, site=site, faults=[])
        page.on("console", lambda said: visitor.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: visitor.faults.append(str(fault)))
        set_language(visitor=visitor, language=language)
        return visitor

    yield opened
    for context in contexts:
        context.close()


def set_language(*, visitor: Visitor, language: str) -> None:
    visitor.open("/me/preferences")
    page = visitor.page
    if page.locator("#language").input_value() != language:
        page.select_option("#language", language)
        page.locator("main form button").last.click()
        page.wait_for_load_state("networkidle")
