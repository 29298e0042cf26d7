"""Reads of people, tokens and the audit trail."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Count

from reorder.domain.staff.errors import UnknownUser
from reorder.domain.staff.models import ApiToken, AuditEntry, SavedView, User
from reorder.domain.staff.rules import ROLE_ABILITIES, Actor, Role, abilities_within
from reorder.kernel.fingerprint import fingerprint_of

# Hops from one name to the next in the index.
_NAMES: Final = """
WITH RECURSIVE names AS (
    (SELECT {column} AS name FROM staff_auditentry ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM staff_auditentry WHERE {column} > names.name ORDER BY {column} LIMIT 1)
    FROM names WHERE names.name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class UserRow:
    """One person of the staff; `place_codes` empty: all places."""

    id: int
    username: str
    email: str
    role: str
    language: str
    place_codes: tuple[str, ...]
    is_active: bool
    has_password: bool
    last_login_at: dt.datetime | None

    @property
    def fingerprint(self) -> str:
        """Tells whether somebody has changed the account since it was shown."""
        return fingerprint_of(values=(self.email, self.role, self.language, self.place_codes, self.is_active))


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One API token, without its secret."""

    id: int
    name: str
    hint: str
    scopes: tuple[str, ...]
    place_codes: tuple[str, ...]
    requests_per_minute: int | None
    created_by: str
    created_at: dt.datetime
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """The answer to a write of the API, and the fingerprint of the request that it answers."""

    request_hash: str
    status: int
    body: bytes
    content_type: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class SavedViewRow:
    id: int
    page: str
    name: str
    query: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry of the audit trail."""

    id: int
    happened_at: dt.datetime
    actor: str
    via: str
    request_id: str
    action: str
    subject_kind: str
    subject_key: str
    details: dict[str, Any]


def hash_secret(*, secret: str) -> str:
    """How secrets of links and tokens are kept: they are long and random, so a plain digest cannot be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_of_user(*, user: User) -> Actor:
    """What a signed-in person may do."""
    role = Role(user.role)
    return Actor(
        name=user.username,
        abilities=abilities_within(abilities=ROLE_ABILITIES[role], place_codes=user.place_codes),
        role=role,
        place_codes=frozenset(user.place_codes),
        user_id=user.pk,
    )


def list_people_behind(*, name: str) -> frozenset[str]:
    """Who acts under a name of the audit trail: the person, or of a token whoever made one of that name, and itself."""
    kind, separator, token = name.partition(":")
    if kind != "token" or not separator:
        return frozenset({name})
    made_by = ApiToken.objects.filter(name=token).exclude(created_by="").values_list("created_by", flat=True)
    return frozenset({name, *made_by})


def get_user(*, username: str) -> UserRow:
    """One person; raises UnknownUser."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise UnknownUser(username=username)
    return _user_row(user)


def get_user_of_id(*, user_id: int) -> UserRow:
    """One person by number; raises UnknownUser."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UnknownUser(username=user_id)
    return _user_row(user)


def list_users() -> list[UserRow]:
    """Everybody, active people first."""
    return [_user_row(user) for user in User.objects.order_by("-is_active", "username")]


def count_second_factors() -> dict[int, int]:
    """How many apps and passkeys each person has, by the person's number; recovery codes do not count."""
    found = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return dict(found.values_list("user_id").annotate(count=Count("pk")))


def list_limited_to(*, place_code: str) -> list[str]:
    """Active people and live tokens that work at this place, among others or alone."""
    people = User.objects.filter(is_active=True, place_codes__contains=[place_code]).order_by("username")
    tokens = ApiToken.objects.filter(revoked_at__isnull=True, place_codes__contains=[place_code]).order_by("name")
    return [*people.values_list("username", flat=True), *tokens.values_list("name", flat=True)]


def list_tokens() -> list[TokenRow]:
    """All tokens, live ones first, the newest on top."""
    return [token_row(token) for token in ApiToken.objects.order_by("-revoked_at", "-pk")]


def list_saved_views(*, user_id: int, page: str) -> list[SavedViewRow]:
    """A person's saved filters of one list."""
    views = SavedView.objects.filter(user_id=user_id, page=page).order_by("pk")
    return [SavedViewRow(view.pk, view.page, view.name, view.query, tuple(view.columns)) for view in views]


def list_audit(
    *,
    before_id: int | None = None,
    actor: str = "",
    action: str = "",
    subject_kind: str = "",
    subject_key: str = "",
    limit: int = 50,
) -> list[AuditRow]:
    """The newest entries, those before `before_id` when given; of one person, action or subject when named."""
    entries = AuditEntry.objects.order_by("-pk")
    entries = entries.filter(pk__lt=before_id) if before_id is not None else entries
    entries = entries.filter(actor=actor) if actor else entries
    entries = entries.filter(action=action) if action else entries
    entries = entries.filter(subject_kind=subject_kind) if subject_kind else entries
    entries = entries.filter(subject_key=subject_key) if subject_key else entries
    return [
        AuditRow(
            id=one.pk,
            happened_at=one.happened_at,
            actor=one.actor,
            via=one.via,
            request_id=one.request_id,
            action=one.action,
            subject_kind=one.subject_kind,
            subject_key=one.subject_key,
            details=one.details,
        )
        for one in entries[:limit]
    ]


def list_audit_actions() -> list[str]:
    """The actions that occur, by name."""
    return _list_distinct(column="action")


def list_audit_kinds() -> list[str]:
    """The kinds of subjects that occur, by name."""
    return [kind for kind in _list_distinct(column="subject_kind") if kind]


def _list_distinct(*, column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_NAMES.replace("{column}", column))
        return [name for (name,) in cursor.fetchall()]


def _user_row(user: User) -> UserRow:
    return UserRow(
        id=user.pk,
        username=user.username,
        email=user.email,
        role=user.role,
        language=user.language,
        place_codes=tuple(user.place_codes),
        is_active=user.is_active,
        has_password=user.has_usable_password(),
        last_login_at=user.last_login,
    )


def token_row(token: ApiToken) -> TokenRow:
    """A token as others may see it."""
    return TokenRow(
        id=token.pk,
        name=token.name,
        hint=token.hint,
        scopes=tuple(token.scopes),
        place_codes=tuple(token.place_codes),
        requests_per_minute=token.requests_per_minute,
        created_by=token.created_by,
        created_at=token.created_at,
        expires_at=token.expires_at,
        revoked_at=token.revoked_at,
        last_used_at=token.last_used_at,
    )
