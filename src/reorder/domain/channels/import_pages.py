"""Reads of the import log for lists."""

import datetime as dt
from dataclasses import dataclass

from reorder.domain.channels.models import ImportFile


@dataclass(frozen=True, slots=True)
class ImportLogRow:
    """One import as the log shows it; rows read while it runs, all four counts when it is done."""

    id: int
    name: str
    channel: str
    kind: str
    state: str
    rows_read: int
    rows_imported: int
    rows_unchanged: int
    rows_rejected: int
    error: str
    started_at: dt.datetime
    finished_at: dt.datetime | None


def list_import_page(*, state: str = "", before_id: int | None, limit: int = 50) -> list[ImportLogRow]:
    """The newest imports, those before `before_id` when given, of one state when named."""
    rows = ImportFile.objects.order_by("-pk")
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(pk__lt=before_id) if before_id is not None else rows
    return [ImportLogRow(**{name: getattr(row, name) for name in ImportLogRow.__slots__}) for row in rows[:limit]]


def list_channels(*, limit: int = 20) -> list[str]:
    """Shops that files came from before, for people who need not type one again."""
    names = ImportFile.objects.exclude(channel="file").order_by("channel").values_list("channel", flat=True)
    return list(names.distinct()[:limit])
