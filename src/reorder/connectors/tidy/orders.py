"""Tidy order lines: rows of one order may stand anywhere in the file."""

import polars as pl

from reorder.connectors.base import Kind, Refusals, ShopDefaults, Translated, shape_staged
from reorder.connectors.base.cells import Cells
from reorder.connectors.base.moments import read_moments
from reorder.connectors.base.numbers import read_minor, read_units_milli
from reorder.connectors.base.texts import (
    customer_keys,
    read_country,
    read_currency,
    read_email,
    read_key,
    read_language,
    read_postcode,
    read_text,
    read_yes_no,
)

# Words of a status that mean: this was never, or is no longer, a purchase.
_NOT_BOUGHT = ["cancelled", "canceled", "refunded", "failed", "voided", "void", "returned", "trash",
               "取消", "已取消", "退款", "已退款", "失敗", "退貨", "已退貨"]  # fmt: skip


class TidyOrders:
    """Translates batches of tidy order lines."""

    def __init__(self, *, columns: dict[str, str], shop: ShopDefaults) -> None:
        """`columns` maps our names to those of the file."""
        self._columns = columns
        self._shop = shop

    def translate(self, *, rows: pl.DataFrame) -> Translated:
        cells = Cells(rows=rows, columns=self._columns)
        order_key = cells.values(name="order_id").str.strip_chars().fill_null("").str.head(200)
        refusals = Refusals(rows=rows, order_key=order_key)
        read_key(values=cells.values(name="order_id"), column=cells.column(name="order_id"), refusals=refusals)
        staged = pl.DataFrame({"row_number": rows["row_number"], "order_key": order_key}).with_columns(
            row_part=pl.lit(0), block_row=pl.lit(0)
        )
        staged = staged.with_columns(**self._who(cells=cells, order_key=order_key))
        staged = staged.with_columns(**self._what(cells=cells, refusals=refusals))
        refused = refusals.frame()
        kept = staged.filter(~staged["row_number"].is_in(refused["row_number"].unique().to_list()))
        return Translated(rows=shape_staged(rows=kept, kind=Kind.ORDERS), refused=refused)

    def _who(self, *, cells: Cells, order_key: pl.Series) -> dict[str, pl.Series]:
        email = cells.values(name="email")
        ids = cells.values(name="customer_id") if cells.has(name="customer_id") else None
        who = {
            "customer_key": customer_keys(ids=ids, emails=email, order_keys=order_key, id_prefix=self._shop.id_prefix)
        }
        readers = {
            "customer_name": read_text,
            "email": read_email,
            "accepts_marketing": read_yes_no,
            "country": read_country,
            "language": read_language,
            "postcode": read_postcode,
        }
        return who | {
            name: read(values=cells.values(name=name)) for name, read in readers.items() if cells.has(name=name)
        }

    def _what(self, *, cells: Cells, refusals: Refusals) -> dict[str, pl.Series]:
        currency = read_currency(
            values=cells.values(name="currency"),
            default=self._shop.currency,
            column=cells.column(name="currency"),
            refusals=refusals,
        )
        status = cells.values(name="status").str.strip_chars().str.to_lowercase()
        return {
            "ordered_at": read_moments(
                values=cells.values(name="ordered_at"),
                shop=self._shop,
                column=cells.column(name="ordered_at"),
                refusals=refusals,
            ),
            "currency": currency,
            "is_cancelled": status.is_in(_NOT_BOUGHT).fill_null(value=False),
            "line_key": read_text(values=cells.values(name="line_id")).str.head(100),
            "sku": read_key(values=cells.values(name="sku"), column=cells.column(name="sku"), refusals=refusals),
            "product_name": read_text(values=cells.values(name="product_name")),
            "category": read_text(values=cells.values(name="category")).str.head(100),
            "units_milli": read_units_milli(
                values=cells.values(name="quantity"), column=cells.column(name="quantity"), refusals=refusals
            ),
            "unit_price_minor": read_minor(
                values=cells.values(name="unit_price"),
                currency=currency,
                column=cells.column(name="unit_price"),
                refusals=refusals,
            ),
            "place": read_text(values=cells.values(name="place")).str.head(100),
        }
