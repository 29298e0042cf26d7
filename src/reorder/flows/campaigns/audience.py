"""The people of a campaign, in the order of their ids: members of its segments, less those of the ones left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from reorder.domain.marketing.campaigns import CampaignTerms
from reorder.domain.marketing.segments import count_members, list_member_ids, list_segment_codes_of


@dataclass(frozen=True, slots=True)
class AudienceLot:
    """The next people, and up to which id everybody was looked at; no `until_id`: nobody is left."""

    customer_ids: Sequence[int]
    until_id: int | None


def take_lot(*, terms: CampaignTerms, after_id: int, size: int) -> AudienceLot:
    """The people behind `after_id`, at most `size` looked at."""
    pages = [list_member_ids(code=code, after_id=after_id, limit=size) for code in terms.segments]
    found = sorted({number for page in pages for number in page})[:size]
    if not found:
        return AudienceLot([], None)
    if not terms.excluded_segments:
        return AudienceLot(found, found[-1])
    left_out = frozenset(terms.excluded_segments)
    codes = list_segment_codes_of(customer_ids=found)
    return AudienceLot([one for one in found if not codes.get(one, frozenset()) & left_out], found[-1])


def count_audience(*, terms: CampaignTerms, size: int = 10_000) -> int:
    """How many people it goes to, before anything is decided about them."""
    if len(terms.segments) == 1 and not terms.excluded_segments:
        return count_members(code=terms.segments[0])
    count, after = 0, 0
    while True:
        lot = take_lot(terms=terms, after_id=after, size=size)
        if lot.until_id is None:
            return count
        count, after = count + len(lot.customer_ids), lot.until_id
