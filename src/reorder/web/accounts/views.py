"""Ways in that allauth has not: the one-time link (GET shows it, POST signs in, because mail scanners open links)."""

import datetime as dt
from typing import Any

from allauth.account import app_settings
from allauth.account.forms import SetPasswordForm
from allauth.account.views import PasswordChangeView
from allauth.utils import get_form_class
from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from reorder.domain.staff import operations
from reorder.domain.staff.errors import SignInLinkUseless
from reorder.domain.storage import count_up, read_count
from reorder.kernel import clock
from reorder.web import errors
from reorder.web.accounts.adapter import LINK_MARK, came_by_link_lately
from reorder.web.middleware import address_of

# A secret has 256 bits and is never guessed; the limit only keeps guessing from costing us anything.
_WRONG_LINKS, _WRONG_LINKS_SECONDS = 20, 900


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, secret: str) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/sign_in_link.html", {})
    moment = clock.current_moment()
    key = f"wrong-links:{address_of(request)}:{int(moment.timestamp()) // _WRONG_LINKS_SECONDS}"
    if read_count(key=key) >= _WRONG_LINKS:
        return errors.locked_out(request)
    try:
        user_id = operations.use_sign_in_link(secret=secret.replace("\x00", ""), moment=moment)
    except SignInLinkUseless:
        count_up(key=key, expires_at=moment + dt.timedelta(seconds=_WRONG_LINKS_SECONDS))
        return render(request, "accounts/link_useless.html", {}, status=422)
    user = get_user_model().objects.get(pk=user_id)
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    request.session[LINK_MARK] = moment.timestamp()
    return redirect("overview:index")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How to get in without a password: there is no sign-up, and no mail with a new one."""
    return render(request, "accounts/help.html", {})


class _ChangePassword(PasswordChangeView):  # type: ignore[misc] # untyped library
    """Whoever has just come by a one-time link may have forgotten the old password, so it is not asked for."""

    def get_form_class(self) -> Any:
        if came_by_link_lately(request=self.request):
            return get_form_class(app_settings.FORMS, "set_password", SetPasswordForm)
        return super().get_form_class()


change_password = _ChangePassword.as_view()
