"""Making proposals: at most one is open for a product and place, and a decided one stays as it was decided.

What people do with them is in `deciding`.
"""

from dataclasses import dataclass

import polars as pl
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Coalesce

from reorder.domain.inventory.queries import list_places
from reorder.domain.purchasing.models import Offer, Proposal
from reorder.domain.storage import copy_frame, run_sql

_UNITS = pl.Decimal(14, 3)
_KEY = ["sku", "place"]
_SAME = [*_KEY, "supplier", "units"]
_FRESH = {
    "unit_cost_minor": "bigint",
    "currency": "text",
    "order_unit": "text",
    "order_unit_units": "numeric",
    "order_unit_cost_minor": "bigint",
    "order_by_date": "date",
    "position_units": "float8",
    "reorder_point_units": "float8",
    "daily_units": "float8",
    "risk_minor": "bigint",
    "reason_code": "text",
    "reason_parameters": "jsonb",
    "basis": "jsonb",
}
# What a person chose stays as chosen: the supplier's price and currency, and the day.
_CHOSEN = ("unit_cost_minor", "currency", "order_unit", "order_unit_units", "order_unit_cost_minor", "order_by_date")


def _fresh(name: str) -> str:
    if name not in _CHOSEN:
        return f"fresh.{name}"
    return f"CASE WHEN edits_count > 0 THEN proposal.{name} ELSE fresh.{name} END"


# Rows are matched before they reach SQL, and written by primary key: right after a large import the database has no
# statistics yet, and a join over thousands of keys could take minutes.
_REPEAT = f"""
UPDATE purchasing_proposal AS proposal
SET run_key = %(run_key)s, {", ".join(f"{name} = {_fresh(name)}" for name in _FRESH)}
FROM unnest(%(id)s::bigint[], {", ".join(f"%({name})s::{kind}[]" for name, kind in _FRESH.items())})
     AS fresh (id, {", ".join(_FRESH)})
WHERE proposal.id = fresh.id AND proposal.state = 'open'
"""  # noqa: S608 - made of constants only


@dataclass(frozen=True, slots=True)
class RecordedProposals:
    """How many proposals are new, stand as they were with fresh numbers, and are replaced or no longer needed."""

    added_count: int
    repeated_count: int
    superseded_count: int


def record_proposals(*, run_key: int, lines: pl.DataFrame, looked_at: pl.DataFrame | None = None) -> RecordedProposals:
    """Make `lines` the open proposals of the products and places that were looked at.

    `lines`: sku, place, supplier, units (selling units, > 0), order_by_date, position_units, reorder_point_units,
    daily_units, risk_minor, reason_code, reason_parameters and, if it is known, basis (JSON texts); cost and currency
    come from the offer.
    `looked_at`: sku, place; None: everything. An open proposal that is not among the lines is superseded; one with
    the same supplier and units keeps its id. Decided ones stay, and a dismissal holds for the rest of its run. So does
    what a person changed; it holds on while the plan asks for what it asked for when it was changed. Call after
    `lock_deciding`.
    """
    before = _proposals(run_key=run_key)
    if looked_at is not None:
        before = before.join(looked_at, on=_KEY, how="semi")
    open_ones = before.filter(pl.col("state") == Proposal.State.OPEN)
    given = lines if "basis" in lines.columns else lines.with_columns(basis=pl.lit("{}"))
    wanted = _with_offers(lines=given)
    repeated = wanted.join(open_ones.select(*_SAME, "id"), on=_SAME)
    held = before.filter(pl.col("is_held"))
    outdated = open_ones.join(wanted, on=_SAME, how="anti").join(held, on=_KEY, how="anti")["id"].to_list()
    added = wanted.join(repeated, on=_KEY, how="anti").join(held, on=_KEY, how="anti")
    superseded_count = Proposal.objects.filter(pk__in=outdated, state=Proposal.State.OPEN).update(
        state=Proposal.State.SUPERSEDED
    )
    columns = {name: repeated[name].to_list() for name in ("id", *_FRESH)}
    repeated_count = run_sql(statement=_REPEAT, parameters=columns | {"run_key": run_key})
    rows = added.sort("risk_minor", *_KEY, descending=[True, False, False]).select(
        pl.lit(run_key).alias("run_key"), "product_id", "place_id", "supplier_id", "units", *_FRESH
    )
    return RecordedProposals(
        added_count=copy_frame(table="purchasing_proposal", frame=rows),
        repeated_count=repeated_count,
        superseded_count=superseded_count,
    )


def _proposals(*, run_key: int) -> pl.DataFrame:
    """Open proposals, and those of this run that were dismissed, with what the plan asked for.

    `is_held`: a person decided about it in this run, so the plan leaves it alone.
    """
    found = Proposal.objects.filter(Q(state=Proposal.State.OPEN) | Q(state=Proposal.State.DISMISSED, run_key=run_key))
    is_own = Q(run_key=run_key) & (Q(state=Proposal.State.DISMISSED) | Q(edits_count__gt=0))
    rows = found.annotate(is_held=ExpressionWrapper(is_own, output_field=BooleanField())).values_list(
        "pk",
        Coalesce("planned_units", "units"),
        "product__sku",
        "place__code",
        Coalesce("planned_supplier__code", "supplier__code"),
        "state",
        "is_held",
    )
    names = ("sku", "place", "supplier", "state")
    schema = pl.Schema(
        {"id": pl.Int64(), "units": _UNITS} | dict.fromkeys(names, pl.String()) | {"is_held": pl.Boolean()}
    )
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def _with_offers(*, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with whole thousandths of units, and with the ids, cost and currency of their offers and places."""
    offers = Offer.objects.filter(supplier__code__in=lines["supplier"].unique().to_list()).values_list(
        "product__sku",
        "supplier__code",
        "product_id",
        "supplier_id",
        "unit_cost_minor",
        "supplier__currency",
        "order_unit",
        "order_unit_units",
        "order_unit_cost_minor",
    )
    schema = pl.Schema(
        {
            "sku": pl.String(),
            "supplier": pl.String(),
            "product_id": pl.Int64(),
            "supplier_id": pl.Int64(),
            "unit_cost_minor": pl.Int64(),
            "currency": pl.String(),
            "order_unit": pl.String(),
            "order_unit_units": _UNITS,
            "order_unit_cost_minor": pl.Int64(),
        }
    )
    places = pl.DataFrame(
        [(place.code, place.id) for place in list_places()],
        schema={"place": pl.String, "place_id": pl.Int64},
        orient="row",
    )
    return (
        lines.with_columns(pl.col("units").round(3).cast(_UNITS), pl.col(*_KEY, "supplier").cast(pl.String))
        .join(pl.DataFrame(list(offers), schema=schema, orient="row"), on=["sku", "supplier"])
        .join(places, on="place")
    )
