"""Labels, read back from the printed page as a scanner reads them."""

import datetime as dt
from decimal import Decimal

import pypdfium2 as pdfium
import pytest
import zxingcpp

from reorder.flows.documents.barcodes import BadBarcode, goods_parts, gs1_text, is_gtin
from reorder.flows.documents.labels import (
    BinLabel,
    CodeForm,
    Label,
    LabelForm,
    PalletLabel,
    ProductLabel,
    ToteLabel,
    labels_pdf,
    labels_zpl,
)
from reorder.kernel.gs1 import check_digit

MOMENT = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
OOLONG = ProductLabel(
    code="4006381333931", sku="OOLONG-150", name="高山烏龍茶 150 克", lot="L-2027", expires=dt.date(2027, 12, 31)
)
PALLET = PalletLabel(
    sscc="095287654321012346",
    place_name="基隆倉",
    product_name="高山烏龍茶 150 克",
    gtin="4006381333931",
    units=Decimal(480),
    lot="L-2027",
    expires=dt.date(2027, 12, 31),
)


def pdf(*labels: Label, form: LabelForm = "roll", language: str = "en", code_form: CodeForm = "data_matrix") -> bytes:
    return labels_pdf(
        labels=labels, form=form, language=language, shop_name="Tea shop", moment=MOMENT, code_form=code_form
    )


def codes_of(content: bytes) -> list[tuple[str, str]]:
    """Every code of every page: kind and text, in reading order."""
    document = pdfium.PdfDocument(content)
    found = []
    for number in range(len(document)):
        page = document[number].render(scale=5).to_pil().convert("L")
        codes = zxingcpp.read_barcodes(
            page, formats=(zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.DataMatrix)
        )
        places = sorted(codes, key=lambda one: (one.position.top_left.y // 20, one.position.top_left.x))
        found += [(str(one.content_type).rsplit(".")[-1], one.text) for one in places]
    return found


def words_of(content: bytes) -> str:
    document = pdfium.PdfDocument(content)
    return " ".join(document[number].get_textpage().get_text_range() for number in range(len(document)))


def test_bins_on_a_sheet_of_24_read_as_their_codes() -> None:
    bins = [BinLabel(code=f"KEE-A{number:02}-0{number % 4 + 1}", level=number % 4 + 1) for number in range(26)]
    content = pdf(*bins, form="sheet")
    assert len(pdfium.PdfDocument(content)) == 2
    assert [text for _, text in codes_of(content)] == [one.code for one in bins]


def test_a_bin_label_says_its_level() -> None:
    content = pdf(BinLabel(code="A01-03", level=3, zone="揀貨區"))
    assert codes_of(content) == [("Text", "A01-03")]
    assert "Level 3" in words_of(content)
    assert "揀貨區" in words_of(content)


@pytest.mark.parametrize("code_form", ["data_matrix", "gs1_128"])
@pytest.mark.parametrize("form", ["roll", "sheet"])
def test_goods_with_a_gtin_say_lot_and_expiry_in_their_code(code_form: CodeForm, form: LabelForm) -> None:
    content = pdf(OOLONG, form=form, code_form=code_form)
    assert codes_of(content) == [("GS1", "(01)04006381333931(17)271231(10)L-2027")]
    assert "L-2027" in words_of(content)
    assert "高山烏龍茶" in words_of(content)


def test_goods_without_a_gtin_have_the_number_of_the_shop() -> None:
    content = pdf(ProductLabel(code="OOL-1", sku="OOLONG-150", name="Oolong"), ToteLabel(code="TOTE-07"))
    assert codes_of(content) == [("Text", "OOL-1"), ("Text", "TOTE-07")]


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_a_pallet_label_has_its_content_above_its_sscc(language: str) -> None:
    assert codes_of(pdf(PALLET, form="pallet", language=language)) == [
        ("GS1", "(02)04006381333931(17)271231(37)480(10)L-2027"),
        ("GS1", "(00)095287654321012346"),
    ]


def test_a_label_printer_is_sent_its_own_codes_with_their_separators() -> None:
    def commands(label: Label, form: LabelForm, code_form: CodeForm) -> str:
        made = labels_zpl(labels=[label], form=form, language="en", shop_name="Tea", moment=MOMENT, code_form=code_form)
        return made[made.rindex("^GFA") :].split("^FS", 1)[1]

    assert commands(BinLabel(code="A01-03", level=1), "roll", "gs1_128") == (
        "^FO40,240^BY3^BCN,120,N,N,N,A^FDA01-03^FS^XZ"
    )
    assert commands(OOLONG, "roll", "data_matrix") == (
        "^FO584,216^BXN,8,200,,,,_^FD_101040063813339311727123110L-2027^FS^XZ"
    )
    # The count has no fixed length and the lot follows: FNC1 stands between them.
    assert commands(PALLET, "pallet", "gs1_128") == (
        "^FO40,600^BY2^BCN,192,N,N,N,D^FD(02)04006381333931(17)271231(37)480>8(10)L-2027^FS"
        "^FO40,848^BY3^BCN,256,N,N,N,D^FD(00)095287654321012346^FS^XZ"
    )


def test_what_no_bar_code_can_say_is_refused_with_its_text() -> None:
    with pytest.raises(BadBarcode) as fault:
        pdf(BinLabel(code="貨架一", level=1))
    assert fault.value.parameters["text"] == "貨架一"
    with pytest.raises(BadBarcode):
        pdf(ProductLabel(code="4006381333931", sku="O", name="O", lot="批號"))


def test_the_same_labels_make_the_same_bytes() -> None:
    assert pdf(OOLONG) == pdf(OOLONG)


def test_numbers_of_trade_items_are_told_by_their_check_digit() -> None:
    assert [is_gtin(code=code) for code in ("4006381333931", "4006381333932", "036000291452", "12345670", "OOL")] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert check_digit(digits="09528765432101234") == "6"
    assert gs1_text(parts=goods_parts(gtin="12345670", lot="A")) == "(01)00000012345670(10)A"
