"""A day in the warehouse in a real browser: received, put away, waved, picked, packed, labelled, shipped, returned, counted.

The goods stand in a warehouse of their own. Everything goes by scans of a handheld of 390 px and clicks at the desk; at
the end the ledgers agree with what they sum to, and every document can be read.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Site, Visitor
from tests.browser.test_floor import wait_for_empty_queue, wedge
from tests.factories.day import DAY_PLACE, OIL_GTIN, TEA_GTIN
from tests.factories.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
OIL_LABEL = f"]C101{OIL_GTIN:0>14}1727123110L7"
WEDGED_PLACE = f"button[name=place][value={DAY_PLACE}]"


def prepare(site: Site, what: str) -> Any:
    """What the factory of the day makes in the served shop."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.factories.day", what],
        env=site.shop.environment() | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout.splitlines()[-1])


class Handheld:
    """A phone at the warehouse of the day."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        visitor.open("/floor/?places")
        self.page.locator(WEDGED_PLACE).click()
        self.page.wait_for_url("**/floor/")

    def open(self, work: str, task: object) -> None:
        self.visitor.open(f"/floor/{work}/{task}/")
        expect(self.page.locator("#prompt")).not_to_be_empty()

    def scan(self, code: str, said: str, *, units: str = "", bin_code: str = "") -> None:
        """Scan, give units and a bin where they are asked for, and read the answer."""
        wedge(self.page, code)
        if units:
            expect(self.page.locator("#units")).to_be_visible()
            wedge(self.page, units)
        if bin_code:
            expect(self.page.locator("#said")).to_contain_text("Now scan the bin.")
            wedge(self.page, bin_code)
        expect(self.page.locator("#said")).to_contain_text(said)

    def press(self, name: str, said: str) -> None:
        self.page.get_by_role("button", name=name).click()
        expect(self.page.locator("#said")).to_contain_text(said)

    def tasks(self, work: str) -> list[str]:
        """The tasks of a work, by their numbers in the address."""
        self.visitor.open(f"/floor/{work}/")
        links = self.page.locator(f"main a[href^='/floor/{work}/']").evaluate_all(
            "all => all.map(one => one.getAttribute('href'))"
        )
        return [str(link).rstrip("/").rpartition("/")[2] for link in links]

    def plan(self, work: str, task: object) -> dict[str, Any]:
        return dict(self.page.request.get(f"{self.visitor.site.base}/floor/plan/{work}/{task}/").json()["plan"])

    def left(self, work: str, task: object) -> list[dict[str, Any]]:
        plan = self.plan(work, task)
        return [step for step in plan["steps"] if step["id"] not in plan["done_steps"]]

    def work_through(self, work: str, task: object) -> None:
        """Do what the plan says, a step at a time, until nothing is left."""
        for step in self.left(work, task):
            expect(self.page.locator("#prompt")).to_have_text(step["prompt"])
            wedge(self.page, step["expect"][0] if step["expect"] else step["units"])
            if step["needs"]:
                expect(self.page.locator("#units")).to_be_visible()
                wedge(self.page, step["units"])
        expect(self.page.locator("#onward")).to_be_visible()
        wait_for_empty_queue(self.page)


def test_a_day_in_the_warehouse(site: Site, visit: Callable[..., Visitor]) -> None:
    order_number = prepare(site, "hall")["purchase_order"]
    phone = Handheld(visit(role="warehouse", size=PHONE))
    receive(phone, order_number)
    put_away(phone)
    orders = prepare(site, "orders")
    desk = visit(role="owner", size=DESK)

    wave = release_wave(desk, site)
    pick(phone)
    pack(phone, site)
    parcels = ship(phone, desk, site)
    deliver(desk, site, order_id=orders["DAY-2"])
    follow(desk, site, order_id=orders["DAY-2"])
    back = give_back(phone, desk, order_id=orders["DAY-2"])
    count(phone, Handheld(visit(role="owner", size=PHONE)), desk)

    assert prepare(site, "books") == {"levels": [], "bins": []}
    parcel, tracking = parcels[0]
    read_documents(
        desk,
        sheets={
            f"{wave}print/?language=zh-hant": "全部揀完",
            f"/orders/{orders['DAY-1']}/print/slip/": "DAY-OIL",
            f"/warehouse/parcels/{parcel}/label.pdf": tracking,
            f"/warehouse/shipping/manifests/{manifest_of(site)}/print/": tracking,
            f"/warehouse/labels/bins/?place={DAY_PLACE}&codes=T-01-1&form=sheet&file=pdf&language=zh-hant": "T-01-1",
            f"{back}slip/": "RMA",
            f"/buying/orders/{order_number}/file/": order_number,
        },
    )
    # The Wi-Fi gap is ours.
    assert [fault for fault in phone.visitor.faults if "ERR_INTERNET_DISCONNECTED" not in fault] == []
    assert desk.faults == []


def manifest_of(site: Site) -> str:
    return str(site.shop.ask(f"SELECT number FROM shipping_manifest WHERE number LIKE 'M-{DAY_PLACE}-%'")[0][0])


def receive(phone: Handheld, order_number: str) -> None:
    """24 tea and 12 oil were ordered; a strange box is among them, and two tea too many."""
    phone.open("receive", order_number)
    phone.scan("09521234543213", "Nothing here has the code 09521234543213")
    phone.scan(TEA_GTIN, "2 more than ordered", units="26")
    phone.press("Take all 26 in", "26 × DAY-TEA taken in, 2 more than ordered.")
    phone.scan(OIL_LABEL, "12 × DAY-OIL taken in. All of it is here.", units="12")


def put_away(phone: Handheld) -> None:
    """Tea into two bins, oil into one; goods for a bin of another warehouse stay where they are."""
    tea, oil = sorted(phone.tasks("put_away"))
    phone.open("put_away", tea)
    phone.scan(TEA_GTIN, "20 units of DAY-TEA are in T-01-1.", units="20", bin_code="T-01-1")
    phone.scan(TEA_GTIN, "6 units of DAY-TEA are in T-02-1; all of it is put away.", units="6", bin_code="T-02-1")
    phone.open("put_away", oil)
    phone.scan(OIL_LABEL, "12 units of DAY-OIL are in T-03-1", units="12", bin_code="T-03-1")
    assert phone.tasks("put_away") == []


def release_wave(desk: Visitor, site: Site) -> str:
    """Three orders, in one wave of two batches; the walk is on the floor plan. Returns the wave's address."""
    desk.open(f"/warehouse/waves/?place={DAY_PLACE}")
    desk.page.get_by_role("button", name="Release this wave").first.click()
    desk.page.wait_for_url(re.compile(r"/warehouse/waves/\d+/$"))
    site.shop.say("work", "--once")
    desk.page.reload(wait_until="networkidle")
    expect(desk.page.locator("main")).to_contain_text("Metres saved against location-name order")
    expect(desk.page.locator("main svg[role=img]").first).to_be_visible()
    address = desk.page.url.removeprefix(site.base)
    read_documents(desk, sheets={f"{address}print/?language={language}": "DAY-TEA" for language in ("en", "zh-hant")})
    return address


def pick(phone: Handheld) -> None:
    """The singles with a wrong bin, a wrong product and too little tea; the cart through a Wi-Fi gap."""
    singles, cart = sorted(phone.tasks("pick"), key=int)
    phone.open("pick", singles)
    phone.scan("T-02-1", "T-01-1")
    expect(phone.page.locator("#said.is-wrong")).to_be_visible()
    phone.scan("T-01-1", "Bin T-01-1: right.")
    phone.scan(OIL_GTIN, "DAY-TEA")
    expect(phone.page.locator("#said.is-wrong")).to_be_visible()
    phone.scan(TEA_GTIN, "Only 1 of 3 × DAY-TEA here?", units="1")
    phone.press("Yes, no more here", "2 × DAY-TEA are not here. Go on to bin T-02-1.")
    phone.work_through("pick", singles)

    phone.open("pick", cart)
    phone.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    left = phone.left("pick", cart)
    phone.page.context.set_offline(True)
    for step in left:
        wedge(phone.page, step["expect"][0])
        if step["needs"]:
            expect(phone.page.locator("#units")).to_be_visible()
            wedge(phone.page, step["units"])
    expect(phone.page.locator("#badge")).to_have_text(f"{len(left)} waiting")
    phone.page.context.set_offline(False)
    wait_for_empty_queue(phone.page)
    wait_until(lambda: phone.tasks("pick") == [], what="the end of picking", timeout_seconds=30, pause_seconds=0.5)


def pack(phone: Handheld, site: Site) -> None:
    """Three parcels, each in the smallest carton; a product that does not belong is refused."""
    for number, task in enumerate(phone.tasks("pack")):
        phone.open("pack", task)
        if not number:
            phone.scan("S", "Carton S.")
            phone.scan("09521234543213", "09521234543213")
            expect(phone.page.locator("#said.is-wrong")).to_be_visible()
        phone.work_through("pack", task)
    rows = site.shop.ask(
        f"""SELECT parcel.carton_code FROM shipping_parcel AS parcel JOIN inventory_place AS place
            ON place.id = parcel.place_id WHERE place.code = '{DAY_PLACE}'"""
    )
    assert rows == [("S",)] * 3


def ship(phone: Handheld, desk: Visitor, site: Site) -> list[tuple[int, str]]:
    """Labels are bought once each; every parcel is scanned into its cage, and the driver takes it."""
    site.shop.say("work", "--once")
    parcels = site.shop.ask(
        f"""SELECT parcel.id, parcel.tracking_number FROM shipping_parcel AS parcel
            JOIN inventory_place AS place ON place.id = parcel.place_id WHERE place.code = '{DAY_PLACE}' ORDER BY 1"""
    )
    assert len({tracking for _, tracking in parcels if tracking}) == 3
    phone.open("ship", "dock")
    for number, (_, tracking) in enumerate(parcels, start=1):
        phone.scan(tracking, f"{number} on M-{DAY_PLACE}-")
    desk.open("/warehouse/shipping/manifests/")
    desk.page.locator(f"main a[href*='M-{DAY_PLACE}-']").first.click()
    desk.page.get_by_role("button", name="The driver has it").click()
    expect(desk.page.locator("main")).to_contain_text("Closed")
    return [(int(number), str(tracking)) for number, tracking in parcels]


def parcel_of(site: Site, *, order_id: int) -> int:
    return int(site.shop.ask(f"SELECT id FROM shipping_parcel WHERE order_id = {order_id}")[0][0])


def deliver(desk: Visitor, site: Site, *, order_id: int) -> None:
    desk.open(f"/warehouse/shipping/parcels/{parcel_of(site, order_id=order_id)}/")
    page = desk.page
    page.get_by_text("Write down what happened").first.click()
    page.locator("select[name=state]").select_option("delivered")
    page.locator("input[name=happened_at]").fill("2026-11-23T03:00")
    page.locator("form[action$='/note/'] button").click()
    page.wait_for_load_state("networkidle")
    assert site.shop.ask(f"SELECT state FROM orders_order WHERE id = {order_id}") == [("delivered",)]


def follow(desk: Visitor, site: Site, *, order_id: int) -> None:
    """The customer's page, opened by somebody who is not signed in: steps, no address."""
    desk.open(f"/warehouse/shipping/parcels/{parcel_of(site, order_id=order_id)}/")
    desk.page.get_by_role("button", name="Link for the customer").click()
    link = desk.page.locator("main").get_by_text("/t/").first.inner_text()
    path = link[link.index("/t/") :].split()[0]
    answer = desk.page.request.get(site.base + path)
    assert answer.status == 200
    assert "松仁路" not in answer.text()


def give_back(phone: Handheld, desk: Visitor, *, order_id: int) -> str:
    """Two of three tea come back as new, go into stock again, and their money goes back; the return's address."""
    page = desk.page
    desk.open(f"/returns/new/{order_id}/")
    page.locator("input[name^='units-']").first.fill("2")
    page.get_by_role("button", name="Open the return").click()
    page.wait_for_url(re.compile(r"/returns/\d+/$"))
    address = page.url.removeprefix(desk.site.base)
    page.locator("textarea[name=answer-word]").fill("Send it to us.")
    page.get_by_role("button", name="Accept the return").click()
    page.wait_for_load_state("networkidle")

    task = address.rstrip("/").rpartition("/")[2]
    phone.open("return", task)
    phone.scan(TEA_GTIN, "2 × DAY-TEA taken in, kept apart until it is graded.", units="2")
    phone.press("The parcel is empty", "is received. Say how the goods are.")
    expect(phone.page.locator("#prompt")).to_have_text("How is DAY-TEA? 2 units")
    phone.press("A · As new", "is inspected.")

    desk.open(address)
    page.locator("form[action$='/settle'] button").first.click()
    page.wait_for_load_state("networkidle")
    assert desk.site.shop.ask(f"SELECT refunded_minor > 0 FROM orders_order WHERE id = {order_id}") == [(True,)]
    (tea,) = phone.tasks("put_away")
    phone.open("put_away", tea)
    phone.scan(TEA_GTIN, "2 units of DAY-TEA are in T-02-1; all of it is put away.", units="2", bin_code="T-02-1")
    return address


def count(phone: Handheld, other: Handheld, desk: Visitor) -> None:
    """The short pick asked for a count: three fewer than the books say, counted twice, approved at the desk."""
    (task,) = phone.tasks("count")
    counted(phone, task, "Somebody else will count it once more.")
    counted(other, task, "")
    page, site = desk.page, desk.site
    desk.open(f"/warehouse/counts/{task}/")
    page.get_by_role("button", name="Approve and book").click()
    page.wait_for_load_state("networkidle")
    assert site.shop.ask(f"SELECT state FROM warehouse_counttask WHERE id = {task}") == [("approved",)]
    assert in_bin(site, "T-01-1") == 14


def counted(phone: Handheld, task: str, said: str) -> None:
    phone.open("count", task)
    phone.scan("T-01-1", "")
    phone.scan(TEA_GTIN, "14 of DAY-TEA", units="14")
    phone.press("Everything is counted", said)
    expect(phone.page.locator("#onward")).to_be_visible()


def in_bin(site: Site, code: str) -> int:
    rows = site.shop.ask(
        f"""SELECT sum(stock.units)::int FROM warehouse_binstock AS stock
            JOIN warehouse_bin AS bin ON bin.id = stock.bin_id WHERE bin.code = '{code}'"""
    )
    return int(rows[0][0])


def read_documents(desk: Visitor, *, sheets: dict[str, str]) -> None:
    """Every sheet of the day opens and says what it is about."""
    for path, word in sheets.items():
        answer = desk.page.request.get(desk.site.base + path)
        assert answer.status == 200, f"{path}: {answer.status}"
        document = pdfium.PdfDocument(answer.body())
        text = "".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
        assert word in text, f"{path}: {text[:300]}"
