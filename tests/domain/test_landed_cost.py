"""What goods cost once they are here: freight and duty spread to the last cent, in the shop's currency."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.domain.inventory import operations as inventory
from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.errors import BadCharge, BadRate, UnknownCharge, WeightsMissing
from reorder.domain.purchasing.exchange import NewRate, convert_minor
from reorder.domain.purchasing.landing import LandingPart, NewCharge, SpreadCharge, split_amount, spread_charges
from reorder.domain.purchasing.models import Offer
from reorder.domain.purchasing.queries import PurchaseOrderRow
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.following import receive, save_rate, two_teas_ordered
from tests.factories.inventory import KEELUNG, make_place
from tests.factories.purchasing import BUYER, MONDAY, MONDAY_MORNING, make_offer, make_supplier


def part(key: int, units: int, cost: int, *, receipt: int | None = 1, grams: int | None = None) -> LandingPart:
    return LandingPart(key=key, receipt_id=receipt, units=Decimal(units), cost_minor=Decimal(cost), weight_grams=grams)


def test_a_charge_is_spread_by_value_weight_or_units() -> None:
    parts = [part(1, 8, 800, grams=100), part(2, 12, 2_400, grams=200)]
    spread = {
        basis: spread_charges(charges=[SpreadCharge(amount_minor=1_000, basis=basis, receipt_id=None)], parts=parts)
        for basis in ("value", "weight", "units")
    }
    assert spread == {"value": {1: 250, 2: 750}, "weight": {1: 250, 2: 750}, "units": {1: 400, 2: 600}}


def test_what_is_still_to_come_keeps_its_part_of_an_orders_freight() -> None:
    parts = [part(1, 4, 400), part(-1, 6, 600, receipt=None)]
    freight = SpreadCharge(amount_minor=100, basis="units", receipt_id=None)
    duty = SpreadCharge(amount_minor=50, basis="units", receipt_id=1)
    assert spread_charges(charges=[freight, duty], parts=parts) == {1: 90}


def test_goods_that_cost_nothing_share_equally() -> None:
    assert split_amount(amount_minor=100, weights={1: Decimal(0), 2: Decimal(0), 3: Decimal(0)}) == {
        1: 34,
        2: 33,
        3: 33,
    }


@given(
    amount=st.integers(1, 10**9),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=12),
)
@settings(max_examples=60)
def test_parts_add_up_to_the_charge(amount: int, weights: list[int]) -> None:
    shares = split_amount(amount_minor=amount, weights={place: Decimal(one) for place, one in enumerate(weights)})
    assert sum(shares.values()) == amount
    assert min(shares.values()) >= 0


def test_currencies_of_other_digits_are_converted_between_whole_units() -> None:
    assert convert_minor(minor=1_000, source="JPY", target="TWD", rate=Decimal("0.21")) == 21_000
    assert convert_minor(minor=1_001, source="USD", target="TWD", rate=Decimal("32.05")) == 32_082
    assert convert_minor(minor=32_000, source="TWD", target="JPY", rate=Decimal("4.75")) == 1_520


@pytest.mark.django_db
class TestOnOrders:
    @pytest.fixture(autouse=True)
    def home(self, settings: LazySettings, tmp_path: Path) -> None:
        settings.HOME = tmp_path

    @staticmethod
    def charge(
        order: PurchaseOrderRow, amount: int, *, basis: str = "value", key: str = "bill-1", **more: object
    ) -> bool:
        terms = {"kind": "freight", "basis": basis, "amount_minor": amount, "currency": "TWD"} | more
        return restock.add_charge(
            number=order.number,
            charge=NewCharge(**terms),
            idempotency_key=key,
            decided_by=BUYER,  # type: ignore[arg-type]
        )

    @staticmethod
    def costs(order: PurchaseOrderRow) -> list[tuple[str, Decimal, int | None, int | None]]:
        return [
            (line.sku, line.units, line.goods_cost_minor, line.landed_cost_minor)
            for line in queries.list_landed_lines(order_id=order.id)
        ]

    def test_freight_entered_before_the_goods_lands_on_them_as_they_come(self) -> None:
        order = two_teas_ordered()
        self.charge(order, 100_000, basis="units")
        receive(order, key="note-1", OOLONG_150=6)
        assert self.costs(order) == [("OOLONG-150", 6, 120_000, 30_000)]

        receive(order, key="note-2")
        assert self.costs(order) == [
            ("OOLONG-150", 6, 120_000, 30_000),
            ("MATCHA-30", 8, 160_000, 40_000),
            ("OOLONG-150", 6, 120_000, 30_000),
        ]

    def test_when_the_rest_is_cancelled_what_came_carries_all(self) -> None:
        order = two_teas_ordered()
        self.charge(order, 100_000, basis="units")
        receive(order, OOLONG_150=12)
        restock.cancel_order(number=order.number, moment=MONDAY_MORNING.replace(day=28), decided_by=BUYER)
        assert self.costs(order) == [("OOLONG-150", 12, 240_000, 100_000)]

    def test_a_cost_entered_after_the_delivery_counts_and_can_be_withdrawn(self) -> None:
        order = two_teas_ordered()
        receive(order)
        assert self.charge(order, 4_600, basis="weight") is True
        assert self.charge(order, 4_600, basis="weight") is False
        assert [line[3] for line in self.costs(order)] == [541, 4_059]

        (row,) = queries.list_charges(order_id=order.id)
        restock.withdraw_charge(
            number=order.number, charge_id=row.id, decided_by=BUYER, moment=MONDAY_MORNING.replace(day=28)
        )
        assert [line[3] for line in self.costs(order)] == [0, 0]
        with pytest.raises(UnknownCharge):
            restock.withdraw_charge(number=order.number, charge_id=row.id, decided_by=BUYER, moment=MONDAY_MORNING)

    def test_weight_is_no_basis_where_a_weight_is_missing(self) -> None:
        order = two_teas_ordered(weights=(30, None))
        with pytest.raises(WeightsMissing, match="OOLONG-150"):
            self.charge(order, 4_600, basis="weight")

    @pytest.mark.parametrize(
        ("more", "fault"),
        [
            ({"amount": 0}, "above zero"),
            ({"amount": 1, "basis": "colour"}, "value, weight or units"),
            ({"amount": 1, "kind": "bribe"}, "freight, duty or other"),
            ({"amount": 1, "currency": "EUR"}, "the order's or the shop's"),
            ({"amount": 1, "receipt_id": 999}, "none of this order"),
        ],
    )
    def test_a_cost_that_cannot_be_is_refused(self, more: dict[str, object], fault: str) -> None:
        order = two_teas_ordered()
        with pytest.raises(BadCharge, match=fault):
            self.charge(order, **more)  # type: ignore[arg-type]

    def test_an_order_keeps_the_rate_of_its_day(self) -> None:
        save_rate("USD", "32")
        order = two_teas_ordered(currency="USD", unit_cost_minor=1_000)
        save_rate("USD", "40", day=dt.date(2026, 11, 26))
        self.charge(order, 2_000, currency="USD")
        receive(order)
        assert order.exchange_rate == 32
        assert self.costs(order) == [("MATCHA-30", 8, 256_000, 25_600), ("OOLONG-150", 12, 384_000, 38_400)]

    def test_without_a_rate_the_cost_is_unknown_until_somebody_enters_one(self) -> None:
        order = two_teas_ordered(currency="USD", unit_cost_minor=1_000)
        receive(order)
        assert order.exchange_rate is None
        assert self.costs(order) == [("MATCHA-30", 8, None, None), ("OOLONG-150", 12, None, None)]

        save_rate("USD", "32")
        assert [line[2] for line in self.costs(order)] == [256_000, 384_000]

    @pytest.mark.django_db(transaction=True)
    def test_offers_in_other_currencies_are_compared_by_their_rates(self) -> None:
        make_place()
        oolong = make_product()
        for code, currency, cost in (("UJI", "JPY", 900), ("PORTLAND", "USD", 580), ("ALISHAN", "TWD", 19_000)):
            make_supplier(code=code, currency=currency)
            make_offer(supplier=code, unit_cost_minor=cost)
        inventory.open_levels(product_places=[(oolong.pk, KEELUNG)])
        save_rate("USD", "32")
        save_rate("JPY", "0.2")

        frame = queries.frame_constraints()
        assert frame.select("supplier", "unit_cost").rows() == [
            ("UJI", 180.0),
            ("PORTLAND", pytest.approx(185.6)),
            ("ALISHAN", 190.0),
        ]

    @pytest.mark.django_db(transaction=True)
    def test_an_offer_that_nobody_has_valued_takes_no_part_and_is_named(self) -> None:
        make_place()
        oolong = make_product()
        make_supplier(code="UJI", currency="JPY")
        make_offer(supplier="UJI", unit_cost_minor=100)
        make_supplier()
        make_offer(unit_cost_minor=19_000)
        inventory.open_levels(product_places=[(oolong.pk, KEELUNG)])

        assert queries.frame_constraints().select("supplier", "unit_cost").rows() == [("ALISHAN", 190.0)]
        (row,), count = queries.list_unvalued_offers(limit=10)
        assert (row.supplier_code, row.sku, row.offer_currency, row.has_own_cost, count) == (
            "UJI",
            "OOLONG-150",
            "JPY",
            True,
            1,
        )
        assert [(one.currency, one.rate) for one in queries.list_used_currencies()] == [("JPY", None)]

    @pytest.mark.django_db(transaction=True)
    def test_margins_count_what_three_deliveries_cost_on_top(self) -> None:
        order = two_teas_ordered()
        self.charge(order, 40_000)
        for key, units in (("a", 4), ("b", 4)):
            receive(order, key=key, OOLONG_150=units)
        terms = {"service_level": 0.95, "review_days": 1, "holding_share_per_day": 0.001, "order_cost": 30.0}
        assert queries.frame_terms(**terms)["unit_cost"].to_list() == [200.0, 200.0]

        receive(order, key="c")
        frame = queries.frame_terms(**terms)
        assert frame["unit_cost"].to_list() == [pytest.approx(220.0)] * 2
        assert frame["lost_unit_cost"].to_list() == [pytest.approx(230.0)] * 2
        assert queries.frame_constraints()["unit_cost"].to_list() == [200.0, 200.0]
        assert Offer.objects.filter(unit_cost_minor=20_000).count() == 2

    @pytest.mark.parametrize(
        ("rate", "fault"),
        [
            (NewRate(currency="usd", rate_date=MONDAY, rate=Decimal(32)), "three-letter"),
            (NewRate(currency="TWD", rate_date=MONDAY, rate=Decimal(1)), "the shop's own currency"),
            (NewRate(currency="USD", rate_date=MONDAY, rate=Decimal(0)), "above zero"),
            (NewRate(currency="USD", rate_date=MONDAY, rate=Decimal("NaN")), "above zero"),
            (NewRate(currency="USD", rate_date=MONDAY, rate=Decimal(10) ** 12), "too large"),
            (NewRate(currency="USD", rate_date=MONDAY, rate=Decimal("0.12345678901")), "ten decimals"),
            (NewRate(currency="USD", rate_date=dt.date(2027, 1, 1), rate=Decimal(32)), "still to come"),
        ],
    )
    def test_a_rate_that_cannot_be_is_refused(self, rate: NewRate, fault: str) -> None:
        with pytest.raises(BadRate, match=fault):
            operations.save_rates(rates=[rate], saved_by=BUYER, today=MONDAY)

    def test_the_rate_of_a_day_is_the_last_one_before_it(self) -> None:
        save_rate("USD", "31", day=dt.date(2026, 11, 1))
        save_rate("USD", "32", day=dt.date(2026, 11, 20))
        found = [
            queries.find_rate(currency="USD", on_date=dt.date(2026, month, day))
            for month, day in ((10, 31), (11, 1), (11, 19), (11, 20), (12, 31))
        ]
        assert found == [None, 31, 31, 32, 32]
