"""`reorder backtest` as a merchant types it."""

import json
from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner

from reorder.cli import backtest
from reorder.flows.backtest.running import NothingFromThatDay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]

Reorder = Callable[..., str]


@pytest.fixture
def reorder(monkeypatch: pytest.MonkeyPatch) -> Reorder:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-22T18:30:00+00:00")
    app = typer.Typer()
    backtest.register(app)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, ["backtest", *words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.stdout

    return run


def test_the_figures_fit_a_narrow_terminal(reorder: Reorder) -> None:
    said = reorder("--cuts", "2")

    assert "Within 30 days of: 2026-09-01, 2026-10-01" in said.splitlines()
    for head in ("evidence", "in 80%", "days off", "log loss", "concordance", "foretold", "realised"):
        assert head in said
    assert "Model: layer" in said
    tables = [line for line in said.splitlines() if line.startswith(("all ", "pair ", "mean gap "))]
    assert len(tables) == 6
    assert max(len(line) for line in tables) <= 80


def test_the_document_holds_the_same_figures(reorder: Reorder) -> None:
    found = json.loads(reorder("--cuts", "1", "--json"))

    assert found["horizon_days"] == 30
    assert [month["cut_date"] for month in found["months"]] == ["2026-10-01"]
    assert found["levels"]["all"]["bought_count"] == found["months"][0]["bought_count"]
    assert found["naive"]["pairs_count"] == found["levels"]["pair"]["pairs_count"]


def test_a_day_too_late_to_be_judged_is_an_error_that_says_which_is_not(reorder: Reorder) -> None:
    with pytest.raises(NothingFromThatDay) as raised:
        reorder("--from", "2027-01-01")
    assert str(raised.value) == (
        "No day from 2027-01-01 on can be judged yet: the horizon of 30 days must be over. The latest day that can be "
        "is 2026-10-01."
    )
