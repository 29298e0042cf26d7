"""Whose goods products are, said by a product file: all of it holds, or nothing of the file is taken."""

from pathlib import Path

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.inventory.owner_errors import UnknownOwner
from reorder.flows.file_import import import_file
from tests.factories.importing import write_lines
from tests.factories.owners import make_owner

pytestmark = pytest.mark.django_db(transaction=True)


def take(tmp_path: Path, *lines: str) -> int:
    return import_file(path=write_lines(path=tmp_path / "products.csv", lines=list(lines))).rows_rejected


def owners() -> dict[str, str]:
    return dict(Product.objects.values_list("sku", "goods_owner"))


def test_a_file_says_whose_goods_products_are_and_an_empty_cell_leaves_it(tmp_path: Path) -> None:
    make_owner(code="partner")

    take(tmp_path, "sku,name,貨主", "HONEY,Honey,partner", "OOLONG-150,Oolong,")
    take(tmp_path, "sku,name,owner", "HONEY,Honey of the mountain,")

    assert owners() == {"HONEY": "partner", "OOLONG-150": "self"}


def test_an_owner_that_nobody_entered_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(UnknownOwner):
        take(tmp_path, "sku,name,owner", "HONEY,Honey,stranger", "OOLONG-150,Oolong,")

    assert owners() == {}
