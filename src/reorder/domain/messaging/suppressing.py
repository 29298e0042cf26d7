"""Addresses that get nothing any more, by keyed hash: erased people, complaints, whoever asked for it.

A suppression outlives the person's data: an address that comes back by a file is recognised and not written to.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.messaging.compliance_models import Suppression
from reorder.domain.messaging.models import ContactPoint
from reorder.domain.storage.hashing import keyed_hash

PURPOSE: Final = "suppressed address"


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """One suppressed address; which one it is cannot be told."""

    id: int
    channel: str
    cause: str
    note: str
    suppressed_at: dt.datetime
    suppressed_by: str
    lifted_at: dt.datetime | None
    lifted_by: str


def address_hash(*, channel: str, address: str) -> str:
    """How an address stands in the list; e-mail addresses in either case are one."""
    plain = address.strip()
    return keyed_hash(text=f"{channel}:{plain.lower() if channel == 'email' else plain}", purpose=PURPOSE)


def suppress_addresses(
    *, addresses: Sequence[tuple[str, str]], cause: str, suppressed_by: str, moment: dt.datetime, note: str = ""
) -> int:
    """Write to these (channel, address) no more; those that are on the list stay as they are. Returns how many came."""
    hashes = {(channel, address_hash(channel=channel, address=address)) for channel, address in addresses if address}
    known = {
        (row.channel, row.address_hash)
        for row in Suppression.objects.filter(address_hash__in=[value for _, value in hashes])
    }
    for channel, value in sorted(hashes & known):
        # A lifted one holds again; one that holds keeps its first cause.
        Suppression.objects.filter(channel=channel, address_hash=value, lifted_at__isnull=False).update(
            cause=cause, suppressed_at=moment, suppressed_by=suppressed_by, note=note, lifted_at=None, lifted_by=""
        )
    made = [
        Suppression(
            channel=channel,
            address_hash=value,
            cause=cause,
            note=note,
            suppressed_at=moment,
            suppressed_by=suppressed_by,
        )
        for channel, value in sorted(hashes - known)
    ]
    Suppression.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


def lift_suppression(*, channel: str, address: str, lifted_by: str, moment: dt.datetime) -> bool:
    """Let this address be written to again, because its owner asked for it; False where nothing held it back."""
    held = Suppression.objects.filter(
        channel=channel, address_hash=address_hash(channel=channel, address=address), lifted_at__isnull=True
    )
    return bool(held.update(lifted_at=moment, lifted_by=lifted_by))


def list_suppressed(*, addresses: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of the (channel, address) pairs that are written to no more."""
    return frozenset(list_suppression_moments(addresses=addresses))


def list_suppression_moments(*, addresses: Collection[tuple[str, str]]) -> dict[tuple[str, str], dt.datetime]:
    """Since when those of the (channel, address) pairs are suppressed that are."""
    hashes = {address_hash(channel=channel, address=address): (channel, address) for channel, address in addresses}
    if not hashes:
        return {}
    held = Suppression.objects.filter(address_hash__in=list(hashes), lifted_at__isnull=True)
    return {hashes[value]: moment for value, moment in held.values_list("address_hash", "suppressed_at")}


def has_suppressions() -> bool:
    """Whether anything is on the list: whoever would hash many addresses asks first."""
    return Suppression.objects.filter(lifted_at__isnull=True).exists()


def list_suppressions(*, limit: int = 200) -> list[SuppressionRow]:
    """The list, the latest first."""
    return [
        SuppressionRow(
            row.pk, row.channel, row.cause, row.note, row.suppressed_at, row.suppressed_by, row.lifted_at, row.lifted_by
        )
        for row in Suppression.objects.order_by("-suppressed_at", "-pk")[:limit]
    ]


def list_addresses_of(*, customer_ids: Collection[int]) -> list[tuple[str, str]]:
    """Every (channel, address) of these records, reachable or not."""
    points = ContactPoint.objects.filter(customer_id__in=list(customer_ids)).order_by("pk")
    return list(points.values_list("channel", "address"))
