"""Endpoints that we stop sending to: whoever looks after the shop is told by an alert, until it is settled."""

import datetime as dt
from urllib.parse import urlsplit

from django.db import transaction

from reorder.domain.channels import webhook_endpoints as endpoints
from reorder.flows import alerting


def disable_for(*, endpoint_id: int, reason: str, moment: dt.datetime) -> bool:
    """Disable an endpoint because of what it answered, and raise the alert; False when it was not in use any more."""
    with transaction.atomic():
        is_done = endpoints.disable_endpoint(endpoint_id=endpoint_id, reason=reason, moment=moment)
        if is_done:
            tell_of_disabled(moment=moment)
    return is_done


def tell_of_disabled(*, moment: dt.datetime) -> None:
    """Make the open alerts those of the endpoints that we had to disable; within the caller's transaction."""
    disabled = [
        (row.id, host_of(url=row.url), row.state_reason) for row in endpoints.list_endpoints() if row.state_reason
    ]
    alerting.raise_webhook_faults(disabled=disabled, moment=moment)


def host_of(*, url: str) -> str:
    """The host alone: the rest of an address may be a secret of the receiver."""
    return urlsplit(url).netloc.rpartition("@")[2]
