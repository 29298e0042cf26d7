"""Accounts by which messages leave: the adapter, what it needs, its test, its rest. Secrets are never shown."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from reorder.domain.messaging.accounts import ChannelAccountRow, get_account
from reorder.domain.messaging.channels import get_card, list_cards
from reorder.domain.messaging.channels.base import ChannelCard
from reorder.domain.staff.rules import Ability
from reorder.flows import channel_setup
from reorder.flows.labels import say_fault
from reorder.insights.deliverability import list_ways
from reorder.kernel import clock
from reorder.kernel.errors import Conflict, explain_error
from reorder.web.access import desk, get_actor
from reorder.web.channel_names import CHANNEL_WORDS
from reorder.web.setup.adapter_forms import shown_secrets, shown_settings
from reorder.web.setup.channel_forms import ChannelForm
from reorder.web.setup.pages import show_changed_account, show_new_account, tell_test

_manage = Ability.MANAGE_CHANNELS


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    lines = [
        {
            "way": way,
            "title": _(way.title),
            "channel": CHANNEL_WORDS.get(way.channel, way.channel),
            "fault": say_fault(fault=way.check_fault, translate=_),
        }
        for way in list_ways(moment=clock.current_moment())
    ]
    cards = [
        {
            "name": one.name,
            "title": _(one.title),
            "summary": _(one.summary),
            "channel": CHANNEL_WORDS.get(one.channel, one.channel),
        }
        for one in list_cards()
    ]
    return render(request, "setup/channels.html", {"lines": lines, "cards": cards})


@desk(_manage)
def add(request: HttpRequest, provider: str) -> HttpResponse:
    card = get_card(provider=provider)
    return _show_new(request, card, ChannelForm(card=card))


@sensitive_post_parameters()
@desk(_manage, method="POST")
def create(request: HttpRequest, provider: str) -> HttpResponse:
    card = get_card(provider=provider)
    form = ChannelForm(request.POST, card=card)
    row = form.make(lambda: channel_setup.add_account(form=form.given(), actor=get_actor(request)))
    if row is None:
        return _show_new(request, card, form)
    messages.success(request, _("The account is added and in use. Test it."))
    return redirect("setup:channel", account_id=row.id)


@desk(_manage)
def show(request: HttpRequest, account_id: int) -> HttpResponse:
    row = get_account(account_id=account_id)
    card = get_card(provider=row.provider)
    context = {
        "row": row,
        "card": card,
        "title_of_adapter": _(card.title),
        "channel": CHANNEL_WORDS.get(row.channel, row.channel),
        "options": shown_settings(asked=card.fields, entered=row.options),
        "secrets": shown_secrets(asked=card.fields, kept=row.secret_names),
        "fault": say_fault(fault=row.check_fault, translate=_),
        "callback": channel_setup.callback_address(callback_key=row.callback_key) if card.has_callbacks else "",
    }
    return render(request, "setup/channel.html", context)


@desk(_manage)
def edit(request: HttpRequest, account_id: int) -> HttpResponse:
    row = get_account(account_id=account_id)
    return _show_edit(request, row, ChannelForm(card=get_card(provider=row.provider), known=row))


@sensitive_post_parameters()
@desk(_manage, method="POST")
def change(request: HttpRequest, account_id: int) -> HttpResponse:
    row = get_account(account_id=account_id)
    form = ChannelForm(request.POST, card=get_card(provider=row.provider), known=row)
    if not form.carry_out(
        lambda: channel_setup.change_account(
            account_id=account_id, form=form.given(), actor=get_actor(request), moment=clock.current_moment()
        )
    ):
        return _show_edit(request, row, form)
    messages.success(request, _("The account is changed. Test it again."))
    return redirect("setup:channel", account_id=account_id)


@desk(_manage, method="POST")
def test(request: HttpRequest, account_id: int) -> HttpResponse:
    """Ask the provider something that costs nothing."""
    row = channel_setup.try_account(account_id=account_id, actor=get_actor(request), moment=clock.current_moment())
    tell_test(request=request, fault=say_fault(fault=row.check_fault, translate=_))
    return redirect("setup:channel", account_id=account_id)


@desk(_manage, method="POST")
def use(request: HttpRequest, account_id: int) -> HttpResponse:
    channel_setup.use_account(account_id=account_id, actor=get_actor(request))
    messages.success(request, _("Messages leave by it again."))
    return redirect("setup:channel", account_id=account_id)


@desk(_manage, method="POST")
def rest(request: HttpRequest, account_id: int) -> HttpResponse:
    channel_setup.rest_account(account_id=account_id, actor=get_actor(request))
    messages.success(request, _("No messages leave by it. What its provider tells is still heard."))
    return redirect("setup:channel", account_id=account_id)


@desk(_manage, method="POST")
def delete(request: HttpRequest, account_id: int) -> HttpResponse:
    try:
        channel_setup.delete_account(account_id=account_id, actor=get_actor(request))
    except Conflict as fault:
        messages.error(request, explain_error(error=fault, translate=_))
        return redirect("setup:channel", account_id=account_id)
    messages.success(request, _("The account is removed."))
    return redirect("setup:channels")


@desk(_manage, method="POST")
def wake(request: HttpRequest, way: str) -> HttpResponse:
    """Try a way at once that rests after a refusal."""
    channel_setup.wake_way(way=way, actor=get_actor(request))
    messages.success(request, _("It is tried again with the next message."))
    return redirect("setup:channels")


def _show_new(request: HttpRequest, card: ChannelCard, form: ChannelForm) -> HttpResponse:
    return show_new_account(
        request=request,
        form=form,
        title=_(card.title),
        summary=_(card.summary),
        eyebrow=_("Channels"),
        back="setup:channels",
        action_url=reverse("setup:create_channel", args=[card.name]),
    )


def _show_edit(request: HttpRequest, row: ChannelAccountRow, form: ChannelForm) -> HttpResponse:
    return show_changed_account(
        request=request,
        form=form,
        name=row.name,
        back_url=reverse("setup:channel", args=[row.id]),
        action_url=reverse("setup:change_channel", args=[row.id]),
    )
