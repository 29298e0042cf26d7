"""Takes pictures of pages of a running server, signed in by a fresh link: for looking at what was built.

    .venv/bin/python tools/shoot.py --base http://127.0.0.1:8710 --out /tmp/shots --as owner / /customers/

Each page is taken at 1280 and 390 px, in both languages; add --dark for dark ones too. Console errors are printed.
"""

import argparse
import os
import re
import sys
from pathlib import Path


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


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--base", default="http://127.0.0.1:8710")
    parser.add_argument("--out", type=Path, default=Path("/tmp/shots"))
    parser.add_argument("--as", dest="role", default="owner")
    parser.add_argument("--languages", default="en,zh-hant")
    parser.add_argument("--widths", default="1280,390")
    parser.add_argument("--dark", action="store_true")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    secret = sign_in_secret(username=f"shoot-{chosen.role}", role=chosen.role)
    from playwright.sync_api import sync_playwright

    faults: list[str] = []
    with sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = browser.new_context()
        page = context.new_page()
        page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(f"{page.url}: {fault}"))
        page.goto(f"{chosen.base}/sign-in/{secret}")
        page.click(".entrance-card button")
        for language in chosen.languages.split(","):
            page.goto(f"{chosen.base}/me/preferences")
            page.select_option("#language", language)
            page.click("main form button")
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
        browser.close()
    print("\n".join(sorted(set(faults))) or "no console errors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
