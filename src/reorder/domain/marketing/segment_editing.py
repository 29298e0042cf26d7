"""Making, changing and removing segments; the caller holds `lock_members`, so that nobody counts them meanwhile."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from reorder.domain.customers.profile import clean_tag
from reorder.domain.marketing import segment_errors as errors
from reorder.domain.marketing.segment_models import Segment
from reorder.domain.storage import run_sql

_CODE: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
LONGEST_NAME: Final = 200
_RANGE: Final = "SELECT min(id), max(id) FROM customers_customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSegment:
    """What a person or program says of a segment; `rules` of a list are empty."""

    code: str
    name: str
    kind: str
    rules: Mapping[str, Any]
    description: str = ""
    member_tag: str = ""


def make_segment(*, segment: NewSegment, decided_by: str, moment: dt.datetime) -> int:
    """Make one; returns its number. Raises BadSegmentCode, SegmentCodeTaken, SegmentNameMissing, BadTag."""
    if not _CODE.fullmatch(segment.code):
        raise errors.BadSegmentCode(given=segment.code[:80])
    if Segment.objects.filter(code=segment.code).exists():
        raise errors.SegmentCodeTaken(given=segment.code)
    made = Segment.objects.create(
        code=segment.code,
        kind=segment.kind,
        rules=dict(segment.rules),
        created_by=decided_by,
        created_at=moment,
        # A list holds nobody yet, and that is the truth; rules must be held against everybody first.
        counted_at=moment if segment.kind == "list" else None,
        **_said(segment, decided_by, moment),
    )
    return int(made.pk)


def change_segment(*, segment: NewSegment, decided_by: str, moment: dt.datetime) -> bool:
    """Change one of this code; True when its rules changed, so that everybody must be held against them anew.

    Raises UnknownSegment, SegmentNameMissing, BadTag.
    """
    known = Segment.objects.filter(code=segment.code).first()
    if known is None:
        raise errors.UnknownSegment(given=segment.code[:64])
    is_new = known.kind == "rules" and known.rules != segment.rules
    changes = _said(segment, decided_by, moment) | ({"rules": dict(segment.rules)} if known.kind == "rules" else {})
    if is_new:
        changes |= {"counted_at": None, "fault": ""}
    Segment.objects.filter(pk=known.pk).update(**changes)
    return is_new


def remove_segment(*, segment_id: int) -> None:
    """Remove one with its members, history and tags; who may be using it is the caller's to check."""
    code = Segment.objects.values_list("code", flat=True).get(pk=segment_id)
    run_sql(statement="DELETE FROM customers_customertag WHERE added_by = %s", parameters=[f"segment:{code}"])
    for table in ("marketing_segmentmember", "marketing_segmentstay"):
        run_sql(statement=f"DELETE FROM {table} WHERE segment_id = %s", parameters=[segment_id])  # noqa: S608 - as above
    Segment.objects.filter(pk=segment_id).delete()


def find_customer_range() -> tuple[int, int] | None:
    """The lowest and the highest id of a customer; None without customers."""
    with connection.cursor() as cursor:
        cursor.execute(_RANGE)
        low, high = cursor.fetchone()
    return None if low is None else (int(low), int(high))


def _said(segment: NewSegment, decided_by: str, moment: dt.datetime) -> dict[str, Any]:
    name = " ".join(segment.name.replace("\x00", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise errors.SegmentNameMissing
    tag = clean_tag(text=segment.member_tag) if segment.member_tag.strip() else ""
    return {
        "name": name,
        "description": segment.description.replace("\x00", "").strip()[:2000],
        "member_tag": tag,
        "changed_at": moment,
        "changed_by": decided_by,
    }
