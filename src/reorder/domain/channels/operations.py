"""Writes of the import log and of staging; what staged rows mean for a kind is settled in `settling`."""

import datetime as dt
from collections.abc import Mapping

import polars as pl
from django.db.models.functions import Now

from reorder.domain.channels.errors import ImportGone
from reorder.domain.channels.models import ImportFile
from reorder.domain.channels.queries import ImportRow, count_staged, find_unfinished_import
from reorder.domain.storage import copy_frame, run_sql

_KINDS = ("orders", "products", "stock", "events", "signals")


def open_import(*, sha256: str, name: str, channel: str, kind: str, file_format: str) -> ImportRow:
    """Begin an import, or carry on the one of the same content that was cut off.

    An unfinished import whose staged rows are not all there (the database crashed and emptied its unlogged tables)
    starts from the first row again.
    """
    found = find_unfinished_import(sha256=sha256, channel=channel, kind=kind, file_format=file_format)
    if found is None:
        ImportFile.objects.create(sha256=sha256, name=name, channel=channel, kind=kind, format=file_format)
    elif count_staged(import_id=found.id, kind=kind) != found.rows_staged:
        _restart_staging(import_id=found.id)
    opened = find_unfinished_import(sha256=sha256, channel=channel, kind=kind, file_format=file_format)
    if opened is None:
        raise ImportGone(import_id=found.id if found else 0)
    return opened


def _restart_staging(*, import_id: int) -> None:
    clear_staging(import_id=import_id)
    ImportFile.objects.filter(pk=import_id).update(last_row=0, rows_staged=0, rows_read=0, state="staging")


def append_staged(
    *, import_id: int, kind: str, rows: pl.DataFrame, refused: pl.DataFrame, last_row: int, read_count: int
) -> None:
    """Copy one batch into staging; rows and the mark of how far the file was read commit together.

    `rows` has the staged columns of `kind`, `refused` those of refusals, `last_row` the last row of the file that the
    batch covers, `read_count` its rows. Raises ImportGone unless the import is being staged.
    """
    mark = pl.lit(import_id).alias("import_id")
    copy_frame(table=f"channels_staged{kind}", frame=rows.with_columns(mark))
    if refused.height:
        copy_frame(table="channels_stagedrefusal", frame=refused.with_columns(mark))
    touched = run_sql(
        statement="""UPDATE channels_importfile
                     SET last_row = %(last_row)s, rows_staged = rows_staged + %(staged)s,
                         rows_read = rows_read + %(read)s
                     WHERE id = %(id)s AND state = 'staging' AND last_row < %(last_row)s""",
        parameters={
            "last_row": last_row,
            "staged": rows.height + refused.height,
            "read": read_count,
            "id": import_id,
        },
    )
    if not touched:
        raise ImportGone(import_id=import_id)


def mark_staged(*, import_id: int) -> None:
    """All rows are in staging; raises ImportGone unless the import was being staged."""
    if not ImportFile.objects.filter(pk=import_id, state__in=["staging", "staged"]).update(state="staged"):
        raise ImportGone(import_id=import_id)


def finish_import(*, import_id: int, counts: Mapping[str, int]) -> None:
    """Record what an import counted and empty its staging; raises ImportGone unless it was staged."""
    touched = ImportFile.objects.filter(pk=import_id, state="staged").update(
        state="done",
        rows_read=counts["read"],
        rows_imported=counts["imported"],
        rows_unchanged=counts["unchanged"],
        rows_rejected=counts["rejected"],
        counts=dict(counts),
        finished_at=Now(),
    )
    if not touched:
        raise ImportGone(import_id=import_id)
    clear_staging(import_id=import_id)


def fail_import(*, import_id: int, error: str) -> None:
    """Close an import that cannot be carried on, with the cause, and empty its staging."""
    clear_staging(import_id=import_id)
    ImportFile.objects.filter(pk=import_id, state__in=["staging", "staged"]).update(
        state="failed", error=error, finished_at=Now()
    )


def expire_imports(*, started_before: dt.datetime) -> int:
    """Give up imports that were cut off before a moment and never repeated: their rows hold personal facts.

    Returns how many there were.
    """
    abandoned = ImportFile.objects.filter(state__in=["staging", "staged"], started_at__lt=started_before)
    numbers = list(abandoned.values_list("pk", flat=True))
    for number in numbers:
        fail_import(import_id=number, error="cut off and never repeated; its staged rows were removed")
    return len(numbers)


def clear_staging(*, import_id: int) -> None:
    """Remove the staged rows of one import; tables that no other import uses are truncated, which leaves no bloat."""
    others = ImportFile.objects.filter(state__in=["staging", "staged"]).exclude(pk=import_id).exists()
    for table in [*(f"channels_staged{kind}" for kind in _KINDS), "channels_stagedrefusal"]:
        if others:
            run_sql(statement=f"DELETE FROM {table} WHERE import_id = %s", parameters=[import_id])  # noqa: S608
        else:
            run_sql(statement=f"TRUNCATE {table}")
