"""What marketing earned on screen, a holdout chosen there, and the week in which people answer."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.marketing.models import HoldoutChoice, Journey, Segment, SegmentMember
from reorder.domain.planning.models import Alert
from reorder.flows import effects
from tests.factories.catalog import make_product
from tests.factories.effects import DECIDED, LATER, decide_messages, make_people, sell, tell
from tests.factories.messaging import declare
from tests.factories.pages import text_of
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_results_of_a_journey_from_the_list_to_its_steps_variants_and_holdout(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REORDER_CLOCK", LATER.isoformat())
    sign_in(client, role="owner")
    before = text_of(client.get("/marketing/results/"))
    assert "Not measured yet: the night does." in before
    assert "No marketing was decided about yet." in before
    assert client.get("/marketing/results/journey/nowhere/").status_code == 404

    oolong = make_product()
    treated, held = make_people(count=400, start="treated"), make_people(count=200, start="held")
    decide_messages(customers=treated[:200], variant="short")
    sent = decide_messages(customers=treated[200:], variant="long")
    decide_messages(customers=held, holdout="source")
    sell(customers=treated[:240], product=oolong, at=DECIDED + dt.timedelta(days=5))
    sell(customers=held[:40], product=oolong, at=DECIDED + dt.timedelta(days=5))
    tell(messages=sent[:20], kind="complained", at=DECIDED + dt.timedelta(days=1))
    effects.measure(as_of=dt.date(2026, 11, 21), moment=LATER - dt.timedelta(days=1))
    effects.measure(as_of=dt.date(2026, 11, 22), moment=LATER)

    # The badge of alerts in the head is counted once, for all pages.
    client.get("/marketing/results/")
    with CaptureQueriesContext(connection) as asked:
        page = text_of(client.get("/marketing/results/"))
    assert len(asked) <= 12
    assert "Nobody is held out of all marketing" in page
    assert "replenishment Journey 400 / 200" in page
    assert "earned Complaints" in page
    with CaptureQueriesContext(connection) as asked:
        page = text_of(client.get("/marketing/results/journey/replenishment/"))
    assert len(asked) <= 14
    # 60 of 100 and 20 of 100 ordered goods of NT$450 that leave NT$250: NT$100 each more, NT$40,000 in all.
    assert "It earned NT$40,000 of margin that would not have come anyway, between" in page
    assert "People who ordered 60% 20% +40% (+" in page
    assert "Complaints proved to be above the limit of 0.1% 5% 0%" in page
    assert "short is proved to be the best: use it alone." in page
    assert "400 messages left and cost" in page
    assert "20% of the people held out so far ordered within their window" in page

    for odd in ("inf", "nan", "-3", "1000", "half"):
        assert client.get("/marketing/results/journey/replenishment/", {"share": odd}).status_code == 200
    assert client.get("/marketing/results/global/other/").status_code == 404
    few = text_of(client.get("/marketing/results/global/all/", {"share": "5"}))
    assert "Nobody was held out so far, so nobody can tell what it earned." in few
    assert "This share would see too little" in few

    for one in treated + held:
        declare(customer=one, is_granted=True, declared_at=DECIDED)
    effects.measure(as_of=dt.date(2026, 11, 22), moment=LATER)
    refused = client.post("/marketing/results/journey/replenishment/holdout", {"share": "80"}, follow=True)
    assert "Holding out 80% costs more than it can teach. Hold out 50% at most." in text_of(refused)
    nonsense = client.post("/marketing/results/journey/replenishment/holdout", {"share": "half"}, follow=True)
    assert "the share is from 0 to 100 percent" in text_of(nonsense)
    chosen = client.post(
        "/marketing/results/journey/replenishment/holdout", {"share": "30", "note": "before winter"}, follow=True
    )
    assert "30% of the customers are held out from now on" in text_of(chosen)
    assert "before winter" in text_of(chosen)
    assert HoldoutChoice.objects.get().share == 0.3
    client.logout()
    sign_in(client, role="support")
    assert client.post("/marketing/results/journey/replenishment/holdout", {"share": "5"}).status_code == 403


def test_a_journey_says_from_its_first_day_on_whom_it_decided_about_and_how_long_their_orders_count(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = LATER - dt.timedelta(days=1)
    monkeypatch.setenv("REORDER_CLOCK", LATER.isoformat())
    sign_in(client, role="owner")
    Journey.objects.create(code="replenishment", changed_by="Mei", changed_at=decided)
    address = "/marketing/results/journey/replenishment/"
    assert "Nothing was measured of it yet. The night after its first decisions does." in text_of(client.get(address))
    people = make_people(count=6)
    decide_messages(customers=people[:3], decided_at=decided)
    decide_messages(customers=people[3:5], holdout="source", decided_at=decided)
    # Whom all marketing keeps back is no comparison for one journey alone.
    decide_messages(customers=people[5:], holdout="global", decided_at=decided)
    page = text_of(client.get(address))
    assert "Not measured yet: the night does." in page
    assert "Decided so far: 3 customers treated, 2 held out. The next night begins to count what they order." in page
    assert "Decided so far: 5 customers treated, 1 held out." in text_of(client.get("/marketing/results/global/all/"))

    sell(customers=people[:1], product=make_product(), at=decided + dt.timedelta(hours=3))
    effects.measure(as_of=dt.date(2026, 11, 22), moment=LATER)
    page = text_of(client.get(address))
    assert "2 customers were held out so far; from 30 on it can be compared." in page
    assert "People who ordered 33% (1 of 3) 0% (0 of 2)" in page
    assert "Customers so far: 3 treated, 2 held out. Windows still open: 5 of 5, the last until 2026-12-19;" in page

    monkeypatch.setenv("REORDER_CLOCK", (LATER + dt.timedelta(days=40)).isoformat())
    effects.measure(as_of=dt.date(2027, 1, 1), moment=LATER + dt.timedelta(days=40))
    assert "3 treated, 2 held out. All windows have ended." in text_of(client.get(address))


def test_marketing_that_people_complain_of_is_an_alert_until_it_writes_to_nobody_any_more(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = LATER - dt.timedelta(days=1)
    monkeypatch.setenv("REORDER_CLOCK", LATER.isoformat())
    sign_in(client, role="owner")
    people = make_people(count=100)
    sent = decide_messages(customers=people, decided_at=decided)
    # Two refusals of a hundred are more than the limit of 1%, but nothing is proved by them.
    for one in people[:2]:
        declare(customer=one, is_granted=False, declared_at=decided + dt.timedelta(hours=2))
    tell(messages=sent[:5], kind="complained", at=decided + dt.timedelta(hours=1))
    for _ in range(2):
        effects.measure(as_of=dt.date(2026, 11, 22), moment=LATER)

    [(number, key)] = Alert.objects.filter(kind="unwelcome_marketing", resolved_at=None).values_list("pk", "key")
    assert key == "journey:replenishment:complaints"
    page = client.get(f"/alerts/{number}/")
    said = "Of the people whom replenishment was meant for, 5% reported it as spam. Above 0.1% mailboxes begin"
    assert said in text_of(page)
    assert 'href="/marketing/results/journey/replenishment/"' in page.content.decode()

    effects.measure(as_of=dt.date(2027, 1, 1), moment=LATER + dt.timedelta(days=40))
    assert not Alert.objects.filter(resolved_at=None).exists()


def test_the_week_in_which_people_answer_by_their_own_clock(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", LATER.isoformat())
    sign_in(client, role="marketer")
    assert "Nothing was done in these days." in text_of(client.get("/marketing/results/heat-map/"))
    people = make_people(count=10)
    type(people[0]).objects.filter(pk=people[9].pk).update(time_zone="Asia/Kolkata")
    type(people[0]).objects.filter(pk=people[8].pk).update(time_zone="Mars/Base")
    messages = decide_messages(customers=people)
    # 12:40 of a Thursday in UTC: 20:40 in Taipei, 18:10 in Kolkata.
    evening = dt.datetime(2026, 11, 19, 12, 40, tzinfo=dt.UTC)
    tell(messages=messages, kind="opened", at=evening)
    sell(customers=people[:3], product=make_product(), at=evening + dt.timedelta(hours=2))
    segment = Segment.objects.create(code="tea", name="Tea lovers", kind="list", changed_at=LATER, created_by="Mei")
    SegmentMember.objects.create(segment=segment, customer=people[9], since_at=LATER)

    page = text_of(client.get("/marketing/results/heat-map/", {"doing": "opened"}))
    assert "Messages are opened most on Thursday, 20:00–21:00: 90% of 10 times." in page
    assert "Thursday, 18:00–19:00: 10%" in page
    own = text_of(client.get("/marketing/results/heat-map/", {"doing": "opened", "segment": "tea", "days": "28"}))
    assert "Messages are opened most on Thursday, 18:00–19:00: 100% of 1 times." in own
    orders = text_of(client.get("/marketing/results/heat-map/", {"days": "nonsense", "segment": "nobody"}))
    assert "Orders come most on Thursday, 22:00–23:00: 100% of 3 orders." in orders
