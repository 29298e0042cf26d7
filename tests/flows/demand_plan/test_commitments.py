"""Commitments from a request or a file to the plan: taken whole, counted at once, withdrawn, taken out of history."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from reorder.domain.catalog.bundles import Component, explode_bundles
from reorder.domain.catalog.errors import BadBundle
from reorder.domain.catalog.models import Category, Product
from reorder.domain.inventory.queries import list_places
from reorder.domain.orders.models import OrderLine
from reorder.domain.orders.queries import frame_daily_units
from reorder.domain.planning import commitments
from reorder.domain.planning.commitments import RealisedDay
from reorder.domain.planning.errors import BadCommitment, BadRegion
from reorder.domain.planning.models import Commitment, DemandPlanDay, DemandWeek, Target
from reorder.flows import serving
from reorder.flows.demand_plan import CommitmentLine, commit_demand, set_bundle, withdraw_demand
from reorder.flows.demand_plan.committing import Committed
from reorder.flows.demand_plan.files import import_bundles, import_commitments
from reorder.flows.file_import import import_file
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.planning import make_night
from tests.factories.purchasing import MONDAY, MONDAY_MORNING

pytestmark = pytest.mark.django_db
KEELUNG, TAINAN = ("OOLONG-150", "KEELUNG"), ("OOLONG-150", "TAINAN")
TUESDAY = MONDAY + dt.timedelta(days=1)


@pytest.fixture
def oolong() -> Product:
    """Three a day in Keelung, one in Tainan."""
    make_place()
    make_place(code="TAINAN", name="Tainan store")
    category = Category.objects.create(code="oolong", name="Oolong teas")
    product = make_product()
    Product.objects.filter(pk=product.pk).update(category=category)
    make_night(daily={KEELUNG: 3.0, TAINAN: 1.0}, targets={KEELUNG: 25.0})
    return product


def commit(*lines: CommitmentLine, kind: str = "campaign", key: str = "FRIDAY", places: str = "") -> Committed:
    return commit_demand(
        kind=kind,
        key=key,
        lines=lines,
        place_codes=frozenset(places.split()),
        today=MONDAY,
        moment=MONDAY_MORNING,
        decided_by="Mei",
        reason="Mid-autumn",
    )


def friday(
    *, units: float = 70.0, deviation: float = 0.0, place: str = "KEELUNG", sku: str = "OOLONG-150"
) -> CommitmentLine:
    return CommitmentLine(
        sku=sku,
        from_date=MONDAY,
        until_date=MONDAY + dt.timedelta(days=6),
        units=units,
        deviation_units=deviation,
        place_code=place,
    )


def week(*, scope: str = "subject", key: str = "OOLONG-150", place: str = "*") -> DemandWeek:
    return DemandWeek.objects.get(scope=scope, key=key, place_code=place, week=0)


@pytest.mark.usefixtures("oolong")
def test_a_campaign_is_in_the_plan_at_once_with_its_uncertainty() -> None:
    before = week()
    done = commit(friday(deviation=28.0))
    assert (done.written_count, done.withdrawn_count, done.is_counted) == (7, 0, True)
    day = DemandPlanDay.objects.get(subject="OOLONG-150", place_code="KEELUNG", date=TUESDAY)
    assert (day.committed_units, day.committed_deviation_units, day.mean_units) == (10.0, 4.0, 13.0)
    now = week()
    assert (now.campaign_units, now.committed_units, now.mean_units) == (70.0, 70.0, 98.0)
    assert now.committed_deviation_units == pytest.approx(28.0)
    assert before.p90_units is not None
    assert now.p90_units is not None
    assert before.p50_units is not None
    distance = ((before.p90_units - before.p50_units) ** 2 + (1.2815515655446004 * 28) ** 2) ** 0.5
    assert now.p90_units == pytest.approx(before.p50_units + distance + 70)
    shop = week(scope="shop", key="")
    assert (shop.campaign_units, shop.committed_deviation_units) == (70.0, pytest.approx(28.0))
    # Lead time 5 and review of a day: six days of ten.
    assert Target.objects.get(subject="OOLONG-150").committed_units == pytest.approx(60.0)


@pytest.mark.usefixtures("oolong")
def test_the_same_campaign_again_changes_nothing_and_a_smaller_one_withdraws_the_rest() -> None:
    commit(friday())
    again = commit(friday())
    assert (again.written_count, again.withdrawn_count) == (0, 0)
    less = commit(CommitmentLine(sku="OOLONG-150", from_date=MONDAY, units=10.0, place_code="KEELUNG"))
    assert (less.written_count, less.withdrawn_count) == (0, 6)
    assert week().campaign_units == 10.0
    withdraw_demand(kind="campaign", key="FRIDAY", from_date=MONDAY, moment=MONDAY_MORNING, decided_by="Mei")
    assert (week().campaign_units, week().mean_units) == (0.0, 28.0)


@pytest.mark.usefixtures("oolong")
def test_without_a_place_units_are_spread_as_the_plan_is() -> None:
    commit(friday(place=""))
    assert week(place="KEELUNG").campaign_units == pytest.approx(52.5)
    assert week(place="TAINAN").campaign_units == pytest.approx(17.5)


@pytest.mark.usefixtures("oolong")
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (friday(sku="NOBODY"), "there is no such product"),
        (friday(place="MOON"), "there is no such place"),
        (friday(units=-1.0), "units must not be negative"),
        (friday(units=float("nan")), "the number is larger than any demand can be"),
        (friday(deviation=-1.0), "a deviation is zero or more"),
        (
            CommitmentLine(sku="OOLONG-150", from_date=MONDAY + dt.timedelta(days=400), units=1, place_code="KEELUNG"),
            "it reaches further than a year ahead",
        ),
    ],
)
def test_a_bad_commitment_says_why(line: CommitmentLine, reason: str) -> None:
    with pytest.raises(BadCommitment) as raised:
        commit(line)
    assert raised.value.parameters["reason"] == reason
    assert Commitment.objects.count() == 0


@pytest.mark.usefixtures("oolong")
def test_who_plans_for_keelung_cannot_touch_what_stands_in_tainan() -> None:
    commit(friday(place="TAINAN"))
    with pytest.raises(BadCommitment):
        commit(friday(place="KEELUNG"), places="KEELUNG")
    assert week(place="TAINAN").campaign_units == 70.0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("oolong")
def test_a_settled_campaign_frees_history_of_what_it_came_to() -> None:
    yesterday = MONDAY - dt.timedelta(days=1)
    commit(CommitmentLine(sku="OOLONG-150", from_date=yesterday, units=50.0, place_code="KEELUNG"))
    settled = commitments.settle_commitments(
        kind="campaign", key="FRIDAY", realised=[RealisedDay("OOLONG-150", "KEELUNG", yesterday, 31.0)]
    )
    past = commitments.frame_past_commitments(from_date=yesterday, before_date=MONDAY)
    assert settled == 1
    assert past["units"].to_list() == [31.0]
    known = commitments.frame_known_commitments(from_date=yesterday, before_date=MONDAY, known_on=yesterday)
    assert known.is_empty()


@pytest.mark.usefixtures("oolong")
def test_a_file_in_chinese_is_taken_and_a_bad_row_leaves_its_commitment_alone(tmp_path: Path) -> None:
    path = tmp_path / "定期購.csv"
    path.write_text(
        "種類,代號,商品編號,倉庫,日期,數量,標準差\n"
        "定期購,R-1,OOLONG-150,KEELUNG,2026/11/24,6,0\n"
        "預購,P-1,OOLONG-150,TAINAN,2026-11-25,4,1\n"
        "預購,P-1,OOLONG-150,TAINAN,someday,4,1\n"
    )
    report = import_commitments(path=path, today=MONDAY, moment=MONDAY_MORNING, decided_by="Mei")
    assert (report.rows_read, report.taken_count, report.changed_count) == (3, 1, 1)
    assert [(one.number, one.reason) for one in report.refused] == [
        (3, "another row of it was refused"),
        (4, "write a date like 2026-11-23"),
    ]
    assert (week().recurring_order_units, week().pre_order_units) == (6.0, 0.0)


@pytest.mark.usefixtures("oolong")
def test_a_trial_keeps_nothing(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("kind,key,sku,place,date,units\ncampaign,X,OOLONG-150,KEELUNG,2026-11-24,6\n")
    report = import_commitments(path=path, today=MONDAY, moment=MONDAY_MORNING, decided_by="Mei", is_trial=True)
    assert report.taken_count == 1
    assert Commitment.objects.count() == 0


def bundle(sku: str, **units: str) -> None:
    parts = [Component(sku=name.replace("_", "-"), units=Decimal(count)) for name, count in units.items()]
    set_bundle(sku=sku, components=parts, decided_by="Mei")


def orders_file(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "orders.csv"
    header = "order_id,ordered_at,customer_id,sku,quantity,postcode,country,place"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.mark.django_db(transaction=True)
def test_demand_of_a_bundle_is_demand_of_what_is_in_it(tmp_path: Path) -> None:
    make_place()
    for sku in ("GIFT", "CUP", "OOLONG-150", "BOX"):
        make_product(sku=sku)
    bundle("GIFT", CUP="2", BOX="1")
    bundle("BOX", OOLONG_150="3")
    import_file(path=orders_file(tmp_path, "1,2026-11-20 10:00,c1,GIFT,2,,,", "2,2026-11-20 11:00,c1,CUP,1,,,"))
    daily = frame_daily_units(from_date=dt.date(2026, 11, 1), before_date=MONDAY, time_zone="Asia/Taipei")
    assert daily.sort("sku").select("sku", "units").rows() == [("CUP", 5.0), ("OOLONG-150", 6.0)]
    assert explode_bundles(skus=["GIFT", "CUP"]) == {
        "GIFT": [Component("CUP", Decimal(2)), Component("OOLONG-150", Decimal(3))]
    }


def test_a_bundle_that_would_hold_itself_is_refused_with_the_way_round() -> None:
    for sku in ("GIFT", "BOX", "CRATE"):
        make_product(sku=sku)
    bundle("GIFT", BOX="1")
    bundle("BOX", CRATE="1")
    with pytest.raises(BadBundle) as raised:
        bundle("CRATE", GIFT="1")
    assert raised.value.parameters["path"] == "CRATE → GIFT → BOX → CRATE"
    with pytest.raises(BadBundle):
        bundle("GIFT", GIFT="1")


def test_a_file_of_bundles_is_taken_bundle_by_bundle(tmp_path: Path) -> None:
    for sku in ("GIFT", "BOX", "CUP"):
        make_product(sku=sku)
    path = tmp_path / "bundles.csv"
    path.write_text("組合商品編號,單品編號,數量\nGIFT,CUP,2\nBOX,NOBODY,1\nBOX,CUP,x\n")
    report = import_bundles(path=path, decided_by="Mei")
    assert (report.taken_count, [one.number for one in report.refused]) == (1, [3, 4])
    assert list(explode_bundles(skus=["GIFT", "BOX"])) == ["GIFT"]


def test_demand_belongs_to_the_place_of_the_region_wherever_stock_lay(tmp_path: Path) -> None:
    make_place()
    make_place(code="TAINAN", name="Tainan store")
    make_product()
    serving.set_region(country="TW", postcode_start="7", place_code="TAINAN", decided_by="Mei")
    serving.set_region(country="", postcode_start="", place_code="KEELUNG", decided_by="Mei")
    rows = (
        "1,2026-11-20 10:00,c1,OOLONG-150,1,701,TW,KEELUNG",
        "2,2026-11-20 10:00,c2,OOLONG-150,2,70 05,,KEELUNG",
        "3,2026-11-20 10:00,c3,OOLONG-150,3,701,JP,TAINAN",
        "4,2026-11-20 10:00,c4,OOLONG-150,4,200,TW,",
    )
    import_file(path=orders_file(tmp_path, *rows))
    found = dict(OrderLine.objects.values_list("order__external_id", "demand_place_code"))
    assert found == {"1": "TAINAN", "2": "TAINAN", "3": "TAINAN", "4": "KEELUNG"}


def test_past_orders_move_to_the_place_that_serves_them_now(tmp_path: Path) -> None:
    make_place()
    make_place(code="TAINAN", name="Tainan store")
    make_product()
    import_file(path=orders_file(tmp_path, "1,2026-11-20 10:00,c1,OOLONG-150,1,701,TW,KEELUNG"))
    serving.set_region(country="TW", postcode_start="70", place_code="TAINAN", decided_by="Mei")
    assert serving.serve_past_orders(decided_by="Mei") == 1
    assert serving.serve_past_orders(decided_by="Mei") == 0
    assert OrderLine.objects.get().demand_place_code == "TAINAN"


def test_a_region_needs_an_open_place_and_a_country_of_two_letters() -> None:
    make_place()
    assert [place.code for place in list_places()] == ["KEELUNG"]
    for country, place in (("Taiwan", "KEELUNG"), ("TW", "MOON")):
        with pytest.raises(BadRegion):
            serving.set_region(country=country, postcode_start="", place_code=place, decided_by="Mei")


def test_frames_of_nothing_are_empty() -> None:
    rows = commitments.frame_commitment_rows(from_date=MONDAY, before_date=MONDAY + dt.timedelta(days=7))
    assert rows.is_empty()
    assert rows.schema["units"] == pl.Float64
