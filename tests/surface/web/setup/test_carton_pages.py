"""Cartons are set up on pages: kept, taken from files, and tried on shipments of the past."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from reorder.domain.shipping.carton_trials import find_trial
from reorder.domain.shipping.cartons import get_carton, list_cartons
from reorder.domain.staff.models import AuditEntry
from reorder.flows.packing import doing, trying
from tests.factories.inventory import make_place
from tests.factories.order_life import LATER
from tests.factories.packing import goods, lay_cartons, picked
from tests.factories.placing import MERCHANT
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
FORM = {
    "code": "BOX-25",
    "name": "Box 25",
    "material": "carton",
    "length_mm": "250",
    "width_mm": "200",
    "height_mm": "120",
    "own_grams": "150",
    "cost": "11",
    "temperatures": ["ambient"],
    "is_active": "on",
}


@pytest.fixture
def mei(client: Client) -> Client:
    sign_in(client, role="owner", name="Mei")
    return client


def seen(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def upload(client: Client, text: str) -> HttpResponse:
    file = SimpleUploadedFile("cartons.csv", text.encode(), content_type="text/csv")
    return client.post("/setup/cartons/upload", {"file": file})  # type: ignore[return-value]


def test_a_carton_is_added_with_its_outside_and_its_cost(mei: Client) -> None:
    mei.post("/setup/cartons/create", FORM)

    box = get_carton(code="BOX-25")
    assert (box.outer_length_mm, box.cost_minor, box.max_grams) == (256, 1_100, None)
    assert "BOX-25" in seen(mei.get("/setup/cartons/"))
    assert AuditEntry.objects.filter(action="shipping.put_carton", subject_key="BOX-25").count() == 1


def test_a_second_carton_of_the_same_code_is_refused(mei: Client) -> None:
    mei.post("/setup/cartons/create", FORM)

    answered = mei.post("/setup/cartons/create", FORM | {"length_mm": "10"})

    assert answered.status_code == 422
    assert get_carton(code="BOX-25").length_mm == 250


def test_an_outside_smaller_than_the_inside_is_refused(mei: Client) -> None:
    answered = mei.post("/setup/cartons/create", FORM | {"outer_length_mm": "200"})

    assert answered.status_code == 422
    assert "the outside is smaller than the inside" in seen(answered)


def test_a_carton_is_changed_and_forgotten(mei: Client) -> None:
    mei.post("/setup/cartons/create", FORM)

    mei.post("/setup/cartons/carton/BOX-25/change", FORM | {"height_mm": "150"})
    assert get_carton(code="BOX-25").height_mm == 150

    mei.post("/setup/cartons/carton/BOX-25/remove")
    assert list_cartons() == []


def test_the_example_fills_an_empty_catalogue_once(mei: Client) -> None:
    assert mei.post("/setup/cartons/example").status_code == 302
    assert mei.post("/setup/cartons/example").status_code == 422
    assert len(list_cartons()) == 7


def test_a_downloaded_file_taken_again_changes_nothing(mei: Client) -> None:
    mei.post("/setup/cartons/example")
    before = list_cartons()

    text = mei.get("/setup/cartons/file.csv").content.decode("utf-8-sig")
    assert upload(mei, text).status_code == 302

    assert list_cartons() == before


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("BOX,Box,0,10,10", "every side inside must be above 0 mm"),
        ("BOX,Box,large,10,10", "this is not a whole number"),
        ("B O X,Box,10,10,10", "a code has 1 to 40 letters"),
    ],
)
def test_a_faulty_row_refuses_the_whole_file(mei: Client, row: str, said: str) -> None:
    answered = upload(mei, f"code,name,length_mm,width_mm,height_mm\nGOOD,Good,10,10,10\n{row}\n")

    assert answered.status_code == 422
    assert said in seen(answered)
    assert list_cartons() == []


def test_another_box_is_tried_on_what_was_packed(mei: Client) -> None:
    lay_cartons()
    goods("OOLONG-150", 100, 100, 90)
    shipment = picked(("OOLONG-150", 1))
    doing.pack_as_planned(fulfilment_id=shipment, actor=MERCHANT, moment=LATER)

    started = mei.post(
        "/setup/cartons/try/start",
        {"length_mm": "110", "width_mm": "100", "height_mm": "95", "cost": "5", "shipments": "300"},
    )
    trial_id = int(started.url.rstrip("/").rsplit("/", 1)[1])  # type: ignore[attr-defined]
    assert "0/300" in seen(mei.get(started.url))  # type: ignore[attr-defined]
    trying.run_trial(trial_id=trial_id, moment=LATER)

    found = find_trial(trial_id=trial_id)
    assert found is not None
    assert found.outcome is not None
    assert found.outcome["before"] | {"goods_mm3": 0} == {
        "parcels": 1, "outer_mm3": 206 * 156 * 106, "inner_mm3": 3_000_000, "goods_mm3": 0, "cost_minor": 1_000,
        "uncartoned": 0, "by_carton": {"S": 1},
    }  # fmt: skip
    assert found.outcome["after"]["by_carton"] == {"NEW-110x100x95": 1}
    page = seen(mei.get(f"/setup/cartons/try/{trial_id}/"))
    assert "−50 %" in page
    assert trying.run_trial(trial_id=trial_id, moment=LATER) == found


def test_a_what_if_of_nothing_is_refused(mei: Client) -> None:
    assert mei.post("/setup/cartons/try/start", {"shipments": "10"}).status_code == 422


def test_the_packing_desk_shows_boxes_with_pictures_and_packs_as_shown(mei: Client) -> None:
    make_place()
    lay_cartons()
    goods("OOLONG-150", 100, 100, 90)
    shipment = picked(("OOLONG-150", 2))

    assert "A-1" in seen(mei.get("/warehouse/packing/"))
    page = mei.get(f"/warehouse/packing/{shipment}/").content.decode()
    assert "Step 1: OOLONG-150 lies at the bottom" in page
    picture = mei.get(f"/warehouse/packing/{shipment}/0/1.svg")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/svg+xml")
    assert mei.get(f"/warehouse/packing/{shipment}/0/9.svg").status_code == 404

    mei.post(f"/warehouse/packing/{shipment}/0/carton", {"carton": "L"})
    assert "Carton L" in seen(mei.get(f"/warehouse/packing/{shipment}/"))
    mei.post(f"/warehouse/packing/{shipment}/pack")
    assert "packed" in seen(mei.get(f"/warehouse/packing/{shipment}/"))
    assert mei.post(f"/warehouse/packing/{shipment}/pack").status_code == 409
