"""The shop's own parcel label: its codes can be read, its words are there, and any text is printed and not run."""

import datetime as dt
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from reorder.domain.shipping.carriers.rate_table.carrier import tracking_number
from reorder.domain.shipping.carriers.values import LabelDocument, ParcelToSend, Party
from reorder.flows.documents.parcel_label import HEIGHT_MM, WIDTH_MM, parcel_label

NOON = dt.datetime(2026, 11, 27, 4, 0, tzinfo=dt.UTC)
PARCEL = ParcelToSend(
    reference="ABCD0000000012",
    series_number=12,
    parcel_number="P00000012",
    order_number="W-10023",
    sender=Party(name="島嶼茶行", phone="02-2345-6789", postcode="106", region="臺北市", line1="和平東路一段 10 號"),
    receiver=Party(name="林美惠", phone="0912-345-678", postcode="80761", region="高雄市", line1="建工路 415 號"),
    temperature_class="frozen",
    grams=2_350,
    length_mm=300,
    width_mm=200,
    height_mm=150,
    collect_minor=128_000,
)


def drawn(parcel: ParcelToSend = PARCEL, number: str = "RO00000000123") -> LabelDocument:
    return parcel_label(
        parcel=parcel, tracking_number=number, service_name="低溫宅配", shop_name="Island Tea", moment=NOON
    )


def words(document: LabelDocument) -> str:
    text: str = pypdfium2.PdfDocument(document.pdf)[0].get_textpage().get_text_range()
    return text


@pytest.mark.parametrize("number", ["RO00000000123", "9400000000000000000001", "AB12"])
def test_both_codes_of_the_page_say_the_number(number: str) -> None:
    page = pypdfium2.PdfDocument(drawn(number=number).pdf)[0]

    found = zxingcpp.read_barcodes(page.render(scale=4).to_pil())

    assert {(one.format.name, one.text) for one in found} == {("Code128", number), ("QRCode", number)}


def test_the_label_is_a_hundred_by_a_hundred_and_fifty_millimetres_on_one_page() -> None:
    document = pypdfium2.PdfDocument(drawn().pdf)

    width, height = document[0].get_size()
    assert len(document) == 1
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (WIDTH_MM, HEIGHT_MM)


def test_it_says_who_where_how_cold_and_what_to_collect_in_both_languages() -> None:
    said = words(drawn())

    for part in (
        "林美惠",
        "80761",
        "高雄市建工路 415 號",
        "FROZEN 冷凍",
        "Collect 代收 NT$1,280",
        "To 收件人",
        "2.35 kg",
        "30×20×15 cm",
    ):
        assert part in said


def test_zpl_has_the_codes_as_commands_and_the_words_as_a_picture() -> None:
    zpl = drawn().zpl

    assert zpl.startswith("^XA^PW800^LL1200^FO0,0^GFA,")
    assert "^BCN,176,N,N,N,A^FDRO00000000123^FS" in zpl
    assert "^BQN,2,6,Q,7^FDQA,RO00000000123^FS^XZ" in zpl


def test_a_text_full_of_signs_is_printed_and_not_run() -> None:
    wild = replace(PARCEL.receiver, name='#panic("x") $1$ <b>', note="[*_`@\\ 龘", store_code="001779")

    said = words(drawn(replace(PARCEL, receiver=wild, direction="back")))

    assert '#panic("x") $1$ <b>' in said
    assert "Store 取貨門市 001779" in said
    assert "RETURN 退貨" in said


def test_the_same_label_is_the_same_bytes() -> None:
    assert drawn() == drawn()


@pytest.mark.parametrize(
    ("number", "wanted"), [(1, "RO00000000017"), (12, "RO00000000123"), (9_876_543_210, "RO98765432105")]
)
def test_a_number_ends_with_the_check_digit_of_gs1(number: int, wanted: str) -> None:
    digits = [int(digit) for digit in wanted[2:]]

    assert tracking_number(start="RO", series_number=number) == wanted
    # From the right, the check digit itself weighs 1, the next 3, and so on: the sum ends with 0 (GS1, 7.9).
    assert sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))) % 10 == 0
