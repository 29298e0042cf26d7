"""What can be bought: what the customer usually buys, and what is looked for."""

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reorder.flows import portal
from reorder.flows.portal import Stock
from reorder.insights.shop_goods import SoldProduct, UsualProduct, list_usual_products, search_sold_products
from reorder.kernel.clock import date_at
from reorder.kernel.formatting import format_short_day, format_weekday
from reorder.kernel.quantity import plain_decimal
from reorder.web.portal.gate import Visit, shop, show

_MOST_USUAL, _MOST_FOUND = 12, 30
_NEAR_DAYS, _SOON_DAYS = 3, 10


@dataclass(frozen=True, slots=True)
class Offer:
    """A product with what is said about it."""

    product: SoldProduct | UsualProduct
    stock: Stock
    needed: str = ""
    tone: str = ""
    units: str = "1"


@shop("GET")
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What the customer usually buys, the soonest needed first; for a stranger, where one signs in."""
    if visit.customer_id is None:
        return show(request, visit, "portal/enter.html", {"address": ""})
    usual = list_usual_products(
        customer_id=visit.me,
        currency=settings.REORDER.currency,
        time_zone=settings.REORDER.time_zone,
        limit=_MOST_USUAL,
    )
    today = date_at(moment=visit.moment, time_zone=settings.REORDER.time_zone)
    stock = _stock_of(visit, [one.sku for one in usual])
    offers = [
        Offer(
            product=one,
            stock=stock[one.sku],
            needed=_needed(one.due_date, today=today),
            tone="soon" if one.due_date and (one.due_date - today).days <= _NEAR_DAYS else "",
            units=plain_decimal(number=one.last_units),
        )
        for one in usual
    ]
    name = visit.session.name if visit.session else ""
    return show(request, visit, "portal/home.html", {"offers": offers, "name": name})


@shop("GET")
def find(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Products by words of their name; strangers may look too."""
    text = request.GET.get("q", "").replace("\x00", "")[:100].strip()
    found = search_sold_products(text=text, currency=settings.REORDER.currency, limit=_MOST_FOUND + 1)
    shown = found[:_MOST_FOUND]
    stock = _stock_of(visit, [one.sku for one in shown])
    offers = [Offer(product=one, stock=stock[one.sku]) for one in shown]
    told = json.dumps(["track", "Products Searched", {"query": text, "results": len(found)}], ensure_ascii=False)
    context = {"q": text, "offers": offers, "has_more": len(found) > _MOST_FOUND, "told": told}
    return show(request, visit, "portal/find.html", context)


def _stock_of(visit: Visit, skus: list[str]) -> dict[str, Stock]:
    cart = visit.cart
    return portal.list_stock(
        units_by_sku=dict.fromkeys(skus, Decimal(1)), cart_code=cart.code if cart else "", moment=visit.moment
    )


def _needed(day: dt.date | None, *, today: dt.date) -> str:
    """When it is expected to be needed again, in words that a friend would use."""
    if day is None:
        return ""
    language = get_language() or "en"
    days = (day - today).days
    if days <= _NEAR_DAYS:
        return _("You may need it about now.")
    said = format_short_day(day, language=language)
    if days <= _SOON_DAYS:
        return _("You may need it around {weekday}, {day}.").format(
            weekday=format_weekday(day, language=language), day=said
        )
    return _("You may need it around {day}.").format(day=said)
