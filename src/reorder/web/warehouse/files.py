"""Files of the floor: bins, points and ways, and what stands in bins; every wrong line is told, nothing half done."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reorder.domain.warehouse.floor_plans import find_plan
from reorder.flows import floor_plan
from reorder.flows.floor_plan import FileFaults, bins_file, contents_file, ways_file
from reorder.flows.floor_plan.lines import MOST_BYTES
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import BadInput, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.warehouse.place import PLANS, require_place

KINDS: Final = (
    (
        "bins",
        gettext_lazy("Bins"),
        gettext_lazy("Adds bins, and changes those of the same code. Bins that the file does not name stay."),
        bins_file.COLUMNS,
    ),
    (
        "contents",
        gettext_lazy("What stands in bins"),
        gettext_lazy("Puts goods that stand in no bin into theirs: for the first filling of a warehouse."),
        contents_file.COLUMNS,
    ),
    (
        "ways",
        gettext_lazy("Points and ways"),
        gettext_lazy("An irregular floor: points with their places, and the ways between them. Replaces the plan."),
        ways_file.COLUMNS,
    ),
)
_EXAMPLES: Final = {
    "bins": bins_file.example_csv(),
    "contents": "bin,sku,units,lot,owner\r\nA-01-1,TEA-1,24,,\r\n",
    "ways": (
        "point,x_m,y_m,depot,from,to,length_m,one_way\r\nDOOR,0,0,yes,,,,\r\nP1,6,0,,,,,\r\nP2,6,8,,,,,\r\n"
        ",,,,DOOR,P1,,\r\n,,,,P1,P2,8.5,\r\n"
    ),
}


class NoFile(BadInput):
    code = "warehouse.no_file"
    template = "Choose a file first."


class FloorFileTooLarge(BadInput):
    code = "warehouse.file_too_large"
    template = "The file is larger than 20 MB. Divide it."


@desk(PLANS)
def show(request: HttpRequest) -> HttpResponse:
    """The files that can be taken, and what they hold."""
    return _draw(request)


@desk(PLANS, method="POST")
def take(request: HttpRequest) -> HttpResponse:
    """Take a file in, whole or not at all."""
    chosen = require_place(request)
    kind = request.POST.get("kind", "")
    try:
        said = _takers().get(kind, _take_bins)(_content(request), chosen.place.code, get_actor(request).name)
    except BadInput as fault:
        return _draw(request, fault=fault)
    messages.success(request, said)
    return redirect(f"{reverse('warehouse:floor')}?{chosen.query}")


@desk(PLANS)
def example(request: HttpRequest, kind: str) -> HttpResponse:
    """A small file to begin with."""
    answer = HttpResponse(_EXAMPLES.get(kind, _EXAMPLES["bins"]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind if kind in _EXAMPLES else "bins"}.csv"'
    return answer


def _takers() -> dict[str, Callable[[bytes, str, str], str]]:
    return {"bins": _take_bins, "contents": _take_contents, "ways": _take_ways}


def _take_bins(content: bytes, place_code: str, actor: str) -> str:
    bins = floor_plan.read_bins(content=content, place_code=place_code)
    done = floor_plan.save_bins_file(place_code=place_code, bins=bins, changed_by=actor)
    said = _("Saved: {new} new bins, {changed} changed, {same} as they were.")
    return said.format(new=done.new_count, changed=done.changed_count, same=done.same_count)


def _take_contents(content: bytes, place_code: str, actor: str) -> str:
    contents = floor_plan.read_contents(content=content, place_code=place_code)
    count = floor_plan.fill_bins(place_code=place_code, contents=contents, actor=actor, moment=current_moment())
    return _("{count} lines are put away.").format(count=count)


def _take_ways(content: bytes, place_code: str, actor: str) -> str:
    plan = floor_plan.read_ways(content=content)
    floor_plan.lay_out_ways(place_code=place_code, plan=plan, changed_by=actor)
    return _("The floor plan is saved: {points} points, {ways} ways. Now bring its bins by their file.").format(
        points=len(plan.points), ways=len(plan.ways)
    )


def _content(request: HttpRequest) -> bytes:
    given = request.FILES.get("file")
    if given is None:
        raise NoFile
    if (given.size or 0) > MOST_BYTES:
        raise FloorFileTooLarge
    return bytes(given.read())


def _draw(request: HttpRequest, *, fault: BadInput | None = None) -> HttpResponse:
    chosen = require_place(request)
    context = {
        "chosen": chosen,
        "tab": "floor",
        "kinds": KINDS,
        "has_plan": find_plan(place_code=chosen.place.code) is not None,
        "fault": explain_error(error=fault, translate=_) if fault else "",
        "lines": [(one, _(one.reason)) for one in fault.lines] if isinstance(fault, FileFaults) else [],
    }
    return render(request, "warehouse/files.html", context, status=status_of(fault) if fault else 200)
