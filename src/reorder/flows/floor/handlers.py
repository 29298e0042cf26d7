"""Which module does which work of the floor, and who may do it; each module is loaded when its work is first asked for.

A module `flows/floor/<work>.py` has two functions, and may have three more that the screens use when they are there:

* `answer(scan, actor, moment) -> ScanAnswer`: takes one scan in, inside the caller's transaction
* `plan_of(*, task: str, place_code: str, actor) -> Mapping`: the steps of a task, as JSON (see `plans`)
* `count_open(*, place_code: str, actor) -> int`: how many tasks wait; the home page shows it on the button of the work
* `list_open(*, place_code: str, actor) -> Sequence[OpenTask]`: the tasks to choose from on the page of the work
* `find_task(*, code: str, place_code: str, actor) -> str | None`: the task that a normalised code means there, for
  codes that `list_open` does not name (`OpenTask.scan`)
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, cast

from reorder.domain.staff.rules import Ability, Actor
from reorder.flows.floor.errors import UnknownWork, WorkNotBuilt
from reorder.flows.floor.values import OpenTask, ScanHandler

_GOODS_IN: Final = (Ability.RECEIVE_GOODS, Ability.EDIT_STOCK)
_GOODS_OUT: Final = (Ability.FULFIL_ORDERS,)
_SHELVES: Final = (Ability.FULFIL_ORDERS, Ability.RECEIVE_GOODS, Ability.EDIT_STOCK)


@dataclass(frozen=True, slots=True)
class FloorWork:
    """One kind of work: the module that does it, and the abilities of which one is enough to do it."""

    module: str
    abilities: tuple[Ability, ...]


# In the order in which goods pass through a warehouse.
WORKS: Final[Mapping[str, FloorWork]] = {
    "receive": FloorWork("reorder.flows.floor.receive", _GOODS_IN),
    "put_away": FloorWork("reorder.flows.floor.put_away", _SHELVES),
    "replenish": FloorWork("reorder.flows.floor.replenish", _SHELVES),
    "pick": FloorWork("reorder.flows.floor.pick", _GOODS_OUT),
    "pack": FloorWork("reorder.flows.floor.pack", _GOODS_OUT),
    "ship": FloorWork("reorder.flows.floor.ship", _GOODS_OUT),
    "return": FloorWork("reorder.flows.floor.return_", _SHELVES),
    "count": FloorWork("reorder.flows.floor.count", _SHELVES),
    "move": FloorWork("reorder.flows.floor.move", _SHELVES),
}


def may_work(*, work: str, actor: Actor) -> bool:
    """Whether the actor may do this kind of work anywhere; False for a work that does not exist."""
    known = WORKS.get(work)
    return known is not None and any(actor.may(ability) for ability in known.abilities)


def require_work(*, work: str, actor: Actor) -> None:
    """Raises UnknownWork, and NotAllowed unless the actor may do this kind of work."""
    if work not in WORKS:
        raise UnknownWork(work=work)
    if not may_work(work=work, actor=actor):
        actor.require(WORKS[work].abilities[0])


def handler_of(*, work: str) -> ScanHandler:
    """The function that answers scans of a work; raises UnknownWork, WorkNotBuilt."""
    return cast("ScanHandler", _module_of(work).answer)


def planner_of(*, work: str) -> Callable[..., Mapping[str, Any]]:
    """The function that makes the plan of a task; raises UnknownWork, WorkNotBuilt."""
    return cast("Callable[..., Mapping[str, Any]]", _module_of(work).plan_of)


def counter_of(*, work: str) -> Callable[..., int] | None:
    """The function that counts what waits of a work, None where a module has none; raises UnknownWork, WorkNotBuilt."""
    return cast("Callable[..., int] | None", getattr(_module_of(work), "count_open", None))


def lister_of(*, work: str) -> Callable[..., Sequence[OpenTask]] | None:
    """The function that lists what waits of a work, None where a module has none; raises UnknownWork, WorkNotBuilt."""
    return cast("Callable[..., Sequence[OpenTask]] | None", getattr(_module_of(work), "list_open", None))


def finder_of(*, work: str) -> Callable[..., str | None] | None:
    """The function that finds a task by a scanned code, None where a module has none; raises as `lister_of`."""
    return cast("Callable[..., str | None] | None", getattr(_module_of(work), "find_task", None))


def _module_of(work: str) -> ModuleType:
    if work not in WORKS:
        raise UnknownWork(work=work)
    name = WORKS[work].module
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as fault:
        if fault.name != name:
            raise
        raise WorkNotBuilt(work=work) from None
