"""Signing in: passwords and their lock-out, links, second factors, and where one lands."""

import base64
import datetime as dt
import hmac
import struct
from hashlib import sha1

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from reorder.domain.staff import operations
from reorder.domain.staff.queries import list_audit
from reorder.kernel import clock
from tests.factories.staff import make_person

pytestmark = pytest.mark.django_db

PASSWORD = "oolong in the rain"


@pytest.fixture(autouse=True)
def _quick_and_alone(settings: LazySettings) -> None:
    """No counters of other tests, and passwords that are not slow to check."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def mei() -> str:
    make_person(role="owner", name="Mei")
    operations.set_password(username="Mei", password=PASSWORD, set_by="tests")
    return "Mei"


def log_in(client: Client, *, name: str = "Mei", password: str = PASSWORD, to: str = "") -> int:
    given = {"login": name, "password": password} | ({"next": to} if to else {})
    answer = client.post("/account/login/", given)
    client.landed = answer.headers.get("Location", "")  # type: ignore[attr-defined]
    return answer.status_code


def link_of(name: str, **lasts: int) -> str:
    return operations.make_sign_in_link(
        username=name,
        moment=clock.current_moment(),
        lasts=dt.timedelta(**(lasts or {"minutes": 10})),
        made_by="tests",
    )


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(clock.current_moment().timestamp() // 30)), sha1).digest()
    place = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def test_the_right_password_opens_the_page_that_was_wanted(client: Client, mei: str) -> None:
    assert log_in(client, to="/setup/users/") == 302
    assert client.landed == "/setup/users/"  # type: ignore[attr-defined]
    assert client.get("/setup/users/").status_code == 200
    assert list_audit(action="staff.sign_in")[0].details == {"by": ["password"]}


def test_the_address_signs_in_as_the_name_does(client: Client, mei: str) -> None:
    get_user_model().objects.filter(username=mei).update(email="mei@example.org")
    assert log_in(client, name="MEI@example.org") == 302


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(client: Client, mei: str, elsewhere: str) -> None:
    assert log_in(client, to=elsewhere) == 302
    assert client.landed == "/"  # type: ignore[attr-defined]


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(client: Client, mei: str) -> None:
    client.get("/account/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["reorder_session"] = session.session_key
    log_in(client)
    assert client.session.session_key != session.session_key


def test_five_wrong_passwords_lock_the_name_at_this_address_however_it_is_written(client: Client, mei: str) -> None:
    said = [log_in(client, name=name, password="wrong") for name in ("Mei", "mei", "MEI ", "Mei", "mEi")]
    assert said == [200, 200, 200, 200, 429]
    answer = client.post("/account/login/", {"login": "Mei", "password": PASSWORD})
    assert answer.status_code == 429
    assert "ask an owner for a sign-in link" in answer.content.decode()


def test_a_lock_out_touches_neither_other_names_nor_other_addresses(client: Client, mei: str) -> None:
    make_person(role="viewer", name="Lin")
    operations.set_password(username="Lin", password=PASSWORD, set_by="tests")
    for _ in range(5):
        log_in(client, password="wrong")
    assert log_in(client, name="Lin") == 302
    client.post("/account/logout/")
    answer = client.post("/account/login/", {"login": "Mei", "password": PASSWORD}, REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 302


def test_a_link_lets_in_who_is_locked_out(client: Client, mei: str) -> None:
    for _ in range(5):
        log_in(client, password="wrong")
    client.post(f"/sign-in/{link_of('Mei')}")
    assert client.get("/setup/").status_code == 200
    client.post("/account/logout/")
    assert log_in(client) == 302


@pytest.mark.parametrize("login", ["", "\x00", "x" * 10_000, "Mei\x00", "'; DROP TABLE staff_user; --"])
def test_nonsense_signs_nobody_in_and_breaks_nothing(client: Client, mei: str, login: str) -> None:
    assert log_in(client, name=login, password="\x00" if "\x00" in login else "wrong") == 200


def test_looking_at_a_link_uses_nothing_up(client: Client, mei: str) -> None:
    secret = link_of("Mei")
    assert client.get(f"/sign-in/{secret}").status_code == 200
    assert "no-cache" in client.get(f"/sign-in/{secret}").headers["Cache-Control"]
    assert client.get("/setup/").status_code == 302
    assert client.post(f"/sign-in/{secret}").headers["Location"] == "/"
    assert client.get("/setup/").status_code == 200


@pytest.mark.parametrize("secret", ["unknown", "%00", "x" * 3000, "烏龍"])
def test_a_link_that_is_none_says_how_to_get_one(client: Client, secret: str) -> None:
    answer = client.post(f"/sign-in/{secret}")
    assert answer.status_code == 422
    assert "reorder user link NAME" in answer.content.decode()


def test_guessing_links_is_stopped(client: Client, mei: str) -> None:
    for number in range(20):
        client.post(f"/sign-in/guess-{number}")
    assert client.post(f"/sign-in/{link_of('Mei')}").status_code == 429
    assert client.post(f"/sign-in/{link_of('Mei')}", REMOTE_ADDR="203.0.113.9").status_code == 302


def test_whoever_came_by_a_link_sets_a_password_without_the_old_one(client: Client, mei: str) -> None:
    client.post(f"/sign-in/{link_of('Mei')}")
    new = {"password1": "another long secret", "password2": "another long secret"}
    assert client.post("/account/password/change/", new).headers["Location"] == "/me/preferences"
    assert get_user_model().objects.get(username="Mei").check_password("another long secret")


def test_whoever_came_by_a_password_gives_the_old_one(client: Client, mei: str) -> None:
    log_in(client)
    new = {"password1": "another long secret", "password2": "another long secret"}
    assert client.post("/account/password/change/", new).status_code == 200
    assert client.post("/account/password/change/", new | {"oldpassword": PASSWORD}).status_code == 302


def test_a_new_password_ends_every_other_session(client: Client, mei: str) -> None:
    other = Client()
    log_in(other)
    log_in(client)
    new = {"oldpassword": PASSWORD, "password1": "another long secret", "password2": "another long secret"}
    client.post("/account/password/change/", new)
    assert client.get("/setup/").status_code == 200
    assert other.get("/setup/").status_code == 302
    assert "staff.change_own_password" in [entry.action for entry in list_audit(actor="Mei")]


def test_a_password_set_in_the_terminal_ends_every_session(client: Client, mei: str) -> None:
    log_in(client)
    operations.set_password(username="Mei", password="another long secret", set_by="root")
    assert client.get("/setup/").status_code == 302


def test_a_stopped_account_is_out_with_the_next_click(client: Client, mei: str) -> None:
    make_person(role="owner", name="Chen")
    log_in(client)
    operations.stop_user(username="Mei", stopped_by="Chen")
    assert client.get("/setup/").status_code == 302
    assert log_in(client) != 302 or "/account/inactive/" in client.landed  # type: ignore[attr-defined]
    assert client.get("/setup/").status_code == 302


def test_a_second_factor_is_asked_for_and_its_secret_is_not_kept_in_the_clear(client: Client, mei: str) -> None:
    from allauth.mfa.models import Authenticator

    client.post(f"/sign-in/{link_of('Mei')}")
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    assert client.post("/account/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert secret not in str(kept.data)
    client.post("/account/logout/")

    log_in(client)
    assert client.landed.startswith("/account/2fa/authenticate/")  # type: ignore[attr-defined]
    assert client.get("/setup/").status_code == 302
    assert client.post("/account/2fa/authenticate/", {"code": "123"}).status_code == 200
    codes = kept.user.authenticator_set.get(type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    assert client.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert client.get("/setup/").status_code == 200


def test_a_code_lets_in_once(client: Client, mei: str) -> None:
    from allauth.mfa.models import Authenticator

    client.post(f"/sign-in/{link_of('Mei')}")
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    user = get_user_model().objects.get(username="Mei")
    (code, *_) = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    for expected in (302, 200):
        client.post("/account/logout/")
        log_in(client)
        assert client.post("/account/2fa/authenticate/", {"code": code}).status_code == expected


def test_guessing_codes_is_stopped(client: Client, mei: str) -> None:
    client.post(f"/sign-in/{link_of('Mei')}")
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    client.post("/account/logout/")
    log_in(client)
    for _ in range(10):
        client.post("/account/2fa/authenticate/", {"code": "000000"})
    said = client.post("/account/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert "Too many wrong attempts" in said


def test_a_second_factor_of_another_key_is_explained(client: Client, mei: str, settings: LazySettings) -> None:
    client.post(f"/sign-in/{link_of('Mei')}")
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    client.post("/account/logout/")
    log_in(client)
    settings.SECRET_KEY = "restored on another machine"
    log_in(client)
    answer = client.post("/account/2fa/authenticate/", {"code": "123456"})
    assert answer.status_code in {302, 422}
    client.post(f"/sign-in/{link_of('Mei')}")
    assert client.get("/account/2fa/").status_code == 200
    assert client.post("/account/2fa/totp/deactivate/").status_code == 302


def test_changing_how_one_signs_in_asks_again_who_it_is(client: Client, mei: str) -> None:
    log_in(client)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 1000
    session.save()
    assert client.get("/account/2fa/totp/activate/").headers["Location"].startswith("/account/reauthenticate/")


@pytest.mark.parametrize(
    "name",
    ["account_email", "account_request_login_code", "account_confirm_login_code", "account_email_verification_sent"],
)
def test_what_is_not_used_is_not_there(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_there_is_no_sign_up_but_a_page_that_says_who_makes_accounts(client: Client) -> None:
    assert client.get("/account/signup/").status_code == 404
    said = client.get(reverse("account_signup")).content.decode()
    assert "An owner of the shop makes accounts" in said


def test_pages_of_signing_in_have_no_script_or_style_inside(client: Client, mei: str) -> None:
    import re

    pages = [client.get("/account/login/").content.decode()]
    client.post(f"/sign-in/{link_of('Mei')}")
    paths = ("", "totp/activate/", "webauthn/", "webauthn/add/")
    pages += [client.get(f"/account/2fa/{path}").content.decode() for path in paths]
    for page in pages:
        inline = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag and "json" not in tag]
        assert inline == []
        assert re.findall(r"\sstyle=|\son[a-z]+=|<style", page) == []


def test_the_way_out_is_a_form(client: Client, mei: str) -> None:
    log_in(client)
    assert client.get("/account/logout/").status_code == 200
    assert client.get("/setup/").status_code == 200
    assert client.post("/account/logout/").headers["Location"] == "/account/login/"
    assert client.get("/setup/").status_code == 302


def test_guessing_links_is_stopped_for_a_while(client: Client) -> None:
    said = [client.post(f"/sign-in/guess-{number}").status_code for number in range(21)]
    assert said == [422] * 20 + [429]
    assert client.post("/sign-in/another", REMOTE_ADDR="203.0.113.9").status_code == 422
