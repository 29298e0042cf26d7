"""Tables stay readable on a narrow terminal."""

import pytest
from rich.console import Console

from reorder.cli import screen


def test_a_narrow_table_folds_names_and_keeps_numbers_and_days_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(width=60, highlight=False)
    monkeypatch.setattr(screen, "console", console)
    row = ["PO-2026-000001", "Alishan Tea Farm and Sons, Limited", "2026-11-24", "2026-11-29"]

    with console.capture() as shown:
        screen.show_table(columns=["order", "supplier", "placed", "expected"], rows=[row])

    lines = shown.get().splitlines()
    assert lines[1].split()[0] == "PO-2026-000001"
    assert lines[1].split()[-2:] == ["2026-11-24", "2026-11-29"]
    assert len(lines) > 2
