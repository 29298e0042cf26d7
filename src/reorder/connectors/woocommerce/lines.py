"""What both WooCommerce layouts share: staged lines from cells that already stand one line a row."""

import polars as pl

from reorder.connectors.base import Kind, Refusals, ShopDefaults, Translated, shape_staged
from reorder.connectors.base.cells import Cells
from reorder.connectors.base.moments import AMERICAN, read_moments
from reorder.connectors.base.numbers import read_minor, read_units_milli
from reorder.connectors.base.texts import (
    customer_keys,
    read_country,
    read_currency,
    read_email,
    read_key,
    read_postcode,
    read_text,
)

_NOT_BOUGHT = ["cancelled", "refunded", "failed", "trash", "checkout-draft"]


def stage_lines(*, lines: pl.DataFrame, columns: dict[str, str], shop: ShopDefaults) -> Translated:
    """Staged rows of `lines`, which has raw cells, `row_number`, `row_part` and `block_row`."""
    cells = Cells(rows=lines, columns=columns)
    order_key = cells.values(name="order_id").str.strip_chars().fill_null("").str.head(200)
    refusals = Refusals(rows=lines, order_key=order_key)
    read_key(values=cells.values(name="order_id"), column=cells.column(name="order_id"), refusals=refusals)
    staged = lines.select("row_number", "row_part", "block_row").with_columns(order_key=order_key)
    staged = staged.with_columns(**_who(cells=cells, order_key=order_key, id_prefix=shop.id_prefix))
    staged = staged.with_columns(**_order(cells=cells, shop=shop, refusals=refusals))
    staged = staged.with_columns(**_line(cells=cells, currency=staged["currency"], refusals=refusals))
    refused = refusals.frame()
    kept = staged.filter(~staged["row_number"].is_in(refused["row_number"].unique().to_list()))
    return Translated(rows=shape_staged(rows=kept, kind=Kind.ORDERS), refused=refused)


def _who(*, cells: Cells, order_key: pl.Series, id_prefix: str) -> dict[str, pl.Series]:
    email = cells.values(name="email")
    ids = cells.values(name="customer_id") if cells.has(name="customer_id") else None
    names = cells.values(name="first_name").fill_null("") + " " + cells.values(name="last_name").fill_null("")
    return {
        "customer_key": customer_keys(ids=ids, emails=email, order_keys=order_key, id_prefix=id_prefix),
        "customer_name": read_text(values=names),
        "email": read_email(values=email),
        "country": read_country(values=cells.values(name="country")),
        "postcode": read_postcode(values=cells.values(name="postcode")),
    }


def _order(*, cells: Cells, shop: ShopDefaults, refusals: Refusals) -> dict[str, pl.Series]:
    status = cells.values(name="status").str.strip_chars().str.to_lowercase().str.strip_prefix("wc-")
    return {
        "ordered_at": read_moments(
            values=cells.values(name="ordered_at"),
            shop=shop,
            column=cells.column(name="ordered_at"),
            refusals=refusals,
            also=AMERICAN,
        ),
        "currency": read_currency(
            values=cells.values(name="currency"),
            default=shop.currency,
            column=cells.column(name="currency"),
            refusals=refusals,
        ),
        "is_cancelled": status.is_in(_NOT_BOUGHT).fill_null(value=False),
    }


def _line(*, cells: Cells, currency: pl.Series, refusals: Refusals) -> dict[str, pl.Series]:
    units = read_units_milli(
        values=cells.values(name="quantity"), column=cells.column(name="quantity"), refusals=refusals
    )
    total = read_minor(
        values=cells.values(name="total"), currency=currency, column=cells.column(name="total"), refusals=refusals
    )
    return {
        "line_key": read_text(values=cells.values(name="line_id")).str.head(100),
        "sku": read_key(values=cells.values(name="sku"), column=cells.column(name="sku"), refusals=refusals),
        "product_name": read_text(values=cells.values(name="product_name")),
        "units_milli": units,
        # The files give the total of a line, after its discounts.
        "unit_price_minor": (total * 1000 / units.set(units <= 0, None)).round(0).cast(pl.Int64),
    }
