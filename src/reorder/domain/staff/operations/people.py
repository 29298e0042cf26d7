"""Accounts, and the links that let people in without a password."""

import datetime as dt
import re
import secrets
from collections.abc import Sequence

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from reorder.domain.staff.errors import BadUser, LastOwner, SignInLinkUseless, UnknownUser
from reorder.domain.staff.models import SignInLink, User
from reorder.domain.staff.operations.audit import record_audit
from reorder.domain.staff.queries import UserRow, get_user, hash_secret
from reorder.domain.staff.rules import Role

_USERNAME = re.compile(r"[\w.@+-]{1,150}")


def create_user(
    *,
    username: str,
    role: str,
    created_by: str,
    email: str = "",
    language: str = "en",
    place_codes: Sequence[str] = (),
    password: str = "",
) -> UserRow:
    """A new account; without a password it is entered by a sign-in link. Raises BadUser."""
    _refuse_bad(username=username, role=role, language=language)
    if User.objects.filter(username__iexact=username).exists():
        raise BadUser(username=username, reason="the name is taken")
    user = User(username=username, email=email, role=role, language=language, place_codes=sorted(set(place_codes)))
    if password:
        _refuse_weak(user=user, password=password)
        user.set_password(password)
    else:
        user.set_unusable_password()
    with transaction.atomic():
        user.save(force_insert=True)
        record_audit(
            actor=created_by,
            action="staff.create_user",
            subject_kind="user",
            subject_key=username,
            details={"role": role},
        )
    return get_user(username=username)


def change_user(
    *,
    username: str,
    role: str,
    is_active: bool,
    language: str,
    place_codes: Sequence[str],
    email: str,
    changed_by: str,
) -> UserRow:
    """Change an account; raises UnknownUser, BadUser, and LastOwner when nobody could manage the shop any more."""
    _refuse_bad(username=username, role=role, language=language)
    with transaction.atomic():
        # All owners are locked in one order, so that two of them cannot take each other's role at once.
        owners = list(
            User.objects.select_for_update()
            .filter(role=Role.OWNER, is_active=True)
            .order_by("pk")
            .values_list("username", flat=True)
        )
        if owners == [username] and (role != Role.OWNER or not is_active):
            raise LastOwner(username=username)
        changed = User.objects.filter(username=username).update(
            role=role,
            is_active=is_active,
            language=language,
            place_codes=sorted(set(place_codes)),
            email=email,
        )
        if not changed:
            raise UnknownUser(username=username)
        record_audit(
            actor=changed_by,
            action="staff.change_user",
            subject_kind="user",
            subject_key=username,
            details={"role": role, "is_active": is_active},
        )
    return get_user(username=username)


def change_preferences(*, username: str, language: str, theme: str, has_high_contrast: bool, is_dense: bool) -> None:
    """How one person wants to see pages. Raises BadUser."""
    if theme not in User.Theme.values:
        raise BadUser(username=username, reason="the theme must be system, light or dark")
    _refuse_bad(username=username, role=Role.VIEWER, language=language)
    User.objects.filter(username=username).update(
        language=language, theme=theme, has_high_contrast=has_high_contrast, is_dense=is_dense
    )


def make_sign_in_link(*, username: str, moment: dt.datetime, lasts: dt.timedelta, made_by: str) -> str:
    """A secret that signs this person in once until `moment + lasts`; only its hash is kept. Raises UnknownUser."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise UnknownUser(username=username)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        SignInLink.objects.create(
            user=user, secret_hash=hash_secret(secret=secret), created_at=moment, expires_at=moment + lasts
        )
        record_audit(actor=made_by, action="staff.make_sign_in_link", subject_kind="user", subject_key=username)
    return secret


def use_sign_in_link(*, secret: str, moment: dt.datetime) -> int:
    """Use a link up and return the id of its person; raises SignInLinkUseless. Two clicks at once let one in."""
    with transaction.atomic():
        links = SignInLink.objects.filter(
            secret_hash=hash_secret(secret=secret), used_at__isnull=True, expires_at__gt=moment, user__is_active=True
        )
        link = links.select_for_update(of=("self",)).select_related("user").first()
        if link is None:
            raise SignInLinkUseless
        SignInLink.objects.filter(pk=link.pk).update(used_at=moment)
        record_audit(
            actor=link.user.username,
            action="staff.sign_in_by_link",
            subject_kind="user",
            subject_key=link.user.username,
        )
    return int(link.user_id)


def _refuse_bad(*, username: str, role: str, language: str) -> None:
    faults = {
        "the name must have 1 to 150 letters, digits or any of . @ + - _": not _USERNAME.fullmatch(username),
        "the role must be owner, marketer, buyer, warehouse, support or viewer": role not in set(Role),
        "the language must be en or zh-hant": language not in {"en", "zh-hant"},
    }
    for reason, is_wrong in faults.items():
        if is_wrong:
            raise BadUser(username=username, reason=reason)


def _refuse_weak(*, user: User, password: str) -> None:
    try:
        validate_password(password, user=user)
    except ValidationError as fault:
        raise BadUser(username=user.username, reason=" ".join(fault.messages)) from fault
