"""A Shopify and a WooCommerce export with planted mistakes: what is taken, and what is refused and why."""

from pathlib import Path

import pytest

from reorder.connectors.base import WrongExport
from reorder.domain.customers.models import Customer
from reorder.domain.messaging.models import ConsentEntry, ContactPoint
from reorder.domain.orders.models import Order
from reorder.flows.file_import import ImportReport, import_file
from tests.factories.importing import FIXTURES, booked_lines, moment, refused_in

pytestmark = pytest.mark.django_db(transaction=True)

ANOTHER_LINE = "Another line of this order was refused: row 6."
NO_MOMENT = "Write a moment like 2026-11-23 09:30 or 2026-11-23T09:30:00+08:00."
NO_CURRENCY = "This is not a currency code (ISO 4217), such as TWD or USD."


def import_copy(*, name: str, folder: Path, channel: str) -> ImportReport:
    copy = folder / name
    copy.write_bytes((FIXTURES / name).read_bytes())
    return import_file(path=copy, channel=channel)


def counts_of(report: ImportReport) -> tuple[int, int, int, int]:
    return report.rows_read, report.rows_imported, report.rows_unchanged, report.rows_rejected


def test_the_shopify_export_is_taken_but_for_its_seven_bad_rows(tmp_path: Path) -> None:
    report = import_copy(name="shopify_orders.csv", folder=tmp_path, channel="shopify")

    assert report.format.startswith("shopify csv")
    assert counts_of(report) == (13, 6, 0, 7)
    assert report.counts["orders_added"] == 5
    assert booked_lines() == [
        ("#1001", "mei@example.tw", "MATCHA-30", 1.0, 52_050),
        ("#1001", "mei@example.tw", "OOLONG-150", 2.0, 38_000),
        ("#1002", "jun@example.tw", "OOLONG-150", 1.0, 38_000),
        ("#1008", "mei@example.tw", "PUERH-357", 1.0, 128_000),
        ("#1009", "shopify:order:#1009", "PUERH-357", 3.0, 128_000),
        ("#1010", "mei@example.tw", "OOLONG-150", 1.5, 38_000),
    ]


def test_the_refused_shopify_rows_are_listed_with_column_value_and_reason(tmp_path: Path) -> None:
    report = import_copy(name="shopify_orders.csv", folder=tmp_path, channel="shopify")

    assert report.rejected_file == tmp_path / "shopify_orders.csv.rejected.csv"
    assert refused_in(path=report.rejected_file) == [
        (5, "order", "#1003", ANOTHER_LINE),
        (6, "Lineitem quantity", "0", "The quantity must be greater than zero."),
        (7, "Created at", "2026-02-30 08:00:00 +0800", NO_MOMENT),
        (8, "Lineitem sku", "", "This must not be empty."),
        (9, "Currency", "XTS", NO_CURRENCY),
        # A cell that begins with a minus would run as a formula in a spreadsheet.
        (10, "Lineitem price", "'-380", "An amount cannot be negative."),
        (13, "order", "#1001", "This order already stands in the file, from row 2."),
    ]


def test_refunded_and_cancelled_shopify_orders_are_no_demand(tmp_path: Path) -> None:
    import_copy(name="shopify_orders.csv", folder=tmp_path, channel="shopify")

    cancelled = Order.objects.filter(state="cancelled").values_list("external_id", flat=True)
    assert sorted(cancelled) == ["#1002", "#1008"]


def test_shopify_people_come_with_postcode_address_and_the_consent_they_gave(tmp_path: Path) -> None:
    import_copy(name="shopify_orders.csv", folder=tmp_path, channel="shopify")

    mei = Customer.objects.get(key="mei@example.tw")
    assert (mei.name, mei.country, mei.postcode) == ("Mei Lin", "TW", "10617")
    assert sorted(ContactPoint.objects.values_list("address", flat=True)) == ["jun@example.tw", "mei@example.tw"]
    consent = ConsentEntry.objects.get()
    assert (consent.customer, consent.is_granted, consent.purpose) == (mei, True, "marketing")
    assert consent.declared_at == moment("2026-04-01T21:30:00+08:00")


def test_the_same_shopify_export_again_changes_nothing(tmp_path: Path) -> None:
    import_copy(name="shopify_orders.csv", folder=tmp_path, channel="shopify")
    before = booked_lines()

    again = import_copy(name="shopify_orders.csv", folder=tmp_path, channel="shopify")

    assert (again.outcome, counts_of(again)) == ("known", (13, 0, 6, 7))
    assert booked_lines() == before
    assert ConsentEntry.objects.count() == 1


def test_a_shopify_export_in_big5_reads_like_one_in_utf8(tmp_path: Path) -> None:
    text = (FIXTURES / "shopify_orders.csv").read_text(encoding="utf-8")
    file = tmp_path / "big5.csv"
    file.write_bytes(text.replace("Mei Lin", "林美玲").replace("Oolong", "烏龍").encode("cp950"))

    report = import_file(path=file, channel="shopify")

    assert counts_of(report) == (13, 6, 0, 7)
    assert Customer.objects.get(key="mei@example.tw").name == "林美玲"


def test_an_older_shopify_export_without_the_last_columns_is_taken_too(tmp_path: Path) -> None:
    import polars as pl

    rows = pl.read_csv(FIXTURES / "shopify_orders.csv", infer_schema=False)
    older = rows.select(rows.columns[: rows.columns.index("Outstanding Balance")])
    older.write_csv(tmp_path / "older.csv")

    assert counts_of(import_file(path=tmp_path / "older.csv")) == (13, 6, 0, 7)


def test_the_woocommerce_suite_export_is_taken_but_for_its_seven_bad_orders(tmp_path: Path) -> None:
    report = import_copy(name="woocommerce_orders.csv", folder=tmp_path, channel="woo")

    assert report.format.startswith("woocommerce csv")
    assert counts_of(report) == (10, 3, 0, 7)
    assert booked_lines() == [
        ("501", "woo:12", "MATCHA-30", 1.0, 52_050),
        ("501", "woo:12", "OOLONG-150", 2.0, 38_000),
        ("502", "jun@example.tw", "OOLONG-150", 3.0, 33_333),
        ("508", "woo:14", "OOLONG-150", 1.0, 38_000),
    ]
    assert Order.objects.get(external_id="502").ordered_at == moment("2026-03-13T18:00:00+08:00")
    assert Order.objects.get(external_id="508").state == "cancelled"


def test_the_refused_woocommerce_orders_are_listed(tmp_path: Path) -> None:
    report = import_copy(name="woocommerce_orders.csv", folder=tmp_path, channel="woo")

    assert report.rejected_file is not None
    assert refused_in(path=report.rejected_file) == [
        (4, "line_item quantity", "0", "The quantity must be greater than zero."),
        (5, "order_date", "31/3/2026 18:00:00", NO_MOMENT),
        (6, "line_item sku", "", "This must not be empty."),
        (7, "order_currency", "NTX", NO_CURRENCY),
        (8, "line_item total", "'-380", "An amount cannot be negative."),
        (10, "line_item_1", "", "This must not be empty."),
        (11, "order", "501", "This order already stands in the file, from row 2."),
    ]


def test_a_name_with_the_separator_of_line_items_stays_whole(tmp_path: Path) -> None:
    from reorder.domain.catalog.models import Product

    import_copy(name="woocommerce_orders.csv", folder=tmp_path, channel="woo")

    assert Product.objects.get(sku="OOLONG-150").name == "Oolong | high mountain: 150 g"


def test_a_woocommerce_export_with_a_row_per_line_item_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_text(
        "order_number,date,status,order_currency,customer_id,billing_email,item_id,item_name,item_sku,item_quantity,item_total\n"
        "77,2026-03-02 09:50:26,processing,TWD,5,Mei@example.tw,901,Oolong,OOLONG-150,2,760.00\n"
        "77,2026-03-02 09:50:26,processing,TWD,5,Mei@example.tw,902,Matcha,MATCHA-30,1,520.50\n"
        "78,2026-03-03 09:50:26,failed,TWD,5,Mei@example.tw,903,Matcha,MATCHA-30,1,520.50\n"
    )

    report = import_file(path=file)

    assert counts_of(report) == (3, 3, 0, 0)
    assert booked_lines()[0] == ("77", "5", "MATCHA-30", 1.0, 52_050)
    assert Order.objects.get(external_id="78").state == "cancelled"


def test_the_woocommerce_report_is_refused_with_what_to_export_instead(tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    file.write_text(
        "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales,Attribution\n"
        "2026-03-02,501,NT$760,completed,Mei Lin,new,2× Oolong,2,,760,direct\n"
    )

    with pytest.raises(WrongExport, match="one row per line item, with item_sku and billing_email"):
        import_file(path=file)
