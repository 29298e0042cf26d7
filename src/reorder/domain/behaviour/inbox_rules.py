"""Rows of the inbox, and the small readers of untrusted values that make them. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import orjson

from reorder.domain.behaviour.addresses import find_skus
from reorder.domain.behaviour.rules import LONGEST_KEY, LONGEST_SEARCH

LONGEST_ID: Final = 100
LONGEST_PATH: Final = 300
MOST_SKUS: Final = 50
# Longer than anybody looks at a page.
MOST_ENGAGED_MS: Final = 3_600_000
_MOST_COUNT: Final = 1_000_000_000
# What may stand in `details`; everything else that a sender tells of an event is dropped.
DETAIL_NAMES: Final = (
    *("units", "price", "currency", "cart", "url", "list", "promotion", "skus", "item", "referrer"),
    *("utm_source", "utm_medium", "utm_campaign"),
)


class InboxRow(NamedTuple):
    """One row, in the order in which it is copied; see `tracking_models.InboxEvent`."""

    source_id: int | None
    received_at: dt.datetime
    outcome: str
    subject: str
    message_id: str
    kind: str
    anonymous_id: str
    user_key: str
    proof: str
    happened_at: dt.datetime
    items: list[str]
    search_text: str
    results_count: int | None
    engaged_ms: int | None
    page_path: str
    details: str | None
    may_market: bool


Properties = Mapping[str, Any]


def plain_names(given: object) -> dict[str, Any]:
    """The properties under names that Segment, GA4 and Klaviyo share: `Product ID`, `product_id` and `ProductID`."""
    if not isinstance(given, dict):
        return {}
    return {
        str(name).replace("_", "").replace(" ", "").replace("$", "").lower(): value for name, value in given.items()
    }


def text_of(value: object, *, limit: int) -> str:
    """A text of at most so many characters, without what a database cannot hold; a number as it is written."""
    if isinstance(value, str) and len(value) <= limit and "\x00" not in value:
        return value.strip()
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | float):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return value[: limit * 2].replace("\x00", "").strip()[:limit]


def first_text(given: Properties, *names: str, limit: int) -> str:
    """The first of these properties that holds a text."""
    for name in names:
        if name in given:
            found = text_of(given[name], limit=limit)
            if found:
                return found
    return ""


def number_of(value: object) -> float | None:
    """A number that is neither negative nor absurd; None otherwise."""
    if isinstance(value, str):
        try:
            value = float(value.replace(",", ""))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= _MOST_COUNT else None


def first_number(given: Properties, *names: str) -> float | None:
    """The first of these properties that holds a number."""
    for name in names:
        found = number_of(given.get(name))
        if found is not None:
            return found
    return None


def items_of(given: Properties, *, patterns: Sequence[str] = ()) -> list[str]:
    """What may name the product, the surest first: its SKU, the shop's ids, what its address says.

    Of an address that is the end of its path, or what the shop's own patterns find in it.
    """
    found = [
        first_text(given, *names, limit=LONGEST_KEY)
        for names in (("sku",), ("productid", "itemid"), ("variant", "variantid", "itemvariant"))
    ]
    address = given.get("url") or given.get("producturl")
    if patterns:
        found += find_skus(address=address, patterns=patterns)
    else:
        found.append(path_of(address).rstrip("/").rpartition("/")[2])
    return list(dict.fromkeys(one for one in found if one))


def lines_of(given: Properties) -> list[dict[str, Any]]:
    """The products that an event lists, under their plain names."""
    listed = given.get("products") or given.get("items")
    if not isinstance(listed, list):
        return []
    return [plain_names(one) for one in listed[:MOST_SKUS] if isinstance(one, dict)]


def path_of(url: object) -> str:
    """The path of an address; what follows a question mark may hold anything about anybody."""
    if not isinstance(url, str):
        return ""
    try:
        return urlsplit(url[:2000]).path.replace("\x00", "")[:LONGEST_PATH]
    except ValueError:
        return ""


def details_of(
    given: Properties, *, lines: Iterable[Properties], campaign: Properties, patterns: Sequence[str] = ()
) -> str | None:
    """The known properties of an event as JSON text, None where there are none."""
    found: dict[str, object] = {
        "units": first_number(given, "quantity", "units"),
        "price": first_number(given, "price", "itemprice"),
        "currency": first_text(given, "currency", limit=3),
        "cart": first_text(given, "cartid", "checkoutid", "carttoken", limit=LONGEST_ID),
        "url": first_text(given, "checkouturl", "carturl", limit=500),
        "list": first_text(given, "listid", "itemlistid", "category", "itemcategory", limit=LONGEST_ID),
        "promotion": first_text(given, "promotionid", "coupon", "couponid", "couponname", limit=LONGEST_ID),
        "skus": [found[0] for found in (items_of(line, patterns=patterns) for line in lines) if found],
        "utm_source": first_text(campaign, "source", limit=LONGEST_ID),
        "utm_medium": first_text(campaign, "medium", limit=LONGEST_ID),
        "utm_campaign": first_text(campaign, "name", "campaign", limit=LONGEST_ID),
    }
    kept = {name: value for name, value in found.items() if value}
    return orjson.dumps(kept).decode() if kept else None


def search_of(given: Properties) -> tuple[str, int | None]:
    """The words of a search as they were typed, and how much it found, where that was told."""
    words = first_text(given, "query", "searchterm", "searchquery", "searchtext", "keywords", "q", limit=1000)
    count = first_number(
        given, "resultscount", "results", "numberofresults", "numresults", "totalresults", "returneditemscount"
    )
    return " ".join(words.split())[:LONGEST_SEARCH], None if count is None else int(count)
