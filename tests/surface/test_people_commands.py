"""`reorder user …`: accounts and links from the terminal."""

import getpass
import json
import re
from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner

from reorder.cli import people
from reorder.domain.inventory.errors import UnknownPlace
from reorder.domain.staff import operations
from reorder.domain.staff.errors import BadUser, LastOwner, UnknownUser
from reorder.domain.staff.queries import get_user
from reorder.kernel import clock
from tests.factories.inventory import make_place
from tests.factories.staff import make_person

pytestmark = pytest.mark.django_db

Reorder = Callable[..., str]


@pytest.fixture
def reorder(monkeypatch: pytest.MonkeyPatch) -> Reorder:
    monkeypatch.setenv("COLUMNS", "250")
    app = typer.Typer()
    people.register(app)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["user", *words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    return run


def test_a_new_user_gets_a_link_that_works_once(reorder: Reorder) -> None:
    make_place()
    shown = reorder("add", "Lin", "--role", "warehouse", "--place", "KEELUNG", "--language", "zh-hant")
    assert "Lin is a user now, with the role warehouse." in shown
    found = re.search(r"http://127\.0\.0\.1:8710/sign-in/([\w-]+)", shown)
    assert found
    lin = get_user(username="Lin")
    assert (lin.place_codes, lin.language) == (("KEELUNG",), "zh-hant")
    assert operations.use_sign_in_link(secret=found[1], moment=clock.current_moment()) == lin.id


def test_what_cannot_be_is_refused(reorder: Reorder) -> None:
    with pytest.raises(BadUser, match="the role must be"):
        reorder("add", "Lin", "--role", "king")
    with pytest.raises(UnknownPlace):
        reorder("add", "Lin", "--place", "MOON")
    with pytest.raises(UnknownUser):
        reorder("link", "Lin")


def test_everybody_is_listed_for_people_and_for_machines(reorder: Reorder) -> None:
    assert "Nobody has an account yet." in reorder("list")
    make_person(role="owner", name="Mei")
    assert re.search(r"Mei +owner +all +en +in use +never", reorder("list"))
    (row,) = json.loads(reorder("list", "--json"))
    assert (row["username"], row["role"]) == ("Mei", "owner")


def test_a_password_is_asked_for_twice(reorder: Reorder, monkeypatch: pytest.MonkeyPatch) -> None:
    make_person(role="owner", name="Mei")
    given = iter(["oolong in the rain", "oolong in the sun", "oolong in the rain", "oolong in the rain"])
    monkeypatch.setattr(getpass, "getpass", lambda _: next(given))
    with pytest.raises(people.PasswordsDiffer):
        reorder("password", "Mei")
    assert not get_user(username="Mei").has_password
    assert "The password of Mei is set." in reorder("password", "Mei")
    assert get_user(username="Mei").has_password


def test_roles_are_changed_and_accounts_stopped_but_never_the_last_owner(reorder: Reorder) -> None:
    make_person(role="owner", name="Mei")
    make_person(role="viewer", name="Lin")
    assert "Lin has the role buyer now." in reorder("role", "Lin", "buyer")
    assert "Lin cannot sign in any more." in reorder("stop", "Lin")
    assert not get_user(username="Lin").is_active
    with pytest.raises(LastOwner):
        reorder("stop", "Mei")


def test_lost_second_factors_are_removed(reorder: Reorder) -> None:
    from allauth.mfa.models import Authenticator

    mei = make_person(role="owner", name="Mei")
    assert "Mei has no second factor." in reorder("reset", "Mei")
    Authenticator.objects.create(user_id=mei.id, type=Authenticator.Type.TOTP, data={})
    assert "Mei signs in without a second factor" in reorder("reset", "Mei")
    assert not Authenticator.objects.exists()
