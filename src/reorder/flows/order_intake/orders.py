"""Orders as values, and how they become the same staged lines that a file becomes. Pure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from reorder.connectors.base import Kind, ShopDefaults, shape_staged
from reorder.connectors.base.texts import (
    customer_keys,
    read_country,
    read_email,
    read_language,
    read_postcode,
    read_text,
)
from reorder.kernel.money import minor_digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who bought: the shop's own id, else the e-mail address, else a guest of one order.

    `accepts_marketing` is what the person said at this order; None: nothing.
    """

    key: str | None = None
    email: str | None = None
    name: str | None = None
    accepts_marketing: bool | None = None
    language: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """Selling units of a product at a price in whole units of the order's currency; the place serves the demand."""

    sku: str
    units: Decimal
    unit_price: Decimal | None = None
    place_code: str | None = None
    line_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """One order of a shop, whole: what is sent later under the same id replaces it."""

    external_id: str
    ordered_at: dt.datetime
    currency: str
    buyer: Buyer
    lines: tuple[NewLine, ...]
    postcode: str | None = None
    is_cancelled: bool = False


def frame_lines(*, orders: Sequence[NewOrder], shop: ShopDefaults) -> pl.DataFrame:
    """Staged order lines, numbered from 1 through all orders; texts are read as those of a file are."""
    rows = [_plain(order=order, line=line) for order in orders for line in order.lines]
    names = list(_plain_columns())
    frame = pl.DataFrame(rows, schema=_plain_columns(), orient="row").select(names)
    who = {
        "customer_key": customer_keys(
            ids=frame["customer_id"], emails=frame["email"], order_keys=frame["order_key"], id_prefix=shop.id_prefix
        ),
        "customer_name": read_text(values=frame["customer_name"]),
        "email": read_email(values=frame["email"]),
        "country": read_country(values=frame["country"]),
        "language": read_language(values=frame["language"]),
        "postcode": read_postcode(values=frame["postcode"]),
    }
    numbered = frame.with_row_index("row_number", offset=1).with_columns(
        pl.lit(0).alias("row_part"), pl.lit(0).alias("block_row"), **who
    )
    return shape_staged(rows=numbered, kind=Kind.ORDERS)


def customer_keys_of(*, lines: pl.DataFrame) -> list[str]:
    """The people that staged lines are about, each once."""
    return sorted(lines["customer_key"].unique().to_list())


def _plain_columns() -> dict[str, pl.DataType]:
    texts = ("order_key", "line_key", "customer_id", "customer_name", "email", "language", "country", "postcode")
    columns: dict[str, pl.DataType] = dict.fromkeys(texts, pl.String())
    return columns | {
        "accepts_marketing": pl.Boolean(),
        "ordered_at": pl.Datetime("us", "UTC"),
        "currency": pl.String(),
        "is_cancelled": pl.Boolean(),
        "sku": pl.String(),
        "units_milli": pl.Int64(),
        "unit_price_minor": pl.Int64(),
        "place": pl.String(),
    }


def _plain(*, order: NewOrder, line: NewLine) -> tuple[object, ...]:
    buyer = order.buyer
    return (
        order.external_id,
        line.line_key,
        buyer.key,
        buyer.name,
        buyer.email,
        buyer.language,
        buyer.country,
        order.postcode,
        buyer.accepts_marketing,
        order.ordered_at.astimezone(dt.UTC),
        order.currency,
        order.is_cancelled,
        line.sku,
        int(line.units * 1000),
        _minor(amount=line.unit_price, currency=order.currency),
        line.place_code,
    )


def _minor(*, amount: Decimal | None, currency: str) -> int | None:
    """Half a minor unit rounds up, as in a file: shops compute unit prices by dividing."""
    if amount is None:
        return None
    scaled = amount.scaleb(minor_digits(currency=currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))
