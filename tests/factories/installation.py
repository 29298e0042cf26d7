"""A whole installation of its own: home folder, embedded database with its durable settings, the real command."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from reorder.config.embedded_postgres import EmbeddedPostgres
from tests.factories.books import Books, read_books
from tests.template import copy_database

REORDER = Path(sys.executable).with_name("reorder")
# 03:00 on the Monday after the history of tests/factories/shop.py, in Taipei: the night's hour has come.
CLOCK = "2026-11-22T19:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Installation:
    """Commands run here as processes of their own, with no setting but those given."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> EmbeddedPostgres:
        return EmbeddedPostgres(home=self.home)

    def environment(self, **settings: str) -> dict[str, str]:
        ours = {"REORDER_HOME": str(self.home), "REORDER_CLOCK": CLOCK, **self.settings, **settings}
        # One thread a process: these tests kill and repeat, they do not compete.
        return {"PATH": os.environ["PATH"], "COLUMNS": "250", "OMP_NUM_THREADS": "1"} | ours

    def run(self, *words: object, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run `reorder …` to its end, whatever it says."""
        return subprocess.run(
            [REORDER, *map(str, words)],
            env=self.environment(**settings),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def say(self, *words: object, **settings: str) -> str:
        """What `reorder …` prints, which must end well."""
        done = self.run(*words, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def read(self, *words: object, **settings: str) -> Any:
        """The JSON document that `reorder … --json` prints."""
        return json.loads(self.say(*words, "--json", **settings))

    def start(self, *words: object, **settings: str) -> subprocess.Popen[str]:
        """Start `reorder …` in the background; what it says goes to a file in the home folder."""
        with (self.home / "background.log").open("a") as log:
            return subprocess.Popen(
                [REORDER, *map(str, words)],
                env=self.environment(**settings),
                cwd=self.home,
                stdout=log,
                stderr=log,
                text=True,
            )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Run one statement on its database."""
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            cursor = connection.execute(query)
            return list(cursor.fetchall()) if cursor.description else []

    def books(self) -> Books:
        return read_books(url=self.database.url)

    def copy_of(self, *, source: "Installation") -> None:
        """Become a copy of another installation, whose database is stopped for it."""
        source.database.stop()
        shutil.rmtree(self.home)
        subprocess.run(["cp", "-a", source.home, self.home], check=True)


@contextmanager
def installation(*, is_fresh: bool = False, **settings: str) -> Iterator[Installation]:
    """An empty installation in a folder that any user may walk through, gone at the end.

    It has its tables already, unless it `is_fresh`: then its first command makes them, as it does for a user.
    """
    folder = Path(tempfile.mkdtemp(prefix="reorder-installation-")).resolve()
    folder.chmod(0o755)
    home = folder / "home"
    home.mkdir()
    if not is_fresh:
        copy_database(home=home)
    made = Installation(home=home, settings=settings)
    try:
        yield made
    finally:
        made.database.stop()
        shutil.rmtree(folder)
