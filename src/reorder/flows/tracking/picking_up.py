"""Asking carriers to come for parcels: a claim first, then the carrier, then what it answered; never twice a day.

A wish whose answer never came is unsure: a person asks the carrier, and says what became of it.
"""

import datetime as dt
from typing import Final

from reorder.domain.inventory.errors import UnknownPlace
from reorder.domain.inventory.queries import PlaceRow, find_place
from reorder.domain.shipping import labels, manifests
from reorder.domain.shipping.accounts import AccountRow, get_account, list_accounts
from reorder.domain.shipping.carriers import get_card
from reorder.domain.shipping.carriers.values import PickUpRequest
from reorder.domain.shipping.labels import LabelRow
from reorder.domain.shipping.tracking_errors import BadPickUp
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.storage import one_transaction
from reorder.flows.labels.opening import SendOf, open_row
from reorder.flows.labels.shaping import parcel_to_send
from reorder.flows.shop_day import shop_date
from reorder.insights.manifests import WaitingParcel, list_waiting
from reorder.insights.parcel_facts import get_parcel_facts
from reorder.kernel.errors import ReorderError

_FURTHEST: Final = dt.timedelta(days=60)
_MOST: Final = 500


def list_pick_up_accounts() -> list[AccountRow]:
    """Accounts in use whose carriers come when asked by program."""
    return [row for row in list_accounts() if row.is_active and get_card(adapter=row.adapter).capabilities.picks_up]


def ask_pick_up(
    *,
    account_id: int,
    place_code: str,
    wanted_date: dt.date,
    from_time: dt.time,
    until_time: dt.time,
    actor: Actor,
    moment: dt.datetime,
    send_of: SendOf | None = None,
) -> str:
    """Ask a carrier to come for what waits at a place; returns the carrier's number of the pick-up.

    Raises NotAllowed, UnknownPlace, UnknownAccount, BadPickUp, PickUpAsked, and what the carrier raises: then the wish
    is kept as refused, or as unsure where the carrier may have understood.
    """
    actor.require(Ability.FULFIL_ORDERS)
    place = find_place(code=place_code)
    if place is None or not actor.may_at(place_code):
        raise UnknownPlace(place=place_code)
    _refuse_bad_time(wanted_date=wanted_date, from_time=from_time, until_time=until_time, moment=moment)
    account = get_account(account_id=account_id)
    mine = _waiting_for(account=account, place_code=place_code)
    pick_up_id = _claim(
        account=account,
        place=place,
        parcels=[one for one, _label in mine],
        wanted=(wanted_date, from_time, until_time),
        actor=actor,
        moment=moment,
    )
    facts = get_parcel_facts(parcel_id=mine[0][0].id, actor=actor)
    request = PickUpRequest(
        sender=parcel_to_send(row=facts, account_settings=account.settings, reference="", series_number=0).sender,
        date=wanted_date,
        ready_time=from_time,
        closing_time=until_time,
        labels=tuple(label.handle for _one, label in mine),
    )
    try:
        agreed = open_row(row=account, moment=moment, send_of=send_of).pick_up(request=request)
    except ReorderError as fault:
        _end(pick_up_id, state="unsure" if fault.code == "carrier.unsure" else "refused", fault=str(fault))
        raise
    _end(pick_up_id, state="asked", reference=agreed.confirmation)
    return agreed.confirmation


def settle_pick_up(*, pick_up_id: int, is_agreed: bool, actor: Actor) -> bool:
    """A person asked the carrier about an unsure wish; False when it was settled. Raises NotAllowed."""
    actor.require(Ability.FULFIL_ORDERS)
    with one_transaction():
        done = manifests.end_pick_up(pick_up_id=min(pick_up_id, 2**63 - 1), state="asked" if is_agreed else "cancelled")
        if done:
            record_audit(
                actor=actor.name,
                action="shipping.settle_pick_up",
                subject_kind="pick_up",
                subject_key=str(pick_up_id),
                details={"agreed": is_agreed},
            )
    return done


def _waiting_for(*, account: AccountRow, place_code: str) -> list[tuple[WaitingParcel, LabelRow]]:
    """What stands ready for a carrier, each with its label. Raises BadPickUp where nothing does."""
    waiting = list_waiting(place_code=place_code, limit=_MOST)
    sold = {one.parcel_id: one for one in labels.list_live_labels(parcel_ids=[one.id for one in waiting])}
    mine = [(one, sold[one.id]) for one in waiting if one.id in sold and sold[one.id].account_id == account.id]
    if not mine:
        raise BadPickUp(reason="nothing waits for this carrier")
    return mine


def _claim(
    *,
    account: AccountRow,
    place: PlaceRow,
    parcels: list[WaitingParcel],
    wanted: tuple[dt.date, dt.time, dt.time],
    actor: Actor,
    moment: dt.datetime,
) -> int:
    wanted_date, from_time, until_time = wanted
    with one_transaction():
        pick_up_id = manifests.claim_pick_up(
            place_id=place.id,
            account_code=account.name,
            carrier=parcels[0].carrier,
            wanted_date=wanted_date,
            from_time=from_time,
            until_time=until_time,
            parcels_count=len(parcels),
            grams=sum(one.grams or 0 for one in parcels),
            asked_by=actor.name,
            moment=moment,
        )
        record_audit(
            actor=actor.name,
            action="shipping.ask_pick_up",
            subject_kind="place",
            subject_key=place.code,
            details={"account": account.name, "date": wanted_date.isoformat(), "parcels": len(parcels)},
        )
    return pick_up_id


def _end(pick_up_id: int, *, state: str, reference: str = "", fault: str = "") -> None:
    with one_transaction():
        manifests.end_pick_up(pick_up_id=pick_up_id, state=state, carrier_reference=reference, fault=fault)


def _refuse_bad_time(*, wanted_date: dt.date, from_time: dt.time, until_time: dt.time, moment: dt.datetime) -> None:
    today = shop_date(moment=moment)
    if not today <= wanted_date <= today + _FURTHEST:
        raise BadPickUp(reason="the day must be today or later")
    if from_time >= until_time:
        raise BadPickUp(reason="the first hour must be before the last")
