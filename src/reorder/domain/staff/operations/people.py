"""Accounts, and the links that let people in without a password."""

import datetime as dt
import re
import secrets
from collections.abc import Mapping, Sequence

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from reorder.domain.staff.errors import BadUser, LastOwner, SignInLinkUseless, UnknownUser, UserChanged, UserStopped
from reorder.domain.staff.models import SignInLink, User
from reorder.domain.staff.operations.audit import record_audit
from reorder.domain.staff.queries import UserRow, get_user, hash_secret
from reorder.domain.staff.rules import Role
from reorder.domain.storage import take_transaction_locks

_USERNAME = re.compile(r"[\w.@+-]{1,150}")
_ADDRESS = re.compile(r"[^\s@<>,;:\x00]{1,64}@[^\s@<>,;:\x00]{1,189}")


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
    _refuse_bad(username=username, role=role, language=language, email=email)
    user = User(username=username, email=email, role=role, language=language, place_codes=sorted(set(place_codes)))
    if password:
        _refuse_weak(user=user, password=password)
        user.set_password(password)
    else:
        user.set_unusable_password()
    with transaction.atomic():
        _hold_names()
        if User.objects.filter(username__iexact=username).exists():
            raise BadUser(username=username, reason="the name is taken")
        _refuse_taken_address(email=email, username=username)
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
    seen: str = "",
) -> UserRow:
    """Change an account; `seen` is the fingerprint of the account that the person looked at.

    Raises UnknownUser, BadUser, UserChanged, and LastOwner when nobody could manage the shop any more.
    """
    _refuse_bad(username=username, role=role, language=language, email=email)
    with transaction.atomic():
        _hold_names()
        row = _lock_user(username=username)
        if seen and seen != row.fingerprint:
            raise UserChanged(username=username)
        _refuse_taken_address(email=email, username=username)
        wanted = {
            "role": role,
            "is_active": is_active,
            "language": language,
            "place_codes": sorted(set(place_codes)),
            "email": email,
        }
        return _save_change(row=row, wanted=wanted, changed_by=changed_by)


def change_role(*, username: str, role: str, changed_by: str) -> UserRow:
    """Give a person another role. Raises UnknownUser, BadUser, LastOwner."""
    _refuse_bad(username=username, role=role, language="en")
    with transaction.atomic():
        return _save_change(row=_lock_user(username=username), wanted={"role": role}, changed_by=changed_by)


def stop_user(*, username: str, stopped_by: str) -> UserRow:
    """Close an account: open sessions end with their next click, links and password let nobody in any more.

    Raises UnknownUser, LastOwner.
    """
    with transaction.atomic():
        return _save_change(row=_lock_user(username=username), wanted={"is_active": False}, changed_by=stopped_by)


def set_password(*, username: str, password: str, set_by: str) -> None:
    """A new password; every open session of the person ends. Raises UnknownUser, BadUser."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(username=username).first()
        if user is None:
            raise UnknownUser(username=username)
        _refuse_weak(user=user, password=password)
        User.objects.filter(pk=user.pk).update(password=make_password(password))
        record_audit(actor=set_by, action="staff.set_password", subject_kind="user", subject_key=username)


def remove_second_factors(*, username: str, removed_by: str) -> int:
    """Forget apps, passkeys and recovery codes of somebody who lost them; returns how many. Raises UnknownUser."""
    with transaction.atomic():
        row = _lock_user(username=username)
        count, _ = Authenticator.objects.filter(user_id=row.id).delete()
        if count:
            record_audit(
                actor=removed_by, action="staff.remove_second_factors", subject_kind="user", subject_key=username
            )
    return int(count)


def change_preferences(*, username: str, language: str, theme: str, has_high_contrast: bool, is_dense: bool) -> None:
    """How one person wants to see pages. Raises BadUser."""
    if theme not in User.Theme.values:
        raise BadUser(username=username, reason="the theme must be system, light or dark")
    _refuse_bad(username=username, role=Role.VIEWER, language=language)
    User.objects.filter(username=username).update(
        language=language, theme=theme, has_high_contrast=has_high_contrast, is_dense=is_dense
    )


def make_sign_in_link(*, username: str, moment: dt.datetime, lasts: dt.timedelta, made_by: str) -> str:
    """A secret that signs this person in once until `moment + lasts`; only its hash is kept.

    Raises UnknownUser, UserStopped.
    """
    user = User.objects.filter(username=username).first()
    if user is None:
        raise UnknownUser(username=username)
    if not user.is_active:
        raise UserStopped(username=username)
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


def _hold_names() -> None:
    """Names and addresses are given one after the other: no index knows that Mei and mei sign in as the same."""
    take_transaction_locks(names=["reorder.staff.names"])


def _lock_user(*, username: str) -> UserRow:
    """The account as it is now, and all owners locked in one order: two cannot take each other's role at once."""
    locked = User.objects.select_for_update().filter(Q(role=Role.OWNER) | Q(username=username)).order_by("pk")
    if username not in {user.username for user in locked}:
        raise UnknownUser(username=username)
    return get_user(username=username)


def _save_change(*, row: UserRow, wanted: Mapping[str, object], changed_by: str) -> UserRow:
    changes = {name: value for name, value in wanted.items() if value != _plain(getattr(row, name))}
    if not changes:
        return row
    is_owner_after = changes.get("role", row.role) == Role.OWNER and changes.get("is_active", row.is_active)
    if row.role == Role.OWNER and row.is_active and not is_owner_after:
        others = User.objects.filter(role=Role.OWNER, is_active=True).exclude(pk=row.id)
        if not others.exists():
            raise LastOwner(username=row.username)
    User.objects.filter(pk=row.id).update(**changes)
    told = {name: value for name, value in changes.items() if name != "email"}
    if "email" in changes:
        told["email"] = "changed"  # the trail holds no personal facts
    record_audit(
        actor=changed_by, action="staff.change_user", subject_kind="user", subject_key=row.username, details=told
    )
    return get_user(username=row.username)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _refuse_taken_address(*, email: str, username: str) -> None:
    """People may sign in by their address, so it names one of them."""
    if email and User.objects.filter(email__iexact=email).exclude(username=username).exists():
        raise BadUser(username=username, reason="somebody else has this e-mail address")


def _refuse_bad(*, username: str, role: str, language: str, email: str = "") -> None:
    faults = {
        "the name must have 1 to 150 letters, digits or any of . @ + - _": not _USERNAME.fullmatch(username),
        "the role must be owner, marketer, buyer, warehouse, support or viewer": role not in set(Role),
        "the language must be en or zh-hant": language not in {"en", "zh-hant"},
        "the e-mail address is not one": bool(email) and not _ADDRESS.fullmatch(email),
    }
    for reason, is_wrong in faults.items():
        if is_wrong:
            raise BadUser(username=username, reason=reason)


def _refuse_weak(*, user: User, password: str) -> None:
    try:
        validate_password(password, user=user)
    except ValidationError as fault:
        raise BadUser(username=user.username, reason=" ".join(fault.messages)) from fault
