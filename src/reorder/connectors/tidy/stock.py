"""Tidy stock counts: units on hand per product, place and lot."""

import polars as pl

from reorder.connectors.base import Kind, Refusals, Translated, shape_staged
from reorder.connectors.base.cells import Cells
from reorder.connectors.base.moments import read_dates
from reorder.connectors.base.numbers import read_stock_milli
from reorder.connectors.base.texts import read_key, read_text


class TidyStock:
    """Translates batches of stock counts."""

    def __init__(self, *, columns: dict[str, str]) -> None:
        """`columns` maps our names to those of the file."""
        self._columns = columns

    def translate(self, *, rows: pl.DataFrame) -> Translated:
        cells = Cells(rows=rows, columns=self._columns)
        refusals = Refusals(rows=rows)
        sku = read_key(values=cells.values(name="sku"), column=cells.column(name="sku"), refusals=refusals)
        units = read_stock_milli(
            values=cells.values(name="on_hand"), column=cells.column(name="on_hand"), refusals=refusals
        )
        expires = read_dates(
            values=cells.values(name="expires"), column=cells.column(name="expires"), refusals=refusals
        )
        staged = pl.DataFrame({"row_number": rows["row_number"]}).with_columns(
            sku=sku,
            place=read_text(values=cells.values(name="place")).str.head(100),
            on_hand_milli=units,
            lot=read_text(values=cells.values(name="lot")).str.head(100),
            expires_date=expires,
        )
        refused = refusals.frame()
        kept = staged.filter(~staged["row_number"].is_in(refused["row_number"].unique().to_list()))
        return Translated(rows=shape_staged(rows=kept, kind=Kind.STOCK), refused=refused)
