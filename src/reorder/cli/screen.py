"""The one place that writes to the terminal."""

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

console = Console(highlight=False)
error_console = Console(stderr=True, highlight=False)
# Numbers, dates and codes of this width stay on one line, so that they can be read and copied; longer words fold.
_UNBROKEN_CELLS = 16


def say(text: str = "") -> None:
    """A line for a person; markup in the text is shown as it is."""
    console.print(text, markup=False, soft_wrap=True)


def head(text: str) -> None:
    """The title of a part of the output."""
    console.print()
    console.print(text, style="bold", markup=False)


def show_table(*, columns: list[str], rows: list[list[str]], right: set[int] | None = None) -> None:
    """Rows under their headings; the columns numbered in `right` hold numbers."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, name in enumerate(columns):
        is_number = number in (right or set())
        is_short = all(cell_len(row[number]) <= _UNBROKEN_CELLS for row in rows)
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number or is_short, overflow="fold")
    for row in rows:
        table.add_row(*[_plain(cell) for cell in row])
    console.print(table)


@contextmanager
def progress_bar(beginning: str) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on the error channel of a terminal until the block ends; call it with what is done now, done, total."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    shown = error_console.is_terminal
    with Progress(*columns, TimeElapsedColumn(), console=error_console, transient=True, disable=not shown) as progress:
        task = progress.add_task(beginning, total=None)

        def told(said: str, done: int, total: int) -> None:
            progress.update(task, description=said, completed=done, total=total)

        yield told


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision to read: what it is about, its facts in a row, and the reason in a sentence."""

    title: str
    facts: list[str]
    reason: str


def show_entries(entries: Iterable[Entry]) -> None:
    """Decisions one below the other; wide sentences stay readable on a narrow terminal."""
    for entry in entries:
        console.print(Padding(Text(entry.title, style="bold"), (0, 0, 0, 1), expand=False))
        console.print(Padding(Text(" · ".join(fact for fact in entry.facts if fact)), (0, 0, 0, 5), expand=False))
        if entry.reason:
            console.print(Padding(Text(entry.reason, style="dim"), (0, 0, 0, 5), expand=False))


def _plain(text: str) -> str:
    """Text as it is: brackets in a product's name are not markup."""
    return text.replace("[", "\\[")


def local_time(moment: dt.datetime) -> str:
    """A moment on the shop's clock, to the minute."""
    from django.conf import settings

    return f"{moment.astimezone(ZoneInfo(settings.REORDER.time_zone)):%Y-%m-%d %H:%M}"


def show_json(value: Any) -> None:
    """Machine-readable output, one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
