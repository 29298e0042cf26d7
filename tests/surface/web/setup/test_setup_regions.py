"""Regions on the page of places."""

import pytest
from django.test import Client

from reorder.domain.planning.models import DemandRegion
from reorder.domain.staff.models import AuditEntry
from tests.factories.inventory import make_place
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


def put(client: Client, **given: str) -> int:
    return client.post(
        "/setup/places/regions/put", {"country": "TW", "postcode": "80", "place": "KEELUNG"} | given
    ).status_code


def test_an_owner_sets_changes_and_forgets_a_region(client: Client) -> None:
    make_place()
    make_place(code="TAINAN", name="Tainan store")
    sign_in(client, role="owner")
    assert put(client) == 302
    assert put(client, place="TAINAN", country="tw", postcode=" 8-0") == 302
    region = DemandRegion.objects.get()
    assert (region.country, region.postcode_start, region.place_code) == ("TW", "80", "TAINAN")
    assert "Tainan store" in client.get("/setup/places/").content.decode()
    assert client.post("/setup/places/regions/apply").status_code == 302
    assert client.post(f"/setup/places/regions/{region.pk}/remove").status_code == 302
    assert not DemandRegion.objects.exists()
    assert AuditEntry.objects.filter(action="planning.set_region").count() == 2


@pytest.mark.parametrize("given", [{"country": "T1"}, {"place": "MOON"}, {"postcode": "1" * 17}])
def test_a_region_that_cannot_be_is_said_beside_the_form(client: Client, given: dict[str, str]) -> None:
    make_place()
    sign_in(client, role="owner")
    assert put(client, **given) == 422
    assert not DemandRegion.objects.exists()
