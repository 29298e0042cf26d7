"""What customers do at the shop's pages, for whichever test needs it done."""

from playwright.sync_api import Page


def fill_address(page: Page) -> None:
    """Where the parcel goes, as people in Taipei write it."""
    page.fill("#id_name", "王美玲")
    page.fill("#id_phone", "0912 345 678")
    page.fill("#id_postcode", "106")
    page.select_option("#id_region", "臺北市")
    page.fill("#id_city", "大安區")
    page.fill("#id_line1", "和平東路一段 1 號")
