"""Exchange rates: what other currencies are worth, entered one by one or as a file."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reorder.domain.purchasing import operations, queries
from reorder.domain.purchasing.exchange import OLD_RATE_DAYS
from reorder.domain.purchasing.operations import SavedRates
from reorder.domain.purchasing.queries import UsedCurrency
from reorder.domain.staff.rules import Ability
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, ReorderError, explain_error
from reorder.kernel.quantity import plain_decimal
from reorder.web.access import desk, get_actor
from reorder.web.errors import status_of
from reorder.web.setup.exchange_forms import BadRateFile, RateForm, read_rate_file
from reorder.web.templatetags.reorder import in_a_row

_manage = Ability.MANAGE_SUPPLIERS
_SHOWN: Final = 100
_UNVALUED_SHOWN: Final = 8
_MOST_BYTES: Final = 2_000_000


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    return _draw(request, form=None)


@desk(_manage, method="POST")
def save(request: HttpRequest) -> HttpResponse:
    """One rate."""
    form = _form(request.POST)
    if not form.is_valid():
        return _draw(request, form=form, status=422)
    try:
        saved = operations.save_rates(rates=[form.new_rate()], saved_by=get_actor(request).name, today=_today())
    except BadInput as fault:
        form.refuse(fault)
        return _draw(request, form=form, status=status_of(fault))
    _say(request, saved)
    return redirect("setup:rates")


@desk(_manage, method="POST")
def upload(request: HttpRequest) -> HttpResponse:
    """A file of rates, all or none."""
    try:
        given = request.FILES.get("file")
        if given is None:
            raise BadRateFile(row=1, reason="no file was chosen")
        if (given.size or 0) > _MOST_BYTES:
            raise BadRateFile(row=1, reason="it has more than 2 MB")
        rates = read_rate_file(content=given.read())
        saved = operations.save_rates(rates=rates, saved_by=get_actor(request).name, today=_today())
    except BadInput as fault:
        return _draw(request, form=None, fault=fault, status=status_of(fault))
    _say(request, saved)
    return redirect("setup:rates")


def _today() -> dt.date:
    return clock.current_date(time_zone=settings.REORDER.time_zone)


def _form(given: object, used: Sequence[UsedCurrency] = ()) -> RateForm:
    """An empty one proposes the first currency that has no rate."""
    wanting = next((one.currency for one in used if one.rate is None), used[0].currency if used else "")
    initial = {"rate_date": _today(), "currency": wanting}
    return RateForm(given, initial=initial, shop_currency=settings.REORDER.currency)


def _draw(
    request: HttpRequest, *, form: RateForm | None, fault: ReorderError | None = None, status: int = 200
) -> HttpResponse:
    oldest = _today() - dt.timedelta(days=OLD_RATE_DAYS)
    used = queries.list_used_currencies()
    unvalued, unvalued_count = queries.list_unvalued_offers(limit=_UNVALUED_SHOWN)
    context = {
        "form": form or _form(None, used),
        "refusal": explain_error(error=fault, translate=_) if fault else "",
        "shop_currency": settings.REORDER.currency,
        "used": [
            (
                one,
                plain_decimal(number=one.rate) if one.rate else "",
                one.rate_date is not None and one.rate_date < oldest,
            )
            for one in used
        ],
        "unvalued": unvalued,
        "unvalued_more": unvalued_count - len(unvalued),
        "rates": [(one, plain_decimal(number=one.rate)) for one in queries.list_rates(size=_SHOWN)],
        "shown": _SHOWN,
    }
    return render(request, "setup/rates.html", context, status=status)


def _say(request: HttpRequest, saved: SavedRates) -> None:
    said = ngettext("{count} rate is saved.", "{count} rates are saved.", saved.rates_count)
    parts = [said.format(count=f"{saved.rates_count:,}")]
    if saved.orders_count:
        more = ngettext(
            "{count} order without a rate has one now.",
            "{count} orders without a rate have one now.",
            saved.orders_count,
        )
        parts.append(more.format(count=f"{saved.orders_count:,}"))
    messages.success(request, in_a_row(*parts))
