"""What people and programs do with webhooks: each change with its audit entry, in one transaction.

Secrets are in no audit entry and no log.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from django.conf import settings

from reorder.connectors.base.outgoing import OutgoingRefused, require_address
from reorder.domain.channels import webhook_deliveries as deliveries
from reorder.domain.channels import webhook_endpoints as endpoints
from reorder.domain.channels.errors import BadEndpoint, EndpointNotInState
from reorder.domain.channels.webhook_endpoints import EndpointRow
from reorder.domain.channels.webhook_messages import NewMessage, new_key, record_messages
from reorder.domain.channels.webhook_pages import find_last_delivery
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.webhooks.alarming import host_of, tell_of_disabled
from reorder.flows.webhooks.kinds import TEST, require_kinds
from reorder.flows.webhooks.telling import forget_unwanted, write_body
from reorder.kernel.jobs import JobName, defer_job
from reorder.kernel.standard_webhooks import new_secret, require_secret

LONGEST_OVERLAP_HOURS: Final = 24 * 14
REPLAYED_STATES: Final = ("failed", "given_up")
_LONGEST_URL: Final = 2_000
# A name as it is asked for, in ASCII; names in other scripts are turned into it before.
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?\.?", re.IGNORECASE)
_LONGEST_DESCRIPTION: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointForm:
    """What is entered for an endpoint; no kinds mean all."""

    url: str
    description: str = ""
    kinds: Sequence[str] = ()


def add_endpoint(
    *, given: EndpointForm, decided_by: str, moment: dt.datetime, secret: str = ""
) -> tuple[EndpointRow, str]:
    """Add an endpoint, active at once; returns it and its secret, a new one unless given.

    Raises BadEndpoint, UnknownKind, BadSecret.
    """
    url, description, kinds = _checked(given)
    secret = require_secret(secret=secret) if secret else new_secret()
    with one_transaction():
        made = endpoints.create_endpoint(
            url=url, description=description, kinds=kinds, secret=secret, created_by=decided_by, moment=moment
        )
        _audit("webhooks.add", made, decided_by, changed=["kinds"] if kinds else [])
    forget_unwanted()
    return made, secret


def change_endpoint(*, endpoint_id: int, given: EndpointForm, decided_by: str) -> EndpointRow:
    """Change where it is and what it wants; raises UnknownEndpoint, BadEndpoint, UnknownKind."""
    url, description, kinds = _checked(given)
    with one_transaction():
        endpoints.hold_endpoint(endpoint_id=endpoint_id)
        before = endpoints.get_endpoint(endpoint_id=endpoint_id)
        after = endpoints.change_endpoint(endpoint_id=endpoint_id, url=url, description=description, kinds=kinds)
        changed = [name for name in ("url", "description", "kinds") if getattr(before, name) != getattr(after, name)]
        if changed:
            _audit("webhooks.change", after, decided_by, changed=changed)
    forget_unwanted()
    return after


def pause_endpoint(*, endpoint_id: int, decided_by: str, moment: dt.datetime) -> EndpointRow:
    """What happens from now on waits; raises UnknownEndpoint, EndpointNotInState."""
    with one_transaction():
        endpoints.hold_endpoint(endpoint_id=endpoint_id)
        endpoints.pause_endpoint(endpoint_id=endpoint_id, moment=moment)
        return _done("webhooks.pause", endpoint_id, decided_by)


def resume_endpoint(*, endpoint_id: int, decided_by: str, moment: dt.datetime) -> EndpointRow:
    """Send again what waits and what happens; raises UnknownEndpoint, EndpointNotInState.

    Of a disabled one only what happens from now on: what was given up is replayed when somebody asks for it.
    """
    with one_transaction():
        endpoints.hold_endpoint(endpoint_id=endpoint_id)
        endpoints.resume_endpoint(endpoint_id=endpoint_id, moment=moment)
        tell_of_disabled(moment=moment)
        return _done("webhooks.resume", endpoint_id, decided_by)


def remove_endpoint(*, endpoint_id: int, decided_by: str, moment: dt.datetime) -> None:
    """Send nothing to it any more, and forget its secrets; raises UnknownEndpoint."""
    with one_transaction():
        endpoints.hold_endpoint(endpoint_id=endpoint_id)
        found = endpoints.get_endpoint(endpoint_id=endpoint_id)
        endpoints.remove_endpoint(endpoint_id=endpoint_id, moment=moment)
        tell_of_disabled(moment=moment)
        _audit("webhooks.remove", found, decided_by)
    forget_unwanted()


def rotate_secret(
    *, endpoint_id: int, overlap_hours: int, decided_by: str, moment: dt.datetime, secret: str = ""
) -> str:
    """Sign with a new secret, and with the present one too for so many hours (0: not at all); returns the new one.

    Raises UnknownEndpoint, BadEndpoint, BadSecret.
    """
    if not 0 <= overlap_hours <= LONGEST_OVERLAP_HOURS:
        raise BadEndpoint(reason="both secrets can be valid for 0 to 336 hours")
    secret = require_secret(secret=secret) if secret else new_secret()
    with one_transaction():
        endpoints.hold_endpoint(endpoint_id=endpoint_id)
        if overlap_hours:
            until = moment + dt.timedelta(hours=overlap_hours)
            endpoints.rotate_secret(endpoint_id=endpoint_id, secret=secret, previous_until=until)
        else:
            endpoints.replace_secret(endpoint_id=endpoint_id, secret=secret)
        found = endpoints.get_endpoint(endpoint_id=endpoint_id)
        _audit("webhooks.rotate", found, decided_by)
    return secret


def reveal_secret(*, endpoint_id: int, decided_by: str, moment: dt.datetime) -> str:
    """The secret that signs now; who looked is on record. Raises UnknownEndpoint, SecretUnreadable."""
    with one_transaction():
        secret = endpoints.read_secrets(endpoint_id=endpoint_id, moment=moment)[0]
        _audit("webhooks.reveal", endpoints.get_endpoint(endpoint_id=endpoint_id), decided_by)
    return secret


def send_test(*, endpoint_id: int, decided_by: str, moment: dt.datetime) -> int:
    """Send a test message to one endpoint, whatever it wants; returns the delivery.

    Raises UnknownEndpoint, EndpointNotInState.
    """
    with one_transaction():
        found = endpoints.get_endpoint(endpoint_id=endpoint_id)
        if found.state != "active":
            raise EndpointNotInState(state=found.state, action="tested")
        event_key = new_key()
        data = {"event_id": event_key, "message": "Hello 你好 👋", "shop": settings.REORDER.shop_name}
        record_messages(
            kind=TEST,
            subject_kind="endpoint",
            messages=[
                NewMessage(
                    subject_key=str(endpoint_id),
                    event_key=event_key,
                    body=write_body(kind=TEST, data=data, moment=moment),
                )
            ],
            moment=moment,
            endpoint_id=endpoint_id,
        )
        _audit("webhooks.test", found, decided_by)
        defer_job(name=JobName.SEND_WEBHOOKS, once_key="webhooks")
        return find_last_delivery(endpoint_id=endpoint_id) or 0


def replay_delivery(*, delivery_id: int, decided_by: str, moment: dt.datetime) -> None:
    """Send one delivery again, or at once; raises UnknownDelivery, EndpointNotInState."""
    with one_transaction():
        deliveries.replay_delivery(delivery_id=delivery_id, moment=moment)
        record_audit(
            actor=decided_by, action="webhooks.replay", subject_kind="webhook delivery", subject_key=str(delivery_id)
        )
        defer_job(name=JobName.SEND_WEBHOOKS, once_key="webhooks")


def replay_span(
    *,
    endpoint_id: int | None,
    since: dt.datetime,
    until: dt.datetime,
    states: Sequence[str] = REPLAYED_STATES,
    decided_by: str,
    moment: dt.datetime,
) -> int:
    """Send again what failed or was given up in a span, to one endpoint or all in use; returns how many deliveries.

    Raises UnknownEndpoint, EndpointNotInState, BadEndpoint.
    """
    if since >= until:
        raise BadEndpoint(reason="the span ends before it begins")
    with one_transaction():
        if endpoint_id is not None:
            found = endpoints.get_endpoint(endpoint_id=endpoint_id)
            if found.state == "disabled":
                raise EndpointNotInState(state=found.state, action="sent to")
        count = deliveries.replay_span(endpoint_id=endpoint_id, since=since, until=until, states=states, moment=moment)
        record_audit(
            actor=decided_by,
            action="webhooks.replay",
            subject_kind="webhook endpoint",
            subject_key=str(endpoint_id or ""),
            details={"count": count, "after": since.isoformat(), "before": until.isoformat()},
        )
        if count:
            defer_job(name=JobName.SEND_WEBHOOKS, once_key="webhooks")
    return count


def forget_webhooks(*, moment: dt.datetime) -> int:
    """Delete messages older than they are kept, with their deliveries; returns how many."""
    deliveries.give_up_orphans(moment=moment)
    return deliveries.forget_messages(before=moment - dt.timedelta(days=settings.REORDER.webhook_kept_days))


def _checked(given: EndpointForm) -> tuple[str, str, tuple[str, ...]]:
    kinds = require_kinds(kinds=given.kinds)
    url, description = given.url.strip(), " ".join(given.description.split())
    if len(url) > _LONGEST_URL:
        raise BadEndpoint(reason="the address is longer than 2,000 characters")
    if len(description) > _LONGEST_DESCRIPTION:
        raise BadEndpoint(reason="the description is longer than 200 characters")
    try:
        address = require_address(url=url)
    except OutgoingRefused as fault:
        raise BadEndpoint(reason=str(fault.parameters["reason"])) from fault
    if not _HOST.fullmatch(address.raw_host.decode("ascii")) and not _is_number(address.host):
        raise BadEndpoint(reason="it is no address")
    if address.scheme != "https" and not _is_own_network(address.host):
        raise BadEndpoint(reason="it must begin with https:// unless it is an address within REORDER_OUTGOING_NETWORKS")
    return url, description, kinds


def _is_number(host: str) -> bool:
    """Whether a host is written as a number."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_own_network(host: str) -> bool:
    """Whether the address is written as a number of a network that the settings allow, or is this machine."""
    number = "127.0.0.1" if host == "localhost" else host
    if not _is_number(number):
        return False
    return any(ip_address(number) in ip_network(network) for network in settings.REORDER.outgoing_networks)


def _done(action: str, endpoint_id: int, decided_by: str) -> EndpointRow:
    found = endpoints.get_endpoint(endpoint_id=endpoint_id)
    _audit(action, found, decided_by)
    return found


def _audit(action: str, row: EndpointRow, decided_by: str, *, changed: Sequence[str] = ()) -> None:
    details: dict[str, object] = {"host": host_of(url=row.url)}
    if changed:
        details["changed"] = list(changed)
    record_audit(
        actor=decided_by, action=action, subject_kind="webhook endpoint", subject_key=str(row.id), details=details
    )
