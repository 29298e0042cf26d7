"""The purchase as mixed-integer programs for HiGHS (in OR-Tools): relaxed for the bound, restricted for the plan."""

import ctypes
import datetime as dt
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reorder.engine.stocking.combinations import Case, Combination
from reorder.engine.stocking.consolidating import Basket

# The search ends at these whatever the clock says, so that a machine with time to spare gives one answer.
RELAXED_GAP_SHARE, SETTLED_GAP_SHARE = 1e-4, 2e-5
RELAXED_NODES, SETTLED_NODES = 200, 20
# SKUs that the second program may still decide about; the others stand as the first program wants them.
FREE_SKUS = 60


class _Errors(io.TextIOBase):
    """Writes to whatever the error stream is at that moment, and cannot be closed."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def close(self) -> None:
        """The stream belongs to the process."""


def load_solver() -> Any:
    """OR-Tools' MathOpt, brought in when it is first needed.

    Its logging (absl) keeps the error stream of that moment and closes it as soon as logging is set up anew and the
    stream is another one by then: the stream of a test runner, or of a program that holds us. So it is given one that
    stays open.
    """
    from absl import logging as absl_logging
    from ortools.math_opt.python import mathopt

    absl_logging.get_absl_handler().python_handler.setStream(_Errors())
    return mathopt


@dataclass(frozen=True, slots=True)
class Relaxed:
    """`bound` on the cost, and the share of each combination a SKU (None when the solver found nothing in time)."""

    bound: float
    shares: list[dict[int, float]] | None
    is_cut_short: bool
    trucks: dict[int, int] | None = None

    def attempts(self) -> list[tuple[list[dict[int, float]], dict[int, int]]]:
        """Where to look for whole plans: with as many trucks as here, and with one more of each supplier."""
        if self.shares is None or self.trucks is None:
            return []
        more = {supplier: number + 1 for supplier, number in self.trucks.items()}
        return [(self.shares, self.trucks), (self.shares, more)]


@dataclass(slots=True)
class _Sums:
    """What a supplier's order adds up to: terms of its value and volume, and whether it is used at all."""

    used: Any
    value: list[Any] = field(default_factory=list)
    volume: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class _Program:
    model: Any
    choices: list[list[Any]]
    trucks: dict[int, Any]


def relax(*, case: Case, seconds: float) -> Relaxed:
    """Trucks and suppliers whole, combinations in shares: its value is below that of every plan."""
    mathopt = load_solver()

    floor = _floor(case=case)
    if seconds <= 0:
        return Relaxed(bound=floor, shares=None, is_cut_short=True)
    program = _build(case=case, fixed=None)
    made = _solve(program=program, seconds=seconds, gap=RELAXED_GAP_SHARE, nodes=RELAXED_NODES)
    if made is None:
        return Relaxed(bound=floor, shares=None, is_cut_short=True)
    is_cut = made.termination.limit == mathopt.Limit.TIME
    bound = max(made.dual_bound(), floor)
    if not made.has_primal_feasible_solution():
        return Relaxed(bound=bound, shares=None, is_cut_short=True)
    values = made.variable_values()
    shares = [
        {place: values[choice] for place, choice in enumerate(choices) if values[choice] > 1e-6} or {0: 1.0}
        for choices in program.choices
    ]
    trucks = {supplier: round(values[number]) for supplier, number in program.trucks.items()}
    return Relaxed(bound=bound, shares=shares, is_cut_short=is_cut, trucks=trucks)


def settle(
    *,
    case: Case,
    shares: Sequence[dict[int, float]],
    rates: Sequence[float],
    seconds: float,
    trucks: dict[int, int] | None,
) -> Basket | None:
    """A plan of whole SKUs near `shares`: only SKUs in pieces and those with a close second choice are free.

    `rates` is the price of volume a supplier, `trucks` the most of each. None when the solver found nothing in time.
    """
    first = [min(share, key=lambda place: (-share[place], place)) for share in shares]
    fixed = dict(enumerate(first))
    for sku in _undecided(case=case, shares=shares, first=first, rates=rates):
        del fixed[sku]
    program = _build(case=case, fixed=fixed)
    for supplier, number in (trucks or {}).items():
        program.trucks[supplier].upper_bound = number
    made = _solve(program=program, seconds=seconds, gap=SETTLED_GAP_SHARE, nodes=SETTLED_NODES)
    if made is None or not made.has_primal_feasible_solution():
        return None
    values = made.variable_values()
    return Basket(
        case=case,
        positions=[
            fixed[sku] if sku in fixed else max(range(len(choices)), key=lambda place: values[choices[place]])
            for sku, choices in enumerate(program.choices)
        ],
    )


def _undecided(
    *, case: Case, shares: Sequence[dict[int, float]], first: Sequence[int], rates: Sequence[float]
) -> list[int]:
    """SKUs in pieces, then those whose second choice is hardly dearer at the going price of volume."""
    regrets = []
    for sku, combinations in enumerate(case.combinations):
        if len(combinations) < 2:
            continue
        prices = [each.net + sum(rates[part.supplier] * part.volume for part in each.parts) for each in combinations]
        chosen = prices[first[sku]]
        second = min(price for place, price in enumerate(prices) if place != first[sku])
        regrets.append((0 if len(shares[sku]) > 1 else 1, second - chosen, sku))
    return [sku for _whole, _regret, sku in sorted(regrets)[:FREE_SKUS]]


def _floor(*, case: Case) -> float:
    """A bound without a solver: every need covered the cheapest way, trucks paid by what they carry."""
    return sum(
        min(
            each.net + sum(case.rules[part.supplier].volume_rate * part.volume for part in each.parts)
            for each in combinations
        )
        for combinations in case.combinations
    )


def _solve(*, program: _Program, seconds: float, gap: float, nodes: int) -> Any | None:
    mathopt = load_solver()

    parameters = mathopt.SolveParameters(
        time_limit=dt.timedelta(seconds=max(seconds, 0.01)), relative_gap_tolerance=gap, node_limit=nodes
    )
    with _stdout_kept_clean():
        made = mathopt.solve(program.model, mathopt.SolverType.HIGHS, params=parameters)
    refused = {mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.OTHER_ERROR}
    return None if made.termination.reason in refused else made


@contextmanager
def _stdout_kept_clean() -> Iterator[None]:
    """HiGHS prints a line of its own when its time ends in the wrong moment; commands answer in JSON on stdout."""
    library = ctypes.CDLL(None)
    sys.stdout.flush()
    library.fflush(None)
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        library.fflush(None)
        os.dup2(kept, 1)
        os.close(kept)


def _build(*, case: Case, fixed: dict[int, int] | None) -> _Program:
    """The program; without `fixed` combinations may be taken in shares, with it they are whole and some are given."""
    mathopt = load_solver()

    model, objective = mathopt.Model(), []
    sums = [_Sums(used=model.add_binary_variable()) for _ in case.rules]
    choices: list[list[Any]] = []
    for sku, combinations in enumerate(case.combinations):
        given = 0 if len(combinations) == 1 else None if fixed is None else fixed.get(sku)
        if given is not None:
            choices.append([])
            objective.append(combinations[given].net)
            for part in combinations[given].parts:
                sums[part.supplier].used.lower_bound = 1.0
                sums[part.supplier].value.append(part.value)
                sums[part.supplier].volume.append(part.volume)
            continue
        row = [model.add_variable(lb=0.0, ub=1.0, is_integer=fixed is not None) for _ in combinations]
        choices.append(row)
        objective.extend(each.net * choice for choice, each in zip(row, combinations, strict=True))
        _choose_one(model=model, row=row, combinations=combinations, sums=sums)
    trucks: dict[int, Any] = {}
    for number, (rules, each) in enumerate(zip(case.rules, sums, strict=True)):
        objective.append(rules.order_cost * each.used)
        if rules.truck_cost > 0:
            trucks[number] = model.add_integer_variable(lb=0.0)
            model.add_linear_constraint(mathopt.fast_sum(each.volume) <= rules.truck_volume * trucks[number])
            objective.append(rules.truck_cost * trucks[number])
        if rules.minimum_value > 0:
            each.value.append(model.add_variable(lb=0.0))
            model.add_linear_constraint(mathopt.fast_sum(each.value) >= rules.minimum_value * each.used)
            objective.append(each.value[-1])
    model.minimize(mathopt.fast_sum(objective))
    return _Program(model=model, choices=choices, trucks=trucks)


def _choose_one(*, model: Any, row: Sequence[Any], combinations: Sequence[Combination], sums: Sequence[_Sums]) -> None:
    mathopt = load_solver()

    model.add_linear_constraint(mathopt.fast_sum(row) == 1.0)
    by_supplier: dict[int, list[Any]] = {}
    for choice, combination in zip(row, combinations, strict=True):
        for part in combination.parts:
            sums[part.supplier].value.append(part.value * choice)
            sums[part.supplier].volume.append(part.volume * choice)
            by_supplier.setdefault(part.supplier, []).append(choice)
    for supplier, taken in by_supplier.items():
        model.add_linear_constraint(mathopt.fast_sum(taken) <= sums[supplier].used)
