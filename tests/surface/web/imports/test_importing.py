"""A file is uploaded, looked at, imported, and what was refused comes back with its reasons."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.connectors.base import Kind
from reorder.connectors.tidy import WORDS
from reorder.connectors.tidy.headers import find_columns
from reorder.domain.channels.models import UploadedFile
from reorder.domain.staff.models import AuditEntry
from reorder.flows.file_import import uploads
from reorder.web.imports.examples import header_of
from tests.factories.importing import ORDER_HEADER, booked_lines
from tests.factories.pages import text_of
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = "A-1,2026-03-01,C1,mei@example.org,OOLONG-150,2,380"
BAD = "A-2,2026-03-02,C2,,=MATCHA,none,450"


def upload(client: Client, *lines: str, name: str = "orders.csv") -> UploadedFile:
    answer = client.post("/imports/upload", {"file": SimpleUploadedFile(name, "\n".join([*lines, ""]).encode())})
    assert answer.status_code == 302, text_of(answer)
    made = UploadedFile.objects.latest("pk")
    assert answer["Location"] == f"/imports/{made.pk}/"
    return made


def test_an_uploaded_file_shows_what_each_column_is_taken_for_and_which_rows_would_be_refused(client: Client) -> None:
    sign_in(client, role="marketer")
    file = upload(client, ORDER_HEADER + ",mood", GOOD + ",happy", BAD + ",sad")
    page = text_of(client.get(f"/imports/{file.pk}/"))
    assert "CSV, UTF-8, cells divided by comma" in page
    assert "1 of the first 2 rows would be rejected. That is the whole file." in page
    assert "quantity: This is not a number." in page
    assert "NT$380" in page
    assert booked_lines() == []


def test_the_whole_way_from_upload_to_the_list_of_refused_rows(client: Client) -> None:
    sign_in(client, role="buyer")
    file = upload(client, ORDER_HEADER, GOOD, BAD)
    client.post(f"/imports/{file.pk}/start")
    client.post(f"/imports/{file.pk}/start")
    waiting = text_of(client.get(f"/imports/{file.pk}/"))
    assert "It waits for its turn." in waiting
    assert "No worker is running" in waiting
    assert "It waits for its turn." in text_of(client.get(f"/imports/{file.pk}/progress"))
    uploads.run_upload(upload_id=file.pk)
    assert client.get(f"/imports/{file.pk}/progress")["HX-Refresh"] == "true"
    page = text_of(client.get(f"/imports/{file.pk}/"))
    assert "Download them with the reason beside each row" in page
    assert len(booked_lines()) == 1
    refused = client.get(f"/imports/{file.pk}/rejected")
    assert refused["Content-Disposition"] == 'attachment; filename="orders.csv.rejected.csv"'
    rows = b"".join(refused.streaming_content).decode("utf-8-sig").splitlines()
    assert rows == ["row,column,value,reason", "3,quantity,none,This is not a number."]
    actions = AuditEntry.objects.filter(subject_kind="upload").order_by("pk").values_list("actor", "action")
    assert list(actions) == [("buyer", "imports.upload"), ("buyer", "imports.start")]


def test_unknown_columns_can_be_explained_and_taken_back(client: Client) -> None:
    sign_in(client)
    file = upload(client, "Nummer;Tag;Artikel;Menge", "A-1;2026-03-01;OOLONG-150;2")
    page = text_of(client.get(f"/imports/{file.pk}/"))
    assert "the columns are not understood" in page
    assert "Still missing: order number, ordered on, SKU, quantity ." in page
    told = {"kind": "orders", "mapped": "yes"} | {
        f"column-{number}": word for number, word in enumerate(("order_id", "ordered_at", "sku", "quantity"))
    }
    client.post(f"/imports/{file.pk}/choose", told)
    assert "The first row is fine." in text_of(client.get(f"/imports/{file.pk}/"))
    client.post(f"/imports/{file.pk}/choose", told | {"detect": "yes"})
    file.refresh_from_db()
    assert file.columns == {}


def test_two_columns_for_one_thing_are_refused_with_both_names(client: Client) -> None:
    sign_in(client)
    file = upload(client, "Nummer;Tag", "A-1;2026-03-01")
    told = {"kind": "orders", "mapped": "yes", "column-0": "sku", "column-1": "sku"}
    answer = client.post(f"/imports/{file.pk}/choose", told)
    assert answer.status_code == 422
    assert "two columns are taken for “SKU”: Nummer, Tag." in text_of(answer)


def test_a_choice_that_equals_the_detection_stays_a_detection(client: Client) -> None:
    sign_in(client)
    file = upload(client, "sku,on_hand", "OOLONG-150,5", name="stock.csv")
    client.post(f"/imports/{file.pk}/choose", {"kind": "", "mapped": "yes", "column-0": "sku", "column-1": "on_hand"})
    file.refresh_from_db()
    assert (file.columns, file.kind) == ({}, "")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "bad.csv: not a CSV, TSV, Parquet or XLSX file (the file is empty)."),
        (b"\x7fELF\x00", "(it holds bytes that no text holds)"),
        (b"a,b\n\xff\xfa\x80", "neither UTF-8 nor Big5"),
        (b"PK\x03\x04", "bad.csv: cannot be read"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason_and_not_kept(client: Client, content: bytes, sentence: str) -> None:
    sign_in(client)
    answer = client.post("/imports/upload", {"file": SimpleUploadedFile("bad.csv", content)})
    # Django's parser leaves a file without bytes out of the form.
    assert answer.status_code == 422
    assert (sentence if content else "Choose a file first.") in text_of(answer) or sentence in text_of(answer)
    assert UploadedFile.objects.count() == 0


def test_a_form_without_a_file_says_so(client: Client) -> None:
    sign_in(client)
    answer = client.post("/imports/upload", {})
    assert (answer.status_code, "Choose a file first." in text_of(answer)) == (422, True)


def test_several_files_at_once_are_each_taken_or_refused(client: Client) -> None:
    sign_in(client)
    good = SimpleUploadedFile("orders.csv", f"{ORDER_HEADER}\n{GOOD}\n".encode())
    other = SimpleUploadedFile("stock.csv", b"sku,on_hand\nOOLONG-150,5\n")
    bad = SimpleUploadedFile("bad.csv", b"\x7fELF\x00")
    answer = client.post("/imports/upload", {"file": [good, bad, other]}, follow=True)
    page = text_of(answer)
    assert "2 files were received." in page
    assert "bad.csv: not a CSV" in page
    assert sorted(UploadedFile.objects.values_list("name", flat=True)) == ["orders.csv", "stock.csv"]


def test_a_forged_form_is_refused_and_leaves_no_file(settings) -> None:
    client = Client(enforce_csrf_checks=True)
    sign_in(client)
    before = {one.name for one in (settings.HOME / "uploads").glob("*")}
    answer = client.post("/imports/upload", {"file": SimpleUploadedFile("a.csv", b"sku,on_hand\nX,1\n")})
    assert answer.status_code == 403
    assert {one.name for one in (settings.HOME / "uploads").glob("*")} == before


def test_who_may_not_import_sees_and_brings_nothing(client: Client) -> None:
    sign_in(client, role="viewer")
    answers = [client.get("/imports/"), client.get("/imports/log"), client.get("/imports/1/")]
    answers.append(client.post("/imports/upload", {"file": SimpleUploadedFile("a.csv", b"sku,on_hand\nX,1\n")}))
    assert {answer.status_code for answer in answers} == {403}
    assert UploadedFile.objects.count() == 0


def test_unknown_numbers_and_stale_pages_are_answered(client: Client) -> None:
    sign_in(client)
    assert client.get("/imports/999/").status_code == 404
    assert client.get(f"/imports/{10**30}/").status_code == 404
    assert client.get("/imports/?after=nonsense").status_code == 422
    file = upload(client, ORDER_HEADER, GOOD)
    client.post(f"/imports/{file.pk}/remove")
    assert client.post(f"/imports/{file.pk}/start").status_code == 409
    assert client.get(f"/imports/{file.pk}/rejected").status_code == 404
    assert "This file was removed." in text_of(client.get(f"/imports/{file.pk}/"))


def test_a_failure_is_told_in_chinese_to_who_reads_chinese(client: Client) -> None:
    sign_in(client)
    file = upload(client, "sku,on_hand", "OOLONG-150,5", name="庫存.csv")
    UploadedFile.objects.filter(pk=file.pk).update(kind="orders")
    client.post(f"/imports/{file.pk}/start")
    uploads.run_upload(upload_id=file.pk)
    sign_in(client, name="ting", language="zh-hant")
    page = text_of(client.get(f"/imports/{file.pk}/"))
    assert "庫存.csv：無法辨識欄位。" in page
    assert "the columns are not understood" not in page


@pytest.mark.parametrize("path", ["/imports/", "/imports/log"])
def test_lists_ask_the_same_for_two_files_and_for_thirty(client: Client, path: str) -> None:
    sign_in(client)
    counts = []
    for size in (2, 28):
        for number in range(size):
            made = uploads.receive_upload(
                name=f"{size}-{number}.csv", chunks=[f"sku,on_hand\nX,{number}{size}\n".encode()], uploaded_by="owner"
            )
            uploads.start_import(upload_id=made.id, started_by="owner")
            uploads.run_upload(upload_id=made.id)
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


@pytest.mark.parametrize(
    ("language", "header"),
    [
        ("en", "customer_id,email,kind,happened_at,sku,search_text,message_id"),
        ("zh-hant", "客戶編號,電子郵件,事件,發生時間,商品編號,搜尋字詞,訊息編號"),
    ],
)
def test_the_headers_of_empty_files_are_read_back(language: str, header: str) -> None:
    assert header_of(kind=Kind.EVENTS, language=language) == header.split(",")
    for kind in Kind:
        columns = header_of(kind=kind, language=language)
        assert find_columns(header=columns, kind=kind) == dict(zip(WORDS[kind], columns, strict=True))


def test_an_empty_file_of_events_can_be_fetched(client: Client) -> None:
    sign_in(client, role="marketer")
    answer = client.get("/imports/template/events")
    assert answer.content.decode() == "\ufeffcustomer_id,email,kind,happened_at,sku,search_text,message_id\r\n"
    assert answer["Content-Disposition"] == 'attachment; filename="events.csv"'
    assert "Events: views, carts, searches" in text_of(client.get("/imports/"))
    assert client.get("/imports/template/nothing").status_code == 404
