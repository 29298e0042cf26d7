"""What a step of a night did, in words instead of its recorded figures."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reorder.kernel.formatting import format_units
from reorder.web.outbox.words import REASONS
from reorder.web.templatetags.reorder import in_a_row, listed, word

# Words that filters show as they come from the database; listed for the catalogue.
WORD_TEMPLATES: Final = (
    "night",
    "learning",
    "waiting",
    "interrupted",
    "succeeded",
    "failed",
    "running",
    "at risk",
    "needs attention",
)
_LEARNED: Final = re.compile(r"learned from (?P<count>\d{1,12}) purchases in the last (?P<days>\d+) days")
STEPS: Final[Mapping[str, Promise]] = {
    "import_files": gettext_lazy("Take in files from the import folder"),
    "count_statistics": gettext_lazy("Count purchases that are new or changed"),
    "value_customers": gettext_lazy("Value every customer"),
    "predict_due_dates": gettext_lazy("Predict who will need what, and when"),
    "forecast_demand": gettext_lazy("Forecast demand"),
    "build_demand_plan": gettext_lazy("Build the demand plan"),
    "set_stock_targets": gettext_lazy("Set stock targets"),
    "propose_purchases": gettext_lazy("Propose purchases"),
    "plan_reminders": gettext_lazy("Plan reminders"),
    "measure_effects": gettext_lazy("Measure what marketing earned"),
    "note_facts": gettext_lazy("Note birthdays and other moments for journeys"),
    "recommend": gettext_lazy("Rank what customers will probably buy next"),
    "make_reports": gettext_lazy("Make reports of stock"),
    "raise_alerts": gettext_lazy("Raise alerts"),
    "check_ledger": gettext_lazy("Compare stock levels with the ledger"),
    "learn_repurchase": gettext_lazy("Learn when people buy again"),
    "learn_baskets": gettext_lazy("Learn what is bought together"),
    "count_everybody": gettext_lazy("Look whether everything must be counted anew"),
    "predict_everybody": gettext_lazy("Predict every customer and product anew"),
}
CHECKS: Final[Mapping[str, Promise]] = {
    "database": gettext_lazy("Database"),
    "disk": gettext_lazy("Disk"),
    "settings": gettext_lazy("Settings"),
    "ledger": gettext_lazy("Stock ledger"),
    "demand": gettext_lazy("Demand"),
    "night": gettext_lazy("Night"),
    "mail": gettext_lazy("Mail"),
    "parked mail": gettext_lazy("Parked mail"),
    "payments": gettext_lazy("Payments"),
    "worker": gettext_lazy("Worker"),
}


# Why a learned model may not answer; layer 1 answers then.
_FAULTS: Final[Mapping[str, Promise]] = {
    "none": gettext_lazy("The weekly learning has not run yet; the simple model answers."),
    "damaged": gettext_lazy("The learned model of {date} is damaged; the simple model answers."),
    "refused": gettext_lazy("The learned model of {date} cannot be read; the simple model answers."),
    "other_version": gettext_lazy("The learned model of {date} is of another version; the simple model answers."),
    "too_old": gettext_lazy("The learned model of {date} is too old; the simple model answers."),
}


def step_label(name: str) -> str:
    """A step as people call it; a step of a later version under its own name."""
    return str(STEPS[name]) if name in STEPS else word(name)


def check_label(name: str) -> str:
    """A check as people call it."""
    return str(CHECKS[name]) if name in CHECKS else word(name)


def tell(*, step: str, details: Mapping[str, Any]) -> str:
    """One sentence or two about what a step did; empty when there is nothing to tell."""
    teller = _TELLERS.get(step)
    return teller(details) if teller and details else ""


def _files(details: Mapping[str, Any]) -> str:
    files: Sequence[str] = details.get("files", [])
    if not files:
        return _("No file lay in the folder.")
    said = ngettext("{count} file: {names}.", "{count} files: {names}.", len(files)).format(
        count=len(files), names=listed(files[:5]) + (" …" if len(files) > 5 else "")
    )
    rejected = int(details.get("rows_rejected", 0))
    if not rejected:
        return said
    more = ngettext("{count} row was rejected.", "{count} rows were rejected.", rejected)
    return in_a_row(said, more.format(count=format_units(rejected)))


def _segments(details: Mapping[str, Any]) -> str:
    said = _counted({word(name): count for name, count in details.get("segments", {}).items()})
    moved = int(details.get("moved", 0))
    if not moved:
        return said
    more = ngettext("{count} customer changed segments.", "{count} customers changed segments.", moved)
    return in_a_row(said, more.format(count=format_units(moved)))


def _model(details: Mapping[str, Any]) -> str:
    said = str(details.get("model", ""))
    found = _LEARNED.search(said)
    if found is None:
        return said
    return _("Learned from {count} purchases of the last {days} days.").format(
        count=format_units(int(found["count"])), days=found["days"]
    )


def _predictions(details: Mapping[str, Any]) -> str:
    faults = [
        str(_FAULTS[fault["code"]]).format(date=fault.get("learned_date", ""))
        for fault in details.get("faults", [])
        if fault.get("code") in _FAULTS
    ]
    counts = {
        _("of customers with news"): details.get("touched", 0),
        _("whose days come near"): details.get("near", 0),
        _("of everybody"): details.get("everybody", 0),
    }
    made = _counted(counts)
    parts = [_model(details), *faults, _("Predicted anew: {counts}").format(counts=made) if made else ""]
    return in_a_row(*[part for part in parts if part])


def _statistics(details: Mapping[str, Any]) -> str:
    if "everything_because" in details:
        return _("Everything was counted anew.")
    customers = ngettext("{count} customer", "{count} customers", int(details.get("customers", 0))).format(
        count=format_units(details.get("customers", 0))
    )
    days = ngettext("{count} day", "{count} days", int(details.get("days", 0))).format(
        count=format_units(details.get("days", 0))
    )
    return _("Counted again: {customers}, {days}.").format(customers=customers, days=days)


def _classes(details: Mapping[str, Any]) -> str:
    classes = {word(name): count for name, count in details.get("series_by_class", {}).items()}
    said = _("Series by kind of demand: {classes}").format(classes=_counted(classes)) if classes else ""
    return in_a_row(said, *_forecast_notes(details))


def _forecast_notes(details: Mapping[str, Any]) -> list[str]:
    """What a person has to know of the methods: who fell back, what was left out, what was learned."""
    fell, learned = int(details.get("fell_back", 0)), int(details.get("effects", 0))
    named: Sequence[str] = details.get("fell_back_series", [])
    notes = []
    if fell:
        said = ngettext(
            "{count} series fell back on other methods: {names}.",
            "{count} series fell back on other methods: {names}.",
            fell,
        )
        shown = listed(named[:5]) + (" …" if fell > 5 else "")
        notes.append(said.format(count=format_units(fell), names=shown))
    if details.get("overridden"):
        notes.append(_("Methods that people chose: {count} series.").format(count=format_units(details["overridden"])))
    if details.get("regressors_left_out"):
        notes.append(_("Prices and events were left out: {fault}").format(fault=details["regressors_left_out"]))
    elif learned:
        notes.append(_("Effects learned: {count}.").format(count=format_units(learned)))
    return notes


def _plan(details: Mapping[str, Any]) -> str:
    if "mean_units" not in details:
        return ""
    said = _("{units} units expected, {known} of them explained by known customers.").format(
        units=format_units(details["mean_units"]), known=format_units(details.get("known_customers_units", 0))
    )
    caused = float(details.get("committed_units", 0)) + float(details.get("adjustment_units", 0))
    if not caused:
        return said
    more = _("{units} units come from commitments and adjustments.")
    return in_a_row(said, more.format(units=format_units(caused)))


def _proposals(details: Mapping[str, Any]) -> str:
    names = {
        "added": _("newly proposed"),
        "repeated": _("unchanged"),
        "superseded": _("replaced or no longer needed"),
        "short": _("cannot be bought in full"),
    }
    return _counted({names.get(name, word(name)): count for name, count in details.items() if isinstance(count, int)})


def _reminders(details: Mapping[str, Any]) -> str:
    return _counted({str(REASONS.get(code, code)): count for code, count in details.items() if isinstance(count, int)})


def _counted(counts: Mapping[str, int]) -> str:
    """The largest first: `12 loyal, 3 new`."""
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    return " · ".join(f"{name} {format_units(count)}" for name, count in ordered if count)


_TELLERS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "import_files": _files,
    "value_customers": _segments,
    "count_statistics": _statistics,
    "count_everybody": lambda details: _statistics(details) if details else "",
    "learn_repurchase": _model,
    "predict_everybody": _model,
    "predict_due_dates": _predictions,
    "forecast_demand": _classes,
    "build_demand_plan": _plan,
    "propose_purchases": _proposals,
    "plan_reminders": _reminders,
}
