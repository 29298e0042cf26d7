"""Why a task is not given."""

from reorder.kernel.errors import BadInput, Conflict


class NotYoursToGive(Conflict):
    """Somebody else has the task, or would get it: who manages the place decides that."""

    code = "team.not_yours_to_give"
    template = "{by} has this task: ask whoever manages the place, or take another one."


class NotOfTheTeam(BadInput):
    """A name that nobody has who may do this work here."""

    code = "team.not_of_the_team"
    template = "{name} does not do this work here. Choose somebody of the list."
