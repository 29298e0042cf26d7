"""What is asked of routing and what it answers; every answer says why, and what the other ways would have cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from reorder.kernel.errors import BadInput

LineSplitting = Literal["never", "when_short"]

# Parameters of reasons that hold a cost in the caller's unit, so that a surface can write them as money.
COST_PARAMETERS: Final = frozenset({"cost", "other_cost", "more"})


class BadRouting(BadInput):
    """Orders, stock or costs that cannot be routed by; `what` and `key` say which."""

    code = "routing.bad_request"
    template = "{what} {key}: {reason}"


@dataclass(frozen=True, slots=True)
class LineToRoute:
    """`units` of a SKU that one order asks for; `value` is what its goods are worth (for minimum values)."""

    line_id: str
    sku: str
    units: float
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class OrderToRoute:
    """An order with what a shipment from each place costs, and each line at each place; a pair left out is impossible.

    `max_places`: at most so many places ship (1 = never split). `split_penalty`: added for each parcel after the first.
    `minimum_shipment_value`: when several places ship, each sends goods worth at least so much.
    """

    order_id: str
    lines: tuple[LineToRoute, ...]
    shipment_cost: Mapping[str, float]
    line_cost: Mapping[tuple[str, str], float]
    max_places: int | None = None
    split_penalty: float = 0.0
    minimum_shipment_value: float = 0.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """A line goes from `place`, or waits when that is None. `reason` is English; code and parameters say it again."""

    order_id: str
    line_id: str
    place: str | None
    units: float
    reason: str
    reason_code: str = ""
    reason_parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to serve a whole order: the places that ship, what it costs, how many lines wait, and why (not)."""

    order_id: str
    places: tuple[str, ...]
    cost: float
    waiting_lines: int
    is_chosen: bool
    reason: str
    reason_code: str
    reason_parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RoutingPlan:
    """Assignments in the order of the orders and their lines, and the candidates of each order, the chosen one first.

    `cost` = shipments + lines + waiting lines + split penalties + the risk of places that may not have what they say.
    `bound`: no plan costs less (0 when nothing better is known). `is_cut_short`: the budget ended the search, so that
    another run or machine may answer differently.
    """

    assignments: tuple[Assignment, ...]
    candidates: tuple[Candidate, ...]
    cost: float
    bound: float
    is_cut_short: bool

    @property
    def rejected(self) -> tuple[Candidate, ...]:
        """The ways that were not taken."""
        return tuple(each for each in self.candidates if not each.is_chosen)
