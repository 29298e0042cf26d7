"""What can be wrong with planning requests."""

from reorder.kernel.errors import BadInput, NotFound, ReorderError


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


class BadAdjustment(BadInput):
    code = "planning.bad_adjustment"
    template = "This adjustment cannot be made: {reason}."


class NotPlanned(NotFound):
    code = "planning.not_planned"
    template = "There is no demand plan for {subject} there."


class UnknownAdjustment(NotFound):
    code = "planning.unknown_adjustment"
    template = "There is no such adjustment, or it was withdrawn already."


class BadStockRule(BadInput):
    code = "planning.bad_stock_rule"
    template = "This stock rule cannot be set: {reason}."


class UnknownStockRule(NotFound):
    code = "planning.unknown_stock_rule"
    template = "There is no stock rule for {subject} there, or it was taken back already."


# Reasons that errors carry; a surface translates them.
REASON_TEMPLATES = (
    "give units other than zero",
    "the last day lies before the first",
    "the first day is over already",
    "it reaches further than a year ahead",
    "say why in a few words",
    "the number is larger than any demand can be",
    "say for which product and place",
    "units must not be negative",
    "the number is larger than any stock can be",
    "the least is more than the most",
    "a service level lies above 0 and below 100 %",
    "there is no such method",
    "lay down at least one thing",
)
