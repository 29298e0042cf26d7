"""Parts that all pages of the desk share: a form on a page, and the lists of places to choose from."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reorder.domain.inventory.queries import list_every_place
from reorder.kernel.errors import ReorderError, explain_error
from reorder.web.errors import status_of
from reorder.web.setup.forms import SetupForm, place_choices

UNPROCESSABLE = 422


def show_form(
    *,
    request: HttpRequest,
    form: SetupForm,
    template: str = "setup/form.html",
    fault: ReorderError | None = None,
    **context: Any,
) -> HttpResponse:
    """A page with a form: 422 once something in it must be mended, the status of `fault` when that is said on top."""
    status = status_of(fault) if fault else UNPROCESSABLE if form.is_bound else 200
    refusal = explain_error(error=fault, translate=_) if fault else ""
    return render(request, template, {"form": form, "refusal": refusal, **context}, status=status)


def choices_of_places(*chosen: str) -> list[tuple[str, str]]:
    """Places in use, and those chosen already."""
    places = [place for place in list_every_place() if place.is_active]
    return place_choices(places=places, chosen=chosen)


def show_new_account(
    *, request: HttpRequest, form: SetupForm, title: str, summary: str, eyebrow: str, back: str, action_url: str
) -> HttpResponse:
    """The page on which an account with somebody else's service is added."""
    return show_form(
        request=request,
        form=form,
        title=title,
        state=summary,
        eyebrow=eyebrow,
        back=back,
        action_url=action_url,
        button=_("Add the account"),
    )


def show_changed_account(
    *, request: HttpRequest, form: SetupForm, name: str, back_url: str, action_url: str
) -> HttpResponse:
    """The page on which such an account is changed."""
    return show_form(
        request=request,
        form=form,
        title=_("Change the account"),
        state=_("Keys and secrets stay as they are where their fields are left empty."),
        eyebrow=name,
        back_url=back_url,
        action_url=action_url,
        button=_("Save"),
    )


def tell_test(*, request: HttpRequest, fault: str) -> None:
    """Say what the test of such an account brought; no fault: it answered."""
    if fault:
        messages.error(request, fault)
    else:
        messages.success(request, _("It answered: address and keys are right."))
