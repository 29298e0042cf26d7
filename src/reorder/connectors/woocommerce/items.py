"""WooCommerce orders with one row per line item, facts of the order on every row."""

import polars as pl

from reorder.connectors.base import ShopDefaults, Translated
from reorder.connectors.woocommerce.lines import stage_lines


class ItemRows:
    """Translates batches of rows that are lines."""

    def __init__(self, *, columns: dict[str, str], shop: ShopDefaults) -> None:
        """`columns` maps our names to those of the file."""
        self._columns = columns
        self._shop = shop

    def translate(self, *, rows: pl.DataFrame) -> Translated:
        lines = rows.with_columns(row_part=pl.lit(0), block_row=pl.lit(0))
        return stage_lines(lines=lines, columns=self._columns, shop=self._shop)
