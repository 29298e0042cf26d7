"""What a person chooses for themselves."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reorder.domain.staff import operations
from reorder.web.access import desk, get_actor
from reorder.web.middleware import LANGUAGES
from reorder.web.returning import way_back


def _person_id(request: HttpRequest) -> int:
    return get_actor(request).user_id or 0


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """For strangers too: the sign-in page has two languages."""
    language = LANGUAGES.get(request.POST.get("language", ""), "en")
    if request.user.is_authenticated:
        user = request.user
        operations.change_preferences(
            username=user.username,
            language=language,
            theme=user.theme,
            has_high_contrast=user.has_high_contrast,
            is_dense=user.is_dense,
        )
    answer = redirect(way_back(request=request))
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 86_400, samesite="Lax", secure=settings.IS_TLS
    )
    return answer


@desk()
def preferences(request: HttpRequest) -> HttpResponse:
    return render(request, "me/preferences.html", {})


@desk(method="POST")
def save_preferences(request: HttpRequest) -> HttpResponse:
    operations.change_preferences(
        username=get_actor(request).name,
        language=LANGUAGES.get(request.POST.get("language", ""), "en"),
        theme=request.POST.get("theme", "system"),
        has_high_contrast="has_high_contrast" in request.POST,
        is_dense="is_dense" in request.POST,
    )
    messages.success(request, _("Saved."))
    return redirect("me:preferences")


@desk(method="POST")
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep a list as it stands (its address after `?`) as a tab of one's own."""
    operations.save_view(
        user_id=_person_id(request),
        page=request.POST.get("page", ""),
        name=request.POST.get("name", ""),
        query=request.POST.get("query", ""),
        columns=[],
    )
    return redirect(way_back(request=request))


@desk(method="POST")
def delete_view(request: HttpRequest, view_id: int) -> HttpResponse:
    operations.delete_view(user_id=_person_id(request), view_id=view_id)
    return redirect(way_back(request=request))
