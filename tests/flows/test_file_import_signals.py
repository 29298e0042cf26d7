"""Files of signals: headers in both languages, what is refused and why, corrections, and what a second time does."""

import datetime as dt
from pathlib import Path

import pytest

from reorder.domain.catalog.models import Product
from reorder.domain.inventory.operations import ensure_place
from reorder.domain.planning.models import Signal
from reorder.domain.planning.signals import frame_signals
from reorder.flows.file_import import ImportReport, check_file, import_file
from tests.factories.catalog import make_product
from tests.factories.importing import refused_in, write_lines

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "signal,date,value,name,sku,category,place,known_at"
ROWS = [
    "promotion,2026-09-20,20%,Mid-autumn,,,,2026-09-01 09:00",
    "price,2026-09-20,288,,OOLONG-150,,,2026-09-01 09:00",
    "event,2026-09-25,,Mid-autumn,,,,2026-01-01",
    "closed,2026-10-01,,,,,KEELUNG,2026-01-01",
    "weather,2026-09-20,28.5,temperature,,,KEELUNG,2026-09-18 06:00",
]


def write(path: Path, *lines: str) -> Path:
    return write_lines(path=path, lines=list(lines))


def refused(report: ImportReport) -> list[tuple[int, str, str, str]]:
    assert report.rejected_file is not None
    return refused_in(path=report.rejected_file)


@pytest.fixture(autouse=True)
def shop() -> Product:
    ensure_place(code="KEELUNG", name="Keelung warehouse")
    return make_product()


def stored() -> list[tuple[object, ...]]:
    rows = Signal.objects.order_by("id").values_list(
        "kind", "name", "scope", "key", "place_code", "date", "number", "text"
    )
    return sorted((*row[:5], row[5].isoformat(), *row[6:]) for row in rows)


def test_a_file_is_recognised_by_its_header_and_taken(tmp_path: Path) -> None:
    report = import_file(path=write(tmp_path / "signals.csv", HEADER, *ROWS))
    assert (report.kind, report.rows_read, report.rows_imported, report.rows_rejected) == ("signals", 5, 5, 0)
    assert stored() == [
        ("event", "Mid-autumn", "all", "", "*", "2026-09-25", None, ""),
        ("open", "", "all", "", "KEELUNG", "2026-10-01", 0.0, ""),
        ("price", "", "product", "OOLONG-150", "*", "2026-09-20", 288.0, ""),
        ("promotion", "Mid-autumn", "all", "", "*", "2026-09-20", 0.2, ""),
        ("weather", "temperature", "all", "", "KEELUNG", "2026-09-20", 28.5, ""),
    ]
    known = Signal.objects.get(kind="weather").known_at
    assert known == dt.datetime(2026, 9, 17, 22, tzinfo=dt.UTC)


def test_a_chinese_header_says_the_same(tmp_path: Path) -> None:
    lines = [
        "訊號,日期,數值,名稱,品號,分類,倉庫,得知時間",
        "促銷,2026/09/20,0.2,中秋,,,,2026/09/01 09:00",
        "公休,2026/10/01,,,,,,",
    ]
    report = import_file(path=write(tmp_path / "訊號.csv", *lines))
    assert (report.kind, report.rows_imported) == ("signals", 2)
    assert stored() == [
        ("open", "", "all", "", "*", "2026-10-01", 0.0, ""),
        ("promotion", "中秋", "all", "", "*", "2026-09-20", 0.2, ""),
    ]


def test_the_same_file_again_changes_nothing_and_a_longer_one_adds_what_is_new(tmp_path: Path) -> None:
    import_file(path=write(tmp_path / "signals.csv", HEADER, *ROWS))
    again = import_file(path=write(tmp_path / "again.csv", HEADER, *ROWS))
    assert (again.outcome, again.rows_imported) == ("known", 0)
    longer = import_file(path=write(tmp_path / "longer.csv", HEADER, *ROWS, "event,2026-12-25,,Christmas,,,,"))
    assert (longer.rows_imported, longer.rows_unchanged) == (1, 5)
    assert Signal.objects.count() == 6


def test_a_corrected_value_is_a_later_version_that_an_earlier_origin_does_not_see(tmp_path: Path) -> None:
    import_file(path=write(tmp_path / "signals.csv", HEADER, *ROWS))
    corrected = "price,2026-09-20,278,,OOLONG-150,,,2026-09-10 09:00"
    report = import_file(path=write(tmp_path / "corrected.csv", HEADER, corrected))
    assert report.rows_imported == 1
    day = dt.date(2026, 9, 20)
    seen = [
        frame_signals(
            from_date=day,
            before_date=day + dt.timedelta(days=1),
            known_before=dt.datetime(2026, 9, number, tzinfo=dt.UTC),
            kinds=["price"],
        )["number"].to_list()
        for number in (1, 5, 15)
    ]
    assert seen == [[], [288.0], [278.0]]


def test_another_value_known_at_the_same_moment_is_refused(tmp_path: Path) -> None:
    import_file(path=write(tmp_path / "signals.csv", HEADER, *ROWS))
    report = import_file(
        path=write(tmp_path / "other.csv", HEADER, "price,2026-09-20,278,,OOLONG-150,,,2026-09-01 09:00")
    )
    assert report.rows_rejected == 1
    assert refused(report)[0][1::2] == (
        "known_at",
        "At this moment another value was known already; a correction needs a later moment.",
    )


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("gossip,2026-09-20,1,,,,,", "signal", "Unknown word; one of these is expected: "),
        ("price,2026-09-20,288,,NOSUCH,,,", "sku", "There is no such product. Import products first."),
        ("price,2026-09-20,-1,,OOLONG-150,,,", "value", "A number of zero or more is expected."),
        ("price,2026-09-20,288,,,,,", "sku", "This must not be empty."),
        ("promotion,2026-09-20,20,,,,,", "value", "A discount is a share between 0 and 1: write 0.2 or 20% for 20 %."),
        ("promotion,2026-09-20,0.2,,OOLONG-150,tea,,", "category", "Give a product or a category, not both."),
        ("promotion,2026-09-20,0.2,,,nosuch,,", "category", "There is no such category."),
        ("event,2026-09-20,,,,,,", "name", "This must not be empty."),
        ("event,soon,,Fair,,,,", "date", "Write a date like 2026-11-23."),
        ("event,1066-10-14,,Hastings,,,,", "date", "The day lies before 1990 or more than three years ahead."),
        ("open,2026-09-20,maybe,,,,,", "value", "Write open or closed, 1 or 0."),
        ("weather,2026-09-20,,rain,,,KEELUNG,", "value", "Give a number or a text."),
        ("weather,2026-09-20,3,rain,,,ATLANTIS,", "place", "There is no such place."),
        ("event,2026-09-20,,Fair,,,,2099-01-01", "known_at", "It cannot be known only in the future."),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_column_and_reason(
    tmp_path: Path, row: str, column: str, reason: str
) -> None:
    report = import_file(path=write(tmp_path / "signals.csv", HEADER, row, ROWS[0]))
    assert (report.rows_imported, report.rows_rejected) == (1, 1)
    found = refused(report)[0]
    assert found[1] == column
    assert str(found[3]).startswith(reason)


def test_a_check_changes_nothing(tmp_path: Path) -> None:
    report = check_file(path=write(tmp_path / "signals.csv", HEADER, *ROWS))
    assert (report.outcome, report.rows_imported) == ("checked", 5)
    assert not Signal.objects.exists()


def test_a_product_file_says_what_a_new_product_sells_like(tmp_path: Path) -> None:
    lines = [
        "sku,name,like_sku",
        "SENCHA-100,Sencha,OOLONG-150",
        "HOJICHA-100,Hojicha,NOSUCH",
        "GENMAI-100,Genmaicha,SENCHA-100",
    ]
    report = import_file(path=write(tmp_path / "products.csv", *lines))
    likes = dict(Product.objects.values_list("sku", "like_product__sku"))
    assert likes == {"OOLONG-150": None, "SENCHA-100": "OOLONG-150", "GENMAI-100": "SENCHA-100"}
    assert [row[1:] for row in refused(report)] == [("like_sku", "NOSUCH", "There is no such product to be like.")]
