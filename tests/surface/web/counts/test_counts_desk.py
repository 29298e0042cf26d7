"""The desk of counts, the labels and the team board, as people of each role see and use them."""

import datetime as dt
from decimal import Decimal

import pypdfium2 as pdfium
import pytest
import zxingcpp
from django.test import Client

from reorder.config.environment import Environment
from reorder.domain.catalog.models import Barcode
from reorder.domain.warehouse.count_models import CountEntry, CountPolicy, CountTask
from reorder.domain.warehouse.logistic_units import sscc_of
from reorder.domain.warehouse.models import FloorAssignment, LogisticUnit
from reorder.flows.counting import ask_count
from reorder.flows.counting.taking import CountedUnits, enter_count, finish_count, start_count
from reorder.insights.count_accuracy import report_accuracy
from reorder.insights.intervals import wilson_interval
from tests.factories.api import call_as
from tests.factories.catalog import make_product
from tests.factories.counting import MEI, NOON, OWNER, fill_bin, in_bin, make_bins
from tests.factories.inventory import KEELUNG, stock_at
from tests.factories.staff import make_person, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
GTIN = "4006381333931"


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", (NOON + dt.timedelta(hours=1)).isoformat())


def a_large_variance(*, bin_code: str = "A01", counted: int = 20) -> int:
    """Fifty in the books of a bin, so many counted by mei; the count waits."""
    oolong = make_product(unit_cost_minor=20_000)
    Barcode.objects.create(product=oolong, code=GTIN, kind="gtin")
    make_bins()
    fill_bin(bin_code=bin_code, product_id=oolong.pk, units=50)
    task = ask_count(bin_code=bin_code, cause="asked", actor=OWNER, moment=NOON).task_id
    start_count(task_id=task, actor=MEI, moment=NOON)
    enter_count(
        task_id=task,
        counted=CountedUnits(key="one", product_id=oolong.pk, units=Decimal(counted), counted_at=NOON),
        actor=MEI,
        moment=NOON,
    )
    finish_count(task_id=task, actor=MEI, moment=NOON, key="end")
    return task


def codes_of(pdf: bytes) -> list[str]:
    document = pdfium.PdfDocument(pdf)
    return [
        code.text
        for number in range(len(document))
        for code in zxingcpp.read_barcodes(document[number].render(scale=4).to_pil().convert("L"))
    ]


def test_a_person_approves_what_waits_and_stock_and_bin_follow(client: Client) -> None:
    task = a_large_variance()
    sign_in(client)
    assert "large difference" in client.get("/warehouse/counts/?tab=waiting").content.decode()
    page = client.get(f"/warehouse/counts/{task}/").content.decode()
    assert "−30" in page or "-30" in page
    answer = client.post(f"/warehouse/counts/{task}/approve/", {"note": "seen"})
    assert answer.status_code == 302
    assert (stock_at(sku="OOLONG-150"), in_bin(bin_code="A01", sku="OOLONG-150")) == (20, 20)
    assert CountTask.objects.get().note == "seen"
    assert client.post(f"/warehouse/counts/{task}/approve/").status_code == 422


def test_who_counts_sees_no_figure_and_decides_nothing(client: Client) -> None:
    task = a_large_variance()
    sign_in(client, role="warehouse")
    page = client.get(f"/warehouse/counts/{task}/").content.decode()
    assert "OOLONG-150" not in page
    assert "Approve" not in page
    listed = client.get("/warehouse/counts/?tab=waiting&columns=bin,money,differing").content.decode()
    assert "NT$" not in listed
    assert client.post(f"/warehouse/counts/{task}/approve/").status_code == 403
    assert client.get("/warehouse/counts/accuracy/").status_code == 403


def test_somebody_of_another_place_finds_no_count(client: Client) -> None:
    task = a_large_variance()
    sign_in(client, role="warehouse", name="kai", places=["KAOHSIUNG"])
    assert client.get(f"/warehouse/counts/{task}/").status_code == 404


def test_bins_and_zones_are_asked_for_and_an_unknown_one_is_named(client: Client) -> None:
    make_bins()
    sign_in(client)
    client.post("/warehouse/counts/ask/", {"place": KEELUNG, "bin": "a02"})
    assert CountTask.objects.get().bin.code == "A02"
    client.post("/warehouse/counts/ask-zone/", {"place": KEELUNG, "zone": "PICK"})
    assert CountTask.objects.count() == 3
    told = client.post("/warehouse/counts/ask/", {"place": KEELUNG, "bin": "Z99"}, follow=True).content.decode()
    assert "There is no bin Z99" in told
    task = CountTask.objects.order_by("pk").first()
    assert task is not None
    client.post(f"/warehouse/counts/{task.pk}/cancel/")
    task.refresh_from_db()
    assert task.state == "cancelled"


def test_rules_are_shown_kept_and_refused_beside_the_form(client: Client) -> None:
    make_bins()
    sign_in(client)
    page = client.get("/warehouse/counts/rules/").content.decode()
    assert 'value="80"' in page
    given = {
        "place": KEELUNG, "a_days": 7, "b_days": 30, "c_days": 90, "a_percent": 70, "b_percent": 90, "book_units": 1,
        "book_percent": 2, "book_money": "100", "recount_units": 4, "recount_percent": 8, "recount_money": "1,000.50",
    }  # fmt: skip
    assert client.post("/warehouse/counts/rules/save/", given).status_code == 302
    kept = CountPolicy.objects.get()
    assert (kept.a_days, kept.book_minor, kept.recount_minor, kept.counts_empty_bins) == (7, 10_000, 100_050, False)
    refused = client.post("/warehouse/counts/rules/save/", given | {"a_days": 60})
    assert refused.status_code == 422
    assert "at least as often" in refused.content.decode()


def test_accuracy_counts_bins_units_and_money_with_an_interval(client: Client) -> None:
    task = a_large_variance()
    sign_in(client)
    client.post(f"/warehouse/counts/{task}/approve/")
    right = ask_count(bin_code="A02", cause="asked", actor=OWNER, moment=NOON).task_id
    start_count(task_id=right, actor=MEI, moment=NOON)
    finish_count(task_id=right, actor=MEI, moment=NOON + dt.timedelta(hours=1), key="right")
    report = report_accuracy(places=[KEELUNG], since=NOON, until=NOON + dt.timedelta(days=1), time_zone="Asia/Taipei")
    whole = report.whole
    assert (whole.bins_count, whole.right_count, whole.expected_units, whole.off_units) == (2, 1, 50, 30)
    assert (whole.net_minor, whole.gross_minor, whole.unit_share) == (-600_000, 600_000, 0.4)
    assert {one.key: one.bins_count for one in report.of("outcome")} == {"booked": 1, "exact": 1}
    assert [round(share, 3) for share in whole.interval] == [0.095, 0.905]
    assert wilson_interval(successes=0, trials=0) == (0.0, 1.0)
    page = client.get("/warehouse/counts/accuracy/").content.decode()
    assert "Not enough data yet" in page
    lines = b"".join(client.get("/warehouse/counts/accuracy/export/").streaming_content).decode()  # type: ignore[attr-defined]
    assert "OOLONG-150" in lines
    assert "-6000" in lines


def test_labels_are_printed_from_the_page_and_read_back(client: Client) -> None:
    oolong = make_product()
    Barcode.objects.create(product=oolong, code=GTIN, kind="gtin")
    make_bins()
    sign_in(client, role="warehouse")
    assert client.get(f"/warehouse/labels/?place={KEELUNG}&sku=OOLONG-150").status_code == 200
    paper = "form=sheet&file=pdf&language=zh-hant"
    bins = client.get(f"/warehouse/labels/bins/?place={KEELUNG}&zone=PICK&{paper}")
    assert bins["Content-Type"] == "application/pdf"
    assert sorted(codes_of(bins.content)) == ["A01", "A02", "A03"]
    only = client.get(f"/warehouse/labels/bins/?place={KEELUNG}&codes=A01,A03&form=roll&file=pdf&language=en")
    assert codes_of(only.content) == ["A01", "A03"]
    goods = client.get(
        "/warehouse/labels/product/?sku=OOLONG-150&lot=L1&expires=2027-12-31&copies=2&code_form=gs1_128"
        "&form=roll&file=pdf&language=en"
    )
    assert codes_of(goods.content) == [f"(01)0{GTIN}(17)271231(10)L1"] * 2
    totes = client.get("/warehouse/labels/totes/?letters=tote-&first=7&count=2&form=roll&file=zpl&language=en")
    assert totes.content.count(b"^XA") == 2
    assert b"^FDTOTE-007^FS" in totes.content
    none = client.get(f"/warehouse/labels/bins/?place={KEELUNG}&zone=&first=Z&{paper}")
    assert none.status_code == 422
    assert "no bin of this place fits" in none.content.decode()


def test_pallets_get_numbers_once_under_the_prefix_of_the_shop(
    client: Client, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    oolong = make_product()
    Barcode.objects.create(product=oolong, code=GTIN, kind="gtin")
    make_bins()
    sign_in(client, role="warehouse")
    given = {
        "place": KEELUNG,
        "count": 2,
        "sku": "OOLONG-150",
        "units": 480,
        "lot": "L1",
        "file": "pdf",
        "language": "en",
    }
    without = client.post("/warehouse/labels/pallets/", given)
    assert without.status_code == 422
    known: Environment = settings.REORDER  # type: ignore[attr-defined]
    object.__setattr__(known, "gs1_company_prefix", "471000012")
    try:
        made = client.post("/warehouse/labels/pallets/", given)
        bad = client.post("/warehouse/labels/pallets/", given | {"lot": "批號"})
        again = client.post("/warehouse/labels/pallets/", given | {"count": 1})
    finally:
        object.__setattr__(known, "gs1_company_prefix", "")
    numbers = [sscc_of(company_prefix="471000012", serial=serial) for serial in (1, 2)]
    assert numbers[0] == "047100001200000016"
    assert [code for code in codes_of(made.content) if code.startswith("(00)")] == [f"(00){one}" for one in numbers]
    # A label that cannot be made uses up no number.
    assert bad.status_code == 422
    third = sscc_of(company_prefix="471000012", serial=3)
    assert [code for code in codes_of(again.content) if code.startswith("(00)")] == [f"(00){third}"]
    assert LogisticUnit.objects.count() == 3


def test_tasks_are_taken_given_and_given_back(client: Client) -> None:
    make_bins()
    make_person(role="warehouse", name="ann")
    task = ask_count(bin_code="A01", cause="asked", actor=OWNER, moment=NOON).task_id
    sign_in(client, role="warehouse", name="mei")
    body = {"place": KEELUNG, "work": "count", "task": str(task)}
    assert "A01" in client.get("/warehouse/team/tasks/?work=count").content.decode()
    client.post("/warehouse/team/give/", body | {"to": "mei"})
    assert CountTask.objects.get().assigned_to == "mei"
    sign_in(client, role="warehouse", name="ann")
    refused = client.post("/warehouse/team/give/", body | {"to": "ann"}, follow=True).content.decode()
    assert "mei has this task" in refused
    sign_in(client)
    client.post("/warehouse/team/give/", body | {"to": "ann"})
    assert CountTask.objects.get().assigned_to == "ann"
    nobody = client.post("/warehouse/team/give/", body | {"to": "stranger"}, follow=True).content.decode()
    assert "stranger does not do this work here" in nobody
    client.post("/warehouse/team/give/", body | {"to": ""})
    assert CountTask.objects.get().assigned_to == ""
    assert FloorAssignment.objects.count() == 0


def test_the_board_shows_a_person_only_the_own_figures_and_the_wall_nobodys(client: Client) -> None:
    from tests.factories.floor_log import log_scans

    make_bins()
    log_scans(actor="mei", right=30, wrong=2)
    log_scans(actor="ann", right=19, wrong=1)
    sign_in(client, role="warehouse", name="mei")
    own = client.get("/warehouse/team/").content.decode()
    assert "Your own figures" in own
    assert ">ann<" not in own
    sign_in(client)
    every = client.get("/warehouse/team/").content.decode()
    assert ">ann<" in every
    assert ">mei<" in every
    wall = client.get("/warehouse/team/?wall=1").content.decode()
    assert ">ann<" not in wall
    part = client.get("/warehouse/team/", headers={"HX-Request": "true", "HX-Target": "board"}).content.decode()
    assert "<html" not in part
    # 3 wrong of 52.
    assert "94" in wall


def test_the_api_lists_counts_asks_for_one_and_gives_labels() -> None:
    make_bins()
    caller = call_as()
    first = caller.post("/counts", {"place": KEELUNG, "bin": "A01"}, key="one")
    again = caller.post("/counts", {"place": KEELUNG, "bin": "A01"}, key="two")
    assert (first.status, again.status) == (201, 200)
    assert (first.body["is_new"], again.body["is_new"]) == (True, False)
    listed = caller.get("/counts", tab="due", place=KEELUNG)
    assert [(one["bin"], one["state"], one["difference_units"]) for one in listed.body["items"]] == [
        ("A01", "open", None)
    ]
    assert caller.post("/counts", {"place": KEELUNG, "bin": "Z99"}, key="three").code == "warehouse.unknown_bin"
    zpl = caller.get("/bin-labels", place=KEELUNG, bins="A02", file="zpl", form="roll").body["zpl"]
    assert zpl.count("^FDA02^FS") == 1
    assert caller.get("/bin-labels", place=KEELUNG, bins="Z99").code == "labels.nothing_to_print"
    assert CountEntry.objects.count() == 0
