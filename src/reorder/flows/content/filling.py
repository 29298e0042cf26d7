"""The values of a message: who it goes to, the goods it is about, and what its source knew; for many at once.

Only what a version names is looked up, one question a kind of thing, whatever the number of messages.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings

from reorder.domain.customers.queries import CustomerRow, list_customer_names
from reorder.domain.marketing.content import VersionRow
from reorder.domain.marketing.content_errors import NotRenderable
from reorder.domain.marketing.content_library import Article, Look, choose_articles, get_look, list_articles
from reorder.domain.marketing.content_variables import KINDS
from reorder.domain.marketing.offers import OfferRow, list_offers_by_code
from reorder.domain.marketing.segments import list_segment_codes_of
from reorder.domain.messaging.operations import unsubscribe_token, unsubscribe_url
from reorder.domain.orders.coupons import CouponRow
from reorder.flows.content.carts import CartWays, open_cart_ways
from reorder.flows.shop_links import order_link, shop_address
from reorder.insights.message_values import (
    Goods,
    OrderFacts,
    PairFacts,
    find_postal_address,
    list_goods,
    list_orders_by_numbers,
    list_pairs,
    list_recommended_skus,
)
from reorder.kernel.clock import date_at
from reorder.kernel.formatting import format_day, format_money
from reorder.kernel.quantity import plain_decimal

# What a source gives under these names is looked up here; the rest of what it gives stands under `given`.
SKUS: Final = "skus"
OFFER: Final = "offer"
COUPON: Final = "coupon_code"
ORDER_NUMBER: Final = "order_number"
_ORDER_FACTS: Final = frozenset({"ordered", "first_order", "order_cancelled"})
_PARCEL_FACTS: Final = frozenset({"shipped", "delivered", "parcel_late"})
_SEARCH_FACTS: Final = frozenset({"searched", "found_nothing"})
_GROUPS: Final = frozenset({"cart", "search", "order", "parcel", "tier", "points"})
_NAMED: Final = re.compile(r"\{\{\s*[#^]?\s*([a-z_]+)|\"\$(?:each|if)\"\s*:\s*\"([a-z_]+)")
_MOST_RECOMMENDED: Final = 4
_MOST_ARTICLES: Final = 2
_MOST_GOODS: Final = 12
_ASIAN: Final = re.compile(r"[\u3400-\u9fff]{2,4}")
# By what the goods of a message are about, what the library tells first.
_ARTICLES_OF: Final[Mapping[str, tuple[str, ...]]] = {"how_to": ("how_to",), "trial": ("how_to",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message to be written: for whom, what its source gave, and the goods that it is about."""

    version: VersionRow
    customer_id: int
    language: str
    moment: dt.datetime
    variables: Mapping[str, Any] = field(default_factory=dict)
    skus: tuple[str, ...] = ()
    message_id: int | None = None
    coupon: CouponRow | None = None

    @property
    def names(self) -> frozenset[str]:
        """What the version names, without what stands in it."""
        return _names_in(tuple(self.version.content.values()))

    def with_coupon(self, *, coupon: CouponRow) -> "Asked":
        """The same with the code that it carries."""
        return replace(self, coupon=coupon)


@lru_cache(maxsize=256)
def _names_in(texts: tuple[str, ...]) -> frozenset[str]:
    found = (match.groups() for text in texts for match in _NAMED.finditer(text))
    return frozenset(one or other for one, other in found)


@dataclass(frozen=True, slots=True)
class _Known:
    people: Mapping[int, CustomerRow]
    goods: Mapping[str, Goods]
    pairs: Mapping[tuple[int, str], PairFacts]
    orders: Mapping[tuple[int, str], OrderFacts]
    recommended: Mapping[int, list[str]]
    articles: Sequence[Article]
    segments: Mapping[int, Collection[str]]
    offers: Mapping[str, OfferRow]
    carts: CartWays
    look: Look
    postal_address: str


def fill(*, asked: Sequence[Asked]) -> list[dict[str, Any] | NotRenderable]:
    """The values of each message, in their order, or why it has none; nothing is written."""
    known = _load(asked)
    return [_values(one, known) for one in asked]


def _load(asked: Sequence[Asked]) -> _Known:
    customer_ids = sorted({one.customer_id for one in asked})
    liking = [one.customer_id for one in asked if {"recommendations", "has"} & one.names]
    recommended = list_recommended_skus(customer_ids=liking, limit=3 * _MOST_RECOMMENDED)
    own = [(one.customer_id, sku) for one in asked for sku in one.skus[:_MOST_GOODS]]
    skus = {sku for _, sku in own} | {sku for listed in recommended.values() for sku in listed}
    articles = list_articles(is_active=True) if any("articles" in one.names for one in asked) else []
    is_split = any(article.segment_codes for article in articles)
    return _Known(
        people=list_customer_names(ids=customer_ids),
        goods=list_goods(skus=skus),
        pairs=list_pairs(pairs=own),
        orders=list_orders_by_numbers(pairs=[(one.customer_id, number) for one in asked if (number := _order_of(one))]),
        recommended=recommended,
        articles=articles,
        segments=list_segment_codes_of(customer_ids=customer_ids) if is_split else {},
        offers=list_offers_by_code(codes={code for one in asked if (code := str(one.variables.get(OFFER) or ""))}),
        carts=open_cart_ways(skus=skus),
        look=get_look(),
        postal_address=find_postal_address(),
    )


def _values(asked: Asked, known: _Known) -> dict[str, Any] | NotRenderable:
    person = known.people.get(asked.customer_id)
    if person is None:
        return NotRenderable(reason="there is no such customer", value="")
    items = _items(asked, known)
    values: dict[str, Any] = {
        "customer": {"name": person.name.strip(), "first_name": first_name(name=person.name)},
        "shop": {
            "name": settings.REORDER.shop_name,
            "url": known.look.site_url or shop_address(),
            "logo_url": known.look.logo_url,
            "postal_address": known.postal_address,
        },
        "look": {"accent": known.look.accent},
        "today": format_day(_day(asked.moment), language=asked.language),
        "unsubscribe_url": _way_out(asked),
        "items": items,
        "first": {"name": items[0]["name"]} if items else {},
        "more_count": len(items) - 1 if len(items) > 1 else None,
        "reorder_url": _reorder_url(asked, known, items),
        "coupon": _coupon(asked, known),
        "recommendations": _recommended(asked, known),
        "articles": _articles(asked, known),
        "given": {name: value for name, value in asked.variables.items() if isinstance(value, str | int | float)},
    }
    values["preferences_url"] = values["unsubscribe_url"]
    values["has"] = {name: bool(values[name]) for name in ("items", "recommendations", "articles")}
    own = _GROUPS & set(KINDS[asked.version.kind])
    return values | {name: made for name in own if (made := _group(name, asked, known, values))}


def _way_out(asked: Asked) -> str:
    """The page where one refuses; without a public address the mail that does the same."""
    if page := unsubscribe_url(customer_id=asked.customer_id, message_id=asked.message_id):
        return page
    mark = quote(f"unsubscribe {unsubscribe_token(customer_id=asked.customer_id)}")
    return f"mailto:{settings.REORDER.mail_from}?subject={mark}"


def _items(asked: Asked, known: _Known) -> list[dict[str, Any]]:
    return [
        _shown(goods, known.pairs.get((asked.customer_id, sku)), asked)
        for sku in dict.fromkeys(asked.skus[:_MOST_GOODS])
        if (goods := known.goods.get(sku)) is not None
    ]


def _shown(goods: Goods, pair: PairFacts | None, asked: Asked) -> dict[str, Any]:
    language = asked.language
    was = asked.variables.get("was_price_minor") if asked.version.kind == "price_drop" else None
    shown: dict[str, Any] = {
        "name": goods.name,
        "sku": goods.sku,
        "brand": goods.brand,
        "price": "" if goods.price_minor is None else format_money(goods.price_minor, currency=goods.currency),
        "was_price": format_money(was, currency=goods.currency) if isinstance(was, int) else "",
        "picture_url": goods.picture_url,
        "url": goods.page_url,
    }
    if pair is None:
        return shown
    return shown | {
        "units": plain_decimal(number=pair.last_units or Decimal(1)),
        "gap_days": round(pair.usual_gap_days) if pair.usual_gap_days else None,
        "last_bought_date": format_day(_day(pair.last_at), language=language) if pair.last_at else "",
        "due_date": format_day(pair.due_date, language=language) if pair.due_date else "",
    }


def _reorder_url(asked: Asked, known: _Known, items: Sequence[Mapping[str, Any]]) -> str:
    lines = {item["sku"]: Decimal(item.get("units") or 1) for item in items if _can_buy(known.goods[item["sku"]])}
    return known.carts.link(
        customer_id=asked.customer_id,
        lines=lines,
        moment=asked.moment,
        message_id=asked.message_id,
        coupon_code=asked.coupon.code if asked.coupon else "",
    )


def _can_buy(goods: Goods) -> bool:
    return goods.state == "active" and goods.price_minor is not None


def _coupon(asked: Asked, known: _Known) -> dict[str, Any] | None:
    offer = known.offers.get(str(asked.variables.get(OFFER) or "").upper())
    if asked.coupon is None or offer is None:
        return None
    minimum = offer.terms.minimum_goods_minor
    ends = asked.coupon.expires_at
    return {
        "code": asked.coupon.code,
        "words": offer.name_in(language=asked.language),
        # The last whole day on which it is good.
        "until": format_day(_day(ends - dt.timedelta(seconds=1)), language=asked.language) if ends else "",
        "minimum": format_money(minimum, currency=offer.terms.currency) if minimum else "",
    }


def _recommended(asked: Asked, known: _Known) -> list[dict[str, Any]]:
    listed = (sku for sku in known.recommended.get(asked.customer_id, ()) if sku not in asked.skus)
    goods = (known.goods[sku] for sku in listed if sku in known.goods)
    return [_shown(one, None, asked) for one in _first(goods, _MOST_RECOMMENDED)]


def _first(goods: Iterable[Goods], limit: int) -> list[Goods]:
    return [one for one in goods if _can_buy(one)][:limit]


def _articles(asked: Asked, known: _Known) -> list[dict[str, Any]]:
    chosen = choose_articles(
        articles=known.articles,
        language=asked.language,
        kinds=_ARTICLES_OF.get(asked.version.kind, ()),
        skus=asked.skus,
        category_codes={code for sku in asked.skus if sku in known.goods and (code := known.goods[sku].category_code)},
        segment_codes=known.segments.get(asked.customer_id, ()),
        limit=_MOST_ARTICLES,
    )
    return [{"title": one.title, "text": one.text, "url": one.url, "picture_url": one.picture_url} for one in chosen]


def _group(name: str, asked: Asked, known: _Known, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a source gives under a name of ours; else what can be made of the fact that led to the message."""
    if name == "order":
        return _order(asked, known)
    given = asked.variables.get(name)
    if isinstance(given, dict):
        return dict(given)
    subject, fact = str(asked.variables.get("subject") or ""), str(asked.variables.get("fact") or "")
    if name == "cart":
        return {"url": values["reorder_url"]} if values["reorder_url"] else None
    if name == "search":
        words = asked.variables.get("words") or (subject if fact in _SEARCH_FACTS else "")
        return {"words": words} if words else None
    if name == "points":
        found = {part: asked.variables[part] for part in ("balance", "expiring", "until") if asked.variables.get(part)}
        return found or None
    if name == "parcel":
        return {"number": subject} if fact in _PARCEL_FACTS and subject else None
    if name == "tier":
        tier = asked.variables.get("tier") or (subject if fact == "tier_changed" else "")
        return {"name": tier} if tier else None
    return None


def _order_of(asked: Asked) -> str:
    given = asked.variables.get("order")
    number = given.get("number") if isinstance(given, dict) else asked.variables.get(ORDER_NUMBER)
    if not number and asked.variables.get("fact") in _ORDER_FACTS:
        number = asked.variables.get("subject")
    return str(number or "")


def _order(asked: Asked, known: _Known) -> dict[str, Any] | None:
    number = _order_of(asked)
    found = known.orders.get((asked.customer_id, number))
    if found is None:
        return {"number": number} if number else None
    total = found.total_minor
    return {
        "number": found.number,
        "url": order_link(order_id=found.id, moment=asked.moment) if settings.REORDER.portal else "",
        "total": "" if total is None else format_money(total, currency=found.currency),
        "date": format_day(_day(found.ordered_at), language=asked.language),
    }


def first_name(*, name: str) -> str:
    """The given name: of Chinese names what follows the family name, else the first word."""
    plain = name.strip()
    if _ASIAN.fullmatch(plain):
        return plain if len(plain) == 2 else plain[-2:]
    return plain.split()[0] if plain else ""


def _day(moment: dt.datetime) -> dt.date:
    return date_at(moment=moment, time_zone=settings.REORDER.time_zone)
