"""Posts on a Facebook page by Meta's Graph API (`/{page-id}/feed`); it knows no idempotency key."""

from urllib.parse import quote

from reorder.domain.messaging.channels.base import (
    AccountValues,
    ChannelTools,
    HttpChannel,
    Outcome,
    Outgoing,
    Result,
)
from reorder.domain.messaging.channels.facebook_page.card import ADDRESS
from reorder.domain.messaging.channels.http import (
    outcome_of_fault,
    outcome_of_garbage,
    outcome_of_status,
    post_json,
    read_checked,
    read_object,
)
from reorder.kernel.errors import ReorderError


def make_channel(*, account: AccountValues, tools: ChannelTools) -> "FacebookPage":
    """The page of an account."""
    return FacebookPage(account=account, tools=tools)


class FacebookPage(HttpChannel):
    """One page."""

    def __init__(self, *, account: AccountValues, tools: ChannelTools) -> None:
        super().__init__(account=account, tools=tools)
        self._url = f"{account.option('address', ADDRESS).rstrip('/')}/{quote(account.option('page_id'), safe='')}"

    def send(self, *, outgoing: Outgoing) -> Outcome:
        """Post text, with a link where the payload names one."""
        body = {"message": outgoing.text}
        if outgoing.payload.get("link"):
            body["link"] = str(outgoing.payload["link"])
        try:
            answer = post_json(tools=self._tools, url=f"{self._url}/feed", body=body, headers=self._authorization())
        except ReorderError as fault:
            return outcome_of_fault(fault=fault, may_repeat=False)
        said = read_object(answer=answer) or {}
        if answer.status < 300:
            if not isinstance(said.get("id"), str):
                return outcome_of_garbage(answer=answer, may_repeat=False)
            return Outcome(result=Result.DELIVERED, provider_key=said["id"])
        fault_words = said.get("error")
        words = str(fault_words.get("message") or "") if isinstance(fault_words, dict) else ""
        return outcome_of_status(answer=answer, may_repeat=False, now=self._tools.now(), said=words)

    def check(self) -> str:
        """Ask for the page's name. Raises ChannelUnreached, ChannelUnsure, CheckFailed."""
        answer = self._tools.send(url=f"{self._url}?fields=name", method="GET", headers=self._authorization())
        return str(read_checked(answer=answer, way=self._account.name).get("name") or "OK")

    def _authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._account.secret('access_token')}"}
