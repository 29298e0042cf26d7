"""The payment state of an order, and references that notice a slip."""

import pytest

from reorder.domain.payments.rules import is_reference, make_reference, payment_state


@pytest.mark.parametrize(
    ("total", "paid", "refunded", "at_door", "state"),
    [
        (900, 0, 0, False, "unpaid"),
        (900, 0, 0, True, "cash_on_delivery"),
        (900, 899, 0, False, "unpaid"),
        (900, 900, 0, True, "paid"),
        (900, 1000, 100, False, "paid"),
        (900, 900, 100, False, "part_refunded"),
        (900, 900, 900, False, "refunded"),
        (900, 500, 200, False, "unpaid"),
        (0, 0, 0, False, "paid"),
        (0, 900, 900, False, "refunded"),
    ],
)
def test_the_state_follows_from_total_paid_and_given_back(total, paid, refunded, at_door, state):
    made = payment_state(total_minor=total, paid_minor=paid, refunded_minor=refunded, is_cash_on_delivery=at_door)

    assert made == state


def test_a_reference_carries_a_check_digit():
    assert make_reference(payment_id=1) == "0000018"
    assert make_reference(payment_id=7992739871) == "79927398713"  # the example of the standard's annex


def test_a_wrong_digit_or_neighbours_swapped_make_no_reference():
    good = make_reference(payment_id=123_456)

    assert is_reference(text=good)
    for place in range(len(good)):
        wrong = good[:place] + str((int(good[place]) + 1) % 10) + good[place + 1 :]
        assert not is_reference(text=wrong)
    swapped = good[1] + good[0] + good[2:]
    assert not is_reference(text=swapped)
    assert not is_reference(text="１２３４５６７")
    assert not is_reference(text="")
