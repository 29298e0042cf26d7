"""Finding a circle in a journey that nobody would ever leave, because no step of it waits. Pure."""

from collections.abc import Mapping
from typing import Any

from reorder.domain.marketing.journeys.definition import ports_of
from reorder.domain.marketing.journeys.rules import STEP_KINDS


def find_loop_without_wait(*, steps: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Keys of the steps of such a circle in their order; empty when there is none.

    A circle that waits somewhere is fine: it goes round at the pace of its wait, until the way is long enough.
    """
    # In the order of the document, so that the same circle is always told from the same step.
    quick = dict.fromkeys(key for key, step in steps.items() if not STEP_KINDS[step["kind"]].waits)
    done: set[str] = set()
    for first in quick:
        found = _search(first=first, steps=steps, quick=quick, done=done)
        if found:
            return found
    return []


def _search(
    *, first: str, steps: Mapping[str, Mapping[str, Any]], quick: Mapping[str, None], done: set[str]
) -> list[str]:
    """Depth first from one step, without recursion: a document may be as deep as it likes."""
    path: list[str] = []
    stack = [(first, False)]
    while stack:
        key, is_left = stack.pop()
        if is_left:
            path.pop()
            done.add(key)
            continue
        if key in path:
            return path[path.index(key) :]
        if key in done:
            continue
        path.append(key)
        stack.append((key, True))
        stack.extend((target, False) for target in ports_of(step=steps[key]).values() if target in quick)
    return []
