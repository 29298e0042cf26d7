"""Segments by rules and lists: shown, made, changed, removed; who belongs to them; tags and attributes of customers."""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, Given, Id, IdempotencyKey, Key, Limit
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.marketing.segment_editing import NewSegment
from reorder.domain.marketing.segments import SegmentRow
from reorder.domain.staff.rules import Ability
from reorder.flows import segmenting
from reorder.insights import segment_pages
from reorder.kernel import clock

router = Router(tags=["segments"])
_MEMBERS = "segment-members"
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00,]*[^\x00,\s][^\x00,]*$")]
Note = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
_RULES: Any = Field(
    default_factory=dict,
    description="Of a segment by rules: groups {match: all|any, not, rules} of conditions {kind, not, …}.",
)


class RuleSegment(Schema):
    """A segment; members as the last count left them."""

    code: str
    name: str
    description: str
    kind: Literal["rules", "list"]
    rules: dict[str, Any]
    member_tag: str = Field(description="A tag that members wear while they are in; empty: none.")
    members_count: int
    counted_at: dt.datetime | None = Field(description="null: everybody is being held against its rules.")
    changed_at: dt.datetime
    changed_by: str


class RuleSegments(Schema):
    """All segments, by name."""

    items: list[RuleSegment]


class SegmentBody(Given):
    """What a segment is to be."""

    code: Code
    name: Name
    kind: Literal["rules", "list"] = "rules"
    rules: dict[str, Any] = _RULES
    description: Note = ""
    member_tag: Tag | None = None


class SegmentChange(Given):
    """What a segment is to be from now on; a list has no rules."""

    name: Name
    rules: dict[str, Any] = _RULES
    description: Note = ""
    member_tag: Tag | None = None


class Removed(Schema):
    """What was removed."""

    code: str


class Member(Schema):
    """Somebody who belongs to a segment."""

    customer_id: int
    customer_key: str
    since_at: dt.datetime


class MemberPage(Schema):
    """A page of members by customer id."""

    items: list[Member]
    next_cursor: str | None


class MembersBody(Given):
    """Who joins a list and who leaves it, by the shop's id or e-mail address; up to 10,000 each."""

    add: list[Key] = Field(default_factory=list, max_length=10_000)
    remove: list[Key] = Field(default_factory=list, max_length=10_000)


class MembersChanged(Schema):
    """What that did."""

    joined: int
    left: int
    unknown: list[str] = Field(description="Name nobody, or several customers.")
    members_count: int


class PreviewBody(Given):
    """Rules to try."""

    rules: dict[str, Any]


class PreviewAnswer(Schema):
    """How many customers rules find now, and some of them."""

    count: int | None = Field(description="null: counting everybody takes too long.")
    is_exact: bool = Field(description="False: reckoned from one customer in twenty.")
    sample: list[str] = Field(description="Up to ten keys.")


class TagsBody(Given):
    """Tags that customers get or lose, by the shop's id or e-mail address."""

    customers: list[Key] = Field(min_length=1, max_length=10_000)
    add: list[Tag] = Field(default_factory=list, max_length=50)
    remove: list[Tag] = Field(default_factory=list, max_length=50)


class TagsChanged(Schema):
    """Whom that changed."""

    changed: int
    unknown: list[str]


class Profile(Schema):
    """What is said of a customer besides facts."""

    customer_id: int
    tags: list[str]
    attributes: dict[str, str]
    segments: list[str]


class ProfileBody(Given):
    """Tags and attributes to set; what is left out stays. An empty value takes an attribute away."""

    tags: list[Tag] | None = Field(
        default=None, max_length=50, description="All of them, besides those that segments give."
    )
    attributes: dict[Tag, Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]] = Field(
        default_factory=dict, max_length=100
    )


@reads(router, "/marketing/segments", ability=Ability.VIEW_MARKETING, answer=RuleSegments, summary="List segments")
def list_rule_segments(request: ApiRequest) -> RuleSegments:
    today = clock.current_moment().date()
    return RuleSegments(items=[_shown(one.row) for one in segment_pages.list_segments(actor=request.auth, today=today)])


@reads(
    router,
    "/marketing/segments/{code}",
    ability=Ability.VIEW_MARKETING,
    answer=RuleSegment,
    summary="Show a segment",
)
def get_rule_segment(request: ApiRequest, code: Code) -> RuleSegment:
    return _shown(segment_pages.get_segment(actor=request.auth, code=code))


@writes(
    router,
    "/marketing/segments",
    ability=Ability.EDIT_MARKETING,
    answers={201: RuleSegment},
    summary="Make a segment by rules, or an empty list",
)
def post_segment(request: ApiRequest, idempotency_key: IdempotencyKey, body: SegmentBody) -> Written:
    segment = NewSegment(
        code=body.code,
        name=body.name,
        kind=body.kind,
        rules=body.rules if body.kind == "rules" else {},
        description=body.description,
        member_tag=body.member_tag or "",
    )
    saved = segmenting.create_segment(segment=segment, decided_by=request.auth.name, moment=clock.current_moment())
    return Written(status=201, body=_shown(saved))


@writes(
    router,
    "/marketing/segments/{code}",
    method="PUT",
    ability=Ability.EDIT_MARKETING,
    answers={200: RuleSegment},
    summary="Change a segment; new rules are held against everybody at once",
)
def put_segment(request: ApiRequest, idempotency_key: IdempotencyKey, code: Code, body: SegmentChange) -> Written:
    known = segment_pages.get_segment(actor=request.auth, code=code)
    segment = NewSegment(
        code=code,
        name=body.name,
        kind=known.kind,
        rules={} if known.is_list else body.rules,
        description=body.description,
        member_tag=body.member_tag or "",
    )
    saved = segmenting.save_segment(segment=segment, decided_by=request.auth.name, moment=clock.current_moment())
    return Written(status=200, body=_shown(saved))


@writes(
    router,
    "/marketing/segments/{code}",
    method="DELETE",
    ability=Ability.EDIT_MARKETING,
    answers={200: Removed},
    summary="Remove a segment that nothing uses",
)
def delete_segment(request: ApiRequest, idempotency_key: IdempotencyKey, code: Code) -> Written:
    segmenting.delete_segment(code=code, decided_by=request.auth.name)
    return Written(status=200, body=Removed(code=code))


@reads(
    router,
    "/marketing/segments/{code}/members",
    ability=Ability.VIEW_CUSTOMERS,
    answer=MemberPage,
    summary="List who belongs to a segment",
)
def list_segment_members(request: ApiRequest, code: Code, limit: Limit = 50, cursor: Cursor = None) -> MemberPage:
    after = decode_cursor(of=f"{_MEMBERS}:{code}", text=cursor, kinds=(int,))
    rows = segment_pages.list_members(
        actor=request.auth, code=code, after_id=int(after[0]) if after else 0, limit=limit + 1
    )
    shown, last = cut_page(rows=rows, limit=limit)
    return MemberPage(
        items=[Member(customer_id=one.customer_id, customer_key=one.key, since_at=one.since_at) for one in shown],
        next_cursor=encode_cursor(of=f"{_MEMBERS}:{code}", values=(last.customer_id,)) if last else None,
    )


@writes(
    router,
    "/marketing/segments/{code}/members",
    ability=Ability.EDIT_MARKETING,
    answers={200: MembersChanged},
    summary="Put customers on a list, or take them off it",
)
def post_segment_members(
    request: ApiRequest, idempotency_key: IdempotencyKey, code: Code, body: MembersBody
) -> Written:
    changed = segmenting.change_list(
        code=code, add=body.add, remove=body.remove, decided_by=request.auth.name, moment=clock.current_moment()
    )
    answer = MembersChanged(
        joined=changed.came_count,
        left=changed.left_count,
        unknown=list(changed.unknown),
        members_count=segment_pages.get_segment(
            actor=request.auth, code=code, ability=Ability.EDIT_MARKETING
        ).members_count,
    )
    return Written(status=200, body=answer)


@writes(
    router,
    "/marketing/segment-previews",
    ability=Ability.VIEW_MARKETING,
    answers={200: PreviewAnswer},
    summary="Count and sample whom rules would find now; nothing is saved",
)
def post_segment_preview(request: ApiRequest, idempotency_key: IdempotencyKey, body: PreviewBody) -> Written:
    found = segmenting.preview_rules(rules=body.rules, moment=clock.current_moment())
    answer = PreviewAnswer(count=found.count, is_exact=found.is_exact, sample=[one.key for one in found.sample])
    return Written(status=200, body=answer)


@writes(
    router,
    "/customer-tags",
    ability=Ability.EDIT_CUSTOMERS,
    answers={200: TagsChanged},
    summary="Give customers tags, or take tags from them",
)
def post_customer_tags(request: ApiRequest, idempotency_key: IdempotencyKey, body: TagsBody) -> Written:
    changed = segmenting.tag_people(
        keys=body.customers,
        add=body.add,
        remove=body.remove,
        decided_by=request.auth.name,
        moment=clock.current_moment(),
    )
    return Written(status=200, body=TagsChanged(changed=changed.count, unknown=list(changed.unknown)))


@reads(
    router,
    "/customers/{customer_id}/profile",
    ability=Ability.VIEW_CUSTOMERS,
    answer=Profile,
    summary="Show tags, attributes and segments of a customer",
)
def get_customer_profile(request: ApiRequest, customer_id: Id) -> Profile:
    return _profile(request, customer_id)


@writes(
    router,
    "/customers/{customer_id}/profile",
    method="PUT",
    ability=Ability.EDIT_CUSTOMERS,
    answers={200: Profile},
    summary="Set tags and attributes of a customer",
)
def put_customer_profile(
    request: ApiRequest, idempotency_key: IdempotencyKey, customer_id: Id, body: ProfileBody
) -> Written:
    segmenting.set_profile(
        customer_id=customer_id,
        tags=body.tags,
        attributes=body.attributes,
        decided_by=request.auth.name,
        moment=clock.current_moment(),
    )
    return Written(status=200, body=_profile(request, customer_id))


def _profile(request: ApiRequest, customer_id: int) -> Profile:
    found = segment_pages.get_profile_of(actor=request.auth, customer_id=customer_id)
    return Profile(
        customer_id=customer_id,
        tags=[one.tag for one in found.tags],
        attributes={one.name: one.value for one in found.attributes},
        segments=[one.code for one in found.stays if one.left_at is None],
    )


def _shown(row: SegmentRow) -> RuleSegment:
    return RuleSegment(
        code=row.code,
        name=row.name,
        description=row.description,
        kind="list" if row.is_list else "rules",
        rules=dict(row.rules),
        member_tag=row.member_tag,
        members_count=row.members_count,
        counted_at=row.counted_at,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
