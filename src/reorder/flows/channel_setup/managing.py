"""What people do with channel accounts: each change with its audit entry in one transaction; no entry has a secret."""

import datetime as dt
from dataclasses import replace

from reorder.domain.messaging import accounts, paces
from reorder.domain.messaging.accounts import ChannelAccountForm, ChannelAccountRow
from reorder.domain.messaging.channels import make_channel
from reorder.domain.messaging.channels.web_push.keys import new_private_key, public_key_of
from reorder.domain.messaging.errors import BadChannelAccount
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.flows.outbox.tools import channel_tools
from reorder.flows.outbox.ways import fault_of
from reorder.kernel.errors import ReorderError
from reorder.kernel.jobs import JobName, defer_job


def add_account(*, form: ChannelAccountForm, actor: Actor) -> ChannelAccountRow:
    """Add an account, in use at once. Raises NotAllowed, BadChannelAccount, BadAccountOption."""
    actor.require(Ability.MANAGE_CHANNELS)
    with one_transaction():
        made = accounts.create_account(form=_with_keys(form), created_by=actor.name)
        _audit("channels.add_account", made, actor)
        defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    return made


def change_account(
    *, account_id: int, form: ChannelAccountForm, actor: Actor, moment: dt.datetime
) -> ChannelAccountRow:
    """Change an account; secrets that are left out stay, and it is tried again at once.

    Raises NotAllowed, UnknownChannelAccount, BadChannelAccount, BadAccountOption.
    """
    actor.require(Ability.MANAGE_CHANNELS)
    with one_transaction():
        made = accounts.change_account(account_id=account_id, form=form, moment=moment)
        paces.wake_way(way=made.code)
        changed = sorted(name for name, value in form.secrets.items() if value.strip())
        _audit("channels.change_account", made, actor, new_secrets=changed)
    return made


def use_account(*, account_id: int, actor: Actor) -> ChannelAccountRow:
    """Send by it again. Raises NotAllowed, UnknownChannelAccount."""
    return _switch(account_id=account_id, actor=actor, is_on=True)


def rest_account(*, account_id: int, actor: Actor) -> ChannelAccountRow:
    """Send nothing by it for now. Raises NotAllowed, UnknownChannelAccount."""
    return _switch(account_id=account_id, actor=actor, is_on=False)


def delete_account(*, account_id: int, actor: Actor) -> None:
    """Remove an account. Raises NotAllowed, UnknownChannelAccount, AccountInUse."""
    actor.require(Ability.MANAGE_CHANNELS)
    row = accounts.get_account(account_id=account_id)
    with one_transaction():
        accounts.delete_account(account_id=account_id)
        _audit("channels.delete_account", row, actor)


def wake_way(*, way: str, actor: Actor) -> bool:
    """Try a way at once that rests after a refusal; False when it does not rest. Raises NotAllowed."""
    actor.require(Ability.MANAGE_CHANNELS)
    with one_transaction():
        woken = paces.wake_way(way=way)
        if woken:
            record_audit(actor=actor.name, action="channels.wake", subject_kind="channel_account", subject_key=way)
            defer_job(name=JobName.SEND_OUTBOX, once_key="outbox")
    return woken


def try_account(*, account_id: int, actor: Actor, moment: dt.datetime) -> ChannelAccountRow:
    """Ask the provider the least, and remember what came of it: `check_fault` empty means that it answered.

    Raises NotAllowed, UnknownChannelAccount.
    """
    actor.require(Ability.MANAGE_CHANNELS)
    row = accounts.get_account(account_id=account_id)
    fault = None
    try:
        account = accounts.open_account(account_id=account_id)
        tools = channel_tools(way=row.name, now=lambda: moment, is_impatient=True)
        with make_channel(account=account, tools=tools) as channel:
            channel.check()
    except ReorderError as error:
        fault = fault_of(error)
    accounts.note_check(account_id=account_id, moment=moment, fault=fault)
    return accounts.get_account(account_id=account_id)


def browser_key() -> str:
    """The public key that pages give to browsers; empty where no account for browsers is in use."""
    for row in accounts.list_accounts(channel="web_push", is_active=True):
        try:
            key = accounts.open_account(account_id=row.id).secret("private_key")
            return public_key_of(private_key=key)
        except (ReorderError, ValueError):
            continue
    return ""


def _with_keys(form: ChannelAccountForm) -> ChannelAccountForm:
    """A form for browsers gets its pair of keys here, unless one was entered."""
    if form.provider != "web_push":
        return form
    given = form.secrets.get("private_key", "").strip()
    if not given:
        return replace(form, secrets={**form.secrets, "private_key": new_private_key()})
    try:
        public_key_of(private_key=given)
    except ValueError as fault:
        raise BadChannelAccount(reason="the private key is none") from fault
    return form


def _switch(*, account_id: int, actor: Actor, is_on: bool) -> ChannelAccountRow:
    actor.require(Ability.MANAGE_CHANNELS)
    row = accounts.get_account(account_id=account_id)
    with one_transaction():
        change = accounts.use_account if is_on else accounts.rest_account
        if change(account_id=account_id):
            _audit("channels.use_account" if is_on else "channels.rest_account", row, actor)
    return accounts.get_account(account_id=account_id)


def _audit(action: str, row: ChannelAccountRow, actor: Actor, **details: object) -> None:
    record_audit(
        actor=actor.name,
        action=action,
        subject_kind="channel_account",
        subject_key=row.code,
        details={"name": row.name, "provider": row.provider, **details},
    )
