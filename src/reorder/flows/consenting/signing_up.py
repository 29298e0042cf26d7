"""Signing up for news: an address is asked for, its reader confirms (double opt-in), and only then anything is sent.

Whoever asks gets the same answer, and causes the same work, whether the address is known, refused or nobody's.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from reorder.domain.customers.operations import hold_merges_off
from reorder.domain.customers.queries import get_customer
from reorder.domain.customers.saved_addresses import change_own_facts
from reorder.domain.marketing.facts import note_facts
from reorder.domain.marketing.rules import NewFact
from reorder.domain.messaging import consents
from reorder.domain.messaging.compliance import find_text, get_policy
from reorder.domain.messaging.consents import SIGN_UP_LASTS, SignUp
from reorder.domain.messaging.operations import (
    NewConsent,
    NewContactPoint,
    record_consents,
    upsert_contact_points,
    verify_contact_point,
)
from reorder.domain.messaging.preferences import NewTopicEntry, list_topics, record_topics
from reorder.domain.messaging.suppressing import lift_suppression
from reorder.domain.planning.operations import mark_dirty
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.consenting.errors import ConsentMissing, TooYoung
from reorder.flows.order_mail import letter_language, mail_sign_up
from reorder.flows.portal.errors import TooManyTries
from reorder.flows.portal.visits import require_mailbox, tell_of_joining, welcome
from reorder.flows.throttling import count_try
from reorder.kernel.ids import idempotency_key

_QUARTER: Final = dt.timedelta(minutes=15)
_DAY: Final = dt.timedelta(days=1)
# Mails to one mailbox; beyond them the answer is the same and no mail goes.
_MAILS_A_QUARTER, _MAILS_A_DAY, _ASKED_A_QUARTER = 2, 5, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedNews:
    """What somebody filled in. `topics` empty: all; `is_old_enough` answers the shop's question of age."""

    address: str
    has_agreed: bool
    name: str = ""
    language: str = ""
    topics: Sequence[str] = field(default_factory=tuple)
    source: str = "sign-up form"
    is_old_enough: bool = False


def ask_for_news(*, wanted: WantedNews, client: str, moment: dt.datetime) -> None:
    """Take a sign-up and mail its link; `client` is where the wish comes from, 20 a quarter of an hour.

    Where the shop does without double opt-in the declaration holds at once. Raises BadMailAddress, ConsentMissing,
    TooYoung, TooManyTries.
    """
    if count_try(key=f"sign-up:{client}", moment=moment, span=_QUARTER) > _ASKED_A_QUARTER:
        raise TooManyTries
    take_news_wish(wanted=wanted, client=client, moment=moment)


def take_news_wish(*, wanted: WantedNews, client: str, moment: dt.datetime) -> None:
    """The same for a system of ours, which is not counted by its place."""
    address = wanted.address.strip().lower()
    require_mailbox(address=address)
    policy = get_policy()
    if not wanted.has_agreed:
        raise ConsentMissing
    if policy.minimum_age and not wanted.is_old_enough:
        raise TooYoung(years=policy.minimum_age)
    box = hashlib.sha256(address.encode()).hexdigest()[:32]
    quarter = count_try(key=f"sign-up-box:{box}", moment=moment, span=_QUARTER)
    if quarter > _MAILS_A_QUARTER or count_try(key=f"sign-up-day:{box}", moment=moment, span=_DAY) > _MAILS_A_DAY:
        return
    with one_transaction():
        secret = _write_down(wanted=wanted, address=address, client=client, moment=moment)
        if not policy.has_double_opt_in:
            _confirm(sign_up=consents.find_sign_up(secret=secret, moment=moment), client="", moment=moment)
            return
        language = letter_language(customer_language=wanted.language, shop_language=settings.REORDER.language)
        mail_sign_up(address=address, secret=secret, language=language, lasts=SIGN_UP_LASTS, moment=moment)


def look_at_sign_up(*, secret: str, moment: dt.datetime) -> str:
    """The language of whoever signed up; nothing else leaves this function. Raises SignUpUseless."""
    return consents.find_sign_up(secret=secret, moment=moment).language


def confirm_news(*, secret: str, client: str, moment: dt.datetime) -> None:
    """The reader of the mailbox pressed the button: their consent holds, with its proof. Again changes nothing.

    Raises SignUpUseless.
    """
    with one_transaction():
        hold_merges_off()
        _confirm(sign_up=consents.find_sign_up(secret=secret, moment=moment), client=client, moment=moment)


def _write_down(*, wanted: WantedNews, address: str, client: str, moment: dt.datetime) -> str:
    known = {topic.code for topic in list_topics()}
    text = find_text(kind="signup", language=wanted.language or settings.REORDER.language)
    return consents.begin_sign_up(
        address=address,
        name=wanted.name,
        language=wanted.language,
        topics=[code for code in wanted.topics if code in known],
        text_version=text.version if text else "",
        source=wanted.source,
        client=client,
        moment=moment,
    )


def _confirm(*, sign_up: SignUp, client: str, moment: dt.datetime) -> None:
    """Let the consent hold; `client` is from where its reader confirmed, empty where the shop does without."""
    if sign_up.confirmed_at is not None:
        return
    customer_id = welcome(address=sign_up.address, language=sign_up.language, moment=moment)
    if not consents.confirm_sign_up(sign_up_id=sign_up.id, customer_id=customer_id, moment=moment):
        return
    _keep_facts(customer_id=customer_id, sign_up=sign_up)
    if client:
        _believe_mailbox(customer_id=customer_id, address=sign_up.address, moment=moment)
    proof = _proof(sign_up=sign_up, client=client, moment=moment)
    record_consents(
        consents=[
            NewConsent(
                customer_id=customer_id,
                is_granted=True,
                source=sign_up.source,
                declared_at=moment,
                idempotency_key=idempotency_key("sign-up", sign_up.id),
                text_version=sign_up.text_version,
                proof=proof,
            )
        ]
    )
    record_topics(entries=_topic_entries(customer_id=customer_id, sign_up=sign_up, proof=proof, moment=moment))
    tell_of_joining(customer_id=customer_id, moment=moment)
    tell_of_consent(customer_id=customer_id, channel="email", key=f"sign-up:{sign_up.id}", moment=moment)
    record_audit(
        actor=f"customer:{customer_id}",
        action="consents.confirm",
        subject_kind="customer",
        subject_key=str(customer_id),
    )


def tell_of_consent(*, customer_id: int, channel: str, key: str, moment: dt.datetime) -> None:
    """Let journeys and segments know that somebody agreed; part of the caller's transaction."""
    note_facts(
        facts=[
            NewFact(
                kind="consented",
                customer_id=customer_id,
                happened_at=moment,
                key=idempotency_key("consented", key),
                subject=channel,
            )
        ]
    )
    mark_dirty(kind="segment", subject_keys=[str(customer_id)])


def _keep_facts(*, customer_id: int, sign_up: SignUp) -> None:
    """The mailbox is one of the person's; a name is filled in where none is known."""
    upsert_contact_points(points=[NewContactPoint(customer_id=customer_id, address=sign_up.address)])
    person = get_customer(customer_id=customer_id)
    if sign_up.name and not person.name:
        change_own_facts(customer_id=customer_id, name=sign_up.name, language=person.language or sign_up.language)


def _believe_mailbox(*, customer_id: int, address: str, moment: dt.datetime) -> None:
    """Its reader has just shown that it is theirs, and that they want to be written to again."""
    verify_contact_point(customer_id=customer_id, channel="email", address=address, moment=moment)
    lift_suppression(channel="email", address=address, lifted_by="its reader", moment=moment)


def _proof(*, sign_up: SignUp, client: str, moment: dt.datetime) -> str:
    """What shows later that it was this mailbox's reader: when and from where it was asked and confirmed.

    Without a place of confirming (`client`) nobody confirmed.
    """
    asked = {"asked_at": sign_up.asked_at.isoformat(timespec="seconds"), "asked_from": sign_up.client}
    if not client:
        return json.dumps({"way": "single opt-in", **asked})
    confirmed = {"confirmed_at": moment.isoformat(timespec="seconds"), "confirmed_from": client}
    return json.dumps({"way": "double opt-in", **asked, **confirmed})


def _topic_entries(*, customer_id: int, sign_up: SignUp, proof: str, moment: dt.datetime) -> list[NewTopicEntry]:
    """What was ticked, and what was not, where there was a choice; topics that ask for an explicit yes by tick only."""
    chosen = set(sign_up.topics)
    return [
        NewTopicEntry(
            customer_id=customer_id,
            topic=topic.code,
            is_wanted=topic.code in chosen,
            source=sign_up.source,
            declared_at=moment,
            idempotency_key=idempotency_key("sign-up", sign_up.id, topic.code),
            text_version=sign_up.text_version,
            proof=proof,
        )
        for topic in list_topics()
        if chosen
    ]
