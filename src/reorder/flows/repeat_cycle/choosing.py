"""Choosing how many of the likeliest pairs the nights from now on remind."""

import datetime as dt

from reorder.domain.planning import reminders as planning
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.insights.reminder_plan import STEPS
from reorder.kernel.errors import BadInput


class BadBudget(BadInput):
    """A budget that is none of the steps."""

    code = "reminders.bad_budget"
    template = "{share} is not a budget. Choose one of these shares of all pairs, in percent: {steps}"


def choose_budget(*, share: float, decided_by: str, moment: dt.datetime) -> None:
    """From the next night on remind only the best `share` of all pairs (0 to 1, one of STEPS); raises BadBudget.

    Messages that wait in the outbox stay. Choosing what holds already changes nothing; choosing again undoes.
    """
    step = next((one for one in STEPS if abs(one - share) < 1e-9), None)
    if step is None:
        steps = ", ".join(f"{one * 100:g}" for one in STEPS)
        raise BadBudget(share=f"{share * 100:g}", steps=steps)
    with one_transaction():
        before = planning.find_policy()
        if before is not None and before.budget_share == step:
            return
        planning.record_policy(budget_share=step, decided_by=decided_by, decided_at=moment)
        record_audit(
            actor=decided_by,
            action="reminders.choose_budget",
            subject_kind="reminders",
            subject_key="budget",
            details={"budget_percent": step * 100, "before_percent": before.budget_share * 100 if before else None},
        )
