"""Places as people look after them."""

import pytest

from reorder.domain.inventory import operations, queries
from reorder.domain.inventory.errors import BadPlace, PlaceChanged, UnknownPlace
from reorder.domain.staff.queries import list_audit
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place, opening

pytestmark = pytest.mark.django_db


def test_a_new_place_can_hold_goods_at_once() -> None:
    place = operations.create_place(code="TAIPEI", name="Taipei store", kind="store", country="TW", created_by="Mei")
    product = make_product()
    operations.record_moves(moves=[opening(product_id=product.pk, units=7, place="TAIPEI")])
    assert (place.kind, place.is_active) == ("store", True)
    assert queries.sum_stock_of_places()["TAIPEI"].on_hand_units == 7
    assert [entry.action for entry in list_audit(subject_kind="place")] == ["inventory.create_place"]


def test_a_code_names_one_place_for_ever() -> None:
    make_place()
    with pytest.raises(BadPlace, match="the code is taken"):
        operations.create_place(code="KEELUNG", name="Other", kind="store", country="", created_by="Mei")
    assert [place.name for place in queries.list_every_place()] == ["Keelung warehouse"]


@pytest.mark.parametrize(
    ("code", "name", "country", "fault"),
    [
        (" A", "A", "", "no spaces around it"),
        ("A" * 61, "A", "", "at most 60 characters"),
        ("A", " ", "", "a name must be there"),
        ("A", "A", "tw", "two-letter ISO 3166 code"),
    ],
)
def test_a_bad_place_is_refused_with_the_reason(code: str, name: str, country: str, fault: str) -> None:
    with pytest.raises(BadPlace, match=fault):
        operations.create_place(code=code, name=name, kind="warehouse", country=country, created_by="Mei")


def test_renaming_from_a_page_that_is_out_of_date_changes_nothing() -> None:
    place = make_place()
    operations.change_place(
        place_id=place.id, name="Keelung harbour", country="TW", seen=place.fingerprint, changed_by="Mei"
    )
    with pytest.raises(PlaceChanged):
        operations.change_place(place_id=place.id, name="Port", country="TW", seen=place.fingerprint, changed_by="Chen")
    assert queries.get_place(place_id=place.id).name == "Keelung harbour"


def test_a_closed_place_is_in_no_plan_and_can_be_opened_again() -> None:
    place = make_place()
    operations.close_place(place_id=place.id, closed_by="Mei")
    operations.close_place(place_id=place.id, closed_by="Mei")
    assert queries.list_places() == []
    assert [row.is_active for row in queries.list_every_place()] == [False]
    assert operations.reopen_place(place_id=place.id, reopened_by="Mei").is_active
    assert [entry.action for entry in list_audit(subject_kind="place")] == [
        "inventory.reopen_place",
        "inventory.close_place",
    ]


def test_a_place_that_is_not_there_is_said() -> None:
    with pytest.raises(UnknownPlace):
        operations.close_place(place_id=4711, closed_by="Mei")
