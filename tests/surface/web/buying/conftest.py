"""A tea shop with open proposals of two suppliers at two places, on a Monday morning."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from reorder.domain.purchasing.models import Supplier
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.purchasing import make_offer, make_supplier, propose
from tests.factories.staff import sign_in


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> None:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-23T01:30:00")
    settings.HOME = tmp_path


@pytest.fixture
def tea_shop() -> dict[str, int]:
    """Ids of open proposals by name: two teas of Alishan in Keelung, one in Tainan, and matcha of Uji."""
    make_place()
    make_place(code="TAINAN", name="Tainan warehouse")
    make_supplier()
    make_supplier(code="UJI", name="Uji Matcha", email="")
    for sku in ("OOLONG-150", "PUERH-357"):
        make_product(sku=sku)
        make_offer(sku=sku, pack=6, minimum=6)
    make_product(sku="MATCHA-30")
    make_offer(sku="MATCHA-30", supplier="UJI", unit_cost_minor=30_000)
    make_offer(sku="OOLONG-150", supplier="UJI", unit_cost_minor=25_000)
    Supplier.objects.filter(code="ALISHAN").update(minimum_value_minor=1_000_000)
    oolong, puerh = propose(("OOLONG-150", 12), ("PUERH-357", 18))
    (oolong_tainan,) = propose(("OOLONG-150", 6), place="TAINAN")
    (matcha,) = propose(("MATCHA-30", 4), supplier="UJI")
    return {"oolong": oolong, "puerh": puerh, "oolong_tainan": oolong_tainan, "matcha": matcha}


@pytest.fixture
def buyer(client: Client) -> Client:
    sign_in(client, role="buyer", name="mei")
    return client
