"""Followed links and openings: counted for people who agreed, and forgotten for everybody else.

Programs that open links to look for harm are told from people as well as they can be, and lead to the same place.
"""

import datetime as dt
from typing import Final

from django.conf import settings

from reorder.domain.behaviour.bots import is_crawler
from reorder.domain.behaviour.visitors import sign_visit
from reorder.domain.marketing.content_library import get_look
from reorder.domain.marketing.facts import note_facts
from reorder.domain.marketing.rules import NewFact
from reorder.domain.messaging.analytics import list_followed
from reorder.domain.messaging.readings import Reading, find_reader, note_reading
from reorder.domain.storage import one_transaction
from reorder.flows.content.links import read_followed
from reorder.flows.shop_links import shop_address
from reorder.kernel.ids import idempotency_key

# Under this name the shop's own site gets who came from a mail, and its script gives it back.
VISIT_MARK: Final = "ro_visit"


def follow_link(*, mark: str, user_agent: str, moment: dt.datetime, is_look: bool) -> str:
    """Where a followed link leads; a click of a person who agreed is counted once a minute.

    `is_look`: only the head was asked for, which people do not do. Raises BadTrackedLink.
    """
    link = read_followed(mark=mark)
    if is_look or not link.is_counted or is_crawler(user_agent):
        return link.url
    reader = find_reader(message_id=link.message_id)
    if reader is None or reader.customer_id not in list_followed(customer_ids=[reader.customer_id]):
        return link.url
    minute = moment.replace(second=0, microsecond=0)
    key = idempotency_key("click", link.message_id, link.url, minute.isoformat())
    with one_transaction():
        reading = Reading(message_id=link.message_id, kind="clicked", happened_at=moment, key=key, url=link.url)
        if note_reading(reading=reading):
            note_facts(
                facts=[
                    NewFact(
                        kind="clicked",
                        customer_id=reader.customer_id,
                        subject=reader.message_number,
                        details={"url": link.url},
                        happened_at=moment,
                        key=key,
                    )
                ]
            )
    return _with_visit(link.url, customer_id=reader.customer_id, moment=moment)


def note_opening(*, mark: str, user_agent: str, moment: dt.datetime) -> None:
    """Count that a message was opened, once a day, for a person who agreed. Raises BadTrackedLink."""
    link = read_followed(mark=mark)
    reader = None if is_crawler(user_agent) else find_reader(message_id=link.message_id)
    if reader is None or reader.customer_id not in list_followed(customer_ids=[reader.customer_id]):
        return
    key = idempotency_key("open", link.message_id, moment.date().isoformat())
    with one_transaction():
        note_reading(reading=Reading(message_id=link.message_id, kind="opened", happened_at=moment, key=key))


def note_cart(*, message_id: int, cart_code: str, moment: dt.datetime) -> None:
    """Remember that a cart was filled from a message, so that the order it becomes is known to come from it."""
    key = idempotency_key("cart", message_id, cart_code)
    with one_transaction():
        reading = Reading(
            message_id=message_id, kind="clicked", happened_at=moment, key=key, details={"cart": cart_code}
        )
        note_reading(reading=reading)


def _with_visit(url: str, *, customer_id: int, moment: dt.datetime) -> str:
    """Only the shop's own site is told who comes."""
    site = get_look().site_url.rstrip("/")
    own = [address for address in (site, shop_address()) if address]
    if not any(url == address or url.startswith((f"{address}/", f"{address}?")) for address in own):
        return url
    address, hash_sign, place = url.partition("#")
    glue = "&" if "?" in address else "?"
    visit = sign_visit(customer_id=customer_id, moment=moment)
    return f"{address}{glue}{VISIT_MARK}={visit}{hash_sign}{place}" if settings.REORDER.public_url else url
