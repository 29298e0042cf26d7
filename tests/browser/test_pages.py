"""Every page, in both languages, on a desk and on a phone, light and dark: reachable by eye, key and screen reader.

Two screens see every page; `REORDER_TEST_FULL=1` shows them on all four.
"""

import os
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESK, PHONE, ROLES, Site, Visitor

# Pages of single things are found by following the first row of their list.
PATHS = (
    "/",
    "/customers/",
    "/products/",
    "/demand/",
    "/buying/",
    "/buying/orders/",
    "/buying/claims/",
    "/buying/suppliers/",
    "/messages/",
    "/runs/",
    "/imports/",
    "/setup/",
    "/setup/rates/",
    "/setup/prices/",
    "/setup/prices/new/percent",
    "/setup/taxes/",
    "/setup/shipping-fees/",
    "/setup/shipping/",
    "/setup/shipping/services/new",
    "/setup/routing/",
    "/setup/freshness/",
    "/setup/webhooks/",
    "/setup/webhooks/new",
    "/setup/webhooks/deliveries/",
    "/orders/",
    "/orders/exceptions/",
    "/orders/new/",
    "/orders/?tab=all",
    "/orders/payments/",
    "/warehouse/",
    "/warehouse/floor/",
    "/warehouse/floor/grid/",
    "/warehouse/floor/files/",
    "/warehouse/bins/",
    "/warehouse/put-away/",
    "/warehouse/replenish/",
    "/warehouse/differences/",
    "/marketing/",
    "/marketing/calendar/",
    "/marketing/tonight/",
    "/marketing/tonight/limits",
    "/marketing/journeys/",
    "/marketing/journeys/ready/",
    "/marketing/campaigns/",
    "/marketing/campaigns/new",
    "/marketing/segments/",
    "/marketing/segments/new",
    "/marketing/content/",
    "/marketing/offers/",
    "/marketing/results/",
    "/marketing/results/heat-map/",
    "/marketing/sending/",
    "/marketing/sending/costs/",
    "/marketing/searches/",
    "/setup/channels/",
    "/setup/tracking/",
    "/setup/mail-domain/",
    "/setup/compliance/",
    "/customers/privacy/",
    "/shop/",
    "/shop/enter/",
    "/shop/find/?q=oolong",
    "/shop/cart/",
    "/style/",
    "/me/preferences",
    "/account/password/change/",
    "/account/2fa/",
    "/search?q=oolong",
)
# Tables of prices and rules hold something, which nobody pays or heeds: what is off, and of a channel that is none.
_SOMETHING = """
WITH rate AS (
    INSERT INTO orders_taxrate (country, tax_class, share, name, is_active)
    VALUES ('TW', 'looked-at', 0.05, 'Business tax', false) ON CONFLICT DO NOTHING
), fee AS (
    INSERT INTO orders_shippingfee (method, name, country, currency, fee_minor, is_active)
    VALUES ('looked-at', 'Home delivery to the islands', 'TW', 'TWD', 25000, false) ON CONFLICT DO NOTHING
)
INSERT INTO inventory_freshnessrule (channel, minimum_days, decided_by) VALUES ('looked-at', 30, 'Lin')
ON CONFLICT DO NOTHING RETURNING id
"""
LISTS_WITH_PAGES = ("/customers/", "/products/", "/messages/", "/runs/", "/orders/?tab=all")
SCREENS = {
    "desk": ("en", DESK, False),
    "phone-zh-dark": ("zh-hant", PHONE, True),
}
if os.environ.get("REORDER_TEST_FULL"):
    SCREENS |= {
        "phone-zh": ("zh-hant", PHONE, False),
        "phone-dark": ("en", PHONE, True),
        "desk-zh-dark": ("zh-hant", DESK, True),
    }


def faults_of(visitor: Visitor) -> list[str]:
    """What axe, the console and the width of the page complain about."""
    found = Axe().run(visitor.page)
    faults = [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['target']} {one['nodes'][0]['html'][:160]}"
        for one in found.response["violations"]
    ]
    too_wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if too_wide > 0:
        faults.append(f"{too_wide} px wider than the screen")
    return faults + visitor.faults


@pytest.mark.parametrize(("language", "size", "dark"), SCREENS.values(), ids=list(SCREENS))
def test_no_page_has_a_fault(visit: Callable[..., Visitor], language: str, size: dict[str, int], dark: bool) -> None:
    visitor = visit(language=language, size=size, dark=dark)
    visitor.site.shop.ask(_SOMETHING)
    paths = list(PATHS)
    for path in LISTS_WITH_PAGES:
        visitor.open(path)
        first = visitor.page.locator("tbody th a").first
        if first.count():
            paths.append(str(first.get_attribute("href")))
    faults = {}
    for path in paths:
        visitor.open(path)
        if found := faults_of(visitor):
            faults[path] = found
        visitor.faults.clear()
    assert faults == {}


@pytest.mark.parametrize("role", ROLES)
def test_every_desk_on_the_rail_opens_for_its_role(visit: Callable[..., Visitor], role: str) -> None:
    visitor = visit(role=role)
    visitor.open("/")
    links = [str(link.get_attribute("href")) for link in visitor.page.locator(".rail li a").all()]
    assert "/products/" in links
    for link in links:
        visitor.open(link)
    assert visitor.faults == []


def test_a_stranger_is_asked_to_sign_in(site: Site, visit: Callable[..., Visitor]) -> None:
    page = visit().page
    page.context.clear_cookies()
    page.goto(f"{site.base}/customers/")
    assert "/account/login/" in page.url
    assert Axe().run(page).response["violations"] == []
