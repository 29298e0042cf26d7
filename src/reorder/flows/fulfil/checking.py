"""What calls for a person before an order leaves: it came twice, its address is bad, or it smells of fraud. Pure.

A check never refuses an order: it lets it wait, with reasons that a person can follow and wave aside.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from reorder.domain.customers.addresses import ShippingAddress
from reorder.kernel.formatting import format_money

Goods = tuple[tuple[int, Decimal], ...]

# Points of a suspicion; an order is held from `fraud_score` on. One strong sign is enough, weak ones add up.
_POINTS: Final = {
    "check.value_far_above": 50,
    "check.many_orders": 50,
    "check.many_for_phone": 50,
    "check.other_country": 30,
}
_FEWEST_DIGITS: Final = 6
_BOX: Final = re.compile(
    r"\bp\.?\s*o\.?\s*box\b|\bpost\s*office\s*box\b|郵政.{0,12}信箱|郵局.{0,12}信箱", re.IGNORECASE
)
_POSTCODES: Final = {
    "TW": re.compile(r"\d{3}(\d{2,3})?"),
    "US": re.compile(r"\d{5}(-?\d{4})?"),
    "JP": re.compile(r"\d{3}-?\d{4}"),
    "DE": re.compile(r"\d{5}"),
    "KR": re.compile(r"\d{5}"),
    "CN": re.compile(r"\d{6}"),
    "SG": re.compile(r"\d{6}"),
}
# Places whose mail needs no postcode.
_WITHOUT_POSTCODE: Final = frozenset({"HK", "MO", "AE", "QA"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLimits:
    """From when on an order is looked at; 0 switches a check off. `ship_countries` empty: parcels go everywhere."""

    duplicate_hours: int = 24
    orders_an_hour: int = 5
    value_factor: int = 10
    fraud_score: int = 50
    ship_countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOrder:
    """An order as checks see it; `goods` are units by product, in order."""

    order_id: int
    external_id: str
    customer_id: int
    ordered_at: dt.datetime
    currency: str
    total_minor: int
    goods: Goods
    ship_to: ShippingAddress | None
    ship_method: str = ""

    @property
    def phone(self) -> str:
        """The digits of the phone that the parcel is for; too few of them are no phone."""
        digits = "".join(char for char in (self.ship_to.phone if self.ship_to else "") if char in "0123456789")
        return digits if len(digits) >= _FEWEST_DIGITS else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOrder:
    """An earlier order of a customer."""

    external_id: str
    ordered_at: dt.datetime
    goods: Goods


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPast:
    """What is known of a customer: country, whether there is any earlier order, and the orders of the last hours."""

    country: str = ""
    has_earlier: bool = False
    recent: tuple[PastOrder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFacts:
    """What orders are checked by; `usual_minor` is what an order usually comes to, None where too few are known.

    `by_phone` are the moments of orders for a phone, whoever ordered.
    """

    past: Mapping[int, CustomerPast] = field(default_factory=dict)
    by_phone: Mapping[str, Sequence[dt.datetime]] = field(default_factory=dict)
    usual_minor: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Why an order waits: the hold reason, and what the event says of it; codes are those of `engine.reasons`."""

    reason: str
    details: dict[str, Any]


def check_orders(
    *, orders: Sequence[CheckedOrder], facts: CheckFacts, limits: CheckLimits
) -> dict[int, tuple[Finding, ...]]:
    """What was found of each order by its number; orders of one batch are checked against those before them too."""
    found: dict[int, tuple[Finding, ...]] = {}
    seen: dict[int, list[PastOrder]] = {}
    phones: dict[str, list[dt.datetime]] = {}
    for order in orders:
        past = facts.past.get(order.customer_id, CustomerPast())
        recent = (*past.recent, *seen.get(order.customer_id, ()))
        each = (
            _address(order=order, limits=limits),
            _duplicate(order=order, recent=recent, limits=limits),
            _fraud(
                order=order,
                past=past,
                recent=recent,
                usual_minor=facts.usual_minor.get(order.currency),
                for_phone=(*facts.by_phone.get(order.phone, ()), *phones.get(order.phone, ())),
                limits=limits,
            ),
        )
        kept = tuple(one for one in each if one is not None)
        if kept:
            found[order.order_id] = kept
        if order.phone:
            phones.setdefault(order.phone, []).append(order.ordered_at)
        seen.setdefault(order.customer_id, []).append(
            PastOrder(external_id=order.external_id, ordered_at=order.ordered_at, goods=order.goods)
        )
    return found


def address_faults(
    *, address: ShippingAddress | None, ship_method: str = "", ship_countries: Sequence[str] = ()
) -> list[str]:
    """Codes of what a carrier would miss; empty when a parcel can go there.

    An order without an address is picked up, or its channel keeps the address: there is nothing to check.
    """
    if address is None:
        return []
    country = address.country.upper()
    faults = {
        "check.address_no_name": not address.name.strip(),
        "check.address_no_country": not re.fullmatch("[A-Z]{2}", country),
        "check.address_not_shipped_to": bool(ship_countries) and country not in ship_countries,
    }
    if not address.store_code.strip():
        faults |= {
            "check.address_no_street": not address.line1.strip(),
            "check.address_no_city": not (address.city.strip() or address.region.strip()),
            "check.address_bad_postcode": not _is_postcode(country=country, postcode=address.postcode),
            "check.address_box": _is_box(address) and "post" not in ship_method.lower(),
        }
    if country == "TW":
        # Carriers and convenience stores call or text before they hand a parcel over.
        faults["check.address_no_phone"] = not address.phone.strip()
    return [code for code, holds in faults.items() if holds]


def _address(*, order: CheckedOrder, limits: CheckLimits) -> Finding | None:
    codes = address_faults(address=order.ship_to, ship_method=order.ship_method, ship_countries=limits.ship_countries)
    return _finding(reason="address", codes={code: {} for code in codes}) if codes else None


def _is_postcode(*, country: str, postcode: str) -> bool:
    plain = postcode.strip().replace(" ", "")
    if country in _WITHOUT_POSTCODE:
        return True
    known = _POSTCODES.get(country)
    return bool(known.fullmatch(plain)) if known else bool(plain)


def _is_box(address: ShippingAddress) -> bool:
    return bool(_BOX.search(f"{address.line1} {address.line2}"))


def _duplicate(*, order: CheckedOrder, recent: Sequence[PastOrder], limits: CheckLimits) -> Finding | None:
    within = dt.timedelta(hours=limits.duplicate_hours)
    same = [
        one.external_id
        for one in recent
        if one.goods == order.goods and abs(order.ordered_at - one.ordered_at) < within
    ]
    if not same or not limits.duplicate_hours:
        return None
    parameters = {"orders": ", ".join(same[:5]), "hours": str(limits.duplicate_hours)}
    return _finding(reason="duplicate", codes={"check.duplicate": parameters}, orders=same[:5])


def _fraud(
    *,
    order: CheckedOrder,
    past: CustomerPast,
    recent: Sequence[PastOrder],
    usual_minor: int | None,
    for_phone: Sequence[dt.datetime],
    limits: CheckLimits,
) -> Finding | None:
    codes: dict[str, dict[str, str]] = {}
    is_first = not past.has_earlier and not recent
    if is_first and usual_minor and limits.value_factor and order.total_minor >= usual_minor * limits.value_factor:
        codes["check.value_far_above"] = {
            "total": format_money(order.total_minor, currency=order.currency),
            "usual": format_money(usual_minor, currency=order.currency),
        }
    codes |= _haste(order=order, recent=recent, for_phone=for_phone, limits=limits)
    country = order.ship_to.country.upper() if order.ship_to else ""
    if past.country and country and country != past.country.upper():
        codes["check.other_country"] = {"country": country, "usual": past.country.upper()}
    score = sum(_POINTS[code] for code in codes)
    if not limits.fraud_score or score < limits.fraud_score:
        return None
    return _finding(reason="fraud", codes=codes, score=score)


def _haste(
    *, order: CheckedOrder, recent: Sequence[PastOrder], for_phone: Sequence[dt.datetime], limits: CheckLimits
) -> dict[str, dict[str, str]]:
    """Many orders of one customer within an hour; else many names with one phone."""
    ways = {
        "check.many_orders": [one.ordered_at for one in recent],
        "check.many_for_phone": for_phone,
    }
    for code, moments in ways.items():
        lately = sum(abs(order.ordered_at - moment) <= dt.timedelta(hours=1) for moment in moments) + 1
        if limits.orders_an_hour and lately >= limits.orders_an_hour:
            return {code: {"count": str(lately)}}
    return {}


def _finding(*, reason: str, codes: Mapping[str, Mapping[str, str]], **more: Any) -> Finding:
    findings = [{"code": code, "parameters": dict(parameters)} for code, parameters in codes.items()]
    return Finding(reason=reason, details={"findings": findings} | more)
