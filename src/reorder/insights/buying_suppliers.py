"""What buyers ask about suppliers: how they keep their word, and what is still to be claimed from them."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reorder.domain.purchasing import queries
from reorder.domain.purchasing.errors import UnknownDiscrepancy, UnknownSupplier
from reorder.domain.purchasing.queries import ClaimRow, DiscrepancyRow, Scorecard, UsedCurrency
from reorder.domain.staff.rules import Ability, Actor

SPANS = (90, 365)
_EXPORT_PAGE = 500


@dataclass(frozen=True, slots=True)
class OpenClaims:
    """What is open with one supplier, the oldest order first."""

    supplier_code: str
    supplier_name: str
    rows: tuple[DiscrepancyRow, ...]


def list_scorecards(*, actor: Actor, today: dt.date, days: int, supplier_code: str = "") -> list[Scorecard]:
    """Suppliers over a span, at the actor's places; raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    return queries.list_scorecards(today=today, days=days, supplier_code=supplier_code, place_codes=actor.place_codes)


def get_scorecards_of(*, actor: Actor, today: dt.date, supplier_id: int) -> list[Scorecard]:
    """One supplier over each span, the shortest first; raises NotAllowed, UnknownSupplier."""
    actor.require(Ability.VIEW_BUYING)
    code = queries.get_supplier_of_id(supplier_id=supplier_id).code
    found = [list_scorecards(actor=actor, today=today, days=days, supplier_code=code) for days in SPANS]
    if not all(found):
        raise UnknownSupplier(supplier=code)
    return [cards[0] for cards in found]


def list_open_claims(*, actor: Actor, limit: int) -> list[OpenClaims]:
    """What is open by supplier, at the actor's places, at most `limit` rows; raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    rows = queries.list_discrepancies(states=["open"], size=limit, place_codes=actor.place_codes)
    by_supplier: dict[tuple[str, str], list[DiscrepancyRow]] = {}
    for row in rows:
        by_supplier.setdefault((row.supplier_name, row.supplier_code), []).append(row)
    return [OpenClaims(code, name, tuple(own)) for (name, code), own in sorted(by_supplier.items())]


def list_claimed(*, actor: Actor, limit: int) -> list[DiscrepancyRow]:
    """What was claimed and is not settled, the newest first; raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    return queries.list_discrepancies(states=["claimed"], size=limit, place_codes=actor.place_codes)


def iterate_discrepancies(*, actor: Actor) -> Iterator[DiscrepancyRow]:
    """Every discrepancy of the actor's places, the newest first; raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    before: int | None = None
    while True:
        page: Sequence[DiscrepancyRow] = queries.list_discrepancies(
            states=["open", "claimed", "settled"], size=_EXPORT_PAGE, place_codes=actor.place_codes, before=before
        )
        yield from page
        if len(page) < _EXPORT_PAGE:
            return
        before = page[-1].id


def get_claim(*, actor: Actor, number: str) -> ClaimRow:
    """A claim as far as the actor's places go; raises NotAllowed, UnknownClaim."""
    actor.require(Ability.VIEW_BUYING)
    claim = queries.get_claim(number=number)
    return ClaimRow(
        number=claim.number,
        made_at=claim.made_at,
        made_by=claim.made_by,
        supplier_code=claim.supplier_code,
        supplier_name=claim.supplier_name,
        supplier_email=claim.supplier_email,
        supplier_language=claim.supplier_language,
        lines=tuple(line for line in claim.lines if actor.may_at(line.place_code)),
    )


def refuse_other_places(*, actor: Actor, discrepancy_id: int) -> None:
    """Raises NotAllowed, or UnknownDiscrepancy for one of a place that is not the actor's."""
    actor.require(Ability.DECIDE_PROPOSALS)
    if not actor.may_at(queries.get_discrepancy(discrepancy_id=discrepancy_id).place_code):
        raise UnknownDiscrepancy(discrepancy_id=discrepancy_id)


def list_currencies_without_rate() -> list[UsedCurrency]:
    """Currencies that suppliers in use are paid in and nobody has valued."""
    return [one for one in queries.list_used_currencies() if one.rate is None]
