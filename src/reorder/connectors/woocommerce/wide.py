"""WooCommerce orders with one row per order and its lines in the columns line_item_1, line_item_2, …

Such a cell reads `name:Oolong|product_id:12|sku:OOL-150|quantity:2|total:760.00`.
"""

import polars as pl

from reorder.connectors.base import Refusals, ShopDefaults, Translated
from reorder.connectors.woocommerce.lines import stage_lines

_CELL = "line_item"
# A product's name may hold the separator; what follows it does not.
_NAME = r"(?s)^name:(.*?)\|(?:id|product_id|variation_id|sku|quantity|total):"


class WideRows:
    """Translates batches of rows that are orders."""

    def __init__(self, *, columns: dict[str, str], item_cells: list[str], shop: ShopDefaults) -> None:
        """`columns` maps our names to those of the file; `item_cells` are its line columns in their order."""
        self._columns = columns
        self._item_cells = item_cells
        self._shop = shop

    def translate(self, *, rows: pl.DataFrame) -> Translated:
        lines = self._unfold(rows=rows)
        columns = self._columns | {name: f"{_CELL} {name}" for name in ("sku", "quantity", "total", "product_name")}
        translated = stage_lines(lines=lines, columns=columns, shop=self._shop)
        empty = self._refuse_empty(rows=rows, lines=lines)
        return Translated(rows=translated.rows, refused=pl.concat([translated.refused, empty]))

    def _unfold(self, *, rows: pl.DataFrame) -> pl.DataFrame:
        kept = [column for column in rows.columns if column not in self._item_cells]
        parts = [
            rows.select(*kept, pl.col(column).alias(_CELL), pl.lit(number).alias("row_part"))
            for number, column in enumerate(self._item_cells)
        ]
        lines = pl.concat(parts).filter((pl.col(_CELL).str.strip_chars() != "").fill_null(value=False))
        lines = lines.sort("row_number", "row_part").with_columns(
            row_part=pl.int_range(pl.len()).over("row_number"), block_row=pl.col("row_number")
        )
        return lines.with_columns(
            _part("sku"),
            _part("quantity"),
            _part("total"),
            pl.col(_CELL).str.extract(_NAME).alias(f"{_CELL} product_name"),
        )

    def _refuse_empty(self, *, rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
        refusals = Refusals(rows=rows, order_key=rows[self._columns["order_id"]])
        empty = ~rows["row_number"].is_in(lines["row_number"].unique().to_list())
        first = self._item_cells[0]
        refusals.refuse(where=empty, column=first, values=rows[first], code="text.missing")
        return refusals.frame()


def _part(name: str) -> pl.Expr:
    return pl.col(_CELL).str.extract(rf"(?:^|\|){name}:([^|]*)").alias(f"{_CELL} {name}")
