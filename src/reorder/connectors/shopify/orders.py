"""Shopify orders: a row a line item, rows of one order together, facts of the order on its first row only."""

import polars as pl

from reorder.connectors.base import Kind, Refusals, ShopDefaults, Translated, shape_staged
from reorder.connectors.base.cells import Cells
from reorder.connectors.base.moments import read_moments
from reorder.connectors.base.numbers import is_given, read_minor, read_units_milli
from reorder.connectors.base.texts import (
    customer_keys,
    read_country,
    read_currency,
    read_email,
    read_key,
    read_postcode,
    read_text,
    read_yes_no,
)

# Facts of the order: what its first row says holds for all its rows.
_OF_ORDER = (
    "email", "financial_status", "accepts_marketing", "currency", "created_at", "shipping_zip", "billing_zip",
    "shipping_country", "billing_country", "shipping_name", "billing_name", "phone", "cancelled_at", "location",
)  # fmt: skip
_NOT_BOUGHT = ["refunded", "voided", "expired"]


class ShopifyOrders:
    """Translates batches; an order may go on in the next batch, so the facts of the last one are kept."""

    def __init__(self, *, columns: dict[str, str], shop: ShopDefaults) -> None:
        """`columns` maps normal column names to those of the file."""
        self._columns = columns
        self._shop = shop
        self._last: pl.DataFrame | None = None

    def translate(self, *, rows: pl.DataFrame) -> Translated:
        blocks = self._spread(rows=rows)
        cells = Cells(rows=blocks, columns=self._columns)
        order_key = cells.values(name="name").str.strip_chars().fill_null("").str.head(200)
        refusals = Refusals(rows=blocks, order_key=order_key)
        read_key(values=cells.values(name="name"), column=cells.column(name="name"), refusals=refusals)
        staged = pl.DataFrame(
            {"row_number": blocks["row_number"], "block_row": blocks["block_row"], "order_key": order_key}
        ).with_columns(row_part=pl.lit(0))
        staged = staged.with_columns(**self._who(cells=cells, order_key=order_key))
        staged = staged.with_columns(**self._order(cells=cells, refusals=refusals))
        staged = staged.with_columns(**self._line(cells=cells, currency=staged["currency"], refusals=refusals))
        refused = refusals.frame()
        kept = staged.filter(~staged["row_number"].is_in(refused["row_number"].unique().to_list()))
        return Translated(rows=shape_staged(rows=kept, kind=Kind.ORDERS), refused=refused)

    def _spread(self, *, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with the facts of their order on each, and `block_row`, the first row of the order's block."""
        name = pl.col(self._columns["name"])
        present = [self._columns[column] for column in _OF_ORDER if column in self._columns]
        known = rows.with_columns(block_row=pl.lit(None, dtype=pl.Int64))
        joined = pl.concat([self._last, known]) if self._last is not None else known
        starts = name.ne_missing(name.shift(1)).fill_null(value=True)
        # An order that began in the last batch brings its own first row along.
        first_row = pl.when(starts).then(pl.coalesce("block_row", "row_number"))
        spread = joined.with_columns(
            first_row.forward_fill().alias("block_row"),
            *(pl.when(starts).then(pl.col(c).fill_null("")).forward_fill().alias(c) for c in present),
        )
        spread = spread.slice(joined.height - rows.height)
        self._last = spread.tail(1) if spread.height else self._last
        return spread

    def _who(self, *, cells: Cells, order_key: pl.Series) -> dict[str, pl.Series]:
        email = cells.values(name="email")
        reach = email.zip_with(is_given(values=email), cells.values(name="phone"))
        address = read_email(values=email)
        consent = read_yes_no(values=cells.values(name="accepts_marketing"))
        return {
            "customer_key": customer_keys(ids=None, emails=reach, order_keys=order_key, id_prefix=self._shop.id_prefix),
            "customer_name": _first_given(cells=cells, names=("shipping_name", "billing_name")),
            "email": address,
            "accepts_marketing": consent.set(address.is_null(), None),
            "country": read_country(values=_first_given(cells=cells, names=("shipping_country", "billing_country"))),
            "postcode": read_postcode(values=_first_given(cells=cells, names=("shipping_zip", "billing_zip"))),
        }

    def _order(self, *, cells: Cells, refusals: Refusals) -> dict[str, pl.Series]:
        status = cells.values(name="financial_status").str.strip_chars().str.to_lowercase()
        return {
            "ordered_at": read_moments(
                values=cells.values(name="created_at"),
                shop=self._shop,
                column=cells.column(name="created_at"),
                refusals=refusals,
            ),
            "currency": read_currency(
                values=cells.values(name="currency"),
                default=self._shop.currency,
                column=cells.column(name="currency"),
                refusals=refusals,
            ),
            "is_cancelled": status.is_in(_NOT_BOUGHT).fill_null(value=False)
            | is_given(values=cells.values(name="cancelled_at")),
            "place": read_text(values=cells.values(name="location")).str.head(100),
        }

    def _line(self, *, cells: Cells, currency: pl.Series, refusals: Refusals) -> dict[str, pl.Series]:
        quantity, price, sku = "lineitem_quantity", "lineitem_price", "lineitem_sku"
        return {
            "sku": read_key(values=cells.values(name=sku), column=cells.column(name=sku), refusals=refusals),
            "product_name": read_text(values=cells.values(name="lineitem_name")),
            "units_milli": read_units_milli(
                values=cells.values(name=quantity), column=cells.column(name=quantity), refusals=refusals
            ),
            "unit_price_minor": read_minor(
                values=cells.values(name=price),
                currency=currency,
                column=cells.column(name=price),
                refusals=refusals,
            ),
        }


def _first_given(*, cells: Cells, names: tuple[str, str]) -> pl.Series:
    first, second = (read_text(values=cells.values(name=name)) for name in names)
    return first.fill_null(second)
