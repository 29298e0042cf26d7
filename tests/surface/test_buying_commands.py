"""Buying from the terminal: what a buyer types, and what comes back."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from django.conf import LazySettings
from typer.testing import CliRunner

from reorder.cli import buying
from reorder.domain.purchasing.errors import BadCount, UnknownProposal, UnknownPurchaseOrder, UnknownSupplier
from reorder.domain.purchasing.models import PurchaseOrder
from reorder.domain.purchasing.queries import list_open_proposals
from tests.factories.catalog import make_product
from tests.factories.inventory import incoming_at, make_place, stock_at
from tests.factories.purchasing import make_offer, make_supplier, propose

pytestmark = pytest.mark.django_db

Reorder = Callable[..., str]


@pytest.fixture
def reorder(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reorder:
    settings.HOME = tmp_path
    monkeypatch.setenv("COLUMNS", "250")
    app = typer.Typer()
    buying.register(app)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    return run


@pytest.fixture
def oolong_proposal() -> int:
    make_place()
    make_supplier()
    make_product()
    make_offer()
    return propose(("OOLONG-150", 12))[0]


def test_proposals_show_units_money_and_the_reason(reorder: Reorder, oolong_proposal: int) -> None:
    shown = reorder("proposals")

    lines = [line.strip() for line in shown.splitlines()]
    title = next(number for number, line in enumerate(lines) if "(OOLONG-150)" in line)
    assert lines[title].split()[0] == str(oolong_proposal)
    assert "2,400.00 TWD" in lines[title + 1]
    assert lines[title + 2].startswith("Stock position 3 is at or below the reorder point 10")
    assert "Alishan Tea Farm" in shown


def test_proposals_can_be_read_by_a_machine(reorder: Reorder, oolong_proposal: int) -> None:
    (row,) = json.loads(reorder("proposals", "--json"))

    assert (row["id"], row["sku"], row["supplier_code"], Decimal(row["units"])) == (
        oolong_proposal,
        "OOLONG-150",
        "ALISHAN",
        12,
    )
    assert row["reason"].startswith("Stock position 3")


def test_no_proposals_say_where_they_come_from(reorder: Reorder) -> None:
    assert "reorder plan" in reorder("proposals")
    assert json.loads(reorder("proposals", "--json")) == []


def test_the_whole_way_from_proposal_to_stock(reorder: Reorder, oolong_proposal: int) -> None:
    approved = reorder("approve", str(oolong_proposal), "--by", "mei")
    number = PurchaseOrder.objects.get(placed_by="mei").number
    assert f"{number}: 1 lines, 2,400.00 TWD, Alishan Tea Farm → KEELUNG" in approved
    assert number in reorder("orders")

    half = reorder("receive", number, "--line", "OOLONG-150=5", "--note", "LS-881")
    assert "OOLONG-150: 7 still to come" in half
    again = reorder("receive", number, "--line", "OOLONG-150=5", "--note", "LS-881")
    assert "nothing changed" in again
    assert (incoming_at(sku="OOLONG-150"), stock_at(sku="OOLONG-150")) == (7, 5)

    whole = reorder("receive", number, "--line", "OOLONG-150=8")
    assert "now received" in whole
    assert "OOLONG-150: 1 more than ordered" in whole
    assert (incoming_at(sku="OOLONG-150"), stock_at(sku="OOLONG-150")) == (0, 13)
    assert "No open purchase orders" in reorder("orders")
    assert "received" in reorder("orders", "--all")


def test_a_supplier_or_everything_can_be_approved_at_once(reorder: Reorder, oolong_proposal: int) -> None:
    assert "1 lines" in reorder("approve", "--supplier", "ALISHAN")

    make_product(sku="MATCHA-30")
    make_offer(sku="MATCHA-30")
    propose(("MATCHA-30", 4))
    assert "1 lines" in reorder("approve", "--all")
    assert PurchaseOrder.objects.count() == 2


def test_a_dismissed_proposal_is_gone_from_the_list(reorder: Reorder, oolong_proposal: int) -> None:
    assert "1 proposals dismissed" in reorder("dismiss", str(oolong_proposal))
    assert list_open_proposals() == []


def test_one_order_shows_its_lines_and_writes_its_file_again(
    reorder: Reorder, oolong_proposal: int, tmp_path: Path
) -> None:
    reorder("approve", "--all")
    number = PurchaseOrder.objects.get().number
    file = tmp_path / "purchase-orders" / f"{number}.csv"

    shown = reorder("orders", number)

    assert "Oolong 150 g" in shown
    assert file.exists()
    (order,) = json.loads(reorder("orders", number, "--json"))
    assert (order["state"], order["lines"][0]["sku"]) == ("placed", "OOLONG-150")


def test_a_cancelled_order_says_what_no_longer_comes(reorder: Reorder, oolong_proposal: int) -> None:
    reorder("approve", "--all")

    shown = reorder("cancel", PurchaseOrder.objects.get().number)

    assert "OOLONG-150  12" in shown
    assert incoming_at(sku="OOLONG-150") == 0


def test_suppliers_are_listed_with_their_terms(reorder: Reorder) -> None:
    assert "reorder import" in reorder("suppliers")

    make_supplier(order_weekdays=(2, 5))

    line = next(line for line in reorder("suppliers").splitlines() if "ALISHAN" in line)
    assert "orders@alishan.example" in line
    assert "2, 5" in line


@pytest.mark.parametrize("words", [["approve"], ["approve", "1", "--all"], ["approve", "--all", "--supplier", "A"]])
def test_an_unclear_choice_orders_nothing(reorder: Reorder, oolong_proposal: int, words: list[str]) -> None:
    with pytest.raises(buying.BadChoice):
        reorder(*words)

    assert PurchaseOrder.objects.count() == 0


@pytest.mark.parametrize("text", ["OOLONG-150", "OOLONG-150=", "=5", "OOLONG-150=a few"])
def test_an_unreadable_line_is_quoted(reorder: Reorder, text: str) -> None:
    with pytest.raises(buying.BadLine, match="Write SKU=UNITS"):
        reorder("receive", "PO-2026-000001", "--line", text)


def test_unknown_things_are_named(reorder: Reorder, oolong_proposal: int) -> None:
    with pytest.raises(UnknownProposal, match="424242"):
        reorder("approve", "424242")
    with pytest.raises(UnknownProposal, match="424242"):
        reorder("dismiss", "424242")
    with pytest.raises(UnknownSupplier, match="NOBODY"):
        reorder("proposals", "--supplier", "NOBODY")
    with pytest.raises(UnknownPurchaseOrder, match="PO-1999-000001"):
        reorder("receive", "PO-1999-000001")
    with pytest.raises(UnknownPurchaseOrder):
        reorder("cancel", "PO-1999-000001")
    reorder("approve", "--all")
    with pytest.raises(BadCount, match="-3 units"):
        reorder("receive", PurchaseOrder.objects.get().number, "--line", "OOLONG-150=-3")


def test_a_product_counted_twice_is_summed() -> None:
    assert buying.parse_lines(["OOLONG-150=5", "OOLONG-150=2.5", "A=B=1"]) == {
        "OOLONG-150": Decimal("7.5"),
        "A=B": Decimal(1),
    }
