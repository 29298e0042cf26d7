"""The inbox on screen: who sees what, in which order, where each alert leads, and putting alerts off."""

import datetime as dt
import html
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.planning.alert_people import find_subscription
from reorder.domain.planning.models import Alert
from reorder.domain.staff.models import AuditEntry, User
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, make_place
from tests.factories.pages import text_of
from tests.factories.purchasing import make_offer, make_supplier, propose
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
REASON = {"percent": "93", "free": "5", "expected": "12", "until_date": "2026-11-29"}


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW.isoformat())
    cache.clear()


def alert(*, sku: str = "OOLONG-150", kind: str = "runs_out", **changes: object) -> Alert:
    values: dict[str, object] = {
        "kind": kind,
        "key": f"{sku}|{KEELUNG}",
        "subject": sku,
        "place_code": KEELUNG,
        "severity": 2,
        "stake_minor": 120_000,
        "currency": "TWD",
        "probability": 0.93,
        "reason_code": "alert.runs_out.none",
        "reason_parameters": REASON,
        "first_seen_at": NOW,
        "last_seen_at": NOW,
    }
    return Alert.objects.create(**values | changes)


def names(answer) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a [^>]*>([^<]+?) <span', answer.content.decode())


def test_the_most_money_at_stake_comes_first_with_its_reason(client: Client) -> None:
    make_product()
    make_product(sku="MATCHA-30")
    alert()
    alert(sku="MATCHA-30", stake_minor=900_000, severity=3)
    sign_in(client, role="buyer")

    answer = client.get("/alerts/")

    assert names(answer) == ["Matcha 30 g", "Oolong 150 g"]
    page = text_of(answer)
    assert "2 alerts are open, 1 needs you now; NT$10,200 at stake." in page
    assert "93% likely to run out before 2026-11-29, when goods ordered next would come" in page
    assert "NT$9,000" in page


def test_stock_below_its_safety_stock_that_runs_out_is_listed_once_and_twice_when_asked_for(client: Client) -> None:
    make_product()
    alert()
    alert(kind="below_safety_stock")
    sign_in(client, role="buyer")
    assert len(names(client.get("/alerts/"))) == 1
    assert len(names(client.get("/alerts/?kind=below_safety_stock"))) == 1
    assert "1 alert is open; NT$1,200 at stake." in text_of(client.get("/alerts/"))


def test_filters_by_kind_place_and_tab_and_a_search_by_name(client: Client) -> None:
    make_place()
    make_place(code="KAOHSIUNG", name="Kaohsiung")
    make_product()
    make_product(sku="MATCHA-30")
    alert()
    alert(sku="MATCHA-30", kind="excess", place_code="KAOHSIUNG", severity=1)
    alert(sku="PUERH-357", severity=3, resolved_at=NOW)
    sign_in(client, role="buyer")

    assert names(client.get("/alerts/?kind=excess")) == ["Matcha 30 g"]
    assert names(client.get(f"/alerts/?place={KEELUNG}")) == ["Oolong 150 g"]
    assert names(client.get("/alerts/?q=matcha")) == ["Matcha 30 g"]
    assert names(client.get("/alerts/?tab=critical")) == []
    resolved = client.get("/alerts/?tab=resolved")
    assert "Stock now lasts until the next receipt, or is no longer wanted." in text_of(resolved)


def test_pages_go_on_behind_the_last_row(client: Client) -> None:
    for number in range(60):
        alert(sku=f"TEA-{number:02}", stake_minor=(60 - number) * 100)
    sign_in(client, role="buyer")
    first = client.get("/alerts/")
    link = html.unescape(re.search(r'href="([^"]+)" rel="next"', first.content.decode())[1])
    second = client.get(link)
    assert "TEA-49" in text_of(first)
    assert "TEA-50" not in text_of(first)
    assert "TEA-50" in text_of(second)
    assert "TEA-59" in text_of(second)


@pytest.mark.parametrize("after", ["x", "WyJhIiwxXQ", "WzEsLTFd", "W251bGwsMV0"])
def test_an_address_that_names_no_page_is_said_to(client: Client, after: str) -> None:
    sign_in(client, role="buyer")
    assert client.get(f"/alerts/?after={after}").status_code == 422


def test_an_alert_leads_to_the_desk_where_it_is_mended(client: Client) -> None:
    make_place()
    make_supplier()
    product = make_product()
    make_offer()
    (proposal_id,) = propose(("OOLONG-150", 30.0))
    short, dead = alert(), alert(kind="dead_stock", reason_code="alert.dead_stock", reason_parameters={})
    late = alert(kind="late_order", subject="", key="PO-2026-000007", order_number="PO-2026-000007")
    ledger = alert(kind="bad_data", subject="", key="ledger", place_code="")
    parcels = alert(kind="late_parcels", subject="", key="shop", place_code="")
    asked = alert(kind="privacy_requests", subject="", key="overdue", place_code="")
    sign_in(client, role="owner")

    def link(one: Alert) -> str:
        page = client.get(f"/alerts/{one.pk}/").content.decode()
        return re.search(r'<a class="btn btn-primary" href="([^"]+)"', page)[1]

    assert link(short) == f"/buying/proposals/{proposal_id}/"
    assert link(dead) == f"/products/{product.pk}/"
    assert link(late) == "/buying/orders/PO-2026-000007/"
    assert link(ledger) == "/runs/health"
    assert link(asked) == "/customers/privacy/"
    assert link(parcels) == "/orders/exceptions/?kind=late"
    assert client.get(f"/alerts/{short.pk}/side/").status_code == 200


def test_selected_alerts_are_put_off_until_tomorrow_and_taken_back(client: Client) -> None:
    make_product()
    one, other = alert(), alert(sku="MATCHA-30")
    sign_in(client, role="buyer")

    answer = client.post("/alerts/snooze/", {"id": [one.pk], "for": "day", "note": "Supplier called"}, follow=True)

    assert "1 alert is put off until 2026-11-24." in text_of(answer)
    one.refresh_from_db()
    assert one.snoozed_until == dt.datetime(2026, 11, 23, 22, tzinfo=dt.UTC)  # six in the morning in Taipei
    assert (one.snoozed_by, one.snooze_note) == ("buyer", "Supplier called")
    assert len(names(client.get("/alerts/"))) == 1
    assert "Supplier called" in text_of(client.get("/alerts/?tab=snoozed"))
    entry = AuditEntry.objects.get(action="alerts.snooze")
    assert (entry.actor, entry.details["ids"]) == ("buyer", [one.pk])

    client.post("/alerts/wake/", {"id": [one.pk]})
    assert len(names(client.get("/alerts/"))) == 2
    assert other.pk


def test_alerts_are_put_off_for_a_week_or_until_a_day_and_not_into_the_past(client: Client) -> None:
    one = alert()
    sign_in(client, role="buyer")

    def put_off(**form: str) -> str:
        return text_of(client.post("/alerts/snooze/", {"id": [one.pk], **form}, follow=True))

    assert "put off until 2026-11-30." in put_off(**{"for": "week"})
    assert "put off until 2026-12-24." in put_off(**{"for": "date"}, until="2026-12-24")
    assert "This cannot be put off: choose a day after today." in put_off(**{"for": "date"}, until="2026-11-23")
    assert "choose a day after today" in put_off(**{"for": "date"}, until="soon")
    assert "it reaches further than a year ahead" in put_off(**{"for": "date"}, until="2029-01-01")
    assert "Select alerts first" in text_of(client.post("/alerts/snooze/", {"for": "day"}, follow=True))


def test_people_see_and_put_off_alerts_of_their_places_only(client: Client) -> None:
    here, there = alert(), alert(sku="MATCHA-30", place_code="KAOHSIUNG")
    shop = alert(kind="bad_data", subject="", key="series", place_code="")
    sign_in(client, role="buyer", name="li", places=[KEELUNG])

    assert len(names(client.get("/alerts/"))) == 1
    assert client.get(f"/alerts/{here.pk}/").status_code == 200
    for other in (there, shop):
        assert client.get(f"/alerts/{other.pk}/").status_code == 404
    client.post("/alerts/snooze/", {"id": [here.pk, there.pk], "for": "day"})
    there.refresh_from_db()
    assert there.snoozed_until is None


def test_marketers_see_drift_alone_and_support_nothing(client: Client) -> None:
    alert()
    alert(kind="forecast_drift", sku="MATCHA-30")
    sign_in(client, role="marketer")
    assert len(names(client.get("/alerts/"))) == 1
    sign_in(client, role="support")
    assert client.get("/alerts/").status_code == 403


def test_the_rail_counts_what_is_critical_and_the_overview_leads_there(client: Client) -> None:
    alert(severity=3)
    alert(sku="MATCHA-30")
    sign_in(client, role="buyer")
    page = client.get("/").content.decode()
    assert re.search(r'rail-count is-urgent">1<', page)
    assert "2 alerts are open" in text_of(client.get("/"))
    assert "/alerts/?tab=critical" in page


def test_the_list_takes_the_same_few_queries_for_fifty_rows_as_for_one(client: Client) -> None:
    make_product()
    alert()
    sign_in(client, role="buyer")
    client.get("/alerts/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/alerts/")
    for number in range(49):
        alert(sku=f"TEA-{number}")
    with CaptureQueriesContext(connection) as many:
        client.get("/alerts/")
    assert len(many) == len(few)
    assert len(many) <= 12


def test_the_list_goes_out_as_a_file(client: Client) -> None:
    make_product()
    alert()
    sign_in(client, role="buyer")
    lines = b"".join(client.get("/alerts/export/?format=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("About,SKU,What,How urgent,Place")
    assert lines[1].startswith('Oolong 150 g,OOLONG-150,Running out,warning,KEELUNG,,"93% likely to run out before')


def test_a_person_chooses_how_to_hear_and_is_told_what_is_missing(client: Client) -> None:
    person = sign_in(client, role="buyer")
    wrong = client.post("/me/alerts/save/", {"is_urgent": "on", "by_line": "on", "line_user_id": "mei"})
    assert wrong.status_code == 422
    assert "a LINE user id is a U and 32 letters and digits" in text_of(wrong)
    assert 'value="mei"' in wrong.content.decode()

    User.objects.filter(pk=person.id).update(email="mei@tea.example")
    client.post("/me/alerts/save/", {"is_urgent": "on", "by_mail": "on", "daily_hour": "8"})
    wants = find_subscription(user_id=person.id)
    assert (wants.by_mail, wants.by_line, wants.is_urgent, wants.daily_hour) == (True, False, True, 8)
    assert "mei@tea.example" in text_of(client.get("/me/alerts/"))
