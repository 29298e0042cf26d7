"""Finding customers: what people type, the tabs, pages by cursor, files, and who may look."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.customers.models import Customer
from reorder.domain.messaging.models import MarketingPause
from reorder.domain.planning import customer_list
from reorder.engine.repurchase.value.segments import SEGMENTS
from reorder.insights import customers as listed
from reorder.web.lists import encode_cursor
from tests.factories.catalog import make_product
from tests.factories.customers import NOW, TODAY, due, finish_valuing, value
from tests.factories.messaging import buy, give_address, make_customer, make_run
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW)


def keys_of(client: Client, query: str = "") -> list[str]:
    """Customers' keys in the order of the list."""
    page = client.get(f"/customers/?columns=name,key{'&' if query else ''}{query}")
    assert page.status_code == 200
    return [row.cells[1].html for row in page.context["list"].rows]


def make_people() -> None:
    make_customer(key="C-001", name="王美玲")
    make_customer(key="C-002", name="王 小明")
    make_customer(key="C-003", name="美國隊長")
    make_customer(key="C-004", name="Ann O'Neil")
    mei = make_customer(key="mei@example.org", name="Lin Mei")
    give_address(customer=mei, address="Mei.Lin@Example.org")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("美玲", {"C-001"}),
        ("小明", {"C-002"}),
        ("王小明", {"C-002"}),
        ("王", {"C-001", "C-002"}),
        ("美", {"C-001", "C-003"}),
        ("玲美", set()),
        ("mei", {"mei@example.org"}),
        ("LIN mei", {"mei@example.org"}),
        ("ei", set()),
        ("o'neil", {"C-004"}),
        ("ａｎｎ", {"C-004"}),
        ("c-00", {"C-001", "C-002", "C-003", "C-004"}),
        ("C-003", {"C-003"}),
        ("MEI.lin@example.ORG", {"mei@example.org"}),
        ("mei.lin@", {"mei@example.org"}),
        ("%", set()),
        ("王%", set()),
        ("'; DROP", set()),
        ("a%00b", set()),
        ("🙂", set()),
    ],
)
def test_a_search_finds_whom_people_mean(client: Client, typed: str, found: set[str]) -> None:
    make_people()
    sign_in(client)
    page = client.get("/customers/", {"q": typed.replace("%00", "\x00"), "columns": "name,key"})
    assert {row.cells[1].html for row in page.context["list"].rows} == found


@pytest.mark.parametrize("typed", ["王", "美", "c-00", "mei", "美玲"])
def test_a_search_with_too_many_matches_walks_the_list_and_finds_the_same(
    client: Client, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    make_people()
    run = make_run()
    for place, customer in enumerate(Customer.objects.order_by("pk")[:3]):
        value(run=run, customer=customer, expected_value=100.0 * place)
    sign_in(client)
    looked_up = keys_of(client, f"q={typed}")
    monkeypatch.setattr(customer_list, "_LOOKED_UP", 0)
    hashed = keys_of(client, f"q={typed}")
    monkeypatch.setattr(listed, "_MANY", 0)
    assert keys_of(client, f"q={typed}") == hashed == looked_up != []


def test_an_erased_customer_is_found_by_nothing_and_has_no_name(client: Client) -> None:
    mei = make_customer(key="C-001", name="王美玲")
    Customer.objects.filter(pk=mei.pk).update(erased_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    sign_in(client)
    assert keys_of(client, "q=美玲") == []
    page = client.get("/customers/")
    assert [row.cells[0].html for row in page.context["list"].rows] == ["Erased customer"]
    assert "王美玲" not in page.content.decode()


def make_shop() -> None:
    """Mei is worth most and due in three days, Ann in ten, Zoe in twenty; Bo has no value yet."""
    run = make_run()
    make_product()
    for key, segment, worth, days in (
        ("mei", "loyal", 900.0, 3),
        ("ann", "at_risk", 500.0, 10),
        ("zoe", "new", 50.0, 20),
    ):
        customer = make_customer(key=key, name=key.title())
        value(run=run, customer=customer, segment=segment, expected_value=worth)
        due(run=run, customer=customer, day=TODAY + dt.timedelta(days=days))
    make_customer(key="bo", name="Bo")
    finish_valuing(run=run, segments={"loyal": 1, "at_risk": 1, "new": 1})


@pytest.mark.parametrize(
    ("tab", "keys"),
    [
        ("all", ["mei", "ann", "zoe", "bo"]),
        ("week", ["mei"]),
        ("fortnight", ["mei", "ann"]),
        ("at_risk", ["ann"]),
        ("lost", []),
        ("paused", ["zoe"]),
        ("nonsense", ["mei", "ann", "zoe", "bo"]),
    ],
)
def test_each_tab_holds_its_customers_in_its_order(client: Client, tab: str, keys: list[str]) -> None:
    make_shop()
    zoe, mei = Customer.objects.get(key="zoe"), Customer.objects.get(key="mei")
    moment = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    MarketingPause.objects.create(customer=zoe, reason="abroad", paused_at=moment, paused_by="ann")
    MarketingPause.objects.create(
        customer=mei, reason="over today", paused_at=moment, paused_by="ann", resumes_date=TODAY
    )
    sign_in(client)
    assert keys_of(client, f"tab={tab}") == keys


def test_the_head_and_the_tabs_say_how_many(client: Client) -> None:
    make_shop()
    sign_in(client)
    page = client.get("/customers/")
    assert "3 customers valued on 2026-11-22; 1 due within 7 days." in page.content.decode()
    counts = {tab.key: tab.count for tab in page.context["list"].spec.tabs}
    assert (counts["all"], counts["week"], counts["fortnight"], counts["loyal"], counts["lost"]) == (3, 1, 2, 1, 0)


def test_a_list_shown_whole_has_sums_and_a_page_of_one_has_none(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_shop()
    sign_in(client)
    page = client.get("/customers/?columns=name,value").context["list"]
    assert [cell.html for cell in page.totals] == ["Together", "NT$1,450"]
    monkeypatch.setattr("reorder.web.customers.views.PAGE_SIZE", 2)
    assert client.get("/customers/").context["list"].totals == ()


@pytest.mark.parametrize("tab", ["all", "fortnight", "loyal", "paused"])
def test_pages_follow_each_other_without_a_gap_or_a_double(
    client: Client, monkeypatch: pytest.MonkeyPatch, tab: str
) -> None:
    run = make_run()
    make_product()
    for number in range(9):
        customer = make_customer(key=f"c-{number}", name=f"Customer {number}")
        if number != 4:
            value(run=run, customer=customer, expected_value=float(number // 2))
        due(run=run, customer=customer, day=TODAY + dt.timedelta(days=number // 3))
        MarketingPause.objects.create(
            customer=customer,
            reason="x",
            paused_at=dt.datetime(2026, 11, 1 + number // 2, tzinfo=dt.UTC),
            paused_by="a",
        )
    sign_in(client)
    whole = keys_of(client, f"tab={tab}")
    monkeypatch.setattr("reorder.web.customers.views.PAGE_SIZE", 2)
    met: list[str] = []
    address = f"/customers/?columns=name,key&tab={tab}"
    while address:
        page = client.get(address).context["list"]
        met += [row.cells[1].html for row in page.rows]
        address = page.next_url
    assert met == whole
    assert len(met) == (8 if tab == "loyal" else 9)


@pytest.mark.parametrize(
    ("tab", "after"),
    [
        ("all", "%%%"),
        ("all", encode_cursor(["x", 1])),
        ("all", encode_cursor([1.5])),
        ("all", encode_cursor([1.5, 2**70])),
        ("week", encode_cursor([1.5, 1])),
        ("week", encode_cursor(["2026-99-01", 1])),
        ("paused", encode_cursor(["yesterday", 1])),
        ("all", encode_cursor([True, True])),
    ],
)
def test_an_address_that_names_no_page_is_refused_in_words(client: Client, tab: str, after: str) -> None:
    sign_in(client)
    answer = client.get("/customers/", {"tab": tab, "after": after})
    assert answer.status_code == 422
    assert "Start again from the first page." in answer.content.decode()


def test_a_row_shows_the_orders_of_this_moment(client: Client) -> None:
    make_shop()
    mei = Customer.objects.get(key="mei")
    for number in (1, 2):
        buy(
            customer=mei,
            product=make_product(sku=f"T-{number}"),
            ordered_at=dt.datetime(2026, 11, 20 + number, 20, tzinfo=dt.UTC),
            number=f"N-{number}",
        )
    sign_in(client)
    row = client.get("/customers/?tab=loyal&columns=name,last,orders,value,rfm,next,segment").context["list"].rows[0]
    assert "Oolong 150 g" in row.cells[2].html
    assert '25 Nov <span class="quiet">22 Nov – 29 Nov</span>' in row.cells[2].html
    assert [cell.html for cell in row.cells[3:]] == [
        "2026-11-23",
        "2",
        "NT$900",
        "4 3 5",
    ]
    assert "loyal" in row.cells[1].html


def test_the_number_of_queries_does_not_grow_with_the_rows(client: Client) -> None:
    sign_in(client)
    client.get("/customers/")
    run = make_run()
    make_product()

    def asked(count: int) -> int:
        for number in range(Customer.objects.count(), count):
            customer = make_customer(key=f"c-{number}", name=f"客戶{number}")
            value(run=run, customer=customer)
            due(run=run, customer=customer, day=TODAY)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get("/customers/?q=客").context["list"].rows) == count
        return len(queries)

    few = asked(2)
    assert asked(30) == few <= 12


def test_a_shop_before_its_first_night_says_what_to_do(client: Client) -> None:
    sign_in(client)
    text = client.get("/customers/").content.decode()
    assert "No night has run yet, so nothing is predicted." in text
    assert "Import a file of orders, or send them through the API." in text
    assert "The first night fills this list" in client.get("/customers/?tab=week").content.decode()


def test_the_list_is_exported_with_typed_values(client: Client) -> None:
    make_shop()
    make_customer(key="=cmd", name="=1+1")
    sign_in(client)
    answer = client.get("/customers/export?format=csv&tab=fortnight")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Shop's id,Customer,Segment,Due next")
    assert lines[1].startswith("mei,Mei,loyal,Oolong 150 g,OOLONG-150,2026-11-25,2026-11-22,2026-11-29,")
    assert len(lines) == 3
    whole = b"".join(client.get("/customers/export?format=csv").streaming_content).decode()
    assert "=1+1" not in whole.replace("'=1+1", "")


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 200), ("support", 200), ("marketer", 200), ("buyer", 403), ("warehouse", 403)]
)
def test_only_those_see_customers_who_may(client: Client, role: str, status: int) -> None:
    mei = make_customer()
    sign_in(client, role=role)
    for path in ("/customers/", "/customers/export", f"/customers/{mei.pk}/", f"/customers/{mei.pk}/side"):
        assert client.get(path).status_code == status


def test_the_desk_knows_the_segments_of_the_engine() -> None:
    assert set(listed.SEGMENTS) == set(SEGMENTS)
