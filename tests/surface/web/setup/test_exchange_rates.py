"""Exchange rates and documents of suppliers, as people enter them."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reorder.domain.purchasing import queries
from reorder.domain.staff.queries import list_audit
from tests.factories.catalog import make_product
from tests.factories.pages import said
from tests.factories.purchasing import make_offer, make_supplier
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-23T01:30:00")
    sign_in(client, role="owner", name="Mei")
    return client


def upload(client: Client, content: bytes) -> Any:
    return client.post("/setup/rates/upload", {"file": SimpleUploadedFile("rates.csv", content)}, follow=True)


def test_a_rate_is_entered_and_shown(owner: Client) -> None:
    make_supplier(code="UJI", currency="JPY")
    make_product()
    make_offer(supplier="UJI")
    page = said(owner.get("/setup/rates/"))
    assert "JPY no rate 1 supplier" in page
    assert "Alishan Tea Farm · OOLONG-150 · JPY alone it counts at the product's own cost" in page

    form = {"currency": "JPY", "rate_date": "2026-11-20", "rate": "0.2105", "source": "Bank of Taiwan"}
    done = said(owner.post("/setup/rates/save", form, follow=True))

    assert "1 rate is saved." in done
    assert "JPY 0.2105 TWD since 2026-11-20" in done
    assert queries.find_rate(currency="JPY", on_date=dt.date(2026, 11, 23)) == Decimal("0.2105")
    assert list_audit(action="purchasing.save_rates")[0].details["rates"] == ["JPY 2026-11-20 0.2105"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"rate": "0"}, "above zero"),
        ({"rate": "a lot"}, "Enter a number"),
        ({"rate_date": "2026-12-24"}, "still to come"),
        ({"currency": "QQQ"}, "three letters"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(owner: Client, change: dict[str, str], fault: str) -> None:
    form = {"currency": "JPY", "rate_date": "2026-11-20", "rate": "0.21", "source": ""} | change
    done = owner.post("/setup/rates/save", form)
    assert (done.status_code, fault in said(done)) == (422, True)
    assert queries.list_rates(size=5) == []


def test_a_file_of_rates_is_taken_whole(owner: Client) -> None:
    done = upload(
        owner, "\ufeffcurrency;date;rate;source\nUSD;2026-11-20;32.1;臺灣銀行\njpy;2026-11-20;0.21;\n".encode()
    )
    assert "2 rates are saved." in said(done)
    assert [(row.currency, row.rate, row.source) for row in queries.list_rates(size=5, currency="USD")] == [
        ("USD", Decimal("32.1"), "臺灣銀行")
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "Row 1: a column is missing"),
        (b"currency,date\nUSD,2026-11-20\n", "Row 1: a column is missing"),
        (b"currency,date,rate\n", "Row 2: there is no rate in it"),
        (b"currency,date,rate\nUSD,20.11.2026,32\n", "Row 2: write the day as year-month-day"),
        (b"currency,date,rate\nUSD,2026-11-20,32\nUSD,2026-11-21,many\n", "Row 3: the rate is not a number"),
        (b"currency,date,rate\nEURO,2026-11-20,32\n", "three-letter ISO 4217"),
        (b"currency,date,rate\nUSD,2026-11-20,32\nUSD,2026-11-20,33\n", "it is given twice"),
        (b"\xff\xfe\xff", "not a text in UTF-8 or Big5"),
    ],
)
def test_a_file_with_a_fault_changes_nothing(owner: Client, content: bytes, fault: str) -> None:
    done = upload(owner, content)
    assert (done.status_code, fault in said(done)) == (422, True)
    assert queries.list_rates(size=5) == []


def test_a_supplier_says_which_files_it_wants(owner: Client) -> None:
    make_supplier()
    supplier = queries.get_supplier(code="ALISHAN")
    url = f"/setup/suppliers/{supplier.id}/documents"
    assert 'value="pdf" class="form-check-input" id="id_formats_0" checked' in owner.get(url).content.decode()

    form = {
        "formats": ["csv", "x12"],
        "own_qualifier": "ZZ",
        "own_id": "teahouse",
        "their_qualifier": "01",
        "their_id": "123456789",
        "version": "004010",
    }
    incomplete = owner.post(f"{url}/change", form | {"their_id": ""})
    assert (incomplete.status_code, "X12 needs both qualifiers and both ids" in said(incomplete)) == (422, True)

    owner.post(f"{url}/change", form)
    terms = queries.get_document_terms(supplier_code="ALISHAN")
    assert (terms.formats, terms.own_id, terms.is_trial, terms.can_exchange) == (
        ("csv", "x12"),
        "TEAHOUSE",
        False,
        True,
    )


@pytest.mark.parametrize("role", ["marketer", "viewer", "support", "warehouse"])
def test_only_who_looks_after_suppliers_enters_rates(client: Client, role: str) -> None:
    sign_in(client, role=role)
    assert client.get("/setup/rates/").status_code == 403
