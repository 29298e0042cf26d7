"""Files through the API: sent, taken in by the job, and their refused rows fetched."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from reorder.domain.channels.models import UploadedFile
from reorder.domain.orders.models import Order
from reorder.domain.staff.models import AuditEntry
from reorder.flows.file_import import uploads
from tests.factories.api import Caller, call_as, make_secret

FILE = (
    b"order_id,ordered_at,customer_id,sku,quantity\n"
    b"A-1,2026-11-01,mei,OOLONG-150,2\n"
    b"A-2,2026-11-02,tom,OOLONG-150,none\n"
)


def send(caller: Caller, content: bytes = FILE, *, key: str = "", **query: Any) -> Any:
    return caller.send(
        "POST", "/imports", raw=content, content_type="text/csv", key=key, query={"name": "orders.csv", **query}
    )


def folders() -> list[Path]:
    root = Path(django_settings.HOME) / "uploads"
    return sorted(root.iterdir()) if root.is_dir() else []


@pytest.mark.usefixtures("_no_jobs_left")
def test_a_file_is_imported_by_the_job_and_its_refused_rows_can_be_fetched() -> None:
    shop = call_as(scopes=["imports:write"])
    sent = send(shop, channel="tea.example")
    assert (sent.status, sent.body["state"], sent.body["kind"]) == (202, "queued", ""), sent.body
    path = f"/imports/{sent.body['id']}"
    assert sent.headers["Location"] == f"/api/v1{path}"
    assert ProcrastinateJob.objects.filter(args={"upload_id": sent.body["id"]}, status="todo").count() == 1

    uploads.run_upload(upload_id=sent.body["id"])

    done = shop.get(path).body
    assert (done["state"], done["kind"], done["channel"]) == ("done", "orders", "tea.example")
    assert done["counts"] == {"read": 2, "imported": 1, "unchanged": 0, "rejected": 1}
    assert Order.objects.get().external_id == "A-1"
    rejected = shop.get(f"{path}/rejected")
    assert rejected.body.decode("utf-8-sig").splitlines()[1] == "3,quantity,none,This is not a number."
    assert shop.send("HEAD", f"{path}/rejected", key=None).body == b""
    assert rejected.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert shop.get("/imports").body["items"][0]["uploaded_by"] == "token:shop"
    assert AuditEntry.objects.filter(action="imports.start", via="api").count() == 1


@pytest.mark.django_db
def test_a_form_with_a_file_does_the_same() -> None:
    answer = Client().post(
        "/api/v1/imports?name=orders.csv",
        {"file": SimpleUploadedFile("whatever.bin", FILE)},
        headers={"Authorization": f"Bearer {make_secret()}", "Idempotency-Key": "form"},
    )
    assert (answer.status_code, answer.json()["name"]) == (202, "orders.csv")


@pytest.mark.django_db
def test_the_same_file_under_the_same_key_is_one_import_and_nothing_stays_of_the_second() -> None:
    shop = call_as()
    first = send(shop, key="k")
    before = folders()
    again = send(shop, key="k")
    assert (again.status, again.body) == (202, first.body)
    assert UploadedFile.objects.count() == 1
    assert folders() == before
    other = send(shop, FILE + b"A-3,2026-11-02,tom,OOLONG-150,1\n", key="k")
    assert other.code == "api.idempotency_key_reused"
    assert folders() == before


@pytest.mark.django_db
def test_what_can_never_be_imported_is_refused_at_once_and_leaves_nothing() -> None:
    shop = call_as()
    before = folders()
    assert send(shop, b"").code == "api.no_file"
    assert send(shop, b"\x00\x01\x02 no table").status == 422
    assert send(shop, name="a\x00b.csv").status == 422
    assert send(shop, kind="poems").status == 422
    empty = Client().post(
        "/api/v1/imports", {"other": "x"}, headers={"Authorization": f"Bearer {shop.secret}", "Idempotency-Key": "f"}
    )
    assert empty.json()["code"] == "api.no_file"
    assert UploadedFile.objects.count() == 0
    assert folders() == before


@pytest.mark.django_db
def test_a_file_over_the_limit_is_refused_by_its_length(settings: Any) -> None:
    from dataclasses import replace

    settings.REORDER = replace(settings.REORDER, import_maximum_bytes=100)
    shop = call_as()
    before = folders()
    assert send(shop, FILE).code == "import.file_too_large"
    assert send(shop, FILE * 10_000).status == 413
    assert folders() == before


@pytest.mark.django_db
def test_there_is_no_list_of_refused_rows_before_the_end() -> None:
    shop = call_as()
    sent = send(shop)
    assert shop.get(f"/imports/{sent.body['id']}/rejected").code == "api.no_refused_rows"
    assert shop.get("/imports/999").status == 404


@pytest.mark.django_db
def test_a_token_of_one_place_sends_no_file_that_would_count_the_stock_of_others() -> None:
    refused = send(call_as(scopes=["imports:write"], places=["KEELUNG"]))
    assert (refused.status, refused.code) == (403, "staff.not_allowed")
    assert not UploadedFile.objects.exists()
