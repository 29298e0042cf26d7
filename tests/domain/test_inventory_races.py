"""Many hands at one shelf: real connections, one truth."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reorder.domain.inventory import operations, queries
from reorder.domain.inventory.errors import NotEnoughStock
from reorder.domain.inventory.models import Level, Move
from reorder.domain.inventory.rules import NewMove
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place, opening, shipment, stock_at
from tests.factories.racing import at_once

HANDS = 8


@pytest.mark.django_db(transaction=True)
def test_eight_hands_take_from_five_hundred_and_exactly_five_hundred_leave() -> None:
    make_place()
    oolong, matcha = make_product(), make_product(sku="MATCHA-30")
    operations.record_moves(
        moves=[opening(product_id=oolong.pk, units=500), opening(product_id=matcha.pk, units=10_000)]
    )

    def take(hand: int) -> int:
        taken = 0
        for number in range(100):
            # Each order names its two lines in another order: the ledger sorts them, or threads would deadlock.
            lines = [
                shipment(product_id=oolong.pk, units=1, key=f"order-{hand}-{number}-oolong"),
                shipment(product_id=matcha.pk, units=1, key=f"order-{hand}-{number}-matcha"),
            ]
            try:
                operations.record_moves(moves=lines if hand % 2 else lines[::-1])
            except NotEnoughStock:
                continue
            taken += 1
        return taken

    taken = at_once(take, hands=HANDS)

    assert sum(taken) == 500
    assert stock_at(sku="OOLONG-150") == 0
    assert stock_at(sku="MATCHA-30") == 9_500
    assert Move.objects.filter(kind="ship").count() == 1_000
    assert queries.compare_ledger_with_levels() == []


@pytest.mark.django_db(transaction=True)
def test_eight_hands_record_the_same_delivery_and_it_counts_once() -> None:
    make_place()
    teas = [make_product(sku=f"TEA-{number:02}") for number in range(20)]
    moves = [opening(product_id=tea.pk, units=5) for tea in teas]

    recorded = at_once(
        lambda hand: operations.record_moves(moves=moves[hand:] + moves[:hand]).recorded_count, hands=HANDS
    )

    assert sum(recorded) == 20
    assert stock_at(sku="TEA-07") == 5
    assert queries.compare_ledger_with_levels() == []


@st.composite
def move_lists(draw: st.DrawFn) -> list[tuple[str, int, str, Decimal, int]]:
    """(what, product 0 or 1, lot, units, key number): keys repeat now and then."""
    step = st.tuples(
        st.sampled_from(["in", "out"]),
        st.integers(0, 1),
        st.sampled_from(["", "SPRING"]),
        st.decimals(min_value="0.001", max_value=50, places=3),
        st.integers(0, 30),
    )
    return draw(st.lists(step, max_size=25))


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=move_lists())
def test_levels_are_the_sum_of_the_moves_and_never_negative(
    steps: list[tuple[str, int, str, Decimal, int]],
) -> None:
    with transaction.atomic():
        make_place()
        products = [make_product(sku=sku).pk for sku in ("OOLONG-150", "MATCHA-30")]
        expected: dict[tuple[int, str], Decimal] = {}
        seen: dict[str, NewMove] = {}
        for what, which, lot, units, number in steps:
            make = opening if what == "in" else shipment
            move = make(product_id=products[which], units=str(units), key=f"move-{number}", lot=lot)
            if seen.get(move.key, move).content() != move.content():
                continue
            place = (products[which], lot)
            after = expected.get(place, Decimal(0)) + (units if what == "in" else -units)
            if move.key in seen:
                assert operations.record_moves(moves=[move]).unchanged_count == 1
            elif after < 0:
                with pytest.raises(NotEnoughStock):
                    operations.record_moves(moves=[move])
            else:
                assert operations.record_moves(moves=[move]).recorded_count == 1
                seen[move.key] = move
                expected[place] = after
        levels = {(level.product_id, level.lot): level.on_hand_units for level in Level.objects.all()}
        assert levels == expected
        assert queries.compare_ledger_with_levels() == []
        transaction.set_rollback(True)
