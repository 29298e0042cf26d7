"""One lot of wanted messages: load, decide, save. Whoever calls holds its people and owns the transaction."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from reorder.domain.customers.reached import HeldPerson
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.messaging.compliance import get_policy
from reorder.domain.messaging.preferences import list_topics
from reorder.domain.messaging.topic_rules import TopicRow, topic_of
from reorder.engine import contact
from reorder.flows.contacting.goods import Goods, load_goods
from reorder.flows.contacting.people import Laid, load_people
from reorder.flows.contacting.rules import load_rules
from reorder.flows.content import VersionBook, open_book


@dataclass(frozen=True, slots=True)
class Settled:
    """A wanted message with what was decided about it."""

    wanted: WantedMessage
    person: HeldPerson | None
    decision: contact.Decision


@dataclass(frozen=True, slots=True)
class DecidedLot:
    """Decisions in the order of what was wanted, and the goods that they are about."""

    settled: Sequence[Settled]
    goods: Goods
    book: VersionBook
    segments: Mapping[int, frozenset[str]]


def decide_lot(*, wanted: Sequence[WantedMessage], people: Sequence[HeldPerson], moment: dt.datetime) -> DecidedLot:
    """Decide about messages to people whom the caller holds; nothing is written.

    The stock of their goods is promised to nobody else until the transaction ends.
    """
    laid = Laid(usual={}, topics=list_topics(), policy=get_policy())
    rules = load_rules(
        offers={code for one in wanted for code in one.offers},
        sources={(one.source_kind, one.source_key) for one in wanted},
        policy=laid.policy,
        moment=moment,
    )
    laid = replace(laid, usual=rules.response_shares)
    with_marketing = any(one.purpose == contact.MARKETING for one in wanted)
    known = load_people(people=people, laid=laid, moment=moment, with_marketing=with_marketing)
    book = open_book(template_codes={one.template_code for one in wanted if one.template_code})
    counted = [one for one in wanted if one.purpose == contact.MARKETING and one.stock_rule != "ignore"]
    goods = load_goods(
        skus={sku for one in counted for sku in one.skus},
        to_replace={sku for one in counted if one.stock_rule == "substitute" for sku in one.skus},
        units_each=rules.promise_units,
        moment=moment,
    )
    decisions = contact.decide_many(
        wanted=[_asked(one, goods=goods, topics=laid.topics, book=book) for one in wanted],
        people=known,
        shelves=goods.shelves,
        rules=rules,
        moment=moment,
    )
    held = {person.id: person for person in people}
    settled = [
        Settled(one, held.get(one.customer_id), decision) for one, decision in zip(wanted, decisions, strict=True)
    ]
    segments = {number: person.segment_codes for number, person in known.items()}
    return DecidedLot(settled=settled, goods=goods, book=book, segments=segments)


def _asked(one: WantedMessage, *, goods: Goods, topics: Sequence[TopicRow], book: VersionBook) -> contact.Wanted:
    topic = topic_of(
        topics=topics, source_kind=one.source_kind, source_key=one.source_key, category_codes=one.category_codes
    )
    written = book.channels_of(template_code=one.template_code)
    price, margin = goods.money_of(skus=one.skus, currency=settings.REORDER.currency)
    return contact.Wanted(
        key=one.key,
        customer_id=one.customer_id,
        purpose=one.purpose,
        source_kind=one.source_kind,
        source_key=one.source_key,
        earliest_at=one.earliest_at,
        latest_at=one.latest_at,
        reason_code=one.reason_code,
        channels=one.channels,
        written_channels=written,
        topic=topic.code if topic else "",
        skus=one.skus,
        stock_rule=one.stock_rule,
        offers=tuple(code.strip().upper() for code in one.offers),
        category_codes=one.category_codes,
        value_minor=one.value_minor,
        goes_at_once=one.goes_at_once,
        goods_minor=price,
        margin_minor=margin,
    )
