"""Product files that name the unit an offer is bought in."""

from pathlib import Path

import pytest

from reorder.domain.catalog.models import ProductUnit
from reorder.domain.purchasing.models import Offer
from reorder.flows.file_import import import_file
from tests.factories.importing import write_lines

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = "sku,name,supplier,pack,order_unit,units_per_case,case_cost"


def take(tmp_path: Path, *lines: str, head: str = HEAD) -> int:
    return import_file(path=write_lines(path=tmp_path / "products.csv", lines=[head, *lines])).rows_rejected


def offer() -> tuple[object, ...]:
    row = Offer.objects.get()
    return (row.order_unit, row.order_unit_units, row.pack_units, row.order_unit_cost_minor, row.unit_cost_minor)


def test_a_case_its_size_and_its_price_come_with_the_offer(tmp_path: Path) -> None:
    assert take(tmp_path, "OOLONG-150,Oolong,TEA,,case,12,1000") == 0
    assert offer() == ("case", 12, 12, 1_000_00, 83_33)
    assert list(ProductUnit.objects.values_list("code", "units")) == [("case", 12)]


def test_packs_are_rounded_up_to_whole_cases_and_a_size_alone_is_one_of_a_case(tmp_path: Path) -> None:
    assert take(tmp_path, "OOLONG-150,Oolong,TEA,30,,12,") == 0
    assert offer() == ("case", 12, 36, None, 0)


def test_a_file_without_the_columns_leaves_the_unit_as_it_is(tmp_path: Path) -> None:
    take(tmp_path, "OOLONG-150,Oolong,TEA,,case,12,1000")
    assert take(tmp_path, "OOLONG-150,Oolong,TEA,6,90", head="sku,name,supplier,pack,cost") == 0
    assert offer() == ("case", 12, 12, None, 90_00)


def test_a_new_size_reaches_the_product_and_the_offer(tmp_path: Path) -> None:
    take(tmp_path, "OOLONG-150,Oolong,TEA,,case,12,1000")
    product = ProductUnit.objects.get().product
    ProductUnit.objects.create(product=product, code="pallet", contains_count=40, contains_code="case", units=480)
    take(tmp_path, "OOLONG-150,Oolong,TEA,,case,10,1000")
    assert offer() == ("case", 10, 10, 1_000_00, 100_00)
    assert dict(ProductUnit.objects.values_list("code", "units")) == {"case": 10, "pallet": 400}


def test_the_selling_unit_needs_no_size(tmp_path: Path) -> None:
    assert take(tmp_path, "OOLONG-150,Oolong,TEA,6,Each,,") == 0
    assert offer() == ("", 1, 6, None, 0)


@pytest.mark.parametrize(
    "cells", ["0,case,12,", "6,case,,", "6,case,0,", "6,case,-3,", "1000000000,,,", "6,case,1000000000,", "6,case,a,"]
)
def test_packs_and_cases_of_nothing_or_of_too_much_are_refused_row_by_row(tmp_path: Path, cells: str) -> None:
    assert take(tmp_path, f"OOLONG-150,Oolong,TEA,{cells}", "MATCHA-30,Matcha,TEA,6,,,") == 1
    assert [row.product.sku for row in Offer.objects.all()] == ["MATCHA-30"]


def test_a_supplier_without_lead_time_gets_the_usual_week(tmp_path: Path) -> None:
    take(tmp_path, "OOLONG-150,Oolong,TEA,6,,,")
    offer = Offer.objects.get()
    assert (offer.supplier.lead_days, offer.lead_days) == (7, None)


@pytest.mark.parametrize("days", ["366", "100000", "-1", "soon"])
def test_a_lead_time_that_cannot_be_is_refused_row_by_row(tmp_path: Path, days: str) -> None:
    lines = (f"OOLONG-150,Oolong,TEA,{days}", "MATCHA-30,Matcha,TEA,9")
    assert take(tmp_path, *lines, head="sku,name,supplier,lead_days") == 1
    assert [row.lead_days for row in Offer.objects.all()] == [9]
