"""The column contract of every table that enters or leaves the engine; a frame that passed `require` can be trusted.

Checks stop at the first fault and name frame, column and row, because a person has to find it in their own file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from reorder.kernel.errors import BadInput

DAY = pl.Date()
MOMENT = pl.Datetime("us", "UTC")
MOST_UNITS = 1e15  # a day's sales above this are a broken file; their squares would overflow


class InvalidFrame(BadInput):
    """A frame breaks its contract; `frame`, `column` and `row` (0-based, or None for the whole column) say where."""

    code = "frames.invalid"
    template = "{frame}.{column}: {reason} (first at row {row})"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a contract. Numeric columns are cast to `dtype` when that loses nothing."""

    dtype: pl.DataType
    nullable: bool = False
    optional: bool = False
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A named set of columns and the key that may not repeat."""

    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()


_TEXT = Column(pl.String())
ORDER_LINES = Frame(
    "order_lines",
    {
        "customer_id": _TEXT,
        "order_id": _TEXT,
        "ordered_at": Column(MOMENT),
        "sku": _TEXT,
        "quantity": Column(pl.Float64(), above=0.0),
        "unit_price": Column(pl.Float64(), nullable=True, optional=True, minimum=0.0),
        "category": Column(pl.String(), nullable=True, optional=True),
    },
)
EVENTS = Frame(
    "events",
    {
        "customer_id": _TEXT,
        "kind": _TEXT,  # view, cart, search, promotion
        "sku": Column(pl.String(), nullable=True, optional=True),
        "happened_at": Column(MOMENT),
    },
)
HISTORY = Frame(
    "history",
    {
        "sku": _TEXT,
        "place": _TEXT,
        "date": Column(DAY),
        "units": Column(pl.Float64(), minimum=0.0, maximum=MOST_UNITS),
        "in_stock": Column(pl.Boolean(), nullable=True, optional=True),
    },
    key=("sku", "place", "date"),
)
KNOWN_FUTURE = Frame("known_future", {"sku": _TEXT, "place": _TEXT, "date": Column(DAY)}, key=("sku", "place", "date"))
INCUMBENTS, OVERRIDES = (
    Frame(name, {"sku": _TEXT, "place": _TEXT, "methods": Column(pl.List(pl.String()))}, key=("sku", "place"))
    for name in ("incumbents", "overrides")
)
PRODUCTS = Frame(
    "products",
    {
        "sku": _TEXT,
        "category": Column(pl.String(), nullable=True, optional=True),
        "unit_price": Column(pl.Float64(), nullable=True, optional=True, minimum=0.0),
        "like_sku": Column(pl.String(), nullable=True, optional=True),
        "is_discontinued": Column(pl.Boolean(), nullable=True, optional=True),
    },
    key=("sku",),
)
LEAD_TIMES = Frame(
    "lead_times",
    {
        "sku": _TEXT,
        "place": _TEXT,
        "supplier": _TEXT,
        "lead_days": Column(pl.Int64(), minimum=0.0),
        "received_date": Column(DAY, nullable=True, optional=True),
    },
)
POSITION = Frame(
    "position",
    {
        "sku": _TEXT,
        "place": _TEXT,
        **{
            name: Column(pl.Float64(), minimum=0.0)
            for name in ("on_hand", "incoming", "allocated", "held", "backordered")
        },
    },
    key=("sku", "place"),
)
CONSTRAINTS = Frame(
    "constraints",
    {
        "sku": _TEXT,
        "place": _TEXT,
        "supplier": _TEXT,
        "pack_units": Column(pl.Float64(), above=0.0),
        "minimum_units": Column(pl.Float64(), minimum=0.0),
        "maximum_cover_days": Column(pl.Float64(), nullable=True, optional=True, above=0.0),
        "shelf_life_days": Column(pl.Float64(), nullable=True, optional=True, above=0.0),
        "unit_cost": Column(pl.Float64(), minimum=0.0),
        "order_weekdays": Column(pl.List(pl.Int64()), nullable=True, optional=True),
    },
    key=("sku", "place", "supplier"),
)
TERMS = Frame(
    "terms",
    {
        "sku": _TEXT,
        "place": _TEXT,
        "service_level": Column(pl.Float64(), above=0.0),
        "review_days": Column(pl.Int64(), minimum=0.0),
        "unit_cost": Column(pl.Float64(), minimum=0.0),
        "holding_share_per_day": Column(pl.Float64(), minimum=0.0),
        "order_cost": Column(pl.Float64(), minimum=0.0),
        "lost_unit_cost": Column(pl.Float64(), minimum=0.0),
        "fill_rate": Column(pl.Float64(), nullable=True, optional=True, above=0.0),
    },
    key=("sku", "place"),
)

DUE = Frame(
    "due",
    {
        "customer_id": _TEXT,
        "sku": _TEXT,
        **{name: Column(DAY) for name in ("due_p10_date", "due_p25_date", "due_date", "due_p75_date", "due_p90_date")},
        **{
            name: Column(pl.Float64(), minimum=0.0)
            for name in ("active_share", "within_7_days", "within_14_days", "within_30_days")
        },
        "expected_units": Column(pl.Float64(), nullable=True, optional=True, minimum=0.0),
        "evidence": Column(pl.String(), nullable=True, optional=True),
        "segment": Column(pl.String(), nullable=True, optional=True),
        "as_of_date": Column(DAY, nullable=True, optional=True),
    },
    key=("customer_id", "sku"),
)
MARGINS = Frame("margins", {"sku": _TEXT, "margin_minor": Column(pl.Float64(), nullable=True)}, key=("sku",))
UPLIFT = Frame(
    "uplift",
    {"lateness": _TEXT, "evidence": _TEXT, "segment": _TEXT, "lift_share": Column(pl.Float64(), minimum=-1.0)},
    key=("lateness", "evidence", "segment"),
)
CONTACT_COSTS = Frame(
    "contact_costs",
    {"customer_id": _TEXT, "message_cost_minor": Column(pl.Float64(), minimum=0.0)},
    key=("customer_id",),
)
BEST_HOURS = Frame(
    "best_hours",
    {
        "customer_id": _TEXT,
        "hour": Column(pl.Int64(), minimum=0.0),
        "is_own": Column(pl.Boolean()),
        "time_zone": Column(pl.String(), nullable=True, optional=True),
    },
    key=("customer_id",),
)
CONTACT_OUTCOMES = Frame(
    "contact_outcomes",
    {
        "customer_id": _TEXT,
        "arm": _TEXT,  # treated, held_out
        "lateness": _TEXT,  # early, on_time, late
        "evidence": _TEXT,
        "segment": _TEXT,
        "trials": Column(pl.Float64(), above=0.0),
        "hits": Column(pl.Float64(), minimum=0.0),
    },
    key=("customer_id", "arm", "lateness", "evidence", "segment"),
)


def require(*, table: pl.DataFrame, contract: Frame) -> pl.DataFrame:
    """`table` with the contract's columns cast to their types, other columns untouched.

    Optional columns that are missing are added as nulls. Raises InvalidFrame for a missing column, wrong type, null,
    a number that is not finite or too small, or a repeated key.
    """
    if not isinstance(table, pl.DataFrame):
        raise InvalidFrame(frame=contract.name, column="*", row=None, reason=f"not a Polars frame but {type(table)}")
    for name, column in contract.columns.items():
        table = _require_column(table=table, frame=contract.name, name=name, column=column)
    _require_key(table=table, contract=contract)
    return table


def _require_column(*, table: pl.DataFrame, frame: str, name: str, column: Column) -> pl.DataFrame:
    if name not in table.columns:
        if column.optional:
            return table.with_columns(pl.lit(None, dtype=column.dtype).alias(name))
        raise InvalidFrame(frame=frame, column=name, row=None, reason="the column is missing")
    values = _cast(table[name], frame=frame, name=name, dtype=column.dtype)
    _refuse(values.is_null() if not column.nullable else None, frame=frame, name=name, reason="is empty")
    if column.dtype == pl.Float64():
        _refuse(~values.is_finite(), frame=frame, name=name, reason="is not a finite number")
    if column.minimum is not None:
        _refuse(values < column.minimum, frame=frame, name=name, reason=f"is below {column.minimum:g}")
    if column.maximum is not None:
        _refuse(values > column.maximum, frame=frame, name=name, reason=f"is above {column.maximum:g}")
    if column.above is not None:
        _refuse(values <= column.above, frame=frame, name=name, reason=f"must be above {column.above:g}")
    return table.with_columns(values.alias(name))


def _cast(values: pl.Series, *, frame: str, name: str, dtype: pl.DataType) -> pl.Series:
    if values.dtype == dtype:
        return values
    wanted_number = dtype.is_numeric()
    acceptable = (
        values.dtype == pl.Null()
        or (wanted_number and values.dtype.is_numeric())
        or (dtype == pl.String() and values.dtype in {pl.Categorical, pl.Enum})
        or (dtype == MOMENT and isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is not None)
        or (isinstance(dtype, pl.List) and isinstance(values.dtype, pl.List))
    )
    if not acceptable:
        raise InvalidFrame(frame=frame, column=name, row=None, reason=f"has type {values.dtype}, expected {dtype}")
    if isinstance(dtype, pl.Datetime) and values.dtype != pl.Null():
        return values.dt.convert_time_zone("UTC").cast(dtype)
    cast = values.cast(dtype, strict=False)
    _refuse(cast.is_null() & values.is_not_null(), frame=frame, name=name, reason=f"does not fit {dtype}")
    if dtype == pl.Int64() and values.dtype.is_float():
        _refuse(cast.cast(pl.Float64) != values, frame=frame, name=name, reason="is not a whole number")
    return cast


def _refuse(faults: pl.Series | None, *, frame: str, name: str, reason: str) -> None:
    if faults is None:
        return
    position = faults.fill_null(value=False).arg_max() if faults.len() else None
    if position is not None and faults[position]:
        raise InvalidFrame(frame=frame, column=name, row=position, reason=reason)


def _require_key(*, table: pl.DataFrame, contract: Frame) -> None:
    if not contract.key or table.height == 0:
        return
    repeated = table.select(contract.key).is_duplicated()
    if repeated.any():
        first = repeated.arg_max()
        values = table.select(contract.key).row(first or 0)
        raise InvalidFrame(
            frame=contract.name, column="+".join(contract.key), row=first, reason=f"repeats the key {values}"
        )
