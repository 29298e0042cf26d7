"""Accounts opened for use: the adapter with the guarded way out, our labels and rates, and the moment."""

import datetime as dt
from collections.abc import Callable
from typing import Final

from django.conf import settings

from reorder.connectors.base.outgoing import OutgoingLimits
from reorder.domain.shipping import accounts
from reorder.domain.shipping.accounts import AccountRow
from reorder.domain.shipping.carriers import Carrier, open_carrier
from reorder.domain.shipping.carriers.faults import CarrierUnreached, CarrierUnsure
from reorder.domain.shipping.carriers.values import CarrierTools, LabelDocument, ParcelToSend
from reorder.flows.documents.parcel_label import parcel_label
from reorder.flows.guarded_calls import guarded_send
from reorder.flows.labels.pricing import price_of_table
from reorder.flows.shop_links import shop_address
from reorder.kernel.http_calls import HttpSend

# One request, all told. A buyer is taken for dead after several of them (`recovering`).
CALL_SECONDS: Final = 20.0
_LIMITS: Final = OutgoingLimits(seconds=CALL_SECONDS, connect_seconds=5.0, maximum_bytes=8_000_000, redirects=0)
SendOf = Callable[[str], HttpSend]


def callback_address(*, callback_key: str) -> str:
    """Where a carrier tells us of the parcels of an account."""
    return f"{shop_address()}/carriers/{callback_key}/callback"


def open_account(*, account_id: int, moment: dt.datetime, send_of: SendOf | None = None) -> Carrier:
    """The carrier of an account, ready to be asked; `send_of` (by the account's name) replaces the way out in trials.

    Raises UnknownAccount, AccountSecretsUnreadable, BadAccountSetting, CarrierExtraMissing.
    """
    row = accounts.get_account(account_id=account_id)
    return open_row(row=row, moment=moment, send_of=send_of)


def open_row(*, row: AccountRow, moment: dt.datetime, send_of: SendOf | None = None) -> Carrier:
    """As `open_account`, of a row that was read already."""
    tools = CarrierTools(
        send=(send_of or carrier_send)(row.name),
        draw_label=_draw(moment),
        price=price_of_table,
        moment=moment,
        time_zone=settings.REORDER.time_zone,
        callback_url=callback_address(callback_key=row.callback_key),
    )
    return open_carrier(account=accounts.open_account(account_id=row.id), tools=tools)


def carrier_send(carrier: str) -> HttpSend:
    """The guarded way out for a carrier's requests."""
    return guarded_send(
        limits=_LIMITS,
        unreached=lambda cause: CarrierUnreached(carrier=carrier, cause=cause),
        unsure=lambda cause: CarrierUnsure(carrier=carrier, cause=cause),
    )


def _draw(moment: dt.datetime) -> Callable[..., LabelDocument]:
    def draw(*, parcel: ParcelToSend, tracking_number: str, service_name: str) -> LabelDocument:
        return parcel_label(
            parcel=parcel,
            tracking_number=tracking_number,
            service_name=service_name,
            shop_name=settings.REORDER.shop_name,
            moment=moment,
        )

    return draw
