"""Messages as webhooks, signed as all our webhooks are.

The receiver knows each by `webhook-id`, so a lost answer is asked for again: whoever follows the standard takes a known
id no second time.
"""

import json

from reorder.domain.messaging.channels.base import (
    AccountValues,
    BadAccountOption,
    ChannelTools,
    HttpChannel,
    Outcome,
    Outgoing,
    Result,
)
from reorder.domain.messaging.channels.http import outcome_of_fault, outcome_of_status
from reorder.kernel.errors import ReorderError
from reorder.kernel.standard_webhooks import BadSecret, require_secret, sign


def make_channel(*, account: AccountValues, tools: ChannelTools) -> "WebhookChannel":
    """The receiver of an account. Raises BadAccountOption for a secret that is none."""
    try:
        require_secret(secret=account.secret("secret"))
    except BadSecret as fault:
        raise BadAccountOption(account=account.name, what="Signing secret", reason=str(fault)) from fault
    return WebhookChannel(account=account, tools=tools)


class WebhookChannel(HttpChannel):
    """One receiver."""

    def send(self, *, outgoing: Outgoing) -> Outcome:
        """Post one message."""
        key = outgoing.message_id.strip("<>").partition("@")[0]
        body = json.dumps(
            {
                "type": "message",
                "id": key,
                "to": outgoing.address,
                "subject": outgoing.subject,
                "text": outgoing.text,
                "html": outgoing.html,
                "payload": dict(outgoing.payload),
            },
            ensure_ascii=False,
        ).encode()
        timestamp = int(self._tools.now().timestamp())
        signature = sign(secrets=[self._account.secret("secret")], message_id=key, timestamp=timestamp, body=body)
        try:
            answer = self._tools.send(
                url=self._account.option("url"),
                headers={
                    "content-type": "application/json",
                    "webhook-id": key,
                    "webhook-timestamp": str(timestamp),
                    "webhook-signature": signature,
                },
                body=body,
            )
        except ReorderError as fault:
            return outcome_of_fault(fault=fault, may_repeat=True)
        if answer.status < 300:
            return Outcome(result=Result.DELIVERED)
        return outcome_of_status(answer=answer, may_repeat=True, now=self._tools.now())

    def check(self) -> str:
        """Nothing can be asked of a receiver without sending; that its address is well is all that can be said."""
        return self._account.option("url")
