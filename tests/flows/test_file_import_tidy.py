"""Tidy files of every type: what is taken, what changes nothing, and what is refused."""

import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from reorder.domain.catalog.models import Barcode, Product
from reorder.domain.channels.models import ImportFile
from reorder.domain.inventory.models import Move
from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.orders.models import Order
from reorder.domain.planning.models import DirtyMark
from reorder.domain.purchasing.models import Offer
from reorder.flows.file_import import check_file, import_file, import_folder, import_order_lines
from reorder.flows.file_import.errors import FileTooLarge, PlaceNeeded, UnknownFileType, UnknownHeader, UnreadableFile
from reorder.flows.file_import.source import Limits, look_at
from tests.factories.importing import ORDER_HEADER, booked_lines, moment, refused_in, write_lines
from tests.factories.inventory import make_place, stock_at

pytestmark = pytest.mark.django_db(transaction=True)

TWO_LINES = [
    ORDER_HEADER,
    "1,2026-03-02 09:30,mei,mei@example.tw,OOLONG-150,2,380",
    "1,2026-03-02 09:30,mei,mei@example.tw,MATCHA-30,1,520.50",
]
BOOKED = [("1", "mei", "MATCHA-30", 1.0, 52_050), ("1", "mei", "OOLONG-150", 2.0, 38_000)]


def test_a_csv_file_becomes_orders_customers_and_products(tmp_path: Path) -> None:
    report = import_file(path=write_lines(path=tmp_path / "orders.csv", lines=TWO_LINES))

    assert (report.rows_read, report.rows_imported, report.rows_rejected) == (2, 2, 0)
    assert booked_lines() == BOOKED
    assert Order.objects.get().ordered_at == moment("2026-03-02T09:30:00+08:00")
    assert report.rejected_file is None


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_read_the_same(tmp_path: Path, separator: str) -> None:
    lines = [line.replace(",", separator) for line in TWO_LINES]

    import_file(path=write_lines(path=tmp_path / "orders.txt", lines=lines))

    assert booked_lines() == BOOKED


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp950", "utf-16"])
def test_chinese_headers_and_names_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    lines = ["訂單編號,下單時間,會員編號,品號,品名,數量,單價,狀態"]
    lines += [
        "1,2026/03/02 09:30,mei,OOLONG-150,烏龍茶,2,380,已付款",
        "2,2026/03/02,mei,OOLONG-150,烏龍茶,1,380,已取消",
    ]

    import_file(path=write_lines(path=tmp_path / "orders.csv", lines=lines, encoding=encoding))

    assert Product.objects.get().name == "烏龍茶"
    assert sorted(Order.objects.values_list("external_id", "state")) == [("1", "placed"), ("2", "cancelled")]


def test_a_workbook_reads_like_a_csv_file(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(ORDER_HEADER.split(","))
    sheet.append([1, moment("2026-03-02T01:30:00+00:00").replace(tzinfo=None), "mei", None, "OOLONG-150", 2, 380])
    sheet.append([None] * 7)
    sheet.append([1, moment("2026-03-02T01:30:00+00:00").replace(tzinfo=None), "mei", None, "MATCHA-30", 0, 520.5])
    book.save(tmp_path / "orders.xlsx")

    report = import_file(path=tmp_path / "orders.xlsx")

    assert (report.rows_read, report.rows_rejected) == (2, 2)
    assert report.rejected_file is not None
    assert [row[:3] for row in refused_in(path=report.rejected_file)] == [(2, "order", "1"), (4, "quantity", "0")]


def test_a_parquet_file_with_typed_columns_reads_like_a_csv_file(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "order_id": [1.0, 1.0, None],
            "ordered_at": [moment("2026-03-02T09:30:00+08:00")] * 3,
            "customer_id": ["mei"] * 3,
            "sku": ["OOLONG-150", "MATCHA-30", "MATCHA-30"],
            "quantity": [2, 1, 1],
            "unit_price": [380.0, 520.5, 1.0],
        }
    )
    frame.write_parquet(tmp_path / "orders.parquet")

    report = import_file(path=tmp_path / "orders.parquet")

    assert booked_lines() == BOOKED
    assert (report.rows_read, report.rows_rejected) == (3, 1)


def test_a_frame_is_imported_under_the_same_rules() -> None:
    frame = pl.DataFrame(
        {
            "order_id": ["1", "2"],
            "date": ["2026-03-02", "x"],
            "sku": ["A", "B"],
            "qty": [1, 1],
            "email": ["Mei@x.tw"] * 2,
        }
    )

    report = import_order_lines(frame=frame, channel="demo")
    again = import_order_lines(frame=frame, channel="demo")

    assert booked_lines() == [("1", "mei@x.tw", "A", 1.0, None)]
    assert (report.rows_imported, report.rows_rejected) == (1, 1)
    assert (again.rows_imported, again.rows_unchanged, again.rows_rejected) == (0, 1, 1)


def test_an_order_with_other_content_is_replaced_and_its_customers_are_planned_again(tmp_path: Path) -> None:
    import_file(path=write_lines(path=tmp_path / "monday.csv", lines=TWO_LINES))
    DirtyMark.objects.all().delete()
    changed = [ORDER_HEADER, "1,2026-03-02 09:30,mei,mei@example.tw,OOLONG-150,3,380"]

    report = import_file(path=write_lines(path=tmp_path / "tuesday.csv", lines=changed))

    assert (report.counts["orders_updated"], report.rows_imported) == (1, 1)
    assert booked_lines() == [("1", "mei", "OOLONG-150", 3.0, 38_000)]
    assert DirtyMark.objects.get(kind="customer").subject_key == str(Order.objects.get().customer_id)


def test_a_longer_file_with_the_same_orders_counts_them_as_unchanged(tmp_path: Path) -> None:
    import_file(path=write_lines(path=tmp_path / "monday.csv", lines=TWO_LINES))
    longer = [*TWO_LINES, "2,2026-03-03,jun,,OOLONG-150,1,380"]

    report = import_file(path=write_lines(path=tmp_path / "tuesday.csv", lines=longer))

    assert (report.rows_imported, report.rows_unchanged) == (1, 2)


def test_an_old_file_that_comes_after_a_newer_one_is_taken_again(tmp_path: Path) -> None:
    old = write_lines(path=tmp_path / "old.csv", lines=TWO_LINES)
    new = write_lines(path=tmp_path / "new.csv", lines=TWO_LINES[:2])
    import_file(path=old)
    import_file(path=new)

    report = import_file(path=old)

    assert (report.outcome, report.rows_imported) == ("imported", 2)
    assert booked_lines() == BOOKED


def test_two_shops_may_use_the_same_order_number(tmp_path: Path) -> None:
    file = write_lines(path=tmp_path / "orders.csv", lines=TWO_LINES)

    import_file(path=file, channel="taipei")
    import_file(path=file, channel="tainan")

    assert Order.objects.count() == 2


def test_an_order_that_contradicts_itself_is_refused_whole(tmp_path: Path) -> None:
    lines = [ORDER_HEADER, "1,2026-03-02,mei,,A,1,1", "2,2026-03-02,jun,,A,1,1", "1,2026-03-02,ana,,B,1,1"]

    report = import_file(path=write_lines(path=tmp_path / "orders.csv", lines=lines))

    assert report.rejected_file is not None
    reason = "The lines of this order name different customers: ana, mei."
    assert refused_in(path=report.rejected_file) == [(2, "customer", "mei", reason), (4, "customer", "ana", reason)]
    assert [line[0] for line in booked_lines()] == ["2"]


def test_a_row_with_a_cell_too_many_takes_its_order_with_it(tmp_path: Path) -> None:
    lines = [ORDER_HEADER, "1,2026-03-02,mei,,A,1,1", "", "1,2026-03-02,mei,,B,1,1,5", "2,2026-03-02,jun,,A,1,1"]

    report = import_file(path=write_lines(path=tmp_path / "orders.csv", lines=lines))

    assert (report.rows_read, report.rows_imported, report.rows_rejected) == (3, 1, 2)
    assert report.rejected_file is not None
    assert [row[:2] for row in refused_in(path=report.rejected_file)] == [(2, "order"), (4, "row")]
    assert [line[0] for line in booked_lines()] == ["2"]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("12,5", "Write decimals with a point and thousands like 1,234.50."),
        ("free", "This is not a number."),
        ("1e17", "This amount is too large."),
    ],
)
def test_a_price_that_is_none_is_refused_with_how_to_write_it(tmp_path: Path, cell: str, reason: str) -> None:
    lines = [ORDER_HEADER, f'1,2026-03-02,mei,,A,1,"{cell}"']

    report = import_file(path=write_lines(path=tmp_path / "orders.csv", lines=lines))

    assert [(e.column, e.value, e.reason) for e in report.examples] == [("unit_price", cell, reason)]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("-1", "The quantity must be greater than zero."),
        ("0.0001", "At most three decimals."),
        ("nan", "This is not a number."),
        ("2000000000", "This quantity is too large."),
        ("", "This must not be empty."),
    ],
)
def test_a_quantity_that_is_none_is_refused(tmp_path: Path, cell: str, reason: str) -> None:
    lines = [ORDER_HEADER, f"1,2026-03-02,mei,,A,{cell},1"]

    report = import_file(path=write_lines(path=tmp_path / "orders.csv", lines=lines))

    assert [(e.column, e.value, e.reason) for e in report.examples] == [("quantity", cell, reason)]


def test_a_check_says_what_would_happen_and_leaves_nothing(tmp_path: Path) -> None:
    file = write_lines(path=tmp_path / "orders.csv", lines=[*TWO_LINES, "2,x,mei,,A,1,1"])

    report = check_file(path=file)

    assert (report.outcome, report.rows_imported, report.rows_rejected) == ("checked", 2, 1)
    assert [example.row_number for example in report.examples] == [4]
    assert (Order.objects.count(), Product.objects.count(), ImportFile.objects.count()) == (0, 0, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_a_corrected_file_leaves_no_list_of_refused_rows_behind(tmp_path: Path) -> None:
    file = write_lines(path=tmp_path / "orders.csv", lines=[*TWO_LINES, "2,x,mei,,A,1,1"])
    import_file(path=file)

    report = import_file(path=write_lines(path=file, lines=TWO_LINES))

    assert report.rows_rejected == 0
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_products_come_with_barcode_supplier_and_terms(tmp_path: Path) -> None:
    lines = [
        "sku,name,category,price,cost,barcode,shelf_life_days,temperature,supplier,pack,minimum,lead_days,order_days"
    ]
    lines += ["OOLONG-150,Oolong 150 g,tea,450,200,4710000000017,540,ambient,TEA,12,24,14,1 3"]

    report = import_file(path=write_lines(path=tmp_path / "products.csv", lines=lines))

    product = Product.objects.select_related("category").get()
    assert (report.kind, report.rows_imported) == ("products", 1)
    assert (product.price_minor, product.unit_cost_minor, product.shelf_life_days) == (45_000, 20_000, 540)
    assert product.category is not None
    assert product.category.code == "tea"
    assert (Barcode.objects.get().code, Barcode.objects.get().kind) == ("4710000000017", "gtin")
    offer = Offer.objects.select_related("supplier").get()
    assert (offer.supplier.code, offer.supplier.order_weekdays) == ("TEA", [1, 3])
    assert (offer.pack_units, offer.minimum_units, offer.lead_days, offer.unit_cost_minor) == (12, 24, 14, 20_000)


def test_an_empty_cell_of_a_product_file_leaves_what_is_known(tmp_path: Path) -> None:
    import_file(
        path=write_lines(path=tmp_path / "a.csv", lines=["sku,name,price,cost", "A,Oolong,450,200", "B,Matcha,1,1"])
    )

    report = import_file(
        path=write_lines(path=tmp_path / "b.csv", lines=["sku,name,price,cost", "A,,480,", "B,Matcha,1,1"])
    )

    oolong = Product.objects.get(sku="A")
    assert (oolong.name, oolong.price_minor, oolong.unit_cost_minor) == ("Oolong", 48_000, 20_000)
    assert (report.rows_imported, report.rows_unchanged) == (1, 1)


def test_a_stock_count_opens_the_ledger_and_the_next_one_books_the_difference(tmp_path: Path) -> None:
    import_file(path=write_lines(path=tmp_path / "a.csv", lines=["sku,place,on_hand", "OOLONG-150,KEELUNG,40"]))

    report = import_file(
        path=write_lines(path=tmp_path / "b.csv", lines=["sku,place,on_hand", "OOLONG-150,KEELUNG,36"])
    )

    assert report.rows_imported == 1
    assert list(Move.objects.order_by("id").values_list("kind", "units")) == [("opening", 40), ("count", 4)]
    assert stock_at(sku="OOLONG-150", place="KEELUNG") == 36
    assert compare_ledger_with_levels() == []


def test_the_same_stock_file_after_another_does_not_bring_old_stock_back(tmp_path: Path) -> None:
    monday = write_lines(path=tmp_path / "a.csv", lines=["sku,place,on_hand", "OOLONG-150,KEELUNG,40"])
    import_file(path=monday)
    import_file(path=write_lines(path=tmp_path / "b.csv", lines=["sku,place,on_hand", "OOLONG-150,KEELUNG,36"]))

    report = import_file(path=monday)

    assert (report.rows_imported, report.rows_unchanged) == (0, 1)
    assert stock_at(sku="OOLONG-150", place="KEELUNG") == 36


def test_a_count_without_lots_takes_what_is_missing_from_the_lots(tmp_path: Path) -> None:
    lots = ["sku,place,on_hand,lot,expires", "A,KEELUNG,10,L1,2026-12-01", "A,KEELUNG,10,L2,2027-01-01"]
    import_file(path=write_lines(path=tmp_path / "a.csv", lines=lots))

    import_file(path=write_lines(path=tmp_path / "b.csv", lines=["sku,place,on_hand", "A,KEELUNG,8"]))

    assert stock_at(sku="A", place="KEELUNG") == 8
    assert compare_ledger_with_levels() == []


def test_a_stock_file_without_places_needs_a_single_place(tmp_path: Path) -> None:
    file = write_lines(path=tmp_path / "stock.csv", lines=["sku,on_hand", "A,5"])
    make_place(code="KEELUNG")
    make_place(code="TAICHUNG")

    with pytest.raises(PlaceNeeded, match="KEELUNG, TAICHUNG"):
        import_file(path=file)

    assert ImportFile.objects.get().state == "failed"
    assert Move.objects.count() == 0


def test_orders_belong_to_the_place_they_name_else_to_the_only_one(tmp_path: Path) -> None:
    make_place(code="KEELUNG")
    import_file(path=write_lines(path=tmp_path / "a.csv", lines=["order_id,date,sku,qty", "1,2026-03-02,A,1"]))
    lines = ["order_id,date,sku,qty,store", "2,2026-03-02,A,1,TAICHUNG", "3,2026-03-02,A,1,"]
    import_file(path=write_lines(path=tmp_path / "b.csv", lines=lines))

    from reorder.domain.orders.models import OrderLine

    places = OrderLine.objects.order_by("order__external_id").values_list("demand_place_code", flat=True)
    assert list(places) == ["KEELUNG", "TAICHUNG", ""]


def test_a_folder_is_imported_file_by_file_and_a_bad_one_stops_nobody(tmp_path: Path) -> None:
    write_lines(path=tmp_path / "a.csv", lines=["colour,shape", "red,round"])
    write_lines(path=tmp_path / "b.csv", lines=[*TWO_LINES, "2,x,mei,,A,1,1"])

    import_folder(folder=tmp_path)
    reports = import_folder(folder=tmp_path)

    assert [(report.name, report.outcome) for report in reports] == [("a.csv", "failed"), ("b.csv", "known")]
    assert "order_id, ordered_at, sku and quantity" in reports[0].error


def test_a_file_that_the_machine_cannot_read_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to("/proc/self/mem")
    write_lines(path=tmp_path / "b.csv", lines=TWO_LINES)

    reports = import_folder(folder=tmp_path)

    assert [(report.name, report.outcome) for report in reports] == [("a.csv", "failed"), ("b.csv", "imported")]
    assert "Input/output error" in reports[0].error


def test_an_older_file_that_stays_in_the_folder_does_not_bring_its_prices_back(tmp_path: Path) -> None:
    """November sorts after December, and both name order 1."""
    header = "order_id,date,sku,qty,price"
    write_lines(path=tmp_path / "november.csv", lines=[header, "1,2026-10-30,OOLONG-150,1,380"])
    import_folder(folder=tmp_path)
    write_lines(path=tmp_path / "december.csv", lines=[header, "1,2026-10-30,OOLONG-150,1,350"])

    reports = [import_folder(folder=tmp_path) for _night in range(2)]

    assert [[report.outcome for report in night] for night in reports] == [["imported", "known"], ["known", "known"]]
    assert [line[-1] for line in booked_lines()] == [35_000]


def test_a_file_whose_columns_nobody_knows_is_refused_with_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(UnknownHeader, match="Found: colour, shape"):
        import_file(path=write_lines(path=tmp_path / "a.csv", lines=["colour,shape", "red,round"]))


def test_a_workbook_that_unpacks_to_more_than_the_limit_is_not_opened(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    assert bomb.stat().st_size < 20_000

    with pytest.raises(FileTooLarge, match="5,000,000 bytes"):
        look_at(path=bomb, limits=Limits(maximum_bytes=1_000_000, maximum_unpacked_bytes=4_000_000))


def test_a_workbook_that_lies_about_its_size_is_not_opened(tmp_path: Path) -> None:
    liar = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(liar, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    content = liar.read_bytes()
    liar.write_bytes(content.replace((5_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")))

    with pytest.raises(UnreadableFile, match="Bad CRC-32"):
        look_at(path=liar, limits=Limits(maximum_bytes=1_000_000, maximum_unpacked_bytes=4_000_000))


def test_a_file_over_the_size_limit_is_not_read(tmp_path: Path) -> None:
    file = write_lines(path=tmp_path / "a.csv", lines=TWO_LINES)

    with pytest.raises(FileTooLarge, match="REORDER_IMPORT_MAXIMUM_BYTES"):
        look_at(path=file, limits=Limits(maximum_bytes=10, maximum_unpacked_bytes=10))


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00", b"a,b\n\xff\xff\xfe,1\n"])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "picture.csv"
    file.write_bytes(content)

    with pytest.raises(UnknownFileType):
        look_at(path=file, limits=Limits(maximum_bytes=1_000, maximum_unpacked_bytes=1_000))
