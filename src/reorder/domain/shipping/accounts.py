"""Accounts with carriers; secrets are sealed on the way in and leave only by `open_account`."""

import datetime as dt
import re
import secrets as dice
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction

from reorder.domain.shipping.carriers import get_card
from reorder.domain.shipping.carriers.values import AccountValues
from reorder.domain.shipping.label_errors import AccountSecretsUnreadable, BadAccount, UnknownAccount
from reorder.domain.shipping.label_models import CarrierAccount
from reorder.domain.storage.sealing import SealBroken, seal_texts, unseal_texts

OWN_ADAPTER: Final = "rate_table"
_OWN_NAME: Final = "Rate table"
_PURPOSE: Final = b"reorder carrier secrets "
# Letters that are not taken for one another.
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_NAME: Final = re.compile(r"\S(.{0,58}\S)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account without its secrets; `secret_names` are those that were entered. No places mean every place.

    An embedded account without services serves all that no other account serves.
    """

    id: int
    name: str
    adapter: str
    settings: Mapping[str, Any]
    secret_names: tuple[str, ...]
    services: Mapping[str, str]
    places: tuple[str, ...]
    reference_start: str
    callback_key: str
    is_active: bool
    is_test: bool
    checked_at: dt.datetime | None
    check_fault: Mapping[str, Any] | None
    created_by: str
    created_at: dt.datetime

    @property
    def is_own(self) -> bool:
        return self.adapter == OWN_ADAPTER

    @property
    def buys_at_packing(self) -> bool:
        """Whether a label is bought as soon as a box is closed; the embedded account does unless told otherwise."""
        return str(self.settings.get("buys_at_packing") or ("yes" if self.is_own else "no")) == "yes"

    def serves(self, *, service_code: str, place_code: str) -> bool:
        """Whether labels of a service are bought here for parcels of a place."""
        is_placed = not self.places or place_code in self.places
        return self.is_active and is_placed and (service_code in self.services or (self.is_own and not self.services))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForm:
    """What is entered for an account; a secret that is left out stays as it is."""

    name: str
    adapter: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    places: Sequence[str] = ()
    is_test: bool = False


def list_accounts() -> list[AccountRow]:
    """Every account, those in use first, by name."""
    return [_row(one) for one in CarrierAccount.objects.order_by("-is_active", "name")]


def list_accounts_with_own() -> list[AccountRow]:
    """As `list_accounts`; before the first label the embedded account is not kept yet and has the id 0."""
    known = list_accounts()
    if any(one.is_own for one in known):
        return known
    return [_row(CarrierAccount(pk=0, name=_OWN_NAME, adapter=OWN_ADAPTER)), *known]


def get_account(*, account_id: int) -> AccountRow:
    """One account; raises UnknownAccount."""
    return _row(_get(account_id))


def find_account_of_key(*, callback_key: str) -> AccountRow | None:
    """The account to whose address a carrier's message came."""
    found = CarrierAccount.objects.filter(callback_key=callback_key).first()
    return _row(found) if found else None


def open_account(*, account_id: int) -> AccountValues:
    """An account as it is needed for a call, with its secrets. Raises UnknownAccount, AccountSecretsUnreadable."""
    found = _get(account_id)
    return AccountValues(
        id=found.pk,
        name=found.name,
        adapter=found.adapter,
        is_test=found.is_test,
        settings=found.settings,
        secrets=_unseal(found),
        services=found.services,
    )


def ensure_own_account() -> AccountRow:
    """The embedded account, made when there is none: every shop can print labels."""
    found = CarrierAccount.objects.filter(adapter=OWN_ADAPTER).order_by("pk").first()
    if found is None:
        found, _made = CarrierAccount.objects.get_or_create(
            name=_OWN_NAME,
            defaults={"adapter": OWN_ADAPTER, "reference_start": _new_start(), "callback_key": dice.token_urlsafe(24)},
        )
    return _row(found)


def create_account(*, form: AccountForm, created_by: str) -> AccountRow:
    """Add an account, in use at once; raises BadAccount, BadAccountSetting."""
    secrets = {name: value for name, value in form.secrets.items() if value}
    _refuse_bad(form=form, secret_names=secrets)
    if form.adapter != OWN_ADAPTER:
        # Its name stays its own, whatever others are called.
        ensure_own_account()
    with _unique_name():
        made = CarrierAccount.objects.create(
            name=form.name.strip(),
            adapter=form.adapter,
            settings=_settings(form),
            secrets=seal_texts(purpose=_PURPOSE, texts=secrets),
            secret_names=sorted(secrets),
            places=sorted(set(form.places)),
            is_test=form.is_test,
            reference_start=_new_start(),
            callback_key=dice.token_urlsafe(24),
            created_by=created_by,
        )
    return get_account(account_id=made.pk)


def change_account(*, account_id: int, form: AccountForm) -> AccountRow:
    """Change an account; the adapter stays. Raises UnknownAccount, BadAccount, BadAccountSetting."""
    before = _get(account_id)
    secrets = {name: value for name, value in form.secrets.items() if value}
    names = {*before.secret_names, *secrets}
    _refuse_bad(form=form, secret_names=names)
    changes: dict[str, Any] = {
        "name": form.name.strip(),
        "settings": _settings(form),
        "places": sorted(set(form.places)),
        "is_test": form.is_test,
        "checked_at": None,
        "check_fault": None,
    }
    if secrets:
        # Secrets that cannot be read any more are worth nothing: those entered now stand alone.
        kept = _readable(before)
        sealed = seal_texts(purpose=_PURPOSE, texts=kept | secrets)
        changes |= {"secrets": sealed, "secret_names": sorted(kept | secrets)}
    with _unique_name():
        CarrierAccount.objects.filter(pk=account_id, adapter=before.adapter).update(**changes)
    return get_account(account_id=account_id)


def set_services(*, account_id: int, services: Mapping[str, str]) -> AccountRow:
    """Say which of our services are bought here, and what the carrier calls them. Raises UnknownAccount, BadAccount."""
    row = get_account(account_id=account_id)
    named = {code: " ".join(words.split()) for code, words in services.items()}
    if not row.is_own and not all(named.values()):
        raise BadAccount(reason="name the carrier's service")
    CarrierAccount.objects.filter(pk=account_id).update(services=named)
    return get_account(account_id=account_id)


def use_account(*, account_id: int) -> bool:
    """Buy labels here again; False when it was in use."""
    return bool(CarrierAccount.objects.filter(pk=account_id, is_active=False).update(is_active=True))


def rest_account(*, account_id: int) -> bool:
    """Buy no more labels here; those bought stay, and are tracked and voided as before."""
    return bool(CarrierAccount.objects.filter(pk=account_id, is_active=True).update(is_active=False))


def note_check(*, account_id: int, moment: dt.datetime, fault: Mapping[str, Any] | None) -> None:
    """Remember what a test of the connection said."""
    CarrierAccount.objects.filter(pk=account_id).update(checked_at=moment, check_fault=fault)


def _get(account_id: int) -> CarrierAccount:
    found = CarrierAccount.objects.filter(pk=account_id).first()
    if found is None:
        raise UnknownAccount(account=account_id)
    return found


def _row(found: CarrierAccount) -> AccountRow:
    return AccountRow(
        id=found.pk,
        name=found.name,
        adapter=found.adapter,
        settings=found.settings,
        secret_names=tuple(found.secret_names),
        services=found.services,
        places=tuple(found.places),
        reference_start=found.reference_start,
        callback_key=found.callback_key,
        is_active=found.is_active,
        is_test=found.is_test,
        checked_at=found.checked_at,
        check_fault=found.check_fault,
        created_by=found.created_by,
        created_at=found.created_at,
    )


def _settings(form: AccountForm) -> dict[str, str]:
    return {name: value.strip() for name, value in form.settings.items() if value.strip()}


def _refuse_bad(*, form: AccountForm, secret_names: Mapping[str, str] | set[str]) -> None:
    if not _NAME.fullmatch(form.name.strip()) or "\x00" in form.name:
        raise BadAccount(reason="a name has 1 to 60 characters")
    card = get_card(adapter=form.adapter)
    given = _settings(form)
    for one in card.fields:
        is_there = one.name in secret_names if one.is_secret else bool(given.get(one.name) or one.default)
        if one.is_needed and not is_there:
            raise BadAccount(reason=f"{one.label}: it is needed")
        if one.choices and given.get(one.name) and given[one.name] not in dict(one.choices):
            raise BadAccount(reason=f"{one.label}: choose one of those offered")


class _unique_name:  # noqa: N801 - reads as a block
    """A block in which a name that is taken becomes BadAccount, without harm to the transaction around."""

    def __enter__(self) -> None:
        self._point = transaction.atomic()
        self._point.__enter__()

    def __exit__(self, kind: Any, fault: BaseException | None, trace: Any) -> None:
        self._point.__exit__(kind, fault, trace)
        if isinstance(fault, IntegrityError):
            raise BadAccount(reason="another account has this name") from fault


def _new_start() -> str:
    return "".join(dice.choice(_LETTERS) for _ in range(4))


def _unseal(found: CarrierAccount) -> dict[str, str]:
    try:
        return unseal_texts(purpose=_PURPOSE, sealed=found.secrets)
    except SealBroken:
        raise AccountSecretsUnreadable(account=found.name) from None


def _readable(found: CarrierAccount) -> dict[str, str]:
    try:
        return _unseal(found)
    except AccountSecretsUnreadable:
        return {}
