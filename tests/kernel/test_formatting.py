"""One formatter: what a person reads is the same everywhere."""

import datetime as dt
from decimal import Decimal

import pytest

from reorder.kernel import formatting

DAY = dt.date(2026, 11, 2)


def test_days_are_written_as_each_language_writes_them() -> None:
    assert formatting.format_day(DAY, language="en") == "2026-11-02"
    assert formatting.format_day(DAY, language="zh-hant") == "2026年11月2日"
    assert formatting.format_short_day(DAY, language="en") == "2 Nov"
    assert formatting.format_short_day(DAY, language="zh-hant") == "11月2日"
    assert formatting.format_weekday(DAY, language="zh-hant") == "週一"


def test_a_moment_is_told_on_the_shops_clock() -> None:
    moment = dt.datetime(2026, 11, 1, 18, 30, tzinfo=dt.UTC)
    assert formatting.format_moment(moment, language="en", time_zone="Asia/Taipei") == "2026-11-02 02:30"


@pytest.mark.parametrize(
    ("minor", "currency", "said"),
    [
        (123400, "TWD", "NT$1,234"),
        (1250, "TWD", "NT$12.50"),
        (-300, "TWD", "-NT$3"),
        (1234, "JPY", "¥1,234"),
        (1500, "KWD", "KWD 1.500"),
        (0, "USD", "US$0"),
    ],
)
def test_money_carries_its_sign_and_no_idle_decimals(minor: int, currency: str, said: str) -> None:
    assert formatting.format_money(minor, currency=currency) == said


def test_estimates_are_whole_amounts() -> None:
    assert formatting.format_amount(1234.5, currency="TWD") == "NT$1,235"
    assert formatting.format_amount(-2.4, currency="TWD") == "-NT$2"


@pytest.mark.parametrize(
    ("units", "said"),
    [(Decimal("38.000"), "38"), (3.46, "3.5"), (0.04, "0"), (1234.4, "1,234"), (99.96, "100"), (0, "0")],
)
def test_units_show_a_decimal_only_where_it_says_something(units: float, said: str) -> None:
    assert formatting.format_units(units) == said


@pytest.mark.parametrize(
    ("share", "said"), [(0.95, "95%"), (0.004, "<1%"), (0.996, ">99%"), (0, "0%"), (1, "100%"), (0.5, "50%")]
)
def test_shares_are_never_certain_unless_they_are(share: float, said: str) -> None:
    assert formatting.format_share(share) == said
