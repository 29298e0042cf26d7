"""The one-time sign-in link: GET shows who it is for, POST signs in (mail scanners open links)."""

from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from reorder.domain.staff import operations
from reorder.kernel import clock


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, secret: str) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/sign_in_link.html", {"secret": secret})
    user_id = operations.use_sign_in_link(secret=secret, moment=clock.current_moment())
    user = get_user_model().objects.get(pk=user_id)
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("overview:index")
