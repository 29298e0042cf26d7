"""Answers to customers who ask to send goods back: each wish is answered once, with a word, by an event and a mail."""

import datetime as dt
from typing import Final

from reorder.domain.customers.return_requests import list_return_requests
from reorder.domain.orders.life import list_return_answers, lock_order
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.returns import find_return_of_request
from reorder.flows.returns.answering import accept_held, decline_held
from reorder.flows.returns.telling import hold_case
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
    said = _said(word)
    with one_transaction():
        case_id = _case_to_answer(order_id=order_id, request_id=request_id)
        accept_held(case=hold_case(return_id=case_id, actor=actor), word=said, actor=actor, moment=moment)


def decline_return(*, order_id: int, request_id: int, word: str, actor: Actor, moment: dt.datetime) -> None:
    """Tell a customer why goods are not taken back. Raises as `accept_return`."""
    said = _said(word)
    with one_transaction():
        case_id = _case_to_answer(order_id=order_id, request_id=request_id)
        decline_held(case=hold_case(return_id=case_id, actor=actor), word=said, actor=actor, moment=moment)


def _said(word: str) -> str:
    said = word.replace("\x00", "").strip()
    if not 0 < len(said) <= LONGEST_WORD:
        raise BadAnswer
    return said


def _case_to_answer(*, order_id: int, request_id: int) -> int:
    """The return that a wish became; part of the caller's transaction, which holds its order from here on."""
    order = lock_order(order_id=order_id)
    wish = next((one for one in list_return_requests(order_id=order_id) if one.id == request_id), None)
    case_id = find_return_of_request(request_id=request_id)
    if wish is None or case_id is None:
        raise UnknownReturn(order=order.external_id)
    for event in list_return_answers(order_id=order_id):
        if event.details.get("request") == request_id:
            raise ReturnAnswered(by=event.actor)
    return case_id
