"""Two clicks at once, with real connections: one link lets one in, and one owner stays."""

import datetime as dt

import pytest

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.errors import BadPlace
from reorder.domain.staff import operations, queries
from reorder.domain.staff.errors import BadUser, LastOwner, SignInLinkUseless
from tests.factories.racing import at_once
from tests.factories.staff import make_person

MORNING = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)
HANDS = 4


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_clicked_four_times_at_once_lets_in_once() -> None:
    make_person(role="viewer", name="Lin")
    secret = operations.make_sign_in_link(username="Lin", moment=MORNING, lasts=dt.timedelta(hours=1), made_by="tests")

    def click(_: int) -> str:
        try:
            operations.use_sign_in_link(secret=secret, moment=MORNING)
        except SignInLinkUseless:
            return "refused"
        return "in"

    assert sorted(at_once(click, hands=HANDS)) == ["in", "refused", "refused", "refused"]


@pytest.mark.django_db(transaction=True)
def test_owners_who_all_step_down_at_once_leave_one() -> None:
    for hand in range(HANDS):
        make_person(role="owner", name=f"owner-{hand}")

    def step_down(hand: int) -> str:
        try:
            operations.change_role(username=f"owner-{hand}", role="viewer", changed_by=f"owner-{hand}")
        except LastOwner:
            return "stays"
        return "stepped down"

    assert sorted(at_once(step_down, hands=HANDS)) == ["stays", "stepped down", "stepped down", "stepped down"]
    assert [user.role for user in queries.list_users()].count("owner") == 1


@pytest.mark.django_db(transaction=True)
def test_a_code_that_four_people_want_at_once_goes_to_one() -> None:
    def create(hand: int) -> str:
        try:
            inventory.create_place(
                code="TAIPEI", name=f"Taipei {hand}", kind="store", country="TW", created_by=f"hand-{hand}"
            )
        except BadPlace:
            return "taken"
        return "made"

    assert sorted(at_once(create, hands=HANDS)) == ["made", "taken", "taken", "taken"]
    assert len(queries.list_audit(subject_kind="place", subject_key="TAIPEI")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_name_and_an_address_that_four_people_give_at_once_go_to_one() -> None:
    def create(hand: int) -> str:
        try:
            operations.create_user(
                username="Mei" if hand % 2 else "mei", role="viewer", email="mei@tea.example", created_by="tests"
            )
        except BadUser:
            return "taken"
        return "made"

    assert sorted(at_once(create, hands=HANDS)) == ["made", "taken", "taken", "taken"]
    assert len(queries.list_users()) == 1
