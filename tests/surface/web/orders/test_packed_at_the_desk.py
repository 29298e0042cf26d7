"""The order desk's button of packing: parcels where a place has cartons, a mark only where it has none."""

import pytest
from django.test import Client

from reorder.domain.shipping.models import Parcel
from tests.factories.packing import boxes, goods, lay_cartons, picked, state
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_packing_at_the_desk_makes_the_parcels_of_the_plan(client: Client) -> None:
    lay_cartons()
    goods("OOLONG-150", 180, 140, 90)
    shipment = picked(("OOLONG-150", 2))
    sign_in(client, role="warehouse")

    page = client.post(f"/orders/parcels/{shipment}/pack/", follow=True).content.decode()

    numbers = list(Parcel.objects.order_by("pk").values_list("number", flat=True))
    assert boxes(shipment) == [("M", [("OOLONG-150", "2")], True)]
    assert f"Packed: {numbers[0]}." in page
    assert state(shipment) == "packed"


def test_without_cartons_or_without_sizes_it_is_a_mark_only(client: Client) -> None:
    goods("OOLONG-150", 180, 140, 90)
    goods("CUP")
    first = picked(("OOLONG-150", 1), external_id="A-1")
    second = picked(("CUP", 1), external_id="A-2")
    sign_in(client, role="warehouse")

    assert client.post(f"/orders/parcels/{first}/pack/").status_code == 302
    lay_cartons()
    page = client.post(f"/orders/parcels/{second}/pack/", follow=True).content.decode()

    assert "Recorded as packed." in page
    assert (state(first), state(second), Parcel.objects.count()) == ("packed", "packed", 0)


def test_the_number_that_is_told_when_the_only_box_leaves_is_followed(client: Client) -> None:
    lay_cartons()
    goods("OOLONG-150", 180, 140, 90)
    shipment = picked(("OOLONG-150", 2))
    sign_in(client, role="warehouse")
    client.post(f"/orders/parcels/{shipment}/pack/")

    client.post(f"/orders/parcels/{shipment}/ship/", {"carrier": "黑貓", "tracking_number": "9007-1"})

    parcel = Parcel.objects.get()
    assert (parcel.carrier, parcel.tracking_number, parcel.shipped_at is not None) == ("黑貓", "9007-1", True)
