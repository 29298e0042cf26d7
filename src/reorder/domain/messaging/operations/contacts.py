"""Contact points and the append-only consent ledger."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import quote

import polars as pl
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import connection, transaction

from reorder.domain.messaging.errors import BadUnsubscribeToken
from reorder.domain.messaging.models import ContactPoint, MessageEvent, OutboxMessage
from reorder.domain.storage import copy_frame, run_sql

_SIGNER_SALT = "messaging.unsubscribe"
_MOMENT = pl.Datetime("us", "UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContactPoint:
    """An address of a customer, as the shop reported it."""

    customer_id: int
    address: str
    channel: str = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """One declaration of a person, with its source and proof."""

    customer_id: int
    is_granted: bool
    source: str
    declared_at: dt.datetime
    idempotency_key: str
    channel: str = "email"
    purpose: str = "marketing"
    text_version: str = ""
    proof: str = ""


def upsert_contact_points(*, points: Sequence[NewContactPoint]) -> int:
    """Add addresses that are not known yet; returns how many were new. Empty addresses are passed over."""
    frame = pl.DataFrame(
        [asdict(point) for point in points],
        schema={"customer_id": pl.Int64, "address": pl.String, "channel": pl.String},
    )
    with transaction.atomic():
        _stage(table="staged_contact_point", frame=frame)
        return upsert_contact_points_from_table(table="staged_contact_point")


def upsert_contact_points_from_table(*, table: str) -> int:
    """The same from a staging table with columns customer_id, channel, address; returns how many were new."""
    return run_sql(
        statement=f"""INSERT INTO messaging_contactpoint (customer_id, channel, address)
            SELECT DISTINCT customer_id, channel, trim(address) FROM {_quoted(table)}
            WHERE trim(coalesce(address, '')) <> ''
            ON CONFLICT ON CONSTRAINT contact_point_once DO NOTHING"""  # noqa: S608 - a quoted name
    )


def record_consents(*, consents: Sequence[NewConsent]) -> int:
    """Append declarations; one whose idempotency key is known changes nothing. Returns how many were new."""
    frame = pl.DataFrame(
        [asdict(consent) for consent in consents],
        schema={
            "customer_id": pl.Int64,
            "is_granted": pl.Boolean,
            "source": pl.String,
            "declared_at": _MOMENT,
            "idempotency_key": pl.String,
            "channel": pl.String,
            "purpose": pl.String,
            "text_version": pl.String,
            "proof": pl.String,
        },
    )
    with transaction.atomic():
        _stage(table="staged_consent", frame=frame)
        return record_consents_from_table(table="staged_consent")


def record_consents_from_table(*, table: str) -> int:
    """The same from a staging table with the columns of NewConsent; returns how many were new."""
    columns = "customer_id, channel, purpose, is_granted, source, text_version, proof, declared_at, idempotency_key"
    return run_sql(
        statement=f"""INSERT INTO messaging_consententry ({columns})
            SELECT {columns} FROM {_quoted(table)} ORDER BY declared_at
            ON CONFLICT (idempotency_key) DO NOTHING"""  # noqa: S608 - a quoted name and our own column list
    )


def mark_unreachable(*, customer_id: int, address: str, moment: dt.datetime) -> int:
    """Remember that a mail server knows no such mailbox; nothing more is planned for it."""
    points = ContactPoint.objects.filter(customer_id=customer_id, address=address, unreachable_at__isnull=True)
    return points.update(unreachable_at=moment)


def verify_contact_point(*, customer_id: int, channel: str, address: str, moment: dt.datetime) -> bool:
    """Its reader has shown that the address is theirs: it counts as reachable again. False where it is not known."""
    own = ContactPoint.objects.filter(customer_id=customer_id, channel=channel, address__iexact=address)
    return bool(own.update(verified_at=moment, unreachable_at=None))


@dataclass(frozen=True, slots=True)
class Mark:
    """Whom a mark stands for, and of which message it is (None: of none, or of one from before)."""

    customer_id: int
    message_id: int | None


def unsubscribe_token(*, customer_id: int, message_id: int | None = None) -> str:
    """The signed mark by which a reply says who wants no more marketing mail; with the message that it came with."""
    said = f"{customer_id}.{message_id}" if message_id else str(customer_id)
    return Signer(salt=_SIGNER_SALT).sign(said)


def unsubscribe_url(*, customer_id: int, message_id: int | None = None) -> str:
    """The page where this customer says so; empty where the shop has no public address (REORDER_PUBLIC_URL)."""
    public_url = settings.REORDER.public_url
    if not public_url:
        return ""
    return f"{public_url}/u/{quote(unsubscribe_token(customer_id=customer_id, message_id=message_id), safe=':')}"


def read_mark(*, token: str) -> Mark:
    """Whom a mark stands for; raises BadUnsubscribeToken when it is not one of ours."""
    try:
        customer, _, message = Signer(salt=_SIGNER_SALT).unsign(token.strip()).partition(".")
        return Mark(customer_id=int(customer), message_id=int(message) if message else None)
    except (BadSignature, ValueError) as cause:
        raise BadUnsubscribeToken(token=token) from cause


def read_unsubscribe_token(*, token: str) -> int:
    """The customer behind a mark; raises BadUnsubscribeToken when it is not one of ours."""
    return read_mark(token=token).customer_id


def note_unsubscribed(*, mark: Mark, moment: dt.datetime) -> None:
    """The message whose link was used led to a refusal: counted once, where the mark names one of this person's."""
    if mark.message_id is None:
        return
    message = OutboxMessage.objects.filter(pk=mark.message_id).first()
    if message is not None:
        MessageEvent.objects.bulk_create(
            [MessageEvent(message=message, kind="unsubscribed", happened_at=moment, key=f"unsubscribed:{message.pk}")],
            ignore_conflicts=True,
        )


_STAGED = {
    "staged_contact_point": "customer_id bigint, address text, channel text",
    "staged_consent": (
        "customer_id bigint, is_granted boolean, source text, declared_at timestamptz, idempotency_key text, "
        "channel text, purpose text, text_version text, proof text"
    ),
}


# The staging tables empty themselves at the end of a transaction, so staging and reading them must share one.
def _stage(*, table: str, frame: pl.DataFrame) -> None:
    run_sql(statement=f"CREATE TEMP TABLE IF NOT EXISTS {table} ({_STAGED[table]}) ON COMMIT DELETE ROWS")
    run_sql(statement=f"DELETE FROM {table}")  # noqa: S608 - names from the table above
    copy_frame(table=table, frame=frame)


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)
