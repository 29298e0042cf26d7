"""Merging two records of one person. What comes later under the absorbed one's key lands on the kept one, for ever.

Everybody who looks a customer up and then writes facts about them holds merges off until their transaction ends
(`customers.operations.hold_merges_off`), so an import is either over before a merge or sees what it left.
"""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from reorder.domain.behaviour import operations as behaviour
from reorder.domain.customers import merging as customers
from reorder.domain.customers.merging import WAIT_SECONDS
from reorder.domain.customers.profile import merge_profiles
from reorder.domain.marketing.exposures import move_exposures
from reorder.domain.marketing.segment_members import move_list_members
from reorder.domain.messaging import operations as messaging
from reorder.domain.orders import operations as orders
from reorder.domain.orders.coupons import move_coupons
from reorder.domain.payments import credit
from reorder.domain.planning import operations as planning
from reorder.domain.planning.marks import mark_days
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction, take_transaction_lock_within
from reorder.flows.journeys.merging import merge_journeys
from reorder.flows.repeat_cycle.deciding import cycle_key
from reorder.flows.repeat_cycle.planning import PLANNING_LOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What a merge moved to the customer who was kept.

    `refusals_count` are refusals that were added because either record held one; `stopped_count` waiting reminders of
    the absorbed record that were withdrawn.
    """

    customer_id: int
    absorbed_id: int
    orders_count: int
    contact_points_count: int
    consents_count: int
    refusals_count: int
    messages_count: int
    stopped_count: int
    notes_count: int
    events_count: int


def merge_customers(*, keep_id: int, absorb_id: int, decided_by: str, moment: dt.datetime) -> Merge:
    """Let the record `keep_id` absorb `absorb_id`; cannot be undone.

    Orders, addresses, messages, notes, pauses, events and store credit move; the stricter consent holds (a refusal of
    either record wins, and the ledger only grows); of two open pauses the longer goes on. Conclusions about the
    absorbed record are removed; both customers and the days of the moved orders are marked, so that what is counted and
    concluded is drawn again from what the kept one has now.

    Raises SameCustomer, UnknownCustomer, CustomerErased, CustomerMerged, AlreadyRunning.
    """
    with one_transaction():
        # Reminders that are being planned for the absorbed record would be planned past the merge.
        take_transaction_lock_within(name=PLANNING_LOCK, seconds=WAIT_SECONDS, what="planning of reminders")
        customers.lock_for_merging(keep_id=keep_id, absorb_id=absorb_id)
        dates = orders.reassign_orders(
            from_customer_id=absorb_id, to_customer_id=keep_id, time_zone=settings.REORDER.time_zone
        )
        merge_journeys(keep_id=keep_id, absorb_id=absorb_id, moment=moment)
        cycles = messaging.list_reminded_cycles_of(customer_id=absorb_id)
        contacts = messaging.merge_contacts(keep_id=keep_id, absorb_id=absorb_id, decided_by=decided_by, moment=moment)
        for cycle in cycles:
            messaging.rename_cycle(
                item_id=cycle.item_id,
                cycle_key=cycle_key(
                    customer_id=keep_id, subject_key=cycle.subject_key, last_bought_date=cycle.last_bought_date
                ),
            )
        merge = Merge(
            customer_id=keep_id,
            absorbed_id=absorb_id,
            orders_count=len(dates),
            contact_points_count=contacts.contact_points_count,
            consents_count=contacts.consents_count,
            refusals_count=contacts.refusals_count,
            messages_count=contacts.messages_count,
            stopped_count=contacts.stopped_count,
            notes_count=customers.absorb_record(keep_id=keep_id, absorb_id=absorb_id, moment=moment),
            events_count=behaviour.reassign_events(from_customer_id=absorb_id, to_customer_id=keep_id),
        )
        credit.merge_credit(keep_id=keep_id, absorb_id=absorb_id, decided_by=decided_by, moment=moment)
        _move_marketing(keep_id=keep_id, absorb_id=absorb_id, moment=moment)
        planning.forget_customer(customer_id=absorb_id)
        ids = (keep_id, absorb_id)
        planning.mark_many(marks=[(kind, str(one)) for kind in ("customer", "segment") for one in ids])
        # Two visits of one day are one from now on.
        mark_days(dates=dates)
        _audit(merge=merge, decided_by=decided_by)
    return merge


def _move_marketing(*, keep_id: int, absorb_id: int, moment: dt.datetime) -> None:
    """What marketing knows of the absorbed record is the kept one's: tags, codes, comparisons, lists."""
    today = moment.astimezone(ZoneInfo(settings.REORDER.time_zone)).date()
    merge_profiles(keep_id=keep_id, absorb_id=absorb_id)
    move_coupons(from_customer_id=absorb_id, to_customer_id=keep_id)
    move_exposures(keep_id=keep_id, absorb_id=absorb_id)
    move_list_members(from_customer_id=absorb_id, to_customer_id=keep_id, today=today)


def _audit(*, merge: Merge, decided_by: str) -> None:
    record_audit(
        actor=decided_by,
        action="customers.merge",
        subject_kind="customer",
        subject_key=str(merge.customer_id),
        details={
            "absorbed": merge.absorbed_id,
            "orders": merge.orders_count,
            "events": merge.events_count,
            "notes": merge.notes_count,
            "stopped_messages": merge.stopped_count,
        },
    )
