"""Declarations that a system or a file brings: each with its proof, none later than now, none undone by an old one.

A person whose address is suppressed (erased, complained) is believed only when they agreed after that.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.customers.operations import hold_merges_off
from reorder.domain.customers.queries import find_kept_customer_ids
from reorder.domain.messaging.of_customer import find_owners_of_addresses
from reorder.domain.messaging.operations import NewConsent, record_consents
from reorder.domain.messaging.preferences import NewTopicEntry, list_known_declarations, list_topics, record_topics
from reorder.domain.messaging.rules import ADDRESS_MEANINGS
from reorder.domain.messaging.suppressing import list_suppression_moments
from reorder.domain.planning.operations import mark_dirty
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.consenting.signing_up import tell_of_consent
from reorder.kernel.ids import idempotency_key

CLOCK_SLACK: Final = dt.timedelta(minutes=10)
_LOT: Final = 1000
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What a person said, as somebody else wrote it down; `customer` is a key or an e-mail address.

    With `topic` it is about that topic alone, else about all marketing by the channel.
    """

    customer: str
    is_granted: bool
    declared_at: dt.datetime
    source: str
    proof: str = ""
    channel: str = "email"
    topic: str = ""
    text_version: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a declaration: new, known (recorded before), or refused with the reason, an English template."""

    outcome: str
    customer_id: int | None = None
    reason: str = ""


def record_declarations(*, declarations: Sequence[Declaration], decided_by: str, moment: dt.datetime) -> list[Recorded]:
    """Append declarations to the ledger, set-based, 1,000 at a time; the same again changes nothing.

    A consent without a proof, of a stranger, from the future, or older than the suppression of the person's address is
    refused; a refusal needs no proof. In the order of `declarations`.
    """
    found: list[Recorded] = []
    for start in range(0, len(declarations), _LOT):
        with one_transaction():
            hold_merges_off()
            found += _record_lot(declarations[start : start + _LOT], decided_by=decided_by, moment=moment)
    return found


def _record_lot(lot: Sequence[Declaration], *, decided_by: str, moment: dt.datetime) -> list[Recorded]:
    people = _people(lot)
    topics = {topic.code for topic in list_topics(is_active_only=False)}
    suppressed = list_suppression_moments(
        addresses={("email", one.customer) for one in lot if one.is_granted and "@" in one.customer}
    )
    judged = [
        (one, people.get(one.customer.strip().lower()), _fault(one, people=people, topics=topics, moment=moment))
        for one in lot
    ]
    judged = [(one, person, fault or _after_suppression(one, suppressed=suppressed)) for one, person, fault in judged]
    good = [(one, person) for one, person, fault in judged if not fault and person is not None]
    new = _write(good, decided_by=decided_by, moment=moment)
    return [
        Recorded("refused", reason=fault)
        if fault or person is None
        else Recorded("new" if _key(one, person) in new else "known", customer_id=person)
        for one, person, fault in judged
    ]


def _people(lot: Sequence[Declaration]) -> dict[str, int]:
    """The customer of each key, or of an address that is exactly one's; by what was given, in lower case."""
    given = {one.customer.strip() for one in lot}
    owners = find_owners_of_addresses(addresses=[name.lower() for name in given if "@" in name])
    keyed = find_kept_customer_ids(keys=sorted(given))
    return owners | {name.lower(): number for name, number in keyed.items()}


def _fault(one: Declaration, *, people: Mapping[str, int], topics: set[str], moment: dt.datetime) -> str:
    if one.customer.strip().lower() not in people:
        return "there is no such customer"
    if one.is_granted and not (one.proof.strip() and one.source.strip()):
        return "a consent needs its proof: where, how and by which words it was given"
    if one.declared_at > moment + CLOCK_SLACK:
        return "it was declared in the future"
    if one.topic and one.topic not in topics:
        return "there is no such topic"
    return "" if one.channel in ADDRESS_MEANINGS else "there is no such channel"


def _after_suppression(one: Declaration, *, suppressed: Mapping[tuple[str, str], dt.datetime]) -> str:
    held = suppressed.get(("email", one.customer))
    return "the address was erased or complained after that" if held and one.declared_at <= held else ""


def _write(good: Sequence[tuple[Declaration, int]], *, decided_by: str, moment: dt.datetime) -> set[str]:
    """The keys of what was new."""
    about_all = [(one, person) for one, person in good if not one.topic]
    before = list_known_declarations(keys=[_key(one, person) for one, person in good])
    record_consents(
        consents=[
            NewConsent(
                customer_id=person,
                channel=one.channel,
                is_granted=one.is_granted,
                source=one.source[:_LONGEST],
                declared_at=min(one.declared_at, moment),
                idempotency_key=_key(one, person),
                text_version=one.text_version[:_LONGEST],
                proof=one.proof[:_LONGEST],
            )
            for one, person in about_all
        ]
    )
    record_topics(
        entries=[
            NewTopicEntry(
                customer_id=person,
                topic=one.topic,
                is_wanted=one.is_granted,
                source=one.source[:_LONGEST],
                declared_at=min(one.declared_at, moment),
                idempotency_key=_key(one, person),
                text_version=one.text_version[:_LONGEST],
                proof=one.proof[:_LONGEST],
            )
            for one, person in good
            if one.topic
        ]
    )
    new = {_key(one, person) for one, person in good} - before
    told = [(one, person) for one, person in good if _key(one, person) in new]
    for one, person in told:
        if one.is_granted and not one.topic:
            tell_of_consent(customer_id=person, channel=one.channel, key=_key(one, person), moment=moment)
    mark_dirty(kind="segment", subject_keys=sorted({str(person) for _, person in told}))
    for person in sorted({person for _, person in told}):
        record_audit(actor=decided_by, action="consents.record", subject_kind="customer", subject_key=str(person))
    return new


def _key(one: Declaration, person: int) -> str:
    return idempotency_key(
        "declared", person, one.channel, one.topic, one.is_granted, one.declared_at.isoformat(), one.source
    )
