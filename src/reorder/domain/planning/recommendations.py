"""Recommendations kept and read: one list a customer, and the companions of each product."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from django.db import connection

from reorder.domain.planning.models import Recommendation
from reorder.domain.storage import copy_frame, run_sql

# Whom a night ranks again: who was never ranked, bought since, was ranked by an older model, or too long ago; those
# who came lately first, for they come again soonest. Who stayed away longer than `from_date` keeps what there is.
_WAITING: Final = """
SELECT visited.customer_id FROM planning_customerstatistic AS visited
LEFT JOIN planning_recommendation AS ranked ON ranked.customer_id = visited.customer_id
WHERE visited.last_date >= %(from_date)s
  AND (ranked.customer_id IS NULL OR ranked.as_of_date <= visited.last_date OR ranked.as_of_date < %(oldest_date)s
       OR ranked.model_id <> %(model_id)s)
  AND ranked.as_of_date IS DISTINCT FROM %(as_of)s
ORDER BY visited.last_date DESC, visited.customer_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class RecommendedItem:
    """One product of a list, with the code and parameters of its reason."""

    sku: str
    score: float
    code: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    """The list of one customer, the likeliest first, before stock and consent are looked at."""

    as_of_date: dt.date
    method: str
    items: list[RecommendedItem]


def find_recommendation(*, customer_id: int) -> RecommendationRow | None:
    """What was last ranked for a customer; None before the first time."""
    row = Recommendation.objects.filter(pk=customer_id).values("as_of_date", "method", "items").first()
    if row is None:
        return None
    items = [RecommendedItem(**item) for item in row["items"]]
    return RecommendationRow(as_of_date=row["as_of_date"], method=row["method"], items=items)


def list_customers_to_rank(
    *, as_of: dt.date, from_date: dt.date, oldest_date: dt.date, model_id: int, limit: int
) -> list[int]:
    """Customers with a visit since `from_date` whose list is missing, outdated, older than `oldest_date` or of another
    model; none who was ranked as of the same day already, so that a step taken twice goes on.
    """
    parameters: dict[str, Any] = {
        "as_of": as_of,
        "from_date": from_date,
        "oldest_date": oldest_date,
        "model_id": model_id,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, parameters)
        return [row[0] for row in cursor.fetchall()]


def save_recommendations(
    *, as_of: dt.date, model_id: int, method: str, customer_ids: Sequence[int], ranked: pl.DataFrame
) -> int:
    """Replace the lists of these customers by `ranked`, as `BasketModel.next_basket` returns it; returns lists written.

    Whoever has no row there has an empty list: looked at, nothing found.
    """
    ids = sorted(customer_ids)
    run_sql(statement="DELETE FROM planning_recommendation WHERE customer_id = ANY(%s::bigint[])", parameters=[ids])
    item = pl.concat_str(
        pl.lit('{"sku":'),
        pl.struct(sku="sku").struct.json_encode().str.slice(7).str.strip_suffix("}"),
        pl.lit(',"score":'),
        pl.col("score").round(5).cast(pl.String),
        pl.lit(',"code":"'),
        pl.col("reason_code"),
        pl.lit('","parameters":'),
        pl.col("reason_parameters"),
        pl.lit("}"),
    )
    lists = (
        ranked.sort("customer_id", "rank")
        .group_by("customer_id", maintain_order=True)
        .agg(items=item)
        .select(pl.col("customer_id").cast(pl.Int64), items=pl.format("[{}]", pl.col("items").list.join(",")))
    )
    rows = (
        pl.DataFrame({"customer_id": ids}, schema={"customer_id": pl.Int64})
        .join(lists, on="customer_id", how="left")
        .with_columns(
            pl.col("items").fill_null("[]"),
            as_of_date=pl.lit(as_of),
            model_id=pl.lit(model_id, pl.Int64),
            method=pl.lit(method),
        )
    )
    return copy_frame(table="planning_recommendation", frame=rows)


def replace_companions(*, as_of: dt.date, companions: pl.DataFrame) -> int:
    """Replace what goes together: sku, rank, other_sku, lift, orders_together; returns products written."""
    item = pl.struct(sku="other_sku", lift=pl.col("lift").round(2), orders="orders_together").struct.json_encode()
    rows = (
        companions.sort("sku", "rank")
        .group_by("sku", maintain_order=True)
        .agg(items=item)
        .select("sku", items=pl.format("[{}]", pl.col("items").list.join(",")), as_of_date=pl.lit(as_of))
    )
    run_sql(statement="DELETE FROM planning_companions")
    return copy_frame(table="planning_companions", frame=rows)
