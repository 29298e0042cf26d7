"""Who belongs to which segment: of customers whom something happened to within seconds, of everybody every night.

Every transaction takes the lock of memberships first and reads the rules then, so that nobody is counted by rules that
were changed meanwhile. Whatever dies, marks stay until their customers are counted, and a night that was cut short is
made up for: `count_when_due` goes by what is out of date, not by the hour.
"""

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import DataError, transaction

from reorder.domain.marketing import segment_members as members
from reorder.domain.marketing.segment_compile import compile_many, count_sources
from reorder.domain.marketing.segment_editing import find_customer_range
from reorder.domain.marketing.segment_errors import BadRule
from reorder.domain.marketing.segment_feeds import list_written_to_since
from reorder.domain.marketing.segment_members import Change, Held, Target
from reorder.domain.marketing.segment_rules import Group, in_order, iterate_conditions, names_in, read_rules
from reorder.domain.marketing.segment_sql import Scope
from reorder.domain.marketing.segments import SegmentRow, list_segments
from reorder.domain.orders.purchases import find_usual_currency
from reorder.domain.planning import operations as planning
from reorder.domain.planning import queries
from reorder.domain.storage import one_transaction
from reorder.kernel.clock import date_at, midnight
from reorder.kernel.money import minor_digits

log = logging.getLogger(__name__)
MARK: Final = "segment"
LOT: Final = 1000
STRETCH: Final = 100_000
# Three looks of two seconds each: one that is late by one still sees everything.
_LOOK_BACK: Final = dt.timedelta(seconds=6)
# Rules that one statement holds customers against: so many that their hash tables fit into memory.
_SEGMENTS_AT_ONCE: Final = 60
_SOURCES_AT_ONCE: Final = 14


@dataclass(frozen=True, slots=True)
class Counted:
    """Customers held against rules, and how many times somebody joined or left a segment."""

    customers: int = 0
    came_count: int = 0
    left_count: int = 0
    segments: int = 0


@dataclass(frozen=True, slots=True)
class _Lot:
    """Segments that one statement counts, and their rules in the same order."""

    targets: tuple[Target, ...]
    roots: tuple[Group, ...]


def mark_customers(*, customer_ids: Sequence[int]) -> None:
    """Have these customers held against all rules within seconds; part of the transaction of what happened to them."""
    planning.mark_dirty(kind=MARK, subject_keys=[str(one) for one in customer_ids])


def refresh_marked(*, moment: dt.datetime) -> Counted:
    """Hold marked customers against all rules, lot by lot until none is marked."""
    _mark_written_to(moment=moment)
    total = Counted()
    while queries.has_dirty(kinds=(MARK,)):
        with one_transaction():
            members.lock_members()
            keys = planning.drain_dirty(kind=MARK, limit=LOT)
            lots = _plan(segments=list_segments())
            held = held_by_some(customer_ids=[int(key) for key in keys], moment=moment)
            changes = [change for lot in lots for change in _apply(lot=lot, held=held)]
        total = _added(total, customers=len(keys), changes=changes, segments=0)
    return total


def _mark_written_to(*, moment: dt.datetime) -> None:
    """Mark whose messages went out or were answered within the last looks, where any rules ask for that."""
    roots = [_read(one) for one in list_segments()]
    if any(one.kind == "message" for root in roots if root for one in iterate_conditions(node=root)):
        mark_customers(customer_ids=list_written_to_since(since=moment - _LOOK_BACK))


def refresh_all(*, moment: dt.datetime, codes: Sequence[str] | None = None) -> Counted:
    """Hold every customer against all rules, or those of some segments and of segments that name them.

    A stretch of customers a transaction: nobody waits for a million. Lists lose members who are no customers any more.
    """
    total, whole = Counted(), find_customer_range()
    planned = [target.id for lot in _plan(segments=list_segments(), codes=codes) for target in lot.targets]
    members.forget_faults(segment_ids=planned)
    for low, high in _stretches(whole) if planned else ():
        with one_transaction():
            members.lock_members()
            members.use_roomy_memory()
            lots = _plan(segments=list_segments(), codes=codes)
            held = _held(scope="stretch", parameters={"low_id": low, "high_id": high}, moment=moment)
            changes = [change for lot in lots for change in _apply(lot=lot, held=held)]
        total = _added(total, customers=high - low + 1, changes=changes, segments=sum(len(lot.roots) for lot in lots))
    with one_transaction():
        members.lock_members()
        if codes is None:
            members.drop_strays()
        segments = list_segments()
        done = {target.id for lot in _plan(segments=segments, codes=codes) for target in lot.targets}
        done |= {one.id for one in segments if one.is_list and codes is None}
        # Rules that were changed meanwhile were not held against those who came first.
        ids = [one.id for one in segments if one.id in done and one.changed_at <= moment and not one.fault]
        members.finish_count(segment_ids=ids, moment=moment, today=_today(moment))
    return Counted(total.customers, total.came_count, total.left_count, len(ids))


def count_when_due(*, moment: dt.datetime, changed_code: str | None = None) -> Counted:
    """Count what is out of date: new rules at once, everybody when a day began or a night ended since the last time.

    `changed_code`: a list that a file changed, whose members are too many to be marked; what names it is counted.
    """
    if changed_code is not None:
        return refresh_all(moment=moment, codes=[changed_code])
    segments = [one for one in list_segments() if _read(one) is not None and not one.fault]
    new = [one.code for one in segments if one.counted_at is None]
    counted = [one.counted_at for one in segments if one.counted_at is not None]
    night = queries.find_latest_run(kind="night", state="succeeded")
    ends = [
        midnight(date=_today(moment), time_zone=settings.REORDER.time_zone),
        *([night.finished_at] if night and night.finished_at else []),
    ]
    if counted and min(counted) < max(end for end in ends if end <= moment):
        return refresh_all(moment=moment)
    return refresh_all(moment=moment, codes=new) if new else Counted()


def uses_of(*, segments: Sequence[SegmentRow]) -> dict[str, tuple[str, ...]]:
    """Which segments each one's rules ask: by name, or by a tag that another one gives its members."""
    givers: dict[str, list[str]] = {}
    for one in segments:
        if one.member_tag:
            givers.setdefault(one.member_tag, []).append(one.code)
    uses = {}
    for one in segments:
        root = None if one.is_list else _read(one)
        named = list(names_in(root=root, names="segment")) if root else []
        tags = names_in(root=root, names="tag") if root else {}
        uses[one.code] = tuple(dict.fromkeys([*named, *(code for tag in tags for code in givers.get(tag.lower(), ()))]))
    return uses


def context_of(*, moment: dt.datetime) -> dict[str, Any]:
    """What compiled rules need besides their own values."""
    currency = find_usual_currency()
    return {
        "moment": moment,
        "today": _today(moment),
        "zone": settings.REORDER.time_zone,
        "currency": currency,
        "minor": 10 ** (minor_digits(currency=currency) if currency else 0),
    }


def held_by_everybody(*, moment: dt.datetime) -> Held:
    """All customers, as whoever writes memberships of a list says it."""
    return _held(scope="all", parameters={}, moment=moment)


def held_by_some(*, customer_ids: Sequence[int], moment: dt.datetime) -> Held:
    """These customers alone."""
    return _held(scope="given", parameters={"customer_ids": list(customer_ids)}, moment=moment)


def _plan(*, segments: Sequence[SegmentRow], codes: Sequence[str] | None = None) -> list[_Lot]:
    """Statements to run one after the other: what is named by others is counted before them."""
    uses, by_code = uses_of(segments=segments), {one.code: one for one in segments}
    wanted = set(by_code) if codes is None else _with_dependants(uses=uses, codes=codes)
    lots = []
    for level in in_order(uses=uses):
        ready = [(by_code[code], _read(by_code[code])) for code in level if code in wanted]
        rows = [(row, root) for row, root in ready if root is not None and not row.is_list]
        lots += [_lot(part) for part in _parts(rows)]
    return lots


def _with_dependants(*, uses: dict[str, tuple[str, ...]], codes: Sequence[str]) -> set[str]:
    wanted = set(codes)
    while more := {code for code, named in uses.items() if code not in wanted and wanted.intersection(named)}:
        wanted |= more
    return wanted


def _parts(rows: Sequence[tuple[SegmentRow, Group]]) -> Iterator[list[tuple[SegmentRow, Group]]]:
    part: list[tuple[SegmentRow, Group]] = []
    sources = 0
    for row, root in rows:
        own = count_sources(root=root)
        if part and (len(part) == _SEGMENTS_AT_ONCE or sources + own > _SOURCES_AT_ONCE):
            yield part
            part, sources = [], 0
        part.append((row, root))
        sources += own
    if part:
        yield part


def _lot(part: Sequence[tuple[SegmentRow, Group]]) -> _Lot:
    return _Lot(
        targets=tuple(
            # Who is found by rules that are new, or were changed, did not come in: nobody is told.
            Target(id=row.id, code=row.code, tells=row.counted_at is not None, member_tag=row.member_tag)
            for row, _ in part
        ),
        roots=tuple(root for _, root in part),
    )


def _apply(*, lot: _Lot, held: Held) -> list[Change]:
    """Count a lot; rules that the database cannot answer are told on their segment and hold nobody else up."""
    try:
        with transaction.atomic():
            return _count_lot(lot=lot, held=held)
    except DataError as fault:
        if len(lot.targets) == 1:
            log.warning("segment %s cannot be counted: %s", lot.targets[0].code, fault)
            members.note_fault(segment_id=lot.targets[0].id, fault=str(fault).partition("\n")[0])
            return []
    singles = [_Lot((target,), (root,)) for target, root in zip(lot.targets, lot.roots, strict=True)]
    return [change for single in singles for change in _apply(lot=single, held=held)]


def _count_lot(*, lot: _Lot, held: Held) -> list[Change]:
    compiled = compile_many(roots=lot.roots, scope=held.scope)
    now_sql = compiled.sql
    if held.scope == "stretch":
        now_sql = members.lay_out(now_sql=now_sql, values=compiled.parameters, held=held)
    return members.change_members(targets=lot.targets, now_sql=now_sql, values=compiled.parameters, held=held)


def _held(*, scope: Scope, parameters: dict[str, Any], moment: dt.datetime) -> Held:
    context = context_of(moment=moment)
    return Held(scope=scope, parameters={**context, **parameters}, moment=moment, today=context["today"])


def _read(row: SegmentRow) -> Group | None:
    """Its rules; None for rules that an older version stored and this one cannot read, which stay as they were."""
    try:
        return None if row.is_list else read_rules(rules=row.rules)
    except BadRule as fault:
        log.warning("the rules of segment %s cannot be read: %s", row.code, fault)
        return None


def _stretches(whole: tuple[int, int] | None) -> Iterator[tuple[int, int]]:
    if whole is None:
        return
    low, high = whole
    for start in range(low, high + 1, STRETCH):
        yield start, min(start + STRETCH - 1, high)


def _added(total: Counted, *, customers: int, changes: Sequence[Change], segments: int) -> Counted:
    return Counted(
        customers=total.customers + customers,
        came_count=total.came_count + sum(change.came_count for change in changes),
        left_count=total.left_count + sum(change.left_count for change in changes),
        segments=max(total.segments, segments),
    )


def _today(moment: dt.datetime) -> dt.date:
    return date_at(moment=moment, time_zone=settings.REORDER.time_zone)
