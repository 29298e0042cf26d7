"""Anything done to shelves and bins in any order: what bins hold never exceeds what stands on the shelves.

`REORDER_TEST_FULL=1` walks many more and longer ways.
"""

import os
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as walk

from reorder.domain.inventory import allocating, operations
from reorder.domain.inventory.allocating import Settled, Wanted
from reorder.domain.inventory.errors import NotEnoughStock
from reorder.domain.warehouse.bin_stock import (
    NewBinMove,
    follow_stock,
    list_excess,
    list_in_bins,
    list_loose,
    move_between_bins,
)
from reorder.domain.warehouse.errors import NotInBin, NotThatManyLoose
from reorder.domain.warehouse.floor_errors import DoesNotFit
from reorder.domain.warehouse.floor_models import BinMove, BinStock
from reorder.domain.warehouse.putting_away import PutAway, move_checked, put_away
from reorder.insights.promise_proof import list_bin_differences
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, MORNING, make_place, shipment
from tests.factories.shelves import arrive, make_hall

IS_FULL = bool(os.environ.get("REORDER_TEST_FULL"))
WALKS, STEPS = (150, 50) if IS_FULL else (15, 30)
BINS = ("A-01-1", "A-02-1", "B-01-3")
LOTS = ("", "L1")
UNITS = st.integers(1, 8)


class ShelvesMachine(RuleBasedStateMachine):
    """Goods come, are put away, moved, picked with and without bins, and sold behind the bins' back."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        # As the tests' own transaction: putting away believes to be the outermost.
        self.atomic._from_testcase = True  # type: ignore[attr-defined]
        self.atomic.__enter__()
        make_place()
        make_hall()
        self.product = make_product().pk
        self.number = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def key(self) -> str:
        self.number += 1
        return f"step-{self.number}"

    @rule(units=UNITS, lot=st.sampled_from(LOTS))
    def receive(self, units: int, lot: str) -> None:
        arrive(product_id=self.product, units=units, lot=lot, key=self.key())

    @rule(units=UNITS, lot=st.sampled_from(LOTS), code=st.sampled_from(BINS))
    def put(self, units: int, lot: str, code: str) -> None:
        waiting = sum(one.units for one in list_loose(place_code=KEELUNG) if one.lot == lot)
        given = PutAway(
            key=self.key(), place_code=KEELUNG, product_id=self.product, units=Decimal(units), bin_code=code,
            actor="Mei", happened_at=MORNING, lot=lot,
        )  # fmt: skip
        try:
            put_away(put=given)
        except NotThatManyLoose:
            assert waiting < units
        else:
            assert waiting >= units

    @rule(units=UNITS, lot=st.sampled_from(LOTS), source=st.sampled_from(BINS), into=st.sampled_from(BINS))
    def move(self, units: int, lot: str, source: str, into: str) -> None:
        if source == into:
            return
        try:
            move_checked(move=self._move("move", units=units, lot=lot, source=source, target=into), place_code=KEELUNG)
        except (NotInBin, DoesNotFit):
            assert self._there(source, lot) < units

    @rule(units=UNITS, is_binned=st.booleans())
    def pick(self, units: int, is_binned: bool) -> None:
        """Promise, pick; from the bins that hold it, or behind their back."""
        demand = f"order_line:{self.key()}"
        wanted = Wanted(demand_key=demand, product_id=self.product, place_code=KEELUNG, units=Decimal(units))
        promise = allocating.allocate_units(
            wanted=[wanted], key=self.key(), cause_kind="order", cause_key=demand, moment=MORNING
        )
        if promise.short:
            return
        before = {(one.bin_code, one.lot): one.units for one in self._in_bins()}
        allocating.settle_units(
            kind="pick",
            settled=[Settled(demand_key=demand, product_id=self.product, place_code=KEELUNG, units=Decimal(units))],
            key=self.key(), cause_kind="order", cause_key=demand, moment=MORNING,
        )  # fmt: skip
        if is_binned:
            self._take_picked(before)
        self.follow()

    @rule(units=UNITS)
    def sell_elsewhere(self, units: int) -> None:
        try:
            operations.record_moves(moves=[shipment(product_id=self.product, units=units, key=self.key())])
        except NotEnoughStock:
            return
        self.follow()

    @invariant()
    def bins_hold_no_more_than_the_shelves(self) -> None:
        assert list_excess(place_code=KEELUNG) == []
        assert list_bin_differences() == []
        assert BinStock.objects.filter(units__lte=0).count() == 0
        out = BinMove.objects.filter(source__isnull=True).count()
        assert out <= self.number

    def follow(self) -> None:
        follow_stock(
            place_code=KEELUNG, product_ids=[self.product], cause_kind="order", cause_key=self.key(), actor="Mei",
            moment=MORNING,
        )  # fmt: skip

    def _take_picked(self, before: dict[tuple[str, str], Decimal]) -> None:
        """Take out of bins what they hold too much of, as a picker who scanned them does."""
        for excess in list_excess(place_code=KEELUNG):
            left = excess.units
            for (code, lot), there in before.items():
                if lot == excess.lot and left > 0:
                    units = min(left, there)
                    left -= units
                    move_between_bins(moves=[self._move("pick", units=units, lot=lot, source=code, target="")])

    def _move(self, kind: str, *, units: int | Decimal, lot: str, source: str, target: str) -> NewBinMove:
        return NewBinMove(
            key=self.key(), kind=kind, product_id=self.product, units=Decimal(units), source=source, target=target,  # type: ignore[arg-type]
            cause_kind="floor_task", cause_key="1", actor="Mei", happened_at=MORNING, lot=lot,
        )  # fmt: skip

    def _in_bins(self) -> list:  # type: ignore[type-arg]
        return list_in_bins(place_code=KEELUNG, product_ids=[self.product])

    def _there(self, code: str, lot: str) -> Decimal:
        return sum((one.units for one in self._in_bins() if (one.bin_code, one.lot) == (code, lot)), Decimal(0))


@pytest.mark.django_db
def test_bins_never_hold_more_than_the_shelves_whatever_is_done() -> None:
    connection.ensure_connection()
    walk(
        ShelvesMachine,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
