"""Sign-ups that wait for a confirmation: nothing is believed of an address before its reader pressed the button."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from reorder.domain.messaging.compliance_models import PendingConsent
from reorder.domain.messaging.errors import SignUpUseless

SIGN_UP_LASTS: Final = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody asked for; `topics` empty means all of them."""

    id: int
    channel: str
    address: str
    name: str
    language: str
    topics: tuple[str, ...]
    text_version: str
    source: str
    client: str
    asked_at: dt.datetime
    expires_at: dt.datetime
    confirmed_at: dt.datetime | None


def begin_sign_up(
    *,
    address: str,
    name: str,
    language: str,
    topics: Sequence[str],
    text_version: str,
    source: str,
    client: str,
    moment: dt.datetime,
) -> str:
    """Write down that somebody gave this address; the secret for the link, of which only the hash is kept."""
    secret = secrets.token_urlsafe(24)
    PendingConsent.objects.create(
        secret_hash=_hash(secret),
        address=address.strip().lower(),
        name=" ".join(name.replace("\x00", "").split())[:120],
        language=language,
        topics=list(topics),
        text_version=text_version,
        source=source[:120],
        client=client[:64],
        asked_at=moment,
        expires_at=moment + SIGN_UP_LASTS,
    )
    return secret


def find_sign_up(*, secret: str, moment: dt.datetime) -> SignUp:
    """The sign-up behind a link; one that was confirmed is found until it ends. Raises SignUpUseless."""
    row = PendingConsent.objects.filter(secret_hash=_hash(secret), expires_at__gt=moment).first()
    if row is None:
        raise SignUpUseless
    return SignUp(
        id=row.pk,
        channel=row.channel,
        address=row.address,
        name=row.name,
        language=row.language,
        topics=tuple(row.topics),
        text_version=row.text_version,
        source=row.source,
        client=row.client,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        confirmed_at=row.confirmed_at,
    )


def confirm_sign_up(*, sign_up_id: int, customer_id: int, moment: dt.datetime) -> bool:
    """The reader pressed the button; False where it was pressed before. Guarded: of two clicks one confirms."""
    return bool(
        PendingConsent.objects.filter(pk=sign_up_id, confirmed_at__isnull=True).update(
            confirmed_at=moment, customer_id=customer_id
        )
    )


def forget_sign_ups(*, moment: dt.datetime, kept: dt.timedelta) -> int:
    """Remove sign-ups that nobody confirmed in time, and confirmed ones that are old: the ledger has their proof."""
    over = Q(confirmed_at__isnull=True, expires_at__lt=moment) | Q(asked_at__lt=moment - kept)
    count, _ = PendingConsent.objects.filter(over).delete()
    return count


def _hash(secret: str) -> str:
    # Long and random, so a plain digest cannot be guessed back.
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
