"""A purchase order on paper: every glyph, no name that acts, several pages, the same bytes for the same order."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pypdfium2
import pytest

from reorder.domain.purchasing.queries import OrderLineRow, PurchaseOrderRow
from reorder.flows.documents import purchase_order_pdf, typesetting
from reorder.flows.documents.typesetting import FontsMissing
from reorder.flows.restock import order_as_csv

SHOP = {"shop_name": "Tea House #1 茶屋", "shop_mail": "shop@example.org", "time_zone": "Asia/Taipei"}
NASTY = '#set text(red) $x^2$ [b] *bold* _it_ @ref <lab> \\ ` ~ // /* #import "@preview/x" #{sys.inputs}'


def order_of(*names: str, state: str = "placed", unit_cost_minor: int = 20_000) -> PurchaseOrderRow:
    lines = tuple(
        OrderLineRow(
            id=number,
            product_id=number,
            sku=f"TEA-{number:03}",
            supplier_sku=f"A-{number}",
            product_name=name,
            ordered_units=Decimal(12),
            received_units=Decimal(0),
            unit_cost_minor=unit_cost_minor,
        )
        for number, name in enumerate(names)
    )
    return PurchaseOrderRow(
        id=1,
        number="PO-2026-000123",
        supplier_code="ALISHAN",
        supplier_name="阿里山茶園",
        supplier_email="orders@alishan.example",
        supplier_language="zh-hant",
        minimum_value_minor=0,
        place_code="KEELUNG",
        place_name="基隆倉庫",
        currency="TWD",
        state=state,
        placed_at=dt.datetime(2026, 11, 22, 20, 30, tzinfo=dt.UTC),
        placed_by="mei",
        expected_date=dt.date(2026, 11, 28),
        lines=lines,
    )


def pages_of(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        texts = []
        for page in document:
            text_page = page.get_textpage()
            texts.append(" ".join(text_page.get_text_range().split()))
            text_page.close()
            page.close()
        return texts


def test_an_order_says_who_what_when_and_how_much() -> None:
    (page,) = pages_of(purchase_order_pdf(order=order_of("Oolong 150 g", "Pu-erh"), language="en", **SHOP))

    for words in (
        "Purchase order",
        "PO-2026-000123",
        "阿里山茶園",
        "orders@alishan.example",
        "基隆倉庫",
        "Ordered on 2026-11-23",  # 04:30 of the next day in Taipei
        "Deliver by 2026-11-28",
        "mei",
        "shop@example.org",
        "A-0 TEA-000 Oolong 150 g 12 200 2,400",
        "TWD 4,800",
        "Page 1 of 1",
    ):
        assert words in page


def test_chinese_is_printed_with_every_glyph() -> None:
    (page,) = pages_of(purchase_order_pdf(order=order_of("鬱龜戇籲 凍頂烏龍茶 150 克"), language="zh-hant", **SHOP))

    assert "鬱龜戇籲 凍頂烏龍茶 150 克" in page
    assert "2026年11月28日" in page.replace(" ", "")


def test_names_are_printed_and_never_run() -> None:
    (page,) = pages_of(purchase_order_pdf(order=order_of(NASTY), language="en", **SHOP))

    assert "#set text(red) $x^2$ [b] *bold* _it_ @ref <lab> \\ ` ~ // /*" in page
    assert "#{sys.inputs}" in page


def test_control_characters_and_turned_text_are_left_out() -> None:
    (page,) = pages_of(purchase_order_pdf(order=order_of("Oo\x00long\u202e 150\ng"), language="en", **SHOP))

    assert "Oo long 150 g" in page


def test_a_long_order_repeats_its_heads_and_counts_its_pages() -> None:
    pages = pages_of(purchase_order_pdf(order=order_of(*["Oolong 150 g"] * 90), language="en", **SHOP))

    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of 3" in page
        assert "PO-2026-000123" in page
    assert all("Our SKU Product Units Unit cost Amount" in page for page in pages[:3])
    assert "TWD 216,000" in pages[-1]


def test_a_long_word_breaks_inside_its_column() -> None:
    pdf = purchase_order_pdf(order=order_of("Fluid" * 60), language="en", **SHOP)

    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        words = page.get_textpage()
        right = max(words.get_rect(place)[2] for place in range(words.count_rects()))
        assert right < page.get_width() - 40
        words.close()
        page.close()


@pytest.mark.parametrize(("minor", "shown"), [(20_000, "200 2,400"), (20_050, "200.50 2,406.00")])
def test_a_column_of_amounts_has_decimals_or_none(minor: int, shown: str) -> None:
    (page,) = pages_of(purchase_order_pdf(order=order_of("Oolong", unit_cost_minor=minor), language="en", **SHOP))

    assert shown in page


def test_a_cancelled_order_says_so() -> None:
    (page,) = pages_of(purchase_order_pdf(order=order_of("Oolong", state="cancelled"), language="en", **SHOP))

    assert "Cancelled: please do not deliver what is still open." in page


def test_the_same_order_gives_the_same_bytes() -> None:
    first = purchase_order_pdf(order=order_of("Oolong", "鬱金"), language="zh-hant", **SHOP)

    assert purchase_order_pdf(order=order_of("Oolong", "鬱金"), language="zh-hant", **SHOP) == first


def test_an_unknown_language_is_english() -> None:
    (page,) = pages_of(purchase_order_pdf(order=order_of("Oolong"), language="../x", **SHOP))

    assert "Deliver by" in page


def test_a_missing_font_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    typesetting._fonts.cache_clear()
    monkeypatch.setattr(typesetting, "_FONT_PACKAGE", "no_such_fonts")

    with pytest.raises(FontsMissing, match="no_such_fonts"):
        purchase_order_pdf(order=order_of("Oolong"), language="en", **SHOP)
    typesetting._fonts.cache_clear()


def test_a_line_bought_by_the_case_says_so_on_paper_and_as_csv() -> None:
    order = order_of("Matcha 30 g")
    case = replace(
        order.lines[0],
        ordered_units=Decimal(60),
        unit_cost_minor=8_333,
        order_unit="case",
        order_unit_units=Decimal(12),
        order_unit_cost_minor=100_000,
    )
    order = replace(order, lines=(case,), asked_date=dt.date(2026, 11, 27))

    (page,) = pages_of(purchase_order_pdf(order=order, language="en", **SHOP))
    assert "5 case (60)" in page
    assert "1,000 / case" in page
    assert "5,000" in page
    assert "2026-11-27" in page
    row = order_as_csv(order=order, placed_date=dt.date(2026, 11, 23)).decode("utf-8-sig").splitlines()[1]
    assert row == (
        "PO-2026-000123,2026-11-23,2026-11-27,KEELUNG,基隆倉庫,1,A-0,TEA-000,Matcha 30 g,60,83.33,5000.00,TWD,"
        "case,5,1000.00"
    )
