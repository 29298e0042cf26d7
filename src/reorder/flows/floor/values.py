"""What a handheld sends and what it is answered: the one shape that all kinds of floor work share."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from reorder.domain.staff.rules import Actor

Work = Literal["receive", "put_away", "replenish", "pick", "pack", "ship", "move", "count", "return"]
# right: done as planned. wrong: nothing was changed, scan again. conflict: the world moved on since the plan was
# loaded; nothing was changed and a person must look. done: right, and the whole task is finished with it.
Outcome = Literal["right", "wrong", "conflict", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorScan:
    """One confirmed step of a task. `key` is made by the handheld, so that a replay after a Wi-Fi gap counts once.

    `task` names the work's subject (a pick batch, a purchase order, a count …) and `step` the step of its plan. `code`
    is what was scanned as read, `product_id`/`lot`/`expires_date`/`bin_code` what it was understood as, where it was.
    """

    key: str
    work: Work
    task: str
    step: str
    place_code: str
    code: str = ""
    bin_code: str = ""
    product_id: int | None = None
    units: Decimal | None = None
    lot: str = ""
    expires_date: dt.date | None = None
    scanned_at: dt.datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanChoice:
    """A way on from a wrong scan: the same is sent again with `details[detail] = value`; `label` is a template."""

    detail: str
    value: str
    label: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAnswer:
    """What a scan came to; `message` is a template with `values`, said in the reader's language by the screen.

    `plan` is the task's new plan where it changed (after a short pick), else None; made by `plans.floor_plan`.
    `choices` make of a wrong scan a question (more came than was ordered: take it or leave it).
    """

    outcome: Outcome
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] | None = None
    choices: tuple[ScanChoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """A task to choose on the page of a work: its `task` key, a title of data (a number, a name), and a line about it.

    `line` is a template with `values`; `scan` are codes that open the task when scanned on that page (a purchase
    order's number, a tote); `is_urgent` sorts nothing but is shown. `taken_by` names who works on it now.
    """

    task: str
    title: str
    line: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    scan: tuple[str, ...] = ()
    is_urgent: bool = False
    taken_by: str = ""


# Answers a scan inside the caller's transaction (`one_transaction` nests in it). Errors undo all that it did.
ScanHandler = Callable[[FloorScan, Actor, dt.datetime], ScanAnswer]
