"""From a scan to its answer, exactly once a key: claimed, handled and logged in one transaction.

Killed before the commit, nothing of it is there and the replay does it; killed after, the replay gets the stored
answer. A handler's error undoes what the handler did, and is logged as the answer: the same key never tries again.
"""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from django.db import OperationalError, transaction

from reorder.domain.staff.errors import NotAllowed
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import widened_transaction
from reorder.domain.warehouse.scans import LoggedScan, claim_scan, log_scan
from reorder.flows.floor.codes import read_code
from reorder.flows.floor.errors import BadScan, ScanKeyReused, UnknownTask
from reorder.flows.floor.handlers import handler_of, planner_of, require_work
from reorder.flows.floor.values import FloorScan, ScanAnswer, ScanChoice
from reorder.kernel.errors import Busy, Conflict, ReorderError
from reorder.kernel.quantity import plain_decimal

log = logging.getLogger(__name__)
# More would hold a worker for seconds; a handheld sends the rest right after.
MOST_SCANS: Final = 50
# Two people on the same shelf wait for each other; rarely PostgreSQL must end one of them, which then tries again.
_ATTEMPTS: Final = 3
_RETRIED: Final = frozenset({"40001", "40P01"})
CRASH_TEMPLATES: Final = (
    "Something broke on our side; nothing was changed. Scan again, and tell the office when it stays.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredScan:
    """The answer to a scan; `is_replay` when it had been given before. `error` is the code of what was wrong."""

    key: str
    answer: ScanAnswer
    error: str = ""
    is_replay: bool = False


def take_scans(*, scans: Sequence[FloorScan], actor: Actor, moment: dt.datetime) -> list[AnsweredScan]:
    """Answer scans in their order, each in a transaction of its own; raises BadScan for more than `MOST_SCANS`.

    Where something is busy or the database is gone, the answers so far are returned: the rest is to be sent again.
    """
    if len(scans) > MOST_SCANS:
        raise BadScan(part="scans", reason="are more than 50 at once")
    answered: list[AnsweredScan] = []
    for scan in scans:
        try:
            answered.append(take_scan(scan=scan, actor=actor, moment=moment))
        except (Busy, OperationalError):
            if not answered:
                raise
            break
    return answered


def take_scan(*, scan: FloorScan, actor: Actor, moment: dt.datetime) -> AnsweredScan:
    """Answer one scan, exactly once a key. What the actor may not do is answered and not logged: the key stays free."""
    try:
        require_work(work=scan.work, actor=actor)
        if not actor.may_at(scan.place_code):
            raise UnknownTask(task=scan.task)
    except ReorderError as error:
        return AnsweredScan(key=scan.key, answer=_answer_of(error), error=error.code)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _take_once(scan=scan, actor=actor, moment=moment)
        except OperationalError as fault:
            if getattr(fault.__cause__, "sqlstate", "") not in _RETRIED or attempt == _ATTEMPTS:
                raise
    raise AssertionError


def show_plan(*, work: str, task: str, place_code: str, actor: Actor) -> Mapping[str, Any]:
    """The plan of a task as its module makes it; raises NotAllowed, UnknownWork, UnknownTask, and what that does."""
    require_work(work=work, actor=actor)
    if not actor.may_at(place_code):
        raise UnknownTask(task=task)
    return planner_of(work=work)(task=task, place_code=place_code, actor=actor)


def _take_once(*, scan: FloorScan, actor: Actor, moment: dt.datetime) -> AnsweredScan:
    with widened_transaction():
        known = claim_scan(key=scan.key)
        if known is not None:
            return _known(known, scan=scan)
        answer, error = _handled(scan=scan, actor=actor, moment=moment)
        log_scan(
            scan=LoggedScan(
                key=scan.key,
                actor=actor.name,
                user_id=actor.user_id,
                device=scan.device,
                place_code=scan.place_code,
                work=scan.work,
                task=scan.task,
                step=scan.step,
                code=scan.code,
                sent=_sent(scan),
                outcome=answer.outcome,
                answer=_stored(answer, error=error),
                scanned_at=min(scan.scanned_at, moment),
            )
        )
    return AnsweredScan(key=scan.key, answer=answer, error=error)


def _handled(*, scan: FloorScan, actor: Actor, moment: dt.datetime) -> tuple[ScanAnswer, str]:
    """What the work's module answers; its errors as answers, with all that it did undone."""
    try:
        with transaction.atomic():
            answer = handler_of(work=scan.work)(_understood(scan), actor, moment)
            if answer.outcome in {"wrong", "conflict"}:
                # Refused by an answer instead of an error: nothing may stay of it either.
                transaction.set_rollback(True)
            return _plain_answer(answer), ""
    except Busy:
        raise
    except ReorderError as error:
        return _answer_of(error), error.code
    except OperationalError:
        raise
    except Exception:
        # A fault of ours must not stop the queue of the handheld for good: answered, logged, and nothing is half done.
        log.exception("scan %s of %s %s", scan.key, scan.work, scan.task)
        return ScanAnswer(outcome="conflict", message=CRASH_TEMPLATES[0]), "floor.crashed"


def _understood(scan: FloorScan) -> FloorScan:
    """The scan with lot and expiry of its GS1 code where the handheld did not say them; raises UnreadableCode."""
    if not scan.code:
        return scan
    read = read_code(text=scan.code)
    return replace(scan, lot=scan.lot or read.lot, expires_date=scan.expires_date or read.expires_date)


def _answer_of(error: ReorderError) -> ScanAnswer:
    needs_person = isinstance(error, Conflict | NotAllowed)
    return _plain_answer(
        ScanAnswer(outcome="conflict" if needs_person else "wrong", message=error.template, values=error.parameters)
    )


def _plain_answer(answer: ScanAnswer) -> ScanAnswer:
    return replace(
        answer,
        values=_plain(answer.values),
        plan=None if answer.plan is None else _plain(answer.plan),
        choices=tuple(replace(one, values=_plain(one.values)) for one in answer.choices),
    )


def _plain(value: Any) -> Any:
    """The value as JSON holds it, so that the stored answer equals the given one."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, Decimal):
        return plain_decimal(number=value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Sequence | set | frozenset):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)


def _sent(scan: FloorScan) -> dict[str, Any]:
    told = {
        "bin_code": scan.bin_code,
        "product_id": scan.product_id,
        "units": scan.units,
        "lot": scan.lot,
        "expires_date": scan.expires_date,
        "details": scan.details,
    }
    return {name: _plain(value) for name, value in told.items() if value not in (None, "", {})}


def _stored(answer: ScanAnswer, *, error: str) -> dict[str, Any]:
    return {
        "message": answer.message,
        "values": dict(answer.values),
        "plan": answer.plan,
        "choices": [
            {"detail": one.detail, "value": one.value, "label": one.label, "values": dict(one.values)}
            for one in answer.choices
        ],
        "error": error,
    }


def _known(known: LoggedScan, *, scan: FloorScan) -> AnsweredScan:
    """The stored answer; a conflict when the key was another scan's."""
    same = (known.work, known.task, known.step, known.code, known.sent)
    if same != (scan.work, scan.task, scan.step, scan.code, _sent(scan)):
        reused = ScanKeyReused(key=scan.key)
        return AnsweredScan(key=scan.key, answer=_answer_of(reused), error=reused.code)
    stored = known.answer
    answer = ScanAnswer(
        outcome=known.outcome,  # type: ignore[arg-type]  # checked by the database
        message=stored["message"],
        values=stored["values"],
        plan=stored["plan"],
        choices=tuple(ScanChoice(**one) for one in stored["choices"]),
    )
    return AnsweredScan(key=scan.key, answer=answer, error=stored["error"], is_replay=True)


def refused(*, key: str, error: ReorderError) -> AnsweredScan:
    """The answer to a scan that could not even be read; nothing is logged, the key stays free."""
    return AnsweredScan(key=key, answer=_answer_of(error), error=error.code)
