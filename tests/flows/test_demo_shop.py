"""The demonstration shop's files: what is real stays real, what is made up is the same every time."""

import datetime as dt

import polars as pl
import pytest

from reorder.flows.demo_shop import TERMS
from reorder.flows.demo_shop.making import (
    DemoHistory,
    make_history,
    make_opening_stock,
    make_orders,
    make_products,
    make_stock_after_sales,
    shift_days_for,
)

LAST_DAY = dt.date(2018, 1, 1)


@pytest.fixture
def history() -> DemoHistory:
    start = dt.datetime(2017, 12, 20, 9, tzinfo=dt.UTC).replace(tzinfo=None)  # the history has wall-clock times
    moments = [start + dt.timedelta(hours=13 * n) for n in range(21)]
    moments.append(start.replace(year=2018, month=1, day=1))
    count = len(moments)
    transactions = pl.DataFrame(
        {
            "household_id": [n % 5 + 1 for n in range(count)],
            "basket_id": [1000 + n for n in range(count)],
            "product_id": [(7, 8, 9)[n % 3] for n in range(count)],
            "quantity": [n % 4 for n in range(count)],
            "sales_value": [float(n % 4) * 1.5 for n in range(count)],
            "transaction_timestamp": moments,
        }
    )
    products = pl.DataFrame(
        {
            "product_id": [7, 8, 9],
            "department": ["GROCERY", "FUEL", "GROCERY"],
            "brand": ["National", "Private", None],
            "product_category": ["TEA", "FUEL", None],
            "product_type": ["OOLONG TEA", "GASOLINE", None],
            "package_size": ["150 G", None, None],
        }
    )
    return make_history(transactions=transactions, products=products)


@pytest.mark.parametrize("today", [dt.date(2026, 11, 23) + dt.timedelta(days=n) for n in range(7)])
def test_dates_move_by_whole_weeks_to_end_on_or_after_yesterday(history: DemoHistory, today: dt.date) -> None:
    days = shift_days_for(lines=history.lines, today=today)

    end = LAST_DAY + dt.timedelta(days=days)
    assert days % 7 == 0
    assert 0 <= (end - (today - dt.timedelta(days=1))).days < 7


def test_fuel_and_empty_lines_are_left_out_and_dollars_become_twd(history: DemoHistory) -> None:
    orders = make_orders(history=history, shift_days=0, from_date=None, before_date=dt.date(2019, 1, 1))

    assert orders["sku"].unique().sort().to_list() == ["7", "9"]
    assert orders["quantity"].min() == 1
    assert orders["unit_price"].unique().to_list() == [45.0]
    assert orders.filter(pl.col("sku") == "7")["product_name"].unique().to_list() == ["Oolong Tea 150 G"]
    assert orders.filter(pl.col("sku") == "9")["category"].unique().to_list() == ["GROCERY"]


def test_later_days_are_held_back_and_arrive_once(history: DemoHistory) -> None:
    whole = make_orders(history=history, shift_days=7, from_date=None, before_date=dt.date(2019, 1, 1))
    first = make_orders(history=history, shift_days=7, from_date=None, before_date=dt.date(2018, 1, 3))
    later = make_orders(history=history, shift_days=7, from_date=dt.date(2018, 1, 3), before_date=dt.date(2019, 1, 1))

    assert first.height > 0
    assert later.height > 0
    assert pl.concat([first, later]).equals(whole)


def test_a_household_keeps_its_warehouse_and_its_answer_to_marketing(history: DemoHistory) -> None:
    first = make_orders(history=history, shift_days=0, from_date=None, before_date=dt.date(2017, 12, 25))
    whole = make_orders(history=history, shift_days=0, from_date=None, before_date=dt.date(2019, 1, 1))

    columns = ["customer_id", "place", "accepts_marketing"]
    assert whole.select(columns).unique().height == whole["customer_id"].n_unique()
    assert first.select(columns).join(whole.select(columns), on=columns, how="anti").is_empty()


def test_synthetic_terms_and_stock_are_whole_and_the_same_every_time(history: DemoHistory) -> None:
    orders = make_orders(history=history, shift_days=0, from_date=None, before_date=dt.date(2019, 1, 1))
    products = make_products(history=history, orders=orders)
    stock = make_opening_stock(orders=orders, products=products)

    assert make_products(history=history, orders=orders).equals(products)
    assert make_opening_stock(orders=orders, products=products).equals(stock)
    assert (products["cost"] < products["price"]).all()
    assert products["planned_by"].to_list() == ["product", "product"]
    assert stock.select("sku", "place").rows() == [
        ("7", "KAOHSIUNG"),
        ("7", "KEELUNG"),
        ("9", "KAOHSIUNG"),
        ("9", "KEELUNG"),
    ]
    assert stock["on_hand"].min() >= 2


def test_sales_take_from_stock_but_never_below_zero() -> None:
    position = pl.DataFrame({"sku": ["7", "9"], "place": ["KEELUNG", "KEELUNG"], "on_hand": [5.0, 1.0]})
    orders = pl.DataFrame(
        {"sku": ["7", "7", "9"], "place": ["KEELUNG"] * 3, "quantity": [1, 2, 4]},
        schema_overrides={"quantity": pl.Int64},
    )

    after = make_stock_after_sales(position=position, orders=orders)

    assert after.rows() == [("7", "KEELUNG", 2), ("9", "KEELUNG", 0)]


def test_the_terms_say_what_is_synthetic_and_whose_the_history_is() -> None:
    assert "84.51°" in TERMS
    assert "educational" in TERMS
    assert "SYNTHETIC" in TERMS
