"""Returns are accepted or declined, called off, and given up when their goods never come; units are free again then."""

import datetime as dt
from typing import Final

from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.return_errors import BadReturnInput
from reorder.domain.warehouse.return_rules import AWAITED
from reorder.domain.warehouse.returns import change_return, list_expired_returns
from reorder.flows.fulfil.following import SYSTEM
from reorder.flows.order_mail import mail_return
from reorder.flows.returns.telling import HeldCase, hold_case, tell_return

LONGEST_WORD: Final = 1_000
# Goods that are accepted and not here after this time never come.
AWAITED_FOR: Final = dt.timedelta(days=30)


def accept(*, return_id: int, word: str, actor: Actor, moment: dt.datetime) -> None:
    """Let the customer send goods back, and say how. Raises UnknownReturn, ReturnMovedOn, BadReturnInput."""
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        accept_held(case=case, word=plain_word(word), actor=actor, moment=moment)


def accept_held(*, case: HeldCase, word: str, actor: Actor, moment: dt.datetime) -> None:
    """`accept` as a part of the caller's transaction, which holds the order."""
    case.held.require(states=["requested"], wanted="accepting")
    change_return(held=case.held, to_state="accepted", moment=moment, word=word, expires_at=moment + AWAITED_FOR)
    tell_return(case=case, kind="accepted", actor=actor, moment=moment, note=word)
    mail_return(
        order_id=case.order.id, return_id=case.held.id, number=case.held.number, kind="accepted", word=word,
        moment=moment,
    )  # fmt: skip


def decline(*, return_id: int, word: str, actor: Actor, moment: dt.datetime) -> None:
    """Tell the customer why goods are not taken back; they can be asked for again. Raises as `accept`."""
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        decline_held(case=case, word=plain_word(word), actor=actor, moment=moment)


def decline_held(*, case: HeldCase, word: str, actor: Actor, moment: dt.datetime) -> None:
    """`decline` as a part of the caller's transaction, which holds the order."""
    case.held.require(states=["requested"], wanted="declining")
    change_return(held=case.held, to_state="declined", moment=moment, word=word)
    tell_return(case=case, kind="declined", actor=actor, moment=moment, note=word)
    mail_return(
        order_id=case.order.id, return_id=case.held.id, number=case.held.number, kind="declined", word=word,
        moment=moment,
    )  # fmt: skip


def cancel(*, return_id: int, word: str, actor: Actor, moment: dt.datetime) -> None:
    """Nobody sends these goods back any more; possible while none of them has come. Raises as `accept`."""
    with one_transaction():
        case = hold_case(return_id=return_id, actor=actor)
        cancel_held(case=case, word=word, actor=actor, moment=moment)


def cancel_held(*, case: HeldCase, word: str, actor: Actor, moment: dt.datetime) -> None:
    """`cancel` as a part of the caller's transaction, which holds the order."""
    states = ["requested", *AWAITED] if not case.held.pieces else []
    case.held.require(states=states, wanted="cancelling")
    change_return(held=case.held, to_state="cancelled", moment=moment)
    tell_return(case=case, kind="cancelled", actor=actor, moment=moment, note=word.replace("\x00", "").strip()[:200])


def expire_returns(*, moment: dt.datetime) -> int:
    """Give up returns whose goods never came; returns how many. Each in its own transaction, safe to run twice."""
    count = 0
    for return_id in list_expired_returns(moment=moment):
        with one_transaction():
            case = hold_case(return_id=return_id, actor=SYSTEM)
            due = case.held.expires_at
            if case.held.state in {"accepted", "sent"} and not case.held.pieces and due is not None and due <= moment:
                change_return(held=case.held, to_state="expired", moment=moment)
                tell_return(case=case, kind="expired", actor=SYSTEM, moment=moment)
                count += 1
    return count


def plain_word(word: str) -> str:
    """A word to the customer. Raises BadReturnInput when it says too little, or too much."""
    said = word.replace("\x00", "").strip()
    if not 0 < len(said) <= LONGEST_WORD:
        raise BadReturnInput(reason="write a word to the customer, of at most 1,000 characters")
    return said


REASON_TEMPLATES: Final = ("write a word to the customer, of at most 1,000 characters",)
