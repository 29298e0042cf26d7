"""Whether pieces go into a carton at all, asked of a constraint solver (OR-Tools CP-SAT)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from ortools.sat.python import cp_model

from reorder.engine.packing.values import Piece, Placed, Size


class Answer(Enum):
    """What the solver came to."""

    PACKED = auto()
    IMPOSSIBLE = auto()
    UNKNOWN = auto()


def solve_exactly(
    *, pieces: Sequence[Piece], carton: Size, seconds: float, seed: int, prepares: bool
) -> tuple[Answer, list[Placed] | None]:
    """Places for all pieces, lowest first; none where there are none, or where the time finds none.

    No two overlap, and nothing is above a fragile one. Pieces may stand on others in part. A solver that `prepares`
    simplifies the question first: slower for easy ones, far quicker for hard ones.
    """
    model = cp_model.CpModel()
    boxes = [_Box.of(model, piece=piece, carton=carton) for piece in pieces]
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            _keep_clear(model, one=one, other=other, carton=carton)
    _order_equals(model, boxes=boxes)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(seconds, 0.001)
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.linearization_level = 0
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.cp_model_presolve = prepares
    status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return (Answer.IMPOSSIBLE if status == cp_model.INFEASIBLE else Answer.UNKNOWN), None
    return Answer.PACKED, settle(placed=[box.placed(solver) for box in boxes])


@dataclass(frozen=True, slots=True)
class _Box:
    """A piece's variables: where it is and how large along each axis; `thinnest` is the least that it can be there."""

    piece: Piece
    at: list[cp_model.IntVar]
    size: list[cp_model.IntVar]
    thinnest: Size

    @classmethod
    def of(cls, model: cp_model.CpModel, *, piece: Piece, carton: Size) -> "_Box":
        sizes = [size for size in piece.sizes if all(a <= b for a, b in zip(size, carton, strict=True))]
        x, y, z = (sorted({size[axis] for size in sizes}) for axis in range(3))
        thinnest = (x[0], y[0], z[0])
        at = [model.new_int_var(0, inner - least, "") for inner, least in zip(carton, thinnest, strict=True)]
        size = [model.new_int_var_from_domain(cp_model.Domain.from_values(sides), "") for sides in (x, y, z)]
        if len(sizes) > 1:
            model.add_allowed_assignments(size, sizes)
        for axis, inner in enumerate(carton):
            model.add(at[axis] + size[axis] <= inner)
        return cls(piece, at, size, thinnest)

    def placed(self, solver: cp_model.CpSolver) -> Placed:
        x, y, z = (solver.value(at) for at in self.at)
        length, width, height = (solver.value(size) for size in self.size)
        return (self.piece.number, (x, y, z), (length, width, height))


def _keep_clear(model: cp_model.CpModel, *, one: _Box, other: _Box, carton: Size) -> None:
    """One of the two lies left of, behind or below the other; a fragile one never below."""
    ways = []
    for axis in range(3):
        if one.thinnest[axis] + other.thinnest[axis] > carton[axis]:
            continue
        for low, high in ((one, other), (other, one)):
            if axis == 2 and low.piece.item.fragile:
                continue
            way = model.new_bool_var("")
            model.add(low.at[axis] + low.size[axis] <= high.at[axis]).only_enforce_if(way)
            ways.append(way)
    model.add_bool_or(ways)


def _order_equals(model: cp_model.CpModel, *, boxes: Sequence[_Box]) -> None:
    """Equal pieces stand in one order from the left: else every answer comes in all their orders."""
    last: dict[object, _Box] = {}
    for box in boxes:
        key = (box.piece.sizes, box.piece.item.fragile)
        if key in last:
            model.add(last[key].at[0] <= box.at[0])
        last[key] = box


def settle(*, placed: Sequence[Placed]) -> list[Placed]:
    """Let every piece fall as far as it can, and name them from the bottom up."""
    fallen: list[Placed] = []
    for number, (x, y, z), size in sorted(placed, key=lambda one: one[1][2]):
        floor = max(
            (
                at[2] + other[2]
                for _, at, other in fallen
                if x < at[0] + other[0] and at[0] < x + size[0] and y < at[1] + other[1] and at[1] < y + size[1]
            ),
            default=0,
        )
        fallen.append((number, (x, y, min(z, floor)), size))
    return sorted(fallen, key=lambda one: (one[1][2], one[1][1], one[1][0]))
