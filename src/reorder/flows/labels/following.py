"""Where parcels are, by account and tracking number: values for whoever keeps them; nothing is stored here."""

import datetime as dt
from collections.abc import Sequence

from reorder.domain.shipping import labels
from reorder.domain.shipping.carriers.values import TrackingReport
from reorder.flows.labels.opening import SendOf, open_account


def track(
    *, account_id: int, tracking_numbers: Sequence[str], moment: dt.datetime, send_of: SendOf | None = None
) -> tuple[TrackingReport, ...]:
    """What a carrier says of parcels whose labels were bought at an account; numbers without a label are left out.

    Raises UnknownAccount, AccountSecretsUnreadable, CarrierCannot, and the carrier's faults.
    """
    known = labels.list_bought(account_id=account_id, tracking_numbers=tracking_numbers)
    if not known:
        return ()
    carrier = open_account(account_id=account_id, moment=moment, send_of=send_of)
    return carrier.track(labels=[one.handle for one in known])
