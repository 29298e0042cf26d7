"""Accounts: who may be changed by whom, links that work once, passwords, and the trail of it all."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from reorder.domain.staff import operations, queries
from reorder.domain.staff.errors import (
    BadToken,
    BadUser,
    LastOwner,
    SignInLinkUseless,
    UnknownUser,
    UserChanged,
    UserStopped,
)
from tests.factories.staff import make_person

pytestmark = pytest.mark.django_db

MORNING = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def change(name: str, **changes: object) -> queries.UserRow:
    row = queries.get_user(username=name)
    wanted = {
        "role": row.role,
        "is_active": row.is_active,
        "language": row.language,
        "place_codes": row.place_codes,
        "email": row.email,
    }
    return operations.change_user(username=name, changed_by="Mei", **(wanted | changes))  # type: ignore[arg-type]


def actions(name: str) -> list[str]:
    entries = queries.list_audit(subject_kind="user", subject_key=name)
    return [entry.action for entry in reversed(entries)]


def test_the_last_owner_stays_an_owner_and_stays_in() -> None:
    make_person(role="owner", name="Mei")
    with pytest.raises(LastOwner):
        change("Mei", role="buyer")
    with pytest.raises(LastOwner):
        operations.stop_user(username="Mei", stopped_by="Mei")
    with pytest.raises(LastOwner):
        operations.change_role(username="Mei", role="viewer", changed_by="Mei")

    make_person(role="owner", name="Chen")
    assert operations.change_role(username="Mei", role="viewer", changed_by="Chen").role == "viewer"


def test_an_owner_who_is_stopped_does_not_count_as_one() -> None:
    make_person(role="owner", name="Mei")
    make_person(role="owner", name="Chen")
    operations.stop_user(username="Chen", stopped_by="Mei")
    with pytest.raises(LastOwner):
        operations.stop_user(username="Mei", stopped_by="Mei")


def test_the_last_owner_may_still_change_language() -> None:
    make_person(role="owner", name="Mei")
    assert change("Mei", language="zh-hant").language == "zh-hant"


def test_a_page_that_is_out_of_date_changes_nothing() -> None:
    make_person(role="viewer", name="Lin")
    seen = queries.get_user(username="Lin").fingerprint
    operations.change_role(username="Lin", role="support", changed_by="Mei")
    with pytest.raises(UserChanged):
        change("Lin", email="lin@example.org", seen=seen)
    assert queries.get_user(username="Lin").email == ""


def test_an_address_belongs_to_one_person_however_it_is_written() -> None:
    make_person(role="viewer", name="Lin")
    change("Lin", email="lin@example.org")
    with pytest.raises(BadUser, match="somebody else has this e-mail address"):
        operations.create_user(username="Wu", role="viewer", email="LIN@example.org", created_by="Mei")
    assert change("Lin", email="lin@example.org", role="support").role == "support"


@pytest.mark.parametrize("email", ["lin", "lin@", "@example.org", "lin@example.org, wu@example.org", "a b@example.org"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(BadUser, match="the e-mail address is not one"):
        operations.create_user(username="Lin", role="viewer", email=email, created_by="Mei")


@pytest.mark.parametrize("name", ["", "with space", "nul\x00", "x" * 151, "<b>"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(BadUser, match="the name must have 1 to 150"):
        operations.create_user(username=name, role="viewer", created_by="Mei")


def test_the_trail_says_what_changed_and_keeps_no_address() -> None:
    make_person(role="viewer", name="Lin")
    change("Lin", email="lin@example.org", role="support")
    change("Lin")  # nothing changed, nothing is written
    (entry,) = queries.list_audit(subject_kind="user", subject_key="Lin", action="staff.change_user")
    assert entry.details == {"role": "support", "email": "changed"}
    assert entry.actor == "Mei"


def test_nobody_rewrites_the_trail() -> None:
    make_person(role="viewer", name="Lin")
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM staff_auditentry")


def test_a_link_signs_in_once() -> None:
    lin = make_person(role="viewer", name="Lin")
    secret = operations.make_sign_in_link(username="Lin", moment=MORNING, lasts=DAY, made_by="Mei")
    assert operations.use_sign_in_link(secret=secret, moment=MORNING) == lin.id
    with pytest.raises(SignInLinkUseless):
        operations.use_sign_in_link(secret=secret, moment=MORNING)
    assert actions("Lin") == ["staff.create_user", "staff.make_sign_in_link", "staff.sign_in_by_link"]


def test_a_link_ends_with_its_time_and_with_the_account() -> None:
    make_person(role="viewer", name="Lin")
    late = operations.make_sign_in_link(username="Lin", moment=MORNING, lasts=DAY, made_by="Mei")
    with pytest.raises(SignInLinkUseless):
        operations.use_sign_in_link(secret=late, moment=MORNING + DAY)
    stopped = operations.make_sign_in_link(username="Lin", moment=MORNING, lasts=DAY, made_by="Mei")
    operations.stop_user(username="Lin", stopped_by="Mei")
    with pytest.raises(SignInLinkUseless):
        operations.use_sign_in_link(secret=stopped, moment=MORNING)
    with pytest.raises(UserStopped):
        operations.make_sign_in_link(username="Lin", moment=MORNING, lasts=DAY, made_by="Mei")


def test_nobody_gets_a_link_who_has_no_account() -> None:
    with pytest.raises(UnknownUser):
        operations.make_sign_in_link(username="Lin", moment=MORNING, lasts=DAY, made_by="Mei")


def test_a_password_must_be_long_and_not_like_the_name() -> None:
    make_person(role="viewer", name="Lin-Hsiao-Mei")
    for password in ("short", "password1234", "lin-hsiao-mei"):
        with pytest.raises(BadUser):
            operations.set_password(username="Lin-Hsiao-Mei", password=password, set_by="Mei")
    operations.set_password(username="Lin-Hsiao-Mei", password="oolong in the rain", set_by="Mei")
    assert get_user_model().objects.get(username="Lin-Hsiao-Mei").check_password("oolong in the rain")
    assert queries.get_user(username="Lin-Hsiao-Mei").has_password


def test_second_factors_that_are_lost_are_removed_together() -> None:
    from allauth.mfa.models import Authenticator

    lin = make_person(role="viewer", name="Lin")
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES):
        Authenticator.objects.create(user_id=lin.id, type=kind, data={})
    assert queries.count_second_factors() == {lin.id: 2}
    assert operations.remove_second_factors(username="Lin", removed_by="Mei") == 3
    assert operations.remove_second_factors(username="Lin", removed_by="Mei") == 0
    assert actions("Lin") == ["staff.create_user", "staff.remove_second_factors"]


def test_the_trail_can_be_asked_for_one_action_and_names_those_there_are() -> None:
    make_person(role="viewer", name="Lin")
    make_person(role="viewer", name="Wu")
    operations.stop_user(username="Wu", stopped_by="Mei")
    assert queries.list_audit_actions() == ["staff.change_user", "staff.create_user"]
    assert queries.list_audit_kinds() == ["user"]
    assert [entry.subject_key for entry in queries.list_audit(action="staff.change_user")] == ["Wu"]


def test_a_token_that_could_do_nothing_is_not_made() -> None:
    with pytest.raises(BadToken, match="at least one scope"):
        operations.make_token(name="Shop", scopes=[], created_by="Mei", moment=MORNING)
    with pytest.raises(BadToken, match="lies in the past"):
        operations.make_token(
            name="Shop", scopes=["orders:read"], created_by="Mei", moment=MORNING, expires_at=MORNING - DAY
        )
