"""Answers, rates and scorecards from the terminal."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from django.conf import LazySettings
from typer.testing import CliRunner

from reorder.cli import buying, following
from reorder.cli.buying import BadFault
from reorder.cli.following import BadAnswerChoice, BadAnswerLine, BadRateLine
from reorder.domain.purchasing.errors import BadAnswer, BadRate
from tests.factories.following import receive, two_teas_ordered
from tests.factories.inventory import incoming_at, stock_at
from tests.factories.purchasing import make_supplier
from tests.factories.x12 import x12_answer

pytestmark = pytest.mark.django_db
Reorder = Callable[..., str]


@pytest.fixture
def reorder(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reorder:
    settings.HOME = tmp_path
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-24T01:30:00")
    app = typer.Typer()
    buying.register(app)
    following.register(app)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    return run


def test_an_answer_is_recorded_line_by_line_and_counts_once(reorder: Reorder) -> None:
    order = two_teas_ordered()
    words = ["acknowledge", order.number, "--line", "OOLONG-150=9@205@2026-12-02", "--reference", "S-778"]
    said = reorder(*words)
    assert f"{order.number}: answer recorded, placed, expected 2026-12-02." in said
    assert "OOLONG-150  changed  9  3 will not come  2026-12-02" in said
    assert "recorded before; nothing changed" in reorder(*words)
    assert incoming_at(sku="OOLONG-150") == 9


def test_a_day_alone_moves_every_line(reorder: Reorder) -> None:
    order = two_teas_ordered()
    assert "expected 2026-12-05" in reorder("acknowledge", order.number, "--day", "2026-12-05")


def test_an_855_file_is_recorded(reorder: Reorder, tmp_path: Path) -> None:
    order = two_teas_ordered()
    file = tmp_path / "answer.x12"
    file.write_bytes(x12_answer(kind="AK").replace(b"PO-2026-000123", order.number.encode()))
    assert "MATCHA-30  accepted  8" in reorder("acknowledge", "--edi", str(file))


@pytest.mark.parametrize("line", ["OOLONG-150", "=3", "OOLONG-150=x", "OOLONG-150=3@@2.12."])
def test_a_line_that_cannot_be_read_says_how_to_write_it(reorder: Reorder, line: str) -> None:
    order = two_teas_ordered()
    with pytest.raises(BadAnswerLine, match="SKU=UNITS"):
        reorder("acknowledge", order.number, "--line", line)


def test_what_cannot_be_is_refused(reorder: Reorder) -> None:
    order = two_teas_ordered()
    with pytest.raises(BadAnswer):
        reorder("acknowledge", order.number, "--line", "OOLONG-150=99")
    with pytest.raises(BadAnswerChoice):
        reorder("acknowledge")
    with pytest.raises(BadRateLine):
        reorder("rates", "USD")
    with pytest.raises(BadRate):
        reorder("rates", "USD=-1")
    with pytest.raises(BadFault):
        reorder("receive", order.number, "--fault", "OOLONG-150=2")


def test_faulty_units_are_not_taken(reorder: Reorder) -> None:
    order = two_teas_ordered()
    reorder("receive", order.number, "--fault", "OOLONG-150=damaged:2")
    assert (stock_at(sku="OOLONG-150"), incoming_at(sku="OOLONG-150")) == (10, 2)


def test_one_line_is_cancelled(reorder: Reorder) -> None:
    order = two_teas_ordered()
    said = reorder("cancel", order.number, "--line", "MATCHA-30")
    assert f"{order.number} is now placed. No longer expected:" in said
    assert "MATCHA-30  8" in said


def test_rates_are_saved_and_shown(reorder: Reorder) -> None:
    assert "no rate is needed" in reorder("rates")
    make_supplier(code="UJI", currency="JPY")
    assert "no rate" in reorder("rates")
    assert "1 rates saved." in reorder("rates", "JPY=0.21", "--source", "Bank of Taiwan")
    (row,) = json.loads(reorder("rates", "--json"))
    assert (row["currency"], row["suppliers_count"]) == ("JPY", 1)


def test_a_scorecard_says_how_a_supplier_keeps_its_word(reorder: Reorder) -> None:
    receive(two_teas_ordered(), day=23)
    said = reorder("scorecard")
    assert "ALISHAN  Alishan Tea Farm" in said
    assert "on time 100% · filled 100% · half within 0 days" in said
    (card,) = json.loads(reorder("scorecard", "ALISHAN", "--json"))
    assert (card["on_time_share"], card["received_lines"]) == (1.0, 2)
