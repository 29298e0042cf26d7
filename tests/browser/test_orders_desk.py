"""An order's life at the desk, clicked in a real browser: written down, stopped for its address, mended, sent, arrived."""

import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.test_pages import faults_of

ADDRESS = {"name": "林美玲", "postcode": "110", "region": "臺北市", "city": "信義區", "line1": "松仁路 1 號"}


@pytest.mark.parametrize(
    ("language", "size", "dark"),
    [("en", DESK, False), ("zh-hant", PHONE, True)],
    ids=["desk in English", "phone in Chinese"],
)
def test_an_order_from_the_call_to_the_door(
    visit: Callable[..., Visitor], tmp_path: Path, language: str, size: dict[str, int], dark: bool
) -> None:
    visitor = visit(language=language, size=size, dark=dark)
    page, tracking = visitor.page, f"9007-{language}"
    write_down(visitor=visitor)
    assert faults_of(visitor) == []
    page.locator("button[value=place]").click()
    page.wait_for_url(re.compile(r"/orders/\d+/$"))
    order_id = page.url.rstrip("/").rpartition("/")[2]

    visitor.open("/orders/exceptions/")
    row = page.locator(f"#order-{order_id}")
    expect(row).to_be_visible()
    assert faults_of(visitor) == []
    mend_address(page=page, order_id=order_id)
    expect(page.locator(f"#order-{order_id}")).to_have_count(0)

    visitor.open(f"/orders/{order_id}/")
    assert faults_of(visitor) == []
    press(page=page, action=f"/orders/{order_id}/release/")
    for step in ("pick", "pack"):
        press(page=page, action=f"/{step}/")
    page.locator("input[name=carrier]").fill("黑貓")
    page.locator("input[name=tracking_number]").fill(tracking)
    press(page=page, action="/ship/")
    expect(page.locator("#split")).to_contain_text(f"黑貓 {tracking}")
    press(page=page, action="/deliver/")

    visitor.open(f"/orders/?tab=delivered&q={tracking}")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert faults_of(visitor) == []
    visitor.open(f"/orders/{order_id}/")
    assert slip(page=page, folder=tmp_path).count("OOLONG-01") >= 1
    assert visitor.faults == []


def write_down(*, visitor: Visitor) -> None:
    """A draft for a new customer without a phone: carriers in Taiwan would ask for one."""
    page = visitor.page
    visitor.open("/orders/new/?p=OOLONG-01")
    page.locator("button[value='add:OOLONG-01']").click()
    page.wait_for_load_state("networkidle")
    page.locator("input[name=new_name]").fill("林美玲")
    for name, text in ADDRESS.items():
        page.locator(f"input[name=address-{name}]").fill(text)
    page.locator("select[name=payment]").select_option("paid")
    page.locator("input[name=waits]").check()
    page.locator("button[value=keep]").click()
    page.wait_for_load_state("networkidle")


def mend_address(*, page: Page, order_id: str) -> None:
    """The phone, written where the problem stands."""
    row = page.locator(f"#order-{order_id}")
    row.locator("summary").first.click()
    row.locator("input[name=address-phone]").fill("0912345678")
    row.locator(f"form[action='/orders/{order_id}/address/'] button").click()
    page.wait_for_load_state("networkidle")


def press(*, page: Page, action: str) -> None:
    """The one button of a form."""
    page.locator(f"form[action*='{action}'] button").first.click()
    page.wait_for_load_state("networkidle")


def slip(*, page: Page, folder: Path) -> str:
    """The packing slip, read back as text."""
    with page.expect_download() as waiting:
        page.locator("a[href$='/print/slip/']").evaluate("one => one.click()")
    file = folder / "slip.pdf"
    waiting.value.save_as(file)
    document = pdfium.PdfDocument(file)
    return "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
