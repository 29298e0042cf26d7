"""Shipping and routing are set up on pages: the example, services, files with their faults, rules, terms of places."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.inventory.place_terms import find_terms
from reorder.domain.shipping import queries
from reorder.domain.staff.models import AuditEntry
from tests.factories.inventory import make_place
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def mei(client: Client) -> Client:
    sign_in(client, role="owner", name="Mei")
    return client


@pytest.fixture
def example(mei: Client) -> Client:
    mei.post("/setup/shipping/example")
    return mei


def seen(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace(" .", ".")


def upload(client: Client, what: str, text: str) -> HttpResponse:
    file = SimpleUploadedFile("table.csv", text.encode(), content_type="text/csv")
    return client.post(f"/setup/shipping/{what}/upload", {"file": file})  # type: ignore[return-value]


SERVICE = {
    "code": "night", "name": "Night express", "carrier": "Black Cat", "temperatures": ["chilled"],
    "delivery_days": "1", "is_active": "on",
}  # fmt: skip
TERMS = {
    "postcode": "206", "cut_off_time": "15:00", "weekdays": ["1", "2", "5"], "processing_days": "0",
    "parcel_cost": "12", "line_cost": "2.5", "temperatures": ["ambient"], "confidence_percent": "80",
}  # fmt: skip


def test_the_example_is_loaded_once_and_says_what_it_is(mei: Client) -> None:
    assert "not any carrier's price list" in seen(mei.get("/setup/shipping/")).replace("&#x27;", "'")

    mei.post("/setup/shipping/example")

    assert len(queries.list_rates()) == 225
    assert "225 rates are known" in seen(mei.get("/setup/shipping/"))
    again = mei.post("/setup/shipping/example")
    assert (again.status_code, len(queries.list_rates())) == (422, 225)
    assert AuditEntry.objects.filter(action="shipping.load_example").count() == 1


def test_files_go_out_and_come_in_again_unchanged(example: Client) -> None:
    before = (queries.list_rates(), queries.list_prefixes())
    rates = example.get("/setup/shipping/rates.csv").content.decode()
    zones = example.get("/setup/shipping/zones.csv").content.decode()

    assert rates.splitlines()[0] == "\ufeffservice,from_zone,to_zone,up_to_grams,price,currency"
    assert upload(example, "zones", zones).status_code == 302
    assert upload(example, "rates", rates).status_code == 302
    assert (queries.list_rates(), queries.list_prefixes()) == before


HEAD = "service,from_zone,to_zone,up_to_grams,price,currency\n"
GOOD = "home,tw-north,tw-north,1000,70,TWD\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "Row 1 (service): this column is missing"),
        ("service;from_zone\n", "Row 1 (to_zone): this column is missing"),
        (HEAD, "Row 2 (–): there is no rate in it"),
        (
            HEAD + GOOD + "rocket,tw-north,tw-north,1000,70,TWD\n",
            "Row 3 (service rocket): there is no service with this code; add it first",
        ),
        (
            HEAD + "home,tw-north,moon,1000,70,TWD\n",
            "Row 2 (to_zone moon): there is no zone with this code; add it first",
        ),
        (
            HEAD + "home,tw-north,tw-north,0,70,TWD\n",
            "Row 2 (up_to_grams 0): the weight is not a number of grams above zero",
        ),
        (
            HEAD + "home,tw-north,tw-north,1e3,70,TWD\n",
            "Row 2 (up_to_grams 1e3): the weight is not a number of grams above zero",
        ),
        (HEAD + "home,tw-north,tw-north,1000,-1,TWD\n", "Row 2 (price -1): the price is not an amount of 0 or more"),
        (
            HEAD + "home,tw-north,tw-north,1000,1.005,TWD\n",
            "Row 2 (price 1.005): the price is not an amount of 0 or more",
        ),
        (HEAD + "home,tw-north,tw-north,1000,NaN,TWD\n", "Row 2 (price NaN): the price is not an amount of 0 or more"),
        (HEAD + "home,tw-north,tw-north,1000,70,JPY\n", "Row 2 (currency JPY): rates must be in the shop's currency"),
        (
            HEAD + GOOD + GOOD,
            "Row 3 (home tw-north tw-north 1000): this service, these zones and this weight come twice",
        ),
        (HEAD + "'; DROP TABLE shipping_rate; --,tw-north,tw-north,1,1,TWD\n", "there is no service with this code"),
    ],
)
def test_a_faulty_file_of_rates_is_refused_whole_with_its_first_faulty_row(
    example: Client, text: str, fault: str
) -> None:
    answer = upload(example, "rates", text)

    assert answer.status_code == 422
    assert fault in seen(answer).replace("&#x27;", "'")
    assert len(queries.list_rates()) == 225


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("Taiwan,1,north,\n", "Row 2 (Taiwan 1): a country is two letters, such as TW"),
        ("TW,1,,\n", "Row 2 (TW 1): a zone is a short code"),
        ("TW,1,north,\ntw,1,south,\n", "Row 3 (tw 1): this beginning of postcodes comes twice"),
        ("TW,12345678901234567,north,\n", "Row 2 (TW 12345678901234567): a postcode has at most 16 characters"),
        ("", "Row 2 (–): there is no zone in it"),
    ],
)
def test_a_faulty_file_of_zones_is_refused_whole(example: Client, rows: str, fault: str) -> None:
    answer = upload(example, "zones", "country,postcode_start,zone,zone_name\n" + rows)

    assert answer.status_code == 422
    assert fault in seen(answer)
    assert len(queries.list_zones()) == 5


def test_a_file_of_big5_with_semicolons_is_read(example: Client) -> None:
    text = "country;postcode_start;zone;zone_name\nTW;1;north;北部\n"
    file = SimpleUploadedFile("zones.csv", text.encode("big5"))

    example.post("/setup/shipping/zones/upload", {"file": file})

    assert [(zone.code, zone.name, zone.prefixes) for zone in queries.list_zones()] == [
        ("north", "北部", (("TW", "1"),))
    ]
    # Rates between zones that are gone went with them.
    assert queries.list_rates() == []


def test_an_upload_without_a_file_is_told(mei: Client) -> None:
    answer = mei.post("/setup/shipping/rates/upload")

    assert answer.status_code == 422
    assert "no file was chosen" in seen(answer)  # type: ignore[arg-type]


def test_a_service_is_added_changed_and_forgotten(mei: Client) -> None:
    assert mei.post("/setup/shipping/services/create", SERVICE).status_code == 302
    assert mei.post("/setup/shipping/services/create", SERVICE).status_code == 422
    assert (
        mei.post("/setup/shipping/services/night/change", SERVICE | {"name": "Night", "max_grams": "5000"}).status_code
        == 302
    )

    [row] = queries.list_services()
    assert (row.name, row.temperature_classes, row.max_grams) == ("Night", ("chilled",), 5000)
    assert "No rate is known" in seen(mei.get("/setup/shipping/services/night/"))
    mei.post("/setup/shipping/services/night/remove")
    assert queries.list_services() == []
    assert mei.get("/setup/shipping/services/night/").status_code == 404


def test_a_service_without_temperature_is_refused(mei: Client) -> None:
    assert mei.post("/setup/shipping/services/create", SERVICE | {"temperatures": []}).status_code == 422
    assert queries.list_services() == []


def test_terms_of_a_place_are_laid_down_and_shown(mei: Client) -> None:
    place = make_place()
    assert "Nothing is laid down" in seen(mei.get(f"/setup/places/{place.id}/"))

    assert mei.post(f"/setup/places/{place.id}/terms/change", TERMS).status_code == 302

    terms = find_terms(place_id=place.id)
    assert terms is not None
    assert (terms.parcel_cost_minor, terms.line_cost_minor, terms.working_weekdays) == (1200, 250, (1, 2, 5))
    assert str(terms.stock_confidence_share) == "0.800"
    shown = seen(mei.get(f"/setup/places/{place.id}/"))
    assert "NT$2.50" in shown
    assert "80%" in shown
    assert 'value="15:00"' in mei.get(f"/setup/places/{place.id}/terms").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekdays": []}, {"weekdays": ["8"]}, {"confidence_percent": "101"}, {"parcel_cost": "-1"},
        {"parcel_cost": "a lot"}, {"orders_a_day": "-1"}, {"cut_off_time": "25:00"}, {"temperatures": ["hot"]},
    ],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused_beside_their_field(mei: Client, wrong: dict[str, object]) -> None:
    place = make_place()

    answer = mei.post(f"/setup/places/{place.id}/terms/change", TERMS | wrong)

    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert find_terms(place_id=place.id) is None


def test_rules_are_added_and_forgotten(mei: Client) -> None:
    place = make_place()
    given = {"kind": "exclude_place", "place": place.code, "country": "tw", "postcode_start": "88 0", "amount": ""}

    assert mei.post("/setup/routing/rules/add", given).status_code == 302

    [rule] = queries.list_rules()
    assert (rule.kind, rule.place_code, rule.country, rule.postcode_start) == ("exclude_place", place.code, "TW", "880")
    assert "A place sends nothing there" in seen(mei.get("/setup/routing/"))
    mei.post(f"/setup/routing/rules/{rule.id}/remove")
    assert queries.list_rules() == []


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"kind": "exclude_place"}, "choose a place"),
        ({"kind": "split_penalty"}, "an amount is needed"),
        ({"kind": "split_penalty", "amount": "-5"}, "An amount below zero makes no sense here"),
        ({"kind": "never_split", "category": "no-such"}, "there is no category with this code"),
        ({"kind": "exclude_place", "place": "KEELUNG", "country": "T1"}, "a country is two letters, such as TW"),
        ({"kind": "burn"}, "Select a valid choice"),
    ],
)
def test_a_rule_that_cannot_be_kept_says_why(mei: Client, given: dict[str, str], fault: str) -> None:
    make_place()

    answer = mei.post("/setup/routing/rules/add", given)

    assert answer.status_code == 422
    assert fault in seen(answer)  # type: ignore[arg-type]
    assert queries.list_rules() == []


def test_orders_are_routed_again_by_a_job(mei: Client) -> None:
    place = make_place()

    assert mei.post("/setup/routing/reroute").status_code == 302
    assert mei.post(f"/setup/places/{place.id}/reroute").status_code == 302

    assert AuditEntry.objects.filter(action="orders.ask_reroute").count() == 2


@pytest.mark.parametrize("address", ["/setup/shipping/", "/setup/routing/", "/setup/shipping/services/home/"])
def test_pages_take_few_queries(example: Client, address: str) -> None:
    # The first look shows what the page before had to say.
    example.get(address)

    with CaptureQueriesContext(connection) as captured:
        assert example.get(address).status_code == 200

    assert len(captured) <= 12, [one["sql"][:90] for one in captured]
