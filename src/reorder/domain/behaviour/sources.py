"""Sources of tracking: who may send events, from which pages, and the secret that proves who is signed in."""

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.db import IntegrityError, transaction

from reorder.domain.behaviour.addresses import tidy_patterns
from reorder.domain.behaviour.errors import (
    BadOrigin,
    SourceCodeTaken,
    UnknownSource,
    UnknownWriteKey,
    UserSecretUnreadable,
)
from reorder.domain.behaviour.tracking_models import TrackingSource
from reorder.domain.storage import fetch_prepared
from reorder.domain.storage.sealing import sealing_box

# Twice what the benchmark sends; a shop of that size is a large one.
USUAL_EVENTS_PER_SECOND: Final = 10_000
_PURPOSE: Final = b"reorder tracking user secret "
_PLAIN: Final = ("id", "code", "name", "channel", "write_key", "origins", "before_consent", "is_active")
_FIELDS: Final = (*_PLAIN, "address_patterns", "events_per_second")
_BY_KEY: Final = f"""
SELECT {", ".join(_FIELDS)}, user_secret FROM behaviour_trackingsource
WHERE write_key = %(write_key)s::text AND is_active
"""  # noqa: S608 - made of constants only
_OF_ORIGIN: Final = f"""
SELECT {", ".join(_FIELDS)} FROM behaviour_trackingsource
WHERE is_active AND %(origin)s::text = ANY(origins) ORDER BY id LIMIT 1
"""  # noqa: S608 - made of constants only
_ALLOWED: Final = """
SELECT 1 FROM behaviour_trackingsource WHERE is_active AND %(origin)s::text = ANY(origins) LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source; `channel` is whose orders call customers as it does."""

    id: int
    code: str
    name: str
    channel: str
    write_key: str
    origins: Sequence[str]
    before_consent: str
    is_active: bool
    address_patterns: Sequence[str] = ()
    events_per_second: int = USUAL_EVENTS_PER_SECOND
    sealed_secret: str = ""


def make_source(
    *,
    code: str,
    name: str,
    channel: str,
    origins: Sequence[str],
    before_consent: str,
    created_by: str,
    moment: dt.datetime,
    address_patterns: Sequence[str] = (),
    events_per_second: int = USUAL_EVENTS_PER_SECOND,
) -> tuple[SourceRow, str]:
    """A new source and its secret for user ids, which is shown once.

    Raises BadOrigin, BadAddressPattern, SourceCodeTaken.
    """
    secret = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            made = TrackingSource.objects.create(
                code=code,
                name=name,
                channel=channel,
                write_key=f"wk_{secrets.token_urlsafe(18)}",
                origins=tidy_origins(origins=origins),
                before_consent=before_consent,
                address_patterns=tidy_patterns(patterns=address_patterns),
                events_per_second=events_per_second,
                user_secret=_seal(secret),
                created_by=created_by,
                created_at=moment,
            )
    except IntegrityError as fault:
        raise SourceCodeTaken(given=code) from fault
    return _row(made), secret


def change_source(
    *,
    source_id: int,
    name: str,
    channel: str,
    origins: Sequence[str],
    before_consent: str,
    address_patterns: Sequence[str],
    events_per_second: int,
) -> None:
    """Write what may be changed of a source; raises UnknownSource, BadOrigin, BadAddressPattern."""
    changed = TrackingSource.objects.filter(pk=source_id).update(
        name=name,
        channel=channel,
        origins=tidy_origins(origins=origins),
        before_consent=before_consent,
        address_patterns=tidy_patterns(patterns=address_patterns),
        events_per_second=events_per_second,
    )
    if not changed:
        raise UnknownSource(key=source_id)


def switch_source(*, source_id: int, is_active: bool) -> None:
    """Take what a source sends, or refuse it; raises UnknownSource."""
    if not TrackingSource.objects.filter(pk=source_id).update(is_active=is_active):
        raise UnknownSource(key=source_id)


def renew_user_secret(*, source_id: int) -> str:
    """A new secret for user ids; what was signed with the one before proves nothing from now on."""
    secret = secrets.token_urlsafe(32)
    if not TrackingSource.objects.filter(pk=source_id).update(user_secret=_seal(secret)):
        raise UnknownSource(key=source_id)
    return secret


def list_sources() -> list[SourceRow]:
    """All sources, by name."""
    return [_row(one) for one in TrackingSource.objects.order_by("name", "pk")]


def get_source(*, source_id: int) -> SourceRow:
    """One source; raises UnknownSource."""
    found = TrackingSource.objects.filter(pk=source_id).first()
    if found is None:
        raise UnknownSource(key=source_id)
    return _row(found)


def get_source_of_key(*, write_key: str) -> SourceRow:
    """The active source of a write key; raises UnknownWriteKey."""
    rows = fetch_prepared(statement=_BY_KEY, parameters={"write_key": write_key.replace("\x00", "")})
    if not rows:
        raise UnknownWriteKey
    return SourceRow(*rows[0])


def find_source_of_origin(*, origin: str) -> SourceRow | None:
    """The source whose pages these are: the first one made, None where there is none."""
    rows = fetch_prepared(statement=_OF_ORIGIN, parameters={"origin": origin})
    return SourceRow(*rows[0]) if rows else None


def is_known_origin(*, origin: str) -> bool:
    """Whether pages of this address may send to any source: all that can be said before a write key is seen."""
    return bool(fetch_prepared(statement=_ALLOWED, parameters={"origin": origin.replace("\x00", "")}))


def proves_user(*, source: SourceRow, user_id: str, proof: str) -> bool:
    """Whether `proof` is HMAC-SHA256 of the user id under the source's secret, in hexadecimal digits."""
    wanted = hmac.new(_unsealed(source.sealed_secret).encode(), user_id.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), proof.lower().encode(errors="replace"))


def prove_user(*, source: SourceRow, user_id: str) -> str:
    """What a page of ours says with a user id, so that it is believed."""
    return hmac.new(_unsealed(source.sealed_secret).encode(), user_id.encode(), hashlib.sha256).hexdigest()


def tidy_origins(*, origins: Sequence[str]) -> list[str]:
    """Addresses of pages as browsers write them in `Origin`; raises BadOrigin."""
    return sorted({_origin(one) for one in origins if one.strip()})


def _origin(given: str) -> str:
    try:
        parts = urlsplit(given.strip().rstrip("/"))
        port = parts.port
        # As browsers write a name with other letters.
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:
        raise BadOrigin(origin=given[:200]) from None
    is_plain = not parts.path and not parts.query and not parts.username
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[a-z0-9.-]+", host) or not is_plain:
        raise BadOrigin(origin=given[:200])
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def _row(found: Any) -> SourceRow:
    return SourceRow(*(getattr(found, name) for name in (*_FIELDS, "user_secret")))


def _seal(secret: str) -> str:
    return sealing_box(purpose=_PURPOSE).encrypt(secret.encode()).decode()


@lru_cache(maxsize=64)
def _unsealed(sealed: str) -> str:
    try:
        return sealing_box(purpose=_PURPOSE).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise UserSecretUnreadable from None
