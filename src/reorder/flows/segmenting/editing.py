"""Saving and removing segments: rules are judged whole, names in them must exist, and no segment asks itself."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from reorder.domain.catalog.queries import list_categories, list_known_skus
from reorder.domain.catalog.rules import find_circle
from reorder.domain.marketing import segment_errors as errors
from reorder.domain.marketing import segment_members as members
from reorder.domain.marketing.segment_editing import NewSegment, change_segment, make_segment, remove_segment
from reorder.domain.marketing.segment_errors import BadRule
from reorder.domain.marketing.segment_members import MEMBERS_LOCK
from reorder.domain.marketing.segment_rules import Group, judge_rules, names_in
from reorder.domain.marketing.segment_uses import Use, list_uses_elsewhere
from reorder.domain.marketing.segments import SegmentRow, get_segment, list_segments
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction, take_transaction_lock_within
from reorder.flows.segmenting.counting import held_by_everybody, uses_of
from reorder.kernel.jobs import JobName, defer_job

# A stretch of a full count lasts seconds; whoever saves waits for one.
_WAIT_SECONDS: Final = 20
_SHOWN_USES: Final = 5


def create_segment(*, segment: NewSegment, decided_by: str, moment: dt.datetime) -> SegmentRow:
    """Make a segment; its members are counted by a job at once.

    Raises BadSegmentCode, SegmentCodeTaken, SegmentNameMissing, BadTag, BadRule and its kind, AlreadyRunning.
    """
    with one_transaction():
        _lock()
        _refuse_bad(segment=segment)
        make_segment(segment=segment, decided_by=decided_by, moment=moment)
        _saved(segment=segment, action="segments.create", decided_by=decided_by)
    return get_segment(code=segment.code)


def save_segment(*, segment: NewSegment, decided_by: str, moment: dt.datetime) -> SegmentRow:
    """Change a segment; new rules are counted by a job at once. Raises as `create_segment`, and UnknownSegment."""
    with one_transaction():
        _lock()
        known = get_segment(code=segment.code)
        if not known.is_list:
            _refuse_bad(segment=segment)
        change_segment(segment=segment, decided_by=decided_by, moment=moment)
        if known.member_tag != segment.member_tag:
            changed = get_segment(code=segment.code)
            held = held_by_everybody(moment=moment)
            members.follow_tag(segment_id=known.id, code=known.code, tag=changed.member_tag, held=held)
        _saved(segment=segment, action="segments.change", decided_by=decided_by)
    return get_segment(code=segment.code)


def delete_segment(*, code: str, decided_by: str) -> None:
    """Remove a segment with its members and history; raises UnknownSegment, SegmentInUse, AlreadyRunning."""
    with one_transaction():
        _lock()
        known = get_segment(code=code)
        uses = list_uses(code=code)
        if uses:
            named = [f"{use.kind} {use.name or use.code}" for use in uses[:_SHOWN_USES]]
            more = [f"+{len(uses) - _SHOWN_USES}"] if len(uses) > _SHOWN_USES else []
            raise errors.SegmentInUse(given=known.name, uses=", ".join([*named, *more]))
        remove_segment(segment_id=known.id)
        record_audit(actor=decided_by, action="segments.delete", subject_kind="segment", subject_key=code)


def list_uses(*, code: str) -> list[Use]:
    """What asks who is in a segment: other segments, journeys, campaigns, content, offers."""
    segments = {one.code: one for one in list_segments()}
    asking = [name for name, named in uses_of(segments=list(segments.values())).items() if code in named]
    return [
        *(Use("segment", name, segments[name].name) for name in asking if name != code),
        *list_uses_elsewhere(code=code),
    ]


def find_faults(*, code: str, rules: object, member_tag: str = "") -> list[BadRule]:
    """Everything that keeps rules from being saved under this code, the first one first."""
    judged = judge_rules(rules=rules)
    faults = list(judged.faults)
    faults += _unknown_names(judged.root)
    if not faults:
        faults += _loops(code=code, root=judged.root, member_tag=member_tag)
    return faults


def _refuse_bad(*, segment: NewSegment) -> None:
    if segment.kind == "list":
        return
    faults = find_faults(code=segment.code, rules=segment.rules, member_tag=segment.member_tag)
    if faults:
        raise faults[0]


def _unknown_names(root: Group) -> list[BadRule]:
    """Products, categories and segments that rules name and that do not exist; tags may come later."""
    skus, codes, segments = (names_in(root=root, names=names) for names in ("product", "category", "segment"))
    named = (
        ("product", skus, list_known_skus(skus=list(skus)) if skus else set()),
        ("category", codes, {code for code, _name in list_categories()} if codes else set()),
        ("segment", segments, {one.code for one in list_segments()} if segments else set()),
    )
    return [
        errors.RuleNamesUnknown(where=where, field=names, given=name[:80])
        for names, given, known in named
        for name, where in given.items()
        if name not in known
    ]


def _loops(*, code: str, root: Group, member_tag: str) -> list[BadRule]:
    others = [one for one in list_segments() if one.code != code]
    uses = uses_of(segments=others)
    givers = [one.code for one in others if one.member_tag in {tag.lower() for tag in names_in(root=root, names="tag")}]
    own_tag = [code] if member_tag and member_tag.lower() in names_in(root=root, names="tag") else []
    wearers = [one.code for one in others if member_tag and not one.is_list and _asks_tag(one, tag=member_tag.lower())]
    graph: dict[str, Sequence[str]] = {
        name: [*named, *([code] if name in wearers else [])] for name, named in uses.items()
    }
    graph[code] = [*names_in(root=root, names="segment"), *givers, *own_tag]
    path = find_circle(components=graph, start=code)
    return [errors.SegmentLoop(where="", path=" → ".join(path))] if path else []


def _asks_tag(row: SegmentRow, *, tag: str) -> bool:
    return tag in {one.lower() for one in names_in(root=judge_rules(rules=row.rules).root, names="tag")}


def _lock() -> None:
    take_transaction_lock_within(name=MEMBERS_LOCK, seconds=_WAIT_SECONDS, what="A count of segments")


def _saved(*, segment: NewSegment, action: str, decided_by: str) -> None:
    record_audit(actor=decided_by, action=action, subject_kind="segment", subject_key=segment.code)
    if segment.kind == "rules":
        defer_job(name=JobName.COUNT_SEGMENTS, once_key="count_segments")
