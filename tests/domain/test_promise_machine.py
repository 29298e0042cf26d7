"""A machine that does anything to stock in any order, beside a model of plain numbers; both agree after every step.

`REORDER_TEST_FULL=1` walks many more and longer ways.
"""

import datetime as dt
import os
from collections import defaultdict
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from hypothesis.stateful import run_state_machine_as_test as walk

from reorder.domain.inventory import allocating, intake, operations, queries
from reorder.domain.inventory.allocating import Settled, Wanted
from reorder.domain.inventory.errors import NotEnoughStock
from reorder.domain.inventory.models import Allocation, Hold, Level, Move
from reorder.domain.inventory.rules import ADJUSTMENT, CUSTOMER, NewMove, stock_of
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, MORNING, make_place

IS_FULL = bool(os.environ.get("REORDER_TEST_FULL"))
WALKS, STEPS = (200, 60) if IS_FULL else (25, 45)
PLACES = (KEELUNG, "TAINAN")
LOTS = (("", None), ("A", dt.date(2026, 12, 31)), ("B", dt.date(2027, 6, 30)))
UNITS = st.integers(1, 12).map(lambda eighths: Decimal(eighths) / 8)
# Mostly the same goods at the same place, so that promises meet.
WHERE = st.sampled_from((KEELUNG, KEELUNG, KEELUNG, "TAINAN"))
WHICH = st.sampled_from((0, 0, 0, 1))
Key = tuple[int, str, str]
ZERO = Decimal(0)


class StockMachine(RuleBasedStateMachine):
    """The model: units by (product, place, lot) on hand; promised and picked by demand; held by cart until a moment."""

    demands = Bundle("demands")

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        for place in PLACES:
            make_place(code=place, name=place)
        self.products = [make_product(sku=sku).pk for sku in ("OOLONG-150", "MATCHA-30")]
        self.now = MORNING
        self.number = 0
        self.on_hand: dict[Key, Decimal] = defaultdict(Decimal)
        self.promised: dict[str, dict[Key, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.picked: dict[str, dict[Key, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self.held: dict[str, tuple[dt.datetime, dict[Key, Decimal]]] = {}

    @initialize(units=UNITS)
    def stock_up(self, units: Decimal) -> None:
        """Something of everything, so that promises come about from the first step on."""
        for product in (0, 1):
            for place in PLACES:
                for lot in LOTS:
                    self.receive(product, place, lot, units)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def key(self) -> str:
        """A key that no other step has."""
        self.number += 1
        return f"step-{self.number}"

    def free(self, at: Key, *, without: str = "") -> Decimal:
        """Units promised to nobody; holds that are over, and those of the cart `without`, count as free."""
        promised = sum((goods[at] for goods in self.promised.values()), ZERO)
        held = sum(
            (goods.get(at, ZERO) for cart, (until, goods) in self.held.items() if until > self.now and cart != without),
            ZERO,
        )
        return self.on_hand[at] - promised - held

    def ladder(self, product: int, place: str, units: Decimal, *, without: str = "") -> dict[Key, Decimal] | None:
        """What first expired, first out takes; None where there is not enough."""
        taken: dict[Key, Decimal] = {}
        for lot, _day in sorted(LOTS, key=lambda one: (one[1] is None, one[1] or dt.date.max)):
            at = (product, place, lot)
            part = min(units - sum(taken.values(), ZERO), self.free(at, without=without))
            if part > 0:
                taken[at] = part
        return taken if sum(taken.values(), ZERO) == units else None

    def end_holds(self, *, products: set[tuple[int, str]], own: str = "") -> None:
        """Holds that are over give way where an order looks, also at the cart's own; these everywhere."""
        mine = set(self.held.get(own, (self.now, {}))[1])
        for cart, (until, goods) in list(self.held.items()):
            left = {
                at: units
                for at, units in goods.items()
                if cart != own and not (until <= self.now and ((at[0], at[1]) in products or at in mine))
            }
            self.held[cart] = (until, left)

    # Rules are drawn evenly: what only sets the stage is drawn together, so that promises meet each other often.
    @rule(
        what=st.sampled_from(("receive", "lose", "take_back", "count")),
        product=WHICH,
        place=WHERE,
        lot=st.sampled_from(LOTS),
        units=UNITS,
    )
    def goods_come_or_go(
        self, what: str, product: int, place: str, lot: tuple[str, dt.date | None], units: Decimal
    ) -> None:
        getattr(self, what)(product, place, lot, units)

    @rule(what=st.sampled_from(("wait", "wait", "wait", "sweep", "drop")), minutes=st.integers(1, 10))
    def time_passes(self, what: str, minutes: int) -> None:
        if what == "sweep":
            self.sweep()
        elif what == "drop":
            self.drop(f"cart:{1 + minutes % 2}")
        else:
            self.wait(minutes)

    def receive(self, product: int, place: str, lot: tuple[str, dt.date | None], units: Decimal) -> None:
        name, day = lot
        self.move("receipt", ADJUSTMENT, stock_of(place_code=place), self.products[product], units, name, day)
        self.on_hand[self.products[product], place, name] += units

    def lose(self, product: int, place: str, lot: tuple[str, dt.date | None], units: Decimal) -> None:
        at = (self.products[product], place, lot[0])
        # Goods that carts hold, be it past their time, do not just leave: the sweeper gives them back first.
        held = sum((goods.get(at, ZERO) for _until, goods in self.held.values()), ZERO)
        promised = sum((goods[at] for goods in self.promised.values()), ZERO)
        if self.on_hand[at] - promised - held < units:
            with pytest.raises(NotEnoughStock):
                self.move("adjust", stock_of(place_code=place), ADJUSTMENT, at[0], units, at[2], None)
            return
        self.move("adjust", stock_of(place_code=place), ADJUSTMENT, at[0], units, at[2], None)
        self.on_hand[at] -= units

    def take_back(self, product: int, place: str, lot: tuple[str, dt.date | None], units: Decimal) -> None:
        name, day = lot
        self.move("return", CUSTOMER, stock_of(place_code=place), self.products[product], units, name, day)
        self.on_hand[self.products[product], place, name] += units

    def count(self, product: int, place: str, lot: tuple[str, dt.date | None], units: Decimal) -> None:
        name, day = lot
        if not name:
            return
        at = (self.products[product], place, name)
        counted = intake.StockCount(product_id=at[0], place_code=place, units=units, lot=name, expires_date=day)
        bound = sum((goods[at] for goods in self.promised.values()), ZERO)
        bound += sum((goods.get(at, ZERO) for _until, goods in self.held.values()), ZERO)
        if units < bound:
            with pytest.raises(NotEnoughStock):
                intake.record_counts(counts=[counted], cause_key=self.key(), happened_at=self.now)
            return
        intake.record_counts(counts=[counted], cause_key=self.key(), happened_at=self.now)
        self.on_hand[at] = units

    @rule(
        cart=st.sampled_from(("cart:1", "cart:2")),
        product=WHICH,
        place=WHERE,
        units=UNITS,
        minutes=st.integers(0, 3),
    )
    def hold(self, cart: str, product: int, place: str, units: Decimal, minutes: int) -> None:
        wanted = Wanted(demand_key="x", product_id=self.products[product], place_code=place, units=units)
        until = self.now + dt.timedelta(minutes=minutes)
        taken = self.ladder(self.products[product], place, units, without=cart)
        promise = allocating.hold_units(hold_key=cart, wanted=[wanted], moment=self.now, expires_at=until)
        assert bool(promise.short) == (taken is None)
        if taken is not None:
            self.end_holds(products={(self.products[product], place)}, own=cart)
            self.held[cart] = (until, taken)

    def drop(self, cart: str) -> None:
        allocating.drop_holds(hold_keys=[cart])
        self.held.pop(cart, None)

    def wait(self, minutes: int) -> None:
        self.now += dt.timedelta(minutes=minutes)

    def sweep(self) -> None:
        allocating.drop_expired_holds(moment=self.now)
        self.held = {cart: (until, goods) for cart, (until, goods) in self.held.items() if until > self.now}

    @rule(
        target=demands,
        lines=st.lists(st.tuples(WHICH, WHERE, UNITS), min_size=1, max_size=2),
        cart=st.sampled_from(("", "cart:1", "cart:2")),
    )
    def order(self, lines: list[tuple[int, str, Decimal]], cart: str) -> object:
        goods = {(self.products[product], place): units for product, place, units in lines}
        demand = f"order_line:{self.key()}"
        wanted = [
            Wanted(demand_key=demand, product_id=product, place_code=place, units=units)
            for (product, place), units in goods.items()
        ]
        ladders = [self.ladder(product, place, units, without=cart) for (product, place), units in goods.items()]
        promise = allocating.allocate_units(
            wanted=wanted, key=self.key(), cause_kind="order", cause_key="1", moment=self.now, hold_key=cart
        )
        if any(ladder is None for ladder in ladders):
            assert promise.taken == ()
            return multiple()
        self.end_holds(products=set(goods), own=cart or "no cart")
        for ladder in ladders:
            for at, units in (ladder or {}).items():
                self.promised[demand][at] += units
        expected = {at: units for at, units in self.promised[demand].items() if units}
        assert {(one.product_id, one.place_code, one.lot): one.units for one in promise.taken} == expected
        return demand

    @rule(demand=demands, kind=st.sampled_from(("pick", "unpick", "release", "ship")), units=st.none() | UNITS)
    def settle(self, demand: str, kind: allocating.SettleKind, units: Decimal | None) -> None:
        for product in self.products:
            moved = allocating.settle_units(
                kind=kind,
                settled=[Settled(demand_key=demand, product_id=product, units=units)],
                key=self.key(),
                cause_kind="order",
                cause_key="1",
                moment=self.now,
            )
            there = {at: one for at, one in self.promised[demand].items() if at[0] == product}
            picked = self.picked[demand]
            could = sum(
                ({"pick": one - picked[at], "unpick": picked[at]}.get(kind, one) for at, one in there.items()),
                ZERO,
            )
            assert sum((one.units for one in moved), ZERO) == min(could, could if units is None else units)
            self.follow(demand, kind, moved)

    def follow(self, demand: str, kind: str, moved: list[allocating.Moved]) -> None:
        """The model does what the answer says; that it may, the invariants tell."""
        picked, promised = self.picked[demand], self.promised[demand]
        for one in moved:
            at = (one.product_id, one.place_code, one.lot)
            if kind in {"pick", "unpick"}:
                picked[at] += one.units if kind == "pick" else -one.units
                continue
            unpicked = promised[at] - picked[at]
            from_picked = min(one.units, picked[at]) if kind == "ship" else max(one.units - unpicked, ZERO)
            picked[at] -= from_picked
            promised[at] -= one.units
            if kind == "ship":
                self.on_hand[at] -= one.units

    @rule(demand=demands)
    def cancel(self, demand: str) -> None:
        self.settle(demand, "release", None)
        assert not Allocation.objects.filter(demand_key=demand).exists()

    def move(
        self, kind: str, source: str, target: str, product: int, units: Decimal, lot: str, day: dt.date | None
    ) -> None:
        """One move of the ledger."""
        move = NewMove(
            key=self.key(),
            kind=kind,
            product_id=product,
            units=units,
            source=source,
            target=target,
            cause_kind="test",
            cause_key="machine",
            happened_at=self.now,
            lot=lot,
            expires_date=day,
        )
        operations.record_moves(moves=[move])

    @invariant()
    def the_ledger_equals_its_projections(self) -> None:
        assert queries.compare_ledger_with_levels() == []

    @invariant()
    def nothing_is_negative_and_no_unit_is_promised_twice(self) -> None:
        for level in Level.objects.all():
            assert level.on_hand_units >= 0
            assert 0 <= level.allocated_units + level.held_units <= level.on_hand_units

    @invariant()
    def the_model_agrees_to_the_unit(self) -> None:
        levels = {
            (row[0], row[1], row[2]): row[3:]
            for row in Level.objects.values_list(
                "product_id", "location__place__code", "lot", "on_hand_units", "allocated_units", "held_units"
            )
        }
        every = set(levels) | {at for at, units in self.on_hand.items() if units}
        for at in every:
            promised = sum((goods[at] for goods in self.promised.values()), ZERO)
            held = sum((goods.get(at, ZERO) for _until, goods in self.held.values()), ZERO)
            assert levels.get(at, (ZERO, ZERO, ZERO)) == (self.on_hand[at], promised, held), at

    @invariant()
    def what_demands_were_promised_is_what_is_allocated(self) -> None:
        found = {
            (row[0], (row[1], row[2], row[3])): row[4:]
            for row in Allocation.objects.values_list(
                "demand_key", "level__product_id", "level__location__place__code", "level__lot", "units", "picked_units"
            )
        }
        expected = {
            (demand, at): (units, self.picked[demand][at])
            for demand, goods in self.promised.items()
            for at, units in goods.items()
            if units
        }
        assert found == expected
        held = sum((goods for _until, every in self.held.values() for goods in every.values()), ZERO)
        assert sum((one.units for one in Hold.objects.all()), ZERO) == held

    @invariant()
    def the_ledger_sums_to_zero(self) -> None:
        assert all(move.units > 0 and move.source_id != move.target_id for move in Move.objects.all())


@pytest.mark.django_db
def test_stock_and_its_model_agree_whatever_is_done_in_whatever_order() -> None:
    assert connection.vendor == "postgresql"
    walk(
        StockMachine,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
