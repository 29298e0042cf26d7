"""Scans of the warehouse floor, for handhelds and robots that bring screens of their own."""

import datetime as dt
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import CountedUnits, Day, Given, IdempotencyKey, Key, Moment
from reorder.domain.staff.rules import Ability
from reorder.flows.floor.handlers import WORKS
from reorder.flows.floor.saying import say_answer, say_plan
from reorder.flows.floor.scanning import MOST_SCANS, show_plan, take_scans
from reorder.flows.floor.values import FloorScan
from reorder.kernel import clock

router = Router(tags=["floor"])
_Short = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
_Code = Annotated[str, StringConstraints(max_length=600, pattern=r"^[^\x00]*$")]
_Text = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
_ScanKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class ScanIn(Given):
    """One confirmed step of a task."""

    key: _ScanKey = Field(description="Yours: the same key again gets the stored answer.", examples=["7f0c1f7e-01"])
    work: _Short = Field(description=f"One of {', '.join(WORKS)}.", examples=["receive"])
    task: _Short = Field(description="A purchase order, a batch, a count …", examples=["PO-2026-000003"])
    place: Key
    step: _Short = Field(default="", description="Of the task's plan.")
    code: _Code = Field(default="", description="As the scanner sent it, with its symbology mark and GS characters.")
    bin_code: _Short = ""
    product_id: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    units: CountedUnits | None = None
    lot: _Short = ""
    expires_date: Day | None = None
    scanned_at: Moment | None = None
    details: dict[_Short, _Text] = Field(default_factory=dict, description="What a question was answered with.")
    device: Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")] = ""


class ScansBody(Given):
    """Scans in the order in which they were made."""

    scans: Annotated[list[ScanIn], Field(min_length=1, max_length=MOST_SCANS)]


class ChoiceOut(Schema):
    """A way on from a wrong scan: send the same under a new key, with `details` of `detail`: `value`."""

    detail: str
    value: str
    label: str


class ScanOut(Schema):
    """What a scan came to. wrong: nothing changed, scan again. conflict: nothing changed, a person must look."""

    key: str
    outcome: str = Field(description="right, wrong, conflict or done (the task is finished).")
    message: str
    error: str = Field(description="Code of what was wrong; empty otherwise.")
    is_replay: bool
    choices: list[ChoiceOut]
    values: dict[str, Any]
    plan: dict[str, Any] | None = Field(description="The task's new plan where it changed.")


class ScansAnswer(Schema):
    """Answers in the order of the scans; fewer where something was busy: send the rest again."""

    answers: list[ScanOut]


class PlanOut(Schema):
    """The steps of a task as its screen works through them."""

    plan: dict[str, Any]


class PlanFilter(Schema):
    """Which task."""

    work: Key
    task: Key
    place: Key


@writes(
    router,
    "/floor/scans",
    ability=Ability.FULFIL_ORDERS,
    answers={200: ScansAnswer},
    summary="Take up to 50 scans in, in their order, each once for its key; each is answered by itself",
)
def post_floor_scans(request: ApiRequest, idempotency_key: IdempotencyKey, body: ScansBody) -> Written:
    moment = clock.current_moment()
    answered = take_scans(scans=[_scan(one, moment=moment) for one in body.scans], actor=request.auth, moment=moment)
    said = [ScanOut(**say_answer(answered=one, translate=_)) for one in answered]
    return Written(status=200, body=ScansAnswer(answers=said))


@reads(
    router,
    "/floor/plan",
    ability=Ability.FULFIL_ORDERS,
    answer=PlanOut,
    summary="Show the plan of a floor task",
)
def get_floor_plan(request: ApiRequest, wanted: Query[PlanFilter]) -> PlanOut:
    plan = show_plan(work=wanted.work, task=wanted.task, place_code=wanted.place, actor=request.auth)
    return PlanOut(plan=say_plan(plan=plan, translate=_))


def _scan(given: ScanIn, *, moment: dt.datetime) -> FloorScan:
    return FloorScan(
        key=given.key,
        work=given.work,  # type: ignore[arg-type]  # unknown ones are refused by name
        task=given.task,
        step=given.step,
        place_code=given.place,
        code=given.code,
        bin_code=given.bin_code,
        product_id=given.product_id,
        units=given.units,
        lot=given.lot,
        expires_date=given.expires_date,
        scanned_at=given.scanned_at or moment,
        details=dict(given.details),
        device=given.device,
    )
