"""The Overview: what needs each person now, how old the figures are, and the way into an empty shop."""

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reorder.domain.planning import operations as planning
from reorder.domain.warehouse.models import FulfilmentOrder
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, make_place
from tests.factories.placing import order_of, place, stock_up
from tests.factories.purchasing import make_offer, make_supplier, propose
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db

MORNING = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)  # 09:30 on Monday in Taipei
MONDAY = dt.date(2026, 11, 23)


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", MORNING.isoformat())
    cache.clear()


def run_night(*, as_of: dt.date = MONDAY, error: str = "", segments: dict[str, int] | None = None) -> int:
    moment = dt.datetime.combine(as_of, dt.time(18, 30), dt.UTC) - dt.timedelta(days=1)
    run = planning.open_run(kind="night", as_of_date=as_of, moment=moment)
    planning.start_step(run_id=run.id, name="value_customers", ordinal=1, moment=moment)
    planning.finish_step(
        run_id=run.id,
        name="value_customers",
        moment=moment + dt.timedelta(seconds=42),
        rows_read=9,
        rows_written=3,
        details={"segments": segments or {"champions": 3}},
    )
    planning.close_run(run_id=run.id, moment=moment + dt.timedelta(seconds=50), error=error)
    return run.id


@pytest.fixture
def proposals() -> None:
    make_place()
    make_supplier()
    make_product()
    make_product(sku="MATCHA-30")
    make_offer()
    make_offer(sku="MATCHA-30")
    propose(("OOLONG-150", 12), ("MATCHA-30", 6))


def titles(page: str) -> list[str]:
    return [
        " ".join(re.sub(r"<[^>]+>", " ", one).replace("?", " ").split())
        for one in re.findall(r'class="card-decision[^"]*">\s*<h2><a[^>]*>(.*?)</a>', page, re.DOTALL)
    ]


def page_of(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_buyer_opens_with_what_to_decide_and_the_money_at_risk(client: Client, proposals: None) -> None:
    run_night()
    sign_in(client, role="buyer")

    page = page_of(client)

    assert titles(page)[0] == "2 purchases to decide"
    assert "NT$180" in page
    assert "2 must be ordered today." in page
    assert "Buying all of it costs NT$3,600." in page
    assert "The figures are from last night (2026-11-23)." in page
    assert 'href="/buying/">Decide' in page


def test_who_may_not_decide_is_not_asked_to(client: Client, proposals: None) -> None:
    run_night()
    sign_in(client, role="viewer")

    page = page_of(client)

    assert "2 purchases to decide" in titles(page)
    assert ">Decide<" not in page
    assert "Start here" not in page


def test_a_marketer_sees_no_purchases(client: Client, proposals: None) -> None:
    run_night()
    sign_in(client, role="marketer")

    assert not any("purchase" in title for title in titles(page_of(client)))


def test_a_person_of_another_place_sees_nothing_of_this_one(client: Client, proposals: None) -> None:
    run_night()
    make_place(code="KAOHSIUNG", name="Kaohsiung")
    sign_in(client, role="buyer", places=["KAOHSIUNG"])
    assert titles(page_of(client)) == []
    assert "Nothing waits for you." in page_of(client)

    other = Client()
    sign_in(other, role="buyer", name="mei", places=[KEELUNG])
    assert "2 purchases to decide" in titles(page_of(other))


def test_segments_that_grew_overnight_are_shown_to_marketing(client: Client) -> None:
    run_night(as_of=MONDAY - dt.timedelta(days=1), segments={"at_risk": 5, "lost": 9})
    run_night(segments={"at_risk": 8, "lost": 9})
    sign_in(client, role="marketer")

    page = page_of(client)

    assert "More customers drift away" in titles(page)
    assert "at risk: 8 (+3)" in page
    assert "lost:" not in page


def test_old_figures_say_how_old(client: Client) -> None:
    run_night(as_of=MONDAY - dt.timedelta(days=2))
    sign_in(client, role="owner")

    assert "The figures are from the night of 2026-11-21, 2 days old." in page_of(client)


def test_a_failed_night_is_said_and_the_older_figures_stay(client: Client) -> None:
    run_night(as_of=MONDAY - dt.timedelta(days=1))
    run_night(error="forecast_demand: no space left")
    sign_in(client, role="owner")

    page = page_of(client)

    assert "The night of 2026-11-23 failed." in page
    assert "no space left" in page
    assert "The figures are from the night of 2026-11-22, 1 day old." in page


def test_an_empty_shop_says_where_to_start(client: Client) -> None:
    sign_in(client, role="owner")

    page = page_of(client)

    assert "No night has been run yet, so there are no figures." in page
    for task, address in (
        ("Import orders, products and stock", "/imports/"),
        ("Add suppliers and their terms", "/setup/suppliers/"),
        ("Run the first night", "/runs/"),
        ("Add your people", "/setup/users/"),
    ):
        assert f'<a href="{address}">{task}</a>' in page
    assert 'class="is-done"' not in page


def test_each_role_sees_the_part_of_the_way_that_it_may_walk(client: Client) -> None:
    sign_in(client, role="buyer")

    page = page_of(client)

    assert "Add suppliers and their terms" in page
    assert "Add your people" not in page


def test_work_under_way_is_shown_and_asked_for_again(client: Client) -> None:
    run = planning.open_run(kind="demo", as_of_date=MONDAY, moment=MORNING)
    planning.start_step(run_id=run.id, name="read_history", ordinal=0, moment=MORNING)
    planning.finish_step(run_id=run.id, name="read_history", moment=MORNING, rows_read=1, rows_written=0, details={})
    planning.start_step(run_id=run.id, name="import_orders", ordinal=1, moment=MORNING)
    sign_in(client, role="owner")

    page = page_of(client)
    assert "The demonstration is being prepared" in page
    assert "1/13" in page
    assert "Import orders" in page
    assert 'hx-get="/overview/progress"' in page
    assert "Start here" not in page

    planning.close_run(run_id=run.id, moment=MORNING)
    between = client.get("/overview/progress", headers={"HX-Request": "true"})
    assert "4/13" in between.content.decode()
    assert "HX-Refresh" not in between.headers

    run_night()
    over = client.get("/overview/progress", headers={"HX-Request": "true"})
    assert over.headers["HX-Refresh"] == "true"


def test_the_fragment_is_the_job_alone(client: Client) -> None:
    planning.open_run(kind="night", as_of_date=MONDAY, moment=MORNING)
    sign_in(client, role="viewer")

    fragment = client.get("/overview/progress", headers={"HX-Request": "true"}).content.decode()

    assert "The night is running" in fragment
    assert "<html" not in fragment


def test_orders_that_need_somebody_are_late_or_new_have_a_card_that_leads_to_each(client: Client) -> None:
    run_night()
    stock_up(units=2)
    now = MORNING
    place(
        order_of(("OOLONG-150", 1), external_id="A-1", ordered_at=now - dt.timedelta(days=1)),
        order_of(("OOLONG-150", 1), external_id="A-2", ordered_at=now),
        order_of(("OOLONG-150", 1), external_id="A-3", ordered_at=now, if_short="wait"),
        moment=now,
    )
    FulfilmentOrder.objects.filter(order__external_id="A-1").update(ship_by_at=now - dt.timedelta(hours=1))
    sign_in(client, role="support")

    page = page_of(client)

    assert "2 orders need a human" in titles(page)
    assert 'href="/orders/exceptions/?kind=late">1 should have left by now' in page
    assert 'href="/orders/?tab=all&amp;from=2026-11-23">2 new orders today' in page
    assert "NT$900" in page


def test_orders_that_only_came_in_are_news_and_those_of_another_place_are_none(client: Client) -> None:
    run_night()
    stock_up(units=2)
    place(order_of(("OOLONG-150", 1), ordered_at=MORNING), moment=MORNING)
    make_place(code="KAOHSIUNG", name="Kaohsiung")
    sign_in(client, role="support")
    assert "1 new order today" in titles(page_of(client))
    other = Client()
    sign_in(other, role="support", name="lin", places=["KAOHSIUNG"])
    assert titles(page_of(other)) == []


def test_it_takes_as_many_queries_for_thirty_proposals_as_for_two(
    client: Client, proposals: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    run_night()
    sign_in(client, role="owner")
    page_of(client)

    with django_assert_max_num_queries(14) as few:
        page_of(client)
    for number in range(30):
        make_product(sku=f"TEA-{number:02d}")
        make_offer(sku=f"TEA-{number:02d}")
    propose(*((f"TEA-{number:02d}", 6.0) for number in range(30)))

    with django_assert_max_num_queries(len(few.captured_queries)):
        page = page_of(client)
    assert "32 purchases to decide" in titles(page)


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    assert client.get("/").status_code == 302
    assert client.get("/overview/progress", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize("role", ["owner", "marketer", "buyer", "warehouse", "support", "viewer"])
def test_every_role_opens_it_in_both_languages(proposals: None, role: str) -> None:
    run_night()
    for language in ("en", "zh-hant"):
        person = Client()
        sign_in(person, role=role, name=f"{role}-{language}", language=language)
        assert f'lang="{"en" if language == "en" else "zh-Hant-TW"}"' in page_of(person)
