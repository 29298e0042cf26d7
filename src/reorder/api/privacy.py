"""What people agreed to, their data handed out, and erased."""

import datetime as dt
from typing import Annotated, Any, Literal

from ninja import Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Given, Id, IdempotencyKey, Moment
from reorder.domain.customers.queries import get_customer
from reorder.domain.messaging.consent_ledger import LedgerRow, list_declarations
from reorder.domain.staff.rules import Ability
from reorder.flows import consenting, privacy
from reorder.flows.consenting import Declaration, WantedNews
from reorder.flows.consenting.errors import BadDeclaration
from reorder.kernel import clock

router = Router(tags=["privacy"])

Line = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=260, pattern=r"^[^\x00]*$")]
ChannelName = Literal["email", "web_push", "app_push", "line", "sms", "chat", "webhook"]


class ConsentBody(Given):
    """What a person said about marketing, as your system wrote it down."""

    customer: Name = Field(description="Your id of the customer, or an e-mail address that is exactly one customer's.")
    granted: bool
    declared_at: Moment = Field(description="When the person said so. The latest declaration holds.")
    source: Name = Field(description="Where: a page, a shop, a call.")
    proof: Line = Field(default="", description="What shows it. A consent without proof is refused.")
    channel: ChannelName = "email"
    topic: Line = Field(default="", description="Code of a topic; empty: all marketing by the channel.")
    text_version: Line = Field(default="", description="Version of the words that were shown.")


class ConsentTaken(Schema):
    """What became of a declaration."""

    customer: int
    outcome: Literal["new", "known"] = Field(description="known: it was recorded before, and nothing changed.")


class Declared(Schema):
    """One declaration of the append-only ledger."""

    channel: str = Field(description="Empty for a topic.")
    purpose: str
    topic: str
    granted: bool
    source: str
    text_version: str
    proof: str
    declared_at: dt.datetime
    recorded_at: dt.datetime


class Ledger(Schema):
    """Every declaration of a person, the latest first; of equal channel, purpose and topic the first holds."""

    items: list[Declared]


class SignUpBody(Given):
    """Somebody who wants news; they get a mail and must confirm, unless the shop does without."""

    email: Name
    name: Line = ""
    language: Literal["", "en", "zh-hant"] = ""
    topics: list[Line] = Field(default_factory=list, max_length=20, description="Codes; empty: all topics.")
    source: Line = Field(default="api", description="Where the form stood.")
    client: Line = Field(default="", description="Network address of the person, as proof.")
    agreed: bool = Field(description="Whether the box was ticked.")
    old_enough: bool = Field(default=False, description="Whether the person is of the age that the shop asks for.")


class SignUpTaken(Schema):
    """The same whoever signed up, so that nobody learns from it who is a customer."""

    accepted: bool


class RightBody(Given):
    """How you know that it is the person; no name and no address, because this note stays."""

    how_known: Line = ""


class Export(Schema):
    """Everything about a person: rows by table."""

    shop: str
    customer: int
    made_at: dt.datetime
    tables: dict[str, list[dict[str, Any]]]
    cut_tables: list[str] = Field(description="Tables with more than 20,000 rows; the rest is left out.")


class Erased(Schema):
    """What an erasure did."""

    customer: int
    rows: dict[str, int] = Field(description="Rows by table that were deleted or emptied.")
    suppressed_addresses: int


@writes(
    router,
    "/consents",
    ability=Ability.EDIT_CUSTOMERS,
    answers={201: ConsentTaken},
    summary="Record what a person said about marketing, with its proof",
)
def post_consent(request: ApiRequest, idempotency_key: IdempotencyKey, body: ConsentBody) -> Written:
    given = body.model_dump()
    declaration = Declaration(is_granted=given.pop("granted"), **given)
    [done] = consenting.record_declarations(
        declarations=[declaration], decided_by=request.auth.name, moment=clock.current_moment()
    )
    if done.customer_id is None:
        raise BadDeclaration(reason=done.reason)
    return Written(
        status=201, body=ConsentTaken(customer=done.customer_id, outcome="new" if done.outcome == "new" else "known")
    )


@reads(
    router,
    "/customers/{int:customer_id}/consents",
    ability=Ability.VIEW_CUSTOMERS,
    answer=Ledger,
    summary="List what a customer agreed to and refused",
)
def list_consents(request: ApiRequest, customer_id: Id) -> Ledger:
    facts = get_customer(customer_id=customer_id)
    return Ledger(items=[_declared(row) for row in list_declarations(customer_id=facts.merged_into_id or facts.id)])


@writes(
    router,
    "/sign-ups",
    ability=Ability.EDIT_CUSTOMERS,
    answers={202: SignUpTaken},
    summary="Sign somebody up for news; a mail asks them to confirm",
)
def post_sign_up(request: ApiRequest, idempotency_key: IdempotencyKey, body: SignUpBody) -> Written:
    consenting.take_news_wish(
        wanted=WantedNews(
            address=body.email,
            has_agreed=body.agreed,
            name=body.name,
            language=body.language,
            topics=tuple(body.topics),
            source=body.source or "api",
            is_old_enough=body.old_enough,
        ),
        client=body.client,
        moment=clock.current_moment(),
    )
    return Written(status=202, body=SignUpTaken(accepted=True))


@writes(
    router,
    "/customers/{int:customer_id}/export",
    ability=Ability.ERASE_CUSTOMERS,
    answers={200: Export},
    summary="Hand out everything about a person (GDPR, articles 15 and 20)",
)
def export_customer(request: ApiRequest, idempotency_key: IdempotencyKey, customer_id: Id, body: RightBody) -> Written:
    made = privacy.export_person(
        customer_id=customer_id,
        decided_by=request.auth.name,
        moment=clock.current_moment(),
        how_known=body.how_known,
    )
    return Written(status=200, body=Export(**made.as_json()))


@writes(
    router,
    "/customers/{int:customer_id}/erase",
    ability=Ability.ERASE_CUSTOMERS,
    answers={200: Erased},
    summary="Erase a person from every table; cannot be undone",
)
def erase_customer(request: ApiRequest, idempotency_key: IdempotencyKey, customer_id: Id, body: RightBody) -> Written:
    done = privacy.erase_person(
        customer_id=customer_id,
        decided_by=request.auth.name,
        moment=clock.current_moment(),
        how_known=body.how_known,
    )
    return Written(
        status=200,
        body=Erased(customer=done.customer_id, rows=done.counts, suppressed_addresses=done.suppressed_count),
    )


def _declared(row: LedgerRow) -> Declared:
    return Declared(
        channel=row.channel,
        purpose=row.purpose,
        topic=row.topic,
        granted=row.is_granted,
        source=row.source,
        text_version=row.text_version,
        proof=row.proof,
        declared_at=row.declared_at,
        recorded_at=row.recorded_at,
    )
