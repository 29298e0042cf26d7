"""`reorder replay` as a merchant types it."""

import json

import pytest
import typer
from typer.testing import CliRunner

from reorder.cli import replay

pytestmark = pytest.mark.usefixtures("shop")


def test_the_command_prints_a_table_that_fits_and_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-22T18:30:00+00:00")
    app = typer.Typer()
    replay.register(app)
    words = ["--from", "2026-10-15", "--to", "2026-11-04", "--every", "10"]

    said = CliRunner().invoke(app, words).stdout
    document = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)

    assert "Replay of 2 nights, 2026-10-15 to 2026-11-04" in said
    assert "No night saw anything of its future" in said
    assert "No purchase order was placed in these days" in said
    assert max(len(line) for line in said.splitlines()[:16]) <= 80
    assert [night["as_of"] for night in document["nights"]] == ["2026-10-15", "2026-10-25"]
    assert document["suspicious_nights"] == []
    assert document["stock"]["series"] > 0
