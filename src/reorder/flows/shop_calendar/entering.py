"""Entries of the calendar by people: made, changed into a next version, taken back, and back again."""

import datetime as dt
from collections.abc import Collection

from django.conf import settings

from reorder.domain.planning import calendar
from reorder.domain.planning.errors import UnknownEntry
from reorder.domain.planning.rules import ALL_PLACES
from reorder.domain.planning.signal_rules import EntryRow, NewEntry, refuse_bad_entry
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.shop_calendar.knowing import known_among
from reorder.kernel.clock import date_at


def add_entry(*, entry: NewEntry, place_codes: frozenset[str], moment: dt.datetime, decided_by: str) -> int:
    """Enter a promotion, event, holiday or closing; the next night's forecast knows it. Returns its id.

    `place_codes` limits where (empty: everywhere). Raises BadEntry, UnknownEntry for a place that is not theirs.
    """
    _judge(entry=entry, place_codes=place_codes, moment=moment)
    with one_transaction():
        made = calendar.record_entries(entries=[entry], author=decided_by, moment=moment)
        _audit(actor=decided_by, action="planning.add_entry", entry_id=made[0], entry=entry)
    return made[0]


def change_entry(
    *, entry_id: int, entry: NewEntry, place_codes: frozenset[str], moment: dt.datetime, decided_by: str
) -> int:
    """Withdraw an entry and enter its next version; a past night still sees what stood then. Returns the new id.

    Raises BadEntry, and UnknownEntry when somebody else changed it meanwhile.
    """
    _judge(entry=entry, place_codes=place_codes, moment=moment)
    with one_transaction():
        calendar.withdraw_entry(entry_id=entry_id, moment=moment, place_codes=place_codes)
        made = calendar.record_entries(entries=[entry], author=decided_by, moment=moment, replaces_id=entry_id)
        _audit(actor=decided_by, action="planning.change_entry", entry_id=made[0], entry=entry)
    return made[0]


def withdraw_entry(*, entry_id: int, place_codes: frozenset[str], moment: dt.datetime, decided_by: str) -> EntryRow:
    """Take an entry back; returns it. Raises UnknownEntry."""
    with one_transaction():
        taken = calendar.withdraw_entry(entry_id=entry_id, moment=moment, place_codes=place_codes)
        _audit(actor=decided_by, action="planning.withdraw_entry", entry_id=entry_id, entry=_again(taken))
    return taken


def restore_entry(*, entry_id: int, place_codes: frozenset[str], moment: dt.datetime, decided_by: str) -> int:
    """Undo taking back: the entry stands again, known from now on. Returns the new id. Raises UnknownEntry."""
    with one_transaction():
        taken = calendar.get_withdrawn_entry(entry_id=entry_id)
        _refuse_foreign(place_code=taken.place_code, place_codes=place_codes)
        made = calendar.record_entries(entries=[_again(taken)], author=decided_by, moment=moment, replaces_id=entry_id)
        if not made:
            raise UnknownEntry
        _audit(actor=decided_by, action="planning.restore_entry", entry_id=made[0], entry=_again(taken))
    return made[0]


def _judge(*, entry: NewEntry, place_codes: frozenset[str], moment: dt.datetime) -> None:
    today = date_at(moment=moment, time_zone=settings.REORDER.time_zone)
    refuse_bad_entry(entry=entry, known=known_among(told=[entry]), today=today)
    _refuse_foreign(place_code=entry.place_code, place_codes=place_codes)


def _refuse_foreign(*, place_code: str, place_codes: Collection[str]) -> None:
    """Who is limited to places changes nothing that holds elsewhere too."""
    if place_codes and (place_code == ALL_PLACES or place_code not in place_codes):
        raise UnknownEntry


def _again(row: EntryRow) -> NewEntry:
    return NewEntry(
        kind=row.kind,
        name=row.name,
        from_date=row.from_date,
        until_date=row.until_date,
        scope=row.scope,
        key=row.key,
        place_code=row.place_code,
        price=row.price,
        discount_share=row.discount_share,
        expected_effect_share=row.expected_effect_share,
        note=row.note,
        source_key=row.source_key,
    )


def _audit(*, actor: str, action: str, entry_id: int, entry: NewEntry) -> None:
    record_audit(
        actor=actor,
        action=action,
        subject_kind="calendar",
        subject_key=str(entry_id),
        details={
            "kind": entry.kind,
            "name": entry.name,
            "from": entry.from_date.isoformat(),
            "until": entry.until_date.isoformat(),
            "key": entry.key,
            "place": entry.place_code,
        },
    )
