"""What a scanner sends is understood, or refused with a word that helps."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.flows.floor.codes import (
    gtin_spellings,
    item_inside,
    normalise,
    read_code,
    refuse_wrong_number,
)
from reorder.flows.floor.errors import UnreadableCode, WrongCheckDigit
from reorder.kernel.gs1 import check_digit, has_right_check_digit

GS = "\x1d"


@pytest.mark.parametrize(
    "number", ["4006381333931", "036000291452", "12345670", "09521234543213", "095287654321012346"]
)
def test_published_numbers_have_right_check_digits(number: str) -> None:
    assert has_right_check_digit(number=number)
    assert not has_right_check_digit(number=number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4006381333931", "04006381333931"),
        ("036000291452", "00036000291452"),
        ("12345670", "00000012345670"),
        ("]E04006381333931", "04006381333931"),
        ("4006 3813 33931", "04006381333931"),
        ("wh1-a01-03", "WH1-A01-03"),
        (" tote 7 ", "TOTE7"),
        ("]C0A-01-02", "A-01-02"),
        ("095287654321012346", "095287654321012346"),
        ("]C100095287654321012346", "095287654321012346"),
        ("00095287654321012346", "095287654321012346"),
        ("PO-2026-000003", "PO-2026-000003"),
    ],
)
def test_one_thing_has_one_code_however_it_is_scanned(text: str, code: str) -> None:
    assert normalise(text=text) == code


@pytest.mark.parametrize(
    "text",
    [
        f"]C1010952123454321317281200{'10'}ABC{GS}3712",
        f"]d2010952123454321317281200{'10'}ABC{GS}3712",
        f"]Q3010952123454321317281200{'10'}ABC{GS}3712",
        f"{GS}010952123454321317281200{'10'}ABC{GS}3712",
        "010952123454321317281200" + f"10ABC{GS}3712",
        "010952123454321317281200" + "10ABC<GS>3712",
        "(01)09521234543213(17)281200(10)ABC(37)12",
    ],
    ids=["GS1-128", "DataMatrix", "QR", "FNC1 first", "no mark", "GS spelt out", "as printed"],
)
def test_product_lot_day_and_count_are_read_from_a_gs1_message(text: str) -> None:
    read = read_code(text=text)

    assert (read.kind, read.gtin, read.lot, read.count_units) == ("gs1", "09521234543213", "ABC", Decimal(12))
    assert read.expires_date == dt.date(2028, 12, 31)


def test_day_00_is_the_last_of_the_month_also_in_a_leap_year() -> None:
    assert read_code(text="]C1010952123454321317280200").expires_date == dt.date(2028, 2, 29)
    assert read_code(text="]C1010952123454321317270200").expires_date == dt.date(2027, 2, 28)


def test_use_by_counts_before_best_before_and_a_serial_is_kept() -> None:
    read = read_code(text=f"]d2010952123454321315271231{'17'}280630{'21'}S-9")

    assert (read.expires_date, read.serial) == (dt.date(2028, 6, 30), "S-9")
    assert read_code(text="]C1010952123454321315271231").expires_date == dt.date(2027, 12, 31)


def test_a_pallet_tells_what_it_holds() -> None:
    read = read_code(text=f"]C100095287654321012346{'02'}09521234543213{'37'}48")

    assert (read.code, read.sscc) == ("095287654321012346", "095287654321012346")
    assert (read.item_gtin, read.count_units) == ("09521234543213", Decimal(48))


def test_a_message_that_breaks_off_is_refused_and_never_guessed() -> None:
    for text in (f"{GS}010952123454321310ABC{GS}1728", "]d217281331", "]C103", "]C1"):
        with pytest.raises(UnreadableCode):
            read_code(text=text)


def test_a_wrong_check_digit_is_told_with_the_right_one() -> None:
    with pytest.raises(WrongCheckDigit, match="last digit should be 3"):
        read_code(text="]C1010952123454321417281231")
    read = read_code(text="4006381333932")
    assert read.code == "4006381333932"
    with pytest.raises(WrongCheckDigit, match="last digit should be 1"):
        refuse_wrong_number(read=read)


def test_nothing_and_far_too_much_are_refused() -> None:
    with pytest.raises(UnreadableCode, match="nothing was scanned"):
        read_code(text=" \r\n")
    with pytest.raises(UnreadableCode, match="longer than 512"):
        read_code(text="A" * 513)


def test_a_case_tells_the_gtin_of_its_items() -> None:
    assert item_inside(gtin="14006381333938") == "04006381333931"
    assert item_inside(gtin="04006381333931") == ""
    assert item_inside(gtin="94006381333934") == ""


def test_a_gtin_is_found_however_the_shop_wrote_it() -> None:
    assert gtin_spellings(gtin="00036000291452") == ("00036000291452", "0036000291452", "036000291452")
    assert gtin_spellings(gtin="14006381333938") == ("14006381333938",)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_whatever_is_scanned_is_compared_without_a_crash(text: str) -> None:
    once = normalise(text=text)

    assert once == once.upper()
    assert not any(character.isspace() and character != GS for character in once)


@given(st.text(alphabet="0123456789", min_size=7, max_size=17))
@settings(max_examples=100, deadline=None)
def test_the_check_digit_makes_any_number_right_and_one_wrong_digit_makes_it_wrong(digits: str) -> None:
    number = digits + check_digit(digits=digits)

    assert has_right_check_digit(number=number)
    for at in range(len(number)):
        other = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
        assert not has_right_check_digit(number=other)
