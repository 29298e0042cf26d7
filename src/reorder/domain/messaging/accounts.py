"""Accounts by which messages leave; secrets are sealed on the way in and leave only by `open_account`."""

import datetime as dt
import re
import secrets as dice
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from reorder.domain.messaging.channel_models import ChannelPost
from reorder.domain.messaging.channels import get_card, refuse_missing
from reorder.domain.messaging.channels.base import AccountValues
from reorder.domain.messaging.errors import (
    AccountInUse,
    BadChannelAccount,
    ChannelSecretsUnreadable,
    UnknownChannelAccount,
)
from reorder.domain.messaging.models import ChannelAccount
from reorder.domain.storage.sealing import SealBroken, seal_texts, unseal_texts

# The mail way that the settings name, known by this code wherever ways are named.
SETTINGS_MAIL: Final = "settings"
_PURPOSE: Final = b"reorder channel secrets "
_CODE: Final = re.compile(r"[a-z0-9]([a-z0-9_-]{0,38}[a-z0-9])?")
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAccountRow:
    """One account without its secrets; `secret_names` are those that were entered."""

    id: int
    code: str
    channel: str
    provider: str
    name: str
    options: Mapping[str, str]
    secret_names: tuple[str, ...]
    callback_key: str
    priority: int
    is_active: bool
    checked_at: dt.datetime | None
    check_fault: Mapping[str, Any] | None
    created_by: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAccountForm:
    """What is entered for an account; a secret that is left out stays as it is."""

    code: str
    provider: str
    name: str
    options: Mapping[str, str]
    secrets: Mapping[str, str]
    priority: int = 0


def list_accounts(*, channel: str = "", is_active: bool | None = None) -> list[ChannelAccountRow]:
    """Accounts, of a channel or of all, in the order in which they are chosen."""
    found = ChannelAccount.objects.order_by("channel", "priority", "pk")
    found = found.filter(channel=channel) if channel else found
    found = found.filter(is_active=is_active) if is_active is not None else found
    return [_row(one) for one in found]


def get_account(*, account_id: int) -> ChannelAccountRow:
    """One account; raises UnknownChannelAccount."""
    return _row(_get(account_id))


def find_account(*, code: str) -> ChannelAccountRow | None:
    """The account of this code."""
    found = ChannelAccount.objects.filter(code=code).first()
    return _row(found) if found else None


def find_account_of_key(*, callback_key: str) -> ChannelAccountRow | None:
    """The account to whose address a provider's message came."""
    found = ChannelAccount.objects.filter(~Q(callback_key=""), callback_key=callback_key).first()
    return _row(found) if found else None


def open_account(*, account_id: int) -> AccountValues:
    """An account as it is needed for a call. Raises UnknownChannelAccount, ChannelSecretsUnreadable."""
    return _values(_get(account_id))


def create_account(*, form: ChannelAccountForm, created_by: str) -> ChannelAccountRow:
    """Add an account, in use at once; raises BadChannelAccount, BadAccountOption."""
    card = get_card(provider=form.provider)
    if not _CODE.fullmatch(form.code):
        raise BadChannelAccount(reason="a code has small letters, digits, - and _, at most 40")
    if form.code == SETTINGS_MAIL:
        raise BadChannelAccount(reason="this code belongs to the mail of the settings")
    secrets = _given(form.secrets)
    _refuse_bad(form=form, secrets=secrets)
    try:
        with transaction.atomic():
            made = ChannelAccount.objects.create(
                code=form.code,
                channel=card.channel,
                provider=form.provider,
                name=form.name.strip(),
                options=_given(form.options),
                secret=seal_texts(purpose=_PURPOSE, texts=secrets),
                secret_names=sorted(secrets),
                callback_key=dice.token_urlsafe(24),
                priority=form.priority,
                created_by=created_by,
            )
    except IntegrityError as fault:
        raise BadChannelAccount(reason="another account has this code") from fault
    return get_account(account_id=made.pk)


def change_account(*, account_id: int, form: ChannelAccountForm, moment: dt.datetime) -> ChannelAccountRow:
    """Change an account; code and adapter stay. Raises UnknownChannelAccount, BadChannelAccount, BadAccountOption."""
    before = _get(account_id)
    given = _given(form.secrets)
    try:
        secrets = _values(before).secrets | given  # type: ignore[operator]
    except ChannelSecretsUnreadable:
        # What cannot be read any more is worth nothing: those entered now stand alone.
        secrets = given
    _refuse_bad(form=form, secrets=secrets)
    ChannelAccount.objects.filter(pk=account_id, provider=form.provider).update(
        name=form.name.strip(),
        options=_given(form.options),
        secret=seal_texts(purpose=_PURPOSE, texts=secrets),
        secret_names=sorted(secrets),
        priority=form.priority,
        checked_at=None,
        check_fault=None,
        changed_at=moment,
    )
    return get_account(account_id=account_id)


def use_account(*, account_id: int) -> bool:
    """Send by it again; False when it was in use."""
    return bool(ChannelAccount.objects.filter(pk=account_id, is_active=False).update(is_active=True))


def rest_account(*, account_id: int) -> bool:
    """Send nothing by it for now; its provider's messages are still listened to."""
    return bool(ChannelAccount.objects.filter(pk=account_id, is_active=True).update(is_active=False))


def delete_account(*, account_id: int) -> None:
    """Remove an account by which nothing was posted. Raises UnknownChannelAccount, AccountInUse."""
    found = _get(account_id)
    if ChannelPost.objects.filter(account_id=account_id).exists():
        raise AccountInUse(account=found.name)
    found.delete()


def note_check(*, account_id: int, moment: dt.datetime, fault: Mapping[str, Any] | None) -> None:
    """Remember what a test of the connection said."""
    ChannelAccount.objects.filter(pk=account_id).update(checked_at=moment, check_fault=fault)


def _get(account_id: int) -> ChannelAccount:
    found = ChannelAccount.objects.filter(pk=account_id).first()
    if found is None:
        raise UnknownChannelAccount(account=account_id)
    return found


def _row(found: ChannelAccount) -> ChannelAccountRow:
    return ChannelAccountRow(
        id=found.pk,
        code=found.code,
        channel=found.channel,
        provider=found.provider,
        name=found.name,
        options=found.options,
        secret_names=tuple(found.secret_names),
        callback_key=found.callback_key,
        priority=found.priority,
        is_active=found.is_active,
        checked_at=found.checked_at,
        check_fault=found.check_fault,
        created_by=found.created_by,
        created_at=found.created_at,
    )


def _values(found: ChannelAccount) -> AccountValues:
    try:
        secrets = unseal_texts(purpose=_PURPOSE, sealed=found.secret)
    except SealBroken:
        raise ChannelSecretsUnreadable(account=found.name) from None
    return AccountValues(
        code=found.code,
        channel=found.channel,
        provider=found.provider,
        name=found.name,
        options=found.options,
        secrets=secrets,
        callback_key=found.callback_key,
    )


def _given(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in texts.items() if value.strip()}


def _refuse_bad(*, form: ChannelAccountForm, secrets: Mapping[str, str]) -> None:
    name = form.name.strip()
    if not name or len(name) > _LONGEST_NAME or "\x00" in name:
        raise BadChannelAccount(reason="a name has 1 to 60 characters")
    card = get_card(provider=form.provider)
    refuse_missing(
        account=AccountValues(
            code=form.code,
            channel=card.channel,
            provider=form.provider,
            name=name,
            options=_given(form.options),
            secrets=secrets,
        )
    )
