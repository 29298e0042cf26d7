"""People who may sign in: their roles, places and one-time links."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from reorder.domain.staff import operations
from reorder.domain.staff.errors import UserStopped
from reorder.domain.staff.queries import UserRow, list_users
from reorder.domain.staff.rules import Ability
from reorder.insights import setup
from reorder.kernel import clock
from reorder.kernel.errors import BadInput, Conflict
from reorder.web.access import desk, get_actor
from reorder.web.setup.forms import NewUserForm, UserForm, user_values
from reorder.web.setup.pages import choices_of_places, show_form

_manage = Ability.MANAGE_USERS
_LINK_LASTS = dt.timedelta(hours=24)


@desk(_manage)
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "setup/users.html", {"lines": setup.list_people(actor=get_actor(request))})


@desk(_manage)
def add(request: HttpRequest) -> HttpResponse:
    form = NewUserForm(places=choices_of_places(), initial={"role": "viewer", "language": request.LANGUAGE_CODE})
    return _show_new(request, form)


@desk(_manage, method="POST")
@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """Make the account and show its first link, once."""
    form = NewUserForm(request.POST, places=choices_of_places())
    if not form.is_valid():
        return _show_new(request, form)
    given = form.cleaned_data
    try:
        user = operations.create_user(
            username=given["username"],
            email=given["email"],
            role=given["role"],
            language=given["language"],
            place_codes=given["places"],
            created_by=get_actor(request).name,
        )
    except BadInput as fault:
        form.refuse(fault)
        return _show_new(request, form)
    return _show_link(request, user.username, user.id)


@desk(_manage)
def show(request: HttpRequest, user_id: int) -> HttpResponse:
    return _show_user(request, user_id, None)


@desk(_manage, method="POST")
def change(request: HttpRequest, user_id: int) -> HttpResponse:
    line = setup.get_person(actor=get_actor(request), user_id=user_id)
    form = UserForm(request.POST, places=choices_of_places(*line.user.place_codes))
    if not form.is_valid():
        return _show_user(request, user_id, form)
    given = form.cleaned_data
    try:
        operations.change_user(
            username=line.user.username,
            role=given["role"],
            is_active=given["is_active"],
            language=given["language"],
            place_codes=given["places"],
            email=given["email"],
            changed_by=get_actor(request).name,
            seen=given["seen"],
        )
    except Conflict as fault:
        return _show_user(request, user_id, None, fault)
    except BadInput as fault:
        form.refuse(fault)
        return _show_user(request, user_id, form)
    messages.success(request, _("The account of {name} is saved.").format(name=line.user.username))
    return redirect("setup:users")


@desk(_manage, method="POST")
@never_cache
def make_link(request: HttpRequest, user_id: int) -> HttpResponse:
    line = setup.get_person(actor=get_actor(request), user_id=user_id)
    try:
        return _show_link(request, line.user.username, user_id)
    except UserStopped as fault:
        return _show_user(request, user_id, None, fault)


@desk(_manage, method="POST")
def remove_factors(request: HttpRequest, user_id: int) -> HttpResponse:
    actor = get_actor(request)
    line = setup.get_person(actor=actor, user_id=user_id)
    operations.remove_second_factors(username=line.user.username, removed_by=actor.name)
    said = _("{name} signs in without a second factor until a new one is set up.")
    messages.success(request, said.format(name=line.user.username))
    return redirect("setup:user", user_id)


def _show_link(request: HttpRequest, username: str, user_id: int) -> HttpResponse:
    """The only time that the secret can be read: it is kept as a hash."""
    moment = clock.current_moment()
    secret = operations.make_sign_in_link(
        username=username, moment=moment, lasts=_LINK_LASTS, made_by=get_actor(request).name
    )
    context = {
        "name": username,
        "link": request.build_absolute_uri(reverse("sign_in_link", args=[secret])),
        "until": moment + _LINK_LASTS,
        "user_url": reverse("setup:user", args=[user_id]),
    }
    return render(request, "setup/link.html", context)


def _show_new(request: HttpRequest, form: NewUserForm) -> HttpResponse:
    return show_form(
        request=request,
        form=form,
        title=_("Add a user"),
        state=_("The next page shows a link that signs the person in once; pass it on by a way you trust."),
        eyebrow=_("Users"),
        back="setup:users",
        action="setup:create_user",
        button=_("Add the user and show the link"),
    )


def _show_user(
    request: HttpRequest, user_id: int, form: UserForm | None, fault: Conflict | None = None
) -> HttpResponse:
    line = setup.get_person(actor=get_actor(request), user_id=user_id)
    user = line.user
    if form is None:
        form = UserForm(initial=user_values(row=user), places=choices_of_places(*user.place_codes))
    return show_form(
        request=request,
        form=form,
        template="setup/user.html",
        line=line,
        is_last_owner=_is_last_owner(user),
        fault=fault,
    )


def _is_last_owner(user: UserRow) -> bool:
    return user.role == "owner" and [one.id for one in list_users() if one.role == "owner" and one.is_active] == [
        user.id
    ]
