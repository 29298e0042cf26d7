"""Money, quantity, period, ids, errors: exact values."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.kernel.errors import BadInput, ReorderError
from reorder.kernel.ids import category_code_of, category_subject, idempotency_key, is_category_subject
from reorder.kernel.jobs import JobName, QueueNotReady, defer_job, use_queue
from reorder.kernel.money import BadAmount, CurrencyMismatch, Money, parse_money
from reorder.kernel.period import BadPeriod, Period
from reorder.kernel.quantity import BadQuantity, grouped_decimal, parse_units, plain_decimal


def test_money_is_read_exactly_and_keeps_its_currency() -> None:
    assert parse_money(text="1,234.50", currency="TWD") == Money(123450, "TWD")
    assert parse_money(text="1234", currency="JPY") == Money(1234, "JPY")
    assert Money(123450, "TWD").major == Decimal("1234.50")


@pytest.mark.parametrize(
    ("text", "currency", "reason"),
    [
        ("twelve", "TWD", "not a number"),
        ("NaN", "TWD", "not a finite number"),
        ("1.005", "TWD", "more than 2 decimals"),
        ("1.5", "JPY", "more than 0 decimals"),
        ("1e30", "TWD", "too large"),
    ],
)
def test_a_bad_amount_says_why(text: str, currency: str, reason: str) -> None:
    with pytest.raises(BadAmount) as caught:
        parse_money(text=text, currency=currency)
    assert caught.value.parameters["reason"] == reason


def test_the_smallest_coin_follows_iso_4217() -> None:
    assert parse_money(text="1.250", currency="JOD").minor == 1250
    assert parse_money(text="1500", currency="XOF").minor == 1500
    assert parse_money(text="380", currency="TWD").minor == 38_000


def test_two_currencies_never_meet_in_one_sum() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "TWD") + Money(1, "USD")


def test_times_rounds_half_up_to_a_whole_cent() -> None:
    assert Money(333, "TWD").times(factor=Decimal("0.5")) == Money(167, "TWD")


def test_units_have_at_most_three_decimals_and_are_positive() -> None:
    assert parse_units(text="1.250") == Decimal("1.250")
    reasons = []
    for text in ("0", "-1", "1.0001", "x", "inf", "1e10"):
        with pytest.raises(BadQuantity) as caught:
            parse_units(text=text)
        reasons.append(caught.value.parameters["reason"])
    assert reasons == [
        "must be greater than zero",
        "must be greater than zero",
        "more than three decimals",
        "not a number",
        "not a finite number",
        "larger than 1,000,000,000",
    ]


def test_a_period_is_half_open() -> None:
    week = Period(dt.date(2026, 11, 16), dt.date(2026, 11, 23))
    assert week.days == 7
    assert dt.date(2026, 11, 16) in week
    assert dt.date(2026, 11, 23) not in week
    assert not week.overlaps(Period(dt.date(2026, 11, 23), dt.date(2026, 11, 30)))
    assert list(week)[-1] == dt.date(2026, 11, 22)
    with pytest.raises(BadPeriod):
        Period(dt.date(2026, 11, 23), dt.date(2026, 11, 16))


def test_subjects_tell_products_from_categories() -> None:
    subject = category_subject(category_code="TEA")
    assert subject == "category:TEA"
    assert is_category_subject(subject=subject)
    assert not is_category_subject(subject="OOLONG-150")
    assert category_code_of(subject=subject) == "TEA"


def test_idempotency_keys_depend_on_every_part_and_its_border() -> None:
    assert idempotency_key("a", 1) == idempotency_key("a", "1")
    assert idempotency_key("ab", "c") != idempotency_key("a", "bc")
    assert len(idempotency_key("a")) == 40


def test_errors_carry_code_and_parameters() -> None:
    error = BadInput(what="row 3", reason="no SKU")
    assert isinstance(error, ReorderError)
    assert str(error) == "row 3: no SKU"
    assert error.code == "bad_input"


def test_deferring_needs_a_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reorder.kernel.jobs._queue", [])
    with pytest.raises(QueueNotReady):
        defer_job(name=JobName.RUN_NIGHT)

    class Remembering:
        def __init__(self) -> None:
            self.seen: list[tuple[str, dict[str, object], str | None]] = []

        def defer(self, *, name, arguments, once_key) -> None:  # type: ignore[no-untyped-def]
            self.seen.append((name, dict(arguments), once_key))

    queue = Remembering()
    use_queue(queue)
    defer_job(name=JobName.RUN_NIGHT, arguments={"as_of": "2026-11-23"}, once_key="night")
    assert queue.seen == [("run_night", {"as_of": "2026-11-23"}, "night")]


@pytest.mark.parametrize(
    ("number", "plain", "grouped"),
    [("1250.000", "1250", "1,250"), ("2.3750", "2.375", "2.375"), ("100", "100", "100"), ("1E+3", "1000", "1,000")],
)
def test_exact_numbers_are_said_whole_and_without_zeros_at_their_end(number: str, plain: str, grouped: str) -> None:
    assert (plain_decimal(number=Decimal(number)), grouped_decimal(number=Decimal(number))) == (plain, grouped)
