"""What was learned and fitted, kept and found again: models as bytes, effects of the last fit as columns."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.db.models import BinaryField, F, Func, TextField, Value

from reorder.domain.planning.models import LearnedModel, StatisticsState
from reorder.domain.storage import copy_frame, run_sql

# The last one answers; the ones before are kept to look back at.
KEPT: Final = 4
_SAVE_PRODUCT_EFFECTS: Final = """
UPDATE planning_productstatistic AS known SET effect = given.effect
FROM fitted_effect AS given WHERE known.subject = given.name AND known.effect <> given.effect
"""
_SAVE_CATEGORY_EFFECTS: Final = """
INSERT INTO planning_categorystatistic AS known (category_code, effect) SELECT name, effect FROM fitted_effect
ON CONFLICT (category_code) DO UPDATE SET effect = excluded.effect WHERE known.effect <> excluded.effect
"""
_DROP_CATEGORY_EFFECTS: Final = """
DELETE FROM planning_categorystatistic WHERE category_code NOT IN (SELECT name FROM fitted_effect)
"""


@dataclass(frozen=True, slots=True)
class LearnedRow:
    """One stored model without its bytes; `checksum` was their SHA-256 when they were stored."""

    id: int
    kind: str
    version: int
    as_of_date: dt.date
    made_at: dt.datetime
    checksum: str
    summary: str
    seconds: float


def find_learned(*, kind: str) -> LearnedRow | None:
    """The latest model of a kind."""
    row = LearnedModel.objects.filter(kind=kind).defer("content").order_by("-pk").first()
    if row is None:
        return None
    return LearnedRow(
        id=row.pk,
        kind=row.kind,
        version=row.version,
        as_of_date=row.as_of_date,
        made_at=row.made_at,
        checksum=row.checksum,
        summary=row.summary,
        seconds=row.seconds,
    )


def read_digest(*, row_id: int) -> str:
    """SHA-256 of a stored model's bytes as they are now, made by the database; empty where it was forgotten."""
    hashed = Func(F("content"), function="sha256", output_field=BinaryField())
    digest = Func(hashed, Value("hex"), function="encode", output_field=TextField())
    return LearnedModel.objects.filter(pk=row_id).values_list(digest, flat=True).first() or ""


def read_content(*, row_id: int) -> bytes:
    """The bytes of a stored model; none where it was forgotten meanwhile."""
    found = LearnedModel.objects.filter(pk=row_id).values_list("content", flat=True).first()
    return bytes(found or b"")


def checksum_of(*, content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def save_learned(*, kind: str, version: int, as_of: dt.date, content: bytes, summary: str, seconds: float) -> int:
    """Store a model, which is the latest of its kind from now on; forgets the oldest ones. Returns its id."""
    made = LearnedModel.objects.create(
        kind=kind,
        version=version,
        as_of_date=as_of,
        checksum=checksum_of(content=content),
        content=content,
        summary=summary,
        seconds=seconds,
    )
    kept = LearnedModel.objects.filter(kind=kind).order_by("-pk").values_list("pk", flat=True)[:KEPT]
    LearnedModel.objects.filter(kind=kind).exclude(pk__in=list(kept)).delete()
    return int(made.pk)


def save_effects(
    *, as_of: dt.date, base_rate_per_day: float, shape: float, products: pl.DataFrame, categories: pl.DataFrame
) -> None:
    """Store what a fit found for the whole shop: products (sku, effect), categories (category, effect).

    Effects of customers are computed from their own pairs whenever they are needed.
    """
    _lay_out(products.rename({"sku": "name"}))
    run_sql(statement=_SAVE_PRODUCT_EFFECTS)
    _lay_out(categories.rename({"category": "name"}))
    run_sql(statement=_SAVE_CATEGORY_EFFECTS)
    run_sql(statement=_DROP_CATEGORY_EFFECTS)
    StatisticsState.objects.filter(pk=1).update(base_rate_per_day=base_rate_per_day, shape=shape, effects_date=as_of)


def note_refresh(*, is_needed: bool) -> None:
    """Remember whether every pair must be predicted again."""
    StatisticsState.objects.filter(pk=1).update(is_refresh_needed=is_needed)


def _lay_out(effects: pl.DataFrame) -> None:
    run_sql(statement="DROP TABLE IF EXISTS fitted_effect")
    run_sql(statement="CREATE TEMP TABLE fitted_effect (name text, effect float8) ON COMMIT DROP")
    copy_frame(table="fitted_effect", frame=effects.select("name", "effect"))
    run_sql(statement="ANALYZE fitted_effect")
