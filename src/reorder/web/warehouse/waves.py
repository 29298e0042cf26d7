"""Waves at the desk: what could be picked together, and what becomes of it on the floor."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability, Actor
from reorder.domain.warehouse.wave_rules import WHY_TEMPLATES
from reorder.domain.warehouse.waves import WaveSettings, get_settings
from reorder.flows import labels, team, waves
from reorder.insights import waves as reading
from reorder.insights.parcel_lists import list_waiting_parcel_ids
from reorder.insights.waves import WavePage
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, explain_error
from reorder.kernel.formatting import format_units
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.setup.forms import SetupForm
from reorder.web.warehouse.cards import WarehouseCard
from reorder.web.warehouse.place import ChosenPlace, choose_place, require_place
from reorder.web.warehouse.walks import batch_picture, saved_metres

# States of waves, batches and pick lines as pages show them.
STATE_TEMPLATES: Final = {
    "planned": "planned",
    "released": "ready to be picked",
    "open": "to be picked",
    "picking": "being picked",
    "done": "done",
    "cancelled": "cancelled",
    "picked": "picked",
    "short": "not found",
    "moved": "moved",
    "dropped": "not wanted",
}
KIND_TEMPLATES: Final = {"cart": "on a cart", "singles": "orders of one line"}
_DONE_SHOWN: Final = 20
_UNPROCESSABLE: Final = 422


class PickingForm(SetupForm):
    """How a place picks."""

    cart_totes = forms.IntegerField(label=gettext_lazy("Tote positions of a cart"), min_value=1, max_value=200)
    tote_units = forms.IntegerField(label=gettext_lazy("Units that a tote takes"), min_value=1, max_value=100_000)
    wave_orders = forms.IntegerField(label=gettext_lazy("Orders of a wave at most"), min_value=1, max_value=100_000)
    lead_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes before the cut-off in which a wave is urgent"), min_value=0, max_value=100_000
    )


@desk(Ability.VIEW_ORDERS)
def index(request: HttpRequest) -> HttpResponse:
    """Proposed waves of a place, and those under way."""
    return _index(request, form=None)


@desk(Ability.FULFIL_ORDERS, method="POST")
def make(request: HttpRequest) -> HttpResponse:
    """Make a wave of a proposal and have it released."""
    chosen, actor, moment = require_place(request), get_actor(request), clock.current_moment()
    key = request.POST.get("key", "").replace("\x00", "")[:80]
    try:
        wave_id = waves.make_wave(place_code=chosen.place.code, key=key, actor=actor, moment=moment)
        waves.ask_release(wave_id=wave_id, actor=actor, moment=moment)
    except BadInput as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return redirect(f"{reverse('warehouse:waves')}?{chosen.query}")
    return redirect("warehouse:wave", wave_id)


@desk(Ability.FULFIL_ORDERS, method="POST")
def set_picking(request: HttpRequest) -> HttpResponse:
    """Say how the place picks."""
    chosen, form = require_place(request), PickingForm(request.POST)
    if not form.is_valid():
        return _index(request, form=form, status=_UNPROCESSABLE)
    settings = WaveSettings(place_code=chosen.place.code, **form.cleaned_data)
    waves.set_picking(settings=settings, actor=get_actor(request), moment=clock.current_moment())
    messages.success(request, _("Saved. The next wave is planned so."))
    return redirect(f"{reverse('warehouse:waves')}?{chosen.query}")


@desk(Ability.VIEW_ORDERS)
def show(request: HttpRequest, wave_id: int) -> HttpResponse:
    """One wave with its batches, and the walk of one of them."""
    actor = get_actor(request)
    page = reading.get_wave(actor=actor, wave_id=wave_id)
    shown = _shown_batch(request, page)
    context = _facts(page) | {
        "may_act": actor.may(Ability.FULFIL_ORDERS),
        "people": _people(page.wave.place_code) if actor.may(Ability.FULFIL_ORDERS) else [],
        "shown": shown,
        "picture": batch_picture(batch=reading.get_batch(actor=actor, batch_id=shown).batch) if shown else "",
        "label_count": _label_count(page, actor=actor),
    }
    return render(request, "warehouse/wave.html", context)


@desk(Ability.VIEW_ORDERS)
def now(request: HttpRequest, wave_id: int) -> HttpResponse:
    """How far a wave is: the part of its page that changes by itself."""
    page = reading.get_wave(actor=get_actor(request), wave_id=wave_id)
    answer = render(request, "warehouse/_wave_now.html", _facts(page))
    if not page.wave.is_releasing:
        answer["HX-Refresh"] = "true"
    return answer


@desk(Ability.VIEW_ORDERS)
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One batch: its walk on the floor, and its lines."""
    actor = get_actor(request)
    page = reading.get_batch(actor=actor, batch_id=batch_id)
    rows = [
        (line, _(STATE_TEMPLATES[line.state]), _said_line(line.state, line.why, is_open=line.id in page.open_ids))
        for line in page.lines
    ]
    context = {
        "batch": page.batch,
        "state": _(STATE_TEMPLATES[page.batch.state]),
        "kind": _(KIND_TEMPLATES[page.batch.kind]),
        "rows": rows,
        "saved": saved_metres(page.batch.length_mm, page.batch.by_name_length_mm),
        "picture": batch_picture(batch=page.batch),
        "may_act": actor.may(Ability.FULFIL_ORDERS),
        "people": _people(page.batch.place_code) if actor.may(Ability.FULFIL_ORDERS) else [],
        "is_over": page.batch.state in {"done", "cancelled"},
    }
    return render(request, "warehouse/batch.html", context)


@desk(Ability.FULFIL_ORDERS, method="POST")
def release(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Have a wave released, again where that was interrupted."""
    actor, moment = get_actor(request), clock.current_moment()
    return _act(request, wave_id, lambda: waves.ask_release(wave_id=wave_id, actor=actor, moment=moment))


@desk(Ability.FULFIL_ORDERS, method="POST")
def cancel(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Give up what nobody has begun."""
    actor, moment = get_actor(request), clock.current_moment()
    return _act(request, wave_id, lambda: waves.cancel_wave(wave_id=wave_id, actor=actor, moment=moment))


@desk(Ability.FULFIL_ORDERS, method="POST")
def buy_labels(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Labels for all packed parcels of a wave that have none; a job buys them."""
    actor = get_actor(request)
    place = reading.get_wave(actor=actor, wave_id=wave_id).wave.place_code
    try:
        made = labels.ask_for_labels(place_code=place, actor=actor, moment=clock.current_moment(), wave_id=wave_id)
    except BadInput as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return redirect("warehouse:wave", wave_id)
    return redirect("parcels:batch", batch_id=made.id)


@desk(Ability.FULFIL_ORDERS, method="POST")
def split(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Make a wave of its own of the ticked batches."""
    chosen = [int(one) for one in request.POST.getlist("batch") if one.isdecimal() and len(one) < 19]
    actor, moment = get_actor(request), clock.current_moment()
    return _act(
        request,
        wave_id,
        lambda: waves.split_wave(wave_id=wave_id, batch_ids=chosen, actor=actor, moment=moment),
    )


@desk(Ability.FULFIL_ORDERS, method="POST")
def assign(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Give a batch to somebody."""
    actor = get_actor(request)
    to = request.POST.get("to", "").replace("\x00", "").strip()[:150]
    batch = reading.get_batch(actor=actor, batch_id=batch_id).batch
    if to and to not in _people(batch.place_code):
        messages.error(request, _("Nobody of that name picks at this place."))
        return redirect("warehouse:wave", batch.wave_id)
    return _act(
        request,
        batch.wave_id,
        lambda: waves.assign_batch(batch_id=batch_id, to=to, actor=actor, moment=clock.current_moment()),
    )


@desk(Ability.VIEW_ORDERS)
def print_lists(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Pick lists as PDF: `?batch=` one of them, `?language=en` or `zh-hant`; the reader's language else."""
    asked = request.GET.get("batch", "")
    content = waves.print_wave(
        wave_id=wave_id,
        batch_id=int(asked) if asked.isdecimal() and len(asked) < 19 else None,
        language=request.GET.get("language") or get_language() or "en",
        actor=get_actor(request),
        moment=clock.current_moment(),
    )
    name = f"pick-{wave_id}-{asked}.pdf" if asked.isdecimal() else f"pick-{wave_id}.pdf"
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return answer


def wave_cards(actor: Actor, place_code: str) -> Sequence[WarehouseCard]:
    """Orders that wait for a wave, for the overview of the warehouse."""
    if not actor.may(Ability.FULFIL_ORDERS):
        return []
    proposals = waves.propose_waves(place_code=place_code, actor=actor)
    count = sum(one.orders_count for one in proposals)
    if not count:
        return []
    first, moment = proposals[0], clock.current_moment()
    return [
        WarehouseCard(
            title=_("To be picked"),
            figure=format_units(count),
            note=ngettext("order in {count} wave", "orders in {count} waves", len(proposals)).format(
                count=format_units(len(proposals))
            ),
            url=f"{reverse('warehouse:waves')}?place={place_code}",
            action=_("Release a wave"),
            is_urgent=first.cut_off_at is not None and first.cut_off_at <= moment,
        )
    ]


def _index(request: HttpRequest, *, form: PickingForm | None, status: int = 200) -> HttpResponse:
    chosen, actor = choose_place(request), get_actor(request)
    context: dict[str, Any] = {"chosen": chosen, "tab": "waves", "may_act": actor.may(Ability.FULFIL_ORDERS)}
    if chosen is not None:
        context |= _waves_at(chosen, actor=actor, form=form)
    return render(request, "warehouse/waves.html", context, status=status)


def _waves_at(chosen: ChosenPlace, *, actor: Actor, form: PickingForm | None) -> dict[str, Any]:
    code, moment = chosen.place.code, clock.current_moment()
    settings = get_settings(place_code=code)
    proposals = waves.propose_waves(place_code=code, actor=actor)
    live = reading.list_waves(actor=actor, place_code=code)
    over = reading.list_waves(actor=actor, place_code=code, states=("done", "cancelled"), limit=_DONE_SHOWN)
    orders = sum(one.orders_count for one in proposals)
    initial = {name: getattr(settings, name) for name in PickingForm.base_fields}
    return {
        "proposals": [(one, _urgency(one.cut_off_at, lead=settings.lead_minutes, moment=moment)) for one in proposals],
        "live": [(one, _(STATE_TEMPLATES[one.state]), _share(one.done_count, one.lines_count)) for one in live],
        "over": [
            (one, _(STATE_TEMPLATES[one.state]), saved_metres(one.length_mm, one.by_name_length_mm)) for one in over
        ],
        "settings": settings,
        "form": form or PickingForm(initial=initial),
        "state": ngettext("{count} order waits to be picked.", "{count} orders wait to be picked.", orders).format(
            count=format_units(orders)
        )
        if orders
        else _("No order waits to be picked."),
    }


def _label_count(page: WavePage, *, actor: Actor) -> int:
    """Packed parcels of the wave without a label, for those who may buy them."""
    if not actor.may(Ability.FULFIL_ORDERS) or not page.wave.done_count:
        return 0
    return len(list_waiting_parcel_ids(place_code=page.wave.place_code, actor=actor, wave_id=page.wave.id))


def _urgency(cut_off_at: Any, *, lead: int, moment: Any) -> str:
    if cut_off_at is None:
        return ""
    if cut_off_at <= moment:
        return "late"
    return "soon" if (cut_off_at - moment).total_seconds() <= lead * 60 else ""


def _facts(page: WavePage) -> dict[str, Any]:
    wave = page.wave
    return {
        "wave": wave,
        "state": _(STATE_TEMPLATES[wave.state]),
        "batches": [
            (
                one,
                _(STATE_TEMPLATES[one.state]),
                _(KIND_TEMPLATES[one.kind]),
                saved_metres(one.length_mm, one.by_name_length_mm),
            )
            for one in page.batches
            if one.state != "cancelled"
        ],
        "left": [(one["order"], _said_left(one)) for one in wave.left_back],
        "saved": saved_metres(wave.length_mm, wave.by_name_length_mm),
        "can_cancel": wave.state in {"planned", "released", "picking"}
        and (not page.batches or any(one.state == "open" for one in page.batches)),
        "can_split": sum(one.state == "open" for one in page.batches) > 0
        and sum(one.state != "cancelled" for one in page.batches) > 1,
    }


def _said_left(one: dict[str, Any]) -> str:
    values = {
        name: _(value) if name in {"reason", "state", "wanted"} else value for name, value in one["values"].items()
    }
    try:
        return _(one["template"]).format(**values)
    except (KeyError, IndexError, ValueError):
        return str(one.get("code", ""))


def _said_line(state: str, why: str, *, is_open: bool) -> str:
    if state == "open" and not is_open:
        return _("The order wants it no longer.")
    return _(WHY_TEMPLATES[why]) if why in WHY_TEMPLATES else ""


def _share(done: int, total: int) -> int:
    return round(100 * done / total) if total else 0


def _shown_batch(request: HttpRequest, page: WavePage) -> int | None:
    asked = request.GET.get("batch", "")
    ids = [one.id for one in page.batches if one.state != "cancelled"]
    if asked.isdecimal() and len(asked) < 19 and int(asked) in ids:
        return int(asked)
    under_way = [one.id for one in page.batches if one.state in {"picking", "open"}]
    return next(iter([*under_way, *ids]), None)


def _people(place_code: str) -> list[str]:
    """Who may pick at a place."""
    return team.list_team(place_code=place_code, work="pick")


def _act(request: HttpRequest, wave_id: int, act: Callable[[], object]) -> HttpResponse:
    """Do it and show the wave; a fault is told on its page."""
    reading.get_wave(actor=get_actor(request), wave_id=wave_id)
    try:
        act()
    except BadInput as fault:
        if status_of(fault) == 404:
            raise
        messages.error(request, explain_error(error=fault, translate=_))
    return redirect("warehouse:wave", wave_id)
