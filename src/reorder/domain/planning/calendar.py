"""The shop's calendar: entries are made, changed into a next version, and taken back; nothing is overwritten."""

import datetime as dt
from collections.abc import Collection, Sequence

from reorder.domain.planning.errors import UnknownEntry
from reorder.domain.planning.models import CalendarEntry
from reorder.domain.planning.signal_rules import EntryRow, NewEntry
from reorder.domain.planning.signals import entry_row

_FACTS = (
    "kind", "name", "from_date", "until_date", "scope", "key", "place_code", "price", "discount_share",
    "expected_effect_share", "note", "source_key",
)  # fmt: skip


def record_entries(
    *, entries: Sequence[NewEntry], author: str, moment: dt.datetime, replaces_id: int | None = None
) -> list[int]:
    """Write entries; those of a file whose source key stands already are left out. Returns the ids of the new ones."""
    keys = [entry.source_key for entry in entries if entry.source_key]
    standing = set(
        CalendarEntry.objects.filter(source_key__in=keys, withdrawn_at__isnull=True).values_list(
            "source_key", flat=True
        )
    )
    fresh: list[CalendarEntry] = []
    for entry in entries:
        if entry.source_key and entry.source_key in standing:
            continue
        standing.add(entry.source_key)
        facts = {name: getattr(entry, name) for name in _FACTS} | {"name": entry.name.strip()}
        fresh.append(CalendarEntry(**facts, author=author, recorded_at=moment, replaces_id=replaces_id))
    return [row.pk for row in CalendarEntry.objects.bulk_create(fresh)]


def withdraw_entry(*, entry_id: int, moment: dt.datetime, place_codes: Collection[str] = ()) -> EntryRow:
    """Take an entry back; returns it as it was.

    Raises UnknownEntry when it is gone already, and for an entry outside `place_codes` (empty: all).
    """
    row = CalendarEntry.objects.select_for_update().filter(pk=entry_id, withdrawn_at__isnull=True).first()
    if row is None or (place_codes and row.place_code not in place_codes):
        raise UnknownEntry
    CalendarEntry.objects.filter(pk=entry_id).update(withdrawn_at=moment)
    return entry_row(row)


def find_entry(*, entry_id: int) -> EntryRow | None:
    """One entry that stands, None when there is none."""
    row = CalendarEntry.objects.filter(pk=entry_id, withdrawn_at__isnull=True).first()
    return entry_row(row) if row else None


def get_withdrawn_entry(*, entry_id: int) -> EntryRow:
    """An entry that was taken back and that no later version replaced. Raises UnknownEntry."""
    row = CalendarEntry.objects.filter(pk=entry_id, withdrawn_at__isnull=False).first()
    if row is None or CalendarEntry.objects.filter(replaces_id=entry_id, withdrawn_at__isnull=True).exists():
        raise UnknownEntry
    return entry_row(row)


def list_entries(
    *, from_date: dt.date | None = None, before_date: dt.date | None = None, limit: int = 1000
) -> list[EntryRow]:
    """Standing entries that touch [from_date, before_date), by their first day."""
    rows = CalendarEntry.objects.filter(withdrawn_at__isnull=True)
    if from_date is not None:
        rows = rows.filter(until_date__gte=from_date)
    if before_date is not None:
        rows = rows.filter(from_date__lt=before_date)
    return [entry_row(row) for row in rows.order_by("from_date", "id")[:limit]]
