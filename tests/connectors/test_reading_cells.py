"""How single cells are read: moments, numbers, money, words."""

import datetime as dt

import polars as pl
import pytest

from reorder.connectors.base import Refusals, ShopDefaults
from reorder.connectors.base.moments import AMERICAN, find_moments, read_moments
from reorder.connectors.base.numbers import read_minor, read_numbers, read_units_milli
from reorder.connectors.base.texts import customer_key, customer_keys, read_language, read_postcode, read_yes_no
from tests.factories.importing import moment

SHOP = ShopDefaults(time_zone="UTC", currency="TWD", latest_at=dt.datetime(2026, 11, 25, tzinfo=dt.UTC))


def cells(*values: str | None) -> pl.Series:
    return pl.Series("cell", list(values), dtype=pl.String)


def refusals_of(values: pl.Series) -> Refusals:
    return Refusals(rows=pl.DataFrame({"row_number": range(2, 2 + len(values))}))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-02 09:30:00", "2026-03-02T09:30:00+08:00"),
        ("2026-03-02 09:30", "2026-03-02T09:30:00+08:00"),
        ("2026-03-02T09:30:00.5", "2026-03-02T09:30:00.5+08:00"),
        ("2026/3/2 9:05", "2026-03-02T09:05:00+08:00"),
        ("2026-03-02", "2026-03-02T00:00:00+08:00"),
        ("20260302", "2026-03-02T00:00:00+08:00"),
        ("2026-03-02T09:30:00Z", "2026-03-02T09:30:00+00:00"),
        ("2026-03-02T09:30:00-05:00", "2026-03-02T09:30:00-05:00"),
        ("2026-03-02 09:30:00 +0200", "2026-03-02T09:30:00+02:00"),
        ("2026-03-02 09:30:00 UTC", "2026-03-02T09:30:00+00:00"),
    ],
)
def test_a_moment_is_read_with_its_offset_or_in_the_time_zone_of_the_shop(written: str, meant: str) -> None:
    assert find_moments(values=cells(written), time_zone="Asia/Taipei").to_list() == [moment(meant)]


def test_moments_of_several_kinds_may_stand_in_one_column() -> None:
    column = cells("2026-03-02", "2026-03-02 09:30:00 +0200", "soon", None, "2026/03/02 09:30")

    found = find_moments(values=column, time_zone="Asia/Taipei").to_list()

    expected = ["2026-03-01T16:00:00+00:00", "2026-03-02T07:30:00+00:00", "2026-03-02T01:30:00+00:00"]
    assert found == [moment(expected[0]), moment(expected[1]), None, None, moment(expected[2])]


def test_an_hour_that_the_clocks_skip_is_the_next_and_one_that_comes_twice_the_first() -> None:
    column = cells("2026-03-29 02:30:00", "2026-10-25 02:30:00")

    found = find_moments(values=column, time_zone="Europe/Berlin").to_list()

    assert found == [moment("2026-03-29T03:30:00+02:00"), moment("2026-10-25T02:30:00+02:00")]


def test_month_first_is_read_only_where_a_connector_knows_it() -> None:
    column = cells("3/4/2026 10:00:00")
    refusals = refusals_of(column)

    found = read_moments(values=column, shop=SHOP, column="date", refusals=refusals, also=AMERICAN)

    assert found.to_list() == [moment("2026-03-04T10:00:00+00:00")]
    assert find_moments(values=column, time_zone="UTC").to_list() == [None]


def test_a_slip_in_the_year_and_what_has_not_come_yet_are_refused() -> None:
    column = cells("0225-03-02", "2225-03-02", "2026-11-25 00:00:00", "2026-11-25 00:00:01")
    refusals = refusals_of(column)

    read_moments(values=column, shop=SHOP, column="date", refusals=refusals)

    assert refusals.frame().select("row_number", "reason_code").sort("row_number").rows() == [
        (2, "moment.out_of_range"),
        (3, "moment.in_future"),
        (5, "moment.in_future"),
    ]


def test_thousands_and_signs_are_understood_and_a_decimal_comma_is_not() -> None:
    column = cells("1,234.50", "NT$1,234", "$12.5", " 7 ", "12,50", "1,23", "inf", "x", None)

    assert read_numbers(values=column).to_list() == [1234.5, 1234.0, 12.5, 7.0, None, None, None, None, None]


def test_money_is_whole_minor_units_of_its_own_currency_and_halves_go_up() -> None:
    column = cells("1.005", "1200", "1.2345", "")
    currency = pl.Series(["TWD", "JPY", "KWD", "TWD"])

    found = read_minor(values=column, currency=currency, column="price", refusals=refusals_of(column))

    assert found.to_list() == [101, 1200, 1235, None]


def test_units_are_thousandths() -> None:
    column = cells("1", "0.125", "1,000", "2.50")

    found = read_units_milli(values=column, column="quantity", refusals=refusals_of(column))

    assert found.to_list() == [1000, 125, 1_000_000, 2500]


def test_a_customer_is_the_shops_id_else_the_address_else_a_guest_of_one_order() -> None:
    keys = customer_keys(
        ids=cells("7", "0", "", None),
        emails=cells("a@x.tw", "Mei@X.tw", None, " "),
        order_keys=cells("1", "2", "3", "4"),
        id_prefix="taipei:",
    )

    assert keys.to_list() == ["taipei:7", "mei@x.tw", "taipei:order:3", "taipei:order:4"]


def test_words_for_yes_and_no_postcodes_and_languages() -> None:
    assert read_yes_no(values=cells("Yes", "是", "no", "否", "maybe")).to_list() == [True, True, False, False, None]
    assert read_postcode(values=cells("'00123", " 106 ", "")).to_list() == ["00123", "106", None]
    assert read_language(values=cells("zh_TW", "EN", "English")).to_list() == ["zh-hant", "en", None]


def test_the_key_of_one_buyer_is_that_of_a_column_of_buyers() -> None:
    ids = [None, "", "0", " 17 ", None, "x" * 300]
    emails = ["Mei@Example.org ", None, "", "mei@example.org", None, None]
    orders = ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6"]
    columns = customer_keys(
        ids=pl.Series(ids, dtype=pl.String),
        emails=pl.Series(emails, dtype=pl.String),
        order_keys=pl.Series(orders),
        id_prefix="shop:",
    )

    single = [
        customer_key(own_id=own, email=email, order_key=order, id_prefix="shop:")
        for own, email, order in zip(ids, emails, orders, strict=True)
    ]

    assert single == columns.to_list()
    assert single[:4] == ["mei@example.org", "shop:order:A-2", "shop:order:A-3", "shop:17"]
