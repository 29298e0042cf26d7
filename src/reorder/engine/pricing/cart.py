"""The goods of an order while their price is made: what each line still costs, and what was taken off it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reorder.engine.pricing.shares import floor_to_step, spread
from reorder.engine.pricing.values import Adjustment, Goods, LineToPrice, PriceRule, Stage
from reorder.kernel.formatting import format_money


@dataclass(slots=True, kw_only=True)
class Cart:
    """Lines with their list amounts and what they cost after the steps so far; all of it whole steps of money."""

    lines: Sequence[LineToPrice]
    listed: Sequence[int]
    step_minor: int
    currency: str
    costs: list[int] = field(init=False)
    taken: list[list[Adjustment]] = field(init=False)
    adjustments: list[Adjustment] = field(default_factory=list)
    gifts: list[PriceRule] = field(default_factory=list)
    free_shipping: list[tuple[Stage, PriceRule]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.costs = list(self.listed)
        self.taken = [[] for _ in self.lines]

    def covered(self, goods: Goods) -> list[int]:
        """Positions of the lines that `goods` means."""
        return [index for index, line in enumerate(self.lines) if goods.covers(line)]

    def cost_of(self, indexes: Sequence[int]) -> int:
        """What these lines come to now."""
        return sum(self.costs[index] for index in indexes)

    def headroom(self, *, index: int, floor_share: Decimal | None) -> int:
        """What may still be taken off a line, in whole steps, so that this share of its price stays above its cost.

        Nothing where nobody knows what the line cost.
        """
        line = self.lines[index]
        if floor_share is None:
            return self.costs[index]
        if line.unit_cost_minor is None:
            return 0
        least = Decimal(line.unit_cost_minor) * line.units / (1 - floor_share)
        return max(0, floor_to_step(exact_minor=self.costs[index] - least, step_minor=self.step_minor))

    def take_spread(self, *, indexes: Sequence[int], off_minor: int, cause: "Cause") -> None:
        """Take a sum off these lines by what they cost; never more than that."""
        self.take_weighted(weights={index: self.costs[index] for index in indexes}, off_minor=off_minor, cause=cause)

    def take_weighted(self, *, weights: Mapping[int, int], off_minor: int, cause: "Cause") -> None:
        """Take a sum off lines by these weights; never more than the weight where the sum is not above all of them."""
        indexes = list(weights)
        cuts = spread(total_minor=off_minor, weights=list(weights.values()), step_minor=self.step_minor)
        self.take(cuts=dict(zip(indexes, cuts, strict=True)), cause=cause)

    def take(self, *, cuts: Mapping[int, int], cause: "Cause") -> None:
        """Take amounts off lines, by position, and remember the rule once for the order."""
        for index, cut in cuts.items():
            if cut:
                self.costs[index] -= cut
                self.taken[index].append(cause.adjustment(amount_minor=cut))
        self.adjustments.append(cause.adjustment(amount_minor=sum(cuts.values())))

    def money(self, minor: int) -> str:
        """An amount as people read it."""
        return format_money(minor, currency=self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why something is taken off: an adjustment that lacks its amount."""

    stage: Stage
    rule_code: str
    rule_name: str
    reason_code: str
    reason_parameters: Mapping[str, object]

    def adjustment(self, *, amount_minor: int) -> Adjustment:
        """The same with its amount."""
        return Adjustment(
            stage=self.stage,
            rule_code=self.rule_code,
            rule_name=self.rule_name,
            amount_minor=amount_minor,
            reason_code=self.reason_code,
            reason_parameters=self.reason_parameters,
        )
