"""Rule segments and lists as the desk shows them: sizes and change, members, history, and what asks for them."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.catalog.queries import list_categories
from reorder.domain.customers import profile
from reorder.domain.customers.profile import AttributeRow, TagRow
from reorder.domain.customers.queries import get_customer
from reorder.domain.marketing import segment_lists, segments
from reorder.domain.marketing.segment_lists import ListImportRow, RejectionRow
from reorder.domain.marketing.segments import DayRow, MemberRow, SegmentRow, StayRow
from reorder.domain.staff.rules import Ability, Actor

HISTORY_DAYS: Final = 90
CHANGE_DAYS: Final = 7
_MOST_NAMES: Final = 300


@dataclass(frozen=True, slots=True)
class ListedSegment:
    """A segment of the list, and by how many it grew or shrank in the last days; None where that is not known."""

    row: SegmentRow
    change: int | None


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """One segment with its history, some members, and, of a list, its latest files."""

    row: SegmentRow
    days: Sequence[DayRow]
    members: Sequence[MemberRow]
    after_id: int | None
    imports: Sequence[ListImportRow]


@dataclass(frozen=True, slots=True)
class RuleNames:
    """What rules may name: segments with their names, tags, attributes and categories that there are."""

    segments: Sequence[tuple[str, str]]
    tags: Sequence[str]
    attributes: Sequence[str]
    categories: Sequence[str]


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    """What is said of one customer besides facts: tags, attributes, and the segments they are or were in."""

    tags: Sequence[TagRow]
    attributes: Sequence[AttributeRow]
    stays: Sequence[StayRow]


def list_names() -> RuleNames:
    """Names that rules may use, as suggestions."""
    return RuleNames(
        segments=[(one.code, one.name) for one in segments.list_segments()],
        tags=profile.list_known_tags(limit=_MOST_NAMES),
        attributes=profile.list_known_attributes(limit=_MOST_NAMES),
        categories=[code for code, _name in list_categories()[:_MOST_NAMES]],
    )


def list_segments(*, actor: Actor, today: dt.date) -> list[ListedSegment]:
    """All segments, by name, with their change in seven days. Raises NotAllowed."""
    actor.require(Ability.VIEW_MARKETING)
    before = segments.count_members_on(date=today - dt.timedelta(days=CHANGE_DAYS))
    return [ListedSegment(row, _change(row, before)) for row in segments.list_segments()]


def get_segment(*, actor: Actor, code: str, ability: Ability = Ability.VIEW_MARKETING) -> SegmentRow:
    """One segment; raises NotAllowed, UnknownSegment."""
    actor.require(ability)
    return segments.get_segment(code=code)


def get_segment_page(*, actor: Actor, code: str, after_id: int, limit: int, today: dt.date) -> SegmentPage:
    """One segment as its page shows it; raises NotAllowed, UnknownSegment."""
    row = get_segment(actor=actor, code=code)
    found = segments.list_members(segment_id=row.id, after_id=after_id, limit=limit + 1)
    shown = found[:limit]
    return SegmentPage(
        row=row,
        days=segments.list_days(segment_id=row.id, since=today - dt.timedelta(days=HISTORY_DAYS)),
        members=shown,
        after_id=shown[-1].customer_id if len(found) > limit else None,
        imports=segment_lists.list_imports(segment_id=row.id) if row.is_list else (),
    )


def list_members(*, actor: Actor, code: str, after_id: int, limit: int) -> Sequence[MemberRow]:
    """Members by customer id, those behind `after_id`. Raises NotAllowed, UnknownSegment."""
    actor.require(Ability.VIEW_CUSTOMERS)
    return segments.list_members(segment_id=segments.get_segment(code=code).id, after_id=after_id, limit=limit)


def iterate_members(*, actor: Actor, code: str) -> Iterator[MemberRow]:
    """All members, read some thousands at a time. Raises NotAllowed, UnknownSegment at once."""
    row = get_segment(actor=actor, code=code)
    actor.require(Ability.VIEW_CUSTOMERS)
    return _walk(segment_id=row.id)


def get_import(*, actor: Actor, code: str, import_id: int) -> ListImportRow | None:
    """A file that was brought for a list; None when there is none such. Raises NotAllowed, UnknownSegment."""
    get_segment(actor=actor, code=code)
    found = segment_lists.find_import(import_id=import_id)
    return found if found is not None and found.segment_code == code else None


def iterate_rejections(*, actor: Actor, import_id: int) -> Iterator[RejectionRow]:
    """Rows of a file that named nobody. Raises NotAllowed at once."""
    actor.require(Ability.VIEW_MARKETING)
    return segment_lists.iterate_rejections(import_id=import_id)


def get_profile(*, customer_id: int) -> CustomerProfile:
    """Tags, attributes and segments of one customer, for a page that checked who may see them."""
    return CustomerProfile(
        tags=profile.list_tags(customer_id=customer_id),
        attributes=profile.list_attributes(customer_id=customer_id),
        stays=segments.list_stays(customer_id=customer_id),
    )


def get_profile_of(*, actor: Actor, customer_id: int) -> CustomerProfile:
    """As `get_profile`, for whoever may see customers. Raises NotAllowed, UnknownCustomer."""
    actor.require(Ability.VIEW_CUSTOMERS)
    return get_profile(customer_id=get_customer(customer_id=customer_id).id)


def _walk(*, segment_id: int) -> Iterator[MemberRow]:
    after_id = 0
    while rows := segments.list_members(segment_id=segment_id, after_id=after_id, limit=5_000):
        yield from rows
        after_id = rows[-1].customer_id


def _change(row: SegmentRow, before: Mapping[int, int]) -> int | None:
    known = before.get(row.id)
    return None if known is None else row.members_count - known
