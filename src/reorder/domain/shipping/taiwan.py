"""An editable example for Taiwan: zones by the three digits of the postcode, common kinds of service, round prices.

The zones follow the postal areas of Chunghwa Post. The prices are examples in NT$, not any carrier's price list: every
shop has a contract of its own, and uploads that.
"""

from typing import Final

from reorder.domain.shipping.rules import PrefixRow, RateRow, ServiceRow

CURRENCY: Final = "TWD"
ZONE_NAMES: Final = {
    "tw-north": "北部 North",
    "tw-central": "中部 Central",
    "tw-south": "南部 South",
    "tw-east": "東部 East",
    "tw-islands": "離島 Outlying islands",
}
# Longest beginning wins: 209 to 212 (Matsu) inside 20 to 21, 817 and 819 inside 8, 929 (Liuqiu), 951 and 952 (Green
# Island and Lanyu) inside their counties.
_STARTS: Final = {
    "tw-north": ("1", "20", "22", "23", "24", "25", "26", "27", "30", "31", "32", "33"),
    "tw-central": ("35", "36", "4", "50", "51", "52", "53", "54", "55", "63", "64", "65"),
    "tw-south": ("60", "61", "62", "7", "8", "90", "91", "92", "93", "94"),
    "tw-east": ("95", "96", "97", "98"),
    "tw-islands": ("209", "21", "290", "817", "819", "88", "89", "929", "951", "952"),
}
_MAIN: Final = ("tw-north", "tw-central", "tw-south", "tw-east")
# Up to grams, NT$ inside a zone; between zones of the main island, and to the islands, more is added.
_HOME: Final = ((1_000, 80), (5_000, 95), (10_000, 120), (20_000, 160))
_CHILLED: Final = ((1_000, 130), (5_000, 160), (10_000, 225), (20_000, 290))
_STORE: Final = ((5_000, 60),)
_FAR, _ISLANDS = 15, 110

SERVICES: Final = (
    ServiceRow(
        code="home",
        name="宅配 Home delivery",
        carrier="Example carrier",
        temperature_classes=("ambient",),
        max_grams=20_000,
        max_longest_mm=1_500,
        max_sum_mm=1_500,
        delivery_days=1,
    ),
    ServiceRow(
        code="home-cold",
        name="低溫宅配 Chilled or frozen home delivery",
        carrier="Example carrier",
        temperature_classes=("chilled", "frozen"),
        max_grams=20_000,
        max_longest_mm=1_200,
        max_sum_mm=1_200,
        delivery_days=1,
    ),
    ServiceRow(
        code="store",
        name="超商取貨 Convenience store pick-up",
        carrier="Example chain",
        temperature_classes=("ambient",),
        max_grams=5_000,
        max_longest_mm=450,
        max_sum_mm=1_050,
        is_store_pickup=True,
        delivery_days=2,
    ),
)


def example_prefixes() -> list[PrefixRow]:
    """Beginnings of Taiwanese postcodes; an address without a postcode counts as in the north."""
    rows = [
        PrefixRow(country="TW", postcode_start=start, zone=zone) for zone, starts in _STARTS.items() for start in starts
    ]
    return [PrefixRow(country="TW", postcode_start="", zone="tw-north"), *rows]


def example_rates() -> list[RateRow]:
    """A round example price for every service, way and weight."""
    tables = {"home": _HOME, "home-cold": _CHILLED, "store": _STORE}
    return [
        RateRow(
            service=service,
            from_zone=start,
            to_zone=end,
            up_to_grams=grams,
            price_minor=100 * (price + _extra(start, end)),
            currency=CURRENCY,
        )
        for service, steps in tables.items()
        for start in ZONE_NAMES
        for end in ZONE_NAMES
        for grams, price in steps
    ]


def _extra(start: str, end: str) -> int:
    if start == end:
        return 0
    return _FAR if start in _MAIN and end in _MAIN else _ISLANDS
