"""The desk Warehouse: the floor is laid out, looked at, filled; what cannot be is told on the page."""

import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.catalog.models import Product
from reorder.domain.warehouse.floor_models import Bin, BinStock, FloorPlan
from reorder.domain.warehouse.floor_rules import AislePlan, BinSpot, GraphPlan, Way, walk_line
from reorder.domain.warehouse.pick_face_models import PickFace
from reorder.domain.warehouse.putting_away import PutAway, put_away
from reorder.web.warehouse.floor_svg import floor_svg
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, MORNING, make_place
from tests.factories.shelves import arrive, make_hall, units_in
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
GRID = {
    "place": KEELUNG, "aisles_count": "2", "first_aisle": "A", "bays_count": "2", "levels_count": "2",
    "has_both_sides": "on", "pattern": "{aisle}-{slot:2}-{level}", "bay_m": "1.2", "pitch_m": "3",
    "cross_aisles_count": "2", "cross_m": "2", "low_zone": "PICK", "low_levels": "1", "high_zone": "BULK",
}  # fmt: skip


@pytest.fixture
def oolong(client: Client) -> Product:
    make_place()
    make_hall()
    sign_in(client)
    return make_product()


def text_of(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def put(product: Product, *, units: int, code: str) -> None:
    put_away(
        put=PutAway(
            key=f"put-{code}", place_code=KEELUNG, product_id=product.pk, units=Decimal(units), bin_code=code,
            actor="Mei", happened_at=MORNING,
        )
    )  # fmt: skip


def test_a_grid_is_looked_at_before_it_is_saved(client: Client) -> None:
    make_place()
    sign_in(client)
    assert "has no floor plan yet" in text_of(client.get("/warehouse/"))
    looked = client.post("/warehouse/floor/grid/preview/", GRID)
    assert "16 bins, from A-01-1 to B-04-2." in text_of(looked)
    assert "<svg" in looked.content.decode()
    assert not FloorPlan.objects.exists()
    saved = client.post("/warehouse/floor/grid/save/", GRID, follow=True)
    assert "16 new bins" in text_of(saved)
    assert dict(Bin.objects.values_list("code", "zone__purpose"))["A-01-2"] == "bulk"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pattern": "{aisle}"}, "gives two bins the same code"),
        ({"one_way": "A up, B up"}, "nobody can walk to and back from"),
        ({"one_way": "A sideways"}, "Write each as a code and up or down"),
        ({"bay_m": "0"}, "bays are 0.1 to 20 m wide"),
        ({"aisles_count": "0"}, "greater than or equal to 1"),
        ({"pitch_m": "NaN"}, "number"),
    ],
)
def test_a_grid_that_cannot_be_is_told_beside_the_form(client: Client, changed: dict[str, str], said: str) -> None:
    make_place()
    sign_in(client)
    for address in ("preview", "save"):
        answer = client.post(f"/warehouse/floor/grid/{address}/", GRID | changed)
        assert answer.status_code == 422
        assert said in text_of(answer)
    assert not FloorPlan.objects.exists()


def test_wrong_lines_of_a_file_are_listed_and_nothing_is_saved(client: Client, oolong: Product) -> None:
    content = b"bin,zone,aisle,at_m\nA-09-1,PICK,A,3.5\nA-09-2,PICK,Q,3.5\n"
    given = {"place": KEELUNG, "kind": "bins", "file": SimpleUploadedFile("bins.csv", content)}
    answer = client.post("/warehouse/floor/files/take/", given)
    assert answer.status_code == 422
    assert "3 aisle Q there is no such aisle" in text_of(answer)
    assert not Bin.objects.filter(code="A-09-1").exists()
    assert client.post("/warehouse/floor/files/take/", {"place": KEELUNG, "kind": "bins"}).status_code == 422


def test_bins_are_exported_and_imported_again(client: Client, oolong: Product) -> None:
    answer = client.get(f"/warehouse/bins/export/?place={KEELUNG}&format=csv")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    given = {"place": KEELUNG, "kind": "bins", "file": SimpleUploadedFile("bins.csv", content)}
    saved = client.post("/warehouse/floor/files/take/", given, follow=True)
    assert "0 new bins, 0 changed, 24 as they were" in text_of(saved)


def test_goods_are_put_away_at_the_desk_once_however_often_the_form_is_sent(client: Client, oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=5)
    assert "Oolong 150 g" in text_of(client.get("/warehouse/put-away/"))
    page = client.get(f"/warehouse/put-away/{oolong.pk}/?place={KEELUNG}")
    assert "the nearest: how fast it sells is not known yet" in text_of(page)
    form = {"place": KEELUNG, "bin_code": "a-01-1", "units": "5", "owner": "self", "lot": "", "key": "once"}
    for _ in range(2):
        client.post(f"/warehouse/put-away/{oolong.pk}/put/", form)
    assert units_in(code="A-01-1") == 5
    wrong = client.post(f"/warehouse/put-away/{oolong.pk}/put/", form | {"bin_code": "NOWHERE", "key": "other"})
    assert wrong.status_code == 422
    assert "There is no bin NOWHERE" in text_of(wrong)


def test_the_list_to_put_away_is_a_file_with_the_suggested_bins(client: Client, oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=5)
    answer = client.get(f"/warehouse/put-away/export/?place={KEELUNG}&format=csv")
    lines = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert (
        'OOLONG-150,Oolong 150 g,,,5.000,A-01-1,"empty, and the nearest: how fast it sells is not known yet"' in lines
    )


def test_a_bin_shows_what_stands_in_it_and_how_it_came_there(client: Client, oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=5)
    put(oolong, units=5, code="A-01-1")
    said = text_of(client.get("/warehouse/bins/A-01-1/"))
    assert "Oolong 150 g OOLONG-150" in said
    assert "+5" in said
    assert "A-01-1" in text_of(client.get("/warehouse/bins/?tab=full"))
    assert "A-01-1" in text_of(client.get("/warehouse/bins/?q=Oolong"))
    assert "A-01-1" not in text_of(client.get("/warehouse/bins/?tab=empty"))
    assert "A-01-1" in text_of(client.get(f"/products/{oolong.pk}/supply/"))
    assert client.get("/warehouse/bins/NOWHERE/").status_code == 404


def test_a_pick_face_is_decided_on_its_bin_and_filled_from_bulk(client: Client, oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=9)
    put(oolong, units=9, code="A-01-3")
    form = {"sku": "OOLONG-150", "min_units": "2", "max_units": "6"}
    assert client.post("/warehouse/bins/A-01-1/face/", form | {"max_units": "1"}).status_code == 422
    assert client.post("/warehouse/bins/A-01-1/face/", form | {"sku": "NO-SUCH"}).status_code == 422
    client.post("/warehouse/bins/A-01-1/face/", form)
    page = client.get("/warehouse/replenish/")
    assert "6 from A-01-3" in text_of(page)
    key = re.search(r'name="key" value="(\w+)"', page.content.decode())
    assert key is not None
    given = {
        "place": KEELUNG, "key": key[1], "product": str(oolong.pk), "source": "A-01-3", "target": "A-01-1",
        "units": "6", "owner": "self", "lot": "",
    }  # fmt: skip
    for _ in range(2):
        client.post("/warehouse/replenish/fill/", given)
    assert (units_in(code="A-01-1"), units_in(code="A-01-3")) == (6, 3)
    client.post("/warehouse/bins/A-01-1/face/drop/", {"product": str(oolong.pk)})
    assert not PickFace.objects.exists()


def test_bins_beyond_stock_are_a_card_and_a_list(client: Client, oolong: Product) -> None:
    arrive(product_id=oolong.pk, units=5)
    put(oolong, units=5, code="A-01-1")
    BinStock.objects.update(units=7)
    assert "Bins hold more than the ledger" in text_of(client.get("/warehouse/"))
    assert "OOLONG-150 – 2 A-01-1 (7)" in text_of(client.get("/warehouse/differences/"))


def test_somebody_of_another_place_sees_nothing_of_this_one(client: Client) -> None:
    make_place()
    make_place(code="TAINAN", name="Tainan")
    make_hall()
    sign_in(client, role="warehouse", places=["TAINAN"])
    assert client.get(f"/warehouse/?place={KEELUNG}").status_code == 404
    assert client.get("/warehouse/bins/A-01-1/").status_code == 404
    assert "A-01-1" not in text_of(client.get("/warehouse/bins/"))


@pytest.mark.parametrize("address", ["/warehouse/", "/warehouse/floor/", "/warehouse/bins/", "/warehouse/put-away/"])
def test_pages_ask_no_more_for_more_bins(client: Client, oolong: Product, address: str) -> None:
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    make_hall(aisles=4, bays=6)
    arrive(product_id=oolong.pk, units=30)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) <= len(few) <= 14


def test_the_floor_shows_a_walk_with_its_stops_numbered_in_order() -> None:
    plan = AislePlan(aisle_codes=("A", "<B>"), aisle_pitch_mm=3000, cross_aisles_mm=(0, 10_000))
    spots = [BinSpot(code=f"A-{n}", aisle=n % 2, at_mm=2000 + n * 1000) for n in range(4)]
    walk = walk_line(plan=plan, stops=[spots[0], spots[2], spots[3]])
    drawn = str(floor_svg(plan=plan, bins=spots, walk=walk, highlights=["A-0"], heat={"A-0": 3.0, "A-1": 1.0}))
    assert drawn.count('class="floor-stop"') == 3
    assert re.findall(r'class="floor-stop-number"[^>]*>([^<]+)<', drawn) == ["1", "2", "3"]
    assert "&lt;B&gt;" in drawn
    assert 'class="floor-cell heat-4"' in drawn
    assert 'class="floor-cell heat-0"' in drawn
    assert 'class="floor-cell is-marked"' in drawn
    assert "style=" not in drawn


def test_the_floor_of_points_and_ways_is_drawn_too() -> None:
    plan = GraphPlan(
        points={"DOOR": (0, 0), "P": (6000, 4000)}, ways=(Way("DOOR", "P", 7000, is_one_way=True),), depot_point="DOOR"
    )
    drawn = str(floor_svg(plan=plan, bins=[BinSpot(code="X", point="P"), BinSpot(code="LOST", point="Q")]))
    assert "is-one-way" in drawn
    assert drawn.count("M") == 1
