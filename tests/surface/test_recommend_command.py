"""`reorder recommend`: the list with reasons, as a table and as JSON."""

import json

import pytest
import typer
from typer.testing import CliRunner

from reorder.cli import recommend
from reorder.domain.catalog.models import Product
from reorder.domain.customers.errors import UnknownCustomer
from tests.factories.customers import NOW
from tests.factories.messaging import make_customer
from tests.factories.recommending import recommended

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW)


def run(*words: str) -> str:
    app = typer.Typer()
    recommend.register(app)
    app.command("other")(lambda: None)
    result = CliRunner().invoke(app, ["recommend", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_a_list_is_shown_with_reasons_and_what_was_left_out() -> None:
    recommended(skus=["OOLONG-150", "MATCHA-30"])
    Product.objects.filter(sku="MATCHA-30").update(state="discontinued")

    said = " ".join(run("mei").split())

    assert "Likely next basket of Mei, from 2026-11-22 on" in said
    assert "OOLONG-150" in said
    assert "Left out: 0 out of stock, 1 discontinued, 0 of sensitive categories." in said


def test_the_same_as_json() -> None:
    recommended(skus=["OOLONG-150"])

    document = json.loads(run("mei", "--json"))

    assert (document["customer"], document["method"], document["as_of_date"]) == ("mei", "learned", "2026-11-22")
    assert document["items"][0]["reason"] == "Bought 6 times, usually every 24 days, last on 2026-10-26."


def test_who_was_not_ranked_is_told_how_to_be() -> None:
    make_customer(key="new")

    assert "Not ranked yet" in run("new")
    assert "There is no model of baskets yet" in run("new", "--again")
    assert json.loads(run("new", "--json"))["items"] == []


def test_an_unknown_customer_is_an_error() -> None:
    with pytest.raises(UnknownCustomer):
        run("nobody")
