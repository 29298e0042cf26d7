"""The processes of one `reorder serve`: started together, replaced when one dies, ended together and in order.

Children live in sessions of their own, so that Ctrl-C reaches the command alone, and each watches its parent, so that
none outlives a killed one.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from reorder.cli.language import translated
from reorder.kernel.errors import ReorderError

_QUICK_SECONDS = 10.0
_PATIENCE = 3
_LONGEST_PAUSE_SECONDS = 30.0
_STOP_SECONDS = 30.0
# What a command ends with when somebody must mend something first; trying again would not help.
_BAD_INPUT = 2


# How children are called in messages.
WORD_TEMPLATES = ("demo", "pages", "worker")


class Role(StrEnum):
    """What a child does; see serve_children."""

    PAGES = "pages"
    WORKER = "worker"
    DEMO = "demo"


class PagesKeepEnding(ReorderError):
    code = "serve.pages_keep_ending"
    template = "The web server ended {count} times right after its start. The cause stands above."


class DemoNotLoaded(ReorderError):
    code = "serve.demo_not_loaded"
    template = "The demonstration cannot be loaded. The cause stands above; mend it and start again."


@dataclass
class _Child:
    role: Role
    process: subprocess.Popen[bytes]
    started_at: float
    quick_ends: int = 0


@dataclass
class Crew:
    """The living children by role; `look` is called a few times a second."""

    told: Callable[[str], None]
    _children: dict[Role, _Child] = field(default_factory=dict)
    _due: dict[Role, tuple[float, int]] = field(default_factory=dict)

    def start(self, role: Role, *, quick_ends: int = 0) -> None:
        """Start a child."""
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "reorder.cli.serve_children", role.value, str(os.getpid())],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._children[role] = _Child(role, process, time.monotonic(), quick_ends)

    def look(self) -> set[Role]:
        """Replace children that died; returns the roles that came to their end well. Raises PagesKeepEnding,
        DemoNotLoaded."""
        finished: set[Role] = set()
        for role, child in list(self._children.items()):
            code = child.process.poll()
            if code is None:
                continue
            del self._children[role]
            if role is Role.DEMO and code == 0:
                finished.add(role)
            else:
                self._mourn(child=child, code=code)
        for role, (moment, quick_ends) in list(self._due.items()):
            if time.monotonic() >= moment:
                del self._due[role]
                self.start(role, quick_ends=quick_ends)
        return finished

    def stop(self) -> None:
        """Tell all to end, wait, and kill what does not obey."""
        self._due.clear()
        for child in self._children.values():
            child.process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self._children.values():
            try:
                child.process.wait(timeout=max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        self._children.clear()

    def _mourn(self, *, child: _Child, code: int) -> None:
        """Plan a replacement, later each time that one ends right after its start: what it needs may be away."""
        if child.role is Role.DEMO and code == _BAD_INPUT:
            raise DemoNotLoaded
        is_quick = time.monotonic() - child.started_at < _QUICK_SECONDS
        quick_ends = child.quick_ends + 1 if is_quick else 0
        if child.role is Role.PAGES and quick_ends >= _PATIENCE:
            raise PagesKeepEnding(count=quick_ends)
        pause = min(2.0**quick_ends - 1, _LONGEST_PAUSE_SECONDS)
        sentence = translated("The process “{role}” ended (code {code}); it starts again.")
        self.told(sentence.format(role=translated(child.role.value), code=code))
        self._due[child.role] = (time.monotonic() + pause, quick_ends)
