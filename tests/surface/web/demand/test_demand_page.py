"""The plan on screen: its parts, what it is made of, and people who change it."""

import datetime as dt
import re

import polars as pl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.catalog.models import Category, Product
from reorder.domain.planning.models import Commitment, DemandPlanDay, DemandWeek, DirtyMark, Standing, Target
from reorder.domain.staff.models import AuditEntry
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.planning import make_night
from tests.factories.purchasing import MONDAY, MONDAY_MORNING
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
KEELUNG, TAINAN = ("OOLONG-150", "KEELUNG"), ("OOLONG-150", "TAINAN")


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", MONDAY_MORNING.isoformat())


@pytest.fixture
def oolong() -> Product:
    """Three a day in Keelung, one in Tainan; known customers will buy 14 a week."""
    make_place()
    make_place(code="TAINAN", name="Tainan store")
    category = Category.objects.create(code="oolong", name="Oolong teas")
    product = make_product()
    Product.objects.filter(pk=product.pk).update(category=category)
    make_night(
        daily={KEELUNG: 3.0, TAINAN: 1.0}, sold={KEELUNG: 2.0}, expected={"OOLONG-150": 14.0}, targets={KEELUNG: 25.0}
    )
    return product


def adjust(client: Client, **changes: str) -> int:
    given = {
        "subject": "OOLONG-150",
        "nonce": "0123456789abcdef",
        "units": "14",
        "from_date": "2026-11-23",
        "until_date": "2026-11-29",
        "place": "KEELUNG",
        "reason": "School fair",
    }
    return client.post("/demand/adjust/", given | changes).status_code


def planned(*, scope: str = "subject", key: str = "OOLONG-150", place: str = "*", week: int = 0) -> DemandWeek:
    return DemandWeek.objects.get(scope=scope, key=key, place_code=place, week=week)


def text_of(client: Client, query: str = "") -> str:
    answer = client.get(f"/demand/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_whole_plan_stands_with_its_parts(client: Client, oolong: Product) -> None:
    sign_in(client, role="viewer")
    page = text_of(client)
    assert "112 units planned; known customers explain 50% of the baseline" in page
    assert "112 units in the next 4 weeks, 100% more than in the last 4" in page
    assert '"labels": ["known customers", "others", "baseline", "plan"]' in page
    assert "The plan of the night before was not kept." in page


def test_a_category_a_place_and_a_subject_are_parts_of_it(client: Client, oolong: Product) -> None:
    sign_in(client, role="viewer")
    assert "112 units planned" in text_of(client, "?category=oolong")
    assert "84 units planned" in text_of(client, "?place=KEELUNG")
    assert "28 units planned" in text_of(client, "?subject=OOLONG-150&place=TAINAN")
    assert "7 units planned" in text_of(client, "?subject=OOLONG-150&place=TAINAN&week=2")


def test_the_band_of_a_week_is_that_of_its_sum(client: Client, oolong: Product) -> None:
    sign_in(client, role="viewer")
    assert ">14 – 42</td>" in text_of(client, "?subject=OOLONG-150")


def test_subjects_stand_by_size_and_lead_to_their_plan(client: Client, oolong: Product) -> None:
    make_night(daily={KEELUNG: 3.0, ("category:teaware", "KEELUNG"): 9.0})
    sign_in(client, role="buyer")
    page = text_of(client)
    rows = re.findall(r'<th scope="row" class="row-name"><a href="([^"]+)">([^<]+?) <span', page)
    assert rows == [
        ("/demand/?subject=category%3Ateaware", "teaware"),
        ("/demand/?subject=OOLONG-150", "Oolong 150 g"),
    ]


def test_changes_against_the_night_before_are_shown(client: Client, oolong: Product) -> None:
    before = pl.DataFrame(
        [
            {"sku": "OOLONG-150", "place": "KEELUNG", "date": MONDAY + dt.timedelta(days=day), "mean_units": 2.0}
            for day in range(-1, 27)
        ]
    )
    make_night(daily={KEELUNG: 3.0}, before=before)
    sign_in(client, role="buyer")
    page = text_of(client, "?tab=changes")
    # Three weeks are known whole to both plans: a unit more a day.
    assert "21 more than the night before" in page
    assert ">+21</td>" in page


def test_an_adjustment_counts_at_once_and_everywhere(client: Client, oolong: Product) -> None:
    sign_in(client, role="buyer", name="mei")
    assert adjust(client) == 302
    days = Commitment.objects.filter(kind="adjustment", subject="OOLONG-150")
    assert {(day.place_code, day.units, day.author, day.reason) for day in days} == {
        ("KEELUNG", 2.0, "mei", "School fair")
    }
    assert days.count() == 7
    assert DemandPlanDay.objects.get(subject="OOLONG-150", place_code="KEELUNG", date=MONDAY).mean_units == 5.0
    assert (planned().mean_units, planned().adjustment_units, planned().p90_units) == (42.0, 14.0, 56.0)
    assert planned(place="KEELUNG").mean_units == 35.0
    assert planned(place="TAINAN").mean_units == 7.0
    assert planned(scope="category", key="oolong").mean_units == 42.0
    assert planned(scope="shop", key="").horizon_units == 126.0
    # Lead time and review end on the sixth day: 12 of the 14 units are in them.
    target = Target.objects.get(subject="OOLONG-150")
    assert (target.reorder_point_units, target.order_up_to_units, target.committed_units) == (37.0, 57.0, 12.0)
    assert Standing.objects.get(product=oolong, place_code="KEELUNG").reorder_point_units == 37.0
    assert DirtyMark.objects.filter(kind="position", subject_key="OOLONG-150|KEELUNG").exists()
    entry = AuditEntry.objects.get(action="planning.adjust_demand")
    assert (entry.actor, entry.subject_key, entry.details["units"]) == ("mei", "OOLONG-150", 14.0)
    page = text_of(client, "?subject=OOLONG-150")
    assert "School fair" in page
    assert "126 units planned, 14 of them added to the baseline" in page


def test_taking_it_back_leaves_the_plan_as_it_was(client: Client, oolong: Product) -> None:
    sign_in(client, role="marketer", name="lin")
    adjust(client)
    key = Commitment.objects.values_list("key", flat=True).first()
    assert client.post("/demand/withdraw/", {"key": key}).status_code == 302
    assert (planned().mean_units, planned().adjustment_units, planned().p90_units) == (28.0, 0.0, 42.0)
    assert Target.objects.get(subject="OOLONG-150").reorder_point_units == 25.0
    assert AuditEntry.objects.filter(action="planning.withdraw_adjustment", actor="lin").count() == 1
    assert client.post("/demand/withdraw/", {"key": key}).status_code == 404


def test_sending_the_form_twice_adds_once(client: Client, oolong: Product) -> None:
    sign_in(client, role="buyer")
    adjust(client)
    assert adjust(client) == 302
    assert Commitment.objects.count() == 7
    assert planned().mean_units == 42.0
    assert "nothing was added twice" in text_of(client)


def test_all_places_share_as_the_plan_does(client: Client, oolong: Product) -> None:
    sign_in(client, role="owner")
    adjust(client, place="*", units="28")
    assert planned(place="KEELUNG").adjustment_units == pytest.approx(21.0)
    assert planned(place="TAINAN").adjustment_units == pytest.approx(7.0)


def test_a_person_of_one_place_changes_and_sees_only_that_place(client: Client, oolong: Product) -> None:
    sign_in(client, role="buyer", places=["TAINAN"])
    page = text_of(client, "?subject=OOLONG-150")
    assert "28 units planned" in page
    assert "KEELUNG" not in page
    adjust(client, place="*", units="7")
    assert planned(place="TAINAN").adjustment_units == pytest.approx(7.0)
    assert planned(place="KEELUNG").adjustment_units == 0.0
    assert adjust(client, place="KEELUNG", nonce="fedcba9876543210") == 422


def test_an_adjustment_of_another_place_cannot_be_taken_back(client: Client, oolong: Product) -> None:
    sign_in(client, role="owner")
    adjust(client)
    key = Commitment.objects.values_list("key", flat=True).first()
    sign_in(client, role="buyer", name="tai", places=["TAINAN"])
    assert client.post("/demand/withdraw/", {"key": key}).status_code == 404
    assert planned().mean_units == 42.0


def test_a_plan_cannot_fall_below_zero(client: Client, oolong: Product) -> None:
    sign_in(client, role="owner")
    adjust(client, units="-70")
    assert planned(place="KEELUNG").mean_units == 0.0
    assert "never below zero" in text_of(client, "?subject=OOLONG-150")
    key = Commitment.objects.values_list("key", flat=True).first()
    client.post("/demand/withdraw/", {"key": key})
    assert planned(place="KEELUNG").mean_units == 21.0


def test_while_a_night_runs_it_is_recorded_and_counts_from_the_next_plan(
    client: Client, oolong: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reorder.flows.demand_plan.adjusting.try_transaction_lock", lambda *, name: False)
    sign_in(client, role="buyer")
    assert adjust(client) == 302
    assert Commitment.objects.count() == 7
    assert planned().mean_units == 28.0
    assert "it counts from the next plan on" in text_of(client)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"units": "many"}, "Enter a number."),
        ({"units": "0"}, "Give a number other than zero."),
        ({"units": "nan"}, "Enter a number."),
        ({"units": "1e300"}, "Ensure this value is less than or equal to"),
        ({"from_date": "2026-11-22"}, "This day is over; begin with today or later."),
        ({"until_date": "2026-11-22"}, "The last day lies before the first."),
        ({"until_date": "2028-11-22"}, "Reach at most a year ahead."),
        ({"from_date": "soon"}, "Enter a valid date."),
        ({"reason": " "}, "This field is required."),
        ({"place": "MARS"}, "Select a valid choice."),
        ({"reason": "a\x00b"}, "Null characters are not allowed."),
        ({"nonce": "'; drop"}, ""),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: Client, oolong: Product, changes: dict[str, str], said: str
) -> None:
    sign_in(client, role="buyer")
    answer = client.post(
        "/demand/adjust/",
        {
            "subject": "OOLONG-150",
            "nonce": "0123456789abcdef",
            "units": "14",
            "from_date": "2026-11-23",
            "until_date": "2026-11-29",
            "place": "KEELUNG",
            "reason": "School fair",
        }
        | changes,
    )
    assert answer.status_code == 422
    assert said in answer.content.decode().replace("&#x27;", "'")
    assert Commitment.objects.count() == 0


def test_what_is_no_longer_planned_is_not_found(client: Client, oolong: Product) -> None:
    sign_in(client, role="buyer")
    assert adjust(client, subject="NOTHING") == 404
    assert Commitment.objects.count() == 0


def test_who_only_looks_may_not_change_the_plan(client: Client, oolong: Product) -> None:
    sign_in(client, role="viewer")
    assert adjust(client) == 403
    assert 'action="/demand/adjust/"' not in text_of(client, "?subject=OOLONG-150")
    sign_in(client, role="support")
    assert client.get("/demand/").status_code == 403


def test_before_the_first_night_the_page_says_what_to_do(client: Client) -> None:
    sign_in(client, role="buyer")
    page = text_of(client)
    assert "There is no demand plan yet." in page
    assert 'href="/imports/"' in page
    assert 'href="/runs/"' in page


@pytest.mark.parametrize(
    "query", ["?subject=%00", "?subject=NOTHING", "?category=x&week=99", "?after=WyJ4IiwgMV0", "?week=x"]
)
def test_nonsense_in_the_address_is_answered(client: Client, oolong: Product, query: str) -> None:
    sign_in(client, role="buyer")
    assert text_of(client, query)


def test_the_export_holds_every_subject(client: Client, oolong: Product) -> None:
    sign_in(client, role="buyer")
    answer = client.get("/demand/export/?format=csv")
    rows = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert rows[1] == "OOLONG-150,Oolong 150 g,oolong,28.0,28.0,28.0,28.0,112.0,,0.0,0.0,0.5"


def test_thirty_subjects_ask_no_more_of_the_database_than_two(client: Client) -> None:
    make_place()
    sign_in(client, role="buyer")
    counts = []
    for size in (2, 30):
        make_night(daily={(f"TEA-{number}", "KEELUNG"): 1.0 for number in range(size)})
        text_of(client)
        with CaptureQueriesContext(connection) as queries:
            text_of(client)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
