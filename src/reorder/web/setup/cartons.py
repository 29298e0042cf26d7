"""Cartons: the catalogue as pages and as a file, and what another box would mean."""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.shipping import carton_examples, carton_files, cartons, files
from reorder.domain.shipping.carton_rules import CartonRow
from reorder.domain.shipping.carton_trials import TrialRow, find_trial, list_trials
from reorder.domain.staff.rules import Ability
from reorder.flows.packing import trying
from reorder.kernel.errors import BadInput, ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.setup.carton_forms import MATERIAL_WORDS, CartonForm, TrialForm
from reorder.web.setup.pages import choices_of_places, show_form

_manage = Ability.MANAGE_PLACES
_MOST_BYTES: Final = 8_000_000


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure with today's cartons and with the changed ones; `change` None where today's is nothing."""

    label: str
    kind: str
    before: float
    after: float

    @property
    def change(self) -> float | None:
        return None if not self.before else self.after / self.before - 1

    @property
    def change_text(self) -> str:
        """−9 %, with the sign that people write."""
        if self.change is None:
            return "–"
        percent = round(100 * self.change, 1)
        sign = "+" if percent > 0 else "−" if percent < 0 else "±"
        return f"{sign}{abs(percent):g} %"


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    return _draw(request)


@desk(_manage)
def download(request: HttpRequest) -> HttpResponse:
    text = carton_files.write_cartons(cartons=cartons.list_cartons(), currency=settings.REORDER.currency)
    # The mark tells spreadsheets that it is UTF-8.
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="cartons.csv"'
    return answer


@desk(_manage, method="POST")
def load_example(request: HttpRequest) -> HttpResponse:
    """The shipped catalogue, into a shop that has none yet."""
    try:
        carton_examples.load_example(decided_by=get_actor(request).name)
    except BadInput as fault:
        return _draw(request, fault=fault)
    messages.success(request, _("The example is loaded. Replace its sizes and prices with those of your boxes."))
    return redirect("setup:cartons")


@desk(_manage, method="POST")
def upload(request: HttpRequest) -> HttpResponse:
    """A file of cartons, all or none: known codes are changed, new ones added, others stay."""
    given = request.FILES.get("file")
    try:
        if given is None or (given.size or 0) > _MOST_BYTES:
            raise files.no_file(is_missing=given is None)
        rows = carton_files.read_cartons(content=given.read(), currency=settings.REORDER.currency)
        count = cartons.take_cartons(cartons=rows, decided_by=get_actor(request).name)
    except BadInput as fault:
        return _draw(request, fault=fault)
    messages.success(
        request, ngettext("{count} carton is saved.", "{count} cartons are saved.", count).format(count=count)
    )
    return redirect("setup:cartons")


@desk(_manage)
def add(request: HttpRequest) -> HttpResponse:
    return _show_new(request, _form(initial={"temperatures": ["ambient"], "is_active": True, "own_grams": 0}))


@desk(_manage, method="POST")
def create(request: HttpRequest) -> HttpResponse:
    form = _form(request.POST)
    if form.is_valid():
        try:
            cartons.add_carton(carton=form.carton(), decided_by=get_actor(request).name)
        except ReorderError as fault:
            form.refuse(fault)
        else:
            messages.success(request, _("Saved. Parcels that are planned from now on follow."))
            return redirect("setup:cartons")
    return _show_new(request, form)


@desk(_manage)
def show(request: HttpRequest, code: str) -> HttpResponse:
    row = cartons.get_carton(code=code)
    form = _form(initial=CartonForm.values(row, currency=settings.REORDER.currency), chosen=row.place_code)
    return _show_carton(request, row, form)


@desk(_manage, method="POST")
def change(request: HttpRequest, code: str) -> HttpResponse:
    row = cartons.get_carton(code=code)
    given = {**request.POST.dict(), "temperatures": request.POST.getlist("temperatures"), "code": row.code}
    form = _form(given, chosen=row.place_code)
    if form.is_valid():
        try:
            cartons.put_carton(carton=form.carton(), decided_by=get_actor(request).name)
        except BadInput as fault:
            form.refuse(fault)
        else:
            messages.success(request, _("Saved. Parcels that are planned from now on follow."))
            return redirect("setup:cartons")
    return _show_carton(request, row, form)


@desk(_manage, method="POST")
def remove(request: HttpRequest, code: str) -> HttpResponse:
    cartons.remove_carton(code=code, decided_by=get_actor(request).name)
    messages.success(request, _("The carton is forgotten. Parcels that were packed into it keep its code and size."))
    return redirect("setup:cartons")


@desk(_manage)
def ask(request: HttpRequest) -> HttpResponse:
    return _show_ask(request, _trial_form())


@desk(_manage, method="POST")
def start(request: HttpRequest) -> HttpResponse:
    """Let a job pack the shipments of the past again."""
    form = _trial_form(request.POST)
    if not form.is_valid():
        return _show_ask(request, form)
    try:
        trial_id = trying.ask_trial(
            added=form.carton(),
            removed_codes=form.cleaned_data["removed"],
            shipments=form.cleaned_data["shipments"],
            asked_by=get_actor(request).name,
        )
    except BadInput as fault:
        form.refuse(fault)
        return _show_ask(request, form)
    return redirect("setup:carton_trial", trial_id)


@desk(_manage)
def trial(request: HttpRequest, trial_id: int) -> HttpResponse:
    """How far a what-if is, and what it came to; its fragment is asked for while it runs."""
    found = find_trial(trial_id=trial_id) if trial_id < 2**63 else None
    if found is None:
        raise Http404
    template = "setup/_carton_trial.html" if request.headers.get("HX-Request") else "setup/carton_trial.html"
    return render(request, template, _trial_context(found))


def _trial_context(found: TrialRow) -> dict[str, Any]:
    context: dict[str, Any] = {
        "trial": found,
        "title": _trial_title(found),
        "is_over": found.state in {"done", "failed"},
        "currency": settings.REORDER.currency,
    }
    if found.state == "done" and found.outcome:
        before, after = found.outcome["before"], found.outcome["after"]
        codes = sorted({*before["by_carton"], *after["by_carton"]})
        context |= {
            "outcome": found.outcome,
            "figures": [
                Compared(_("Parcels"), "count", before["parcels"], after["parcels"]),
                Compared(
                    _("Volume of the boxes, litres"), "litres", before["outer_mm3"] / 1e6, after["outer_mm3"] / 1e6
                ),
                Compared(_("Cost of the boxes"), "money", before["cost_minor"], after["cost_minor"]),
                Compared(_("Room filled with goods"), "share", _filled(before), _filled(after)),
            ],
            "used": [(code, before["by_carton"].get(code, 0), after["by_carton"].get(code, 0)) for code in codes],
        }
    return context


def _filled(side: dict[str, Any]) -> float:
    return side["goods_mm3"] / side["inner_mm3"] if side["inner_mm3"] else 0.0


def _trial_title(found: TrialRow) -> str:
    if found.added and found.removed_codes:
        said = _("{carton} instead of {codes}")
    elif found.added:
        said = _("{carton} added")
    else:
        said = _("without {codes}")
    carton = f"{found.added.name}" if found.added else ""
    return said.format(carton=carton, codes=", ".join(found.removed_codes))


def _form(*args: Any, chosen: str = "", **kwargs: Any) -> CartonForm:
    return CartonForm(*args, places=choices_of_places(chosen), currency=settings.REORDER.currency, **kwargs)


def _trial_form(*args: Any) -> TrialForm:
    known = [(one.code, f"{one.code} · {one.name}") for one in cartons.list_cartons() if one.is_active]
    return TrialForm(*args, cartons=known, currency=settings.REORDER.currency)


def _show_new(request: HttpRequest, form: CartonForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Add a carton"),
        eyebrow=_("Cartons"),
        back="setup:cartons",
        action="setup:create_carton",
        button=_("Add the carton"),
    )


def _show_ask(request: HttpRequest, form: TrialForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("What would another box mean?"),
        eyebrow=_("Cartons"),
        back="setup:cartons",
        action="setup:start_carton_trial",
        button=_("Work it out"),
    )


def _show_carton(request: HttpRequest, row: CartonRow, form: CartonForm) -> HttpResponse:
    form.fields["code"].disabled = True
    return show_form(request=request, form=form, template="setup/carton.html", carton=row)


def _draw(request: HttpRequest, fault: ReorderError | None = None) -> HttpResponse:
    rows = cartons.list_cartons()
    context = {
        "cartons": [(row, MATERIAL_WORDS[row.material], row.inner_mm3 / 1e6) for row in rows],
        "trials": [(one, _trial_title(one)) for one in list_trials(limit=5)],
        "refusal": explain_error(error=fault, translate=_) if fault else "",
        "currency": settings.REORDER.currency,
        "columns": ", ".join(carton_files.COLUMNS),
        "may_load_example": settings.REORDER.currency == carton_examples.CURRENCY,
    }
    return render(request, "setup/cartons.html", context, status=status_of(fault) if fault else 200)
