"""What stands in previews and checks where no customer was chosen: everything there is, or as little as may be."""

from collections.abc import Mapping
from typing import Any, Final

_GOODS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "en": (("OOLONG-150", "Oolong 150 g"), ("JASMINE-100", "Jasmine tea 100 g"), ("FILTER-80", "Paper filters")),
    "zh-hant": (("OOLONG-150", "高山烏龍茶 150 公克"), ("JASMINE-100", "茉莉花茶 100 公克"), ("FILTER-80", "濾紙")),
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "name": "Mei Lin",
        "first": "Mei",
        "shop": "Keelung Tea",
        "address": "12 Harbour Road, Keelung",
        "offer": "10 % off",
        "today": "27 November 2026",
        "until": "4 December 2026",
        "bought": "3 November 2026",
        "minimum": "NT$800",
        "tier": "Gold",
        "article": "How to brew oolong",
        "text": "Water of 95 °C, three grams a cup, one minute. The second cup is the best.",
        "searched": "oolong",
        "carrier": "Black Cat",
    },
    "zh-hant": {
        "name": "林美玲",
        "first": "美玲",
        "shop": "基隆茶行",
        "address": "基隆市仁愛區港西街 12 號",
        "offer": "九折優惠",
        "today": "2026年11月27日",
        "until": "2026年12月4日",
        "bought": "2026年11月3日",
        "minimum": "NT$800",
        "tier": "金卡",
        "article": "烏龍茶怎麼泡最好喝",
        "text": "水溫 95 °C，每杯 3 公克，浸泡 1 分鐘。第二泡最香。",
        "searched": "烏龍茶",
        "carrier": "黑貓宅急便",
    },
}
_BASE: Final = "https://shop.example.com"


def sample_values(*, language: str) -> dict[str, Any]:
    """Everything that a message can have, for a customer who does not exist."""
    words = _WORDS.get(language, _WORDS["en"])
    goods = [_goods(number, sku, name, words) for number, (sku, name) in enumerate(_GOODS.get(language, _GOODS["en"]))]
    return {
        **_always(words),
        "customer": {"name": words["name"], "first_name": words["first"]},
        "items": goods[:2],
        "first": {"name": goods[0]["name"]},
        "more_count": 1,
        "reorder_url": f"{_BASE}/shop/again/sample/",
        "recommendations": goods[1:],
        "articles": [{"title": words["article"], "text": words["text"], "url": f"{_BASE}/brew", "picture_url": ""}],
        "coupon": {"code": "TEAFORMEI", "words": words["offer"], "until": words["until"], "minimum": words["minimum"]},
        "has": {"items": True, "recommendations": True, "articles": True},
        "cart": {"url": f"{_BASE}/shop/cart/", "total": "NT$960"},
        "search": {"words": words["searched"]},
        "order": {"number": "A-1024", "url": f"{_BASE}/shop/see/sample/", "total": "NT$960", "date": words["bought"]},
        "parcel": {"number": "9051-7733", "carrier": words["carrier"], "url": f"{_BASE}/t/sample/"},
        "tier": {"name": words["tier"]},
        "points": {"balance": 320, "expiring": 120, "until": words["until"]},
        "given": {},
    }


def sparse_values(*, language: str) -> dict[str, Any]:
    """As little as a message can have: no name, nothing beside the goods, and of them only names."""
    words = _WORDS.get(language, _WORDS["en"])
    sku, name = _GOODS.get(language, _GOODS["en"])[0]
    return {**_always(words), "customer": {}, "items": [{"name": name, "sku": sku}], "first": {"name": name}}


def _always(words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "shop": {"name": words["shop"], "url": _BASE, "logo_url": "", "postal_address": words["address"]},
        "look": {"accent": "#1f6f54"},
        "today": words["today"],
        "unsubscribe_url": f"{_BASE}/u/sample",
        "preferences_url": f"{_BASE}/u/sample/preferences",
    }


def _goods(number: int, sku: str, name: str, words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "sku": sku,
        "price": f"NT${480 - 60 * number}",
        "was_price": "",
        "picture_url": "",
        "url": f"{_BASE}/products/{sku.lower()}",
        "brand": "",
        "units": "1",
        "gap_days": 24 + number,
        "last_bought_date": words["bought"],
        "due_date": words["today"],
    }
