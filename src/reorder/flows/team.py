"""Tasks of the floor given to people: one view over what each work keeps, and one way to give, take and give back.

Pick batches and counts know themselves who has them; of all other works it is kept here.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.queries import list_users
from reorder.domain.staff.rules import ROLE_ABILITIES, Ability, Actor, Role
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.team import give_task, list_assigned
from reorder.flows import waves
from reorder.flows.counting.deciding import give_count
from reorder.flows.floor.errors import UnknownTask
from reorder.flows.floor.handlers import WORKS, lister_of, may_work, require_work
from reorder.flows.floor.values import OpenTask
from reorder.flows.team_errors import NotOfTheTeam, NotYoursToGive
from reorder.kernel.errors import NotFound

# Works that keep for themselves who has a task.
_OWN: frozenset[str] = frozenset({"pick", "count"})
# Whoever manages places or stock gives tasks to others; everybody takes free ones and gives back her own.
_GIVES = (Ability.MANAGE_PLACES, Ability.EDIT_STOCK)


def list_tasks(*, work: str, place_code: str, actor: Actor) -> list[OpenTask]:
    """Open tasks of a work at a place, each with who has it (`taken_by`). Raises UnknownWork, NotAllowed."""
    require_work(work=work, actor=actor)
    nobody = replace(actor, name="")
    try:
        lister = lister_of(work=work)
    except NotFound:
        return []
    tasks = lister(place_code=place_code, actor=nobody) if lister else []
    return with_assigned(work=work, place_code=place_code, tasks=tasks)


def with_assigned(*, work: str, place_code: str, tasks: Sequence[OpenTask]) -> list[OpenTask]:
    """The tasks with who was given them, where the work does not know itself."""
    if work in _OWN or not tasks:
        return list(tasks)
    assigned = list_assigned(place_code=place_code, works=[work])
    return [replace(one, taken_by=assigned.get((work, one.task), one.taken_by)) for one in tasks]


def give(*, work: str, task: str, place_code: str, to: str, actor: Actor, moment: dt.datetime) -> None:
    """Give a task to somebody of the team, or with an empty `to` to nobody.

    To oneself and back everybody may; to and from others who manages. Raises UnknownTask, NotYoursToGive, NotOfTheTeam,
    and what the work says of a task that moved on.
    """
    require_work(work=work, actor=actor)
    if not actor.may_at(place_code):
        raise UnknownTask(task=task)
    found = next((one for one in list_tasks(work=work, place_code=place_code, actor=actor) if one.task == task), None)
    if found is None:
        raise UnknownTask(task=task)
    if not may_give(actor=actor) and (to not in {"", actor.name} or found.taken_by not in {"", actor.name}):
        raise NotYoursToGive(by=found.taken_by or "-")
    if to and to not in list_team(place_code=place_code, work=work):
        raise NotOfTheTeam(name=to)
    if work == "pick":
        waves.assign_batch(batch_id=int(task), to=to, actor=actor, moment=moment)
    elif work == "count":
        give_count(task_id=int(task), assigned_to=to, actor=actor)
    else:
        with one_transaction():
            give_task(place_code=place_code, work=work, task=task, to=to, by=actor.name, moment=moment)
            record_audit(
                actor=actor.name,
                action="team.give",
                subject_kind=work,
                subject_key=task,
                details={"to": to, "from": found.taken_by},
            )


def may_give(*, actor: Actor) -> bool:
    """Whether the actor gives tasks to others."""
    return any(actor.may(ability) for ability in _GIVES)


def list_team(*, place_code: str, work: str) -> list[str]:
    """Names of active people who may do a work at a place, in the order of the alphabet."""
    return sorted(
        person.username
        for person in list_users()
        if person.is_active
        and (not person.place_codes or place_code in person.place_codes)
        and may_work(work=work, actor=Actor(name=person.username, abilities=ROLE_ABILITIES[Role(person.role)]))
    )


def works_for(*, actor: Actor) -> list[str]:
    """The works that the actor may do, in the order in which goods pass."""
    return [work for work in WORKS if may_work(work=work, actor=actor)]
