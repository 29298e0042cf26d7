"""Reading cells that are numbers: quantities, money, whole numbers; columns at a time, refusing cell by cell."""

import polars as pl

from reorder.connectors.base.refusals import Refusals
from reorder.kernel.money import minor_digits
from reorder.kernel.quantity import MAXIMUM_UNITS

_MOST_MINOR = 10**15
_MOST_WHOLE = 10**9
_SYMBOLS = r"NT\$|US\$|HK\$|[$€£¥\s\u{a0}\u{3000}]"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"
# Halves go up although 1.005 * 100 is a hair below 100.5 in binary.
_HALF = 0.5 + 1e-9


def read_numbers(*, values: pl.Series) -> pl.Series:
    """Floats; thousands like 1,234.5 and currency signs are understood, null where it is no finite number."""
    number = values.cast(pl.Float64, strict=False)
    if number.null_count():
        plain = values.str.replace_all(_SYMBOLS, "")
        grouped = plain.str.contains(_THOUSANDS).fill_null(value=False)
        plain = plain.zip_with(~grouped, plain.str.replace_all(",", ""))
        number = number.fill_null(plain.cast(pl.Float64, strict=False))
    return number.set(~number.is_finite(), None)


def is_given(*, values: pl.Series) -> pl.Series:
    """Whether a cell holds anything but blanks."""
    return (values.str.strip_chars() != "").fill_null(value=False)


def read_units_milli(*, values: pl.Series, column: str, refusals: Refusals) -> pl.Series:
    """Selling units in thousandths, above zero; refuses everything else, empty cells included."""
    number = read_numbers(values=values)
    given = is_given(values=values)
    refusals.refuse(where=~given, column=column, values=values, code="text.missing")
    refusals.refuse(where=given & number.is_null(), column=column, values=values, code="units.not_a_number")
    refusals.refuse(where=number <= 0, column=column, values=values, code="units.not_positive")
    return _as_milli(number=number, values=values, column=column, refusals=refusals)


def read_stock_milli(*, values: pl.Series, column: str, refusals: Refusals) -> pl.Series:
    """Counted units in thousandths, zero or more; refuses everything else, empty cells included."""
    number = read_numbers(values=values)
    given = is_given(values=values)
    refusals.refuse(where=~given, column=column, values=values, code="text.missing")
    refusals.refuse(where=given & number.is_null(), column=column, values=values, code="units.not_a_number")
    refusals.refuse(where=number < 0, column=column, values=values, code="units.below_zero")
    return _as_milli(number=number, values=values, column=column, refusals=refusals)


def _as_milli(*, number: pl.Series, values: pl.Series, column: str, refusals: Refusals) -> pl.Series:
    large = number.abs() > float(MAXIMUM_UNITS)
    refusals.refuse(where=large, column=column, values=values, code="units.too_large")
    number = number.set(large.fill_null(value=False), None)
    milli = (number * 1000).round(0)
    # Binary fractions are never exact; a thousandth of a thousandth is far above that error and below any intent.
    uneven = (number * 1000 - milli).abs() > 1e-3
    refusals.refuse(where=uneven, column=column, values=values, code="units.too_precise")
    return milli.cast(pl.Int64)


def read_minor(*, values: pl.Series, currency: pl.Series, column: str, refusals: Refusals) -> pl.Series:
    """Amounts in minor units of the currency beside them, null where empty; half a minor unit rounds up.

    Unit prices are often computed by the exporting shop (total / quantity), so more decimals than the currency has
    are rounded, not refused.
    """
    number = read_numbers(values=values)
    given = is_given(values=values)
    comma = given & number.is_null() & values.str.contains(r"^\s*[+-]?\d+,\d+\s*$").fill_null(value=False)
    refusals.refuse(where=comma, column=column, values=values, code="amount.decimal_comma")
    refusals.refuse(where=given & number.is_null() & ~comma, column=column, values=values, code="amount.not_a_number")
    refusals.refuse(where=number < 0, column=column, values=values, code="amount.negative")
    codes = currency.unique().drop_nulls().to_list()
    factor = currency.replace_strict(
        codes, [10.0 ** minor_digits(currency=code) for code in codes], default=None, return_dtype=pl.Float64
    )
    minor = number * factor
    large = minor.abs() > _MOST_MINOR
    refusals.refuse(where=large, column=column, values=values, code="amount.too_large")
    return (minor.set(large.fill_null(value=False), None) + _HALF).floor().cast(pl.Int64)


def read_whole(*, values: pl.Series, column: str, refusals: Refusals) -> pl.Series:
    """Whole numbers of zero or more, null where empty."""
    number = read_numbers(values=values)
    bad = number.is_null() | (number < 0) | (number > _MOST_WHOLE) | (number != number.round(0))
    refusals.refuse(where=is_given(values=values) & bad, column=column, values=values, code="whole.bad")
    return number.set(bad.fill_null(value=True), None).cast(pl.Int64)
