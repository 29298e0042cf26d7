"""The second person and ordering without a person, from the terminal."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from django.conf import LazySettings
from typer.testing import CliRunner

from reorder.cli import buying, ordering
from reorder.cli.ordering import BadSwitch
from reorder.domain.planning.models import Run
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.errors import OwnOrder
from reorder.domain.purchasing.models import Offer, Proposal, PurchaseOrder, Supplier
from reorder.domain.purchasing.operations import NewBuyingPolicy
from reorder.domain.purchasing.queries import get_buying_policy
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.inventory import incoming_at, make_place
from tests.factories.purchasing import MONDAY, MONDAY_MORNING, make_offer, make_supplier, propose

pytestmark = pytest.mark.django_db
Reorder = Callable[..., str]


@pytest.fixture
def reorder(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reorder:
    settings.HOME = tmp_path
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-23T01:30:00")
    app = typer.Typer()
    buying.register(app)
    ordering.register(app)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    make_place()
    make_supplier()
    make_product()
    make_offer()
    propose(("OOLONG-150", 12))
    return run


def limit(minor: int) -> None:
    policy = NewBuyingPolicy(approval_limit_minor=minor, is_automatic_stopped=False, usual_ratio=3.0)
    operations.set_buying_policy(policy=policy, seen=get_buying_policy().fingerprint, decided_by="owner")


def test_an_order_above_the_limit_waits_until_another_releases_it(reorder: Reorder) -> None:
    limit(1_000_00)
    said = reorder("approve", "--all", "--by", "mei")
    number = PurchaseOrder.objects.get().number
    assert f"above the limit, another must agree: reorder release {number}" in said
    assert number in reorder("orders")
    with pytest.raises(OwnOrder):
        reorder("release", number, "--by", "mei")
    assert incoming_at(sku="OOLONG-150") == 0
    assert f"{number} is ordered, expected 2026-11-28." in reorder("release", number, "--by", "chen")
    assert incoming_at(sku="OOLONG-150") == 12


def test_a_refusal_opens_the_proposals_again(reorder: Reorder) -> None:
    limit(0)
    reorder("approve", "--all", "--by", "mei")
    order = PurchaseOrder.objects.get()
    assert "its proposals are open again" in reorder("refuse", order.number, "--by", "chen", "--reason", "too much")
    order.refresh_from_db()
    assert (order.state, order.second_reason) == ("refused", "too much")
    assert Proposal.objects.get().state == "open"


def test_automatic_tells_what_was_left_and_is_stopped_and_released(reorder: Reorder) -> None:
    Supplier.objects.update(automatic_limit_minor=50_000_00)
    Run.objects.create(
        kind="night", as_of_date=MONDAY, state="succeeded", started_at=MONDAY_MORNING, finished_at=MONDAY_MORNING
    )
    restock.order_automatically(moment=MONDAY_MORNING)
    said = " ".join(reorder("automatic").split())
    assert "Suppliers that are ordered from without a person: ALISHAN" in said
    assert "OOLONG-150: It was never ordered before: a person orders it the first time." in said
    assert "Stopped: nothing is ordered without a person." in reorder("automatic", "--stop", "--by", "mei")
    document = json.loads(reorder("automatic", "--json"))
    assert (document["is_stopped"], document["checks"][0]["outcome_code"]) == (True, "automatic.nothing")
    assert "Not stopped." in reorder("automatic", "--go")
    with pytest.raises(BadSwitch):
        reorder("automatic", "--go", "--stop")


def test_proposals_say_cases(reorder: Reorder) -> None:
    Offer.objects.update(order_unit="case", order_unit_units=6, order_unit_cost_minor=1_000_00)
    Proposal.objects.update(order_unit="case", order_unit_units=6, order_unit_cost_minor=1_000_00)
    said = reorder("proposals")
    assert "2 × case (12) units from ALISHAN" in said
    assert "2,000.00 TWD" in said
