"""Pages of a handheld and the JSON they speak: places, plans, scans one by one, codes looked up, pictures read."""

import io
import json
from typing import Any

import pytest
import zxingcpp
from django.test import Client
from PIL import Image

from reorder.flows.floor import handlers, receive
from reorder.web.floor.camera import read_picture
from tests.factories.floor import MATCHA_GTIN, OOLONG_CASE, OOLONG_GTIN, make_bin, make_delivery
from tests.factories.inventory import KEELUNG, make_place, stock_at
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
GS1 = "0109521234543213" + "17281200" + "10ABC"


def post(client: Client, body: Any, *, path: str = "/floor/scans") -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body)
    return client.post(path, data=content, content_type="application/json")


def scan(order: str, **more: Any) -> dict[str, Any]:
    return {"key": "handheld-1", "work": "receive", "task": order, "place": KEELUNG, "code": OOLONG_GTIN} | more


def at_keelung(client: Client) -> None:
    sign_in(client, role="warehouse")
    client.post("/floor/place", {"place": KEELUNG})


def test_a_handheld_asks_for_its_place_once_and_keeps_it(client: Client) -> None:
    make_place()
    make_place(code="TAINAN", name="Tainan warehouse")
    sign_in(client, role="warehouse")

    assert b"Tainan warehouse" in client.get("/floor/").content
    client.post("/floor/place", {"place": "TAINAN"})

    assert client.cookies["reorder_floor_place"].value == "TAINAN"
    assert b"What is to do?" in client.get("/floor/").content
    client.post("/floor/place", {"place": "NOWHERE"})
    assert client.cookies["reorder_floor_place"].value == "TAINAN"


def test_a_person_of_one_place_works_there_without_being_asked(client: Client) -> None:
    make_place()
    make_place(code="TAINAN", name="Tainan warehouse")
    sign_in(client, role="warehouse", name="lin", places=["TAINAN"])
    client.cookies["reorder_floor_place"] = KEELUNG

    shown = client.get("/floor/")

    assert shown.context["place"].code == "TAINAN"


def test_the_start_page_counts_and_survives_a_work_that_cannot(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_delivery()
    at_keelung(client)
    counted = {one.work: one.count for one in client.get("/floor/").context["buttons"]}
    assert counted["receive"] == 1

    def breaks(**_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(receive, "count_open", breaks)
    counted = {one.work: one.count for one in client.get("/floor/").context["buttons"]}
    assert counted["receive"] is None


def test_a_scan_on_the_list_opens_its_task(client: Client) -> None:
    order = make_delivery()
    at_keelung(client)

    opened = client.get("/floor/receive/", {"scan": order.number.lower()})

    assert opened.headers["Location"] == f"/floor/receive/{order.number}/"
    assert (
        client.get(opened.headers["Location"]).context["plan"]["title"] == f"Receive {order.number} · Alishan Tea Farm"
    )
    assert b"Nothing to do here has the code 123" in client.get("/floor/receive/", {"scan": "123"}).content


def test_an_unknown_task_or_work_is_told_on_a_page_of_the_handheld(client: Client) -> None:
    make_place()
    at_keelung(client)

    assert client.get("/floor/receive/PO-1/").status_code == 404
    assert client.get("/floor/dance/").status_code == 404


def test_scans_are_answered_one_by_one_in_the_language_of_the_person(client: Client) -> None:
    order = make_delivery()
    at_keelung(client)
    sent = [scan(order.number, units="3"), scan(order.number, key="handheld-2", units="x"), "nonsense"]

    answers = post(client, {"scans": sent}).json()["answers"]

    by_key = {one["key"]: (one["outcome"], one["message"]) for one in answers}
    assert by_key["handheld-1"] == ("right", "3 × Oolong 150 g taken in. 9 still to come.")
    assert by_key["handheld-2"][0] == "wrong"
    assert len(answers) == 3
    assert stock_at(sku="OOLONG-150") == 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"scans": 5}',
        b'{"scans": [' + b"[" * 5000 + b"]",
        b"\xff",
        b'{"scans": "' + b"x" * 500_000 + b'"}',
    ],
)
def test_nonsense_is_refused_and_never_a_crash(client: Client, body: bytes) -> None:
    make_place()
    at_keelung(client)

    answer = post(client, body)

    assert answer.status_code == 422
    assert answer.json()["error"] == "floor.bad_scan"


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "short"},
        {"key": "with space 1"},
        {"key": None},
        {"work": ""},
        {"task": "x" * 101},
        {"code": 5},
        {"code": "a\x00b"},
        {"units": "NaN"},
        {"units": True},
        {"units": "1e99"},
        {"product_id": "7"},
        {"expires_date": "2027-02-30"},
        {"scanned_at": "yesterday"},
        {"details": ["a"]},
        {"details": {"a": "x" * 5000}},
    ],
    ids=lambda one: json.dumps(one)[:30],
)
def test_a_scan_that_cannot_be_read_is_answered_and_changes_nothing(client: Client, wrong: dict[str, Any]) -> None:
    order = make_delivery()
    at_keelung(client)

    (answer,) = post(client, {"scans": [scan(order.number) | wrong]}).json()["answers"]

    assert (answer["outcome"], answer["error"]) == ("wrong", "floor.bad_scan")
    assert stock_at(sku="OOLONG-150") == 0


def test_scans_need_the_token_of_a_page() -> None:
    order = make_delivery()
    client = Client(enforce_csrf_checks=True)
    sign_in(client, role="warehouse")

    assert post(client, {"scans": [scan(order.number)]}).status_code == 403
    token = client.get("/floor/hello").json()["token"]
    answer = client.post(
        "/floor/scans",
        data=json.dumps({"scans": [scan(order.number, units=1)]}),
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert answer.json()["answers"][0]["outcome"] == "right"


def test_a_code_is_looked_up(client: Client) -> None:
    make_delivery()
    make_bin(code="A-01")
    at_keelung(client)

    def look(code: str) -> dict[str, Any]:
        return dict(client.get("/floor/look", {"code": code}).json())

    assert look("a-01") == {"kind": "bin", "code": "A-01", "place": KEELUNG, "is_here": True}
    assert (look(OOLONG_CASE)["pack_units"], look(OOLONG_CASE)["unit"]) == ("6", "case")
    assert look(MATCHA_GTIN)["needs"] == ["units", "lot", "expires"]
    assert (look("4006381333932")["kind"], look("4006381333932")["error"]) == ("unknown", "floor.wrong_check_digit")


def test_the_app_files_name_what_is_there(client: Client) -> None:
    make_place()
    at_keelung(client)

    worker = client.get("/floor/worker.js")
    manifest = client.get("/floor/manifest.webmanifest").json()

    assert worker["Content-Type"].startswith("text/javascript")
    files = json.loads(worker.content.decode().split("const FILES = ")[1].split(";\n")[0])
    assert all("?v=" in one for one in files)
    assert (manifest["start_url"], len(manifest["icons"])) == ("/floor/", 3)


def picture_of(*codes: tuple[str, zxingcpp.BarcodeFormat], form: str = "PNG") -> bytes:
    canvas = Image.new("L", (900, 500 * len(codes)), 255)
    for at, (text, kind) in enumerate(codes):
        made = zxingcpp.create_barcode(text, kind)
        canvas.paste(Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=3)), (60, 60 + 500 * at))
    kept = io.BytesIO()
    canvas.save(kept, form)
    return kept.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_the_camera_is_read(client: Client, form: str) -> None:
    make_place()
    at_keelung(client)
    picture = picture_of((OOLONG_GTIN, zxingcpp.BarcodeFormat.EAN13), form=form)

    answer = client.post("/floor/read", data=picture, content_type="image/jpeg")

    assert [one["text"] for one in answer.json()["codes"]] == [OOLONG_GTIN]


def test_a_gs1_data_matrix_is_read_with_its_mark() -> None:
    made = zxingcpp.create_barcode(
        "(01)09521234543213(17)281200(10)ABC(37)12", zxingcpp.BarcodeFormat.DataMatrix, gs1=True
    )
    canvas = Image.new("L", (400, 400), 255)
    canvas.paste(Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=6)), (60, 60))
    kept = io.BytesIO()
    canvas.save(kept, "PNG")

    (found,) = read_picture(content=kept.getvalue())

    assert found["text"] == f"]d2{GS1}\x1d3712"


def test_what_is_no_picture_or_too_large_is_refused(client: Client) -> None:
    make_place()
    at_keelung(client)
    huge = io.BytesIO()
    Image.new("1", (3000, 3000)).save(huge, "PNG")

    for content in (b"", b"no picture", huge.getvalue(), b"x" * 1_600_000):
        answer = client.post("/floor/read", data=content, content_type="image/jpeg")
        assert (answer.status_code, answer.json()["error"]) == (422, "floor.bad_picture")


def test_every_work_has_a_button() -> None:
    from reorder.web.floor.views import BUTTONS

    assert list(BUTTONS) == list(handlers.WORKS)
