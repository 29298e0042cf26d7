"""The best service for a parcel, and why each other one is not."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.domain.shipping.choosing import CHOICE_TEMPLATES, ParcelFacts, ServiceOffer, choose_service, judge_offer
from reorder.domain.shipping.rules import ServiceRow

FRIDAY = dt.date(2026, 11, 27)
PARCEL = ParcelFacts(
    temperatures=frozenset({"ambient"}),
    grams=1_500,
    longest_mm=300,
    sum_mm=650,
    is_store_pickup=False,
    ship_date=FRIDAY,
)


def offer(code: str = "home", *, cost: int | None = 80_00, days: int = 1, **more: Any) -> ServiceOffer:
    """An offer of the account 1."""
    service = ServiceRow(
        code=code,
        name=code,
        carrier="T-Cat",
        temperature_classes=more.pop("temperatures", ("ambient",)),
        is_store_pickup=more.pop("is_store_pickup", False),
        max_grams=more.pop("max_grams", None),
        max_longest_mm=more.pop("max_longest_mm", None),
        max_sum_mm=more.pop("max_sum_mm", None),
        is_active=more.pop("is_active", True),
        delivery_days=days,
    )
    return ServiceOffer(service=service, account_id=more.pop("account_id", 1), cost_minor=cost, **more)


def test_without_a_promise_the_cheapest_is_taken() -> None:
    choice = choose_service(parcel=PARCEL, offers=[offer("express", cost=150_00), offer("slow", cost=60_00, days=5)])

    assert choice.chosen is not None
    assert (choice.chosen.offer.service.code, choice.reason) == ("slow", "cheapest of those that take it")
    assert choice.chosen.arrives_date == dt.date(2026, 12, 2)


def test_with_a_promise_the_cheapest_that_keeps_it_is_taken() -> None:
    parcel = replace(PARCEL, promised_date=dt.date(2026, 11, 28))

    choice = choose_service(parcel=parcel, offers=[offer("express", cost=150_00), offer("slow", cost=60_00, days=5)])

    assert choice.chosen is not None
    assert (choice.chosen.offer.service.code, choice.reason) == ("express", "cheapest that keeps the promise")


def test_when_nothing_keeps_the_promise_the_fastest_is_taken() -> None:
    parcel = replace(PARCEL, promised_date=FRIDAY)

    choice = choose_service(parcel=parcel, offers=[offer("two", cost=150_00, days=2), offer("five", cost=1_00, days=5)])

    assert choice.chosen is not None
    assert (choice.chosen.offer.service.code, choice.reason) == ("two", "fastest: none keeps the promise")


def test_what_the_order_chose_is_taken_while_it_is_possible() -> None:
    parcel = replace(PARCEL, wanted_service="express")
    offers = [offer("express", cost=150_00), offer("slow", cost=60_00)]

    chosen = choose_service(parcel=parcel, offers=offers).chosen
    without = choose_service(parcel=replace(parcel, grams=30_000), offers=[replace_limit(offers[0]), offers[1]]).chosen

    assert chosen is not None
    assert chosen.offer.service.code == "express"
    assert without is not None
    assert without.offer.service.code == "slow"


def replace_limit(one: ServiceOffer) -> ServiceOffer:
    return replace(one, service=replace(one.service, max_grams=20_000))


@pytest.mark.parametrize(
    ("parcel", "given_offer", "reason", "details"),
    [
        (
            {"temperatures": frozenset({"frozen"})},
            {},
            "it does not keep {temperature} goods",
            {"temperature": "frozen"},
        ),
        (
            {"temperatures": frozenset({"frozen", "chilled"})},
            {"temperatures": ("chilled", "frozen")},
            "one parcel must not mix temperatures",
            {},
        ),
        ({"grams": 5_001}, {"max_grams": 5_000}, "it takes up to {limit} kg", {"limit": "5"}),
        ({"longest_mm": 451}, {"max_longest_mm": 450}, "its longest side may be {limit} cm", {"limit": "45"}),
        ({"sum_mm": 1_051}, {"max_sum_mm": 1_050}, "its sides together may be {limit} cm", {"limit": "105"}),
        ({}, {"is_store_pickup": True}, "it goes to a store, the customer wants it at the door", {}),
        ({"is_store_pickup": True}, {}, "it goes to the door, the customer collects at a store", {}),
        ({"is_hazardous": True}, {}, "it takes no dangerous goods", {}),
        ({"is_collecting": True}, {"collects": False}, "it does not collect cash", {}),
        ({}, {"account_id": None}, "no account serves it at this place", {}),
        ({}, {"cost": None}, "it has no price for this way and weight", {}),
        ({}, {"fault": "it could not be reached"}, "its carrier did not say a price", {}),
        ({}, {"is_active": False}, "it is not in use", {}),
    ],
)
def test_a_service_that_does_not_take_a_parcel_says_why(
    parcel: dict[str, Any], given_offer: dict[str, Any], reason: str, details: dict[str, str]
) -> None:
    judged = judge_offer(parcel=replace(PARCEL, **parcel), offer=offer(**given_offer))

    assert (judged.is_possible, judged.reason, judged.details) == (False, reason, details)
    assert reason in CHOICE_TEMPLATES


def test_a_parcel_of_forty_kilograms_has_no_service_and_every_reason_is_told() -> None:
    choice = choose_service(parcel=replace(PARCEL, grams=40_000), offers=[offer(max_grams=20_000)])

    assert (choice.chosen, choice.reason) == (None, "")
    assert [one.reason for one in choice.rejected] == ["it takes up to {limit} kg"]


@settings(max_examples=40)
@given(
    costs=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 6), st.booleans()), max_size=6),
    promise=st.integers(0, 6) | st.none(),
)
def test_the_choice_is_never_dominated(costs: list[tuple[int, int, bool]], promise: int | None) -> None:
    """No possible offer is both cheaper and as much in time; and the order of offers does not matter."""
    offers = [
        offer(f"s{number}", cost=cost, days=days, max_grams=None if fits else 1)
        for number, (cost, days, fits) in enumerate(costs)
    ]
    promised = None if promise is None else FRIDAY + dt.timedelta(days=promise)
    parcel = replace(PARCEL, promised_date=promised)

    choice = choose_service(parcel=parcel, offers=offers)

    assert choice == choose_service(parcel=parcel, offers=offers[::-1])
    possible = [one for one in choice.offers if one.is_possible]
    assert len(choice.offers) == len(offers)
    if not possible:
        assert choice.chosen is None
        return
    assert choice.chosen is not None
    in_time = [one for one in possible if promised is None or one.arrives_date <= promised]  # type: ignore[operator]
    cheapest = min(one.offer.cost_minor or 0 for one in in_time) if in_time else None
    fastest = min(one.arrives_date for one in possible if one.arrives_date)
    if in_time:
        assert choice.chosen in in_time
        assert choice.chosen.offer.cost_minor == cheapest
    else:
        assert choice.chosen.arrives_date == fastest
