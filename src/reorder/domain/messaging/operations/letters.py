"""Letters to suppliers, known by the key of what they are about."""

import datetime as dt

from reorder.domain.messaging.models import OutboxMessage


def stop_if_waiting(
    *, idempotency_key: str, moment: dt.datetime, outcome_code: str = "outbox.stopped.by_person"
) -> bool:
    """Withdraw the message of this key if nobody has got it yet; False when there is none or it has left."""
    stopped = OutboxMessage.objects.filter(idempotency_key=idempotency_key, state="planned").update(
        state="stopped", finished_at=moment, outcome_code=outcome_code
    )
    return stopped > 0
