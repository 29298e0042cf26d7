"""Accounts whose carriers tell how parcels fare, opened for use; and which of them are asked, and which call."""

import datetime as dt
from dataclasses import dataclass

from reorder.domain.shipping.accounts import AccountRow, find_account_of_key, list_accounts
from reorder.domain.shipping.carriers import Carrier, get_card
from reorder.domain.shipping.tracking_errors import UnknownCarrierAddress
from reorder.flows.labels.opening import SendOf, open_row


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """An account with its carrier, ready to be asked."""

    row: AccountRow
    carrier: Carrier

    @property
    def name(self) -> str:
        """What the account is called; it marks what was told by it."""
        return self.row.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Tellers:
    """Ids of accounts: those that are asked, and those that call by themselves."""

    polled: tuple[int, ...]
    called: tuple[int, ...]


def open_by_callback_key(*, key: str, moment: dt.datetime) -> OpenAccount:
    """The account to whose address something came, in use or not: labels that it sold are still under way.

    Raises UnknownCarrierAddress, and what opening an account raises.
    """
    row = find_account_of_key(callback_key=key) if 0 < len(key) <= 100 and "\x00" not in key else None
    if row is None:
        raise UnknownCarrierAddress
    return OpenAccount(row=row, carrier=open_row(row=row, moment=moment))


def open_to_ask(*, account_id: int, moment: dt.datetime, send_of: SendOf | None = None) -> OpenAccount | None:
    """The account of a label, None when it is not there any more. Raises what opening an account raises."""
    row = next((one for one in list_accounts() if one.id == account_id), None)
    return OpenAccount(row=row, carrier=open_row(row=row, moment=moment, send_of=send_of)) if row else None


def list_tellers() -> Tellers:
    """Which accounts tell how parcels fare: those that call are not asked as well."""
    cards = {row.id: get_card(adapter=row.adapter).capabilities for row in list_accounts()}
    return Tellers(
        polled=tuple(number for number, can in cards.items() if can.tracks and not can.callbacks),
        called=tuple(number for number, can in cards.items() if can.callbacks),
    )
