"""Commitments and bundles through the API."""

import pytest

from reorder.domain.catalog.models import BundleComponent
from reorder.domain.planning.models import Commitment
from tests.factories.api import call_as
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.purchasing import MONDAY_MORNING

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", MONDAY_MORNING.isoformat())


def body(**changes: object) -> dict[str, object]:
    line = {"sku": "OOLONG-150", "date": "2026-11-24", "units": 12, "deviation_units": 3}
    return {"kind": "pre_order", "key": "P-1", "lines": [line | changes]}


def test_a_pre_order_is_taken_listed_and_withdrawn() -> None:
    make_place()
    make_product()
    caller = call_as(scopes=["demand:write"])
    taken = caller.post("/commitments", body())
    assert (taken.status, taken.body["days_written"], taken.body["days_withdrawn"]) == (200, 1, 0)
    assert caller.post("/commitments", body()).body["days_written"] == 0
    (found,) = caller.get("/commitments", kind="pre_order").body["items"]
    assert (found["key"], found["units"], found["deviation_units"], found["subjects"]) == (
        "P-1",
        12.0,
        3.0,
        ["OOLONG-150"],
    )
    gone = caller.post("/commitments", body() | {"lines": []})
    assert gone.body["days_withdrawn"] == 1
    assert caller.get("/commitments").body["items"] == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"sku": "NOBODY"}, 422), ({"units": -1}, 422), ({"place": "MOON"}, 422), ({"date": "2029-01-01"}, 422)],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], status: int) -> None:
    make_place()
    make_product()
    assert call_as(scopes=["demand:write"]).post("/commitments", body(**changes)).status == status
    assert Commitment.objects.count() == 0


def test_a_token_of_keelung_plans_for_keelung_only() -> None:
    make_place()
    make_place(code="TAINAN", name="Tainan store")
    make_product()
    caller = call_as(scopes=["demand:write"], places=["KEELUNG"])
    assert caller.post("/commitments", body(place="TAINAN")).status == 422
    assert caller.post("/commitments", body(place="KEELUNG")).status == 200


def test_a_bundle_is_set_listed_and_dissolved() -> None:
    for sku in ("GIFT", "CUP"):
        make_product(sku=sku)
    caller = call_as(scopes=["products:write"])
    gift = {"sku": "GIFT", "components": [{"sku": "CUP", "units": "1.5"}]}
    assert caller.put("/bundles", gift).body == {"sku": "GIFT", "components": [{"sku": "CUP", "units": "1.5"}]}
    assert caller.get("/bundles").body["items"] == [gift]
    assert caller.put("/bundles", {"sku": "CUP", "components": [{"sku": "GIFT", "units": "1"}]}).status == 422
    assert caller.put("/bundles", {"sku": "GIFT", "components": []}).body["components"] == []
    assert BundleComponent.objects.count() == 0
