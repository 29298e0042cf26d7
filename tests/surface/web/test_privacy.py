"""What is one person's stays theirs: no cache keeps a page, no log keeps a secret of an address."""

import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reorder.config.log_lines import Discreet
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/", "/customers/", "/me/preferences", "/no-such-page", "/customers/999/"])
def test_no_page_of_somebody_signed_in_is_kept(client: Client, address: str) -> None:
    sign_in(client)
    assert client.get(address)["Cache-Control"] == "private, no-store"


def test_neither_fragments_nor_files_are_kept(client: Client) -> None:
    sign_in(client)
    part = client.get("/customers/999/side", headers={"HX-Request": "true"})
    assert part["Cache-Control"] == "private, no-store"
    assert "no-store" in client.get("/customers/export")["Cache-Control"]
    refused = client.post("/imports/upload", {"file": SimpleUploadedFile("tea.exe", b"tea")})
    assert refused["Cache-Control"] == "private, no-store"


def test_problems_of_the_api_are_not_kept_either(client: Client) -> None:
    assert client.get("/api/v1/orders")["Cache-Control"] == "private, no-store"


def test_the_log_tells_of_a_refused_link_without_its_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(Discreet())
    client = Client(enforce_csrf_checks=True)
    with caplog.at_level(logging.WARNING):
        assert client.post("/sign-in/a-secret-that-still-works").status_code == 403
    assert "/sign-in/…" in caplog.text
    assert "still-works" not in caplog.text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /u/12:abcdef", "Not Found: /u/…"),
        ("Gone: /sign-in/abc?x=1 (away)", "Gone: /sign-in/…?x=1 (away)"),
        ("Not Found: /products/u/12", "Not Found: /products/u/12"),
    ],
)
def test_only_what_is_secret_is_masked(said: str, kept: str) -> None:
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "%s", (said,), None)
    Discreet().filter(record)
    assert record.getMessage() == kept
