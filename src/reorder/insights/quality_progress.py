"""How far a look back at predictions is, and why the last one came to nothing; kept where every process can read it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache

from reorder.engine.repurchase import TooLittleHistory
from reorder.kernel.errors import ReorderError

_PROGRESS: Final = "backtest_progress"
_FAULT: Final = "backtest_fault"
# A cut takes minutes at most; what has not moved for so long belongs to a process that died.
_PROGRESS_KEPT_SECONDS: Final = 3600
_FAULT_KEPT_SECONDS: Final = 40 * 86_400


class BacktestFailed(ReorderError):
    code = "quality.backtest_failed"
    template = "The look back stopped: {error}. Start it again; months that are done are kept."


@dataclass(frozen=True, slots=True)
class BacktestProgress:
    """Cuts done of all; `cut_date` is the one being judged."""

    cut_date: dt.date
    done: int
    total: int


def note_progress(*, cut_date: dt.date | None, done: int, total: int) -> None:
    """Remember how far it is; with `cut_date` None it is over."""
    if cut_date is None:
        cache.delete(_PROGRESS)
        return
    cache.set(_PROGRESS, {"cut_date": cut_date, "done": done, "total": total}, _PROGRESS_KEPT_SECONDS)


def find_progress() -> BacktestProgress | None:
    """How far the look back under way is; None when nothing is known."""
    known: dict[str, Any] | None = cache.get(_PROGRESS)
    return BacktestProgress(cut_date=known["cut_date"], done=known["done"], total=known["total"]) if known else None


def note_fault(*, fault: TooLittleHistory | BacktestFailed) -> None:
    """Remember why the last look back came to nothing."""
    cache.delete(_PROGRESS)
    cache.set(_FAULT, {"code": fault.code, "parameters": fault.parameters}, _FAULT_KEPT_SECONDS)


def forget_fault() -> None:
    """A new look back began."""
    cache.delete(_FAULT)


def find_fault() -> TooLittleHistory | BacktestFailed | None:
    """Why the last look back came to nothing; None when it came to its end."""
    known: dict[str, Any] | None = cache.get(_FAULT)
    if known is None:
        return None
    kind = TooLittleHistory if known["code"] == TooLittleHistory.code else BacktestFailed
    return kind(**known["parameters"])
