"""What a scanner sends, understood: trade item numbers, GS1 messages with lot and expiry, shipping units, own codes.

Pure: whether the shop knows a code is another question (`finding`). Texts keep their GS characters until here.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from reorder.flows.floor.errors import UnreadableCode, WrongCheckDigit
from reorder.kernel.errors import BadInput
from reorder.kernel.gs1 import check_digit, has_right_check_digit

if TYPE_CHECKING:
    from biip.gs1_element_strings import GS1ElementString

CodeKind = Literal["gtin", "sscc", "gs1", "plain"]

# Scanners say which symbology they read in three characters before the text; these carry GS1 messages.
_SYMBOLOGY: Final = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_GS1_SYMBOLOGIES: Final = frozenset({"]C1", "]d2", "]Q3", "]e0", "]J1"})
_GS: Final = "\x1d"
# What scanners set up for terminals send in place of the separator.
_GS_SPELLINGS: Final = ("␝", "<GS>", "{GS}", "[GS]", "~029", "\\x1d", "\u00e8")
_GTIN_LENGTHS: Final = (8, 12, 13, 14)
_SSCC_LENGTH: Final = 18
_LONGEST_TEXT: Final = 512
_HRI: Final = re.compile(r"^\(\d{2,4}\)")
_CONTROL: Final = re.compile(r"[\x00-\x1c\x1e\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCode:
    """One scan as understood. `code` is what to compare with: a GTIN in 14 digits, 18 of an SSCC, or the plain text.

    `count_units` is the count printed on it (AI 30 or 37): of trade items, not of selling units. `is_number_wrong`
    tells that a plain number has the length of a GTIN or SSCC and a wrong check digit; own numbers may look like that.
    """

    text: str
    kind: CodeKind
    code: str
    gtin: str = ""
    content_gtin: str = ""
    lot: str = ""
    serial: str = ""
    sscc: str = ""
    expires_date: dt.date | None = None
    count_units: Decimal | None = None
    is_number_wrong: bool = False

    @property
    def item_gtin(self) -> str:
        """The GTIN of what is in hand, or of what a shipping unit holds; empty without one."""
        return self.gtin or self.content_gtin


def normalise(*, text: str) -> str:
    """What two scans of one thing have in common: 14 digits of a GTIN, else upper-case without spaces.

    Never raises: what cannot be understood is compared as it is.
    """
    try:
        return read_code(text=text).code
    except BadInput:
        return _plain(text)


def read_code(*, text: str) -> ReadCode:
    """Understand what was scanned or typed; raises UnreadableCode, and WrongCheckDigit within a GS1 message."""
    cleaned = text
    for spelling in _GS_SPELLINGS:
        cleaned = cleaned.replace(spelling, _GS)
    # Not strip() alone: GS counts as a space there, and says that this is a GS1 message when it comes first.
    cleaned = _CONTROL.sub("", cleaned).strip(" \t\r\n\u3000\ufeff")
    if not cleaned.strip():
        raise UnreadableCode(text=text[:60], reason="nothing was scanned")
    if len(cleaned) > _LONGEST_TEXT:
        raise UnreadableCode(text=text[:60], reason="it is longer than 512 characters")
    prefix = _SYMBOLOGY.match(cleaned)
    body = cleaned[3:] if prefix else cleaned
    if (prefix and prefix[0] in _GS1_SYMBOLOGIES) or _GS in body:
        return _read_message(text=text, body=body)
    return _read_unmarked(text=text, body=body)


def gtin_spellings(*, gtin: str) -> tuple[str, ...]:
    """The ways in which one GTIN is written: 14 digits, and shorter where it begins with noughts."""
    return tuple(gtin[-length:] for length in sorted(_GTIN_LENGTHS, reverse=True) if not gtin[:-length].strip("0"))


def item_inside(*, gtin: str) -> str:
    """The GTIN of the items in a pack whose GTIN-14 begins with an indicator 1 to 8; empty for an item itself."""
    if len(gtin) != 14 or gtin[0] not in "12345678":
        return ""
    digits = "0" + gtin[1:13]
    return digits + check_digit(digits=digits)


def tote_codes(*, tote: int) -> tuple[str, ...]:
    """What the label of a position on a cart may say, and what may be typed for it."""
    return (str(tote), f"T{tote}", f"T{tote:02d}", f"TOTE-{tote}", f"TOTE-{tote:02d}")


def _read_unmarked(*, text: str, body: str) -> ReadCode:
    """A text that does not say what it is: by its form."""
    if _HRI.match(body) or body.lower().startswith(("http://", "https://")):
        found = _parse(body)
        if found:
            return _of_parts(text=text, parts=found)
    number = body.replace(" ", "").replace("-", "") if _is_number(body) else ""
    if len(number) == _SSCC_LENGTH and has_right_check_digit(number=number):
        return ReadCode(text=text, kind="sscc", code=number, sscc=number)
    if len(number) in _GTIN_LENGTHS and has_right_check_digit(number=number):
        gtin = number.zfill(14)
        return ReadCode(text=text, kind="gtin", code=gtin, gtin=gtin)
    if _looks_like_message(body):
        found = _parse(body)
        if found:
            return _of_parts(text=text, parts=found)
    is_wrong = len(number) in (*_GTIN_LENGTHS, _SSCC_LENGTH)
    return ReadCode(text=text, kind="plain", code=_plain(body), is_number_wrong=is_wrong)


def refuse_wrong_number(*, read: ReadCode) -> None:
    """Raises WrongCheckDigit for a number of a GTIN's or SSCC's length whose last digit is wrong."""
    if read.is_number_wrong:
        raise WrongCheckDigit(text=read.code, expected=check_digit(digits=read.code[:-1]))


def _is_number(body: str) -> bool:
    return bool(re.fullmatch(r"\d[\d -]*\d", body)) and body.isascii()


def _looks_like_message(body: str) -> bool:
    """A GS1 message without its mark: it begins with a whole SSCC or GTIN whose check digit is right."""
    head = re.match(r"00(\d{18})|0[12](\d{14})(?=.)", body, re.ASCII)
    return head is not None and has_right_check_digit(number=head[1] or head[2])


def _read_message(*, text: str, body: str) -> ReadCode:
    found = _parse(body.strip(_GS))
    if found is None:
        # Never guessed: without its separators a lot would swallow what follows it.
        raise UnreadableCode(text=text[:60], reason="a part of it is missing, or a date or number in it is wrong")
    return _of_parts(text=text, parts=found)


def _parse(body: str) -> Mapping[str, "GS1ElementString"] | None:
    """Parts of a GS1 message by application identifier, None when it is none; the first of a kind counts."""
    from biip import ParseError
    from biip.gs1_digital_link_uris import GS1DigitalLinkURI
    from biip.gs1_messages import GS1Message

    try:
        if body.lower().startswith(("http://", "https://")):
            strings = list(GS1DigitalLinkURI.parse(body).element_strings)
        elif _HRI.match(body):
            strings = list(GS1Message.parse_hri(body).element_strings)
        else:
            strings = list(GS1Message.parse(body).element_strings)
    except (ParseError, ValueError):
        return None
    return {one.ai.ai: one for one in reversed(strings)} or None


def _of_parts(*, text: str, parts: Mapping[str, "GS1ElementString"]) -> ReadCode:
    values = {identifier: part.value for identifier, part in parts.items()}
    gtin, content, sscc = values.get("01", ""), values.get("02", ""), values.get("00", "")
    for number in (gtin, content, sscc):
        if number and not has_right_check_digit(number=number):
            raise WrongCheckDigit(text=number, expected=check_digit(digits=number[:-1]))
    # Use-by before best-before; day 00, the last day of the month, is resolved by the library.
    expires = parts.get("17") or parts.get("15")
    count = values.get("37") or values.get("30")
    code = gtin or sscc or content
    if not code and not expires and not {"10", "21"} & values.keys():
        raise UnreadableCode(text=text[:60], reason="it holds no part that we know")
    return ReadCode(
        text=text,
        kind="gs1",
        code=code or _plain(text.replace(_GS, "")),
        gtin=gtin,
        content_gtin=content,
        lot=values.get("10", ""),
        serial=values.get("21", ""),
        sscc=sscc,
        expires_date=expires.date if expires else None,
        count_units=Decimal(count) if count else None,
    )


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text).upper()
