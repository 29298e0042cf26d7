"""Units of measure: exact conversion to selling units, circles refused by name."""

from decimal import Decimal

import pytest

from reorder.domain.catalog.errors import BadUnit, CircularUnits, UnitsChanged, UnknownProduct
from reorder.domain.catalog.units import NewUnit, list_units, resolve_units, save_units, units_fingerprint
from reorder.domain.staff.queries import list_audit
from tests.factories.catalog import make_product


def unit(code: str, count: str, of: str = "") -> NewUnit:
    return NewUnit(code=code, contains_count=Decimal(count), contains_code=of)


def resolved(*units: NewUnit) -> dict[str, Decimal]:
    return resolve_units(sku="OOLONG-150", units=units)


def test_units_of_units_come_to_selling_units_exactly() -> None:
    assert resolved(unit("pallet", "40", "case"), unit("case", "6", "inner"), unit("inner", "4")) == {
        "pallet": 960,
        "case": 24,
        "inner": 4,
    }
    assert resolved(unit("bag", "0.125")) == {"bag": Decimal("0.125")}
    assert resolved() == {}


@pytest.mark.parametrize(
    ("units", "circle"),
    [
        ((unit("case", "2", "inner"), unit("inner", "3", "case")), "case → inner → case"),
        ((unit("case", "1", "case"),), "case → case"),
        (
            (unit("pallet", "4", "case"), unit("case", "2", "inner"), unit("inner", "3", "case")),
            "case → inner → case",
        ),
    ],
)
def test_a_circle_of_units_is_refused_by_its_name(units: tuple[NewUnit, ...], circle: str) -> None:
    with pytest.raises(CircularUnits, match=circle):
        resolved(*units)


@pytest.mark.parametrize(
    ("units", "fault"),
    [
        ((unit("case", "0"),), "more than zero"),
        ((unit("case", "-12"),), "more than zero"),
        ((unit("case", "NaN"),), "more than zero"),
        ((unit("case", "1000000000"),), "at most 1,000,000"),
        ((unit("case", "0.0001"),), "three decimals"),
        ((unit("case", "12", "inner"),), "'inner', which is no unit"),
        ((unit("case", "12"), unit("case", "24")), "given twice"),
        ((unit("", "12"),), "a code must be there"),
        ((unit("each", "12"),), "the selling unit itself"),
        ((unit("pallet", "2000", "case"), unit("case", "1000")), "more than 1,000,000 selling units"),
        ((unit("half", "0.5", "bit"), unit("bit", "0.001")), "more than three decimals of the selling unit"),
    ],
)
def test_bad_units_are_refused_with_the_reason(units: tuple[NewUnit, ...], fault: str) -> None:
    with pytest.raises(BadUnit, match=fault):
        resolved(*units)


@pytest.mark.django_db
def test_units_are_saved_as_a_whole_once_and_on_record() -> None:
    make_product()
    saved = save_units(sku="OOLONG-150", units=[unit("case", "6", "inner"), unit("inner", "4")], saved_by="Mei")
    assert [(row.code, row.units) for row in saved] == [("inner", 4), ("case", 24)]
    save_units(sku="OOLONG-150", units=[unit("inner", "4"), unit("case", "6", "inner")], saved_by="Mei")
    assert [entry.details for entry in list_audit(action="catalog.save_units")] == [
        {"units": {"inner": "4", "case": "24"}}
    ]
    with pytest.raises(UnitsChanged):
        save_units(sku="OOLONG-150", units=[], saved_by="Chen", seen=units_fingerprint(rows=[]))
    assert len(list_units(sku="OOLONG-150")) == 2
    assert save_units(sku="OOLONG-150", units=[], saved_by="Chen", seen=units_fingerprint(rows=saved)) == []
    with pytest.raises(UnknownProduct):
        save_units(sku="NO-SUCH", units=[], saved_by="Mei")
