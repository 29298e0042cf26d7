"""Templates and their versions, offers and the codes that they give, pages and pictures of products."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import AfterValidator, Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Given, Id, IdempotencyKey, Key, ShortKey, Text
from reorder.domain.customers.queries import get_customer
from reorder.domain.marketing import content, offers
from reorder.domain.marketing.content import NewVersion, TemplateRow, VersionRow
from reorder.domain.marketing.content_library import put_product_cards
from reorder.domain.marketing.offers import OfferRow
from reorder.domain.orders.coupons import find_coupon
from reorder.domain.staff.rules import Ability
from reorder.flows.content.previewing import preview_version
from reorder.flows.offers import issue_coupon
from reorder.kernel import clock

router = Router(tags=["content"])


def _is_whole(text: str) -> str:
    """What the database can keep."""
    text.encode()
    if "\x00" in text:
        raise ValueError("holds NUL")
    return text


Words = Annotated[str, Field(max_length=200_000), AfterValidator(_is_whole)]
Channel = Literal["email", "line", "sms", "web_push", "app_push", "chat", "webhook"]
Language = Literal["en", "zh-hant"]


class Template(Schema):
    """What one message is about."""

    code: str
    name: str
    kind: str
    purpose: str
    is_archived: bool


class TemplateList(Schema):
    """Every template that is in use, by name."""

    items: list[Template]


class Version(Schema):
    """One form of a template."""

    number: int
    channel: str
    language: str
    segment: str
    variant: str
    weight: int
    state: str
    content: dict[str, str]
    created_by: str
    approved_by: str
    approved_at: dt.datetime | None


class VersionFault(Schema):
    """What keeps a version from being let go."""

    field: str
    line: int
    reason: str
    value: str


class VersionWhole(Version):
    """A version with what is wrong with it."""

    faults: list[VersionFault]


class TemplateWhole(Template):
    """A template with its versions that are live, drafts, or wait for another person."""

    versions: list[Version]


class TemplateBody(Given):
    """A new template without words yet."""

    code: ShortKey
    name: Text
    kind: ShortKey = "general"
    purpose: Literal["marketing", "transactional"] = "marketing"


class VersionBody(Given):
    """A draft. A person lets it go on the desk; what is wrong with it is told in the answer."""

    channel: Channel
    language: Language
    content: Annotated[dict[ShortKey, Words], Field(max_length=8)]
    segment: Text = ""
    variant: Text = ""
    weight: int = Field(default=100, ge=0, le=10_000)


class TemplatePreview(Schema):
    """A version as a customer would get it; nothing is issued or followed."""

    subject: str
    text: str
    html: str
    payload: dict[str, Any]
    faults: list[VersionFault]


class PreviewFilter(Schema):
    """For whom; without a customer a sample stands in."""

    customer_id: Id | None = None


class OfferAnswer(Schema):
    """An offer that can be given now."""

    code: str
    name: str
    kind: str
    share: str | None
    amount_minor: int
    minimum_goods_minor: int
    currency: str
    valid_days: int | None
    ends_at: dt.datetime | None
    is_personal: bool


class OfferList(Schema):
    """Offers of which codes can be given now."""

    items: list[OfferAnswer]


class CouponBody(Given):
    """Whom to give a code; the same key gives the same code."""

    customer_id: Id
    key: ShortKey


class Coupon(Schema):
    """A code of a single use."""

    code: str
    offer: str
    customer_id: int
    expires_at: dt.datetime | None
    is_used: bool


class ProductCard(Given):
    """A product's page and picture; empty: none."""

    sku: Key
    page_url: Text = ""
    picture_url: Text = ""


class CardsBody(Given):
    """Cards in place of those that are there."""

    cards: Annotated[list[ProductCard], Field(min_length=1, max_length=1000)]


class CardFault(Schema):
    """A product that was refused."""

    sku: str
    reason: str


class CardsAnswer(Schema):
    """How many were kept, and what was refused."""

    kept: int
    refused: list[CardFault]


@reads(router, "/templates", ability=Ability.VIEW_MARKETING, answer=TemplateList, summary="List templates")
def list_templates(request: ApiRequest) -> TemplateList:
    return TemplateList(items=[Template.model_validate(_plain(row)) for row in content.list_templates()])


@reads(
    router,
    "/templates/{code}",
    ability=Ability.VIEW_MARKETING,
    answer=TemplateWhole,
    summary="Show a template with its versions",
)
def get_template(request: ApiRequest, code: ShortKey) -> TemplateWhole:
    row = content.get_template(code=code)
    versions = [_plain_version(one) for one in content.list_versions(template_code=row.code)]
    return TemplateWhole.model_validate({**_plain(row), "versions": versions})


@writes(router, "/templates", ability=Ability.EDIT_MARKETING, answers={201: Template}, summary="Add a template")
def post_template(request: ApiRequest, idempotency_key: IdempotencyKey, body: TemplateBody) -> Written:
    row = content.create_template(created_by=request.auth.name, **body.model_dump())
    return Written(status=201, body=Template.model_validate(_plain(row)))


@writes(
    router,
    "/templates/{code}/versions",
    ability=Ability.EDIT_MARKETING,
    answers={201: VersionWhole},
    summary="Add a draft to a template",
)
def post_template_version(
    request: ApiRequest, idempotency_key: IdempotencyKey, code: ShortKey, body: VersionBody
) -> Written:
    row = content.save_draft(
        template_code=code,
        version=NewVersion(
            channel=body.channel,
            language=body.language,
            content=body.content,
            segment_code=body.segment,
            variant=body.variant,
            weight=body.weight,
        ),
        number=None,
        saved_by=request.auth.name,
        moment=clock.current_moment(),
    )
    return Written(status=201, body=VersionWhole.model_validate({**_plain_version(row), "faults": _faults(row)}))


@reads(
    router,
    "/templates/{code}/versions/{number}/preview",
    ability=Ability.VIEW_MARKETING,
    answer=TemplatePreview,
    summary="Show a version as a customer would get it",
)
def get_template_preview(
    request: ApiRequest, code: ShortKey, number: Id, wanted: Query[PreviewFilter]
) -> TemplatePreview:
    version = content.get_version_by_number(template_code=code, number=min(number, 2**31 - 1))
    if wanted.customer_id is not None:
        get_customer(customer_id=wanted.customer_id)
    made = preview_version(version=version, customer_id=wanted.customer_id, moment=clock.current_moment())
    said = made.rendered
    return TemplatePreview(
        subject=said.subject if said else "",
        text=said.text if said else "",
        html=said.html if said else "",
        payload=said.payload if said else {},
        faults=[VersionFault.model_validate(one) for one in _faults(version)],
    )


@reads(router, "/offers", ability=Ability.VIEW_MARKETING, answer=OfferList, summary="List offers that can be given")
def list_offers(request: ApiRequest) -> OfferList:
    rows = offers.list_offers(moment=clock.current_moment())
    return OfferList(items=[OfferAnswer.model_validate(_plain_offer(row)) for row in rows])


@writes(
    router,
    "/offers/{code}/coupons",
    ability=Ability.EDIT_MARKETING,
    answers={200: Coupon},
    summary="Give a customer a code of an offer",
)
def post_offer_coupon(
    request: ApiRequest, idempotency_key: IdempotencyKey, code: ShortKey, body: CouponBody
) -> Written:
    customer = get_customer(customer_id=body.customer_id)
    issued = issue_coupon(
        offer_code=code, customer_id=customer.id, message_key=f"api:{body.key}"[:64], moment=clock.current_moment()
    )
    row = find_coupon(code=issued)
    answer = Coupon(
        code=issued,
        offer=code.upper(),
        customer_id=customer.id,
        expires_at=row.expires_at if row else None,
        is_used=bool(row and row.is_used),
    )
    return Written(status=200, body=answer)


@writes(
    router,
    "/product-cards",
    ability=Ability.EDIT_MARKETING,
    answers={200: CardsAnswer},
    summary="Put pages and pictures of products, as messages show them",
    method="PUT",
)
def put_cards(request: ApiRequest, idempotency_key: IdempotencyKey, body: CardsBody) -> Written:
    cards = [(one.sku, one.page_url, one.picture_url) for one in body.cards]
    refused = put_product_cards(cards=cards, moment=clock.current_moment())
    faults = [CardFault(sku=sku, reason=reason) for sku, reason in refused]
    return Written(status=200, body=CardsAnswer(kept=len(cards) - len(refused), refused=faults))


def _plain(row: TemplateRow) -> dict[str, Any]:
    names = ("code", "name", "kind", "purpose", "is_archived")
    return {name: getattr(row, name) for name in names}


def _plain_version(row: VersionRow) -> dict[str, Any]:
    names = ("number", "channel", "language", "variant", "weight", "state", "created_by", "approved_by", "approved_at")
    return {name: getattr(row, name) for name in names} | {"segment": row.segment_code, "content": dict(row.content)}


def _faults(row: VersionRow) -> list[dict[str, Any]]:
    return [
        {"field": one.field, "line": one.line, "reason": one.reason, "value": one.value}
        for one in content.faults_of(version=row)
    ]


def _plain_offer(row: OfferRow) -> dict[str, Any]:
    terms = row.terms
    return {
        "code": row.code,
        "name": row.name_in(language=settings.REORDER.language),
        "kind": row.kind,
        "share": None if terms.share is None else str(terms.share),
        "amount_minor": terms.amount_minor,
        "minimum_goods_minor": terms.minimum_goods_minor,
        "currency": terms.currency,
        "valid_days": row.valid_days,
        "ends_at": terms.ends_at,
        "is_personal": row.is_personal,
    }
