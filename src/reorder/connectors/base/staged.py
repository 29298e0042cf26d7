"""The columns of staged rows: one meaning and one type, whatever file they come from."""

from collections.abc import Mapping

import polars as pl

from reorder.connectors.base.contract import Kind

_MOMENT = pl.Datetime("us", "UTC")
_WHOLE = pl.Int64()
_TEXT = pl.String()
_YES = pl.Boolean()

# `row_part` counts the lines that came out of one row of the file, from 0. `block_row` is the first row of the
# contiguous block that spells an order, 0 in files whose rows may come in any order. Units are thousandths.
_ORDERS: dict[str, pl.DataType] = {
    "row_number": _WHOLE,
    "row_part": _WHOLE,
    "block_row": _WHOLE,
    "order_key": _TEXT,
    "line_key": _TEXT,
    "customer_key": _TEXT,
    "customer_name": _TEXT,
    "email": _TEXT,
    "accepts_marketing": _YES,
    "language": _TEXT,
    "country": _TEXT,
    "postcode": _TEXT,
    "ordered_at": _MOMENT,
    "currency": _TEXT,
    "is_cancelled": _YES,
    "sku": _TEXT,
    "product_name": _TEXT,
    "category": _TEXT,
    "units_milli": _WHOLE,
    "unit_price_minor": _WHOLE,
    "place": _TEXT,
}
_PRODUCTS: dict[str, pl.DataType] = {
    "row_number": _WHOLE,
    "sku": _TEXT,
    "name": _TEXT,
    "brand": _TEXT,
    "category": _TEXT,
    "barcode": _TEXT,
    "currency": _TEXT,
    "price_minor": _WHOLE,
    "unit_cost_minor": _WHOLE,
    "weight_grams": _WHOLE,
    "length_mm": _WHOLE,
    "width_mm": _WHOLE,
    "height_mm": _WHOLE,
    "temperature_class": _TEXT,
    "hazard_class": _TEXT,
    "is_oversize": _YES,
    "is_upright": _YES,
    "is_fragile": _YES,
    "keep_apart": _TEXT,
    "goods_owner": _TEXT,
    "shelf_life_days": _WHOLE,
    "planned_by": _TEXT,
    "state": _TEXT,
    "supplier": _TEXT,
    "supplier_name": _TEXT,
    "supplier_email": _TEXT,
    "supplier_sku": _TEXT,
    "lead_days": _WHOLE,
    "pack_milli": _WHOLE,
    "minimum_milli": _WHOLE,
    "order_weekdays": _TEXT,
    "like_sku": _TEXT,
    "order_unit": _TEXT,
    "order_unit_milli": _WHOLE,
    "order_unit_cost_minor": _WHOLE,
}
_STOCK: dict[str, pl.DataType] = {
    "row_number": _WHOLE,
    "sku": _TEXT,
    "place": _TEXT,
    "on_hand_milli": _WHOLE,
    "lot": _TEXT,
    "expires_date": pl.Date(),
}
# `email` is given only where the file names no id of the person; `message_id` only where it has one.
_EVENTS: dict[str, pl.DataType] = {
    "row_number": _WHOLE,
    "message_id": _TEXT,
    "customer_key": _TEXT,
    "email": _TEXT,
    "kind": _TEXT,
    "happened_at": _MOMENT,
    "sku": _TEXT,
    "search_text": _TEXT,
}
# A signal of a product, of a category or of neither; without a place of all places, without a moment known from now on.
_SIGNALS: dict[str, pl.DataType] = {
    "row_number": _WHOLE,
    "kind": _TEXT,
    "name": _TEXT,
    "sku": _TEXT,
    "category": _TEXT,
    "place": _TEXT,
    "date": pl.Date(),
    "number": pl.Float64(),
    "text": _TEXT,
    "known_at": _MOMENT,
    "source": _TEXT,
}
STAGED_COLUMNS: Mapping[Kind, Mapping[str, pl.DataType]] = {
    Kind.ORDERS: _ORDERS,
    Kind.PRODUCTS: _PRODUCTS,
    Kind.STOCK: _STOCK,
    Kind.EVENTS: _EVENTS,
    Kind.SIGNALS: _SIGNALS,
}


def shape_staged(*, rows: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """Exactly the staged columns in their order; a column that the file does not have is null."""
    present = set(rows.columns)
    return rows.select(
        (pl.col(name) if name in present else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in STAGED_COLUMNS[kind].items()
    )
