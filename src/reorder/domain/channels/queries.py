"""Reads of the import log and of what stands in staging."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from reorder.domain.channels.errors import ImportGone
from reorder.domain.channels.models import ImportFile

_BLOCK_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import: which file, how far it got, what it counted."""

    id: int
    sha256: str
    name: str
    channel: str
    kind: str
    format: str
    state: str
    last_row: int
    rows_staged: int
    rows_read: int
    counts: Mapping[str, int]
    started_at: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One refused cell; `reason_code` and `detail` make the sentence."""

    row_number: int
    column_name: str
    value: str | None
    reason_code: str
    detail: str


def get_import(*, import_id: int) -> ImportRow:
    """One import; raises ImportGone."""
    found = ImportFile.objects.filter(pk=import_id).first()
    if found is None:
        raise ImportGone(import_id=import_id)
    return _row(found)


def find_finished_import(*, sha256: str, channel: str, kind: str) -> ImportRow | None:
    """The last finished import of exactly this content, None when there is none."""
    done = ImportFile.objects.filter(sha256=sha256, channel=channel, kind=kind, state="done").order_by("-pk").first()
    return _row(done) if done else None


def has_later_import(*, row: ImportRow) -> bool:
    """Whether another file of the same kind and channel was imported after this one."""
    later = ImportFile.objects.filter(pk__gt=row.id, channel=row.channel, kind=row.kind, state="done")
    return later.exclude(sha256=row.sha256).exists()


def find_unfinished_import(*, sha256: str, channel: str, kind: str, file_format: str) -> ImportRow | None:
    """The newest import of this content that was begun and neither finished nor failed."""
    begun = ImportFile.objects.filter(
        sha256=sha256, channel=channel, kind=kind, format=file_format, state__in=["staging", "staged"]
    )
    row = begun.order_by("-pk").first()
    return _row(row) if row else None


def list_imports(*, limit: int = 20) -> list[ImportRow]:
    """The latest imports, newest first."""
    return [_row(row) for row in ImportFile.objects.order_by("-pk")[:limit]]


def count_staged(*, import_id: int, kind: str) -> int:
    """Rows and refusals of one import that stand in staging now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT count(*) FROM channels_staged{kind} WHERE import_id = %(id)s)"  # noqa: S608 - kind is ours
            " + (SELECT count(*) FROM channels_stagedrefusal WHERE import_id = %(id)s)",
            {"id": import_id},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def count_rows_of_view(*, source: str) -> int:
    """Rows of one of the temporary views that settling leaves."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {source}")  # noqa: S608 - the name is ours
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def count_refused_rows(*, import_id: int) -> int:
    """How many rows of the file were refused; a row with several faults counts once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT row_number) FROM channels_stagedrefusal WHERE import_id = %s", [import_id]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def list_refusals(*, import_id: int) -> Iterator[RefusalRow]:
    """All refusals in the order of the file, a block at a time; to be read inside the transaction that settled them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT row_number, column_name, value, reason_code, detail FROM channels_stagedrefusal
               WHERE import_id = %s ORDER BY row_number, column_name, reason_code""",
            [import_id],
        )
        while block := cursor.fetchmany(_BLOCK_ROWS):
            yield from (RefusalRow(*row) for row in block)


@dataclass(frozen=True, slots=True)
class StagedCount:
    """A staged stock count; `place_code` is empty where the file names none."""

    product_id: int
    sku: str
    place_code: str
    lot: str
    units: Decimal
    expires_date: dt.date | None


def list_staged_counts() -> list[StagedCount]:
    """The counts of the temporary view `staged_stock`, whose products must exist already."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT product.id, staged.sku, coalesce(staged.place, ''), coalesce(staged.lot, ''),
                      staged.on_hand_milli / 1000.0, staged.expires_date
               FROM staged_stock AS staged JOIN catalog_product AS product USING (sku) ORDER BY staged.row_number"""
        )
        return [StagedCount(*row) for row in cursor.fetchall()]


def count_rows_of_products(*, product_ids: Collection[int]) -> int:
    """Rows of the temporary view `staged_product_row` that are about one of these products."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM staged_product_row JOIN catalog_product AS product USING (sku)
               WHERE product.id = ANY(%s)""",
            [list(product_ids)],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def list_staged_places(*, source: str) -> list[str]:
    """Distinct places that the temporary view `source` (staged_line or staged_stock) names."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT place FROM {source} WHERE place IS NOT NULL ORDER BY place")  # noqa: S608
        return [row[0] for row in cursor.fetchall()]


def _row(row: ImportFile) -> ImportRow:
    return ImportRow(
        id=row.pk,
        sha256=row.sha256,
        name=row.name,
        channel=row.channel,
        kind=row.kind,
        format=row.format,
        state=row.state,
        last_row=row.last_row,
        rows_staged=row.rows_staged,
        rows_read=row.rows_read,
        counts=row.counts,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
