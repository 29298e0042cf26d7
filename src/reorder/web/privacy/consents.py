"""Consents that were given elsewhere, taken from a file with their proof."""

import tempfile
from pathlib import Path
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability
from reorder.flows.consenting import ImportedConsents, import_consents
from reorder.flows.consenting.importing import COLUMNS
from reorder.kernel.clock import current_moment
from reorder.kernel.errors import ReorderError, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of

_edit = Ability.EDIT_CUSTOMERS
_MOST_BYTES: Final = 30_000_000
_SUFFIXES: Final = (".csv", ".tsv", ".xlsx", ".parquet")
_SHOWN: Final = 100


@desk(_edit)
def index(request: HttpRequest) -> HttpResponse:
    """What a file must hold, and where to drop it."""
    return _draw(request)


@desk(_edit, method="POST")
def take_file(request: HttpRequest) -> HttpResponse:
    """Take a file; every row that was not believed is shown with its reason."""
    given = request.FILES.get("file")
    suffix = Path(given.name or "").suffix.lower() if given else ""
    if given is None or suffix not in _SUFFIXES or (given.size or 0) > _MOST_BYTES:
        return _draw(request, fault=_("Choose a CSV, TSV, XLSX or Parquet file of at most 30 MB."), status=422)
    with tempfile.TemporaryDirectory(prefix="reorder-consents-") as folder:
        path = Path(folder) / f"consents{suffix}"
        with path.open("wb") as kept:
            for block in given.chunks():
                kept.write(block)
        try:
            done = import_consents(path=path, decided_by=get_actor(request).name, moment=current_moment())
        except ReorderError as fault:
            return _draw(request, fault=explain_error(error=fault, translate=_), status=status_of(fault))
    return _draw(request, done=done)


def _draw(
    request: HttpRequest, *, done: ImportedConsents | None = None, fault: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "tab": "consents",
        "columns": ", ".join(COLUMNS),
        "done": done,
        "refused": [(one.number, one.value, _(one.reason)) for one in done.refused[:_SHOWN]] if done else [],
        "more_count": max(len(done.refused) - _SHOWN, 0) if done else 0,
        "fault": fault,
    }
    return render(request, "privacy/consents.html", context, status=status)
