"""Report pages of a small shop: what they say, what their files hold, and who sees what."""

import csv
import datetime as dt
import io
from collections.abc import Sequence

import pypdfium2
import pytest
from django.test import Client

from reorder.domain.planning.models import ServiceFigure, ServiceWeek, StockFigure
from reorder.domain.planning.operations import open_run
from reorder.domain.planning.reports import save_report_day
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
NIGHT = dt.date(2026, 11, 23)
MOMENT = dt.datetime(2026, 11, 22, 18, 30, tzinfo=dt.UTC)


def sums(**changed: object) -> dict[str, object]:
    return {
        "products": 1,
        "units": 30.0,
        "value_minor": 600_000,
        "without_cost": 0,
        "sold_90_minor": 900_000,
        "mean_minor": 400_000,
        "mean_days": 90.0,
        "young_minor": 450_000,
        "middle_minor": 0,
        "aged_minor": 0,
        "old_minor": 150_000,
    } | changed


@pytest.fixture
def shop() -> None:
    make_place()
    make_place(code="KAOHSIUNG", name="Kaohsiung warehouse")
    tea = make_product()
    run_id = open_run(kind="night", as_of_date=NIGHT, moment=MOMENT).id
    for place, value in (("KEELUNG", 600_000), ("KAOHSIUNG", 200_000)):
        StockFigure.objects.create(
            run_id=run_id, product=tea, place_code=place, on_hand_units=30, value_minor=value, sold_90_units=45,
            mean_on_hand_units=20, mean_days=90, turns=9.125, cover_days=60, abc="A", xyz="Z", oldest_days=200,
            young_minor=value - 150_000, old_minor=150_000,
        )  # fmt: skip
        ServiceFigure.objects.create(
            subject=tea.sku, place_code=place, checks_count=20, held_count=17, promised_share=0.95, short_units=6,
            risk_minor=72_000,
        )  # fmt: skip
        ServiceWeek.objects.create(
            origin_date=NIGHT - dt.timedelta(weeks=4), place_code=place, series_count=10, held_count=9,
            promised_sum=9.5, risk_minor=72_000,
        )  # fmt: skip
    save_report_day(
        as_of_date=NIGHT,
        moment=MOMENT,
        content={
            "stock": sums(value_minor=800_000),
            "places": [sums(place="KEELUNG"), sums(place="KAOHSIUNG", value_minor=200_000)],
            "categories": [sums(category_code="")],
            "classes": [sums(abc="A", xyz="Z", value_minor=800_000)],
            "accuracy": [
                {"demand_class": "lumpy", "method": "tsb", "series": 4, "rmsse": 0.71, "bias": -0.02, "chosen": 3}
            ],
            "chosen": [{"demand_class": "lumpy", "series": 4, "judged": 4, "rmsse": 0.69}],
        },
    )


def signed_in(*, role: str, places: Sequence[str] = (), language: str = "en") -> Client:
    client = Client()
    sign_in(client, role=role, name="-".join([role, *places, language]), places=places, language=language)
    return client


def said(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.usefixtures("shop")
def test_the_stock_report_adds_up_the_places_that_one_may_see() -> None:
    everywhere = said(signed_in(role="buyer"), "/insights/reports/")
    keelung = said(signed_in(role="buyer", places=["KEELUNG"]), "/insights/reports/")

    assert "NT$8,000" in everywhere
    assert "19% of the stock value" not in everywhere
    assert "Kaohsiung warehouse" in everywhere
    assert "NT$6,000" in keelung
    assert "NT$8,000" not in keelung
    assert "Kaohsiung warehouse" not in keelung
    # 9,000 sold in 90 days at cost, made into a year, over a mean of 4,000.
    assert "9.1" in keelung


@pytest.mark.usefixtures("shop")
def test_the_matrix_leads_to_the_products_of_a_class_and_is_of_the_whole_shop() -> None:
    buyer = signed_in(role="buyer")

    page = said(buyer, "/insights/reports/classes/")

    assert '<a href="/insights/reports/?class=AZ"><strong>AZ</strong></a>' in page
    assert "OOLONG-150" in said(buyer, "/insights/reports/?class=AZ")
    assert "OOLONG-150" not in said(buyer, "/insights/reports/?class=CX")
    assert "you see only some of its places" in said(
        signed_in(role="buyer", places=["KEELUNG"]), "/insights/reports/classes/"
    )


@pytest.mark.usefixtures("shop")
def test_service_shows_what_held_beside_what_was_promised() -> None:
    page = said(signed_in(role="buyer"), "/insights/reports/service/")

    assert "Reorder points held in 85% of the weeks; 95% was promised" in page
    assert "NT$1,440" in page
    assert "OOLONG-150" in said(signed_in(role="buyer"), "/insights/reports/service/?tab=below")


@pytest.mark.usefixtures("shop")
def test_files_hold_numbers_not_words() -> None:
    buyer = signed_in(role="buyer")

    stock = b"".join(buyer.get("/insights/reports/export/").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (head, first, second) = list(csv.reader(io.StringIO(stock)))
    row = dict(zip(head, first, strict=True))

    assert (row["SKU"], row["Place"], row["Value"], row["Class"]) == ("OOLONG-150", "Keelung warehouse", "6000.0", "AZ")
    assert (row["Turns a year"], row["Currency"]) == ("9.125", "TWD")
    assert second[2] == "Kaohsiung warehouse"
    accuracy = b"".join(buyer.get("/insights/reports/accuracy/export/").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "lumpy,tsb,4,3,0.71,-0.02" in accuracy


@pytest.mark.usefixtures("shop")
def test_the_summary_is_a_pdf_in_both_languages() -> None:
    for language, words in (("en", "The most valuable stock"), ("zh-hant", "OOLONG-150")):
        answer = signed_in(role="buyer", language=language).get("/insights/reports/pdf/")

        assert answer["Content-Type"] == "application/pdf"
        document = pypdfium2.PdfDocument(answer.content)
        text = "".join(page.get_textpage().get_text_range() for page in document)
        assert words in text
        assert "NT$8,000" in text


def test_before_the_first_night_every_page_says_so() -> None:
    buyer = signed_in(role="buyer")

    for path in ("", "classes/", "accuracy/"):
        assert "No report yet." in said(buyer, f"/insights/reports/{path}")
    assert "Nothing was checked yet." in said(buyer, "/insights/reports/service/")
    assert buyer.get("/insights/reports/pdf/").status_code == 404
