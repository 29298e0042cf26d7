"""The pages about commands tell the truth: everything there is, and nothing that is not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from reorder.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs/reference/cli.md"
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]


def _commands(command: Any, name: str) -> Iterator[tuple[str, set[str]]]:
    """Every command with its long options."""
    below = getattr(command, "commands", {})
    if not below or command.params:
        yield name, {flag for parameter in command.params for flag in parameter.opts if flag.startswith("--")}
    for word, child in below.items():
        yield from _commands(child, f"{name} {word}")


COMMANDS = dict(_commands(get_command(app), "reorder"))


def _sections() -> dict[str, str]:
    parts = re.split(r"^### `(reorder[ a-z]*[a-z])[^`]*`$", REFERENCE.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_reference_has_every_command_and_no_other() -> None:
    assert set(_sections()) == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_reference_names_every_option(command: str) -> None:
    section = _sections()[command].partition("\n## ")[0]
    assert set(re.findall(r"--[a-z][a-z0-9-]*", section)) == COMMANDS[command]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_on_pages_exist(page: Path) -> None:
    text = page.read_text()
    lines = re.findall(r"^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(reorder .+)$", text, flags=re.MULTILINE)
    lines += re.findall(r"`(reorder [^`]+)`", text)
    unknown = [line for line in lines if not {" ".join(line.split()[:2]), " ".join(line.split()[:3])} & set(COMMANDS)]
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert broken == []
