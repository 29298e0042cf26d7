"""The desk Setup: its cards, the settings in force, and mail."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reorder.domain.messaging import channels
from reorder.domain.messaging.channels import MailNotReady
from reorder.domain.staff.queries import get_user
from reorder.domain.staff.rules import Ability
from reorder.flows import mail_trial
from reorder.insights import setup
from reorder.kernel import clock
from reorder.kernel.errors import explain_error
from reorder.web.access import desk, get_actor
from reorder.web.setup.words import GROUP_WORDS


@desk(
    Ability.MANAGE_USERS,
    Ability.MANAGE_PLACES,
    Ability.MANAGE_PRICES,
    Ability.MANAGE_SUPPLIERS,
    Ability.MANAGE_TOKENS,
    Ability.VIEW_SETTINGS,
    Ability.VIEW_AUDIT,
)
def index(request: HttpRequest) -> HttpResponse:
    actor = get_actor(request)
    context = {"counts": setup.count_setup(actor=actor), "may_see_settings": actor.may(Ability.VIEW_SETTINGS)}
    if actor.may(Ability.VIEW_SETTINGS):
        context["mail"] = setup.get_mail_way(actor=actor)
        context["options"] = settings.REORDER
    return render(request, "setup/index.html", context)


@desk(Ability.VIEW_SETTINGS)
def show_settings(request: HttpRequest) -> HttpResponse:
    groups = setup.list_settings(actor=get_actor(request))
    titled = [(GROUP_WORDS.get(group.name, group.name), group.rows) for group in groups]
    return render(request, "setup/settings.html", {"groups": titled, "home": settings.HOME})


@desk(Ability.VIEW_SETTINGS)
def show_mail(request: HttpRequest) -> HttpResponse:
    actor = get_actor(request)
    context = {"mail": setup.get_mail_way(actor=actor), "own_address": get_user(username=actor.name).email}
    return render(request, "setup/mail.html", context)


@desk(Ability.VIEW_SETTINGS, method="POST")
def check_mail(request: HttpRequest) -> HttpResponse:
    """Reach the server or the folder; nothing is sent."""
    try:
        messages.success(request, _("It works: {finding}.").format(finding=channels.check_mail()))
    except MailNotReady as fault:
        messages.error(request, explain_error(error=fault, translate=_))
    return redirect("setup:mail")


@desk(Ability.VIEW_SETTINGS, method="POST")
def send_trial(request: HttpRequest) -> HttpResponse:
    """One mail to the person who asks, and to nobody else."""
    actor = get_actor(request)
    address = get_user(username=actor.name).email
    if not address:
        messages.warning(request, _("Your account has no e-mail address. Add one under Users first."))
        return redirect("setup:mail")
    try:
        trial = mail_trial.send_trial_mail(address=address, sent_by=actor.name, moment=clock.current_moment())
    except MailNotReady as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return redirect("setup:mail")
    if trial.is_delivered:
        messages.success(request, _("The trial mail to {address} was handed over.").format(address=trial.address))
    else:
        said = _("The trial mail to {address} did not go out: {error}")
        messages.error(request, said.format(address=trial.address, error=trial.error))
    return redirect("setup:mail")
