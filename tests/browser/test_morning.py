"""A morning at the tea shop: from the sign-in link to goods on the shelf, clicked in a real browser."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Site, Visitor


def stock_of(site: Site, *, sku: str, place: str) -> tuple[Decimal, Decimal]:
    """On hand and incoming, as the database has them."""
    rows = site.shop.ask(
        f"""SELECT coalesce(sum(v.on_hand_units) FILTER (WHERE l.kind = 'stock'), 0),
                   coalesce(sum(v.on_hand_units) FILTER (WHERE l.kind = 'incoming'), 0)
            FROM inventory_level v JOIN inventory_location l ON l.id = v.location_id
            JOIN inventory_place p ON p.id = l.place_id JOIN catalog_product c ON c.id = v.product_id
            WHERE c.sku = '{sku}' AND p.code = '{place}'"""
    )
    return rows[0][0], rows[0][1]


def test_the_link_signs_in_once(site: Site, visit: Callable[..., Visitor]) -> None:
    page = visit().page
    page.context.clear_cookies()
    link = site.link_for(role="owner")
    page.goto(link)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.context.clear_cookies()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This link no longer works")


@pytest.mark.parametrize(
    ("language", "size"), [("en", DESK), ("zh-hant", PHONE)], ids=["desk in English", "phone in Chinese"]
)
def test_a_due_customer_is_found_with_the_evidence(
    visit: Callable[..., Visitor], language: str, size: dict[str, int]
) -> None:
    visitor = visit(role="marketer", language=language, size=size)
    visitor.open("/customers/?tab=week")
    page = visitor.page
    page.locator("tbody th a").first.click()
    said = {"en": "What they need next", "zh-hant": "接下來需要什麼"}[language]
    expect(page.get_by_role("heading", name=said)).to_be_visible()
    expect(page.locator("svg.due-band").first).to_be_visible()
    assert visitor.faults == []


def test_buying_from_the_proposal_to_half_the_goods(site: Site, visit: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = visit(role="buyer")
    page = visitor.page
    visitor.open("/")
    page.locator(".card-decision a[href^='/buying/']").first.click()
    first = page.locator("tr[id^='line-']").first
    expect(first).to_be_visible()
    proposal_id = int(str(first.get_attribute("id")).removeprefix("line-"))
    units = edit_units(page=page, proposal_id=proposal_id)
    sku, place = site.shop.ask(
        f"""SELECT c.sku, l.code FROM purchasing_proposal p JOIN catalog_product c ON c.id = p.product_id
            JOIN inventory_place l ON l.id = p.place_id WHERE p.id = {proposal_id}"""
    )[0]
    on_hand, incoming = stock_of(site, sku=sku, place=place)

    number = approve(site=site, page=page, proposal_id=proposal_id)
    assert stock_of(site, sku=sku, place=place) == (on_hand, incoming + units)

    visitor.open(f"/buying/orders/{number}/")
    pdf = download_pdf(page=page, folder=tmp_path)
    assert number in pdf
    assert sku in pdf

    half = units / 2
    receive(page=page, sku=sku, units=half)
    assert stock_of(site, sku=sku, place=place) == (on_hand + half, incoming + units - half)
    expect(page.locator("main")).to_contain_text(re.compile("partly received", re.IGNORECASE))

    product_id = site.shop.ask(f"SELECT id FROM catalog_product WHERE sku = '{sku}'")[0][0]
    visitor.open(f"/products/{product_id}/")
    row = page.locator("table tr", has=page.get_by_role("rowheader", name=place)).first
    expect(row).to_contain_text(f"{on_hand + half:,.0f}")
    assert visitor.faults == []


def edit_units(*, page: Page, proposal_id: int) -> Decimal:
    """Two packs more than proposed; what it means is said while typing, before anything is saved."""
    page.locator(f"#line-{proposal_id} th a").click()
    box = page.locator("input[name='units']").first
    expect(box).to_be_visible()
    units = Decimal(box.input_value()) + 12
    answer = page.locator("[id^='answer-']").first
    before = answer.inner_text()
    box.fill(f"{units:.0f}")
    expect(answer).not_to_have_text(before)
    page.get_by_role("button", name="Save these numbers").click()
    expect(page.get_by_role("status").first).to_be_visible()
    return units


def approve(*, site: Site, page: Page, proposal_id: int) -> str:
    """Everything is ticked already; approve it and come back with the order that holds this proposal."""
    page.goto(f"{site.base}/buying/")
    page.get_by_role("button", name=re.compile("^Approve [0-9]")).click()
    page.wait_for_load_state("networkidle")
    number = site.shop.ask(
        f"""SELECT o.number FROM purchasing_proposal p JOIN purchasing_purchaseorder o ON o.id = p.purchase_order_id
            WHERE p.id = {proposal_id}"""
    )
    assert number, page.locator("main").inner_text()[:500]
    return str(number[0][0])


def download_pdf(*, page: Page, folder: Path) -> str:
    """The order as PDF, read back as text."""
    page.locator("summary", has_text="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="PDF in English").click()
    file = folder / "order.pdf"
    waiting.value.save_as(file)
    document = pdfium.PdfDocument(file)
    return "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))


def receive(*, page: Page, sku: str, units: Decimal) -> None:
    """Half of one line came, and nothing else."""
    page.get_by_role("link", name="Receive a delivery").click()
    for row in page.locator("ul.counts li").all():
        is_ours = re.search(rf"\b{re.escape(sku)}\b", row.inner_text()) is not None
        row.locator("input").first.fill(f"{units:.0f}" if is_ours else "")
    page.get_by_role("button", name="Take into stock").click()
    page.wait_for_load_state("networkidle")
