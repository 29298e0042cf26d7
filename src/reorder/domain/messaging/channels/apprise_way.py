"""Chat services through apprise: which of its addresses may be used, and what its answers mean.

Apprise opens its connections itself. So only services of known hosts are taken, and of those that a shop runs itself
the host is checked before each message.
"""

from typing import Final
from urllib.parse import quote, urlsplit

from reorder.domain.messaging.channels.base import (
    PRIVATE_ADDRESS,
    AccountValues,
    BadAccountOption,
    ChannelTools,
    NothingToClose,
    Outcome,
    Outgoing,
    Result,
)

# Services whose host apprise knows; what stands in the address are keys.
_PUBLIC: Final = frozenset(
    {"tgram", "discord", "slack", "bluesky", "bsky", "gchat", "workflows", "reddit", "twitter", "x", "threema", "viber"}
)
# Services whose host stands in the address.
_HOSTED: Final = frozenset(
    {"mmost", "mmosts", "rocket", "rockets", "matrix", "matrixs", "ntfy", "ntfys", "gotify", "gotifys", "json", "jsons"}
    | {"form", "forms", "toot", "toots", "mastodon", "mastodons", "misskey", "misskeys", "zulip"}
)
PLACE: Final = "{address}"
_FIELD: Final = "Address (apprise)"


def make_channel(*, account: AccountValues, tools: ChannelTools) -> "AppriseChannel":
    """The chat service of an account. Raises BadAccountOption for an address that may not be used."""
    return AppriseChannel(account=account, tools=tools)


class AppriseChannel(NothingToClose):
    """One address of apprise's, or one for each person where `{address}` stands in it."""

    def __init__(self, *, account: AccountValues, tools: ChannelTools) -> None:
        self._account = account
        self._tools = tools
        self._url = account.secret("url").strip()
        self._refuse_bad(self._url)

    def send(self, *, outgoing: Outgoing) -> Outcome:
        """Say it once; apprise's own repeats stay off."""
        url = self._url.replace(PLACE, quote(outgoing.address, safe="@"))
        try:
            self._refuse_bad(url)
        except BadAccountOption as fault:
            return Outcome(
                result=Result.NOT_DELIVERED, code="outbox.retry.account", error=str(fault), is_channel_down=True
            )
        # It knows two hundred services, and most processes speak to none.
        from apprise import Apprise

        service = Apprise()
        if not service.add(url):
            return Outcome(
                result=Result.REFUSED, code="outbox.failed.unwritable", error="apprise knows no such address"
            )
        told = service.notify(title=outgoing.subject, body=outgoing.text)
        if told:
            return Outcome(result=Result.DELIVERED)
        return _judge(told)

    def check(self) -> str:
        """Have apprise read the address. Raises BadAccountOption."""
        from apprise import Apprise

        made = Apprise.instantiate(self._url.replace(PLACE, "0"))
        if not made:
            raise BadAccountOption(account=self._account.name, what=_FIELD, reason="apprise knows no such address")
        return str(getattr(made, "service_name", "") or "OK")

    def _refuse_bad(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in _PUBLIC:
            return
        if parts.scheme not in _HOSTED:
            reason = "only chat services can be used here, such as tgram:// or discord://"
            raise BadAccountOption(account=self._account.name, what=_FIELD, reason=reason)
        if not self._tools.is_address_allowed(parts.hostname or ""):
            raise BadAccountOption(account=self._account.name, what=_FIELD, reason=PRIVATE_ADDRESS)


def _judge(told: object) -> Outcome:
    """Apprise tells a refusal only by its log: where that says that nothing was taken, it is tried again."""
    words = " ".join(_lines(told))[:500]
    if "status" in words.lower() and any(f"{code}" in words for code in (400, 401, 403, 404, 405, 410)):
        return Outcome(result=Result.REFUSED, code="outbox.failed.refused", error=words)
    if "429" in words or "Connection refused" in words or "NewConnectionError" in words:
        return Outcome(result=Result.NOT_DELIVERED, code="outbox.retry.put_off", error=words, is_channel_down=True)
    return Outcome(result=Result.UNKNOWN, code="outbox.unknown.no_answer", error=words or "apprise did not say why")


def _lines(told: object) -> list[str]:
    return [
        str(getattr(entry, "message", entry))
        for result in getattr(told, "results", None) or []
        for attempt in getattr(result, "attempts", None) or []
        for entry in getattr(attempt, "logs", None) or []
    ]
