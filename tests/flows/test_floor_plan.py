"""Floors by a grid or by files: what is wrong is told, line by line, and nothing is half done."""

from decimal import Decimal

import pytest

from reorder.domain.warehouse.bin_stock import list_loose
from reorder.domain.warehouse.bins import list_bins_of_place
from reorder.domain.warehouse.floor_errors import BadFloorPlan, BinsHoldGoods
from reorder.domain.warehouse.floor_models import Bin, FloorPlan
from reorder.domain.warehouse.floor_plans import find_plan, list_zones
from reorder.domain.warehouse.floor_rules import AislePlan
from reorder.flows import floor_plan
from reorder.flows.floor_plan import FileFaults, GridSpec, make_grid
from reorder.flows.floor_plan.grid import name_aisles
from reorder.kernel.clock import current_moment
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG, make_place
from tests.factories.shelves import arrive, make_hall, units_in


def spec(**given: object) -> GridSpec:
    usual = {"first_aisle": "A", "aisles_count": 2, "bays_count": 4, "levels_count": 2}
    return GridSpec(**(usual | given))  # type: ignore[arg-type]


READERS = {
    "bins": lambda content: floor_plan.read_bins(content=content, place_code=KEELUNG),
    "contents": lambda content: floor_plan.read_contents(content=content, place_code=KEELUNG),
    "ways": lambda content: floor_plan.read_ways(content=content),
}


def faults_of(content: str | bytes, *, kind: str = "bins") -> list[tuple[int, str, str]]:
    given = content.encode() if isinstance(content, str) else content
    with pytest.raises(FileFaults) as fault:
        READERS[kind](given)
    return [(one.line, one.column, one.reason) for one in fault.value.lines]


@pytest.mark.parametrize(
    ("first", "names"),
    [("A", ("A", "B", "C")), ("Y", ("Y", "Z", "AA")), ("08", ("08", "09", "10")), ("H9", ("H9", "H10", "H11"))],
)
def test_aisles_are_counted_on_from_the_first(first: str, names: tuple[str, ...]) -> None:
    assert name_aisles(first=first, count=3) == names


def test_a_grid_names_its_bins_and_lays_them_between_its_cross_aisles() -> None:
    floor = make_grid(spec=spec(cross_aisles_count=3, bay_mm=1000, cross_aisle_mm=2000))
    assert floor.plan.cross_aisles_mm == (1000, 5000, 9000)
    assert len(floor.bins) == 2 * 4 * 2 * 2
    places = {one.code: (one.aisle, one.side, one.level, one.at_mm) for one in floor.bins}
    assert places["A-01-1"] == (0, "L", 1, 2500)
    assert places["A-02-2"] == (0, "R", 2, 2500)
    assert places["B-05-1"] == (1, "L", 1, 6500)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"pattern": "{aisle}-{bay}"}, "the pattern gives two bins the same code"),
        ({"pattern": "{aisle}-{shelf}"}, "the pattern has a part that is none of"),
        ({"aisles_count": 501}, "there are at most 500 aisles"),
        ({"aisles_count": 500, "bays_count": 500}, "it makes more than 50,000 bins"),
        ({"cross_aisles_count": 7}, "there are 2 to 6 cross-aisles"),
        ({"cross_aisles_count": 6}, "fewer bays than stretches between cross-aisles"),
        ({"bay_mm": 0}, "bays are 0.1 to 20 m wide"),
        ({"depot_aisle": "Z"}, "the depot is in no aisle of the plan"),
        ({"first_aisle": "GATE"}, "the first aisle is a letter or a number"),
        ({"one_way_aisles": {"A": "up", "B": "up"}}, "nobody can walk to and back from"),
    ],
)
def test_a_grid_that_cannot_be_is_refused_with_the_reason(given: dict[str, object], reason: str) -> None:
    with pytest.raises(BadFloorPlan) as fault:
        make_grid(spec=spec(**given))
    assert reason in str(fault.value)


@pytest.mark.django_db
def test_a_grid_makes_plan_zones_and_bins_and_a_smaller_one_closes_what_is_not_in_it() -> None:
    make_place()
    made = floor_plan.lay_out_grid(place_code=KEELUNG, floor=make_grid(spec=spec()), changed_by="Mei")
    assert (made.new_count, made.closed_count) == (32, 0)
    assert {zone.code: zone.purpose for zone in list_zones(place_code=KEELUNG)} == {"PICK": "pick"}
    smaller = make_grid(spec=spec(levels_count=1))
    looked = floor_plan.preview_grid(place_code=KEELUNG, floor=smaller)
    assert (looked.same_count, looked.closed_count) == (16, 16)
    assert floor_plan.lay_out_grid(place_code=KEELUNG, floor=smaller, changed_by="Mei") == looked
    assert Bin.objects.count() == 16


@pytest.mark.django_db
def test_a_grid_without_a_bin_that_holds_goods_changes_nothing() -> None:
    make_place()
    make_hall()
    oolong = make_product()
    arrive(product_id=oolong.pk, units=1)
    given = floor_plan.read_contents(content=b"bin,sku,units\nB-04-3,OOLONG-150,1\n", place_code=KEELUNG)
    floor_plan.fill_bins(place_code=KEELUNG, contents=given, actor="Mei", moment=current_moment())
    before = find_plan(place_code=KEELUNG)
    with pytest.raises(BinsHoldGoods):
        floor_plan.lay_out_grid(place_code=KEELUNG, floor=make_grid(spec=spec(levels_count=1)), changed_by="Mei")
    assert find_plan(place_code=KEELUNG) == before
    assert Bin.objects.filter(is_active=True).count() == 24


@pytest.mark.django_db
def test_bins_that_were_exported_come_back_as_they_were() -> None:
    make_place()
    make_hall(length_mm=1100, max_grams=25_500)
    rows = list(floor_plan.bins_to_csv(place_code=KEELUNG))
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
    content = f"{','.join(floor_plan.bins_file.COLUMNS)}\n{text}\n".encode("utf-8-sig")
    before = list_bins_of_place(place_code=KEELUNG)
    assert floor_plan.read_bins(content=content, place_code=KEELUNG) == before
    done = floor_plan.save_bins_file(place_code=KEELUNG, bins=before, changed_by="Mei")
    assert (done.new_count, done.changed_count, done.same_count) == (0, 0, 24)


@pytest.mark.django_db
def test_every_wrong_line_of_bins_is_told_and_none_is_saved() -> None:
    make_place()
    make_hall()
    content = (
        "bin;zone;aisle;at_m;level;length_mm;open\n"
        "A-09-1;PICK;A;3.5;1;600;yes\n"
        "A-09-2;PICK;Q;3.5;1;600;yes\n"
        "A-09-3;PICK;A;far;1;0;maybe\n"
        "A-09-4;NONE;A;3.5;99;600;yes\n"
        ";PICK;A;3.5;1;600;yes\n"
    )
    assert faults_of(content) == [
        (3, "aisle", "there is no such aisle"),
        (4, "at_m", "it is no number"),
        (4, "length_mm", "it is not above 0"),
        (4, "open", "say yes or no"),
        (6, "bin", "a bin's code has at most 32 letters, digits, dots and dashes"),
    ]
    assert faults_of("bin,zone,aisle,at_m\nA-09-1,NONE,A,3\nA-09-1,PICK,A,3\n") == [
        (2, "bin", "the code is there twice"),
        (3, "bin", "the code is there twice"),
    ]
    assert not Bin.objects.filter(code__startswith="A-09").exists()


@pytest.mark.django_db
def test_files_that_are_none_are_told_so() -> None:
    make_place()
    make_hall()
    assert faults_of("bin,zone\nA,B\n") == [
        (1, "aisle", "this column is missing"),
        (1, "at_m", "this column is missing"),
    ]
    assert faults_of("bin,zone,aisle,at_m\n") == [(1, "", "the file has no rows")]
    assert faults_of(b"\xff\xff\xff\xff") == [(1, "", "it is neither UTF-8 nor Big5 text")]
    assert faults_of(b"")[0][2] == "this column is missing"


@pytest.mark.django_db
def test_a_file_in_big5_is_read() -> None:
    make_place()
    make_hall()
    content = "bin,zone,aisle,at_m,open\nA-09-1,PICK,A,3.5,是\n".encode("big5")
    assert floor_plan.read_bins(content=content, place_code=KEELUNG)[0].is_active


@pytest.mark.django_db
def test_what_stands_in_bins_is_taken_in_whole_or_not_at_all() -> None:
    make_place()
    make_hall()
    oolong = make_product()
    arrive(product_id=oolong.pk, units=10)
    assert faults_of(
        "bin,sku,units\nA-01-1,OOLONG-150,6\nA-01-2,NO-SUCH,1\nNOWHERE,OOLONG-150,0\nA-01-1,OOLONG-150,.5\n",
        kind="contents",
    ) == [
        (3, "sku", "there is no such product"),
        (4, "units", "it is not above 0"),
        (5, "units", "it is in whole units"),
    ]
    assert faults_of("bin,sku,units\nNOWHERE,OOLONG-150,6\nA-01-1,OOLONG-150,6\n", kind="contents") == [
        (2, "bin", "there is no such bin at this place"),
        (3, "units", "more than waits to be put away"),
    ]
    given = floor_plan.read_contents(
        content=b"bin,sku,units\nA-01-1,OOLONG-150,6\na-01-2,OOLONG-150,4\n", place_code=KEELUNG
    )
    assert floor_plan.fill_bins(place_code=KEELUNG, contents=given, actor="Mei", moment=current_moment()) == 2
    assert units_in(code="A-01-1") == Decimal(6)
    assert list_loose(place_code=KEELUNG) == []


def test_points_and_ways_that_do_not_fit_together_are_told() -> None:
    head = "point,x_m,y_m,depot,from,to,length_m,one_way\n"
    assert faults_of(f"{head}DOOR,0,0,yes,,,,\nDOOR,1,x,,,,,\n,,,,DOOR,GATE,,\n,,,,DOOR,,,\n", kind="ways") == [
        (3, "y_m", "it is no number"),
        (3, "point", "the point is there twice"),
        (4, "to", "there is no such point"),
        (5, "point", "a line is a point with x and y, or a way from one to another"),
    ]
    assert faults_of(f"{head}DOOR,0,0,,,,,\n", kind="ways") == [(1, "depot", "exactly one point is the depot")]


@pytest.mark.django_db
def test_ways_replace_the_plan_only_where_no_bin_with_goods_would_be_lost() -> None:
    make_place()
    make_hall()
    oolong = make_product()
    arrive(product_id=oolong.pk, units=1)
    given = floor_plan.read_contents(content=b"bin,sku,units\nA-01-1,OOLONG-150,1\n", place_code=KEELUNG)
    floor_plan.fill_bins(place_code=KEELUNG, contents=given, actor="Mei", moment=current_moment())
    ways = floor_plan.read_ways(
        content=b"point,x_m,y_m,depot,from,to,length_m,one_way\nDOOR,0,0,yes,,,,\nP,3,4,,,,,\n,,,,DOOR,P,,\n"
    )
    assert ways.ways[0].length_mm == 5000
    with pytest.raises(BinsHoldGoods):
        floor_plan.lay_out_ways(place_code=KEELUNG, plan=ways, changed_by="Mei")
    assert FloorPlan.objects.get().kind == "aisles"
    assert isinstance(find_plan(place_code=KEELUNG), AislePlan)
