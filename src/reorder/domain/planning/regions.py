"""Which place serves which region, as people set it; demand of an order belongs there, wherever stock lay."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reorder.domain.planning.errors import BadRegion
from reorder.domain.planning.models import DemandRegion

LONGEST_START: Final = 16


@dataclass(frozen=True, slots=True)
class RegionRow:
    """Orders to this country whose postcode begins so; empty parts fit all, and a row with neither is the default."""

    id: int
    country: str
    postcode_start: str
    place_code: str

    @property
    def is_default(self) -> bool:
        """Whether it is for orders that fit nothing else and whose lines name no place."""
        return not self.country and not self.postcode_start


def list_regions() -> list[RegionRow]:
    """Every region by country and beginning of the postcode; the default comes first."""
    found = DemandRegion.objects.order_by("country", "postcode_start")
    return [RegionRow(*row) for row in found.values_list("id", "country", "postcode_start", "place_code")]


def put_region(*, country: str, postcode_start: str, place_code: str, open_places: Sequence[str]) -> RegionRow:
    """Set which place serves a region, in place of another one. Raises BadRegion."""
    country = country.strip().upper()
    start = normal_postcode(text=postcode_start)
    reasons = (
        (bool(country) and re.fullmatch(r"[A-Z]{2}", country) is None, "a country is two letters, such as TW"),
        (len(start) > LONGEST_START or "\x00" in start, "a postcode has at most 16 characters"),
        (place_code not in open_places, "there is no such open place"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadRegion(reason=reason)
    made, _is_new = DemandRegion.objects.update_or_create(
        country=country, postcode_start=start, defaults={"place_code": place_code}
    )
    return RegionRow(made.pk, country, start, place_code)


def drop_region(*, region_id: int) -> RegionRow | None:
    """Forget a region; None when there is no such one any more."""
    found = DemandRegion.objects.select_for_update().filter(pk=region_id).first()
    if found is None:
        return None
    row = RegionRow(found.pk, found.country, found.postcode_start, found.place_code)
    found.delete()
    return row


def normal_postcode(*, text: str) -> str:
    """A postcode as it is compared: upper case, without blanks and hyphens."""
    return re.sub(r"[\s-]+", "", text).upper()
