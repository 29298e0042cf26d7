"""Answers to customers who ask to send goods back: each wish is answered once, with a word, by an event and a mail."""

import datetime as dt
from typing import Final

from reorder.domain.customers.return_requests import list_return_requests
from reorder.domain.orders.life import list_return_answers, lock_order
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.flows.fulfil.following import tell
from reorder.flows.order_mail import mail_return_answer
from reorder.kernel.errors import BadInput, Conflict, NotFound

LONGEST_WORD: Final = 1_000


class UnknownReturn(NotFound):
    """A wish that is not there, or is about another order."""

    code = "order_desk.unknown_return"
    template = "There is no such request to send goods of order {order} back."


class ReturnAnswered(Conflict):
    """A customer is answered once."""

    code = "order_desk.return_answered"
    template = "This request was answered already by {by}. The page shows the answer."


class BadAnswer(BadInput):
    """An answer that says too little, or too much."""

    code = "order_desk.bad_answer"
    template = "Write a word to the customer, of at most 1,000 characters."


def accept_return(*, order_id: int, request_id: int, word: str, actor: Actor, moment: dt.datetime) -> None:
    """Let a customer send goods back, and say how; the goods themselves and money are booked when they come.

    Raises BadAnswer, UnknownReturn, ReturnAnswered, UnknownOrder, NotOurs.
    """
    _answer(order_id=order_id, request_id=request_id, kind="return_accepted", word=word, actor=actor, moment=moment)


def decline_return(*, order_id: int, request_id: int, word: str, actor: Actor, moment: dt.datetime) -> None:
    """Tell a customer why goods are not taken back. Raises as `accept_return`."""
    _answer(order_id=order_id, request_id=request_id, kind="return_declined", word=word, actor=actor, moment=moment)


def _answer(*, order_id: int, request_id: int, kind: str, word: str, actor: Actor, moment: dt.datetime) -> None:
    said = word.replace("\x00", "").strip()
    if not 0 < len(said) <= LONGEST_WORD:
        raise BadAnswer
    with one_transaction():
        order = lock_order(order_id=order_id)
        wish = next((one for one in list_return_requests(order_id=order_id) if one.id == request_id), None)
        if wish is None:
            raise UnknownReturn(order=order.external_id)
        for event in list_return_answers(order_id=order_id):
            if event.details.get("request") == request_id:
                raise ReturnAnswered(by=event.actor)
        details = {"request": request_id, "note": said}
        tell(order=order, kind=kind, to_state=order.state, actor=actor, moment=moment, details=details)
        mail_return_answer(
            order_id=order_id,
            request_id=request_id,
            is_accepted=kind == "return_accepted",
            word=said,
            moment=moment,
        )
