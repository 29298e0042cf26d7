"""Brings the rows of a file into staging, batch by batch, each with the mark of how far the file was read."""

from collections.abc import Callable, Iterator

import polars as pl
from django.db import transaction

from reorder.connectors.base import Translated, Translator
from reorder.domain.channels import operations as channels
from reorder.domain.channels.queries import ImportRow
from reorder.flows.file_import.reading import Batch

Progress = Callable[[int], None]


def stage(*, row: ImportRow, batches: Iterator[Batch], translator: Translator, progress: Progress | None) -> None:
    """Translate and copy what is not in staging yet; `progress` hears how many bytes of the file are done.

    After a kill the file is read again from its start, because a translator may carry an order from one batch into
    the next, but rows that stand in staging are not copied again.
    """
    if row.state == "staging":
        for batch in batches:
            _stage_batch(row=row, batch=batch, translator=translator)
            if progress:
                progress(batch.bytes_done)
        with transaction.atomic():
            channels.mark_staged(import_id=row.id)


def _stage_batch(*, row: ImportRow, batch: Batch, translator: Translator) -> None:
    translated = translator.translate(rows=batch.rows)
    if batch.last_row <= row.last_row:
        return
    if batch.refused.height:
        translated = _refuse_wrong_rows(translated=translated, wrong=batch.refused)
    new = pl.col("row_number") > row.last_row
    with transaction.atomic():
        channels.append_staged(
            import_id=row.id,
            kind=row.kind,
            rows=translated.rows.filter(new),
            refused=translated.refused.filter(new),
            last_row=batch.last_row,
            read_count=batch.rows.filter(new).height,
        )


def _refuse_wrong_rows(*, translated: Translated, wrong: pl.DataFrame) -> Translated:
    """Rows with too few or too many cells go, whatever their cells seem to say, and take their order with them."""
    is_wrong = pl.col("row_number").is_in(wrong["row_number"].to_list())
    refused = wrong
    if "order_key" in translated.rows.columns:
        keys = pl.concat(
            [translated.rows.select("row_number", "order_key"), translated.refused.select("row_number", "order_key")]
        ).unique("row_number")
        refused = wrong.drop("order_key").join(keys, on="row_number", how="left").select(wrong.columns)
    return Translated(
        rows=translated.rows.filter(~is_wrong), refused=pl.concat([translated.refused.filter(~is_wrong), refused])
    )
