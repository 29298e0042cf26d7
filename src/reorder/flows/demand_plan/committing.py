"""Takes commitments in: of products at places and days as people say them, into subjects as the plan counts them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reorder.domain.catalog.bundles import explode_bundles
from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.inventory.queries import list_places
from reorder.domain.planning import adjusting, commitments
from reorder.domain.planning.commitments import CommittedDay, Replaced
from reorder.domain.planning.errors import BadCommitment
from reorder.domain.planning.rules import LONGEST_ADJUSTMENT_DAYS
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.demand_plan.adjusting import count_subject, hold_plan
from reorder.flows.serving import served_regions

# So many subjects are counted at once, in the request; more of them wait for the next plan.
COUNTED_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentLine:
    """Units in all of a product from one day to another, both included, spread evenly over them.

    `deviation_units` is the standard deviation of the units; 0: certain. Without a place they are spread over places as
    the plan of the product is.
    """

    sku: str
    from_date: dt.date
    units: float
    until_date: dt.date | None = None
    deviation_units: float = 0.0
    place_code: str = ""


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of it: days written and withdrawn, and whether the plan holds them already."""

    kind: str
    key: str
    written_count: int
    withdrawn_count: int
    is_counted: bool


def commit_demand(
    *,
    kind: str,
    key: str,
    lines: Sequence[CommitmentLine],
    place_codes: frozenset[str],
    today: dt.date,
    moment: dt.datetime,
    decided_by: str,
    reason: str = "",
) -> Committed:
    """From now on `lines` are what stands under (kind, key); sent again it changes nothing.

    Products planned by their category count for the category, bundles for what they are made of. The plan follows at
    once for up to twenty subjects while no night runs, for the others with the next plan. `place_codes` limits the
    places (empty: all). Raises BadCommitment.
    """
    with one_transaction():
        is_free = hold_plan()
        if place_codes and commitments.stands_elsewhere(kind=kind, key=key, places=place_codes):
            raise BadCommitment(reason="you may not plan for this place", subject=key)
        rows = place_lines(lines=lines, place_codes=place_codes)
        made = commitments.replace_commitments(
            kind=kind, key=key, rows=rows, today=today, moment=moment, author=decided_by, reason=reason
        )
        return _settled(kind=kind, key=key, made=made, is_free=is_free, decided_by=decided_by, action="planning.commit")


def withdraw_demand(
    *,
    kind: str,
    key: str,
    from_date: dt.date,
    moment: dt.datetime,
    decided_by: str,
) -> Committed:
    """What stands under (kind, key) from this day on is off. Raises UnknownCommitment."""
    with one_transaction():
        is_free = hold_plan()
        made = commitments.withdraw_commitments(kind=kind, key=key, from_date=from_date, moment=moment)
        return _settled(
            kind=kind, key=key, made=made, is_free=is_free, decided_by=decided_by, action="planning.withdraw_commitment"
        )


def _settled(*, kind: str, key: str, made: Replaced, is_free: bool, decided_by: str, action: str) -> Committed:
    is_counted = is_free and len(made.subjects) <= COUNTED_AT_ONCE
    if made.subjects:
        record_audit(
            actor=decided_by,
            action=action,
            subject_kind="commitment",
            subject_key=f"{kind} {key}",
            details={"written": made.written_count, "withdrawn": made.withdrawn_count},
        )
    if is_counted:
        for subject in sorted(made.subjects):
            count_subject(subject=subject)
    return Committed(
        kind=kind,
        key=key,
        written_count=made.written_count,
        withdrawn_count=made.withdrawn_count,
        is_counted=is_counted,
    )


def place_lines(*, lines: Sequence[CommitmentLine], place_codes: frozenset[str]) -> list[CommittedDay]:
    """Lines by subject, place and day; lines of the same subject and day add up, as do their deviations.

    Raises BadCommitment.
    """
    bundles = explode_bundles(skus=sorted({line.sku for line in lines}))
    wanted = {line.sku for line in lines} | {part.sku for parts in bundles.values() for part in parts}
    products = list_products_by_sku(skus=sorted(wanted))
    shares: dict[str, Mapping[str, float]] = {}
    sums: dict[tuple[str, str, dt.date], tuple[float, float]] = {}
    open_codes = frozenset(place.code for place in list_places())
    for line in lines:
        if line.sku not in products:
            raise BadCommitment(reason="there is no such product", subject=line.sku)
        days = _days(line)
        leaves = bundles.get(line.sku)
        parts = [(leaf.sku, float(leaf.units)) for leaf in leaves] if leaves else [(line.sku, 1.0)]
        for sku, count in parts:
            subject = products[sku].subject
            at = _places(line=line, subject=subject, shares=shares)
            for place in at:
                _refuse_place(line=line, place_code=place, place_codes=place_codes, open_codes=open_codes)
            for place, share in at.items():
                for day in days:
                    part = count * share / len(days)
                    units, deviation = sums.get((subject, place, day), (0.0, 0.0))
                    sums[subject, place, day] = (
                        units + line.units * part,
                        deviation + line.deviation_units * part,
                    )
    return [CommittedDay(*key, units, deviation) for key, (units, deviation) in sorted(sums.items())]


def _days(line: CommitmentLine) -> list[dt.date]:
    until = line.until_date or line.from_date
    count = (until - line.from_date).days + 1
    if count < 1:
        raise BadCommitment(reason="the last day lies before the first", subject=f"{line.sku} {line.from_date}")
    if count > LONGEST_ADJUSTMENT_DAYS:
        raise BadCommitment(reason="it reaches further than a year ahead", subject=f"{line.sku} {line.from_date}")
    return [line.from_date + dt.timedelta(days=number) for number in range(count)]


def _places(*, line: CommitmentLine, subject: str, shares: dict[str, Mapping[str, float]]) -> Mapping[str, float]:
    """Shares of the places that a line is for."""
    if line.place_code:
        return {line.place_code: 1.0}
    if subject not in shares:
        shares[subject] = _planned_shares(subject=subject)
    if not shares[subject]:
        raise BadCommitment(reason="name a place: there are several", subject=line.sku)
    return shares[subject]


def _refuse_place(
    *, line: CommitmentLine, place_code: str, place_codes: frozenset[str], open_codes: frozenset[str]
) -> None:
    if place_code and place_code not in open_codes:
        raise BadCommitment(reason="there is no such place", subject=f"{line.sku} {place_code}")
    if place_codes and place_code not in place_codes:
        raise BadCommitment(reason="you may not plan for this place", subject=f"{line.sku} {place_code}")


def _planned_shares(*, subject: str) -> Mapping[str, float]:
    """Places by what is planned there; the default place where nothing is planned yet; empty where nobody can say."""
    planned = adjusting.planned_places(subject=subject)
    total = sum(planned.values())
    if total > 0:
        return {place: units / total for place, units in planned.items() if units > 0}
    default = served_regions().default_place_code
    return {default: 1.0} if default or not list_places() else {}
