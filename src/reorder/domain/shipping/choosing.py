"""The best service for a packed parcel: who takes it at all, and of those the cheapest that keeps the promise; pure.

Every service that is not taken says why, so that a person sees what would have to change.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.shipping.rules import ServiceRow

# Why a service was not taken, for who translates them; `reason` of an offer.
CHOICE_TEMPLATES: Final = (
    "it does not keep {temperature} goods",
    "one parcel must not mix temperatures",
    "it takes up to {limit} kg",
    "its longest side may be {limit} cm",
    "its sides together may be {limit} cm",
    "it goes to a store, the customer wants it at the door",
    "it goes to the door, the customer collects at a store",
    "it takes no dangerous goods",
    "no account serves it at this place",
    "it has no price for this way and weight",
    "its carrier did not say a price",
    "it is not in use",
    "it does not collect cash",
    "cheapest of those that take it",
    "cheapest that keeps the promise",
    "fastest: none keeps the promise",
    "chosen by the order",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFacts:
    """What of a parcel decides: temperatures of its goods, size, weight, hazard, way, promise."""

    temperatures: frozenset[str]
    grams: int
    longest_mm: int
    sum_mm: int
    is_store_pickup: bool
    is_hazardous: bool = False
    is_collecting: bool = False
    ship_date: dt.date
    promised_date: dt.date | None = None
    wanted_service: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOffer:
    """A service as it stands for this parcel: its account, and what the account's carrier or our table asks."""

    service: ServiceRow
    account_id: int | None = None
    account_name: str = ""
    cost_minor: int | None = None
    currency: str = ""
    days: int | None = None
    takes_hazard: bool = False
    collects: bool = True
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedOffer:
    """An offer with the verdict; `reason` is one of CHOICE_TEMPLATES with `details` for its parameters."""

    offer: ServiceOffer
    arrives_date: dt.date | None
    is_possible: bool
    reason: str = ""
    details: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierChoice:
    """The chosen offer, None when nobody takes the parcel, and every offer judged: possible ones first, by cost."""

    chosen: JudgedOffer | None
    offers: tuple[JudgedOffer, ...]
    reason: str

    @property
    def rejected(self) -> tuple[JudgedOffer, ...]:
        """Offers that do not take the parcel."""
        return tuple(one for one in self.offers if not one.is_possible)


def choose_service(*, parcel: ParcelFacts, offers: Sequence[ServiceOffer]) -> CarrierChoice:
    """Judge every offer and take the best: the order's own wish when it is possible, else the cheapest that arrives on
    the promised day, else the fastest. Equal costs go to the earlier day, then to the code.
    """
    judged = sorted((judge_offer(parcel=parcel, offer=one) for one in offers), key=_rank)
    possible = [one for one in judged if one.is_possible]
    chosen, reason = _best(possible=possible, parcel=parcel)
    return CarrierChoice(chosen=chosen, offers=tuple(judged), reason=reason)


def judge_offer(*, parcel: ParcelFacts, offer: ServiceOffer) -> JudgedOffer:
    """Whether a service takes the parcel, and the first reason against it."""
    days = offer.days if offer.days is not None else offer.service.delivery_days
    arrives = parcel.ship_date + dt.timedelta(days=days)
    against = _against(parcel=parcel, offer=offer)
    reason, details = against or ("", None)
    return JudgedOffer(offer=offer, arrives_date=arrives, is_possible=not against, reason=reason, details=details)


def _against(*, parcel: ParcelFacts, offer: ServiceOffer) -> tuple[str, Mapping[str, str]] | None:
    service = offer.service
    cold = sorted(parcel.temperatures - set(service.temperature_classes))
    checks: tuple[tuple[bool, str, Mapping[str, str]], ...] = (
        (not service.is_active, "it is not in use", {}),
        (len(parcel.temperatures) > 1, "one parcel must not mix temperatures", {}),
        (bool(cold), "it does not keep {temperature} goods", {"temperature": ", ".join(cold)}),
        (_is_over(parcel.grams, service.max_grams), "it takes up to {limit} kg", _limit(service.max_grams, 1000)),
        (
            _is_over(parcel.longest_mm, service.max_longest_mm),
            "its longest side may be {limit} cm",
            _limit(service.max_longest_mm, 10),
        ),
        (
            _is_over(parcel.sum_mm, service.max_sum_mm),
            "its sides together may be {limit} cm",
            _limit(service.max_sum_mm, 10),
        ),
        (
            service.is_store_pickup and not parcel.is_store_pickup,
            "it goes to a store, the customer wants it at the door",
            {},
        ),
        (
            parcel.is_store_pickup and not service.is_store_pickup,
            "it goes to the door, the customer collects at a store",
            {},
        ),
        (parcel.is_hazardous and not offer.takes_hazard, "it takes no dangerous goods", {}),
        (parcel.is_collecting and not offer.collects, "it does not collect cash", {}),
        (offer.account_id is None, "no account serves it at this place", {}),
        (bool(offer.fault), "its carrier did not say a price", {}),
        (offer.cost_minor is None, "it has no price for this way and weight", {}),
    )
    return next(((reason, details) for is_against, reason, details in checks if is_against), None)


def _is_over(size: int, limit: int | None) -> bool:
    return limit is not None and size > limit


def _limit(limit: int | None, divisor: int) -> Mapping[str, str]:
    return {"limit": f"{(limit or 0) / divisor:g}"}


def _rank(one: JudgedOffer) -> tuple[bool, int, dt.date, str]:
    cost = one.offer.cost_minor if one.offer.cost_minor is not None else 0
    return (not one.is_possible, cost, one.arrives_date or dt.date.max, one.offer.service.code)


def _best(*, possible: Sequence[JudgedOffer], parcel: ParcelFacts) -> tuple[JudgedOffer | None, str]:
    """Of possible offers by cost: the wished one, the first in time, or the fastest."""
    wished = next((one for one in possible if one.offer.service.code == parcel.wanted_service), None)
    if wished is not None:
        return wished, "chosen by the order"
    if parcel.promised_date is None:
        return (possible[0], "cheapest of those that take it") if possible else (None, "")
    in_time = [one for one in possible if one.arrives_date is not None and one.arrives_date <= parcel.promised_date]
    if in_time:
        return in_time[0], "cheapest that keeps the promise"
    fastest = min(possible, key=lambda one: (one.arrives_date or dt.date.max, *_rank(one)), default=None)
    return fastest, "fastest: none keeps the promise" if fastest else ""
