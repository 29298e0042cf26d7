"""Text messages by Twilio's interface. It knows no idempotency key, so a lost answer parks the message."""

import base64
from typing import Final
from urllib.parse import quote, urlencode

from reorder.domain.messaging.channels.base import (
    AccountValues,
    ChannelTools,
    HttpChannel,
    Outcome,
    Outgoing,
    Result,
)
from reorder.domain.messaging.channels.http import (
    outcome_of_fault,
    outcome_of_garbage,
    outcome_of_status,
    read_checked,
    read_object,
)
from reorder.domain.messaging.channels.pacing import read_price_micros
from reorder.domain.messaging.channels.twilio.card import ADDRESS
from reorder.domain.messaging.channels.twilio.segments import count_parts
from reorder.kernel.errors import ReorderError
from reorder.kernel.http_calls import HttpAnswer

# Twilio's codes for numbers that are none, cannot get texts, or have said STOP.
_NO_SUCH_NUMBER: Final = frozenset({21211, 21217, 21610, 21612, 21614, 30003, 30005, 30006})


def make_channel(*, account: AccountValues, tools: ChannelTools) -> "TwilioChannel":
    """The sender of an account."""
    return TwilioChannel(account=account, tools=tools)


class TwilioChannel(HttpChannel):
    """One account at Twilio, or at a service that speaks as it does."""

    def __init__(self, *, account: AccountValues, tools: ChannelTools) -> None:
        super().__init__(account=account, tools=tools)
        sid = quote(account.option("account_sid"), safe="")
        self._url = f"{account.option('address', ADDRESS).rstrip('/')}/2010-04-01/Accounts/{sid}"
        self._price_micros = read_price_micros(account=account)

    def send(self, *, outgoing: Outgoing) -> Outcome:
        """Hand one text over; what it costs is counted by its parts."""
        text = outgoing.text or outgoing.subject
        sender = self._account.option("sender")
        form = {
            "To": outgoing.address,
            "Body": text,
            "MessagingServiceSid" if sender.startswith("MG") else "From": sender,
            "StatusCallback": f"{self._tools.public_url}/channels/{self._account.callback_key}/callback",
        }
        try:
            answer = self._ask("/Messages.json", form)
        except ReorderError as fault:
            return outcome_of_fault(fault=fault, may_repeat=False)
        if answer.status < 300:
            said = read_object(answer=answer) or {}
            if not isinstance(said.get("sid"), str):
                return outcome_of_garbage(answer=answer, may_repeat=False)
            parts = max(_number(said.get("num_segments")), count_parts(text=text))
            cost = self._price_micros * parts
            return Outcome(result=Result.DELIVERED, provider_key=said["sid"], cost_micros=cost, billed_count=parts)
        return self._refused(answer)

    def check(self) -> str:
        """Ask for the account. Raises ChannelUnreached, ChannelUnsure, CheckFailed."""
        answer = self._tools.send(url=f"{self._url}.json", method="GET", headers=self._authorization())
        return str(read_checked(answer=answer, way=self._account.name).get("friendly_name") or "OK")

    def _refused(self, answer: HttpAnswer) -> Outcome:
        said = read_object(answer=answer) or {}
        code = _number(said.get("code"))
        words = f"{code} {said.get('message') or ''}".strip() if said else ""
        outcome = outcome_of_status(answer=answer, may_repeat=False, now=self._tools.now(), said=words)
        if outcome.result is Result.REFUSED and code in _NO_SUCH_NUMBER:
            return Outcome(result=Result.REFUSED, code=outcome.code, error=outcome.error, is_address_unknown=True)
        return outcome

    def _ask(self, path: str, form: dict[str, str]) -> HttpAnswer:
        return self._tools.send(
            url=self._url + path,
            headers={"content-type": "application/x-www-form-urlencoded", **self._authorization()},
            body=urlencode(form).encode(),
        )

    def _authorization(self) -> dict[str, str]:
        pair = f"{self._account.option('account_sid')}:{self._account.secret('auth_token')}"
        return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _number(found: object) -> int:
    try:
        return int(str(found))
    except ValueError:
        return 0
