"""What can be wrong with planning requests."""

from reorder.kernel.errors import NotFound, ReorderError


class NoRun(NotFound):
    code = "planning.no_run"
    template = "No {kind} run has succeeded yet. Run: reorder plan"


class RunFailed(ReorderError):
    code = "planning.run_failed"
    template = (
        "Run {run_id} stopped at step “{step}”: {cause}. Mend the cause and run it again; finished steps are kept."
    )


class UnknownRun(NotFound):
    code = "planning.unknown_run"
    template = "There is no run {run_id}."
