"""A purchase in the making: who delivers what, its exact cost, and exchanges that make it cheaper."""

import time
from collections.abc import Iterable, Sequence

from reorder.engine.stocking.combinations import Case, Combination

# An exchange must save at least this share of the cost, so that rounding errors never go round in circles.
LEAST_GAIN_SHARE = 1e-10
PASSES = 30


class Basket:
    """One combination a SKU (`positions`) and, by supplier, `value`, `volume` and number of `lines` that follow."""

    def __init__(self, *, case: Case, positions: Sequence[int]) -> None:
        self.case = case
        self.positions = list(positions)
        self.value = [0.0] * len(case.rules)
        self.volume = [0.0] * len(case.rules)
        self.lines = [0] * len(case.rules)
        for sku, position in enumerate(self.positions):
            self._put(combination=case.combinations[sku][position], sign=1)

    def copy(self) -> "Basket":
        """A basket of its own with the same choices."""
        return Basket(case=self.case, positions=self.positions)

    def chosen(self) -> list[Combination]:
        """The combination of each SKU."""
        return [self.case.combinations[sku][position] for sku, position in enumerate(self.positions)]

    def cost(self) -> float:
        """Exact cost of the whole purchase."""
        goods = sum(combination.net for combination in self.chosen())
        return goods + sum(self.bill(supplier=number) for number in range(len(self.case.rules)))

    def bill(self, *, supplier: int) -> float:
        """What this supplier's order costs beyond its goods."""
        return self.case.rules[supplier].bill(
            value=self.value[supplier], volume=self.volume[supplier], lines=self.lines[supplier]
        )

    def shares(self) -> list[dict[int, float]]:
        """The choices as shares of one, as the relaxed program gives them."""
        return [{position: 1.0} for position in self.positions]

    def rates(self) -> list[float]:
        """What one more unit of volume costs with each supplier: its trucks' price over what they carry."""
        rates = []
        for number, rules in enumerate(self.case.rules):
            trucks = rules.trucks(volume=self.volume[number])
            rates.append(rules.truck_cost * trucks / self.volume[number] if trucks else rules.volume_rate)
        return rates

    def move(self, *, sku: int, position: int) -> None:
        """Cover the SKU in another way."""
        self._put(combination=self.case.combinations[sku][self.positions[sku]], sign=-1)
        self._put(combination=self.case.combinations[sku][position], sign=1)
        self.positions[sku] = position

    def gain(self, *, sku: int, position: int) -> float:
        """What covering the SKU in another way would save."""
        old, new = self.case.combinations[sku][self.positions[sku]], self.case.combinations[sku][position]
        change: dict[int, tuple[float, float, int]] = {}
        for combination, sign in ((old, -1), (new, 1)):
            for part in combination.parts:
                value, volume, lines = change.get(part.supplier, (0.0, 0.0, 0))
                change[part.supplier] = (
                    value + sign * part.value,
                    volume + sign * part.volume,
                    lines + sign,
                )
        saved = old.net - new.net
        for supplier, (value, volume, lines) in change.items():
            after = self.case.rules[supplier].bill(
                value=self.value[supplier] + value,
                volume=self.volume[supplier] + volume,
                lines=self.lines[supplier] + lines,
            )
            saved += self.bill(supplier=supplier) - after
        return saved

    def _put(self, *, combination: Combination, sign: int) -> None:
        for part in combination.parts:
            self.value[part.supplier] += sign * part.value
            self.volume[part.supplier] += sign * part.volume
            self.lines[part.supplier] += sign


def start_basket(*, case: Case) -> Basket:
    """Every SKU covered the way that is cheapest by itself at average truck prices."""
    return Basket(case=case, positions=[0] * len(case.skus))


def improve(*, basket: Basket, until: float) -> None:
    """Exchange combinations while that saves money: one at a time, whole trucks, whole suppliers; stops at `until`."""
    _exchange(basket=basket, skus=range(len(basket.case.skus)), until=until)
    for _pass in range(PASSES):
        before = basket.cost()
        for supplier in range(len(basket.case.rules)):
            if time.perf_counter() > until:
                return
            _shed(basket=basket, supplier=supplier, is_whole=False, until=until)
            _shed(basket=basket, supplier=supplier, is_whole=True, until=until)
        if basket.cost() > before * (1 - LEAST_GAIN_SHARE):
            return


def _exchange(*, basket: Basket, skus: Iterable[int], until: float) -> None:
    least = LEAST_GAIN_SHARE * max(basket.cost(), 1.0)
    waiting = list(skus)
    for _pass in range(PASSES):
        moved = []
        for number, sku in enumerate(waiting):
            if number % 32 == 0 and time.perf_counter() > until:
                return
            others = [place for place in range(len(basket.case.combinations[sku])) if place != basket.positions[sku]]
            gains = [(basket.gain(sku=sku, position=place), -place) for place in others]
            best = max(gains, default=(0.0, 0))
            if best[0] > least:
                basket.move(sku=sku, position=-best[1])
                moved.append(sku)
        if not moved:
            return


def _shed(*, basket: Basket, supplier: int, is_whole: bool, until: float) -> None:
    """Move goods away from a supplier until it needs a truck less (or nothing at all), if that saves in the end."""
    rules = basket.case.rules[supplier]
    trucks = rules.trucks(volume=basket.volume[supplier])
    if not basket.lines[supplier] or (trucks == 0 and not is_whole):
        return
    before, positions = basket.cost(), list(basket.positions)
    _empty(basket=basket, supplier=supplier, goal=-1.0 if is_whole else (trucks - 1) * rules.truck_volume)
    _exchange(basket=basket, skus=_neighbours(basket=basket, supplier=supplier), until=until)
    if basket.cost() > before * (1 - LEAST_GAIN_SHARE):
        for sku, position in enumerate(positions):
            if basket.positions[sku] != position:
                basket.move(sku=sku, position=position)


def _empty(*, basket: Basket, supplier: int, goal: float) -> None:
    moved: set[int] = set()
    for sku, position in _ways_out(basket=basket, supplier=supplier):
        if basket.volume[supplier] <= goal or not basket.lines[supplier]:
            return
        if sku not in moved:
            basket.move(sku=sku, position=position)
            moved.add(sku)


def _ways_out(*, basket: Basket, supplier: int) -> list[tuple[int, int]]:
    """Exchanges that take volume off a supplier, those first that cost least for each unit of volume."""
    rates = basket.rates()
    ways = []
    for sku, position in enumerate(basket.positions):
        now = basket.case.combinations[sku][position]
        here = _volume_at(combination=now, supplier=supplier)
        if here <= 0:
            continue
        for place, other in enumerate(basket.case.combinations[sku]):
            saved = here - _volume_at(combination=other, supplier=supplier)
            if saved > 0:
                dearer = (
                    other.net
                    - now.net
                    + sum(
                        sign * rates[part.supplier] * part.volume
                        for combination, sign in ((other, 1), (now, -1))
                        for part in combination.parts
                        if part.supplier != supplier
                    )
                )
                ways.append((dearer / saved, sku, place))
    return [(sku, place) for _price, sku, place in sorted(ways)]


def _volume_at(*, combination: Combination, supplier: int) -> float:
    return sum(max(part.volume, 1e-12) for part in combination.parts if part.supplier == supplier)


def _neighbours(*, basket: Basket, supplier: int) -> list[int]:
    return [
        sku
        for sku, combinations in enumerate(basket.case.combinations)
        if len(combinations) > 1 and any(part.supplier == supplier for each in combinations for part in each.parts)
    ]
