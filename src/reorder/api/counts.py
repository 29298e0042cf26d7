"""Counts of bins: what is to be counted, what came of it, asking for one; and labels as PDF."""

import base64
import datetime as dt
from typing import Literal

from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, Written, reads, writes
from reorder.api.fields import Cursor, ExactUnits, Given, IdempotencyKey, Key, Limit
from reorder.api.paging import BadCursor, cut_page, decode_cursor, encode_cursor
from reorder.domain.inventory.errors import UnknownPlace
from reorder.domain.inventory.queries import list_places
from reorder.domain.staff.rules import Ability
from reorder.flows import label_printing
from reorder.flows.counting.asking import ask_count_at
from reorder.flows.label_printing import LabelPaper
from reorder.flows.shop_day import shop_date
from reorder.insights import counts as read
from reorder.insights.counts import CountLine, CountTab
from reorder.kernel import clock

router = Router(tags=["stock"])
_LIST = "counts"


class CountItem(Schema):
    """A bin that is, or was, to be counted; what it differs by is null until it is counted."""

    id: int
    place: str
    bin: str
    zone: str
    cause: Literal["cycle", "zero", "short", "asked", "follow"]
    due: dt.date
    state: Literal["open", "counting", "counted", "approved", "rejected", "cancelled"] = Field(
        description="`counted` waits for a person's approval."
    )
    round: int = Field(description="2: counted again by somebody else.")
    assigned_to: str
    counted_by: str
    counted_at: dt.datetime | None
    decided_by: str = Field(description="`policy`: within the limits of the place, booked by itself.")
    decided_at: dt.datetime | None
    outcome: str
    differing: int | None = Field(description="How many products and lots differed.")
    difference_units: ExactUnits | None
    difference_minor: int | None = Field(description="At cost, found less lost; null where no cost is known.")


class CountPage(Schema):
    """A page of counts."""

    items: list[CountItem]
    next_cursor: str | None


class CountFilter(Schema):
    """What to list."""

    tab: Literal["due", "planned", "waiting", "done"] = Field(
        default="due", description="`waiting` are counted and wait for approval."
    )
    place: Key | None = None


class AskBody(Given):
    """A bin that is to be counted today."""

    place: Key
    bin: Key


class Asked(Schema):
    """The open count of the bin."""

    id: int
    bin: str
    state: str
    is_new: bool = Field(description="False: it was open before, and is hastened.")


class LabelsWanted(Schema):
    """Bins whose labels are wanted."""

    place: Key
    zone: Key | None = None
    bins: str = Field(default="", max_length=20_000, description="Codes with commas between; empty: all of them.")
    form: Literal["sheet", "roll"] = Field(default="sheet", description="A4 sheet of 24, or roll of 100 × 50 mm.")
    file: Literal["pdf", "zpl"] = "pdf"
    language: Literal["en", "zh-hant"] = "en"


class LabelsMade(Schema):
    """The file of labels."""

    pdf_base64: str | None
    zpl: str | None


@reads(router, "/counts", ability=Ability.EDIT_STOCK, answer=CountPage, summary="List counts of bins")
def list_counts(request: ApiRequest, wanted: Query[CountFilter], limit: Limit = 50, cursor: Cursor = None) -> CountPage:
    if wanted.place is not None and not request.auth.may_at(wanted.place):
        raise UnknownPlace(place=wanted.place)
    places = (
        [wanted.place]
        if wanted.place is not None
        else [one.code for one in list_places() if request.auth.may_at(one.code)]
    )
    after = decode_cursor(of=f"{_LIST}:{wanted.tab}", text=cursor, kinds=(str, int))
    rows = read.list_counts(
        places=places,
        tab=wanted.tab,
        today=shop_date(moment=clock.current_moment()),
        after=_checked(str(after[0]), int(after[1]), tab=wanted.tab) if after else None,
        limit=limit + 1,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = (
        encode_cursor(of=f"{_LIST}:{wanted.tab}", values=(_sorted_by(last, wanted.tab), last.id)) if last else None
    )
    return CountPage(items=[_item(one) for one in shown], next_cursor=following)


@writes(
    router,
    "/counts",
    ability=Ability.EDIT_STOCK,
    answers={200: Asked, 201: Asked},
    summary="Have a bin counted today; one open count a bin",
)
def post_count(request: ApiRequest, idempotency_key: IdempotencyKey, body: AskBody) -> Written:
    asked = ask_count_at(place_code=body.place, bin_code=body.bin, actor=request.auth, moment=clock.current_moment())
    made = Asked(id=asked.task_id, bin=asked.bin_code, state=asked.state, is_new=asked.is_new)
    return Written(status=201 if asked.is_new else 200, body=made)


@reads(
    router,
    "/bin-labels",
    ability=Ability.VIEW_STOCK,
    answer=LabelsMade,
    summary="Labels of bins, as PDF or ZPL",
)
def get_bin_labels(request: ApiRequest, wanted: Query[LabelsWanted]) -> LabelsMade:
    made = label_printing.print_bins(
        place_code=wanted.place,
        actor=request.auth,
        paper=LabelPaper(form=wanted.form, file=wanted.file, language=wanted.language),
        moment=clock.current_moment(),
        zone_code=wanted.zone or "",
        codes=[one.strip() for one in wanted.bins.split(",") if one.strip()] or None,
    )
    if wanted.file == "zpl":
        return LabelsMade(pdf_base64=None, zpl=made.content.decode())
    return LabelsMade(pdf_base64=base64.b64encode(made.content).decode(), zpl=None)


def _checked(at: str, last_id: int, *, tab: CountTab) -> tuple[str, int]:
    """The place in the list that a cursor names; one of another making is refused. Raises BadCursor."""
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        raise BadCursor from None
    if tab == "done" and moment.tzinfo is None:
        raise BadCursor
    return (at, last_id) if tab == "done" else (moment.date().isoformat(), last_id)


def _sorted_by(row: CountLine, tab: CountTab) -> str:
    moment = row.decided_at if tab == "done" else row.due_on
    return moment.isoformat() if moment else ""


def _item(row: CountLine) -> CountItem:
    is_counted = row.state in {"counted", "approved", "rejected"}
    return CountItem(
        id=row.id,
        place=row.place_code,
        bin=row.bin_code,
        zone=row.zone_code,
        cause=row.cause,  # type: ignore[arg-type]  # checked by the database
        due=row.due_on,
        state=row.state,  # type: ignore[arg-type]  # checked by the database
        round=row.round,
        assigned_to=row.assigned_to,
        counted_by=row.counted_by,
        counted_at=row.counted_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        outcome=row.outcome,
        differing=row.differing_count if is_counted else None,
        difference_units=row.variance_units if is_counted else None,
        difference_minor=row.variance_minor if is_counted else None,
    )
