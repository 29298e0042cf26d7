"""Orders in the terminal: listed, looked at, released, held and cancelled."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from django.conf import LazySettings
from typer.testing import CliRunner

from reorder.cli import orders
from reorder.cli.orders import BadOrderList, OrderAmbiguous, OrderNotFound
from reorder.domain.orders.models import Order
from tests.factories.order_life import LATER, placed, state_of
from tests.factories.placing import order_of, place, stock_up

pytestmark = pytest.mark.django_db(transaction=True)

Reorder = Callable[..., str]


@pytest.fixture
def reorder(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reorder:
    settings.HOME = tmp_path
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("REORDER_CLOCK", LATER.isoformat())
    app = typer.Typer()
    orders.register(app)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["orders", *words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    return run


def test_orders_are_listed_by_what_is_next(reorder: Reorder) -> None:
    stock_up(units=10)
    placed(("OOLONG-150", 1), external_id="A-1")
    placed(("OOLONG-150", 2), external_id="A-2", payment="unpaid")

    assert [row["external_id"] for row in json.loads(reorder("--json"))] == ["A-2", "A-1"]
    assert [row["external_id"] for row in json.loads(reorder("--state", "payment", "--json"))] == ["A-2"]
    assert "A-1  林美玲" in reorder("--state", "release")
    assert reorder("--state", "shipped") == "No order is like this.\n"
    with pytest.raises(BadOrderList):
        reorder("--state", "lost")


def test_one_order_tells_what_happened_to_it(reorder: Reorder) -> None:
    stock_up(units=10)
    placed(("OOLONG-150", 2), external_id="A-1")
    reorder("hold", "A-1", "--note", "call first", "--by", "mei")
    reorder("unhold", "A-1", "--by", "mei")
    said = reorder("release", "A-1", "--by", "mei")
    shown = reorder("show", "A-1")

    assert said == "1 order is released.\n"
    assert [event["kind"] for event in json.loads(reorder("show", "A-1", "--json"))["events"]] == [
        "placed",
        "allocated",
        "held",
        "unheld",
        "released",
    ]
    assert "KEELUNG  To be picked" in shown
    assert "Released to the warehouse." in shown


def test_orders_that_cannot_go_say_why(reorder: Reorder) -> None:
    stock_up(units=10)
    placed(("OOLONG-150", 1), external_id="A-1")
    placed(("OOLONG-150", 1), external_id="A-2", payment="unpaid")

    said = reorder("release", "A-1", "A-2", "--by", "mei")

    assert said.splitlines() == [
        "1 order is released.",
        "Order A-2 is held (waits for payment); releasing is not possible before somebody lets it go.",
    ]


def test_an_order_is_cancelled_once_and_its_money_goes_back(reorder: Reorder) -> None:
    stock_up(units=10)
    order_id = placed(("OOLONG-150", 1), external_id="A-1")

    first = reorder("cancel", "A-1", "--reason", "ordered twice", "--by", "mei")
    second = reorder("cancel", "A-1", "--by", "mei")

    assert first.splitlines() == ["A-1 is cancelled.", "What was paid is to be refunded; the worker sees to it."]
    assert second == "A-1 was cancelled before.\n"
    assert state_of(order_id) == "cancelled"


def test_an_order_is_named_by_its_number_and_its_channel_where_two_have_it(reorder: Reorder) -> None:
    stock_up(units=10)
    place(order_of(("OOLONG-150", 1)), channel="shop")
    place(order_of(("OOLONG-150", 2)), channel="market")

    with pytest.raises(OrderNotFound):
        reorder("show", "Z-9")
    with pytest.raises(OrderAmbiguous):
        reorder("cancel", "A-1", "--by", "mei")
    reorder("cancel", "market:A-1", "--by", "mei")

    assert dict(Order.objects.values_list("channel", "state")) == {"shop": "allocated", "market": "cancelled"}
