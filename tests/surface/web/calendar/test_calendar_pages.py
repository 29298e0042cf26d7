"""The calendar on screen: entered, changed, taken back and back again, imported, and what was learned."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.planning.models import CalendarEntry, ForecastChoice, LearnedEffect, MethodOverride, Run, Signal
from reorder.domain.staff.models import AuditEntry
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.planning import make_night
from tests.factories.purchasing import MONDAY, MONDAY_MORNING
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
PROMOTION = {
    "kind": "promotion",
    "name": "Week of tea",
    "from_date": "2026-12-01",
    "until_date": "2026-12-07",
    "scope": "all",
    "place": "*",
    "discount_percent": "20",
}


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", MONDAY_MORNING.isoformat())
    make_place()


def shown(client: Client, address: str = "/calendar/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def learn(*, occurrences: int, name: str = "promotion", value: str = "Week of tea") -> None:
    LearnedEffect.objects.create(
        run=Run.objects.create(kind="night", as_of_date=MONDAY, started_at=MONDAY_MORNING),
        name=name,
        value=value,
        scope="shop",
        key="",
        effect_share=0.38,
        low_share=0.21,
        high_share=0.57,
        occurrences_count=occurrences,
        days_count=12,
        as_of_date=MONDAY,
    )


def test_a_promotion_is_entered_shown_and_audited(client: Client) -> None:
    sign_in(client, role="marketer", name="Mei")
    assert client.post("/calendar/save/", PROMOTION).status_code == 302
    entry = CalendarEntry.objects.get()
    assert (entry.name, entry.discount_share, entry.author) == ("Week of tea", 0.2, "Mei")
    page = shown(client)
    assert "Week of tea" in page
    assert "20 % off" in page
    assert AuditEntry.objects.filter(action="planning.add_entry", subject_key=str(entry.pk)).exists()


def test_a_change_is_a_next_version_and_the_old_one_stays_for_past_nights(client: Client) -> None:
    sign_in(client, role="buyer")
    client.post("/calendar/save/", PROMOTION)
    first = CalendarEntry.objects.get()
    assert f'value="{first.pk}"' in shown(client, f"/calendar/?edit={first.pk}")
    client.post("/calendar/save/", PROMOTION | {"entry_id": str(first.pk), "discount_percent": "30"})
    versions = CalendarEntry.objects.order_by("id").values_list("discount_share", "withdrawn_at", "replaces_id")
    assert [(share, at is None, replaces) for share, at, replaces in versions] == [
        (0.2, False, None),
        (0.3, True, first.pk),
    ]


def test_somebody_who_was_slower_hears_that_it_was_changed_meanwhile(client: Client) -> None:
    sign_in(client, role="buyer")
    client.post("/calendar/save/", PROMOTION)
    number = str(CalendarEntry.objects.get().pk)
    client.post("/calendar/save/", PROMOTION | {"entry_id": number})
    answer = client.post("/calendar/save/", PROMOTION | {"entry_id": number})
    assert answer.status_code == 422
    assert "it was changed or taken back meanwhile" in answer.content.decode()
    assert CalendarEntry.objects.count() == 2


def test_taking_back_can_be_undone(client: Client) -> None:
    sign_in(client, role="buyer")
    client.post("/calendar/save/", PROMOTION)
    number = str(CalendarEntry.objects.get().pk)
    assert "<b>Week of tea</b>" in shown(client)
    answer = client.post("/calendar/withdraw/", {"entry": number})
    assert "<b>Week of tea</b>" not in shown(client)
    assert "Undo" in shown(client, answer["Location"])
    client.post("/calendar/restore/", {"entry": number})
    assert "<b>Week of tea</b>" in shown(client)
    assert client.post("/calendar/restore/", {"entry": number}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"until_date": "2026-11-30"}, "The last day lies before the first."),
        ({"name": ""}, "This field is required."),
        ({"scope": "product", "sku": "NOSUCH"}, "there is no such product"),
        ({"scope": "product"}, "Give the product&#x27;s SKU."),
        ({"price": "300"}, "give a price or a discount, not both"),
        ({"kind": "event"}, "only a promotion has a price or a discount"),
        ({"discount_percent": "120"}, "Ensure this value is less than or equal to 100."),
        ({"until_date": "2028-12-01"}, "it lasts longer than a year"),
        ({"expected_percent": "50"}, "Say why you expect another effect."),
    ],
)
def test_what_cannot_be_comes_back_with_the_reason(client: Client, changes: dict[str, str], said: str) -> None:
    sign_in(client, role="buyer")
    answer = client.post("/calendar/save/", PROMOTION | changes)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not CalendarEntry.objects.exists()


def test_who_is_limited_to_a_place_changes_nothing_that_holds_everywhere(client: Client) -> None:
    sign_in(client, role="buyer", places=["KEELUNG"])
    assert client.post("/calendar/save/", PROMOTION).status_code == 422
    assert client.post("/calendar/save/", PROMOTION | {"place": "KEELUNG"}).status_code == 302
    assert CalendarEntry.objects.get().place_code == "KEELUNG"


def test_a_viewer_sees_the_calendar_and_changes_nothing(client: Client) -> None:
    sign_in(client, role="viewer")
    assert "Add an entry" not in shown(client)
    assert client.post("/calendar/save/", PROMOTION).status_code == 403
    assert client.post("/calendar/withdraw/", {"entry": "1"}).status_code == 403


def test_a_file_is_entered_once_and_its_wrong_lines_are_told(client: Client) -> None:
    sign_in(client, role="buyer")
    rows = "name,from,until,kind\nFair,2026-12-05,2026-12-06,event\nParty,someday,,event\nClosing,2027-02-05,,closed\n"

    def send() -> str:
        file = SimpleUploadedFile("calendar.csv", rows.encode())
        return client.post("/calendar/import/", {"file": file, "kind": "event"}).content.decode()

    page = send()
    assert "“someday” is no date; write one like 2026-11-23" in page
    assert "New: 2. Stood already: 0. Not understood: 1." in page
    assert "New: 0. Stood already: 2. Not understood: 1." in send()
    assert set(CalendarEntry.objects.values_list("name", "kind")) == {("Fair", "event"), ("Closing", "closed")}


def test_a_file_that_is_no_calendar_says_so_beside_the_field(client: Client) -> None:
    sign_in(client, role="buyer")
    file = SimpleUploadedFile("photo.ics", b"\xff\xd8\xff\xe0")
    answer = client.post("/calendar/import/", {"file": file, "kind": "event"})
    assert answer.status_code == 422
    assert "it is neither UTF-8 nor Big5 text" in answer.content.decode()


def test_public_holidays_of_the_country_stand_between_the_entries(client: Client) -> None:
    sign_in(client)
    assert "Founding Day of the Republic of China" in shown(client)
    reader = Client()
    sign_in(reader, name="Lin", language="zh-hant")
    assert "中華民國開國紀念日" in shown(reader)


def test_a_learned_effect_is_told_with_its_interval_and_what_it_rests_on(client: Client) -> None:
    sign_in(client)
    CalendarEntry.objects.create(
        kind="promotion",
        name="Week of tea",
        from_date=dt.date(2026, 12, 1),
        until_date=dt.date(2026, 12, 7),
        author="Mei",
        recorded_at=MONDAY_MORNING,
    )
    assert "learned: not enough data yet" in shown(client)
    learn(occurrences=2)
    page = shown(client)
    assert "+38 % (+21 … +57 %)" in page
    assert "from 2 happenings" in page


def test_one_happening_is_not_enough(client: Client) -> None:
    sign_in(client)
    learn(occurrences=1)
    page = shown(client)
    assert "+38 %" not in page
    assert "not enough data yet: one happening" in page


def test_the_page_takes_few_queries_whatever_stands_in_it(client: Client) -> None:
    sign_in(client)
    for number in range(40):
        learn(occurrences=3, value=f"Event {number}", name="event")
        CalendarEntry.objects.create(
            kind="event",
            name=f"Event {number}",
            from_date=MONDAY,
            until_date=MONDAY,
            author="Mei",
            recorded_at=MONDAY_MORNING,
        )
    shown(client)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        shown(client)
    assert len(asked) <= 12


def test_a_signal_is_told_once_and_a_bad_one_says_why(client: Client) -> None:
    make_product()
    sign_in(client, role="buyer")
    told = {"kind": "competitor_price", "date": "2026-11-24", "sku": "OOLONG-150", "place": "*", "number": "420"}
    assert client.post("/calendar/signals/tell/", told).status_code == 302
    client.post("/calendar/signals/tell/", told)
    assert Signal.objects.values_list("kind", "key", "number").get() == ("competitor_price", "OOLONG-150", 420.0)
    assert "420" in shown(client, "/calendar/signals/")
    answer = client.post("/calendar/signals/tell/", told | {"sku": ""})
    assert answer.status_code == 422
    assert "a price belongs to one product: give its SKU" in answer.content.decode()


def test_a_person_chooses_the_methods_of_a_product_and_gives_the_choice_back(client: Client) -> None:
    make_product()
    make_night(daily={("OOLONG-150", "KEELUNG"): 3.0})
    sign_in(client, role="buyer", name="Mei")
    chosen = {"subject": "OOLONG-150", "place_code": "KEELUNG", "methods": ["theta", "tsb"], "note": "A fair is on."}
    assert client.post("/demand/methods/", chosen).status_code == 302
    page = shown(client, "/demand/?subject=OOLONG-150")
    assert "A fair is on." in page
    assert "Back to automatic" in page
    assert MethodOverride.objects.get().methods == ["theta", "tsb"]
    assert AuditEntry.objects.filter(action="planning.choose_methods").exists()
    client.post("/demand/methods/withdraw/", {"subject": "OOLONG-150", "place_code": "KEELUNG"})
    assert "Back to automatic" not in shown(client, "/demand/?subject=OOLONG-150")
    again = client.post("/demand/methods/withdraw/", {"subject": "OOLONG-150", "place_code": "KEELUNG"})
    assert again.status_code == 404
    assert ForecastChoice.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"methods": ["theta", "tsb", "adida", "croston"]}, "Choose at most three methods."),
        ({"methods": ["tea_leaves"]}, "Select a valid choice. tea_leaves is not one of the available choices."),
        ({"note": ""}, "This field is required."),
        ({"place_code": "TAINAN"}, "These methods cannot be used: nothing is forecast for it there."),
    ],
)
def test_methods_that_cannot_be_used_are_refused(client: Client, changes: dict[str, object], said: str) -> None:
    make_product()
    make_night(daily={("OOLONG-150", "KEELUNG"): 3.0})
    sign_in(client, role="buyer")
    chosen = {"subject": "OOLONG-150", "place_code": "KEELUNG", "methods": ["theta"], "note": "A fair is on."}
    answer = client.post("/demand/methods/", chosen | changes, follow=True)
    assert said in answer.content.decode()
    assert not MethodOverride.objects.exists()


def test_a_new_product_is_said_to_sell_like_another_and_like_itself_never(client: Client) -> None:
    oolong, sencha = make_product(), make_product(sku="SENCHA-100")
    sign_in(client, role="buyer")
    client.post(f"/products/{sencha.pk}/like/", {"like_sku": "OOLONG-150"})
    sencha.refresh_from_db()
    assert sencha.like_product_id == oolong.pk
    answer = client.post(f"/products/{sencha.pk}/like/", {"like_sku": "SENCHA-100"}, follow=True)
    assert "a product cannot be like itself" in answer.content.decode()
    client.post(f"/products/{sencha.pk}/like/", {"like_sku": ""})
    sencha.refresh_from_db()
    assert sencha.like_product_id is None
