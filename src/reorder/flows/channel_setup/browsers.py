"""Browsers of customers that agreed to be notified: a subscription is kept for the person who is signed in there."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from reorder.domain.messaging.errors import BadSubscription
from reorder.domain.messaging.operations import NewConsent, events, record_consents
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.consenting.signing_up import tell_of_consent
from reorder.kernel.ids import idempotency_key

_LONGEST_ENDPOINT: Final = 2_000
_LONGEST_KEY: Final = 200


def subscribe_browser(
    *, customer_id: int, subscription: Mapping[str, Any], text_version: str, moment: dt.datetime
) -> None:
    """Keep what a browser gave after its person agreed; that is the consent to news by it. Raises BadSubscription."""
    endpoint, keys = _read(subscription)
    with one_transaction():
        events.keep_contact_point(
            customer_id=customer_id, channel="web_push", address=endpoint, details={"keys": keys}, moment=moment
        )
        key = idempotency_key("browser", customer_id, endpoint, moment.isoformat())
        record_consents(
            consents=[
                NewConsent(
                    customer_id=customer_id,
                    channel="web_push",
                    is_granted=True,
                    source="browser",
                    declared_at=moment,
                    idempotency_key=key,
                    text_version=text_version,
                    proof="the browser's own question",
                )
            ]
        )
        _note(customer_id, action="channels.subscribe_browser")
        tell_of_consent(customer_id=customer_id, channel="web_push", key=key, moment=moment)


def unsubscribe_browser(*, customer_id: int, endpoint: str, moment: dt.datetime) -> bool:
    """Forget a browser; False when it was not known. Other browsers of the person stay."""
    with one_transaction():
        done = events.drop_contact_point(customer_id=customer_id, channel="web_push", address=endpoint)
        if done:
            _note(customer_id, action="channels.unsubscribe_browser")
    return done


def _read(subscription: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    endpoint = subscription.get("endpoint")
    keys = subscription.get("keys")
    if not isinstance(endpoint, str) or urlsplit(endpoint).scheme not in {"https", "http"}:
        raise BadSubscription(reason="it names no address")
    if len(endpoint) > _LONGEST_ENDPOINT:
        raise BadSubscription(reason="its address is too long")
    if not isinstance(keys, dict):
        raise BadSubscription(reason="it has no keys")
    found = {name: keys.get(name) for name in ("p256dh", "auth")}
    if not all(isinstance(one, str) and 0 < len(one) <= _LONGEST_KEY for one in found.values()):
        raise BadSubscription(reason="it has no keys")
    return endpoint, {name: str(value) for name, value in found.items()}


def _note(customer_id: int, *, action: str) -> None:
    record_audit(actor="customer", action=action, subject_kind="customer", subject_key=str(customer_id))
