"""Sources of tracking made, changed and switched by staff, each noted in the audit trail."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import slugify

from reorder.domain.behaviour import sources
from reorder.domain.behaviour.addresses import match_address
from reorder.domain.behaviour.inbox_rules import items_of
from reorder.domain.behaviour.sources import USUAL_EVENTS_PER_SECOND, SourceRow
from reorder.domain.catalog.queries import list_known_skus
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceForm:
    """What staff enter: how it is called, whose customers it knows, which pages send, and what before consent."""

    name: str
    channel: str
    origins: Sequence[str]
    before_consent: str
    address_patterns: Sequence[str] = ()
    events_per_second: int = USUAL_EVENTS_PER_SECOND


def add_source(*, given: SourceForm, decided_by: str, moment: dt.datetime) -> tuple[SourceRow, str]:
    """A new source, and the secret with which the shop proves who is signed in; raises BadOrigin, BadAddressPattern."""
    code = f"{slugify(given.name)[:30] or 'source'}-{secrets.token_hex(3)}"
    with one_transaction():
        made, secret = sources.make_source(
            code=code,
            name=given.name,
            channel=given.channel,
            origins=given.origins,
            before_consent=given.before_consent,
            address_patterns=given.address_patterns,
            events_per_second=given.events_per_second,
            created_by=decided_by,
            moment=moment,
        )
        _audit("tracking.add", made.id, decided_by, name=given.name)
    return made, secret


def change_source(*, source_id: int, given: SourceForm, decided_by: str) -> None:
    """Change a source; its write key and its secret stay. Raises UnknownSource, BadOrigin, BadAddressPattern."""
    with one_transaction():
        sources.change_source(
            source_id=source_id,
            name=given.name,
            channel=given.channel,
            origins=given.origins,
            before_consent=given.before_consent,
            address_patterns=given.address_patterns,
            events_per_second=given.events_per_second,
        )
        _audit(
            "tracking.change",
            source_id,
            decided_by,
            origins=list(given.origins),
            before=given.before_consent,
            patterns=list(given.address_patterns),
            events_per_second=given.events_per_second,
        )


def switch_source_off(*, source_id: int, decided_by: str) -> None:
    """Refuse what the source sends from now on; raises UnknownSource."""
    _switch(source_id=source_id, decided_by=decided_by, is_active=False)


def switch_source_on(*, source_id: int, decided_by: str) -> None:
    """Take what the source sends again; raises UnknownSource."""
    _switch(source_id=source_id, decided_by=decided_by, is_active=True)


def renew_secret(*, source_id: int, decided_by: str) -> str:
    """A new secret for user ids, shown once; raises UnknownSource."""
    with one_transaction():
        secret = sources.renew_user_secret(source_id=source_id)
        _audit("tracking.renew_secret", source_id, decided_by)
    return secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedAddress:
    """What an address of a page means to a source: the pattern that fits, what may be the SKU, which is a product."""

    address: str
    pattern: str
    candidates: Sequence[str]
    sku: str


def try_address(*, source: SourceRow, address: str) -> TriedAddress:
    """Read an address as an event's would be read; writes nothing."""
    address = address.strip()
    pattern = ""
    if source.address_patterns:
        pattern, found = match_address(address=address, patterns=source.address_patterns)
    else:
        found = items_of({"url": address})
    known = list_known_skus(skus=found)
    sku = next((one for one in found if one in known), "")
    return TriedAddress(address=address, pattern=pattern, candidates=found, sku=sku)


def _switch(*, source_id: int, decided_by: str, is_active: bool) -> None:
    with one_transaction():
        sources.switch_source(source_id=source_id, is_active=is_active)
        _audit("tracking.switch_on" if is_active else "tracking.switch_off", source_id, decided_by)


def _audit(action: str, source_id: int, decided_by: str, **details: object) -> None:
    record_audit(
        actor=decided_by, action=action, subject_kind="tracking_source", subject_key=str(source_id), details=details
    )
