"""Demand finds the place of the stock, in whatever order the files come."""

import datetime as dt
from pathlib import Path

import pytest

from reorder.domain.orders.queries import frame_daily_units
from reorder.flows.file_import import import_file

ORDERS = "order_id,ordered_at,customer_id,sku,quantity\n1,2026-11-20 10:00,mei,OOLONG-150,2\n"
STOCK = "sku,place,on_hand\nOOLONG-150,KEELUNG,4\n"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("names", [("orders.csv", "stock.csv"), ("stock.csv", "orders.csv")])
def test_orders_without_a_place_belong_to_the_only_warehouse(tmp_path: Path, names: tuple[str, str]) -> None:
    (tmp_path / "orders.csv").write_text(ORDERS)
    (tmp_path / "stock.csv").write_text(STOCK)

    for name in names:
        import_file(path=tmp_path / name, channel="file", kind=None)

    sold = frame_daily_units(from_date=dt.date(2026, 11, 1), before_date=dt.date(2026, 11, 23), time_zone="Asia/Taipei")
    assert sold.rows() == [("OOLONG-150", "KEELUNG", dt.date(2026, 11, 20), 2.0)]
