"""API tokens: shown once, kept as a hash, revoked for good."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from reorder.domain.staff import operations
from reorder.domain.staff.queries import list_tokens
from reorder.domain.staff.rules import Ability
from reorder.kernel import clock
from reorder.kernel.errors import BadInput
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import TokenForm
from reorder.web.setup.pages import choices_of_places, show_form

_manage = Ability.MANAGE_TOKENS


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    moment = clock.current_moment()
    lines = [
        (row, "revoked" if row.revoked_at else "expired" if row.expires_at and row.expires_at <= moment else "live")
        for row in list_tokens()
    ]
    return render(request, "setup/tokens.html", {"lines": lines})


@desk(_manage)
def add(request: HttpRequest) -> HttpResponse:
    return _show_new(request, _form())


@desk(_manage, method="POST")
@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """Make the token and show its secret, once."""
    form = _form(request)
    if not form.is_valid():
        return _show_new(request, form)
    given, moment = form.cleaned_data, clock.current_moment()
    try:
        secret = operations.make_token(
            name=given["name"],
            scopes=given["scopes"],
            created_by=get_actor(request).name,
            moment=moment,
            expires_at=form.expires_at(moment=moment),
            place_codes=given["places"],
            requests_per_minute=given["requests_per_minute"],
        )
    except BadInput as fault:
        form.refuse(fault)
        return _show_new(request, form)
    return render(request, "setup/token.html", {"name": given["name"], "secret": secret})


@desk(_manage, method="POST")
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    operations.revoke_token(token_id=token_id, moment=clock.current_moment(), revoked_by=get_actor(request).name)
    messages.success(request, _("The token is revoked. The next call with it is refused."))
    return redirect("setup:tokens")


def _form(request: HttpRequest | None = None) -> TokenForm:
    rate = settings.REORDER.api_requests_per_minute
    return TokenForm(request.POST if request else None, places=choices_of_places(), usual_rate=rate)


def _show_new(request: HttpRequest, form: TokenForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Make an API token"),
        state=_("The next page shows the secret, once. Choose as little as the other system needs."),
        eyebrow=_("API tokens"),
        back="setup:tokens",
        action="setup:create_token",
        button=_("Make the token"),
    )
