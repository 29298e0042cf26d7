"""Short addresses for the links of text messages: a signed one has 150 characters and more, which cost another SMS.

The letters follow from message and link, so a message that is written twice says the same. They are kept before it
goes, and lead where the message pointed for as long as its words are kept.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.utils.crypto import salted_hmac

from reorder.domain.messaging.short_links import NewShortLink, keep_short_links
from reorder.flows.shop_links import shop_address

_SALT: Final = "message.short_link"
_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# 62 ** 11 is more than 64 bits: nobody finds one by trying.
_LENGTH: Final = 11
CHANNEL: Final = "sms"


class Shortener:
    """The short links of one message; of a message that is only looked at they stand for nothing."""

    def __init__(self, *, message_id: int) -> None:
        self.links: dict[str, NewShortLink] = {}
        self._message_id = message_id

    def shorten(self, *, url: str, is_followed: bool) -> str:
        """The short address of a link; the link itself where that would not be shorter."""
        token = _token(f"{self._message_id}|{url}")
        short = f"{shop_address()}/l/{token}"
        if len(short) >= len(url):
            return url
        self.links[token] = NewShortLink(token=token, message_id=self._message_id, url=url, is_followed=is_followed)
        return short


def keep_shortened(*, shorteners: Iterable[Shortener], moment: dt.datetime) -> None:
    """Keep what short addresses stand for, before anything that says them goes."""
    links = [link for one in shorteners for link in one.links.values()]
    if links:
        keep_short_links(links=links, moment=moment)


def is_token(*, mark: str) -> bool:
    """Whether this has the form of a short address; signed marks are longer and hold a colon."""
    return len(mark) == _LENGTH and mark.isalnum()


def _token(said: str) -> str:
    number = int.from_bytes(salted_hmac(_SALT, said, algorithm="sha256").digest()[:9]) % len(_LETTERS) ** _LENGTH
    letters = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)
