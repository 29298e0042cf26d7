"""API tokens: shown once, kept as a hash."""

import datetime as dt
import secrets
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from reorder.domain.staff.errors import BadToken, UnknownToken
from reorder.domain.staff.models import ApiToken
from reorder.domain.staff.operations.audit import record_audit
from reorder.domain.staff.queries import hash_secret
from reorder.domain.staff.rules import SCOPE_ABILITIES

_PREFIX = "reorder_"
# A token used all day writes its row once a minute, not at each call.
_USE_NOTED_EVERY = dt.timedelta(minutes=1)


def make_token(
    *,
    name: str,
    scopes: Sequence[str],
    created_by: str,
    moment: dt.datetime,
    expires_at: dt.datetime | None = None,
    place_codes: Sequence[str] = (),
    requests_per_minute: int | None = None,
) -> str:
    """A new token's secret, which cannot be read again. Raises BadToken."""
    unknown = sorted(set(scopes) - set(SCOPE_ABILITIES))
    if unknown:
        raise BadToken(name=name, reason=f"unknown scope {unknown[0]}")
    faults = {
        "it needs a name": not name.strip(),
        "it needs at least one scope": not scopes,
        "its end lies in the past": expires_at is not None and expires_at <= moment,
        "the limit must be at least 1 request a minute": requests_per_minute is not None and requests_per_minute < 1,
    }
    for reason, is_wrong in faults.items():
        if is_wrong:
            raise BadToken(name=name, reason=reason)
    secret = _PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name.strip(),
            secret_hash=hash_secret(secret=secret),
            hint=secret[: len(_PREFIX) + 4],
            scopes=sorted(set(scopes)),
            place_codes=sorted(set(place_codes)),
            requests_per_minute=requests_per_minute,
            created_by=created_by,
            created_at=moment,
            expires_at=expires_at,
        )
        record_audit(
            actor=created_by,
            action="staff.make_token",
            subject_kind="token",
            subject_key=str(token.pk),
            details={"name": token.name, "scopes": token.scopes},
        )
    return secret


def revoke_token(*, token_id: int, moment: dt.datetime, revoked_by: str) -> None:
    """End a token for good; ending it twice is ending it once. Raises UnknownToken."""
    if not ApiToken.objects.filter(pk=token_id).exists():
        raise UnknownToken(token_id=token_id)
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token_id, revoked_at__isnull=True).update(revoked_at=moment):
            record_audit(actor=revoked_by, action="staff.revoke_token", subject_kind="token", subject_key=str(token_id))


def mark_token_used(*, token_id: int, moment: dt.datetime) -> None:
    """Note that a token is in use, to the minute."""
    ApiToken.objects.filter(pk=token_id).filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lt=moment - _USE_NOTED_EVERY)
    ).update(last_used_at=moment)
