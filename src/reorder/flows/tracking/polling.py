"""Carriers that do not call are asked: many parcels of an account in one question, rarer the longer nothing happens."""

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Final

from reorder.domain.shipping import tracking, under_way
from reorder.domain.shipping.carriers.faults import CarrierCannot
from reorder.domain.shipping.under_way import ParcelToPoll
from reorder.domain.storage import one_transaction
from reorder.flows.labels.following import track
from reorder.flows.labels.opening import SendOf
from reorder.flows.tracking.accounts import open_to_ask
from reorder.flows.tracking.callbacks import take_reports
from reorder.kernel.errors import ReorderError

log = logging.getLogger(__name__)
# Carriers answer for so many parcels at once, and one job asks no longer than minutes.
_LOT: Final = 50
_MOST: Final = 500


def poll_carriers(*, moment: dt.datetime, send_of: SendOf | None = None) -> int:
    """Ask for the parcels whose moment has come; returns how many things were new. Safe to run twice.

    A carrier that fails is asked again after 10 minutes, then after 20, 40 … up to a day; the rest goes on.
    """
    by_account: dict[int | None, list[ParcelToPoll]] = {}
    for one in under_way.list_to_poll(moment=moment, limit=_MOST):
        by_account.setdefault(one.account_id, []).append(one)
    new = 0
    for account_id, parcels in by_account.items():
        for start in range(0, len(parcels), _LOT):
            new += _ask(account_id=account_id, parcels=parcels[start : start + _LOT], moment=moment, send_of=send_of)
    return new


def _ask(
    *, account_id: int | None, parcels: Sequence[ParcelToPoll], moment: dt.datetime, send_of: SendOf | None
) -> int:
    new, fault = 0, ""
    try:
        account = open_to_ask(account_id=account_id, moment=moment, send_of=send_of) if account_id else None
        if account is None:
            return _give_up(parcels)
        numbers = [one.tracking_number for one in parcels]
        reports = track(account_id=account.row.id, tracking_numbers=numbers, moment=moment, send_of=send_of)
        new = take_reports(account=account, reports=reports, source="poll", moment=moment).new_count
    except CarrierCannot:
        return _give_up(parcels)
    except ReorderError as error:
        log.warning("carrier account %s cannot be asked for %s parcels: %s", account_id, len(parcels), error)
        fault = str(error)
    for one in parcels:
        with one_transaction():
            tracking.put_poll_off(parcel_id=one.parcel_id, fault=fault, moment=moment)
    return new


def _give_up(parcels: Sequence[ParcelToPoll]) -> int:
    with one_transaction():
        under_way.stop_polling(parcel_ids=[one.parcel_id for one in parcels])
    return 0
