"""What channels and offers were found to add, against held-out people: how the decision leans to what works; pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

CHANNEL: Final = "channel"
OFFER: Final = "offer"
# However much better a channel proved to be, it weighs at most so many times as much, and at least that part of it.
_MOST_TIMES: Final = 4.0
_LEAST_LIFT: Final = 0.01


@dataclass(frozen=True, slots=True)
class Lifts:
    """Extra orders as a share of those that would have come anyway.

    `shares` by (channel or offer, its code, segment or empty for everybody), only of what was compared; `overall` of
    all marketing together.
    """

    overall: float = 0.10
    shares: Mapping[tuple[str, str, str], float] = field(default_factory=dict)

    def find(self, *, scope: str, key: str, segment_codes: Collection[str]) -> float | None:
        """The closest that was compared: of a segment of the person (the least of several), else of everybody."""
        own = [self.shares[name] for code in segment_codes if (name := (scope, key, code)) in self.shares]
        return min(own) if own else self.shares.get((scope, key, ""))

    def times(self, *, scope: str, key: str, segment_codes: Collection[str]) -> float:
        """How many times as much as usual it adds; 1 where nothing was compared, or nothing adds anything."""
        found = self.find(scope=scope, key=key, segment_codes=segment_codes)
        if found is None or self.overall < _LEAST_LIFT:
            return 1.0
        return min(max(found / self.overall, 1.0 / _MOST_TIMES), _MOST_TIMES)
