"""What a month of storing and shipping comes to, by hand."""

from decimal import Decimal

import pytest

from reorder.domain.inventory.owner_errors import BadOwner
from reorder.domain.inventory.owner_rules import OwnerMonth, OwnerRow, StoredProduct, charge_month, refuse_bad_owner

RATES = {
    "litre_day": Decimal("1.2345"),
    "received_unit": Decimal(50),
    "shipped_order": Decimal(2000),
    "picked_unit": Decimal("0.5"),
    "parcel": Decimal(1500),
    "returned_unit": Decimal(800),
}


def test_each_line_is_the_exact_quantity_times_the_exact_rate_rounded_once() -> None:
    # 300 unit-days of 2 l and 10 of half a litre: 605 litre-days at 1.2345 are 746.8725.
    stored = [
        StoredProduct("HONEY", "Honey", Decimal(300), 2_000_000),
        StoredProduct("TEA", "Tea", Decimal(10), 500_000),
    ]
    counts = {
        "received_unit": Decimal(40),
        "shipped_order": Decimal(3),
        "picked_unit": Decimal(7),
        "parcel": Decimal(4),
    }

    charged = charge_month(month=OwnerMonth(days=30, stored=stored, counts=counts), rates=RATES)

    assert charged.lines[0].quantity == Decimal(605)
    assert [line.amount_minor for line in charged.lines] == [747, 2000, 6000, 4, 6000, 0]  # 7 × 0.5 = 3.5 → 4
    assert charged.total_minor == 14_751


def test_parts_of_products_are_not_rounded_before_their_sum() -> None:
    # Twice 0.2 litre-days at 1.2345 are 0.4938: nothing. Three times 0.2 are 0.7407: one, though nothing each.
    thin = StoredProduct("A", "A", Decimal(1), 200_000)

    def storage(*stored: StoredProduct) -> int:
        return charge_month(month=OwnerMonth(days=1, stored=stored, counts={}), rates=RATES).lines[0].amount_minor

    assert (storage(thin, thin), storage(thin, thin, thin)) == (0, 1)


def test_products_without_a_size_are_named_and_charged_nothing() -> None:
    stored = [StoredProduct("VASE", "Vase", Decimal(90), None), StoredProduct("HONEY", "Honey", Decimal(1), 10**6)]

    charged = charge_month(month=OwnerMonth(days=30, stored=stored, counts={}), rates=RATES)

    assert charged.unsized_skus == ["VASE"]
    assert (charged.lines[0].quantity, charged.total_minor) == (Decimal(1), 1)


@pytest.mark.parametrize(
    ("owner", "reason"),
    [
        (OwnerRow(code="self", name="We", rates={}), "self means our own goods"),
        (OwnerRow(code="Big Shop", name="Big", rates={}), "a code has 1 to 40 small letters"),
        (OwnerRow(code="big", name=" ", rates={}), "a name has 1 to 200 characters"),
        (OwnerRow(code="big", name="Big", rates={"parcel": Decimal(-1)}), "a charge must be 0 or more"),
        (OwnerRow(code="big", name="Big", rates={"parcel": Decimal("NaN")}), "a charge must be 0 or more"),
        (OwnerRow(code="big", name="Big", rates={"parcel": Decimal("0.00001")}), "at most four decimals"),
    ],
)
def test_an_owner_that_cannot_be_kept_is_refused_with_the_reason(owner: OwnerRow, reason: str) -> None:
    with pytest.raises(BadOwner, match=reason):
        refuse_bad_owner(owner=owner)
