"""What people do with accounts: each change with its audit entry, in one transaction. Secrets are in no audit entry."""

import datetime as dt
from collections.abc import Mapping

from reorder.domain.shipping import accounts
from reorder.domain.shipping.accounts import AccountForm, AccountRow
from reorder.domain.shipping.label_errors import BadAccount
from reorder.domain.shipping.queries import list_services
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.flows.labels.buying import fault_json
from reorder.flows.labels.opening import SendOf, open_row
from reorder.kernel.errors import ReorderError


def add_account(*, form: AccountForm, actor: Actor) -> AccountRow:
    """Add an account, in use at once. Raises NotAllowed, BadAccount, BadAccountSetting."""
    actor.require(Ability.MANAGE_PLACES)
    with one_transaction():
        made = accounts.create_account(form=form, created_by=actor.name)
        _audit("carriers.add_account", made, actor)
    return made


def change_account(*, account_id: int, form: AccountForm, actor: Actor) -> AccountRow:
    """Change an account; secrets that are left out stay. Raises NotAllowed, UnknownAccount, BadAccount."""
    actor.require(Ability.MANAGE_PLACES)
    with one_transaction():
        made = accounts.change_account(account_id=account_id, form=form)
        changed = sorted(name for name, value in form.secrets.items() if value)
        _audit("carriers.change_account", made, actor, new_secrets=changed)
    return made


def set_services(*, account_id: int, services: Mapping[str, str], actor: Actor) -> AccountRow:
    """Which of the shop's services are bought at an account. Raises NotAllowed, UnknownAccount, BadAccount."""
    actor.require(Ability.MANAGE_PLACES)
    known = {one.code for one in list_services()}
    if set(services) - known:
        raise BadAccount(reason="choose a service of the shop")
    with one_transaction():
        made = accounts.set_services(account_id=account_id, services=services)
        _audit("carriers.set_services", made, actor, services=dict(services))
    return made


def use_account(*, account_id: int, actor: Actor) -> AccountRow:
    """Buy labels there again. Raises NotAllowed, UnknownAccount."""
    actor.require(Ability.MANAGE_PLACES)
    row = accounts.get_account(account_id=account_id)
    with one_transaction():
        if accounts.use_account(account_id=account_id):
            _audit("carriers.use_account", row, actor)
    return accounts.get_account(account_id=account_id)


def rest_account(*, account_id: int, actor: Actor) -> AccountRow:
    """Buy no labels there for now. Raises NotAllowed, UnknownAccount."""
    actor.require(Ability.MANAGE_PLACES)
    row = accounts.get_account(account_id=account_id)
    with one_transaction():
        if accounts.rest_account(account_id=account_id):
            _audit("carriers.rest_account", row, actor)
    return accounts.get_account(account_id=account_id)


def try_account(*, account_id: int, actor: Actor, moment: dt.datetime, send_of: SendOf | None = None) -> AccountRow:
    """Ask the carrier the least, and remember what came of it: `check_fault` empty means that it answered.

    Raises NotAllowed, UnknownAccount.
    """
    actor.require(Ability.MANAGE_PLACES)
    row = accounts.get_account(account_id=account_id)
    fault = None
    try:
        open_row(row=row, moment=moment, send_of=send_of).check()
    except ReorderError as error:
        fault = fault_json(error)
    accounts.note_check(account_id=account_id, moment=moment, fault=fault)
    return accounts.get_account(account_id=account_id)


def _audit(action: str, row: AccountRow, actor: Actor, **details: object) -> None:
    record_audit(
        actor=actor.name,
        action=action,
        subject_kind="carrier_account",
        subject_key=str(row.id),
        details={"name": row.name, "adapter": row.adapter, **details},
    )
