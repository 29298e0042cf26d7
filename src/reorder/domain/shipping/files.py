"""Rates and zones as CSV files, out and in again; a file is taken whole or refused with its first faulty row."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from reorder.domain.shipping.errors import BadShippingFile
from reorder.domain.shipping.rules import PrefixRow, RateRow, plain_postcode
from reorder.kernel.money import minor_digits

RATE_COLUMNS: Final = ("service", "from_zone", "to_zone", "up_to_grams", "price", "currency")
ZONE_COLUMNS: Final = ("country", "postcode_start", "zone", "zone_name")
_MOST_ROWS: Final = 100_000
_BAD_PRICE: Final = "the price is not an amount of 0 or more, with no more decimals than the currency has"
_MOST_PRICE: Final = Decimal(10) ** 9


def write_rates(*, rates: Collection[RateRow]) -> str:
    """The table as CSV; prices in whole units of the currency, as people write them."""
    rows = [
        (one.service, one.from_zone, one.to_zone, one.up_to_grams, _major(one.price_minor, one.currency), one.currency)
        for one in rates
    ]
    return _written(RATE_COLUMNS, rows)


def write_zones(*, prefixes: Collection[PrefixRow], names: dict[str, str]) -> str:
    """Beginnings of postcodes with their zones as CSV."""
    rows = [(one.country, one.postcode_start, one.zone, names.get(one.zone, "")) for one in prefixes]
    return _written(ZONE_COLUMNS, rows)


def read_rates(*, content: bytes, services: Collection[str], zones: Collection[str], currency: str) -> list[RateRow]:
    """Rates of a CSV file (comma or semicolon; UTF-8 or Big5). Raises BadShippingFile with the first faulty row."""
    rates: list[RateRow] = []
    seen: set[tuple[str, str, str, int]] = set()
    for number, row in _rows(content=content, columns=RATE_COLUMNS, optional=()):
        rate = _rate(number=number, row=row, services=services, zones=zones, currency=currency)
        key = (rate.service, rate.from_zone, rate.to_zone, rate.up_to_grams)
        if key in seen:
            raise _fault(
                number,
                "this service, these zones and this weight come twice",
                RATE_COLUMNS,
                value=" ".join(map(str, key)),
            )
        seen.add(key)
        rates.append(rate)
    if not rates:
        raise _fault(2, "there is no rate in it", RATE_COLUMNS)
    return rates


def read_zones(*, content: bytes) -> tuple[list[PrefixRow], dict[str, str]]:
    """Beginnings of postcodes of a CSV file, and names of zones by code. Raises BadShippingFile."""
    prefixes: list[PrefixRow] = []
    names: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for number, row in _rows(content=content, columns=ZONE_COLUMNS, optional=("zone_name",)):
        country, start = row["country"].upper(), plain_postcode(text=row["postcode_start"])
        reasons = (
            (re.fullmatch("[A-Z]{2}", country) is None, "a country is two letters, such as TW"),
            (re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", row["zone"]) is None, "a zone is a short code"),
            (len(start) > 16, "a postcode has at most 16 characters"),
            ((country, start) in seen, "this beginning of postcodes comes twice"),
            (len(row.get("zone_name", "")) > 200, "a name has at most 200 characters"),
        )
        for is_wrong, reason in reasons:
            if is_wrong:
                raise _fault(number, reason, ZONE_COLUMNS, value=f"{row['country'][:16]} {start[:24]}".strip())
        seen.add((country, start))
        prefixes.append(PrefixRow(country=country, postcode_start=start, zone=row["zone"]))
        if row.get("zone_name"):
            names[row["zone"]] = row["zone_name"]
    if not prefixes:
        raise _fault(2, "there is no zone in it", ZONE_COLUMNS)
    return prefixes, names


def _rate(
    *, number: int, row: dict[str, str], services: Collection[str], zones: Collection[str], currency: str
) -> RateRow:
    grams = int(row["up_to_grams"]) if re.fullmatch(r"[0-9]{1,9}", row["up_to_grams"]) else 0
    price = _price(row["price"], currency)
    reasons = (
        ("service", row["service"] not in services, "there is no service with this code; add it first"),
        ("from_zone", row["from_zone"] not in zones, "there is no zone with this code; add it first"),
        ("to_zone", row["to_zone"] not in zones, "there is no zone with this code; add it first"),
        ("up_to_grams", grams < 1, "the weight is not a number of grams above zero"),
        ("price", price is None, _BAD_PRICE),
        ("currency", row["currency"].upper() != currency, "rates must be in the shop's currency"),
    )
    for column, is_wrong, reason in reasons:
        if is_wrong:
            raise _fault(number, reason, RATE_COLUMNS, value=f"{column} {row[column][:40]}".strip())
    return RateRow(
        service=row["service"],
        from_zone=row["from_zone"],
        to_zone=row["to_zone"],
        up_to_grams=grams,
        price_minor=price or 0,
        currency=currency,
    )


def _price(text: str, currency: str) -> int | None:
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    if not price.is_finite() or not 0 <= price <= _MOST_PRICE:
        return None
    minor = price.scaleb(minor_digits(currency=currency))
    return int(minor) if minor == minor.to_integral_value() else None


def _major(minor: int, currency: str) -> str:
    return format(Decimal(minor).scaleb(-minor_digits(currency=currency)), "f")


def _rows(
    *, content: bytes, columns: tuple[str, ...], optional: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    text = _decoded(content, columns)
    first = text.splitlines()[0] if text.strip() else ""
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    heads = {(name or "").strip().lower() for name in reader.fieldnames or ()}
    missing = [name for name in columns if name not in heads and name not in optional]
    if missing:
        raise _fault(1, "this column is missing", columns, value=missing[0])
    try:
        for number, raw in enumerate(reader, start=2):
            row = {str(name).strip().lower(): str(value or "").strip() for name, value in raw.items() if name}
            if number > _MOST_ROWS + 1:
                raise _fault(number, "there are more than 100,000 rows", columns)
            if any(row.values()):
                yield number, {name: row.get(name, "") for name in columns}
    except csv.Error:
        raise _fault(reader.line_num, "it cannot be read as CSV", columns) from None


def _decoded(content: bytes, columns: tuple[str, ...]) -> str:
    for encoding in ("utf-8-sig", "big5"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _fault(1, "it is not a text in UTF-8 or Big5", columns)


def _fault(row: int, reason: str, columns: tuple[str, ...], *, value: str = "–") -> BadShippingFile:
    return BadShippingFile(row=row, value=value, reason=reason, columns=", ".join(columns))


def _written(columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def read_table(
    *, content: bytes, columns: tuple[str, ...], optional: tuple[str, ...]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with their numbers, every column a text, also those left out. Raises BadShippingFile."""
    return _rows(content=content, columns=columns, optional=optional)


def write_table(*, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    """Rows as CSV under their columns."""
    return _written(columns, rows)


def read_amount(*, text: str, currency: str) -> int | None:
    """An amount as people write it, in minor units; None where it is none."""
    return _price(text, currency)


def amount_text(*, minor: int, currency: str) -> str:
    """An amount as people write it."""
    return _major(minor, currency)


def file_fault(*, row: int, reason: str, columns: tuple[str, ...], value: str = "–") -> BadShippingFile:
    """What is wrong with a row of a file."""
    return _fault(row, reason, columns, value=value)


def no_file(*, is_missing: bool) -> BadShippingFile:
    """The fault of an upload that brings no file, or one that is too large."""
    return _fault(1, "no file was chosen" if is_missing else "it has more than 8 MB", RATE_COLUMNS)
