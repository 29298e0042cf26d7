"""Refusals of single cells: which row, column and value, and why; collected while a batch is translated."""

import polars as pl

REFUSALS: dict[str, pl.DataType] = {
    "row_number": pl.Int64(),
    "order_key": pl.String(),
    "column_name": pl.String(),
    "value": pl.String(),
    "reason_code": pl.String(),
    "detail": pl.String(),
}

# Sorted by code; `{detail}` is filled from the refusal.
REFUSAL_TEMPLATES: dict[str, str] = {
    "amount.decimal_comma": "Write decimals with a point and thousands like 1,234.50.",
    "amount.negative": "An amount cannot be negative.",
    "amount.not_a_number": "This is not a number.",
    "amount.too_large": "This amount is too large.",
    "choice.unknown": "Unknown word; one of these is expected: {detail}.",
    "currency.unknown": "This is not a currency code (ISO 4217), such as TWD or USD.",
    "date.not_a_date": "Write a date like 2026-11-23.",
    "event.in_future": "It lies more than {detail} minutes in the future; look at the clock it comes from.",
    "event.too_old": "Older than {detail} days; events are not kept that long.",
    "event.unknown_customer": "Nobody is known by this id or address. Import the customer's orders first.",
    "event.unknown_product": "There is no such product. Import products first.",
    "moment.in_future": "An order cannot lie in the future.",
    "moment.not_a_moment": "Write a moment like 2026-11-23 09:30 or 2026-11-23T09:30:00+08:00.",
    "moment.out_of_range": "An order before 1990 is taken for a slip.",
    "order.another_line_refused": "Another line of this order was refused: row {detail}.",
    "order.line_repeated": "The line id {detail} occurs twice in this order.",
    "order.repeated": "This order already stands in the file, from row {detail}.",
    "order.several_currencies": "The lines of this order name different currencies: {detail}.",
    "order.several_customers": "The lines of this order name different customers: {detail}.",
    "product.like_itself": "A product cannot be like itself.",
    "product.unknown_like": "There is no such product to be like.",
    "row.cells_missing_or_extra": (
        "The row has {detail} cells, another number than the header; look for a stray quotation mark or separator."
    ),
    "row.contradicts": "This contradicts row {detail}.",
    "row.repeated": "This repeats row {detail}.",
    "signal.date_out_of_range": "The day lies before 1990 or more than three years ahead.",
    "signal.discount": "A discount is a share between 0 and 1: write 0.2 or 20% for 20 %.",
    "signal.known_in_future": "It cannot be known only in the future.",
    "signal.known_otherwise": "At this moment another value was known already; a correction needs a later moment.",
    "signal.no_value": "Give a number or a text.",
    "signal.number": "A number of zero or more is expected.",
    "signal.open": "Write open or closed, 1 or 0.",
    "signal.two_scopes": "Give a product or a category, not both.",
    "signal.unknown_category": "There is no such category.",
    "signal.unknown_place": "There is no such place.",
    "signal.unknown_product": "There is no such product. Import products first.",
    "text.missing": "This must not be empty.",
    "text.too_long": "Longer than {detail} characters.",
    "units.below_zero": "Stock cannot be below zero.",
    "units.not_a_number": "This is not a number.",
    "lead_days.too_long": "A lead time is at most {detail} days.",
    "order_unit.size_missing": "Say how many selling units one of them holds, in the column units_per_case.",
    "units.not_positive": "The quantity must be greater than zero.",
    "units.too_large": "This quantity is too large.",
    "units.too_precise": "At most three decimals.",
    "whole.bad": "A whole number of zero or more is expected.",
}


class Refusals:
    """Collects the refusals of one batch, column by column."""

    def __init__(self, *, rows: pl.DataFrame, order_key: pl.Series | None = None) -> None:
        """Start with no refusals; `rows` has `row_number` and the raw columns, `order_key` runs beside it."""
        self._rows = rows
        self._order_key = order_key
        self._found: list[pl.DataFrame] = []

    def refuse(self, *, where: pl.Series, column: str, values: pl.Series, code: str, detail: str = "") -> None:
        """Refuse the rows where the Boolean series `where` is true; `values` is the column as the file has it."""
        wrong = where.fill_null(value=False)
        if not wrong.any():
            return
        keys = self._order_key if self._order_key is not None else pl.Series([None] * len(wrong), dtype=pl.String)
        found = pl.DataFrame(
            {"row_number": self._rows["row_number"].filter(wrong), "order_key": keys.filter(wrong)}
        ).with_columns(
            column_name=pl.lit(column),
            value=values.filter(wrong).cast(pl.String),
            reason_code=pl.lit(code),
            detail=pl.lit(detail),
        )
        self._found.append(found.cast(dict(REFUSALS)))  # type: ignore[arg-type]

    def frame(self) -> pl.DataFrame:
        """All refusals so far, columns of `REFUSALS`."""
        return pl.concat(self._found) if self._found else pl.DataFrame(schema=REFUSALS)
