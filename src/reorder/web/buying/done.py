"""What a person decided last, kept in the session for ten minutes so that it can be taken back in one click."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest

from reorder.kernel import clock

LASTS = dt.timedelta(minutes=10)
_KEY = "buying_done"
_MOST_IDS = 5000


@dataclass(frozen=True, slots=True)
class Done:
    """A decision: `numbers` of orders that it placed, or `ids` of proposals that it dismissed."""

    kind: Literal["approved", "dismissed"]
    sentence: str
    notes: list[str]
    numbers: list[str]
    ids: list[int]


def remember(request: HttpRequest, *, done: Done) -> None:
    """Keep the last decision; only its undoing, or ten minutes, end it."""
    request.session[_KEY] = {
        "kind": done.kind,
        "sentence": done.sentence,
        "notes": done.notes,
        "numbers": done.numbers,
        "ids": done.ids[:_MOST_IDS],
        "at": clock.current_moment().isoformat(),
    }


def find_done(request: HttpRequest) -> Done | None:
    """The last decision, while it can be taken back."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if not kept or clock.current_moment() - dt.datetime.fromisoformat(kept["at"]) > LASTS:
        return None
    return Done(
        kind=kept["kind"],
        sentence=kept["sentence"],
        notes=kept["notes"],
        numbers=kept["numbers"],
        ids=kept["ids"],
    )


def forget(request: HttpRequest) -> None:
    """It was taken back."""
    request.session.pop(_KEY, None)
