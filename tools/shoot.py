"""Takes pictures of pages of a running server, signed in by a fresh link: for looking at what was built, and for docs.

    .venv/bin/python tools/shoot.py --base http://127.0.0.1:8710 --out /tmp/shots --as owner / /customers/
    .venv/bin/python tools/shoot.py --tutorial

Each page is taken at 1280 and 390 px, in both languages; --dark adds dark ones. `--tutorial` takes the pictures of
docs/tutorial instead. What the browser complains about is printed. REORDER_HOME names the shop that is served.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHROMIUM = "/usr/bin/chromium"
PICTURES = Path(__file__).resolve().parents[1] / "docs" / "tutorial" / "pictures"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of the tutorial: where, how wide, and the link that is followed first (a selector), if any."""

    name: str
    path: str
    width: int = 1280
    height: int = 860
    language: str = "en"
    follow: str = ""


TUTORIAL = (
    Picture("overview", "/"),
    Picture("overview-zh", "/", language="zh-hant"),
    Picture("customers", "/customers/"),
    Picture("customer", "/customers/?tab=due_week", height=1100, follow="tbody th a"),
    Picture("product", "/products/", height=1100, follow="tbody th a"),
    Picture("demand", "/demand/", height=1100),
    Picture("buying", "/buying/"),
    Picture("purchase-order", "/buying/orders/", follow="tbody th a"),
    Picture("orders", "/orders/"),
    Picture("order", "/orders/?tab=warehouse", height=1100, follow="tbody th a"),
    Picture("orders-queue-zh", "/orders/exceptions/", language="zh-hant"),
    Picture("messages", "/messages/"),
    Picture("runs", "/runs/", follow="tbody th a"),
    Picture("buying-phone-zh", "/buying/", width=390, language="zh-hant"),
)


def sign_in_secret(*, username: str, role: str) -> str:
    """A link's secret for a person made on the way."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reorder.config.settings")
    from reorder.cli.start import start_application

    start_application()
    import datetime as dt

    from reorder.domain.staff import operations, queries
    from reorder.domain.staff.errors import UnknownUser
    from reorder.kernel import clock

    try:
        queries.get_user(username=username)
    except UnknownUser:
        operations.create_user(username=username, role=role, created_by="tools/shoot")
    return operations.make_sign_in_link(
        username=username, moment=clock.current_moment(), lasts=dt.timedelta(minutes=10), made_by="tools/shoot"
    )


@contextmanager
def signed_in(*, base: str, username: str, role: str, faults: list[str]) -> Iterator[Any]:
    """A page of a browser that is signed in; what it complains about goes to `faults`."""
    from playwright.sync_api import sync_playwright

    secret = sign_in_secret(username=username, role=role)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_context(reduced_motion="reduce").new_page()
        page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(f"{page.url}: {fault}"))
        page.goto(f"{base}/sign-in/{secret}")
        page.click(".entrance-card button")
        yield page
        browser.close()


def speak(*, page: Any, base: str, language: str) -> None:
    """Choose the person's language."""
    page.goto(f"{base}/me/preferences")
    page.select_option("#language", language)
    page.locator("main form button").last.click()
    page.wait_for_load_state("networkidle")


def shoot_pages(*, page: Any, chosen: argparse.Namespace) -> None:
    """Every path, language, theme and width."""
    for language in chosen.languages.split(","):
        speak(page=page, base=chosen.base, language=language)
        for theme in ("light", "dark") if chosen.dark else ("light",):
            page.emulate_media(color_scheme=theme)
            for width in map(int, chosen.widths.split(",")):
                page.set_viewport_size({"width": width, "height": 860})
                for path in chosen.paths:
                    page.goto(chosen.base + path)
                    page.wait_for_load_state("networkidle")
                    name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "overview"
                    file = chosen.out / f"{name}-{language}-{width}{'-dark' if theme == 'dark' else ''}.png"
                    page.screenshot(path=str(file), full_page=True)
                    print(file)


def shoot_tutorial(*, page: Any, base: str) -> None:
    """The pictures that the tutorial shows, small enough for a repository."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    spoken = ""
    for picture in TUTORIAL:
        if picture.language != spoken:
            speak(page=page, base=base, language=picture.language)
            spoken = picture.language
        page.set_viewport_size({"width": picture.width, "height": picture.height})
        page.goto(base + picture.path)
        if picture.follow and page.locator(picture.follow).count():
            page.locator(picture.follow).first.click()
        page.wait_for_load_state("networkidle")
        file = PICTURES / f"{picture.name}.jpg"
        page.screenshot(path=str(file), type="jpeg", quality=72)
        print(file)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", nargs="*", default=["/"])
    parser.add_argument("--base", default="http://127.0.0.1:8710")
    parser.add_argument("--out", type=Path, default=Path("/tmp/shots"))
    parser.add_argument("--as", dest="role", default="owner")
    parser.add_argument("--languages", default="en,zh-hant")
    parser.add_argument("--widths", default="1280,390")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--tutorial", action="store_true")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    name = "mei" if chosen.tutorial else f"shoot-{chosen.role}"
    with signed_in(base=chosen.base, username=name, role=chosen.role, faults=faults) as page:
        if chosen.tutorial:
            shoot_tutorial(page=page, base=chosen.base)
        else:
            shoot_pages(page=page, chosen=chosen)
    print("\n".join(sorted(set(faults))) or "no console errors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
