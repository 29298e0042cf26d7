"""Who may do what."""

import pytest

from reorder.domain.staff import rules
from reorder.domain.staff.errors import NotAllowed
from reorder.domain.staff.rules import (
    ROLE_ABILITIES,
    SCOPE_ABILITIES,
    Ability,
    Actor,
    Role,
    abilities_of_scopes,
    abilities_within,
)


def actor(role: Role, *places: str) -> Actor:
    return Actor(name="Mei", abilities=ROLE_ABILITIES[role], role=role, place_codes=frozenset(places))


def test_an_owner_may_do_everything_and_a_viewer_changes_nothing() -> None:
    assert ROLE_ABILITIES[Role.OWNER] == frozenset(Ability)
    assert {a for a in ROLE_ABILITIES[Role.VIEWER] if not a.value.startswith("view_")} == set()


def test_personal_facts_are_not_for_buyers_and_the_warehouse() -> None:
    assert {role for role in Role if actor(role).may(Ability.VIEW_CUSTOMERS)} == {
        Role.OWNER,
        Role.MARKETER,
        Role.SUPPORT,
        Role.VIEWER,
    }


def test_the_warehouse_receives_and_does_not_decide() -> None:
    warehouse = actor(Role.WAREHOUSE, "KEELUNG")
    assert warehouse.may(Ability.RECEIVE_GOODS)
    assert not warehouse.may(Ability.DECIDE_PROPOSALS)
    assert warehouse.may_at("KEELUNG")
    assert not warehouse.may_at("KAOHSIUNG")
    with pytest.raises(NotAllowed, match="decide proposals"):
        warehouse.require(Ability.DECIDE_PROPOSALS)


def test_whoever_is_limited_to_places_brings_no_files_which_speak_of_all_of_them() -> None:
    buyer = ROLE_ABILITIES[Role.BUYER]
    assert buyer - abilities_within(abilities=buyer, place_codes=["KEELUNG"]) == {Ability.IMPORT_FILES}
    assert abilities_within(abilities=buyer, place_codes=[]) == buyer


def test_no_scope_lets_a_token_manage_people_or_tokens() -> None:
    everything = abilities_of_scopes(scopes=frozenset(SCOPE_ABILITIES))
    assert everything.isdisjoint({Ability.MANAGE_USERS, Ability.MANAGE_TOKENS, Ability.VIEW_AUDIT})
    assert abilities_of_scopes(scopes=frozenset({"orders:everything"})) == frozenset()


def test_every_ability_and_role_has_words_for_the_screen() -> None:
    words = {ability.value.replace("_", " ") for ability in Ability} | {role.value for role in Role}
    assert words <= set(rules.WORD_TEMPLATES)
