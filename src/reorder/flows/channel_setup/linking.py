"""A signed-in customer ties their LINE account: they carry a word of ours to LINE, and LINE tells who carried it."""

import datetime as dt
from typing import Final
from urllib.parse import quote

from reorder.domain.messaging import link_words
from reorder.domain.storage import one_transaction
from reorder.flows.channel_setup.telling import WITH_CONSENT

_DIALOG: Final = "https://access.line.me/dialog/bot/accountLink"
_WITHOUT: Final = "n"


def line_link(*, customer_id: int, link_token: str, wants_news: bool, moment: dt.datetime) -> str:
    """Where the person goes on to at LINE; the word in the address is good once, for half an hour."""
    with one_transaction():
        word = link_words.make_link_word(
            channel="line",
            customer_id=customer_id,
            prefix=WITH_CONSENT if wants_news else _WITHOUT,
            moment=moment,
        )
    return f"{_DIALOG}?linkToken={quote(link_token, safe='')}&nonce={quote(word, safe='')}"
