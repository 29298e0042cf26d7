"""Accounts with carriers: the adapter and what it needs, places, services. Secrets are never shown."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from reorder.domain.shipping.accounts import AccountRow, get_account, list_accounts_with_own
from reorder.domain.shipping.carriers import AdapterCard, get_card, list_cards
from reorder.domain.shipping.queries import list_services
from reorder.domain.staff.rules import Ability
from reorder.flows import labels
from reorder.kernel import clock
from reorder.web.access import desk, get_actor
from reorder.web.setup.adapter_forms import shown_secrets, shown_settings
from reorder.web.setup.carrier_forms import AccountServicesForm, CarrierAccountForm
from reorder.web.setup.carrier_words import say_label_fault
from reorder.web.setup.pages import choices_of_places, show_changed_account, show_new_account, tell_test

_manage = Ability.MANAGE_PLACES


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    services = list_services()
    lines = [
        {
            "row": row,
            "adapter": _(get_card(adapter=row.adapter).title),
            "fault": say_label_fault(row.check_fault),
            "services": [one.name for one in services if one.code in row.services],
        }
        for row in list_accounts_with_own()
    ]
    cards = [{"name": one.name, "title": _(one.title), "summary": _(one.summary)} for one in list_cards()]
    return render(request, "setup/carriers.html", {"lines": lines, "cards": cards, "has_services": bool(services)})


@desk(_manage)
def add(request: HttpRequest, adapter: str) -> HttpResponse:
    card = get_card(adapter=adapter)
    return _show_new(request, card, _form(card))


@sensitive_post_parameters()
@desk(_manage, method="POST")
def create(request: HttpRequest, adapter: str) -> HttpResponse:
    card = get_card(adapter=adapter)
    form = _form(card, request)
    row = form.make(lambda: labels.add_account(form=form.given(), actor=get_actor(request)))
    if row is None:
        return _show_new(request, card, form)
    messages.success(request, _("The account is added. Say now which services are bought there, and test it."))
    return redirect("setup:carrier", account_id=row.id)


@desk(_manage)
def show(request: HttpRequest, account_id: int) -> HttpResponse:
    return _draw(request, get_account(account_id=account_id))


@desk(_manage)
def edit(request: HttpRequest, account_id: int) -> HttpResponse:
    row = get_account(account_id=account_id)
    return _show_edit(request, row, _form(get_card(adapter=row.adapter), known=row))


@sensitive_post_parameters()
@desk(_manage, method="POST")
def change(request: HttpRequest, account_id: int) -> HttpResponse:
    row = get_account(account_id=account_id)
    form = _form(get_card(adapter=row.adapter), request, known=row)
    if not form.carry_out(
        lambda: labels.change_account(account_id=account_id, form=form.given(), actor=get_actor(request))
    ):
        return _show_edit(request, row, form)
    messages.success(request, _("The account is changed. Test it again."))
    return redirect("setup:carrier", account_id=account_id)


@desk(_manage, method="POST")
def set_services(request: HttpRequest, account_id: int) -> HttpResponse:
    """Which services are bought there."""
    row = get_account(account_id=account_id)
    form = _services_form(row, request)
    if not form.carry_out(
        lambda: labels.set_services(account_id=account_id, services=form.given(), actor=get_actor(request))
    ):
        return _draw(request, row, form=form)
    messages.success(request, _("The services are saved."))
    return redirect("setup:carrier", account_id=account_id)


@desk(_manage, method="POST")
def test(request: HttpRequest, account_id: int) -> HttpResponse:
    """Ask the carrier something that costs nothing."""
    row = labels.try_account(account_id=account_id, actor=get_actor(request), moment=clock.current_moment())
    tell_test(request=request, fault=say_label_fault(row.check_fault))
    return redirect("setup:carrier", account_id=account_id)


@desk(_manage, method="POST")
def use(request: HttpRequest, account_id: int) -> HttpResponse:
    labels.use_account(account_id=account_id, actor=get_actor(request))
    messages.success(request, _("Labels are bought there again."))
    return redirect("setup:carrier", account_id=account_id)


@desk(_manage, method="POST")
def rest(request: HttpRequest, account_id: int) -> HttpResponse:
    labels.rest_account(account_id=account_id, actor=get_actor(request))
    messages.success(request, _("No labels are bought there. Those bought before are followed as before."))
    return redirect("setup:carrier", account_id=account_id)


def _form(card: AdapterCard, request: HttpRequest | None = None, known: AccountRow | None = None) -> CarrierAccountForm:
    places = choices_of_places(*(known.places if known else ()))
    given = (request.POST,) if request is not None else ()
    return CarrierAccountForm(*given, card=card, places=[one for one in places if one[0]], known=known)


def _services_form(row: AccountRow, request: HttpRequest | None = None) -> AccountServicesForm:
    given = (request.POST,) if request is not None else ()
    services = [one for one in list_services() if one.is_active or one.code in row.services]
    return AccountServicesForm(*given, card=get_card(adapter=row.adapter), services=services, known=row.services)


def _draw(request: HttpRequest, row: AccountRow, *, form: AccountServicesForm | None = None) -> HttpResponse:
    card = get_card(adapter=row.adapter)
    context = {
        "row": row,
        "card": card,
        "title_of_adapter": _(card.title),
        "settings": shown_settings(asked=card.fields, entered=row.settings),
        "secrets": shown_secrets(asked=card.fields, kept=row.secret_names),
        "fault": say_label_fault(row.check_fault),
        "form": form or _services_form(row),
        "has_services": bool(list_services()),
        "callback": labels.callback_address(callback_key=row.callback_key) if card.capabilities.callbacks else "",
    }
    return render(request, "setup/carrier.html", context, status=422 if form else 200)


def _show_new(request: HttpRequest, card: AdapterCard, form: CarrierAccountForm) -> HttpResponse:
    return show_new_account(
        request=request,
        form=form,
        title=_("Add an account with {carrier}").format(carrier=_(card.title)),
        summary=_(card.summary),
        eyebrow=_("Carrier accounts"),
        back="setup:carriers",
        action_url=reverse("setup:create_carrier", args=[card.name]),
    )


def _show_edit(request: HttpRequest, row: AccountRow, form: CarrierAccountForm) -> HttpResponse:
    return show_changed_account(
        request=request,
        form=form,
        name=row.name,
        back_url=reverse("setup:carrier", args=[row.id]),
        action_url=reverse("setup:change_carrier", args=[row.id]),
    )
