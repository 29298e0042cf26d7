"""Writing contact points, consent, decisions and the outbox; callable inside the caller's transaction.

A message is planned once (idempotency key) and sent at most once: `sending` is committed before the channel is asked,
and a message whose answer was lost is parked as `unknown` for a person.
"""

from reorder.domain.messaging.operations.contacts import (
    NewConsent,
    NewContactPoint,
    mark_unreachable,
    read_unsubscribe_token,
    record_consents,
    record_consents_from_table,
    unsubscribe_token,
    unsubscribe_url,
    upsert_contact_points,
    upsert_contact_points_from_table,
)
from reorder.domain.messaging.operations.deciding import (
    approve_messages,
    send_messages_now,
    stop_messages,
    take_approval_back,
    undo_stops,
)
from reorder.domain.messaging.operations.letters import stop_if_waiting
from reorder.domain.messaging.operations.merging import (
    MergedContacts,
    list_reminded_cycles_of,
    merge_contacts,
    rename_cycle,
)
from reorder.domain.messaging.operations.pausing import end_pause, start_pause, stop_waiting_marketing
from reorder.domain.messaging.operations.planning import (
    PlannedMessages,
    forget_decisions,
    plan_messages,
    record_decisions,
    rewrite_reminder,
    stop_message,
    stop_reminder,
)
from reorder.domain.messaging.operations.sending import (
    MessageToSend,
    claim_next_message,
    close_held_out_messages,
    hold_sending_lock,
    park_lost_messages,
    record_failed,
    record_not_delivered,
    record_sent,
    record_unknown,
    release_sending_lock,
    resolve_as_sent,
    resolve_by_retry,
    stop_expired_messages,
)

__all__ = [
    "MergedContacts",
    "MessageToSend",
    "NewConsent",
    "NewContactPoint",
    "PlannedMessages",
    "approve_messages",
    "claim_next_message",
    "close_held_out_messages",
    "end_pause",
    "forget_decisions",
    "hold_sending_lock",
    "list_reminded_cycles_of",
    "mark_unreachable",
    "merge_contacts",
    "park_lost_messages",
    "plan_messages",
    "read_unsubscribe_token",
    "record_consents",
    "record_consents_from_table",
    "record_decisions",
    "record_failed",
    "record_not_delivered",
    "record_sent",
    "record_unknown",
    "release_sending_lock",
    "rename_cycle",
    "resolve_as_sent",
    "resolve_by_retry",
    "rewrite_reminder",
    "send_messages_now",
    "start_pause",
    "stop_expired_messages",
    "stop_if_waiting",
    "stop_message",
    "stop_messages",
    "stop_reminder",
    "stop_waiting_marketing",
    "take_approval_back",
    "undo_stops",
    "unsubscribe_token",
    "unsubscribe_url",
    "upsert_contact_points",
    "upsert_contact_points_from_table",
]
