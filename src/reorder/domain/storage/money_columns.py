"""Amounts of several currencies in one column."""

import polars as pl

from reorder.kernel.money import minor_digits


def minor_in_major(*, table: pl.DataFrame, column: str = "currency") -> pl.Expr:
    """How many minor units make a whole one, row by row, of the currencies in `column`; null where there is none."""
    scale = {code: 10.0 ** minor_digits(currency=code) for code in table[column].unique().drop_nulls().to_list()}
    return pl.col(column).replace_strict(scale, return_dtype=pl.Float64, default=None)
