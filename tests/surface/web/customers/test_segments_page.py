"""The page of segments: the news first, a matrix whose cells lead to people, sizes and worth, files."""

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.customers.models import Customer
from reorder.domain.planning.models import Run
from reorder.web.customers.listing import SEGMENT_TABS, WORD_TEMPLATES
from reorder.web.customers.segments import MEANINGS
from tests.factories.customers import NOW, TODAY
from tests.factories.messaging import make_customer, make_run
from tests.factories.segments import finish_night, see
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW)


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def make_moves() -> list[Customer]:
    """Three people slid from loyal to at risk three days ago, one rose from new to promising, one is new."""
    run = make_run()
    Run.objects.filter(pk=run.pk).update(as_of_date=TODAY)
    run.refresh_from_db()
    slid = [make_customer(key=f"C-00{number}", name=f"Household {number}") for number in range(3)]
    risen, fresh = make_customer(key="C-008", name="Mei"), make_customer(key="C-009", name="Jun")
    before = dict.fromkeys(slid, "loyal") | {risen: "new"}
    see(run=run, date=TODAY - dt.timedelta(days=20), segments=before)
    after = dict.fromkeys(slid, "at_risk") | {risen: "promising", fresh: "new"}
    see(run=run, date=TODAY - dt.timedelta(days=3), segments=after)
    finish_night(run=run)
    return slid


def test_the_title_tells_who_slid_and_the_cell_leads_to_them(client: Client) -> None:
    make_moves()
    sign_in(client)

    page = client.get("/customers/segments/")

    said = page.content.decode()
    assert "<h2>3 customers slid from loyal to at risk in the last 7 days</h2>" in said
    assert "1 customer rose from new to promising in the last 7 days." in said
    assert (
        'href="/customers/segments/moved?days=7&amp;from=loyal&amp;to=at_risk" aria-label="3 customers from loyal to at risk"'
        in said
    )
    assert "1 customer was seen for the first time in these days." in said

    people = client.get("/customers/segments/moved?days=7&from=loyal&to=at_risk")
    assert [row.cells[0].html for row in people.context["list"].rows] == ["Household 0", "Household 1", "Household 2"]
    assert people.context["title"] == "From loyal to at risk in the last 7 days"


def test_sizes_tell_customers_worth_and_change(client: Client) -> None:
    make_moves()
    sign_in(client)

    page = client.get("/customers/segments/")

    rows = {row["size"].segment: row for row in page.context["sizes"]}
    assert {name: (row["count"], row["share"], row["change"]) for name, row in rows.items()} == {
        "at_risk": ("3", "60%", "+3"),
        "promising": ("1", "20%", "+1"),
        "new": ("1", "20%", "0"),
        "loyal": ("0", "0%", "−3"),
    }
    assert page.context["worth"] == "At risk: 60% of all customers, 60% of the value of the next year"


def test_the_grid_holds_every_customer_by_recency_and_frequency(client: Client) -> None:
    make_moves()
    sign_in(client)

    grid = client.get("/customers/segments/").context["grid"]

    counts = {(row["score"], place): cell["count"] for row in grid for place, cell in enumerate(row["cells"], start=1)}
    assert counts.pop((4, 3)) == "5"
    assert set(counts.values()) == {""}


def test_a_shop_before_its_first_night_is_told_what_comes(client: Client) -> None:
    sign_in(client)
    said = text_of(client, "/customers/segments/")
    assert "No night has run yet, so nobody is in a segment." in said
    assert text_of(client, "/customers/segments/moved")


def test_a_night_that_left_no_sums_is_counted_on_the_spot(client: Client) -> None:
    from tests.factories.customers import finish_valuing

    run, mei = make_run(), make_customer(key="mei")
    see(run=run, date=run.as_of_date, segments={mei: "loyal"})
    finish_valuing(run=run, segments={"loyal": 1})
    sign_in(client)

    page = client.get("/customers/segments/")

    assert [(row["size"].segment, row["count"]) for row in page.context["sizes"]] == [("loyal", "1")]
    assert page.context["finding"] == "Nobody changed segments in the last 7 days"


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("days=30&from=first", "Seen for the first time in the last 30 days"),
        ("to=at_risk", "Moved to at risk in the last 7 days"),
        ("from=loyal", "Moved from loyal in the last 7 days"),
        ("days=x&from=nonsense&to=%00", "Moved in the last 7 days"),
    ],
)
def test_a_cell_that_is_named_half_or_wrongly_is_as_wide_as_what_was_understood(
    client: Client, query: str, title: str
) -> None:
    make_moves()
    sign_in(client)
    assert client.get(f"/customers/segments/moved?{query}").context["title"] == title


def test_a_cursor_of_another_list_is_refused(client: Client) -> None:
    sign_in(client)
    assert client.get("/customers/segments/moved?after=WyJ4Il0").status_code == 422


def test_files_hold_the_segments_and_the_people(client: Client) -> None:
    make_moves()
    sign_in(client)

    sizes = b"".join(client.get("/customers/segments/export?format=csv")).decode("utf-8-sig").splitlines()
    people = b"".join(client.get("/customers/segments/moved/export?days=7&from=loyal")).decode("utf-8-sig").splitlines()

    assert sizes[0].startswith("Segment,Customers,Share of customers,Value in 90 days,Value next year")
    assert next(line for line in sizes if line.startswith("at risk,")).startswith("at risk,3,0.6,")
    assert [line.split(",")[:4] for line in people[1:]] == [
        [f"C-00{number}", f"Household {number}", "loyal", "at risk"] for number in range(3)
    ]
    sheet = client.get("/customers/segments/export?format=xlsx")
    assert b"".join(sheet).startswith(b"PK")
    sheet.close()


def test_the_page_asks_the_database_little(client: Client) -> None:
    make_moves()
    sign_in(client)
    client.get("/customers/segments/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/customers/segments/")
    assert len(asked) <= 6


def test_the_timeline_tells_a_move_that_lasted(client: Client) -> None:
    slid = make_moves()[0]
    sign_in(client)

    said = text_of(client, f"/customers/{slid.pk}/")

    assert "Moved from loyal to at risk" in said
    assert "since 2026-11-19, before that loyal" in said
    assert "Value in 90 days" in said


def test_every_segment_has_words_and_a_meaning() -> None:
    assert set(MEANINGS) == set(SEGMENT_TABS)
    assert {name.replace("_", " ") for name in SEGMENT_TABS} <= set(WORD_TEMPLATES)
