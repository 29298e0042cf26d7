"""People of the staff, and a signed-in client for each role."""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.test import Client

from reorder.domain.staff import operations
from reorder.domain.staff.errors import UnknownUser
from reorder.domain.staff.queries import UserRow, get_user


def make_person(*, role: str = "owner", name: str = "", places: Sequence[str] = (), language: str = "en") -> UserRow:
    """Somebody with this role, made once; the name is the role's unless given."""
    username = name or role
    try:
        return get_user(username=username)
    except UnknownUser:
        return operations.create_user(
            username=username, role=role, created_by="tests", place_codes=places, language=language
        )


def sign_in(
    client: Client, *, role: str = "owner", name: str = "", places: Sequence[str] = (), language: str = "en"
) -> UserRow:
    """The client is this person from now on."""
    person = make_person(role=role, name=name, places=places, language=language)
    client.force_login(
        get_user_model().objects.get(pk=person.id), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return person
