"""What was just done on the desk and what could not be: kept for the next page, with what an undo needs."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final

from django.http import HttpRequest

_KEY: Final = "orders_done"
_MOST_SAID: Final = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """An order with which it could not be done, and why."""

    id: int
    number: str
    why: str


@dataclass(frozen=True, slots=True)
class Done:
    """What was done; `undo` names what takes it back for `ids`, empty when nothing does."""

    sentence: str
    refused: list[Refusal] = field(default_factory=list)
    undo: str = ""
    ids: list[int] = field(default_factory=list)


def remember(request: HttpRequest, *, done: Done) -> None:
    """Keep it for the next page; refusals beyond twenty are counted in the sentence only."""
    request.session[_KEY] = asdict(done) | {"refused": [asdict(one) for one in done.refused[:_MOST_SAID]]}


def take_done(request: HttpRequest) -> Done | None:
    """What was done last; shown once, kept for the undo that stands beside it."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if not kept or kept.get("is_shown"):
        return None
    request.session[_KEY] = kept | {"is_shown": True}
    return _read(kept)


def find_done(request: HttpRequest) -> Done | None:
    """What was done last, shown or not."""
    kept = request.session.get(_KEY)
    return _read(kept) if kept else None


def forget(request: HttpRequest) -> None:
    """Nothing is left to take back."""
    request.session.pop(_KEY, None)


def _read(kept: dict[str, Any]) -> Done:
    return Done(
        sentence=str(kept.get("sentence", "")),
        refused=[Refusal(**one) for one in kept.get("refused", [])],
        undo=str(kept.get("undo", "")),
        ids=[int(one) for one in kept.get("ids", [])],
    )
