"""Lists by files: who is named how, what each kind of file does, refusals with reasons, and a worker that died."""

import datetime as dt
from pathlib import Path

import pytest

from reorder.domain.customers.models import Customer
from reorder.domain.marketing import segment_lists, segments
from reorder.domain.marketing.facts import set_wanted_kinds, take_facts
from reorder.domain.marketing.models import ListImport
from reorder.domain.marketing.segment_compile import Compiled, compile_rules
from reorder.domain.marketing.segment_editing import NewSegment
from reorder.domain.marketing.segment_lists import ListImportRow
from reorder.domain.marketing.segment_preview import count_within
from reorder.flows import segmenting
from reorder.flows.file_import.arriving import open_incoming
from reorder.flows.segmenting.counting import context_of
from tests.factories.messaging import give_address, make_customer

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    settings.HOME = tmp_path
    return tmp_path


def brought(text: str, *, mode: str, name: str = "fair.csv") -> int:
    incoming = open_incoming(name=name)
    incoming.write(text.encode())
    return segmenting.start_list_import(code="fair", mode=mode, incoming=incoming, asked_by="owner", moment=NOW)


def taken(text: str, *, mode: str) -> ListImportRow:
    import_id = brought(text, mode=mode)
    segmenting.run_list_import(import_id=import_id, moment=NOW)
    found = segment_lists.find_import(import_id=import_id)
    assert found is not None
    return found


def on_list() -> list[str]:
    ids = segments.list_member_ids(code="fair")
    return sorted(Customer.objects.filter(pk__in=ids).values_list("key", flat=True))


def test_files_add_remove_and_replace_and_say_which_rows_named_nobody(home: Path) -> None:
    mei, ann = make_customer(key="mei"), make_customer(key="ann")
    make_customer(key="ben@example.org")
    give_address(customer=mei, address="home@example.org")
    give_address(customer=ann, address="home@example.org")
    give_address(customer=ann, address="Ann@Example.org")
    Customer.objects.create(key="old-mei", merged_into=mei, merged_at=NOW)
    Customer.objects.create(key="gone", erased_at=NOW)
    segment = NewSegment(code="fair", name="Tea fair", kind="list", rules={})
    segmenting.create_segment(segment=segment, decided_by="owner", moment=NOW)
    set_wanted_kinds(kinds=["entered_segment", "left_segment"])

    # An id wins over an address, a merged record stands for who was kept, an address is read in either case.
    rows = "會員編號,電子郵件\nold-mei,\n,ann@example.org\nmei,\n,home@example.org\ngone,\nnobody,x@example.org\n,BEN@example.org\n,  \n"
    first = taken(rows, mode="add")
    assert (first.state, first.read_count, first.came_count, first.left_count, first.rejected_count) == (
        "done",
        8,
        3,
        0,
        5,
    )
    assert on_list() == ["ann", "ben@example.org", "mei"]
    assert [
        (one.row_number, one.value, one.reason_code) for one in segment_lists.iterate_rejections(import_id=first.id)
    ] == [
        (4, "mei", "twice"),
        (5, "home@example.org", "several"),
        (6, "gone", "unknown"),
        (7, "nobody", "unknown"),
        (9, "", "empty"),
    ]
    assert len(take_facts(limit=10)) == 3

    second = taken("customer_id\nann\nmei\n", mode="remove")
    assert (second.came_count, second.left_count, second.known_count) == (0, 2, 0)
    assert on_list() == ["ben@example.org"]
    third = taken("email\nann@example.org\nben@example.org\n", mode="replace")
    assert (third.came_count, third.left_count, third.known_count) == (1, 0, 1)
    assert on_list() == ["ann", "ben@example.org"]
    assert segments.count_members(code="fair") == 2
    assert sorted(one.subject for one in take_facts(limit=10)) == ["fair", "fair", "fair"]

    # A worker died with the file half read: the next one begins anew, and a job that runs twice does nothing more.
    again = brought("customer_id\nmei\n", mode="add")
    ListImport.objects.filter(pk=again).update(state="running", read_count=1)
    segmenting.run_list_import(import_id=again, moment=NOW)
    segmenting.run_list_import(import_id=again, moment=NOW)
    assert on_list() == ["ann", "ben@example.org", "mei"]
    assert not list(home.glob("uploads/*"))

    wrong = taken("colour,size\nred,3\n", mode="replace")
    assert (wrong.state, wrong.error) == (
        "failed",
        "fair.csv: no column holds customers. Call one customer_id (the shop's own id) or email. Found: colour, size",
    )
    assert on_list() == ["ann", "ben@example.org", "mei"]
    assert segment_lists.forget_rejections(moment=NOW + dt.timedelta(days=31)) == 5


def test_counting_gives_up_in_time_and_a_part_stands_for_the_whole() -> None:
    for number in range(40):
        make_customer(key=f"c{number}")
    slow = Compiled("SELECT pg_sleep(5)::text AS id", {})

    assert count_within(compiled=slow, context={}, seconds=0.05) is None

    rules = {"match": "all", "rules": [{"kind": "everybody"}]}
    context = context_of(moment=NOW)
    assert count_within(compiled=compile_rules(rules=rules), context=context, seconds=5) == 40
    assert count_within(compiled=compile_rules(rules=rules, scope="sample"), context=context, seconds=5) == 2
