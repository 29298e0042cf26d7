"""Files of events: headers in both languages, every type of file, what is refused and why, and what a second time does."""

import datetime as dt
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from reorder.domain.behaviour.models import TrackedEvent
from reorder.domain.customers.models import Customer
from reorder.domain.messaging.models import ContactPoint
from reorder.domain.planning.models import DirtyMark
from reorder.flows.file_import import check_file, import_file
from reorder.flows.file_import.errors import UnknownHeader
from reorder.flows.file_import.uploads import preview, receive_upload
from reorder.kernel import clock
from tests.factories.catalog import make_product
from tests.factories.importing import moment, refused_in, write_lines

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "customer_id,kind,happened_at,sku,search_text,message_id"
# The database's clock stamps an import, whatever the tests' clock says.
TODAY = clock.current_date(time_zone="UTC")
DAY = (TODAY - dt.timedelta(days=3)).isoformat()
ROWS = [
    f"mei,view,{DAY} 09:30,OOLONG-150,,m-1",
    f"mei,cart,{DAY}T09:31:00+08:00,OOLONG-150,,m-2",
    f"mei,search,{DAY},,tea   pot,m-3",
]
STORED = [
    ("m-1", "mei", "view", "OOLONG-150", ""),
    ("m-2", "mei", "cart", "OOLONG-150", ""),
    ("m-3", "mei", "search", None, "tea pot"),
]


@pytest.fixture(autouse=True)
def shop() -> Customer:
    make_product()
    return Customer.objects.create(key="mei", name="Mei")


def stored() -> list[tuple[str, str, str, str | None, str]]:
    rows = TrackedEvent.objects.order_by("message_id", "pk")
    return list(rows.values_list("message_id", "customer__key", "kind", "product__sku", "search_text"))


def test_a_file_of_events_is_recognised_taken_and_marks_its_customers(tmp_path: Path, shop: Customer) -> None:
    report = import_file(path=write_lines(path=tmp_path / "events.csv", lines=[HEADER, *ROWS]))

    assert (report.kind, report.rows_read, report.rows_imported, report.rows_rejected) == ("events", 3, 3, 0)
    assert report.counts["events_added"] == 3
    assert report.counts["customers_with_events"] == 1
    assert stored() == STORED
    assert TrackedEvent.objects.get(message_id="m-2").happened_at == moment(f"{DAY}T09:31:00+08:00")
    marks = set(DirtyMark.objects.values_list("kind", "subject_key"))
    assert marks == {("customer", str(shop.pk)), ("segment", str(shop.pk))}


def test_chinese_headers_and_words_are_understood(tmp_path: Path) -> None:
    lines = [
        "會員編號,事件,發生時間,品號,搜尋字詞,事件編號",
        f"mei,瀏覽,{DAY.replace('-', '/')} 09:30,OOLONG-150,,m-1",
        f"mei,加入購物車,{DAY} 09:31,OOLONG-150,,m-2",
        f"mei,搜尋,{DAY},,tea pot,m-3",
    ]
    report = import_file(path=write_lines(path=tmp_path / "事件.csv", lines=lines, encoding="cp950"))
    assert (report.kind, report.rows_imported) == ("events", 3)
    assert stored() == STORED


@pytest.mark.parametrize("kind", ["tsv", "parquet", "xlsx"])
def test_other_types_of_file_read_the_same(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"events.{kind}"
    cells = [line.split(",") for line in ROWS]
    if kind == "tsv":
        write_lines(path=path, lines=["\t".join(row) for row in [HEADER.split(","), *cells]])
    elif kind == "parquet":
        pl.DataFrame(cells, schema=HEADER.split(","), orient="row").write_parquet(path)
    else:
        book = openpyxl.Workbook()
        for row in [HEADER.split(","), *cells]:
            book.worksheets[0].append(row)
        book.save(path)
    assert import_file(path=path).rows_imported == 3
    assert stored() == STORED


def test_the_same_rows_again_change_nothing_with_ids_and_without(tmp_path: Path) -> None:
    bare = [line.rsplit(",", 1)[0] for line in [HEADER, *ROWS]]
    import_file(path=write_lines(path=tmp_path / "first.csv", lines=[HEADER, *ROWS]))
    first = import_file(path=write_lines(path=tmp_path / "bare.csv", lines=bare))
    again = import_file(
        path=write_lines(path=tmp_path / "again.csv", lines=[*bare, bare[1], f"mei,view,{DAY},MATCHA-30,"])
    )
    assert (first.rows_imported, again.rows_imported, again.rows_unchanged, again.rows_rejected) == (3, 0, 4, 1)
    assert TrackedEvent.objects.count() == 6


def test_every_refused_row_says_which_cell_and_why_and_the_others_are_taken(tmp_path: Path) -> None:
    future = (TODAY + dt.timedelta(days=2)).isoformat()
    old = (TODAY - dt.timedelta(days=402)).isoformat()
    lines = [
        HEADER,
        ROWS[0],
        f"nobody,view,{DAY},OOLONG-150,,",
        f"mei,view,{DAY},NONE-1,,",
        f"mei,gaze,{DAY},OOLONG-150,,",
        f"mei,,{DAY},OOLONG-150,,",
        "mei,view,yesterday,OOLONG-150,,",
        f"mei,view,{future},OOLONG-150,,",
        f"mei,view,{old},OOLONG-150,,",
        f"mei,cart,{DAY},,,",
        f"mei,search,{DAY},,,",
        f"mei,search,{DAY},,{'x' * 301},",
        f",view,{DAY},OOLONG-150,,",
    ]
    report = import_file(path=write_lines(path=tmp_path / "events.csv", lines=lines))
    assert (report.rows_imported, report.rows_rejected) == (1, 11)
    assert report.rejected_file is not None
    refused = {(row, column): reason for row, column, _, reason in refused_in(path=report.rejected_file)}
    assert refused == {
        (3, "customer"): "Nobody is known by this id or address. Import the customer's orders first.",
        (4, "sku"): "There is no such product. Import products first.",
        (5, "kind"): "Unknown word; one of these is expected: cart, promotion, search, view.",
        (6, "kind"): "This must not be empty.",
        (7, "happened_at"): "Write a moment like 2026-11-23 09:30 or 2026-11-23T09:30:00+08:00.",
        (8, "happened_at"): "It lies more than 10 minutes in the future; look at the clock it comes from.",
        (9, "happened_at"): "Older than 400 days; events are not kept that long.",
        (10, "sku"): "This must not be empty.",
        (11, "search_text"): "This must not be empty.",
        (12, "search_text"): "Longer than 300 characters.",
        (13, "customer_id"): "This must not be empty.",
    }


def test_a_refused_file_is_tried_again_once_its_customers_are_known(tmp_path: Path) -> None:
    path = write_lines(path=tmp_path / "events.csv", lines=[HEADER, f"lin,view,{DAY},OOLONG-150,,m-9"])
    assert import_file(path=path).rows_rejected == 1
    Customer.objects.create(key="lin")
    again = import_file(path=path)
    assert (again.outcome, again.rows_imported, again.rows_rejected) == ("imported", 1, 0)
    assert import_file(path=path).outcome == "known"


def test_people_are_known_by_the_address_that_only_they_have(tmp_path: Path, shop: Customer) -> None:
    lin = Customer.objects.create(key="lin")
    for customer, address in ((shop, "Mei@Example.org"), (shop, "both@example.org"), (lin, "both@example.org")):
        ContactPoint.objects.create(customer=customer, channel="email", address=address)
    lines = [
        "email,event,timestamp,sku",
        *(f"{one},view,{DAY},OOLONG-150" for one in ("mei@example.org", "both@example.org")),
    ]
    report = import_file(path=write_lines(path=tmp_path / "events.csv", lines=lines))
    assert (report.rows_imported, report.rows_rejected) == (1, 1)
    assert TrackedEvent.objects.get().customer_id == shop.pk


def test_ids_of_another_channel_are_kept_apart_and_a_merged_key_finds_who_was_kept(
    tmp_path: Path, shop: Customer
) -> None:
    Customer.objects.create(key="till:mei", merged_into=shop, merged_at=moment("2026-11-26T00:00:00+00:00"))
    path = write_lines(path=tmp_path / "events.csv", lines=[HEADER, *ROWS])
    import_file(path=path, channel="till")
    assert [row[0] for row in stored()] == ["till:m-1", "till:m-2", "till:m-3"]
    assert set(TrackedEvent.objects.values_list("customer_id", flat=True)) == {shop.pk}


def test_a_check_changes_nothing(tmp_path: Path) -> None:
    report = check_file(path=write_lines(path=tmp_path / "events.csv", lines=[HEADER, *ROWS]))
    assert (report.outcome, report.rows_imported) == ("checked", 3)
    assert not TrackedEvent.objects.exists()


def test_a_header_without_anybody_is_no_file_of_events(tmp_path: Path) -> None:
    with pytest.raises(UnknownHeader, match="events kind, happened_at and customer_id or email"):
        import_file(path=write_lines(path=tmp_path / "events.csv", lines=["event,timestamp", f"view,{DAY}"]))


def test_an_upload_shows_how_events_are_read(tmp_path: Path, settings: object) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    content = "\n".join([HEADER, *ROWS, f"mei,gaze,{DAY},,,"]).encode()
    upload = receive_upload(name="events.csv", chunks=[content], uploaded_by="ann")
    shown = preview(upload_id=upload.id)
    assert (shown.kind, shown.missing, shown.refused_count, shown.can_start) == ("events", (), 1, True)
    assert {use.column: use.meaning for use in shown.columns} == {name: name for name in HEADER.split(",")}
